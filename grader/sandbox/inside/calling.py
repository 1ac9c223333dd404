"""How a program's function is called, and how what it returns becomes plain arrays. Untrusted side; see child.py."""

DTYPES = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64")
MOST_BYTES = 8 << 16


class Failed(Exception):
    """Something to report instead of a value."""

    def __init__(self, kind, text, file="", line=0, names=()):
        self.kind, self.text, self.file, self.line, self.names = kind, text, file, line, names


def bind(function, arguments):
    """Pair arguments with the function's own parameter list, by name. Raise Failed when they do not fit."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # functions written in C tell no names; they get the arguments in order
        return list(arguments.values()), {}
    if not isinstance(function, type(bind)) and not hasattr(function, "__code__") and hasattr(function, "nin"):
        return list(arguments.values()), {}  # np.multiply and other ufuncs
    named, positional, lacking = dict(arguments), [], []
    for parameter in parameters:
        if parameter.kind is parameter.POSITIONAL_ONLY and parameter.name in named:
            positional.append(named.pop(parameter.name))
        elif parameter.kind is parameter.VAR_KEYWORD:
            return positional, named
        elif parameter.kind is not parameter.VAR_POSITIONAL and parameter.name not in arguments:
            if parameter.default is parameter.empty:
                lacking.append(parameter.name)
    names = [parameter.name for parameter in parameters]
    surplus = [name for name in arguments if name not in names]
    if lacking or surplus:
        raise Failed("signature", "", names=names)
    return positional, named


def several(result, count):
    """Return the results of a function that gives several. Raise Failed when they are not so many."""
    if not isinstance(result, (tuple, list)) or len(result) != count:
        found = f"{len(result)} results" if isinstance(result, (tuple, list)) else f"`{type(result).__name__}`"
        raise Failed("not_numeric", f"it returned {found}; a tuple of {count} arrays is asked for")
    return result


def numeric(np, result):
    """Return a result as a plain array of a known dtype, whatever array-like it came as."""
    kind = type(result).__name__
    if result is None:
        raise Failed("not_numeric", "it returned None: is a `return` missing?")
    if hasattr(result, "detach") and hasattr(result, "cpu"):  # a torch tensor
        result = result.detach().cpu().numpy()
    if hasattr(result, "__next__"):
        raise Failed("not_numeric", f"it returned a {kind}, not an array: use `return` with the finished array")
    try:
        array = np.array(result, copy=True, order="C", subok=False)
    except Exception as error:
        raise Failed("not_numeric", f"what it returned ({kind}) is no array: {error}"[:500]) from None
    if array.dtype.kind not in "iuf":
        names = {"O": "objects", "b": "True and False", "c": "complex numbers", "U": "text", "S": "text"}
        what = names.get(array.dtype.kind, "values")
        raise Failed("not_numeric", f"it returned {what} (`{kind}`, dtype={array.dtype}), not real numbers")
    if array.ndim > 8 or 8 * np.prod([max(n, 1) for n in array.shape], dtype=float) > MOST_BYTES:
        raise Failed("not_numeric", f"it returned an array of shape {array.shape}, far larger than any answer")
    name = array.dtype.name if array.dtype.name in DTYPES else "float64"
    return np.ascontiguousarray(array, np.dtype(name).newbyteorder("<")).reshape(array.shape)
