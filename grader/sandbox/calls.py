"""One call of a student's function: arguments made, bound by name, the result told in bytes. Imports nothing of ours.

Two run it, so that they cannot differ: child.py on the untrusted side, and a notebook, which calls its own function.
"""

import functools
import marshal
import sys
from typing import Any

DTYPES = {  # the dtypes of a frame's arrays, in the order of their numbers: NumPy's name, struct's letter
    "int8": "b",
    "int16": "h",
    "int32": "i",
    "int64": "q",
    "uint8": "B",
    "uint16": "H",
    "uint32": "I",
    "uint64": "Q",
    "float16": "e",
    "float32": "f",
    "float64": "d",
}
CODES = {name: code for code, name in enumerate(DTYPES)}
FAILURES = ("raised", "memory", "missing", "signature", "not_allowed", "not_numeric", "forbidden")
MOST_CELLS = 1 << 16  # of one array; the grader needs tens of bytes for each cell and keeps all arrays of a run


class Failed(Exception):
    """Something to report instead of a value."""

    def __init__(self, kind: str, text: str, file: str = "", line: int = 0, names: Any = ()) -> None:
        self.kind, self.text, self.file, self.line, self.names = kind, text, file, line, names


def arguments_of(np: Any, frame: bytes) -> dict[str, Any]:
    """Return the arguments in a `C` frame by name; arrays are the function's own, to be written into."""
    return {name: _made(np, value) for name, value in marshal.loads(frame[1:]).items()}  # noqa: S302  (the grader wrote it)


def _made(np: Any, value: Any) -> Any:
    """Return a value as functions get it. A list stands for an array: its shape, and its cells as bytes."""
    kind = type(value)
    if kind is list:
        return np.frombuffer(value[1]).reshape(value[0]).copy()
    if kind is tuple:
        return tuple([_made(np, item) for item in value])
    if kind is dict:
        return {name: _made(np, item) for name, item in value.items()}
    return (
        sys.intern(value) if kind is str else value
    )  # `padding is 'same'` is common, and works for interned text only


def answer(np: Any, function: Any, count: int, frame: bytes, plans: dict[Any, Any], still: Any = None) -> bytes:
    """Call a function with the arguments of a `C` frame and return its `count` results as a `V` frame.

    `plans` keeps how the function takes its arguments, from one call to the next. `still` is asked when the results are
    numbers, and may raise. Raise whatever the function raises, and Failed where it cannot be called so or gives none.
    """
    arguments = arguments_of(np, frame)
    before = {n: v.tobytes() for n, v in arguments.items() if isinstance(v, np.ndarray)}
    names = tuple(arguments)
    if names not in plans:
        plans[names] = bind(function, names)
    positional, named = plans[names]
    result = function(*[arguments[n] for n in positional], **{n: arguments[n] for n in named})
    arrays = [numeric(np, output) for output in ((result,) if count == 1 else several(result, count))]
    if still:
        still()
    changed = [i for i, (n, data) in enumerate(before.items()) if arguments[n].tobytes() != data]
    body = b"V" + bytes([len(changed), *changed, len(arrays)])
    for code, array in arrays:
        body += bytes([code, array.ndim]) + b"".join(n.to_bytes(8, "little") for n in array.shape) + array.tobytes()
    return body


def bind(function: Any, arguments: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which arguments a function takes by position and which by name. Raise Failed when they do not fit."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # functions written in C tell no names; they get the arguments in order
        return arguments, ()
    if not isinstance(function, type(bind)) and not hasattr(function, "__code__") and hasattr(function, "nin"):
        return arguments, ()  # np.multiply and other ufuncs
    positional: list[str] = []
    lacking = []
    for parameter in parameters:
        if parameter.kind is parameter.POSITIONAL_ONLY and parameter.name in arguments:
            positional.append(parameter.name)
        elif parameter.kind is parameter.VAR_KEYWORD:
            break
        elif parameter.kind is parameter.VAR_POSITIONAL or parameter.name in arguments:
            continue
        elif parameter.default is parameter.empty:
            lacking.append(parameter.name)
    else:
        names = [parameter.name for parameter in parameters]
        if lacking or any(name not in names for name in arguments):
            raise Failed("signature", "", names=names)
    return tuple(positional), tuple(name for name in arguments if name not in positional)


def several(result: Any, count: int) -> Any:
    """Return the results of a function that gives more than one. Raise Failed where it gave something else."""
    if not isinstance(result, (tuple, list)) or len(result) != count:
        found = f"{len(result)} results" if isinstance(result, (tuple, list)) else f"`{type(result).__name__}`"
        raise Failed("not_numeric", f"it returned {found}; a tuple of {count} arrays is asked for")
    return result


def numeric(np: Any, result: Any) -> Any:
    """Return a result as the number of a known dtype and a plain array of it, whatever array-like it came as."""
    kind = type(result).__name__
    if result is None:
        raise Failed("not_numeric", "it returned None: is a `return` missing?")
    if hasattr(result, "detach") and hasattr(result, "cpu"):  # a torch tensor
        result = result.detach().cpu().numpy()
    if hasattr(result, "__next__"):
        raise Failed("not_numeric", f"it returned a {kind}, not an array: use `return` with the finished array")
    if kind == "coroutine":
        result.close()  # or Python warns that nobody has awaited it
        raise Failed("not_numeric", "it returned a coroutine, not an array: write `def`, not `async def`")
    try:
        array = np.array(result, copy=True, order="C", subok=False)
    except Exception as error:
        raise Failed("not_numeric", f"what it returned ({kind}) is no array: {error}"[:500]) from None
    if array.dtype.kind not in "iuf":
        names = {"b": "True and False", "c": "complex numbers", "U": "text", "S": "text"}
        what, help = names.get(array.dtype.kind, "values"), ""
        if array.dtype.kind == "O":
            odd = next((type(cell) for cell in array.flat if not isinstance(cell, (int, float))), int)
            what = f"`{odd.__name__}` objects"
            help = ": make each a `float`" if hasattr(odd, "__float__") else ""
        raise Failed("not_numeric", f"it returned {what} (`{kind}`, dtype={array.dtype}), not real numbers{help}")
    cells = 1
    for n in array.shape:
        cells *= max(n, 1)
    if array.ndim > 8 or cells > MOST_CELLS:
        raise Failed("not_numeric", f"it returned an array of shape {array.shape}, far larger than any answer")
    code, dtype = _sent_as(array.dtype)
    return code, np.ascontiguousarray(array, dtype).reshape(array.shape)


@functools.lru_cache(maxsize=64)  # NumPy makes a dtype's name anew each time it is asked
def _sent_as(dtype: Any) -> tuple[int, Any]:
    """Return the number of a dtype in a frame, and what it is sent as."""
    if dtype.name not in DTYPES:
        return CODES["float64"], "<f8"
    return CODES[dtype.name], dtype.newbyteorder("<")


def told(error: BaseException, files: Any) -> Failed:
    """Say what an exception says: its type and words, and the last line of the program (its `files`) that it left."""
    file, line, trace = "", 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in files:
            file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    try:
        words = str(error)
    except BaseException:
        words = "(its message cannot be shown)"
    if isinstance(error, SyntaxError) and error.filename in files:
        file, line, words = error.filename or "", error.lineno or 0, str(error.msg)
    short = isinstance(error, MemoryError) or "DefaultCPUAllocator: can't allocate memory" in words  # torch's own words
    kind = "memory" if short else "raised"
    return Failed(kind, f"{type(error).__name__}: {words}" if words else type(error).__name__, file, line)


def failed(error: Failed) -> bytes:
    """Return an `F` frame."""
    kind = FAILURES.index(error.kind)
    return b"F" + bytes([kind]) + error.line.to_bytes(4, "little") + texts(error.file, error.text, *error.names)


def texts(*strings: object) -> bytes:
    """Return texts as the end of a frame."""
    body = b""
    for string in strings:
        data = str(string)[:4000].encode("utf-8", "backslashreplace")
        body += len(data).to_bytes(4, "little") + data
    return body
