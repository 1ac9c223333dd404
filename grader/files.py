"""Write files whole or not at all, and never into what another user put in a shared folder.

Such a file could be a link to one of our own, or theirs to read, while a class's programs and marks go into it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from grader.errors import GradeError, Problem
from grader.text import one_line


def check_owner(path: Path, mode: int = 0) -> None:
    """Raise GradeError for a link or another user's file. With a `mode`, create an empty file where there is none.

    Where none can be created, opening it fails too, with the reason.
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
        help = "remove it, or name a file in a folder where only you can write: `--out FILE`"
        raise GradeError(Problem(f"`{one_line(str(path))}` {says}", help))


def replace(path: Path, data: bytes, private: bool = False) -> None:
    """Write a file whole or not at all; readers see the old one until then. A link is replaced, not followed.

    A `private` file, with marks or names, is readable by its owner only.
    Raise OSError with the name of this file.
    """
    draft = f"{path}.{os.urandom(4).hex()}.tmp"
    try:
        mode = 0o600 if private else 0o666
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
        os.replace(draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        error.filename, error.filename2 = str(path), None
        raise


def create(path: Path, text: str) -> None:
    """Write a new file. Raise GradeError where there is one already, or where none can be written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        help = "it was not changed; rename it to start over"
        raise GradeError(Problem(f"`{path}` exists already", help)) from None
    except OSError as error:
        help = "`cd` to a folder where you can write"
        raise GradeError(Problem(f"`{path}` cannot be written: {error.strerror}", help)) from None


def is_own_link(path: Path) -> bool:
    """Tell whether there is a link that this user made."""
    return path.is_symlink() and path.lstat().st_uid == _user()


def _user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0  # on Windows, st_uid is always 0
