"""A class: who submitted what, and the statistics of all results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from grader.model.report import Example, Report, Verdict


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """A student: `id` comes from the platform, never from what a student can type."""

    id: str
    name: str = ""
    email: str = ""
    login: str = ""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one student or one group submitted for one exercise, as found in the platform's download, not yet read.

    `student`, the platform's id, and `exercise` are the key: a class has one entry for each pair. `original` is the
    platform's name for the file or folder, by which it takes feedback back. `problem` is why there is nothing to
    grade; then `path` is empty.
    """

    student: str
    exercise: str
    path: str
    people: tuple[Person, ...] = ()
    original: str = ""
    late: bool = False
    problem: str = ""
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The names of those who submitted it, or the id if the platform has no names."""
        return ", ".join(person.name for person in self.people if person.name) or self.student


class Adjustment(msgspec.Struct, frozen=True):
    """What a person decided about a mark: points to add, or the points that it `sets`. `id` is the journal's number."""

    id: int
    at: str
    who: str
    points: float
    sets: bool
    why: str


class Comment(msgspec.Struct, frozen=True):
    """What a person wrote about a submission. `id` is the journal's number."""

    id: int
    at: str
    who: str
    text: str


def adjusted(score: float | None, max_score: float, adjustments: Iterable[Adjustment]) -> float | None:
    """Return a mark with its adjustments, in their order, between 0 and the maximum; None while there is no score.

    Where the grader failed there is neither a score nor a maximum.
    """
    changed = False
    for one in adjustments:
        changed = True
        score = one.points if one.sets else None if score is None else score + one.points
    if score is None or not changed:
        return score
    return round(max(min(score, max_score) if max_score else score, 0.0), 6)


class Result(msgspec.Struct, frozen=True):
    """An entry and its report, as the store keeps them, and what people decided about it."""

    entry: Entry
    report: Report
    adjustments: tuple[Adjustment, ...] = ()
    comments: tuple[Comment, ...] = ()

    @property
    def mark(self) -> float | None:
        """The score with its adjustments; None where the grader failed and nobody set a mark."""
        failed = any(check.verdict is Verdict.internal_error for check in self.report.checks)
        return adjusted(None if failed else self.report.score, self.report.max_score, self.adjustments)


class Listed(msgspec.Struct, frozen=True):
    """A student in a list, and why."""

    student: str
    name: str
    why: str = ""


class Rate(msgspec.Struct, frozen=True):
    """How many programs failed a case, of those that answered any case."""

    name: str
    failed: int
    of: int
    hidden: bool = False
    generated: bool = False


class MisconceptionCount(msgspec.Struct, frozen=True):
    """How many programs show a misconception: `students` for certain, `perhaps` if it is one of several."""

    id: str
    says: str
    students: int
    perhaps: int = 0


class Failing(msgspec.Struct, frozen=True):
    """How many programs end in an exception of this type; `hint` is the key of its cause."""

    type: str
    hint: str
    students: int


class Unnamed(msgspec.Struct, frozen=True):
    """Equal wrong answers that no known misconception explains, with one student's example."""

    fingerprint: str
    students: int
    student: str
    name: str
    example: Example | None = None
    case: str = ""
    text: str = ""


class Marks(msgspec.Struct, frozen=True):
    """The distribution of marks. `buckets` count equal parts of the points, full marks in the last."""

    max_score: float
    mean: float
    quartiles: tuple[float, float, float]
    buckets: tuple[int, ...]


class ExerciseView(msgspec.Struct, frozen=True):
    """One exercise: `right + wrong + no_answer` of the `students` were graded; the others have no mark for their work.

    `no_answer` counts programs that answered no case. `verdicts` counts the programs that have such a verdict, or a
    wrong answer that is not one (`no_numbers`, `not_judged`).
    """

    exercise: str
    title: str
    students: int
    right: int
    wrong: int
    no_answer: int
    marks: Marks | None
    cases: tuple[Rate, ...]
    misconceptions: tuple[MisconceptionCount, ...]
    unnamed: tuple[Unnamed, ...]
    crashes: tuple[Failing, ...]
    verdicts: dict[str, int]
    late: tuple[Listed, ...]
    missing: tuple[Listed, ...]
    internal_errors: tuple[Listed, ...]
    copies: tuple[Group, ...] = ()

    @property
    def graded(self) -> int:
        """The number of programs that were graded."""
        return self.right + self.wrong + self.no_answer


class LeftOut(msgspec.Struct, frozen=True):
    """A file or folder that was not graded, and why."""

    name: str
    why: str


class ClassView(msgspec.Struct, frozen=True):
    """All exercises of a class, in their order, and those who are in none of them.

    `unfinished` waits for a run to continue (`why` is the exercise); `absent` is on the roster and submitted nothing.
    `answers` names the torch that computed the answers and, of secret cases, the key that they were drawn with.
    """

    students: int
    exercises: tuple[ExerciseView, ...]
    unfinished: tuple[Listed, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    absent: tuple[Listed, ...] = ()
    answers: str = ""

    @property
    def secret(self) -> bool:
        """Whether the class was graded on secret cases."""
        return "(key " in self.answers


class Outline(msgspec.Struct, frozen=True):
    """What of a program is compared with others: a digest of its text, and one of its syntax tree without own names.

    `tree` is empty where the program is not Python, or could not be parsed in time. `size` counts the tree's nodes, or
    the words of a text without a tree. Trees are comparable within one version of Python.
    """

    text: str
    tree: str
    size: int


class Group(msgspec.Struct, frozen=True):
    """Students whose programs are equal after renaming variables; those of one part are equal byte for byte.

    `names` holds the known names by id.
    """

    parts: tuple[tuple[str, ...], ...]
    size: int
    names: dict[str, str] = {}

    @property
    def says(self) -> str:
        """How the programs are equal."""
        return "equal byte for byte" if len(self.parts) == 1 else "equal after renaming"


State = Literal["graded", "missing", "internal_error", "not_graded"]


class Mark(msgspec.Struct, frozen=True):
    """One student's mark for one exercise, with its adjustments, and the reason in a few words.

    If the grader failed or has not reached it, there is no score.
    """

    score: float | None
    max_score: float | None
    state: State = "graded"
    late: bool = False
    reason: str = ""
    adjustments: tuple[Adjustment, ...] = ()


class Row(msgspec.Struct, frozen=True):
    """One student's marks by exercise. `total` is None if one of them has no score."""

    student: str
    name: str
    marks: dict[str, Mark]
    total: float | None
    email: str = ""


class Assigned(msgspec.Struct, frozen=True):
    """An exercise of a class. An `optional` one, which hardly anybody submitted, counts in nobody's total."""

    title: str
    points: float
    optional: bool = False


class Summary(msgspec.Struct, frozen=True):
    """Every student's marks: `exercises` with their points, in order, and a row per student, by name.

    The points of an exercise are None until one submission is graded; then so is `max_score`.
    """

    exercises: dict[str, float | None]
    rows: tuple[Row, ...]
    max_score: float | None
