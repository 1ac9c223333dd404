"""The files that one student or group submitted. Only names are read here, never what a file holds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from grader.model.class_ import LeftOut, Person
from grader.platforms.archive import junk

PROGRAMS = (".py", ".ipynb")
ARCHIVES = (".zip",)
OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".rar", ".7z")
MOST_DEPTH = 6
MOST_FILES = 5_000  # of one student
MOST_LEFT_OUT = 5  # named per student, so that one student's names do not hide the other students'
MOST_NAMED = 5  # files in a message
_OTHERS = ("__pycache__", "node_modules", "site-packages", "venv")  # folders that hold other people's programs


class File(NamedTuple):
    """A file: its name as its author gave it, with folders; where it is; and what the platform called it, if flat."""

    name: str
    path: str
    original: str = ""
    late: bool = False

    @property
    def stem(self) -> str:
        """The name without folders and ending, in lower case."""
        return stem(self.name)

    def ends(self, suffixes: Sequence[str]) -> bool:
        return os.path.splitext(self.name)[1].lower() in suffixes


def stem(name: str) -> str:
    """Return a file's name without folders and ending, in lower case."""
    return os.path.splitext(os.path.basename(name))[0].casefold()


class Version(NamedTuple):
    """One of several submissions by the same people: the platform's name for it, its folder, and its time."""

    original: str
    folder: str
    submitted: str


class StudentFiles(NamedTuple):
    """What one student or group submitted: loose `files` in a folder of the whole class, or a `folder` of their own.

    `instead` is what they submitted that is not a file, such as a text. `submitted` is the time that the platform
    states, `late` its own flag, and `flagged` whether it has one. `earlier` are submissions by the same people before
    this one, the oldest first; `replaced` are files that later ones replace, at times that the platform does not state.
    """

    student: str
    people: tuple[Person, ...]
    original: str
    files: tuple[File, ...] = ()
    folder: str = ""
    instead: str = ""
    late: bool = False
    submitted: str = ""
    flagged: bool = False
    notes: tuple[str, ...] = ()
    earlier: tuple[Version, ...] = ()
    replaced: tuple[LeftOut, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The ids, logins and emails of those who submitted it."""
        words = (self.student, *(word for one in self.people for word in (one.id, one.login, one.email)))
        return tuple(word for word in words if word)


def is_utf8(name: str) -> bool:
    """Tell whether a report can hold a file's name: JSON has no broken characters."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def list_files(student: StudentFiles) -> tuple[list[File], list[LeftOut]]:
    """Return the files that a student submitted, those nearest to the top first, and what is left out."""
    return list_folder(student.folder) if student.folder else (list(student.files), [])


def list_folder(top: str) -> tuple[list[File], list[LeftOut]]:
    """Return the files of a folder and of those in it, nearest first. No link to a folder is followed.

    Files that can neither be graded nor unpacked count, but only the first are returned: enough for a message.
    """
    files: list[File] = []
    left_out: list[LeftOut] = []
    folders, seen, own = [(top, "", 1)], 0, os.path.basename(top)
    for folder, prefix, depth in folders:  # grows while it is read
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            left_out.append(LeftOut(prefix or own, f"cannot be read: {error.strerror}"))
            continue
        for entry in entries:
            if junk(entry.name) or entry.name.lower() in _OTHERS:
                continue
            seen += 1
            if seen > MOST_FILES:
                too_many = LeftOut(own, f"holds more than {MOST_FILES} files: the grader reads the first")
                return files, [*_first(left_out, own), too_many]
            if not is_utf8(entry.name):
                left_out.append(LeftOut(f"{prefix}{entry.name}", "its name is not UTF-8: rename it"))
            elif not entry.is_dir(follow_symlinks=False):
                file = File(f"{prefix}{entry.name}", entry.path)
                if len(files) <= MOST_NAMED or file.ends((*PROGRAMS, *ARCHIVES, *OTHER_ARCHIVES)):
                    files.append(file)
            elif depth < MOST_DEPTH:
                folders.append((entry.path, f"{prefix}{entry.name}/", depth + 1))
    return files, _first(left_out, own)


def _first(left_out: list[LeftOut], own: str) -> list[LeftOut]:
    more = len(left_out) > MOST_LEFT_OUT
    return [*left_out[:MOST_LEFT_OUT], *([LeftOut(own, "holds more that is left out")] if more else [])]
