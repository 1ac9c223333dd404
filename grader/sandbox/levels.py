"""The isolation levels: what each one prevents, what it does not, and what it needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

from grader.model.report import Isolation
from grader.sandbox.process import Process, chain

SAYS = {
    "namespaces": "sandboxed: it can see only Python and the allowed packages (namespaces, Landlock, seccomp)",
    "landlock": "sandboxed: it can read only Python and the allowed packages (Landlock, seccomp)",
    "process": "own process with limits on time, memory and output, but no sandbox",
}
NOTHING_RUN = Isolation("none", "nothing was run", ())
WEAKNESSES = {
    "namespaces": (),
    "landlock": ("the program can see whether a file exists, its size and where a link leads, but cannot read it",),
    "process": (
        "the program can read this user's files, including the stored answers, and use the network",
        "it can end other processes of this user, including the grader, and start processes that outlive it",
    ),
}
REMARKS = {
    "no landlock": "this kernel has no Landlock: only the mount namespace restricts access to files",
    "same user": "the program runs as the user who grades: only seccomp protects that user's other processes",
}
REMEDIES = {
    "namespaces": "allow user namespaces"
    " (Ubuntu: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`;"
    " containers: `--security-opt seccomp=unconfined`)",
    "landlock": "use Linux 5.13 or later with Landlock among its security modules (kernel parameter `lsm=landlock,…`)",
}


def starter(requested: str, early: Process | None) -> tuple[Process | None, Callable[[], Process]]:
    """Return the process that was started early, if its levels are the requested ones, and what starts another.

    `requested` is as for `chain`.
    """
    levels = chain(requested)
    if early and early.levels != levels:
        early.close()
        early = None
    return early, partial(process_class(), levels)


def process_class() -> type[Process]:
    """Return the class of process that runs a program on this system."""
    if os.name == "posix":
        return Process
    from grader.sandbox.portable import Portable

    return Portable


def isolation(level: str, remarks: Sequence[str] = ()) -> Isolation:
    """Return what a Report says about the isolation level that was used."""
    weaknesses = [*WEAKNESSES[level], *(REMARKS[remark] for remark in remarks if remark in REMARKS)]
    return Isolation(level, SAYS[level], tuple(weaknesses))
