"""A cgroup for each program of a fork server, on machines that delegate a part of the cgroup v2 tree to the grader.

It counts what resource limits cannot: the kernel's memory and the page cache for a program, its peak, and whether the
kernel ended it for lack of memory. It is optional and costs nothing where no part is delegated.
`systemd-run --user --scope -p Delegate=yes grade …` delegates one; so do some containers.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

ROOT = Path("/sys/fs/cgroup")
SELF = Path("/proc/self/cgroup")
NEEDED = ("memory", "pids")
OWN = "grader"  # this process moves here: a cgroup that contains processes cannot pass its controllers on


class Undelegated(Exception):
    """No part of the tree is delegated to the grader; the text says why."""


class Peak(NamedTuple):
    """A program's peak memory in bytes, and whether the kernel ended it for lack of memory."""

    bytes: int
    killed: bool


class Leaf:
    """One program's cgroup: created empty, joined by its process, removed when that has ended."""

    def __init__(self, parent: Path) -> None:
        self.folder = parent / f"program-{os.getpid()}-{os.urandom(6).hex()}"
        self.folder.mkdir()
        try:
            self._write("pids.max", 1)
            with contextlib.suppress(FileNotFoundError, PermissionError):  # a kernel without swap lacks this file
                self._write("memory.swap.max", 0)
        except OSError:
            self.remove()
            raise

    def limit(self, mebibytes: int) -> None:
        """Limit all of its memory."""
        self._write("memory.max", mebibytes << 20)

    def add(self, pid: int) -> None:
        """Move a process into it."""
        self._write("cgroup.procs", pid)

    def peak(self) -> Peak:
        """Return its peak so far."""
        most, killed = 0, False
        with contextlib.suppress(OSError, ValueError):  # Linux 5.19 added `memory.peak`
            killed = "oom_kill 0" not in (self.folder / "memory.events").read_text(encoding="ascii").splitlines()
            most = int((self.folder / "memory.peak").read_text(encoding="ascii"))
        return Peak(most, killed)

    def remove(self) -> None:
        """Remove it; its process has ended."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _write(self, name: str, value: int) -> None:
        (self.folder / name).write_text(str(value), encoding="ascii")


def delegated(root: Path = ROOT, own: Path = SELF) -> Path:
    """Return the folder for the programs' cgroups. For that, this process may move to a cgroup below its own.

    Raise Undelegated, with the reason, if that is not permitted or fails.
    """
    here = _here(root, own)
    parent = here.parent if here.name == OWN else here
    try:
        if here.name != OWN:
            _check(here, root)
        # only the root of the machine's tree has no `cgroup.type`; that one is not changed
        if here.name != OWN and (here / "cgroup.type").exists():
            (here / OWN).mkdir(exist_ok=True)
            for pid in (here / "cgroup.procs").read_text(encoding="ascii").split():
                (here / OWN / "cgroup.procs").write_text(pid, encoding="ascii")
            words = " ".join(f"+{name}" for name in NEEDED)
            (here / "cgroup.subtree_control").write_text(words, encoding="ascii")
        probe = Leaf(parent)
        try:
            probe.limit(64)
        finally:
            probe.remove()
    except OSError as error:
        raise Undelegated(f"{error.filename}: {error.strerror} (errno {error.errno})") from None
    return parent


def _here(root: Path, own: Path) -> Path:
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Undelegated(f"{error.filename}: {error.strerror} (errno {error.errno})") from None
    path = next((line.removeprefix("0::") for line in lines if line.startswith("0::/")), None)
    if path is None or not (root / "cgroup.controllers").exists():
        raise Undelegated("this machine has no cgroup v2 tree")
    return root / path.lstrip("/")


def _check(here: Path, root: Path) -> None:
    """Raise Undelegated unless this part of the tree is delegated. That root can write to it proves nothing."""
    controllers = (here / "cgroup.controllers").read_text(encoding="ascii").split()
    missing = [name for name in NEEDED if name not in controllers]
    if missing:
        raise Undelegated(f"{here} has no controller for {' and '.join(missing)}")
    marks = []
    for name in ("user.delegate", "trusted.delegate"):  # the attributes that systemd sets
        with contextlib.suppress(OSError, AttributeError):
            marks.append(os.getxattr(here, name))
    own = here.stat().st_uid == os.geteuid() != 0
    if b"1" not in marks and not own and here != root:
        raise Undelegated(f"{here} is not delegated (`systemd-run --scope -p Delegate=yes grade …`)")
