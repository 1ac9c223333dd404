"""Many submissions, one after the other or side by side, each in a process of its own that is forked from a warm one.

The zygote is started once, shut in once and has NumPy loaded; a submission's process then costs a fork. It is fed
over a socket by one thread; its end of the socket is the only thing of ours that it holds.
"""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from grader.errors import EnvironmentTrouble, Problem
from grader.sandbox import cgroup
from grader.sandbox import process as processes
from grader.sandbox.levels import REMEDIES
from grader.sandbox.packages import opened
from grader.sandbox.process import Process, Stopped

START_LIMIT = 60.0


class ForkServer:
    """A warm process behind the wall of `level`, for programs that may import `allow`; use it in a `with` block.

    `without` leaves layers out; tests show with it what each of them is for. Raise EnvironmentTrouble when the wall
    cannot be put up.
    """

    def __init__(self, level: str, allow: Sequence[str] = ("numpy",), without: Sequence[str] = ()) -> None:
        self.level, self.pid = level, 0
        self.folder = processes.empty_folder()
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self.leaves = _leaves()
                names = [",".join(allow), *opened(tuple(allow))]
                words = [self.folder, level, ",".join(without), *processes.packages(), "--", *names]
                self.pid = _start(theirs, words)
            self.control.settimeout(START_LIMIT)
            says = self.control.recv(1 << 16)
        except OSError as error:
            self.close()
            raise EnvironmentTrouble(Problem(f"the {level} wall cannot be put up: {error}")) from None
        except BaseException:  # a Ctrl-C: nobody has this object yet, to close it
            self.close()
            raise
        if says[:1] != b"R":
            reasons = words_of(says) or ["", "its process ended"]
            self.close()
            raise EnvironmentTrouble(
                Problem(f"the {level} wall cannot be put up: {reasons[-1]}", REMEDIES.get(level, ""))
            )

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def process(self) -> Process:
        """Return a new process, ready to load a program."""
        return _Forked(self)

    def fork(self, ends: Sequence[int]) -> tuple[int, int]:
        """Return the number (in the zygote's own count) and a descriptor of a new process with these descriptors."""
        try:
            socket.send_fds(self.control, [b"F"], list(ends))
            says, descriptors, _, _ = socket.recv_fds(self.control, 16, 1)
        except OSError as error:
            raise OSError(f"the process that starts the others is gone ({error})") from None
        if says[:1] != b"P" or len(descriptors) != 1:
            raise OSError("the process that starts the others is gone")
        return int.from_bytes(says[1:5], "little"), descriptors[0]

    def reap(self, pid: int) -> int:
        """Wait for a process that has ended, or is about to, and return how."""
        try:
            self.control.send(b"W" + pid.to_bytes(4, "little"))
            return int.from_bytes(self.control.recv(4), "little")
        except OSError:
            return signal.SIGKILL  # the zygote is gone, and its children with it

    def gone(self) -> bool:
        """Tell whether it has ended: between two requests there is nothing that it could say but that."""
        return ready(self.control.fileno(), 0)

    def close(self) -> None:
        """End the zygote and whatever it has started. May be called twice."""
        self.control.close()
        if self.pid:
            self._wait()
            self.pid = 0
        if self.folder:
            processes.remove(self.folder)
            self.folder = ""

    def _wait(self) -> None:
        handle = os.pidfd_open(self.pid)
        try:
            if not ready(handle, 5.0):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        finally:
            os.close(handle)


class _Forked(Process):
    """A child of a zygote: the same to its user, but ended through a descriptor and reaped by the zygote."""

    def __init__(self, zygote: ForkServer) -> None:
        self.zygote = zygote
        self.leaf: cgroup.Leaf | None = None
        super().__init__((zygote.level,))

    def confine(self, mebibytes: int) -> None:
        """Limit all memory that it takes from now on, the kernel's for it too, where there is a cgroup for that."""
        if self.zygote.leaves:
            try:
                self.leaf = cgroup.Leaf(self.zygote.leaves)
                self.leaf.limit(mebibytes)
                self.leaf.take(number(self.handle))
            except OSError:  # nothing is required of it; its own limits hold
                self._leave()

    def peak(self) -> int:
        """Return the most bytes that it had, or 0 where nobody counts."""
        return self.leaf.peak().bytes if self.leaf else 0

    def _leave(self) -> None:
        if self.leaf:
            self.leaf.remove()
            self.leaf = None

    def _gone(self) -> Stopped:
        stop = super()._gone()
        if self.zygote.gone():
            says = "the process that starts the others was ended, and with it those that ran"
            raise EnvironmentTrouble(Problem(says, "has the machine run out of memory? The same command tries again"))
        if self.leaf and self.leaf.peak().killed:
            return Stopped("memory", "the system ended it: it took more memory than it may have")
        return stop

    def _begin(self, ends: list[int]) -> None:
        self.pid, self.handle = self.zygote.fork(ends)

    def _end(self) -> None:
        if self._status is None:
            try:
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._status = self.zygote.reap(self.pid)
        os.close(self.handle)
        self._leave()

    def _ended(self) -> int | None:
        if ready(self.handle, 0.1):
            return self.zygote.reap(self.pid)
        return None


def _start(control: socket.socket, words: list[str]) -> int:
    """Start the warm process with its end of the socket."""
    pipe = os.pipe()  # its output, which nobody reads; a pipe since the children's is one too
    try:
        return processes.spawn("nursery", [control.fileno(), pipe[1], pipe[1]], words)
    finally:
        os.close(pipe[0])
        os.close(pipe[1])


def ready(handle: int, seconds: float) -> bool:
    """Tell whether a process ends within some seconds."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def number(handle: int) -> int:
    """Return the number, in our own count, of a process that a descriptor stands for."""
    with open(f"/proc/self/fdinfo/{handle}", encoding="ascii") as info:
        return next(int(line.split()[1]) for line in info if line.startswith("Pid:"))


def _leaves() -> Path | None:
    """Return the folder for the children's cgroups, where such a thing is delegated to us."""
    try:
        return cgroup.delegated()
    except cgroup.Undelegated:
        return None


def words_of(frame: bytes) -> list[str]:
    """Read the texts of a frame from the zygote."""
    from grader.sandbox import wire

    try:
        return wire.words(frame)
    except wire.Malformed:
        return []
