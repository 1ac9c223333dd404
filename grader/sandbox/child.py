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
import marshal
import os
import sys

from calls import Failed, answer, failed, texts, told
from gate import Gate, NotAllowed
from jail import Jail

HOME = os.path.dirname(os.path.abspath(__file__))
MODULES = "child nursery calls gate jail kernel landlock libraries namespaces refusals seccomp watch".split()
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


class Worker:
    def __init__(self, np, jail, parent):
        self.np, self.jail, self.parent = np, jail, parent
        self.requests, self.answers = REQUESTS, ANSWERS
        self.function, self.outputs, self.files = None, 1, set()
        self.plans, self.watch, self.refusal = {}, None, ()
        self.spare = np.empty(8 << 20, "u1")  # given up when memory is out, to report this; costs nothing untouched

    def serve(self):
        while True:
            frame = self.receive()
            if frame is None:
                os._exit(0)
            if frame[:1] == b"L":
                self.send(self.load(**marshal.loads(frame[1:])))  # noqa: S302  (the grader wrote it)
            else:
                self.send(self.call(frame))

    def receive(self):
        """Return the next frame; None where the parent has gone. There is never more than one on its way."""
        data = b""
        while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "little"):
            more = os.read(self.requests, 1 << 16)
            if not more:
                return None
            data += more
        return data[4:]

    def send(self, body, write=os.write):
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            pass  # the program may have closed or replaced them
        data = len(body).to_bytes(4, "little") + body
        while data:
            data = data[write(self.answers, data) :]

    def load(self, memory, seconds, name, outputs, allowed, opened, rules, notebook, cells, modules):
        self.outputs, modules = outputs, dict(modules)
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
        try:
            return answer(self.np, self.function, self.outputs, frame, self.plans, self.watch and self.watch.still)
        except BaseException as error:
            return self.failure(error)

    def failure(self, error):
        """Turn an exception into a failure frame, with the wall's own words where the wall is the cause."""
        if isinstance(error, MemoryError):
            self.spare = None
        if isinstance(error, Failed):
            return failed(error)
        failure = told(error, self.files)
        if isinstance(error, self.refusal):
            return failed(Failed("forbidden", error.name, failure.file, failure.line))
        package = error.name or "" if isinstance(error, NotAllowed) else self.gate.closed(error)
        if package or isinstance(error, NotAllowed):
            return failed(Failed("not_allowed", package, failure.file, failure.line))
        if self.jail.level != "process" and (isinstance(error, OSError) or "start new thread" in failure.text):
            failure.text += f" ({WALL})"
        return failed(failure)


def forget():
    """Take the wall's tools out of what can be imported; it stands, and they are of no use any more."""
    sys.path[:] = [folder for folder in sys.path if folder not in (HOME, os.path.join(HOME, "inside"))]
    for name in MODULES:
        sys.modules.pop(name, None)
