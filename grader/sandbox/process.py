"""A student's process as the parent sees it: bytes in, bytes out, a clock, and one way to end it.

The process is started before anything is known of the run (starting it costs most of a second's tenth, importing NumPy
there), so this module imports next to nothing.
"""

from __future__ import annotations

import os
import sys
import time

HOME = os.path.dirname(os.path.abspath(__file__))
LEVELS = ("namespaces", "landlock", "process")  # the strongest first; `auto` is all of them
# The untrusted side is imported, not run by path: that way its compiled form is used, a tenth of the whole start.
MAIN = "import sys; sys.path[:0] = {!r}; import {} as main; main.main()"
ENVIRONMENT = {  # the whole of it; a second BLAS thread would be slower, and cannot be started behind a wall
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "LC_ALL": "C.UTF-8",
}
KEPT_TEXT = 1 << 16  # bytes of printed text that are kept between two looks
UNLIMITED = float(
    "inf"
)  # bytes that may be printed before the program is known to run: what comes first may be seen last
KEPT = ("OPENBLAS_CORETYPE", "SYSTEMROOT")  # what NumPy or the system cannot start without on some machines


class Stopped(Exception):
    """The process was ended, or ended itself, before it answered; `failure` is one of model.Failure."""

    def __init__(self, failure: str, text: str) -> None:
        super().__init__(text)
        self.failure, self.text = failure, text


class Process:
    """A running child and the parent's ends of its three pipes. Not shared, and ended by `close` in any case.

    `levels` are the walls it may put up around itself, the strongest first; it says which one stands.
    """

    def __init__(self, levels: tuple[str, ...] = LEVELS) -> None:
        import fcntl
        import select

        self.levels = levels
        self.pid = 0
        pipes = [os.pipe() for _ in range(3)]
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (pipes[0][0], pipes[1][1], pipes[2][1])]
        self.requests, self.answers, self.output = pipes[0][1], pipes[1][0], pipes[2][0]
        try:
            self._begin(ends)
        except BaseException:
            for fd in (self.requests, self.answers, self.output):
                os.close(fd)
            raise
        finally:
            for fd in (*ends, pipes[0][0], pipes[1][1], pipes[2][1]):
                os.close(fd)
        for fd in (self.requests, self.answers, self.output):
            os.set_blocking(fd, False)
        self._poll = select.poll()
        self._poll.register(self.answers, select.POLLIN)
        self._poll.register(self.output, select.POLLIN)
        self._select = select
        self._buffer = bytearray()
        self._printed = bytearray()
        self._printed_total = 0
        self.most_printed = UNLIMITED
        self._silent = False  # it has closed its output
        self._status: int | None = None

    def _begin(self, ends: list[int]) -> None:
        self.folder = empty_folder()
        try:
            self.pid = spawn("child", ends, [self.folder, ",".join(self.levels), "", *packages()])
        except BaseException:
            os.rmdir(self.folder)
            raise

    def send(self, body: bytes, deadline: float) -> None:
        """Send one frame. Raise Stopped when the process does not take it in time, or is gone."""
        data = memoryview(len(body).to_bytes(4, "little") + body)
        while data:
            try:
                data = data[os.write(self.requests, data) :]
            except BlockingIOError:
                self._poll.register(self.requests, self._select.POLLOUT)
                self._wait(deadline)
                self._poll.unregister(self.requests)
                if self._buffer:  # it answers before it was asked: else it could go on until our memory is full
                    raise Stopped("crashed", "its process sent an answer that nobody had asked for") from None
            except OSError:
                raise self._gone() from None

    def receive(self, deadline: float, most_bytes: int) -> bytes:
        """Return the next frame's body. Raise Stopped when it is late, too long or never comes."""
        while True:
            if len(self._buffer) >= 4:
                size = int.from_bytes(self._buffer[:4], "little")
                if not 0 < size <= most_bytes:
                    raise Stopped("crashed", "its process sent something that is no answer")
                if len(self._buffer) >= 4 + size:
                    body = bytes(self._buffer[4 : 4 + size])
                    del self._buffer[: 4 + size]
                    return body
            self._wait(deadline)

    def confine(self, mebibytes: int) -> None:
        """Limit its memory from outside, where that can be done; it limits itself too."""

    def peak(self) -> int:
        """Return the most bytes of memory that it had, or 0 where nobody counts."""
        return 0

    def surplus(self) -> bool:
        """Tell whether the process has sent something that nobody asked for."""
        self._read(self.answers)
        return bool(self._buffer)

    def printed(self, limit: int = 4000) -> str:
        """Return what the process printed since the last time, at most `limit` characters of it."""
        self._read(self.output)
        if not self._printed:
            return ""
        text = self._printed.decode("utf-8", "replace")
        self._printed.clear()
        return text if len(text) <= limit else text[:limit] + " …"

    def close(self) -> None:
        """End the process and give everything back. May be called twice."""
        if self.pid:
            self._end()
            for fd in (self.requests, self.answers, self.output):
                os.close(fd)
            self.pid = 0

    def _end(self) -> None:
        try:
            os.killpg(self.pid, 9)
        except (ProcessLookupError, PermissionError):
            pass  # it has not made its group yet, or nobody is left in it
        if self._status is None:
            os.kill(self.pid, 9)
            self._status = os.waitpid(self.pid, 0)[1]
        remove(self.folder)

    def _wait(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Stopped("timeout", "")
        for fd, _ in self._poll.poll(min(left, 60) * 1000):
            if fd != self.requests and not self._read(fd) and fd == self.answers:
                raise self._gone()
        if self._printed_total > self.most_printed:
            raise Stopped("output", "")

    def _read(self, fd: int) -> bool:
        """Take what is there; return whether the other end is still open."""
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return True
        if fd == self.answers:
            self._buffer += data
        else:
            self._printed_total += len(data)
            self._printed += data[: max(0, KEPT_TEXT - len(self._printed))]
            if not data and not self._silent:
                self._silent = True
                self._poll.unregister(fd)
        return bool(data)

    def _gone(self) -> Stopped:
        """Say how the process ended. It has closed its answers; give it a moment, then it is ended by `close`."""
        status = self._status = self._ended()
        if status is None:
            return Stopped("crashed", "its process closed the channel to the grader")
        if os.WIFSIGNALED(status):
            import signal

            number = os.WTERMSIG(status)
            if number == signal.SIGXCPU:
                return Stopped("timeout", "")
            known = {int(known): known.name for known in signal.Signals}  # not every real-time one has a name
            return Stopped("crashed", f"its process was ended by {known.get(number, f'signal {number}')}")
        return Stopped("crashed", f"it ended its process by itself (exit code {os.WEXITSTATUS(status)})")

    def _ended(self) -> int | None:
        """Return how it ended, as `waitpid` does; None if it goes on living without its channel."""
        for _ in range(50):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return status
            time.sleep(0.002)
        return None


def spawn(module: str, ends: list[int], words: list[str]) -> int:
    """Start a module of the untrusted side with descriptors 0, 1, 2 and an environment of next to nothing."""
    actions = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(ends)]
    return os.posix_spawn(sys.executable, command(module, words), environment(), file_actions=actions)


def command(module: str, words: list[str]) -> list[str]:
    """Return the command line that starts a module of the untrusted side."""
    inside = [HOME, os.path.join(HOME, "inside")]
    return [sys.executable, "-I", "-S", "-B", "-c", MAIN.format(inside, module), *words]


def environment() -> dict[str, str]:
    """Return the environment of such a process: next to nothing."""
    return ENVIRONMENT | {name: os.environ[name] for name in KEPT if name in os.environ}


def empty_folder() -> str:
    """Make a private folder for the process to stand in (tempfile would cost 10 ms of imports).

    Raise EnvironmentTrouble where none can be made.
    """
    root = os.environ.get("TMPDIR") or os.environ.get("TEMP") or "/tmp"  # noqa: S108  (the name below is random, the folder private)
    path = os.path.join(os.path.abspath(root), f"grade-{os.getpid()}-{os.urandom(8).hex()}")
    try:
        os.mkdir(path, 0o700)
    except OSError as error:
        from grader.errors import EnvironmentTrouble, Problem

        says = f"no folder can be made in `{root}` for the student's program to stand in: {error.strerror}"
        raise EnvironmentTrouble(Problem(says, "set TMPDIR to a folder that can be written to")) from None
    return path


def remove(folder: str) -> None:
    """Remove such a folder, whatever a program without a wall has put there."""
    try:
        os.rmdir(folder)
    except OSError:
        import contextlib
        import shutil

        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
            for place, names, _ in os.walk(folder):
                for name in names:
                    if not os.path.islink(path := os.path.join(place, name)):
                        os.chmod(path, 0o700)
        shutil.rmtree(folder, ignore_errors=True)


def packages() -> list[str]:
    """Return the folders in which the child finds NumPy: those of this interpreter that hold installed packages."""
    return [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")]
