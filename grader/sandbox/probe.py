"""Prove a wall by its effect: a hostile program of our own is shut in and tries what must not be possible.

A wall that was put up without an error is not yet a wall: kernels, containers and security modules answer "done" to
much that they do not do. Where none holds, strangers' programs are not run.
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
from grader.sandbox.levels import REMEDIES, isolation, kind
from grader.sandbox.packages import opened
from grader.sandbox.process import HOME, Process
from grader.sandbox.session import Session

PROGRAM = Path(HOME) / "inside" / "attempts.py"
WALLS = ("namespaces", "landlock")
TRUSTED = "`--trusted` says that the programs are your own"
ALLOWED = {"landlock": {"see that a file exists"}}  # and said so in every report, see levels.py
_LIMITS = Limits(time_limit=10.0, memory_limit=1024)


def prove(level: str, start: Callable[[], Process]) -> tuple[str, ...]:
    """Let a hostile program try the wall of a process; return its known weaknesses, or raise EnvironmentTrouble."""
    source = PROGRAM.read_text(encoding="utf-8")
    names = re.findall(r'\(\s*"([a-z][^"]+)",\s*lambda', source)
    submission = Submission("", "", "", "python", "attempts.py", (("attempts.py", source),))
    exercise = Exercise("", "", "", "attempts(secret, folder, port, pid)", 0, (), limits=_LIMITS)
    with _victims() as (arguments, harmed):
        with Session(submission, exercise, start=start) as session:
            outcome = session.call(arguments)
        if outcome.value is None or len(outcome.value[0].cells) != len(names):
            says = f"the program that was to test the wall did not run: {outcome.text}"
            raise EnvironmentTrouble(Problem(says, "please report this"))
        through = {name for name, got in zip(names, outcome.value[0].cells, strict=True) if got}
        through |= set(harmed())
    through -= ALLOWED.get(level, set())
    if through:
        says = f"the {level} wall was put up, but does not hold: a program behind it can {listed(sorted(through))}"
        raise EnvironmentTrouble(Problem(says, "please report this"))
    return session.isolation.weaknesses


def best(allow: Sequence[str] = ("numpy",), walls: Sequence[str] = WALLS) -> ForkServer:
    """Return a zygote behind the first of `walls` that proves to hold here; the caller closes it.

    Raise EnvironmentTrouble, with every attempt, its reason and its remedy, where none holds.
    """
    opened(tuple(allow))  # what is not installed is no fault of a wall's
    problems: list[Problem] = []
    for level in walls:
        zygote = None
        try:
            zygote = ForkServer(level, allow)
            prove(level, zygote.process)
            return zygote
        except EnvironmentTrouble as trouble:
            problems += trouble.problems
            if zygote:
                zygote.close()
    says = "no wall holds on this machine, so strangers' programs are not run here"
    help = f"`grade doctor` shows what is missing; {TRUSTED}"
    raise EnvironmentTrouble(Problem(says, help), *problems)


@contextlib.contextmanager
def chosen(asked: str, trusted: bool, allow: Sequence[str] = ("numpy",)) -> Iterator[Callable[[], Process]]:
    """Yield what starts a process for each of many programs: behind the strongest wall that proves to hold here.

    `asked` is `auto`, or a level, of which nothing less is taken. Where no wall holds, programs run as plain processes
    with limits if they are `trusted`; otherwise EnvironmentTrouble lists each attempt with its reason and remedy.
    """
    if asked == "process" and not trusted:
        says = "strangers' programs are not run without a wall"
        raise EnvironmentTrouble(Problem(says, f"leave `--isolation` away, or {TRUSTED}"))
    zygote = None
    try:
        if asked != "process":
            zygote = best(allow, WALLS if asked == "auto" else (asked,))
    except EnvironmentTrouble:
        if asked != "auto" or not trusted:
            raise
    if zygote is None and sys.platform == "linux":
        zygote = ForkServer("process", allow)
    if zygote is None:
        yield functools.partial(kind(), ("process",))
        return
    with zygote:
        yield zygote.process


def attempts() -> list[Tested]:
    """Try every wall, and return what came of each."""
    found = []
    for level in WALLS:
        try:
            with ForkServer(level) as zygote:
                weaknesses = prove(level, zygote.process)
            found.append(Tested(level, True, isolation(level).says, weaknesses=weaknesses))
        except EnvironmentTrouble as trouble:
            problem = trouble.problems[0]
            found.append(Tested(level, False, problem.says, problem.help or REMEDIES[level]))
    plain = isolation("process")
    found.append(Tested("process", True, plain.says, weaknesses=plain.weaknesses))
    return found


def walled(attempts: Sequence[Tested]) -> bool:
    """Tell whether a wall holds here."""
    return any(attempt.holds for attempt in attempts if attempt.level in WALLS)


def layers() -> dict[str, str]:
    """Return what the kernel says of each layer: a version, or the error."""
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
        found["cgroup"] = f"delegated ({cgroup.delegated()}): memory is counted and limited for each program of a class"
    except cgroup.Undelegated as reason:
        found["cgroup"] = f"none of our own ({reason}); each program's limits are its process's"
    found["user"] = "root; programs get a user that owns nothing" if os.geteuid() == 0 else f"{os.geteuid()}"
    return found


@contextlib.contextmanager
def _victims() -> Iterator[tuple[dict[str, object], Callable[[], list[str]]]]:
    """Set out what must not be touched; yields the program's arguments, and what tells which of it was touched."""
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
