"""What one student handed in, and which file of it answers which exercise. Names are looked at, never content.

A file answers an exercise that bears its name (`ex1.py`, `EX1.ipynb`); the one nearest the top counts. Failing that,
the only program in a folder named so. Failing that, where one exercise was asked for, the student's only program.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.model.class_ import Entry, Person
from grader.platforms import archive
from grader.submissions.plain import MOST_BYTES, Refused, regular
from grader.text import one_line

PROGRAMS = (".py", ".ipynb")
ARCHIVES = (".zip",)
OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".rar", ".7z")
MOST_DEPTH = 6
MOST_SEEN = 5_000  # files of one student
MOST_LEFT_OUT = 5  # of one student's are named: more would hide what is said of others
_OTHERS = ("__pycache__", "node_modules", "site-packages", "venv")  # folders that hold programs of strangers


class File(NamedTuple):
    """A file: its name as its author gave it, with folders; where it is; and what the platform called it, if flat."""

    name: str
    path: str
    original: str = ""
    late: bool = False

    @property
    def stem(self) -> str:
        return os.path.splitext(os.path.basename(self.name))[0].casefold()

    def ends(self, suffixes: Sequence[str]) -> bool:
        return os.path.splitext(self.name)[1].lower() in suffixes


class Handed(NamedTuple):
    """What one student or group handed in: loose `files` in a folder of the whole class, or a `folder` of their own.

    `instead` says what was handed in that is no file.
    """

    student: str
    people: tuple[Person, ...]
    original: str
    files: tuple[File, ...] = ()
    folder: str = ""
    instead: str = ""
    late: bool = False


class _Pick(NamedTuple):
    file: File | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()


def utf8(name: str) -> bool:
    """Tell whether a file's name can be written into a report; JSON knows no broken characters."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


class Desk:
    """Sorts what each student handed in. `temp` is private; `left_out` is told what is not looked at.

    `refused` says of files that stand empty in an unpacked download why they do.
    """

    def __init__(self, temp: Path, known: Sequence[str], left_out: Callable[[str, str], None]) -> None:
        self._temp, self._known, self._left_out = temp, {id.casefold() for id in known}, left_out
        self.refused: dict[str, str] = {}

    def ids(self, handed: Handed) -> Iterator[str]:
        """Yield the names, in lower case, by which what was handed in can answer an exercise."""
        files = list(self._files(handed))
        for zipped in [file for file in files if file.ends(ARCHIVES)][:1]:
            try:
                with regular(Path(zipped.path), own=False) as opened:
                    inner = archive.names(opened, zipped.name, archive.STUDENT)
                files += [File(name, "") for name in inner]
            except Refused:
                continue
        for file in files:
            if file.ends(PROGRAMS):
                yield file.stem
                yield from os.path.dirname(file.name).casefold().split("/")

    def entries(
        self, handed: Handed, exercises: Sequence[str], named: bool, rare: Collection[str] = ()
    ) -> Iterator[Entry]:
        """Yield an entry for each exercise, for a `rare` one only where something bears its name.

        Where one was `named`, a student's only program answers it.
        """
        files = list(self._files(handed))
        programs = [file for file in files if file.ends(PROGRAMS)]
        zipped = [file for file in files if file.ends(ARCHIVES)]
        trouble = self._trouble(handed, files)
        if zipped and not all(_by_name(exercise, programs).file for exercise in exercises):
            try:
                unpacked = list(self._unpacked(zipped))
                files, trouble = [*files, *unpacked], ""
                programs += [file for file in unpacked if file.ends(PROGRAMS)]
            except Refused as refusal:
                trouble = str(refusal)
        wanted = [id for id in exercises if id not in rare or any(_by_name(id, programs))]
        picks = {exercise: self._pick(exercise, programs, trouble, named) for exercise in wanted}
        homes = self._staged(handed, programs) if any(pick.file for pick in picks.values()) else {}
        for exercise, pick in picks.items():
            path = pick.file.path if pick.file else ""
            problem = self.refused.get(path, pick.problem)
            if not path and not problem:
                problem = f"there is no {exercise}.py (or .ipynb); {_found(files)}"
            yield Entry(
                student=handed.student,
                exercise=exercise,
                path="" if problem else homes.get(path, path),
                people=handed.people,
                original=(pick.file.original if pick.file else "") or handed.original,
                late=pick.file.late if pick.file else handed.late,
                problem=problem,
                notes=pick.notes,
            )

    def _files(self, handed: Handed) -> Iterator[File]:
        if not handed.folder:
            yield from handed.files
            return
        for name, path in self._walk(handed.folder):
            yield File(name, path)

    def _walk(self, top: str) -> Iterator[tuple[str, str]]:
        """Yield the files of a folder and of those in it, nearest first; no link to a folder is followed."""
        folders, seen, left = [(top, "", 1)], 0, 0

        def leave_out(name: str, why: str) -> None:
            nonlocal left
            left += 1
            if left <= MOST_LEFT_OUT:
                self._left_out(name, why)
            elif left == MOST_LEFT_OUT + 1:
                self._left_out(os.path.basename(top), "holds more that is left out")

        for folder, prefix, depth in folders:
            try:
                found = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                leave_out(prefix or os.path.basename(top), f"cannot be read: {error.strerror}")
                continue
            for entry in found:
                if archive.junk(entry.name) or entry.name.lower() in _OTHERS:
                    continue
                seen += 1
                if seen > MOST_SEEN:
                    self._left_out(os.path.basename(top), f"holds more than {MOST_SEEN} files; the first are looked at")
                    return
                if not utf8(entry.name):
                    leave_out(f"{prefix}{entry.name}", "its name is no UTF-8: rename it")
                elif not entry.is_dir(follow_symlinks=False):
                    yield f"{prefix}{entry.name}", entry.path
                elif depth < MOST_DEPTH:
                    folders.append((entry.path, f"{prefix}{entry.name}/", depth + 1))

    def _trouble(self, handed: Handed, files: Sequence[File]) -> str:
        """Say why there is no program, as far as that is not known file by file."""
        if any(file.ends(PROGRAMS) for file in files):
            return ""
        if handed.instead:
            return f"{handed.instead} was handed in, no file"
        own = os.path.join(handed.folder, "")
        why = next((why for path, why in self.refused.items() if handed.folder and path.startswith(own)), "")
        if why:
            return why
        other = next((file for file in files if file.ends(OTHER_ARCHIVES)), None)
        if other:
            return f"{one_line(other.name)} is an archive that is not opened: hand in a .zip, or the files"
        return f"nothing was handed in that could be graded; {_found(files)}"

    def _unpacked(self, zipped: Sequence[File]) -> Iterator[File]:
        """Yield the files of a student's archive, as if it was a folder."""
        if len(zipped) > 1:
            raise Refused(f"there are several archives ({_names(zipped)}): hand in one")
        file, into = zipped[0], Path(tempfile.mkdtemp(dir=self._temp))
        if file.path in self.refused:
            raise Refused(self.refused[file.path])
        with regular(Path(file.path), own=False) as opened:
            archive.unpack(opened, os.path.basename(file.name), into, archive.STUDENT)
        for name, path in self._walk(str(into)):
            yield File(f"{file.name}/{name}", path, file.original, file.late)

    def _pick(self, exercise: str, programs: Sequence[File], trouble: str, named: bool) -> _Pick:
        pick = _by_name(exercise, programs)
        if pick.file or pick.problem or trouble:
            return pick if pick.file or pick.problem else _Pick(problem=trouble)
        others = [file for file in programs if file.stem not in self._known and file.stem != "__init__"]
        if not named or not others:
            return _Pick()
        if len(others) == 1:
            return _Pick(others[0])
        return _Pick(problem=f"cannot tell which file is {exercise}: {_names(others)}; name it {exercise}.py")

    def _staged(self, handed: Handed, programs: Sequence[File]) -> dict[str, str]:
        """Copy loose files into a folder of their own, under the names that their author gave them.

        So they can import each other, and nobody's program can import a classmate's.
        """
        homes: dict[str, str] = {}
        if handed.folder:
            return homes
        with archive.room():
            home = Path(tempfile.mkdtemp(dir=self._temp))
        loose = set(handed.files)
        for file in programs:
            if file in loose and file.path not in self.refused:
                try:
                    homes[file.path] = _copied(file, home)
                except Refused as refusal:
                    self.refused[file.path] = str(refusal)
        return homes


def _copied(file: File, home: Path) -> str:
    target = home / file.name
    with regular(Path(file.path), own=False) as source:
        data = source.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused(f"{one_line(file.name)} is too large: a program of at most {MOST_BYTES >> 10} KiB is read")
    if target.exists():  # where `A.py` and `a.py` are one
        raise Refused(f"{one_line(file.name)} is there twice")
    with archive.room():
        target.write_bytes(data)
    return str(target)


def _by_name(exercise: str, programs: Sequence[File]) -> _Pick:
    """Choose the program that bears the exercise's name; `.py` before `.ipynb`, as where a student grades her own."""
    wanted = exercise.casefold()
    bearing = [file for file in programs if file.stem == wanted]
    if not bearing:
        inside = [file for file in programs if wanted in os.path.dirname(file.name).casefold().split("/")]
        own = [file for file in inside if file.stem != "__init__"]
        if len(own) > 1:
            return _Pick(problem=f"cannot tell which file is {exercise}: {_names(own)}; name it {exercise}.py")
        return _Pick(own[0]) if own else _Pick()
    top = min(file.name.count("/") for file in bearing)
    nearest = sorted((file for file in bearing if file.name.count("/") == top), key=_kind)
    best = nearest[0]
    if any(
        _kind(file) == _kind(best) or os.path.dirname(file.name) != os.path.dirname(best.name) for file in nearest[1:]
    ):
        return _Pick(problem=f"{exercise} is there several times: {_names(nearest)}; hand in one")
    notes = (f"{one_line(file.name)} is here too; {one_line(best.name)} is graded" for file in bearing if file != best)
    return _Pick(best, notes=tuple(notes)[:5])


def _kind(file: File) -> bool:
    return not file.ends((".py",))


def _names(files: Sequence[File]) -> str:
    more = ", …" if len(files) > 5 else ""
    return ", ".join(one_line(file.name, 80) for file in files[:5]) + more


def _found(files: Sequence[File]) -> str:
    return f"found: {_names(files) or 'nothing'}"
