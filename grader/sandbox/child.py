"""THE UNTRUSTED SIDE. Run by ``python -I -S -B``, see process.py; imported by no module of the grader, importing none.

It reads a program and calls, runs them, and writes typed raw bytes. Before the first line of the program it shuts itself
in (``inside/jail.py``) and says so. Whatever happens here after that is the program's doing: the parent believes nothing
but that some bytes came.

Frames, both ways: a length (4 bytes, little-endian), then a kind (1 byte) and its body.
To here:   ``L`` limits, function, what may be imported, sources    ``C`` arguments by name
From here: ``R`` ready, with versions    ``J`` shut in, the level and its remarks    ``X`` not shut in, why; the end
           ``L`` loaded    ``V`` a value    ``F`` a failure
"""

import gc
import os
import sys

from gate import Gate, NotAllowed
from jail import Jail

HOME = os.path.dirname(os.path.abspath(__file__))
DTYPES = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64")
FAILURES = ("raised", "memory", "missing", "signature", "not_allowed", "not_numeric")
MOST_BYTES = 8 << 16


REQUESTS, ANSWERS = 3, 4  # 0 is empty, 1 and 2 are for printed text; there are no other descriptors
WALL = "your program runs shut in: it can compute, but there are no files, no network, no threads and no other programs here"


def main() -> None:
    """Serve one program. The words of the command are the folder to stand in, levels, layers left out, package folders."""
    spot, levels, without, *folders = sys.argv[1:]
    parent = os.getppid()
    os.dup2(0, REQUESTS)
    os.dup2(1, ANSWERS)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    os.closerange(5, 1 << 16)
    if os.name == "posix":
        os.setsid()
    sys.path.extend(folders)
    numpy = preload()
    worker = Worker(numpy, Jail(levels.split(","), folders, spot, without.split(",")), parent)
    worker.send(b"R" + texts(sys.version.split()[0], numpy.__version__))
    os.chdir(spot)
    worker.serve()


def preload():
    """Import NumPy."""
    gc.disable()  # nothing that is imported here is ever garbage; it saves a twentieth of the start
    import numpy

    gc.freeze()
    gc.enable()
    return numpy


class Failed(Exception):
    """Something to report instead of a value."""

    def __init__(self, kind, text, file="", line=0, names=()):
        self.kind, self.text, self.file, self.line, self.names = kind, text, file, line, names


class Frame:
    """A body being read from the front."""

    def __init__(self, data):
        self.data, self.at, self.kind = data, 1, data[:1]

    def take(self, count):
        self.at += count
        return self.data[self.at - count : self.at]

    def integer(self, size=4):
        return int.from_bytes(self.take(size), "little", signed=True)

    def text(self):
        return self.take(self.integer()).decode()

    def texts(self):
        return [self.text() for _ in range(self.integer())]

    def value(self, np):
        tag = self.take(1)
        if tag == b"a":
            shape = [self.integer() for _ in range(self.integer(1))]
            count = 1
            for size in shape:
                count *= size
            return np.frombuffer(self.take(8 * count), "<f8").astype("f8").reshape(shape)
        if tag == b"f":
            return float(np.frombuffer(self.take(8), "<f8")[0])
        if tag == b"i":
            return self.integer(8)
        if tag == b"s":
            return sys.intern(self.text())  # `padding is 'same'` is common, and works for interned text only
        if tag == b"t":
            return tuple(self.value(np) for _ in range(self.integer()))
        if tag == b"d":
            return {self.text(): self.value(np) for _ in range(self.integer())}
        return None


class Worker:
    def __init__(self, np, jail, parent):
        self.np, self.jail, self.parent = np, jail, parent
        self.requests, self.answers = REQUESTS, ANSWERS
        self.function, self.outputs, self.files = None, 1, set()
        self.spare = np.empty(8 << 20, "u1")  # given up when memory is out, to report this; costs nothing untouched

    def serve(self):
        while True:
            frame = self.receive()
            if frame is None:
                os._exit(0)
            self.send(self.load(frame) if frame.kind == b"L" else self.call(frame))

    def receive(self):
        head = self.read(4)
        body = self.read(int.from_bytes(head, "little")) if head else b""
        return Frame(body) if body else None

    def read(self, count):
        data = b""
        while len(data) < count:
            more = os.read(self.requests, count - len(data))
            if not more:
                return b""
            data += more
        return data

    def send(self, body, write=os.write):
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            pass  # the program may have closed or replaced them
        data = len(body).to_bytes(4, "little") + body
        while data:
            data = data[write(self.answers, data) :]

    def load(self, frame):
        memory, seconds = frame.integer(), frame.integer()
        name, self.outputs = frame.text(), frame.integer()
        allowed, notebook = frame.texts(), bool(frame.integer())
        cells = [(frame.text(), frame.text()) for _ in range(frame.integer())]
        modules = {frame.text(): frame.text() for _ in range(frame.integer())}
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        self.files = {file for file, _ in cells} | set(modules)
        self.shut_in(allowed, memory, seconds)
        self.gate = Gate(allowed, modules)
        sys.meta_path.insert(0, self.gate)
        module = type(sys)("submission")
        sys.modules["submission"] = module
        if notebook:
            module.display = print
        first = None
        for file, source in cells:
            module.__file__ = file
            try:
                exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
            except BaseException as error:
                first = first or self.failure(error)
                if not notebook:
                    return first
        self.function = getattr(module, name, None)
        if callable(self.function):
            return b"L"
        if first:  # a notebook whose cell with the function failed
            return first
        found = [n for n, v in vars(module).items() if callable(v) and not n.startswith("__")]
        text = "it is not a function" if self.function is not None else ""
        return failed(Failed("missing", text, names=found[:100]))

    def shut_in(self, allowed, memory, seconds):
        """Put up the wall and say which; where it does not stand, say why and end here."""
        jail = self.jail
        try:
            jail.build(allowed)
            jail.enter(memory, seconds, self.parent)
        except BaseException as error:
            reasons = getattr(error, "reasons", None) or [
                (jail.level or jail.levels[0], f"{type(error).__name__}: {error}")
            ]
            self.send(b"X" + texts(*(text for reason in reasons for text in reason)))
            os._exit(1)
        forget()
        self.send(b"J" + texts(jail.level, *jail.remarks))

    def call(self, frame):
        arguments = {frame.text(): frame.value(self.np) for _ in range(frame.integer())}
        before = {n: v.tobytes() for n, v in arguments.items() if isinstance(v, self.np.ndarray)}
        try:
            positional, named = bind(self.function, arguments)
            result = self.function(*positional, **named)
            outputs = (result,) if self.outputs == 1 else self.several(result)
            arrays = [self.numeric(output) for output in outputs]
        except BaseException as error:
            return self.failure(error)
        changed = [i for i, (n, data) in enumerate(before.items()) if arguments[n].tobytes() != data]
        body = b"V" + bytes([len(changed), *changed, len(arrays)])
        for array in arrays:
            body += bytes([DTYPES.index(array.dtype.name), array.ndim])
            body += b"".join(n.to_bytes(8, "little") for n in array.shape) + array.tobytes()
        return body

    def several(self, result):
        if not isinstance(result, (tuple, list)) or len(result) != self.outputs:
            found = f"{len(result)} results" if isinstance(result, (tuple, list)) else f"`{type(result).__name__}`"
            raise Failed("not_numeric", f"it returned {found}; a tuple of {self.outputs} arrays is asked for")
        return result

    def numeric(self, result):
        """Return a result as a plain array of a known dtype, whatever array-like it came as."""
        np, kind = self.np, type(result).__name__
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

    def failure(self, error):
        """Turn an exception into a failure frame: its type and words, and the last line of the program that it left."""
        if isinstance(error, MemoryError):
            self.spare = None
        if isinstance(error, Failed):
            return failed(error)
        file, line, trace = "", 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename in self.files:
                file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
            trace = trace.tb_next
        try:
            words = str(error)
        except BaseException:
            words = "(its message cannot be shown)"
        if isinstance(error, SyntaxError) and error.filename in self.files:
            file, line, words = error.filename, error.lineno or 0, str(error.msg)
        if isinstance(error, NotAllowed):
            return failed(Failed("not_allowed", error.name or "", file, line))
        package = self.gate.closed(error)
        if package:
            return failed(Failed("not_allowed", package, file, line))
        kind = "memory" if isinstance(error, MemoryError) else "raised"
        if self.jail.level != "process" and (isinstance(error, OSError) or "start new thread" in words):
            words += f" ({WALL})"
        return failed(Failed(kind, f"{type(error).__name__}: {words}" if words else type(error).__name__, file, line))


def bind(function, arguments):
    """Pair arguments with the function's own parameter list, by name. Raise Failed when they do not fit."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # functions written in C tell no names; they get the arguments in order
        return list(arguments.values()), {}
    if not isinstance(function, type(main)) and not hasattr(function, "__code__") and hasattr(function, "nin"):
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


def forget():
    """Take the wall's tools out of what can be imported; it stands, and they are of no use any more."""
    sys.path[:] = [folder for folder in sys.path if folder not in (HOME, os.path.join(HOME, "inside"))]
    for name in ("child", "nursery", "gate", "jail", "kernel", "landlock", "seccomp", "namespaces"):
        sys.modules.pop(name, None)


def failed(error):
    kind = FAILURES.index(error.kind)
    return b"F" + bytes([kind]) + error.line.to_bytes(4, "little") + texts(error.file, error.text, *error.names)


def texts(*strings):
    body = b""
    for string in strings:
        data = str(string)[:4000].encode("utf-8", "backslashreplace")
        body += len(data).to_bytes(4, "little") + data
    return body
