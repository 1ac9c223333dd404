"""Run many submissions, one after the other or side by side, each in a process of its own forked from a fork server.

The fork server starts once, isolates itself once and has NumPy loaded; a submission's process then costs a fork. One
thread sends it requests over a socket; its end of that socket is the only thing of the grader that it holds.
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
from grader.sandbox.packages import readable
from grader.sandbox.process import Process, Stopped

START_LIMIT = 60.0


class ForkServer:
    """A fork server at isolation level `level`, for programs that may import `allow`. Use it in a `with` block.

    `without` omits layers; tests use it to show what each layer is for. Raise EnvironmentTrouble if the level is not
    available.
    """

    def __init__(self, level: str, allow: Sequence[str] = ("numpy",), without: Sequence[str] = ()) -> None:
        self.level, self.pid = level, 0
        self.folder = processes.empty_folder()
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self.cgroups = _cgroups()
                names = [",".join(allow), *readable(tuple(allow))]
                arguments = [self.folder, level, ",".join(without), *processes.packages(), "--", *names]
                self.pid = _start(theirs, arguments)
            self.control.settimeout(START_LIMIT)
            reply = self.control.recv(1 << 16)
        except OSError as error:
            self.close()
            raise EnvironmentTrouble(Problem(f"isolation level `{level}` is not available: {error}")) from None
        except BaseException:  # Ctrl-C: the caller does not have this object yet and cannot close it
            self.close()
            raise
        if reply[:1] != b"R":
            reasons = texts_of(reply) or ["", "its process ended"]
            self.close()
            raise EnvironmentTrouble(
                Problem(f"isolation level `{level}` is not available: {reasons[-1]}", REMEDIES.get(level, ""))
            )

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def process(self) -> Process:
        """Return a new process, ready to load a program."""
        return _Forked(self)

    def fork(self, ends: Sequence[int]) -> tuple[int, int]:
        """Start a process with these descriptors. Return its pid (in the fork server's namespace) and its pidfd."""
        try:
            socket.send_fds(self.control, [b"F"], list(ends))
            reply, descriptors, _, _ = socket.recv_fds(self.control, 16, 1)
        except OSError as error:
            raise OSError(f"the fork server has ended ({error})") from None
        if reply[:1] != b"P" or len(descriptors) != 1:
            raise OSError("the fork server has ended")
        return int.from_bytes(reply[1:5], "little"), descriptors[0]

    def reap(self, pid: int) -> int:
        """Wait for a process that has ended, or is about to end, and return its wait status."""
        try:
            self.control.send(b"W" + pid.to_bytes(4, "little"))
            return int.from_bytes(self.control.recv(4), "little")
        except OSError:
            return signal.SIGKILL  # the fork server has ended, and its children with it

    def ended(self) -> bool:
        """Return whether it has ended. It sends nothing between requests, so the socket is readable only then."""
        return ready(self.control.fileno(), 0)

    def close(self) -> None:
        """End the fork server and its children. May be called twice."""
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
    """A fork server's child. It is killed through a pidfd, and the fork server waits for it."""

    def __init__(self, server: ForkServer) -> None:
        self.server = server
        self.leaf: cgroup.Leaf | None = None
        super().__init__((server.level,))

    def limit_memory(self, mebibytes: int) -> None:
        """Limit the memory that it takes from now on, including the kernel's for it, if there is a cgroup for that."""
        if self.server.cgroups:
            try:
                self.leaf = cgroup.Leaf(self.server.cgroups)
                self.leaf.limit(mebibytes)
                self.leaf.add(pid_of(self.handle))
            except OSError:  # optional: its own limits still hold
                self._remove_leaf()

    def memory_peak(self) -> int:
        """Return the most memory that it used in bytes, or 0 without a cgroup."""
        return self.leaf.peak().bytes if self.leaf else 0

    def _remove_leaf(self) -> None:
        if self.leaf:
            self.leaf.remove()
            self.leaf = None

    def _end_of_process(self) -> Stopped:
        stop = super()._end_of_process()
        if self.server.ended():
            says = "the fork server was ended, and with it the programs that were running"
            raise EnvironmentTrouble(Problem(says, "did the machine run out of memory? Run the same command again"))
        if self.leaf and self.leaf.peak().killed:
            return Stopped("memory", "the system ended it: it used more memory than allowed")
        return stop

    def interrupt(self) -> bool:
        """Ask the process for the loop in which it is, and return whether that is possible."""
        try:
            signal.pidfd_send_signal(self.handle, signal.SIGUSR1)
        except OSError:
            return False
        return self._status is None

    def _own_pid(self) -> int:
        return pid_of(self.handle)

    def _start(self, ends: list[int]) -> None:
        self.pid, self.handle = self.server.fork(ends)

    def _end(self) -> None:
        if self._status is None:
            try:
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._status = self.server.reap(self.pid)
        os.close(self.handle)
        self._remove_leaf()

    def _wait_status(self) -> int | None:
        if ready(self.handle, 0.1):
            return self.server.reap(self.pid)
        return None


def _start(control: socket.socket, arguments: list[str]) -> int:
    """Start the fork server's process with its end of the socket. Return its pid."""
    pipe = os.pipe()  # for its output, which is discarded; a pipe because its children's output is one
    try:
        return processes.spawn("forking", [control.fileno(), pipe[1], pipe[1]], arguments)
    finally:
        os.close(pipe[0])
        os.close(pipe[1])


def ready(handle: int, seconds: float) -> bool:
    """Return whether a descriptor becomes readable within some seconds; a pidfd does when its process ends."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def pid_of(handle: int) -> int:
    """Return the pid of a pidfd's process in the grader's own namespace."""
    with open(f"/proc/self/fdinfo/{handle}", encoding="ascii") as info:
        return next(int(line.split()[1]) for line in info if line.startswith("Pid:"))


def _cgroups() -> Path | None:
    """Return the folder for the children's cgroups, if one is delegated to the grader."""
    try:
        return cgroup.delegated()
    except cgroup.Undelegated:
        return None


def texts_of(frame: bytes) -> list[str]:
    """Read the texts of a frame from the fork server."""
    from grader.sandbox import wire

    try:
        return wire.texts(frame)
    except wire.Malformed:
        return []
