"""Gradescope: its "Download Submissions" and its grades.

A download has a folder for each submission, and `submission_metadata.yml` names its people and times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from grader.errors import GradeError, Problem
from grader.model.class_ import LeftOut, Person
from grader.platforms.class_folder import ClassFolder, Found, Layout, count
from grader.platforms.gradebook import Book, Filled, Key, Mark, begins, column, fill
from grader.platforms.sheet import Row, read
from grader.platforms.student_files import StudentFiles, Version

if TYPE_CHECKING:
    from grader.platforms.gradescope_metadata import Submitted

METADATA = "submission_metadata.yml"
EXPORT = re.compile(r"assignment_\d+_export")  # the folder in a downloaded zip, as Gradescope names it


def _read(folder: ClassFolder, _forced: bool) -> Found | None:
    if METADATA not in folder.files:
        return None
    from grader.platforms.gradescope_metadata import submitted  # loading YAML takes time that other layouts do not need

    submissions = submitted(folder.at(METADATA))
    students, left_out = _students(folder, submissions)
    return Found(f"Gradescope export: {count(len(submissions), 'submission')}", students, left_out)


def _students(folder: ClassFolder, submissions: Sequence[Submitted]) -> tuple[list[StudentFiles], list[LeftOut]]:
    versions: dict[str, list[Submitted]] = {}
    left_out: list[LeftOut] = []
    folders = set(folder.folders)
    for one in sorted(submissions, key=_age):
        if one.folder not in folders:
            left_out.append(LeftOut(one.folder, f"is in {METADATA}, but there is no such folder"))
            continue
        versions[one.student] = [*versions.pop(one.student, ()), one]
    named = {METADATA, *(one.folder for one in submissions)}
    left_out += [
        LeftOut(name, f"is not in {METADATA}") for name in (*folder.folders, *folder.files) if name not in named
    ]
    return [_files(folder, student, every) for student, every in versions.items()], left_out


def _files(folder: ClassFolder, student: str, versions: Sequence[Submitted]) -> StudentFiles:
    *before, one = versions
    earlier = tuple(Version(it.folder, folder.at(it.folder), it.at) for it in before)
    people = tuple(person if person.id else Person(student, person.name, person.email) for person in one.people)
    return StudentFiles(student, people, one.folder, folder=folder.at(one.folder), submitted=one.at, earlier=earlier)


def _age(one: Submitted) -> tuple[float, int, str]:
    number = re.search(r"(\d{1,18})$", one.folder)
    return one.created, int(number[1]) if number else 0, one.folder


LAYOUT = Layout("gradescope", f"a folder for each submission and `{METADATA}`", _read)


def fill_gradebook(data: bytes, marks: Iterable[Mark], where: str) -> Filled:
    """Fill in `Total Score` of the grades that Gradescope exported, by SID, then by email."""
    sheet = read(data, where)
    score, most, sid, email = (column(sheet, name) for name in ("Total Score", "Max Points", "SID", "Email"))
    if score is None or most is None or (sid is None and email is None):
        says = f"this is not the header of Gradescope's grades: {begins(sheet)}"
        help = "it should have `Total Score`, `Max Points` and `SID` or `Email`, each once: use Download Grades, CSV"
        raise GradeError(Problem(says, help, f"{where}:1"))
    keys = [Key(sid, ("id", "login"))] if sid is not None else []
    keys += [Key(email, ("email", "login", "id"))] if email is not None else []
    names = [i for i in (column(sheet, name) for name in ("First Name", "Last Name", "Name")) if i is not None]

    def name(row: Row) -> str:
        return " ".join(row.text(i) for i in names or [key.column for key in keys[:1]])

    return fill(Book(sheet, where, sheet.rows, score, keys, name, lambda row: row.text(most), lambda _: ""), marks)
