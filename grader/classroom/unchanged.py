"""Which results are of the present programs, exercises and grader: a run grades only the others.

A file that has not changed since it was read is not read again: for a class of 20,000 that takes most of the time.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from grader.classroom.reading import key, read, unread_key
from grader.classroom.store import Store
from grader.exercises.lock import lock_text
from grader.model.class_ import Entry
from grader.model.exercise import Lock
from grader.model.submission import Submission

SETTLED = 2_000_000_000  # nanoseconds; file systems count time in steps of up to two seconds
MOST_BESIDE = 50  # files; a folder with more is not searched for each of them


class Changes(NamedTuple):
    """The rows whose result is of the present program, exercise and grader, and those whose result is of others."""

    current: frozenset[int]
    stale: tuple[int, ...]


def digests_of(locks: Mapping[str, Lock]) -> dict[str, str]:
    """Return the digest of each exercise with its answers and limits."""
    return {id: hashlib.sha256(lock_text(lock)).hexdigest() for id, lock in locks.items()}


def compare(locks: Mapping[str, Lock], store: Store, rows: Sequence[int]) -> Changes:
    """Compare the results with what they depend on now. Nothing is changed yet: the workers may be unable to grade."""
    digests = digests_of(locks)
    current, stale, fresh = set(), [], []
    results = store.known()
    for id in rows:
        known = results.get(id)
        if not known or not known.key:
            continue
        entry = msgspec.json.decode(known.entry, type=Entry)
        mark, lock = signature(entry.path), digests[entry.exercise]
        if mark and mark == known.signature and not entry.notes:
            present = unread_key(known.submission, lock)
        else:
            submission = read(entry)
            present = key(submission, lock)
            if present == known.key and mark and alone(entry, submission):
                fresh.append((id, mark, submission.id))
        if present == known.key:
            current.add(id)
        else:
            stale.append(id)
    store.remember_files(fresh)
    return Changes(frozenset(current), tuple(stale))


def signature(path: str) -> str:
    """Return what is different once a file or its folder has changed: places, sizes and times of both.

    It is empty where that is not sure: the file is not a regular one, or one of them changed in the last seconds, so
    that another change could have the same time. The time of the last change (`ctime`) cannot be set by a program.
    """
    if os.name == "nt":  # which has no such time
        return ""
    try:
        both = os.lstat(path), os.lstat(os.path.dirname(path) or ".")
    except OSError:
        return ""
    if not stat.S_ISREG(both[0].st_mode) or not stat.S_ISDIR(both[1].st_mode):
        return ""
    if time.time_ns() - max(it.st_ctime_ns for it in both) < SETTLED:
        return ""
    return " ".join(f"{it.st_dev} {it.st_ino} {it.st_size} {it.st_mtime_ns} {it.st_ctime_ns}" for it in both) + path


def alone(entry: Entry, submission: Submission) -> bool:
    """Tell whether nothing but its own file decides what a submission is: no module, note, or folder beside it.

    A new module beside it changes the folder, but one in a folder of that folder would not.
    """
    if submission.refused or submission.modules or submission.notes or entry.notes or submission.kind == "folder":
        return False
    try:
        with os.scandir(os.path.dirname(entry.path) or ".") as beside:
            return all(count < MOST_BESIDE and it.is_file(follow_symlinks=False) for count, it in enumerate(beside))
    except OSError:
        return False
