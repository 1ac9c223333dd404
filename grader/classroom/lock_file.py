"""The lock beside a class's results: one command writes at a time, and whoever comes second learns who is first.

The lock is a transaction on a small SQLite file, which the system ends with the process that holds it, however that
process ends. The transaction only reserves the file, so others can read in it who holds it.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import sqlite3
from pathlib import Path

from grader.errors import EnvironmentTrouble, GradeError, Problem
from grader.files import check_owner
from grader.text import one_line

_TABLE = "CREATE TABLE IF NOT EXISTS holder (user TEXT, host TEXT, process INTEGER, since TEXT)"


def hold(path: Path) -> sqlite3.Connection:
    """Return a connection that holds the lock of the results at `path` until it is closed.

    Raise GradeError where another process holds it, EnvironmentTrouble where the file cannot be written.
    """
    lock = None
    place = Path(f"{path}.lock")
    check_owner(place, _mode(path))
    try:
        lock = sqlite3.connect(place, isolation_level=None, timeout=0.0)
        lock.execute("BEGIN IMMEDIATE")
        lock.execute(_TABLE)
        lock.execute("DELETE FROM holder")
        who = (_user(), socket.gethostname(), os.getpid())
        lock.execute("INSERT INTO holder VALUES (?, ?, ?, datetime('now'))", who)
        lock.execute("COMMIT")
        lock.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        if lock:
            lock.close()
        shown = one_line(str(path))
        if "locked" in str(error):
            help = "wait until that command ends; if nothing else runs, the same command works again"
            raise GradeError(Problem(f"another command is writing `{shown}`{_holder(place)}", help)) from None
        folder = one_line(str(path.parent))
        help = "check `--out`" if path.parent.is_dir() else f"there is no folder `{folder}`"
        raise EnvironmentTrouble(Problem(f"`{shown}` cannot be written: {error}", help)) from None
    return lock


def _mode(path: Path) -> int:
    """Return the permissions of the results, for whoever may write to them may hold the lock; else the owner's."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return 0o600


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user need not have a name
        return "?"


def _holder(place: Path) -> str:
    """Return who holds the lock, if that can be read."""
    found = None
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(place, timeout=1.0)) as lock:
        found = lock.execute("SELECT user, host, process, since FROM holder").fetchone()
    if not found:
        return ""
    user, host, process, since = found
    return f": {one_line(user, 60)} on {one_line(host, 60)}, process {process}, since {since} UTC"
