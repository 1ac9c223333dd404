"""A cgroup of its own for each of a zygote's programs, on machines that delegate a part of the tree (cgroup v2).

It counts what limits cannot: the kernel's memory and the page cache for a program, its peak, and whether the kernel
ended it for want of memory. Nothing is required of it: where nothing is delegated, nothing changes and nothing is paid.
`systemd-run --user --scope -p Delegate=yes grade …` has it delegated; so have some containers.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

ROOT = Path("/sys/fs/cgroup")
SELF = Path("/proc/self/cgroup")
NEEDED = ("memory", "pids")
OWN = "grader"  # where this process moves to: a cgroup that has processes cannot share out its controllers


class Undelegated(Exception):
    """There is no part of the tree for us; the text says why."""


class Peak(NamedTuple):
    """What came of a program's memory: the most bytes it had, and whether it was ended for want of more."""

    bytes: int
    killed: bool


class Leaf:
    """One program's cgroup: made empty, joined by a process, removed when that has ended."""

    def __init__(self, parent: Path) -> None:
        self.folder = parent / f"program-{os.getpid()}-{os.urandom(6).hex()}"
        self.folder.mkdir()
        try:
            self._write("pids.max", 1)
            with contextlib.suppress(FileNotFoundError, PermissionError):  # a kernel without swap has no such file
                self._write("memory.swap.max", 0)
        except OSError:
            self.remove()
            raise

    def limit(self, mebibytes: int) -> None:
        """Limit all of its memory."""
        self._write("memory.max", mebibytes << 20)

    def take(self, pid: int) -> None:
        """Put a process into it."""
        self._write("cgroup.procs", pid)

    def peak(self) -> Peak:
        """Return what came of its memory so far."""
        most, killed = 0, False
        with contextlib.suppress(OSError, ValueError):  # `memory.peak` is of Linux 5.19
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
    """Return the folder in which a program's cgroup can be made; this process may be moved for it, below where it is.

    Raise Undelegated, with the reason, where that must not or cannot be done.
    """
    here = _here(root, own)
    parent = here.parent if here.name == OWN else here
    try:
        if here.name != OWN:
            _check(here, root)
        if here.name != OWN and (here / "cgroup.type").exists():  # the machine's own root has none, and is left alone
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
        raise Undelegated("this machine has no cgroup v2 tree of its own")
    return root / path.lstrip("/")


def _check(here: Path, root: Path) -> None:
    """Raise Undelegated unless this part of the tree is ours. That root can write there proves nothing."""
    controllers = (here / "cgroup.controllers").read_text(encoding="ascii").split()
    lacking = [name for name in NEEDED if name not in controllers]
    if lacking:
        raise Undelegated(f"{here} has no controller for {' and '.join(lacking)}")
    marks = []
    for name in ("user.delegate", "trusted.delegate"):  # systemd's word for it
        with contextlib.suppress(OSError, AttributeError):
            marks.append(os.getxattr(here, name))
    ours = here.stat().st_uid == os.geteuid() != 0
    if b"1" not in marks and not ours and here != root:
        raise Undelegated(f"{here} is not delegated (`systemd-run --scope -p Delegate=yes grade …`)")
