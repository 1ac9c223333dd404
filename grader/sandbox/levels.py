"""The walls there are, what each of them is worth, and what to do where one cannot be had."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

from grader.model.report import Isolation
from grader.sandbox.process import LEVELS, Process

SAYS = {
    "namespaces": "shut in: it sees nothing but Python and the allowed packages (namespaces, Landlock, seccomp)",
    "landlock": "shut in: it may read Python and the allowed packages only (Landlock, seccomp)",
    "process": "own process with limits on time, memory and output",
}
NOTHING_RUN = Isolation("none", "nothing was run", ())
WEAKNESSES = {
    "namespaces": (),
    "landlock": ("the program can ask whether a file exists, how large it is and where a link leads, but not read it",),
    "process": (
        "the program can read this user's files, the stored answers among them, and use the network",
        "it can end other processes of this user, the grader too, and start some that outlive it",
    ),
}
REMARKS = {
    "no landlock": "this kernel has no Landlock: files are held back by the mount namespace alone",
    "search": "Python lies in a private home: the program may pass through every folder (Landlock says what it reads)",
    "same user": "the program runs as the user who grades; only seccomp keeps it from that user's processes",
}
REMEDIES = {
    "namespaces": "user namespaces must be allowed"
    " (Ubuntu: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`;"
    " containers: `--security-opt seccomp=unconfined`)",
    "landlock": "Linux 5.13 or later with `landlock` among its security modules (kernel command line `lsm=landlock,…`)",
}


def chain(asked: str) -> tuple[str, ...]:
    """Return the levels to try for what was asked for: one of LEVELS, `wall` for real walls only, or `auto` for all."""
    return {"auto": LEVELS, "wall": LEVELS[:-1]}.get(asked, (asked,))


def starter(asked: str, early: Process | None) -> tuple[Process | None, Callable[[], Process]]:
    """Return the process that was started early, if it is of the levels asked for, and what starts more of them."""
    levels = chain(asked)
    if early and early.levels != levels:
        early.close()
        early = None
    return early, partial(kind(), levels)


def kind() -> type[Process]:
    """Return what runs a program on this system."""
    if os.name == "posix":
        return Process
    from grader.sandbox.portable import Portable

    return Portable


def isolation(level: str, remarks: Sequence[str] = ()) -> Isolation:
    """Return what a Report says of the wall that stood."""
    weaknesses = [*WEAKNESSES[level], *(REMARKS[remark] for remark in remarks if remark in REMARKS)]
    return Isolation(level, SAYS[level], tuple(weaknesses))
