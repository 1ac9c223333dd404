"""A folder that may be a class, and what recognising it gives: the one form that all layouts share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from grader.errors import GradeError, Problem
from grader.platforms.archive import junk
from grader.platforms.matching import Handed, utf8
from grader.platforms.roster import Roster
from grader.text import one_line

LeftOut = Callable[[str, str], None]


class Place(NamedTuple):
    """A folder: the names of the folders and files in it, sorted, and what helps to tell whose they are."""

    path: str
    folders: tuple[str, ...]
    files: tuple[str, ...]
    known: tuple[str, ...]
    roster: Roster

    def at(self, name: str) -> str:
        return os.path.join(self.path, name)


class Found(NamedTuple):
    """A class recognised. `handed` goes through it once each time that it is called, and tells what it leaves out."""

    says: str
    handed: Callable[[LeftOut], Iterator[Handed]]


class Layout(NamedTuple):
    """One way to lay out a class. `read` returns None for a place that is not laid out so.

    With `forced`, one fitting name is enough; without, half of the names must fit.
    """

    name: str
    expects: str
    read: Callable[[Place, bool], Found | None]


def look(path: str, known: Sequence[str], roster: Roster, left_out: LeftOut) -> Place:
    """List a folder. Links, and names that no report can hold, are left out."""
    folders: list[str] = []
    files: list[str] = []
    try:
        found = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        help = "give a folder that you can read"
        raise GradeError(Problem(f"`{one_line(path)}` cannot be read: {error.strerror}", help)) from None
    for entry in found:
        if junk(entry.name):
            continue
        if not utf8(entry.name):
            left_out(entry.name, "its name is no UTF-8: rename it")
        elif entry.is_symlink():
            left_out(entry.name, "is a link: give the file or folder itself")
        else:
            (folders if entry.is_dir() else files).append(entry.name)
    return Place(path, tuple(folders), tuple(files), tuple(known), roster)


def enough(fitting: int, place: Place, forced: bool) -> bool:
    """Tell whether so many fitting names make a layout."""
    return fitting > 0 and (forced or 2 * fitting >= len(place.folders) + len(place.files))


def count(number: int, what: str) -> str:
    """Write a number and a noun: `1 file`, `2 files`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
