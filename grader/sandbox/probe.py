"""Prove a sandbox by its effect: run a hostile program of the grader's own in it, which tries what must be impossible.

Setting up a sandbox without an error proves nothing: kernels, containers and security modules report success for calls
that they do not carry out. If no sandbox proves to hold, other people's programs are not run.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader.errors import EnvironmentTrouble, Problem, listed
from grader.model.exercise import Exercise, Limits
from grader.model.machine import Tested
from grader.model.submission import Submission
from grader.sandbox import cgroup
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.levels import REMEDIES, isolation, process_class
from grader.sandbox.packages import readable
from grader.sandbox.process import HOME, STRICT, Process, chain
from grader.sandbox.session import Session

PROGRAM = Path(HOME) / "inside" / "self_test.py"
TRUSTED = "with `--trusted`, programs run without a sandbox: use it for your own programs only"
ALLOWED = {"landlock": {"see that a file exists"}}  # a weakness that every report states, see levels.py
_LIMITS = Limits(time_limit=10.0, memory_limit=1024)


def prove(level: str, start: Callable[[], Process]) -> tuple[str, ...]:
    """Run the self-test in a process and return the known weaknesses. Raise EnvironmentTrouble if it finds others."""
    source = PROGRAM.read_text(encoding="utf-8")
    names = re.findall(r'\(\s*"([a-z][^"]+)",\s*lambda', source)
    submission = Submission("", "", "", "python", "self_test.py", (("self_test.py", source),))
    exercise = Exercise("", "", "", "self_test(secret, folder, port, pid)", 0, (), limits=_LIMITS)
    with _victims() as (arguments, harmed):
        with Session(submission, exercise, start=start) as session:
            outcome = session.call(arguments)
        if outcome.value is None or len(outcome.value[0].cells) != len(names):
            says = f"the program that tests the sandbox did not run: {outcome.text}"
            raise EnvironmentTrouble(Problem(says, "please report this"))
        succeeded = {name for name, got in zip(names, outcome.value[0].cells, strict=True) if got}
        succeeded |= set(harmed())
    succeeded -= ALLOWED.get(level, set())
    if succeeded:
        says = f"isolation level `{level}` does not hold: a program can {listed(sorted(succeeded))}"
        raise EnvironmentTrouble(Problem(says, "please report this"))
    return session.isolation.weaknesses


def best(allow: Sequence[str] = ("numpy",), levels: Sequence[str] = STRICT) -> ForkServer:
    """Return a fork server at the first of `levels` that proves to hold; the caller closes it.

    If none holds, raise EnvironmentTrouble with the reason and the remedy for each.
    """
    readable(tuple(allow))  # raises first if an allowed package is not installed
    problems: list[Problem] = []
    for level in levels:
        server = None
        try:
            server = ForkServer(level, allow)
            prove(level, server.process)
            return server
        except EnvironmentTrouble as trouble:
            problems += trouble.problems
            if server:
                server.close()
    says = "no sandbox is available on this machine, so other people's programs are not run"
    help = f"`grade doctor` shows what is missing; {TRUSTED}"
    raise EnvironmentTrouble(Problem(says, help), *problems)


@contextlib.contextmanager
def chosen(requested: str, trusted: bool, allow: Sequence[str] = ("numpy",)) -> Iterator[Callable[[], Process]]:
    """Yield a function that starts a process for each of many programs, at the strongest level that proves to hold.

    `requested` is as for `chain`. With `auto`, programs run as plain processes with limits if no sandbox holds and they
    are `trusted`. Otherwise EnvironmentTrouble gives the reason and the remedy for each level.
    """
    if requested == "process" and not trusted:
        says = "other people's programs are not run without a sandbox"
        raise EnvironmentTrouble(Problem(says, f"omit `--isolation`; {TRUSTED}"))
    server = None
    try:
        if requested != "process":
            server = best(allow, [level for level in chain(requested) if level != "process"])
    except EnvironmentTrouble:
        if requested != "auto" or not trusted:
            raise
    if server is None and sys.platform == "linux":
        server = ForkServer("process", allow)
    if server is None:
        yield functools.partial(process_class(), ("process",))
        return
    with server:
        yield server.process


def tested() -> list[Tested]:
    """Test every isolation level."""
    found = []
    for level in STRICT:
        try:
            with ForkServer(level) as server:
                weaknesses = prove(level, server.process)
            found.append(Tested(level, True, isolation(level).says, weaknesses=weaknesses))
        except EnvironmentTrouble as trouble:
            problem = trouble.problems[0]
            found.append(Tested(level, False, problem.says, problem.help or REMEDIES[level]))
    plain = isolation("process")
    found.append(Tested("process", True, plain.says, weaknesses=plain.weaknesses))
    return found


def sandboxed(results: Sequence[Tested]) -> bool:
    """Return whether any sandbox holds."""
    return any(result.holds for result in results if result.level in STRICT)


def layers() -> dict[str, str]:
    """Return what the kernel reports about each layer: a version or an error."""
    import ctypes

    system = os.uname()
    found = {"kernel": f"{system.sysname} {system.release}, {system.machine}"}
    if system.sysname != "Linux":
        return found
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(444, None, ctypes.c_size_t(0), 1)
    found["landlock"] = f"ABI {abi}" if abi > 0 else f"none ({os.strerror(ctypes.get_errno())})"
    found["seccomp"] = "yes" if libc.prctl(21, 0, 0, 0, 0) >= 0 else f"none ({os.strerror(ctypes.get_errno())})"
    try:
        limit = int(Path("/proc/sys/user/max_user_namespaces").read_text(encoding="utf-8"))
        found["user namespaces"] = f"up to {limit}" if limit else "none (user.max_user_namespaces is 0)"
    except (OSError, ValueError):
        found["user namespaces"] = "unknown"
    try:
        folder = cgroup.delegated()
        found["cgroup"] = f"delegated ({folder}): each program of a class has its memory measured and limited"
    except cgroup.Undelegated as reason:
        found["cgroup"] = f"not delegated ({reason}); resource limits bound each program's memory"
    found["user"] = "root; programs run as a user that owns nothing" if os.geteuid() == 0 else f"{os.geteuid()}"
    return found


@contextlib.contextmanager
def _victims() -> Iterator[tuple[dict[str, object], Callable[[], list[str]]]]:
    """Create what must not be touched. Yield the program's arguments, and a function that names what was touched."""
    with tempfile.TemporaryDirectory(prefix="grade-probe-") as folder, socket.socket() as server:
        secret = Path(folder) / "secret"
        secret.write_text("secret", encoding="utf-8")
        secret.chmod(0o600)
        before = _state(secret)
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        priority = os.getpriority(os.PRIO_PROCESS, 0)

        def harmed() -> list[str]:
            found = []
            if _state(secret) != before or os.listdir(folder) != ["secret"]:
                found.append("change files")
            if os.getpriority(os.PRIO_PROCESS, 0) != priority:
                found.append("slow another process")
            with contextlib.suppress(BlockingIOError):
                server.accept()[0].close()
                found.append("connect")
            return found

        yield {"secret": str(secret), "folder": folder, "port": server.getsockname()[1], "pid": os.getpid()}, harmed


def _state(path: Path) -> tuple[object, ...]:
    status = path.stat()
    return path.read_bytes(), status.st_mode, status.st_mtime_ns, status.st_nlink
