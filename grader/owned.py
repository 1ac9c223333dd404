"""Files that we write in folders where others may write too: one that a stranger put there is not written into.

It could be a link to a file of our own, or theirs to read: everybody's programs go into it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from grader.errors import GradeError, Problem
from grader.text import one_line


def ours(path: Path, mode: int = 0) -> None:
    """Raise GradeError where there is a link or a stranger's file. With a `mode`, make an empty one where none is.

    Where none can be made it is for whoever opens it to say why.
    """
    with contextlib.suppress(OSError):
        if mode:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, mode))
    try:
        found, around = path.lstat(), path.parent.stat()
    except OSError:
        return
    says = ""
    if stat.S_ISLNK(found.st_mode):
        says = "is a link, and is not followed"
    elif found.st_uid != _user() and around.st_mode & stat.S_IWOTH:
        says = "is another user's, in a folder where everybody can write"
    if says:
        help = "take it away, or choose another place with `--out`: a folder where only you can write"
        raise GradeError(Problem(f"`{one_line(str(path))}` {says}", help))


def is_own_link(path: Path) -> bool:
    """Tell whether there is a link that this user made."""
    return path.is_symlink() and path.lstat().st_uid == _user()


def _user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0  # Windows: every file says 0 there
