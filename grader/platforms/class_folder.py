"""A folder that may hold a class, and what recognising it gives: the form that all layouts share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from grader.errors import GradeError, Problem
from grader.model.class_ import LeftOut
from grader.platforms.archive import junk
from grader.platforms.roster import Roster
from grader.platforms.student_files import StudentFiles, is_utf8
from grader.text import one_line


class ClassFolder(NamedTuple):
    """A folder: the names of the folders and files in it, sorted, and what helps to tell whose they are.

    `refused` gives the reason for each path that unpacking a zip left empty or left out.
    """

    path: str
    folders: tuple[str, ...]
    files: tuple[str, ...]
    known: tuple[str, ...]
    roster: Roster
    left_out: tuple[LeftOut, ...] = ()
    refused: Mapping[str, str] = {}

    def at(self, name: str) -> str:
        return os.path.join(self.path, name)


class Found(NamedTuple):
    """A recognised class: a line that describes it, what each student submitted, and what is left out."""

    summary: str
    students: Sequence[StudentFiles]
    left_out: Sequence[LeftOut]


class Layout(NamedTuple):
    """A way to lay out a class. `read` returns None for a folder that is laid out differently.

    `expects` describes the layout in an error. With `forced` a single fitting name is enough, otherwise half of the
    names must fit.
    """

    name: str
    expects: str
    read: Callable[[ClassFolder, bool], Found | None]


def list_class_folder(path: str, known: Sequence[str], roster: Roster) -> ClassFolder:
    """List a folder. Links, and names that no report can hold, are left out."""
    folders: list[str] = []
    files: list[str] = []
    left_out: list[LeftOut] = []
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        help = "give a folder that you can read"
        raise GradeError(Problem(f"`{one_line(path)}` cannot be read: {error.strerror}", help)) from None
    for entry in entries:
        if junk(entry.name):
            continue
        if not is_utf8(entry.name):
            left_out.append(LeftOut(entry.name, "its name is not UTF-8: rename it"))
        elif entry.is_symlink():
            left_out.append(LeftOut(entry.name, "is a link: give the file or folder itself"))
        else:
            (folders if entry.is_dir() else files).append(entry.name)
    return ClassFolder(path, tuple(folders), tuple(files), tuple(known), roster, tuple(left_out))


def enough(fitting: int, folder: ClassFolder, forced: bool) -> bool:
    """Tell whether so many fitting names make a layout."""
    return fitting > 0 and (forced or 2 * fitting >= len(folder.folders) + len(folder.files))


def count(number: int, what: str) -> str:
    """Write a number and a noun: `1 file`, `2 files`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
