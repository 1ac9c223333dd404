"""THE UNTRUSTED SIDE. Run by ``python -I -S -B``, see process.py; imported by no module of the grader, importing none.

It reads a program and calls, runs them, and writes typed raw bytes. Before the first line of the program it shuts itself
in (``inside/jail.py``) and says so. Whatever happens here after that is the program's doing: the parent believes nothing
but that some bytes came.

Frames, both ways: a length (4 bytes, little-endian), then a kind (1 byte) and its body.
To here:   ``L`` limits, function, what may be imported and what is forbidden, sources    ``C`` arguments by name
From here: ``R`` ready, with versions    ``J`` shut in, the level and its remarks    ``X`` not shut in, why; the end
           ``L`` loaded    ``V`` a value    ``F`` a failure
"""

import gc
import os
import sys

from calling import DTYPES, Failed, bind, numeric, several
from gate import Gate, NotAllowed
from jail import Jail

HOME = os.path.dirname(os.path.abspath(__file__))
FAILURES = ("raised", "memory", "missing", "signature", "not_allowed", "not_numeric", "forbidden")


MODULES = "child nursery calling gate jail kernel landlock libraries namespaces seccomp watch".split()
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
        self.watch, self.refusal = None, ()
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
        allowed, opened = frame.texts(), frame.texts()
        rules = [(frame.text(), frame.text()) for _ in range(frame.integer())]
        notebook = bool(frame.integer())
        cells = [(frame.text(), frame.text()) for _ in range(frame.integer())]
        modules = {frame.text(): frame.text() for _ in range(frame.integer())}
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        self.files = {file for file, _ in cells} | set(modules)
        sources = [text for pairs in (cells, modules.items()) for _, text in pairs]
        self.bring(allowed, any("optim" in text for text in sources))  # torch's optimizers load much more of it
        if rules:
            from watch import Forbidden, Watch

            self.refusal = Forbidden
        self.shut_in(opened, memory, seconds)
        self.gate = Gate(opened, modules)
        sys.meta_path.insert(0, self.gate)
        if rules:
            self.watch = Watch(rules)
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

    def bring(self, allowed, whole):
        """Import the allowed packages while there are files to read, unless a zygote has; where one fails, end here."""
        if self.jail.allowed is not None or not set(allowed) - {"numpy"}:
            return
        from libraries import warm

        try:
            self.jail.taken = warm(allowed, whole, self.jail.spot)
        except Exception as error:
            self.send(b"X" + texts(" and ".join(allowed), f"{type(error).__name__}: {error}"))
            os._exit(1)

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
            outputs = (result,) if self.outputs == 1 else several(result, self.outputs)
            arrays = [numeric(self.np, output) for output in outputs]
            if self.watch:
                self.watch.still()
        except BaseException as error:
            return self.failure(error)
        changed = [i for i, (n, data) in enumerate(before.items()) if arguments[n].tobytes() != data]
        body = b"V" + bytes([len(changed), *changed, len(arrays)])
        for array in arrays:
            body += bytes([DTYPES.index(array.dtype.name), array.ndim])
            body += b"".join(n.to_bytes(8, "little") for n in array.shape) + array.tobytes()
        return body

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
        if isinstance(error, self.refusal):
            return failed(Failed("forbidden", error.name, file, line))
        package = self.gate.closed(error)
        if package:
            return failed(Failed("not_allowed", package, file, line))
        short = isinstance(error, MemoryError) or "DefaultCPUAllocator: can't allocate memory" in words  # torch's
        kind = "memory" if short else "raised"
        if self.jail.level != "process" and (isinstance(error, OSError) or "start new thread" in words):
            words += f" ({WALL})"
        return failed(Failed(kind, f"{type(error).__name__}: {words}" if words else type(error).__name__, file, line))


def forget():
    """Take the wall's tools out of what can be imported; it stands, and they are of no use any more."""
    sys.path[:] = [folder for folder in sys.path if folder not in (HOME, os.path.join(HOME, "inside"))]
    for name in MODULES:
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
