"""Import every module of the grader where what only Unix or only Linux has is absent, then grade a program.

A test runs this file as a program, in a folder with ex1.py. Other packages are imported first: they adapt to the system
that they run on.
"""

from __future__ import annotations

import builtins
import importlib
import os
import signal
import subprocess  # noqa: F401
import sys
from pathlib import Path
from typing import Any

import click  # noqa: F401
import msgspec  # noqa: F401
import numpy  # noqa: F401
import pytest  # noqa: F401
import rich.console  # noqa: F401
import yaml  # noqa: F401

MODULES = ("fcntl", "resource", "termios", "pwd", "grp", "syslog")
OF_OS = (
    *("fork", "forkpty", "posix_spawn", "waitid", "wait3", "wait4", "killpg", "setsid", "getpgid", "setpgid"),
    *("getuid", "geteuid", "getgid", "getegid", "setuid", "setgid", "pidfd_open", "memfd_create", "pipe2", "unshare"),
    *("O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC", "O_PATH", "sched_getaffinity", "mkfifo", "chown"),
    *("lchown", "fchown", "WNOHANG", "uname", "statvfs", "nice", "getloadavg", "sysconf", "fchmod"),
)
OF_SIGNAL = ("SIGCHLD", "SIGHUP", "SIGALRM", "SIGXCPU", "SIGPIPE", "SIGSYS", "pthread_sigmask", "setitimer")


def remove() -> None:
    """Take away what other systems do not have."""
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in ((os, OF_OS), (signal, OF_SIGNAL)):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    real = builtins.open

    def without_proc(file: Any, *rest: Any, **more: Any) -> Any:
        if str(file).startswith("/proc"):
            raise FileNotFoundError(file)
        return real(file, *rest, **more)

    builtins.open = without_proc


def imported() -> int:
    """Import all modules that run in the grader's own process, and return how many there are."""
    import grader

    home = Path(grader.__file__).parent
    paths = [path.relative_to(home.parent).with_suffix("") for path in sorted(home.rglob("*.py"))]
    ours = [path for path in paths if path.name not in ("child", "__init__") and "inside" not in path.parts]
    for path in ours:
        importlib.import_module(".".join(path.parts))
    return len(ours)


def main() -> None:
    """Print how many modules could be imported, and what the grader says about ex1.py."""
    remove()
    print(imported(), flush=True)  # noqa: T201
    from grader.exercises.lock import read_lock
    from grader.exercises.pack import pack_folder
    from grader.judging.grade import grade
    from grader.sandbox.portable import Portable
    from grader.submissions.find import find

    report = grade(read_lock(pack_folder(), "ex1"), find("ex1"), start=lambda: Portable(("process",)))
    print(report.score, report.isolation.level, report.isolation.weaknesses)  # noqa: T201


if __name__ == "__main__":
    main()
