"""Every student's marks, exercise by exercise, with a total only where it is known to be whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

import msgspec

from grader.model import Entry, Report, Result, Verdict
from grader.references import order

State = Literal["graded", "missing", "internal_error", "not_graded"]


class Mark(msgspec.Struct, frozen=True):
    """What one student has for one exercise. Where the grader failed or has yet to, there is no score to be guessed."""

    score: float | None
    max_score: float | None
    state: State = "graded"
    late: bool = False


class Row(msgspec.Struct, frozen=True):
    """One student's marks by exercise. `total` is None where one of them is open."""

    student: str
    name: str
    marks: dict[str, Mark]
    total: float | None


class Summary(msgspec.Struct, frozen=True):
    """Every student's marks: `exercises` with their points, in order, and a row per student, by name.

    The points of an exercise of which nothing is graded yet are not known: None, and so are those of all.
    """

    exercises: dict[str, float | None]
    rows: tuple[Row, ...]
    max_score: float | None


def summary(results: Iterable[Result], unfinished: Iterable[Entry] = ()) -> Summary:
    """Put together what each student has, exercise by exercise; `unfinished` are entries without a result."""
    points: dict[str, float | None] = {}
    marks: dict[str, dict[str, Mark]] = {}
    names: dict[str, str] = {}
    for entry, report in ((result.entry, result.report) for result in results):
        points[report.exercise] = report.max_score
        marks.setdefault(entry.student, {})[report.exercise] = _mark(entry, report)
        names[entry.student] = entry.name
    for entry in unfinished:
        most = points.setdefault(entry.exercise, None)
        marks.setdefault(entry.student, {})[entry.exercise] = Mark(None, most, "not_graded", entry.late)
        names.setdefault(entry.student, entry.name)
    exercises = {id: points[id] for id in sorted(points, key=order)}
    rows = [
        Row(student, names[student], {id: own[id] for id in exercises if id in own}, _total(own.values()))
        for student, own in marks.items()
    ]
    rows.sort(key=lambda row: (row.name.casefold(), row.student))
    every = [most for most in exercises.values() if most is not None]
    return Summary(exercises, tuple(rows), _sum(every) if len(every) == len(exercises) else None)


def _total(marks: Collection[Mark]) -> float | None:
    """Add up a student's marks. Half a sum would pass for a whole one, so there is none while a mark is open."""
    known = [mark.score for mark in marks if mark.score is not None]
    return _sum(known) if len(known) == len(marks) else None


def _mark(entry: Entry, report: Report) -> Mark:
    state = state_of(entry, report)
    scores = {"graded": report.score, "missing": 0.0}
    return Mark(scores.get(state), report.max_score, state, entry.late)


def state_of(entry: Entry, report: Report) -> State:
    """Tell what became of what was handed in."""
    if any(check.verdict is Verdict.internal_error for check in report.checks):
        return "internal_error"
    return "graded" if entry.path and report.submission else "missing"  # a file that cannot be read has no digest


def _sum(values: Iterable[float]) -> float:
    return round(sum(values), 6)
