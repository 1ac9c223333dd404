"""Which of a student's files answers which exercise. Only names decide, never what a file holds.

A file answers an exercise that bears its name (`ex1.py`, `EX1.ipynb`); the one nearest to the top counts. Failing that,
the only program in a folder of that name. Failing that, a file of the name that the course gives it (`layers.py`, for
all exercises that are functions in it). Failing that, where the caller named a single exercise, the student's only
program.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.model.class_ import Entry
from grader.platforms import archive
from grader.platforms.student_files import (
    ARCHIVES,
    MOST_NAMED,
    OTHER_ARCHIVES,
    PROGRAMS,
    File,
    StudentFiles,
    list_folder,
    stem,
)
from grader.submissions.plain import MOST_BYTES, Refused, regular
from grader.text import one_line


class _Pick(NamedTuple):
    """The file that answers an exercise, or why none does."""

    file: File | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()


class Matcher(NamedTuple):
    """Finds a student's file for each exercise.

    `temp` is a private folder, `known` are the names of all exercises' files in lower case, and `refused` gives the
    reason for each file that an unpacked download holds as an empty one only. `names` are the course's names of files.
    """

    temp: Path
    known: Collection[str]
    refused: Mapping[str, str]
    names: Mapping[str, str] = {}

    def entries(
        self,
        student: StudentFiles,
        files: Sequence[File],
        exercises: Sequence[str],
        named: bool,
        rare: Collection[str] = (),
    ) -> list[Entry]:
        """Return an entry for each exercise, for a `rare` one only where a file bears its name.

        `named` tells that all that the caller named is in one file: then a student's only program answers it.
        """
        programs = [file for file in files if file.ends(PROGRAMS)]
        zipped = [file for file in files if file.ends(ARCHIVES)]
        trouble = self._trouble(student, files)
        if zipped and not all(self._by_name(exercise, programs).file for exercise in exercises):
            try:
                unpacked = self._unpacked(zipped)
            except Refused as refusal:
                trouble = str(refusal)
            else:
                files, trouble = [*files, *unpacked], ""
                programs += [file for file in unpacked if file.ends(PROGRAMS)]
        wanted = [id for id in exercises if id not in rare or any(self._by_name(id, programs))]
        picks = {exercise: self._pick(exercise, programs, trouble, named) for exercise in wanted}
        copies, refused = self._copies(student, programs) if any(pick.file for pick in picks.values()) else ({}, {})
        refused |= self.refused
        found = []
        for exercise, pick in picks.items():
            path = pick.file.path if pick.file else ""
            problem = refused.get(path, pick.problem)
            if not path and not problem:
                file = f"{self.names[exercise]} and no " if exercise in self.names else ""
                problem = f"there is no {file}{exercise}.py (or .ipynb); {_found(files)}"
            entry = Entry(
                student=student.student,
                exercise=exercise,
                path="" if problem else copies.get(path, path),
                people=student.people,
                original=(pick.file.original if pick.file else "") or student.original,
                late=pick.file.late if pick.file and any(file.late for file in student.files) else student.late,
                problem=problem,
                notes=(*student.notes, *pick.notes),
                submitted=student.submitted,
                flagged=student.flagged,
            )
            found.append(entry)
        return found

    def _trouble(self, student: StudentFiles, files: Sequence[File]) -> str:
        """Say why there is no program, as far as that is not known file by file."""
        if any(file.ends(PROGRAMS) for file in files):
            return ""
        if student.instead:
            return f"{student.instead} was submitted instead of a file"
        own = os.path.join(student.folder, "")
        why = next((why for path, why in self.refused.items() if student.folder and path.startswith(own)), "")
        if why:
            return why
        other = next((file for file in files if file.ends(OTHER_ARCHIVES)), None)
        if other:
            return f"the grader does not open archives like {one_line(other.name)}: submit a .zip, or the files"
        return f"no program was submitted; {_found(files)}"

    def _unpacked(self, zipped: Sequence[File]) -> list[File]:
        """Unpack a student's archive and return its files as if it was a folder."""
        if len(zipped) > 1:
            raise Refused(f"several archives were submitted ({_names(zipped)}): submit one")
        file = zipped[0]
        if file.path in self.refused:
            raise Refused(self.refused[file.path])
        with archive.room():
            into = Path(tempfile.mkdtemp(dir=self.temp))
        with regular(Path(file.path), own=False) as stream:
            archive.unpack(stream, os.path.basename(file.name), into, archive.STUDENT)
        inner, _ = list_folder(str(into))  # nothing is left out: `unpack` refuses what would be
        return [File(f"{file.name}/{name}", path, file.original, file.late) for name, path, *_ in inner]

    def _pick(self, exercise: str, programs: Sequence[File], trouble: str, named: bool) -> _Pick:
        pick = self._by_name(exercise, programs)
        if pick.file or pick.problem:
            return pick
        if trouble:
            return _Pick(problem=trouble)
        others = [file for file in programs if file.stem not in self.known and file.stem != "__init__"]
        return _only(exercise, others) if named else _Pick()

    def _by_name(self, exercise: str, programs: Sequence[File]) -> _Pick:
        pick = _by_name(exercise, programs)
        named = self.names.get(exercise)
        return pick if any(pick) or not named else _by_name(stem(named), programs)

    def _copies(self, student: StudentFiles, programs: Sequence[File]) -> tuple[dict[str, str], dict[str, str]]:
        """Copy loose files into a folder of their own, under the names that their author gave them.

        Then they can import each other, and no program can import a classmate's. Return where the copies are, and why
        a file has none, by path.
        """
        copies: dict[str, str] = {}
        refused: dict[str, str] = {}
        if student.folder:
            return copies, refused
        with archive.room():
            folder = Path(tempfile.mkdtemp(dir=self.temp))
        loose = set(student.files)
        for file in programs:
            if file in loose and file.path not in self.refused:
                try:
                    copies[file.path] = _copied(file, folder)
                except Refused as refusal:
                    refused[file.path] = str(refusal)
        return copies, refused


def exercise_names(files: Sequence[File]) -> Iterator[str]:
    """Yield the names, in lower case, by which a student's files can answer an exercise; a zip's files count too."""
    for file in [*files, *_zipped_names(files)]:
        if file.ends(PROGRAMS):
            yield file.stem
            yield from os.path.dirname(file.name).casefold().split("/")


def _zipped_names(files: Sequence[File]) -> list[File]:
    """Return the files that a student's archive lists; none where it cannot be read, which `Matcher` reports."""
    zipped = next((file for file in files if file.ends(ARCHIVES)), None)
    if not zipped:
        return []
    try:
        with regular(Path(zipped.path), own=False) as stream:
            return [File(name, "") for name in archive.names(stream, zipped.name, archive.STUDENT)]
    except Refused:
        return []


def _copied(file: File, folder: Path) -> str:
    target = folder / file.name
    with regular(Path(file.path), own=False) as source:
        data = source.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused(f"{one_line(file.name)} is too large: a program may have at most {MOST_BYTES >> 10} KiB")
    if target.exists():  # a file system for which `A.py` and `a.py` are one
        raise Refused(f"{one_line(file.name)} was submitted twice")
    with archive.room():
        target.write_bytes(data)
    return str(target)


def _by_name(exercise: str, programs: Sequence[File]) -> _Pick:
    """Choose the program that bears the exercise's name; `.py` before `.ipynb`, as where students grade their own."""
    wanted = exercise.casefold()
    bearing = [file for file in programs if file.stem == wanted]
    if not bearing:
        inside = [file for file in programs if wanted in os.path.dirname(file.name).casefold().split("/")]
        return _only(exercise, [file for file in inside if file.stem != "__init__"])
    top = min(file.name.count("/") for file in bearing)
    nearest = sorted((file for file in bearing if file.name.count("/") == top), key=_is_notebook)
    best, *rest = nearest
    folder = os.path.dirname(best.name)
    if any(_is_notebook(file) == _is_notebook(best) or os.path.dirname(file.name) != folder for file in rest):
        return _Pick(problem=f"{exercise} was submitted several times ({_names(nearest)}): submit one")
    others = [file for file in bearing if file != best][:MOST_NAMED]
    return _Pick(
        best,
        notes=tuple(f"{one_line(file.name)} was submitted too; {one_line(best.name)} is graded" for file in others),
    )


def _only(exercise: str, programs: Sequence[File]) -> _Pick:
    """Choose the only program, or a notebook beside its export (submissions/find.py decides between them).

    With several, choose none.
    """
    if len(programs) == 2 and len({os.path.splitext(file.name)[0] for file in programs}) == 1:
        return _Pick(next(file for file in programs if _is_notebook(file)))
    if len(programs) > 1:
        return _Pick(problem=f"cannot tell which file is {exercise}: {_names(programs)}; name it {exercise}.py")
    return _Pick(programs[0]) if programs else _Pick()


def _is_notebook(file: File) -> bool:
    return not file.ends((".py",))


def _names(files: Sequence[File]) -> str:
    more = ", …" if len(files) > MOST_NAMED else ""
    return ", ".join(one_line(file.name, 80) for file in files[:MOST_NAMED]) + more


def _found(files: Sequence[File]) -> str:
    return f"found: {_names(files) or 'nothing'}"
