"""THE UNTRUSTED SIDE. Started as ``python -I -S -B`` by process.py. No module of the grader imports it; it imports none.

It receives a program and calls, runs them, and sends the results as typed bytes. Before the first line of the program it
isolates itself (``inside/isolation.py``) and reports the level. After that the program controls this process, so the
parent treats whatever it sends as untrusted bytes.

Frames, both ways: a length (4 bytes, little-endian), then a frame type (1 byte) and a body.
Received: ``L`` load: limits, function, allowed packages, forbidden operators, sources
          ``B`` a batch of calls: the first one's number, then a ``C`` for each: arguments by name
Sent:     ``R`` ready, with versions    ``J`` isolated, with level and remarks    ``X`` not isolated, with reasons; then it ends
          ``S`` a statement begins, with its number and file    ``N`` statements that stopped
          ``L`` loaded    ``F`` not loaded    ``W`` the loop in which a signal found it
          ``A`` the answer to a call: its number, then ``V`` a value or ``F`` a failure
"""

import builtins
import gc
import marshal
import os
import sys

import endless
from calls import PLAIN, Failed, OneFailed, answer, describe, failed, texts
from imports import ImportFilter
from isolation import Sandbox
from loading import MOST_STOPS, Loader
from placeholders import SHELLS, NotAllowed, mentioned, package_of

HOME = os.path.dirname(os.path.abspath(__file__))
MODULES = (
    "calls child endless forbidden_operators forking imports isolation landlock loading namespaces placeholders preload refusals seccomp"
    " shell statements syscalls"
).split()
NO_ANSWER = 70  # the exit code of a process that cannot answer any more
REQUESTS, ANSWERS = 3, 4  # 0 is empty, 1 and 2 take printed text; all others are closed
SITE = (
    "help",
    "exit",
    "quit",
    "copyright",
    "credits",
    "license",
)  # that Python sets when it starts with its site module
SANDBOXED = "your program runs in a sandbox: it cannot use files, the network, threads or other programs"


def main() -> None:
    """Serve one program. The arguments: working folder, isolation levels, omitted layers, folders of installed packages."""
    folder, levels, without, *folders = sys.argv[1:]
    parent = os.getppid()
    os.dup2(0, REQUESTS)
    os.dup2(1, ANSWERS)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    os.closerange(5, 1 << 16)
    if os.name == "posix":
        os.setsid()
    sys.path.extend(folders)
    numpy = import_numpy()
    worker = Worker(numpy, Sandbox(levels.split(","), folders, folder, without.split(",")), parent)
    worker.send(b"R" + texts(sys.version.split()[0], numpy.__version__))
    os.chdir(folder)
    worker.serve()


def import_numpy():
    """Import NumPy. Imports leave no garbage, so skipping its collection saves 5 % of the start."""
    gc.disable()
    import numpy

    gc.freeze()
    gc.enable()
    return numpy


class Worker:
    """Loads one program and calls its function, as requested by the parent."""

    def __init__(self, np, sandbox, parent):
        self.np, self.sandbox, self.parent = np, sandbox, parent
        self.requests, self.answers = REQUESTS, ANSWERS
        self.functions, self.form, self.files = (None, None), PLAIN, set()
        self.plans, self.operators, self.refusal = {}, None, ()
        self.isolated, self.number = False, 0  # the number of the current call
        self.spare = np.empty(
            8 << 20, "u1"
        )  # freed on MemoryError so that it can be reported; untouched memory costs nothing

    def serve(self, leave=os._exit):
        """Answer requests until the parent has gone, or the program has broken what answers them, such as a pipe."""
        while True:
            try:
                frame = self.receive()
                if frame is None:
                    leave(0)
                if frame[:1] == b"L":
                    self.send(self.load(**marshal.loads(frame[1:])))  # noqa: S302  (written by the grader)
                else:
                    first, requests = marshal.loads(frame[1:])  # noqa: S302  (written by the grader)
                    for self.number, request in enumerate(requests, first):
                        self.answer(self.call(request))
            except BaseException:
                if not self.isolated:
                    raise
                leave(NO_ANSWER)  # without a traceback, which would show the grader's own lines

    def receive(self):
        """Return the next frame, or None if the parent has gone. The parent never sends a second one before the answer."""
        data = b""
        while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "little"):
            more = os.read(self.requests, 1 << 16)
            if not more:
                return None
            data += more
        return data[4:]

    def answer(self, body, write=os.write):
        """Send the answer to the current call, after a mark that ends what the program printed in it."""
        self.flush()
        try:
            write(2, b"\0%d\0" % self.number)
        except OSError:
            pass  # the program has closed it
        self.send_frame(b"A" + self.number.to_bytes(4, "little") + body, write)

    def send(self, body):
        self.flush()
        self.send_frame(body)

    def flush(self):
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            pass  # the program may have closed or replaced them

    def send_frame(self, body, write=os.write):
        data = len(body).to_bytes(4, "little") + body
        while data:
            data = data[write(self.answers, data) :]

    def load(self, memory, seconds, name, form, allowed, readable, rules, notebook, cells, modules, omitted):
        self.form, modules = form, dict(modules)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        self.files = {file for file, _ in cells} | set(modules)
        sources = [text for pairs in (cells, modules.items()) for _, text in pairs]
        self.preload(allowed, any("optim" in text for text in sources))  # torch's optimizers import much more of torch
        if rules:
            from forbidden_operators import ForbiddenOperator, OperatorFilter

            self.refusal = ForbiddenOperator
        exported = not notebook and any("get_ipython()" in text for _, text in cells)
        if notebook or exported:
            import shell
        if any(name in text for text in sources for name in SITE):
            import _sitebuiltins

            vars(builtins).update(
                help=_sitebuiltins._Helper(), **{n: _sitebuiltins.Quitter(n, "Ctrl-D") for n in SITE[1:3]}
            )
            vars(builtins).update({n: _sitebuiltins._Printer(n, "") for n in SITE[3:]})
        self.isolate(readable, memory, seconds)
        self.isolated = True
        omitted = omitted and (*omitted[:2], Failed("raised", omitted[2]))
        self.loader = Loader(self.failure, self.begins, omitted)
        self.imports = ImportFilter(readable, modules, cells, self.loader)
        self.imports.install()
        endless.install(self.loader, self.files, self.looping)
        if rules:
            self.operators = OperatorFilter(rules)
        module = type(sys)("submission")
        sys.modules["submission"] = module
        if notebook or exported:
            SHELLS.append(shell.Shell(self.loader.run, modules))
            vars(builtins).update(get_ipython=lambda: SHELLS[0], display=shell.display)
            module.__name__ = "__main__"
            sys.modules["__main__"] = module
        broken = self.run_cells(cells, module, notebook, exported)
        loaded = broken or self.find_function(name, module)
        stops = [stop for stop in self.loader.stops if stop.origin is stop]
        if stops:
            self.send(b"N" + texts(*stopped(stops)))
        return loaded

    def run_cells(self, cells, module, notebook, exported):
        """Run the program. Return a failure frame if a file cannot be parsed; of a notebook, the cell alone is lost."""
        for file, source in cells:
            module.__file__ = file
            try:
                self.loader.run(file, source, module.__dict__, notebook or exported)
            except BaseException as error:
                failure = self.failure(error)
                if not notebook:
                    return failed(failure)
                self.loader.lose(file, source, failure)
        return b""

    def find_function(self, name, module):
        """Return the frame that says whether the function is there, and what is in its place."""
        self.name, self.namespace = name, vars(module)
        function = self.loader.value(name, self.namespace, self.imports.cells)
        package, stop = package_of(function), self.loader.cause(name)
        if package:
            return failed(Failed("not_allowed", package, *self.loader.place(name)))
        if callable(function):
            return self.find_earlier(function)
        if stop and name in stop.names:
            return failed(stop.failure)
        text = "it is not a function" if function is not None else ""
        try:
            names = self.loader.functions(self.namespace)
        except Exception:  # one that does not want to be described
            names = []
        if self.loader.stops and not names and not text:  # all that there is to say
            return failed(self.loader.stops[0].failure)
        return failed(Failed("missing", text, names=names[:100]))

    def find_earlier(self, function):
        """Find the function that runs before this one, such as a forward pass. Return the frame for the parent."""
        earlier = self.form["earlier"]
        if earlier is None:
            self.functions = function, None
            return b"L"
        name, argument = earlier["name"], earlier["argument"]
        first, stop = self.loader.value(name, self.namespace, self.imports.cells), self.loader.cause(name)
        if callable(first) and not package_of(first):
            self.functions = function, first
            return b"L"
        if stop and name in stop.names:
            return failed(stop.failure)
        return failed(Failed("missing", f"its `{argument}` is what `{name}` returns, and there is no such function"))

    def begins(self, file, number):
        """Notify the parent that a statement begins which may take long; if it does, the parent omits it."""
        try:
            self.send_frame(b"S" + number.to_bytes(4, "little") + file.encode("utf-8", "backslashreplace"))
        except OSError:
            pass  # the program has closed the channel; it is not this process that says so

    def looping(self, file, line):
        """Notify the parent of the loop that was running when the time was over."""
        self.send_frame(b"W" + line.to_bytes(4, "little") + file.encode("utf-8", "backslashreplace"))

    def preload(self, allowed, whole):
        """Import the allowed packages while files can be read, unless the fork server has. End the process if one fails."""
        if self.sandbox.allowed is not None or not set(allowed) - {"numpy"}:
            return
        from preload import preload

        try:
            self.sandbox.preloaded = preload(allowed, whole, self.sandbox.folder)
        except Exception as error:
            self.send(b"X" + texts(" and ".join(allowed), f"{type(error).__name__}: {error}"))
            os._exit(1)

    def isolate(self, allowed, memory, seconds):
        """Enter the sandbox and report its level. If that fails, report the reasons and end the process."""
        sandbox = self.sandbox
        try:
            sandbox.prepare(allowed)
            sandbox.enter(memory, seconds, self.parent)
        except BaseException as error:
            reasons = getattr(error, "reasons", None) or [
                (sandbox.level or sandbox.levels[0], f"{type(error).__name__}: {error}")
            ]
            self.send(b"X" + texts(*(text for reason in reasons for text in reason)))
            os._exit(1)
        forget()
        self.send(b"J" + texts(sandbox.level, *sandbox.remarks))

    def call(self, frame):
        try:
            verify = self.operators and self.operators.verify_active
            return answer(self.np, self.functions, self.form, frame, self.plans, verify)
        except BaseException as error:
            return failed(self.failure(error))  # no name for it: its traceback would keep the call's arrays

    def failure(self, error):
        """Describe an exception, and say so where the sandbox or a statement that stopped is the cause."""
        if isinstance(error, MemoryError):
            self.spare = None
        if isinstance(error, OneFailed):
            cause = self.failure(error.cause)
            if cause.failure not in ("raised", "not_numeric", "signature"):
                return cause
            if error.earlier:
                cause.earlier = error.earlier
                return cause
            text = cause.text or f"it cannot be called like that: its parameters are {', '.join(cause.names)}"
            return Failed("earlier", text, cause.file, cause.line)
        if isinstance(error, Failed):
            if error.failure == "signature":
                error.names += filter(None, [self.loader.packages(self.name, self.namespace)])
            return error
        failure = describe(error, self.files)
        if isinstance(error, self.refusal):
            return Failed("forbidden", error.name, failure.file, failure.line)
        package = error.name or "" if isinstance(error, NotAllowed) else self.imports.refused_package(error)
        if package or isinstance(error, NotAllowed):
            loose = error.path.split(".") if isinstance(error, NotAllowed) and error.path else []
            return Failed("not_allowed", package, failure.file, failure.line, loose)
        if package := mentioned(failure.text):  # NumPy's words about a `dtype=torch.float32`
            return Failed("not_allowed", package, failure.file, failure.line)
        if type(error) is NameError and (stop := self.loader.cause(error.name)):
            return stop.explain(error.name, failure)
        if type(error) is NameError and (line := self.loader.main_block(error.name)):
            failure.text += f": only the block in line {line} sets it"
        if self.sandbox.level != "process" and (isinstance(error, OSError) or "start new thread" in failure.text):
            failure.text += f" ({SANDBOXED})"
        return failure


def stopped(stops):
    """Return four texts for each of the first statements that stopped: file, line, kind of failure, text."""
    return [
        text
        for s in stops[:MOST_STOPS]
        for text in (s.file, s.line, s.failure.failure, s.failure.text.replace(f" ({SANDBOXED})", ""))
    ]


def forget():
    """Remove the modules of the untrusted side from what a program can import; they are not needed any more."""
    sys.path[:] = [folder for folder in sys.path if folder not in (HOME, os.path.join(HOME, "inside"))]
    for name in MODULES:
        sys.modules.pop(name, None)
