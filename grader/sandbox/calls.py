"""Call a student's function once: build the arguments, bind them by name or position, write the result as bytes.

Both sides of the process boundary use it, so it imports no module of the grader. child.py, which imports it by its bare
name, and a notebook, which calls its own function, run the same code; wire.py reads with the same tables.
"""

import functools
import marshal
import math
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
FAILURES = ("raised", "memory", "missing", "signature", "not_allowed", "not_numeric", "forbidden", "earlier")
PLAIN: dict[str, Any] = {  # how a function is called and where its results are; see Signature in model/exercise.py
    "name": "",
    "outputs": 1,
    "names": (),
    "items": (),
    "of": 0,
    "keys": (),
    "by_position": False,
    "tensors": "",
    "method": "",
    "made_of": 0,
    "earlier": None,  # the same for the function that runs first, with the argument and the item that it is
}
MOST_CELLS = 1 << 16  # of one array; the grader needs tens of bytes for each cell and keeps all arrays of a run


class Failed(Exception):
    """Something to report instead of a value; `earlier` are the results of the function that ran first."""

    def __init__(self, failure: str, text: str, file: str = "", line: int = 0, names: Any = ()) -> None:
        self.failure, self.text, self.file, self.line, self.names, self.earlier = failure, text, file, line, names, b""


class OneFailed(Exception):
    """One of two functions raised `cause`: the first, or the second; then `earlier` is a `V` frame of the first's."""

    def __init__(self, cause: BaseException, earlier: bytes) -> None:
        self.cause, self.earlier = cause, earlier


def arguments_of(np: Any, frame: bytes) -> dict[str, Any]:
    """Return the arguments in a `C` frame by name. The arrays are writable copies."""
    return {name: _made(np, value) for name, value in marshal.loads(frame[1:]).items()}  # noqa: S302  (written by the grader)


def _made(np: Any, value: Any) -> Any:
    """Return a value as functions get it. A list stands for an array: its shape, its cells as bytes, its dtype."""
    of = type(value)
    if of is list:
        return np.frombuffer(value[1], value[2]).reshape(value[0]).copy()
    if of is tuple:
        return tuple([_made(np, item) for item in value])
    if of is dict:
        return {name: _made(np, item) for name, item in value.items()}
    # students write `padding is 'same'`, which holds for interned text only
    return sys.intern(value) if of is str else value


def answer(np: Any, functions: Any, form: Any, frame: bytes, plans: dict[Any, Any], verify: Any = None) -> bytes:
    """Call a function with the arguments of a `C` frame and return its results as a `V` frame.

    `functions` are the function and the one that runs before it, or None. `form` says how they are called and where
    their results are (see `wire.form`). `plans` caches how they take their arguments. `verify` is called after the
    results have been converted and may raise. Raise what the function raises, Failed if it cannot be called this way
    or returns no numbers, and OneFailed with either where another function runs before it.
    """
    sent = arguments_of(np, frame)
    before = {n: v.tobytes() for n, v in sent.items() if isinstance(v, np.ndarray)}
    arguments = tensors(sent, form["tensors"]) if form["tensors"] else dict(sent)
    arrays, earlier, first, function = [], form["earlier"], b"", functions[0]
    try:
        if earlier:
            made = called(functions[1], arguments[earlier["argument"]], earlier, plans)
            arrays = [numeric(np, output) for output in results(made, earlier)]
            arguments[earlier["argument"]] = made[earlier["item"]]
            first = _written(arrays)
        result = called(function, arguments, form, plans)
        if isinstance(function, type) and isinstance(result, function) and not hasattr(result, "__array__"):
            text = f"`{function.__name__}` is a class, and calling it makes an object"
            raise Failed("not_numeric", f"{text}: write a function that returns the array")
        arrays += [numeric(np, output) for output in results(result, form)]
    except (Exception, SystemExit) as error:
        raise (OneFailed(error, first) if earlier else error) from None
    if verify:
        verify()
    return _written(arrays, [i for i, (n, data) in enumerate(before.items()) if sent[n].tobytes() != data])


def _written(arrays: Any, changed: Any = ()) -> bytes:
    body = b"V" + bytes([len(changed), *changed, len(arrays)])
    for code, array in arrays:
        body += bytes([code, array.ndim]) + b"".join(n.to_bytes(8, "little") for n in array.shape) + array.tobytes()
    return body


def called(function: Any, arguments: dict[str, Any], form: Any, plans: dict[Any, Any]) -> Any:
    """Call a function, or make an object and call its method, with arguments by name or by position."""
    names, by_position = tuple(arguments), form["by_position"]
    if form["method"]:
        names, made_of = names[form["made_of"] :], {name: arguments[name] for name in names[: form["made_of"]]}
        function = getattr(called(function, made_of, form | {"method": ""}, plans), form["method"])
        key, by_position = (form["name"], form["method"]), by_position or len(names) == 1  # as torch calls `forward`
    else:
        key = (form["name"], names)
    if key not in plans:
        plans[key] = bind(function, names, by_position)
    positional, named = plans[key]
    return function(*[arguments[n] for n in positional], **{n: arguments[n] for n in named})


def tensors(value: Any, dtype: str) -> Any:
    """Return a value with tensors for arrays; real numbers are of this dtype, whole ones stay what they are."""
    torch = sys.modules["torch"]
    if isinstance(value, dict):
        return {name: tensors(item, dtype) for name, item in value.items()}
    if not hasattr(value, "dtype"):
        return value
    tensor = torch.from_numpy(value)
    return tensor.to(getattr(torch, dtype)) if tensor.is_floating_point() else tensor


def results(result: Any, form: Any) -> Any:
    """Return the graded results of a call. Raise Failed if it returned something else."""
    if form["keys"]:
        if not isinstance(result, dict):
            keys = ", ".join(map(repr, form["keys"]))
            raise Failed("not_numeric", f"it returned `{type(result).__name__}`; return a dictionary with {keys}")
        if lacking := [key for key in form["keys"] if key not in result]:
            raise Failed("not_numeric", f"the dictionary that it returned has no {lacking[0]!r}")
        return [result[key] for key in form["keys"]]
    if form["of"]:
        every = several(result, form["of"], form["names"], form["items"])
        return [every[i] for i in form["items"]]
    return (result,) if form["outputs"] == 1 else several(result, form["outputs"], form["names"])


def bind(
    function: Any, arguments: tuple[str, ...], by_position: bool = False
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which arguments a function takes by position and which by name. Raise Failed when they do not fit."""
    import inspect

    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # functions written in C have no signature; they get the arguments in order
        return arguments, ()
    if not isinstance(function, type(bind)) and not hasattr(function, "__code__") and hasattr(function, "nin"):
        return arguments, ()  # np.multiply and other ufuncs
    parameters = signature.parameters.values()
    if by_position:
        try:
            signature.bind(*arguments)
        except TypeError:
            raise Failed("signature", "", names=[starred(parameter) for parameter in parameters]) from None
        return arguments, ()
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
            raise Failed("signature", "", names=[starred(parameter) for parameter in parameters])
    return tuple(positional), tuple(name for name in arguments if name not in positional)


def starred(parameter: Any) -> str:
    """Return a parameter's name, with its stars; with `=` behind it where it may be omitted."""
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    return f"{stars}{parameter.name}{'' if parameter.default is parameter.empty else '='}"


def several(result: Any, count: int, names: Any = (), items: Any = ()) -> Any:
    """Return the results of a function with more than one; `items` are graded. Raise Failed if there are others."""
    names = names if len(names) == count else ()
    if not isinstance(result, (tuple, list)) or len(result) != count:
        name = "None" if result is None else f"`{type(result).__name__}`"
        found = f"{len(result)} results" if isinstance(result, (tuple, list)) else name
        which = f": {', '.join(names)}" if names else ""
        raise Failed("not_numeric", f"it returned {found}; return a tuple of {count}{which}")
    for name in [f" for `{names[i]}`" if names else "" for i in items or range(len(names)) if result[i] is None]:
        raise Failed("not_numeric", f"it returned None{name}: was it never computed?")
    return result


def numeric(np: Any, result: Any) -> Any:
    """Return the number of a known dtype, and a result of any array-like type as a plain array of it."""
    if result is None:
        raise Failed("not_numeric", "it returned None: is a `return` missing? (`return print(x)` also returns None)")
    if hasattr(result, "detach") and hasattr(result, "cpu"):  # a torch tensor
        result = result.detach().cpu().numpy()
    if isinstance(result, np.ndarray):
        check_size(result.shape)  # before it is copied
    array = converted(np, result)
    if array.dtype.kind not in "iuf":
        raise Failed("not_numeric", f"it returned {kind_of_cells(array)}")
    check_size(array.shape)
    code, dtype = _sent_as(array.dtype)
    return code, np.ascontiguousarray(array, dtype).reshape(array.shape)


def converted(np: Any, result: Any) -> Any:
    """Return a result as a new array. Raise Failed with what to return instead if it is not one."""
    type_name, text = type(result).__name__, ""
    if hasattr(result, "__next__"):
        text = f"it returned a {type_name}, not an array: return its items as a list, `[…]` or `list(…)`"
    elif type_name == "coroutine":
        result.close()  # otherwise Python warns that it was never awaited
        text = "it returned a coroutine, not an array: write `def`, not `async def`"
    elif isinstance(result, (dict, set)):
        text = f"it returned a `{type_name}`; return the array itself"
    elif callable(result):
        text = f"it returned a function (`{getattr(result, '__name__', type_name)}`), not its result"
    if text:
        raise Failed("not_numeric", text)
    try:
        return np.array(result, copy=True, order="C", subok=False)
    except Exception as error:
        text = mixed(result) or uneven_rows(result) or f"it returned a `{type_name}` that is not an array: {error}"
        raise Failed("not_numeric", text[:500]) from None


def kind_of_cells(array: Any) -> str:
    """Say what an array holds instead of numbers, and what to return."""
    names = {
        "b": "True or False; return numbers",
        "c": "complex numbers; return real ones",
        "U": "text; return the array itself, without quotes and `str`",
        "S": "text; return the array itself, without quotes and `str`",
    }
    if array.dtype.kind != "O":
        return names.get(array.dtype.kind, f"values of dtype {array.dtype}; return an array of numbers")
    if not array.ndim:
        return f"an object of the class `{type(array.item()).__name__}`; return the array itself"
    odd = next((cell for cell in array.flat if not isinstance(cell, (int, float))), 0)
    if odd is None:
        return "an array with None in it: a value was never computed"
    help = "make each a `float`" if hasattr(odd, "__float__") else "each must be a number"
    return f"an array of `{type(odd).__name__}` objects; {help}"


def check_size(shape: Any) -> None:
    cells = math.prod(max(n, 1) for n in shape)
    if len(shape) > 8 or cells > MOST_CELLS:
        raise Failed("not_numeric", f"it returned an array of shape {shape}, far larger than any answer")


def mixed(result: Any) -> str:
    """Say that a tuple holds several results; return an empty text if it is rows."""
    if not isinstance(result, tuple) or len({type(item) for item in result}) == 1:
        return ""
    types = [f"`{type(item).__name__}`" for item in result[:4]]
    return f"it returned {len(result)} values ({', '.join(types)}); return the first alone, if it is the result"


def uneven_rows(result: Any) -> str:
    """Say which rows have different lengths, or are not rows; return an empty text if there is no such row."""
    if not isinstance(result, (list, tuple)) or not result:
        return ""
    sizes = [len(row) if hasattr(row, "__len__") and not isinstance(row, str) else None for row in result]
    for i, size in enumerate(sizes):
        if size != sizes[0] and None in (size, sizes[0]):
            row, number = (0, i) if size is None else (i, 0)
            return f"your result mixes rows and numbers: item {row} is a row, item {number} is not"
        if size != sizes[0]:
            return f"your rows have different lengths: row 0 has {sizes[0]} numbers, row {i} has {size}"
    return next(filter(None, map(uneven_rows, result)), "")


@functools.lru_cache(maxsize=64)  # NumPy builds a dtype's name on each access
def _sent_as(dtype: Any) -> tuple[int, Any]:
    """Return the number of a dtype in a frame, and the dtype in which such arrays are sent."""
    return (CODES[dtype.name], dtype.newbyteorder("<")) if dtype.name in DTYPES else (CODES["float64"], "<f8")


def describe(error: BaseException, files: Any) -> Failed:
    """Describe an exception: its type, its message and the innermost line of the program (its `files`) that it left."""
    file, line, trace = "", 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in files:
            file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    try:
        message = str(error)
    except BaseException:
        message = "(its message cannot be shown)"
    names: tuple[str, ...] = ()
    if isinstance(error, SyntaxError) and error.filename in files:
        file, line, message = error.filename or "", error.lineno or 0, str(error.msg)
        names = (str(error.offset or 0),)
    torch_message = "DefaultCPUAllocator: can't allocate memory"
    failure = "memory" if isinstance(error, MemoryError) or torch_message in message else "raised"
    return Failed(failure, f"{type(error).__name__}: {message}" if message else type(error).__name__, file, line, names)


def failed(error: Failed) -> bytes:
    """Return an `F` frame, behind the earlier function's results in an `E` frame."""
    code, earlier = FAILURES.index(error.failure), error.earlier
    head = b"E" + len(earlier).to_bytes(4, "little") + earlier if earlier else b""
    return head + b"F" + bytes([code]) + error.line.to_bytes(4, "little") + texts(error.file, error.text, *error.names)


def texts(*strings: object) -> bytes:
    """Return texts as they are written in a frame."""
    every = [str(string)[:4000].encode("utf-8", "backslashreplace") for string in strings]
    return b"".join(len(data).to_bytes(4, "little") + data for data in every)
