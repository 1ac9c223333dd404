"""A student's process as the parent sees it: it takes frames, answers with frames, prints text, and can be ended.

Three pipes connect the two: requests to the process, answers and printed text from it. The parent never blocks on a
pipe: every wait has a deadline, and what is read is bounded in size. To this module a frame is a length and that many
bytes; wire.py reads frames, and session.py decides which to send.

Startup takes nearly 100 ms, mostly importing NumPy in the new process. `grade` therefore starts the process before
anything else, and this module imports next to nothing.
"""

from __future__ import annotations

import os
import select
import sys
import time

HOME = os.path.dirname(os.path.abspath(__file__))
LEVELS = ("namespaces", "landlock", "process")  # the strongest first
STRICT = LEVELS[:-1]  # those that are a sandbox
# Importing the untrusted side, instead of running it by path, uses its compiled form and saves a tenth of the start.
MAIN = "import sys; sys.path[:0] = {!r}; import {} as main; main.main()"
ENVIRONMENT = {  # complete; a second BLAS thread would be slower, and a sandboxed process cannot start one
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "LC_ALL": "C.UTF-8",
}
TEXT_CAN_WAIT = 0.01  # seconds in which only an answer wakes the grader: each call writes a mark into its text first
KEPT_TEXT = 4 << 20  # bytes of printed text that are kept until `printed` is called
UNLIMITED = float("inf")  # the output limit until the program is known to run: text and answers come through two pipes
TEMP = "grade-"  # begins the name of a working folder, before the number of the process
_swept: set[str] = set()
KEPT = ("OPENBLAS_CORETYPE", "SYSTEMROOT")  # variables that NumPy or the system needs on some machines
NO_ANSWER = 70  # the exit code of a child that cannot answer any more; child.py has it too
UNREQUESTED = "its process sent an answer without a request"


class Stopped(Exception):
    """The process ended, or was ended, before it answered; `failure` is one of model.submission.Failure."""

    def __init__(self, failure: str, text: str) -> None:
        super().__init__(text)
        self.failure, self.text = failure, text


class Process:
    """A running child and the parent's ends of its three pipes. `close` ends it; every Process must be closed.

    The process uses the first of `levels` that is available, and reports which one.
    """

    def __init__(self, levels: tuple[str, ...] = LEVELS) -> None:
        import fcntl

        self.levels, self.pid = levels, 0
        pipes = [os.pipe() for _ in range(3)]
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (pipes[0][0], pipes[1][1], pipes[2][1])]
        self.requests, self.answers, self.output = pipes[0][1], pipes[1][0], pipes[2][0]
        try:
            self._start(ends)
        except BaseException:
            for fd in (self.requests, self.answers, self.output):
                os.close(fd)
            raise
        finally:
            for fd in (*ends, pipes[0][0], pipes[1][1], pipes[2][1]):
                os.close(fd)
        for fd in (self.requests, self.answers, self.output):
            os.set_blocking(fd, False)
        self._poll, self._answered = select.poll(), select.poll()
        for poll in (self._poll, self._answered):
            poll.register(self.answers, select.POLLIN)
        self._poll.register(self.output, select.POLLIN)
        self._buffer, self._printed, self._printed_total = bytearray(), bytearray(), 0
        self.output_limit, self._output_closed = UNLIMITED, False
        self._status: int | None = None

    _schedule: int | None = None  # the kernel's file about its waiting, once it is open
    _waited = 0.0

    def _start(self, ends: list[int]) -> None:
        self.folder = empty_folder()
        try:
            self.pid = spawn("child", ends, [self.folder, ",".join(self.levels), "", *packages()])
        except BaseException:
            os.rmdir(self.folder)
            raise

    def send(self, body: bytes, deadline: float) -> None:
        """Send one frame. Raise Stopped if the process does not accept it in time or has ended."""
        data = memoryview(len(body).to_bytes(4, "little") + body)
        while data:
            try:
                data = data[os.write(self.requests, data) :]
            except BlockingIOError:
                self._poll.register(self.requests, select.POLLOUT)
                self._wait(deadline, 0.0)
                self._poll.unregister(self.requests)
                if self._buffer:  # it answers too early; without this check it could fill the grader's memory
                    raise Stopped("crashed", UNREQUESTED) from None
            except OSError:
                raise self._end_of_process() from None

    def receive(self, deadline: float, most_bytes: int) -> bytes:
        """Return the next frame. Raise Stopped if it is late, too long or never comes."""
        while not (body := self.received(most_bytes)):
            try:
                self._wait(deadline)
            except Stopped:
                self._read(self.answers)
                if body := self.received(most_bytes):
                    return body  # it came before that, but this process was too late to read it
                raise
        return body

    def received(self, most_bytes: int) -> bytes:
        """Return the next frame if it has been read already, or nothing. Raise Stopped if it is too long."""
        size = int.from_bytes(self._buffer[:4], "little")
        if len(self._buffer) >= 4 and not 0 < size <= most_bytes:
            raise Stopped("crashed", "its process sent something that is not an answer")
        if len(self._buffer) < 4 or len(self._buffer) < 4 + size:
            return b""
        body = bytes(self._buffer[4 : 4 + size])
        del self._buffer[: 4 + size]
        return body

    def limit_memory(self, mebibytes: int) -> None:
        """Limit its memory from outside, in addition to its own limit, where the system can do that."""

    def memory_peak(self) -> int:
        """Return the most memory that it used in bytes, or 0 where that is not measured."""
        return 0

    def waited(self) -> float:
        """Return the seconds that it has waited for a processor, or 0 where the kernel does not count them."""
        try:
            if self._schedule is None:
                self._schedule = os.open(f"/proc/{self._own_pid()}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
            self._waited = int(os.pread(self._schedule, 100, 0).split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            pass  # no such file, or the process has ended: then what was last read counts
        return self._waited

    def interrupt(self) -> bool:
        """Ask the process for the loop in which it is, and return whether that is possible."""
        import signal

        try:
            os.kill(self.pid, signal.SIGUSR1)
        except OSError:
            return False
        return self._status is None

    def _own_pid(self) -> int:
        """Return its pid as this process sees it."""
        return self.pid

    def has_unrequested(self) -> bool:
        """Return whether the process has sent something without a request."""
        self._read(self.answers)
        return bool(self._buffer)

    def printed(self, number: int = 0, limit: int = 4000) -> str:
        """Return what the process printed since the last call of this method, at most `limit` characters.

        It ends at the mark before the answer of this number, if there is one. Raise Stopped if all of it is too much.
        """
        if (mark := b"\0%d\0" % number) not in self._printed:
            self._read(self.output)
        printed, _, rest = self._printed.partition(mark)
        if self._printed_total - len(rest) > self.output_limit:
            raise Stopped("output", "")
        self._printed = rest
        text = printed.decode("utf-8", "replace")
        return text if len(text) <= limit else text[:limit] + " …"

    def close(self) -> None:
        """End the process and release its resources. May be called twice."""
        if self.pid:
            self._end()
            own = () if self._schedule is None else (self._schedule,)
            for fd in (self.requests, self.answers, self.output, *own):
                os.close(fd)
            self._schedule = None
            self.pid = 0

    def _end(self) -> None:
        try:
            os.killpg(self.pid, 9)
        except (ProcessLookupError, PermissionError):
            pass  # the group does not exist yet, or no longer
        if self._status is None:
            os.kill(self.pid, 9)
            self._status = os.waitpid(self.pid, 0)[1]
        remove(self.folder)
        sweep()

    def _wait(self, deadline: float, patience: float = TEXT_CAN_WAIT) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Stopped("timeout", "")
        answered = self._answered.poll(min(left, patience) * 1000)
        for fd, _ in answered or self._poll.poll(min(left, 60) * 1000):
            if fd != self.requests and not self._read(fd) and fd == self.answers:
                raise self._end_of_process()
        if self._printed_total > self.output_limit:
            raise Stopped("output", "")

    def _read(self, fd: int) -> bool:
        """Read what is available; return whether the other end is still open."""
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return True
        if fd == self.answers:
            self._buffer += data
        else:
            self._printed_total += len(data)
            self._printed += data[: max(0, KEPT_TEXT - len(self._printed))]
            if not data and not self._output_closed:
                self._output_closed = True
                self._poll.unregister(fd)
        return bool(data)

    def _end_of_process(self) -> Stopped:
        """Return why the process closed its answers. If it has not ended after a moment, `close` ends it."""
        status = self._status = self._wait_status()
        if status is None:
            return Stopped("crashed", ended())
        if os.WIFSIGNALED(status):
            import signal

            number = os.WTERMSIG(status)
            if number == signal.SIGXCPU:
                return Stopped("timeout", "")
            known = {int(known): known.name for known in signal.Signals}  # some real-time signals have no name
            return Stopped("crashed", f"its process was ended by {known.get(number, f'signal {number}')}")
        return Stopped("crashed", ended(os.WEXITSTATUS(status)))

    def _wait_status(self) -> int | None:
        """Return its wait status; None if it is still running without its channel."""
        for _ in range(50):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return status
            time.sleep(0.002)
        return None


def ended(code: int | None = None) -> str:
    """Return the sentence for a program that ended with an exit code, or still runs without its channel."""
    if code in (None, NO_ANSWER):
        return "the program ended without an answer: it closed the channel to the grader"
    return f"it ended its process by itself (exit code {code})"


def chain(requested: str) -> tuple[str, ...]:
    """Return the levels to try for a requested one: a level, `strict` for the strongest real sandbox, or `auto`."""
    return {"auto": LEVELS, "strict": STRICT}.get(requested, (requested,))


def spawn(module: str, ends: list[int], arguments: list[str]) -> int:
    """Start a module of the untrusted side with `ends` as descriptors 0, 1 and 2. Return its pid."""
    actions = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(ends)]
    return os.posix_spawn(sys.executable, command(module, arguments), environment(), file_actions=actions)


def command(module: str, arguments: list[str]) -> list[str]:
    """Return the command line that starts a module of the untrusted side."""
    inside = [HOME, os.path.join(HOME, "inside")]
    return [sys.executable, "-I", "-S", "-B", "-c", MAIN.format(inside, module), *arguments]


def environment() -> dict[str, str]:
    """Return the complete environment of an untrusted process."""
    return ENVIRONMENT | {name: os.environ[name] for name in KEPT if name in os.environ}


def empty_folder() -> str:
    """Make a private working folder for a process; importing tempfile would cost 10 ms.

    Raise EnvironmentTrouble if that fails.
    """
    root = temporary()
    path = os.path.join(root, f"{TEMP}{os.getpid()}-{os.urandom(8).hex()}")
    try:
        os.mkdir(path, 0o700)
    except OSError as error:
        from grader.errors import EnvironmentTrouble, Problem

        says = f"cannot make a working folder for the student's program in `{root}`: {error.strerror}"
        raise EnvironmentTrouble(Problem(says, "set TMPDIR to a writable folder")) from None
    return path


def remove(folder: str) -> None:
    """Remove such a folder with whatever a program without a sandbox put there."""
    try:
        os.rmdir(folder)
    except OSError:
        import contextlib
        import shutil

        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
            for parent, names, _ in os.walk(folder):
                for name in names:
                    if not os.path.islink(path := os.path.join(parent, name)):
                        os.chmod(path, 0o700)
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove the working folders of runs that were killed, once in a run."""
    if TEMP not in _swept:
        from grader.files import sweep

        _swept.add(TEMP)
        sweep(temporary(), TEMP)


def temporary() -> str:
    """Return the folder for working folders."""
    return os.path.abspath(os.environ.get("TMPDIR") or os.environ.get("TEMP") or "/tmp")  # noqa: S108  (names are random, folders private)


def packages() -> list[str]:
    """Return this interpreter's folders of installed packages, where the child finds NumPy."""
    return [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")]
