"""Gradescope's "Download Submissions": a folder for each, and `submission_metadata.yml` that says whose it is.

Of several submissions by the same people the newest counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from grader.intake.handed import Handed
from grader.intake.place import Found, Layout, LeftOut, Place, count
from grader.model import Person
from grader.text import one_line

if TYPE_CHECKING:
    from grader.intake.metadata import Submitted

METADATA = "submission_metadata.yml"


def _read(place: Place, _forced: bool) -> Found | None:
    if METADATA not in place.files:
        return None
    from grader.intake.metadata import submitted  # YAML is much to load for those who have none

    submissions = submitted(place.at(METADATA))
    says = f"Gradescope export: {count(len(submissions), 'submission')}"
    return Found(says, lambda left_out: _handed(place, submissions, left_out))


def _handed(place: Place, submissions: Sequence[Submitted], left_out: LeftOut) -> Iterator[Handed]:
    newest: dict[str, Submitted] = {}
    folders = set(place.folders)
    for one in sorted(submissions, key=_age):
        if one.folder not in folders:
            left_out(one.folder, f"is in {METADATA}, but there is no such folder")
            continue
        before = newest.pop(one.student, None)
        if before:
            left_out(before.folder, f"is an earlier submission of the same people: {one_line(one.folder)} counts")
        newest[one.student] = one
    listed = {one.folder for one in submissions}
    for name in (*place.folders, *place.files):
        if name not in listed and name != METADATA:
            left_out(name, f"is not in {METADATA}")
    for student, one in newest.items():
        people = tuple(person if person.id else Person(student, person.name, person.email) for person in one.people)
        yield Handed(student, people, one.folder, folder=place.at(one.folder))


def _age(one: Submitted) -> tuple[float, int, str]:
    number = re.search(r"(\d{1,18})$", one.folder)
    return one.created, int(number[1]) if number else 0, one.folder


GRADESCOPE = Layout("gradescope", f"a folder for each submission and `{METADATA}`", _read)
