"""A class: who submitted what, and the statistics of all results."""

from __future__ import annotations

from typing import Literal

import msgspec

from grader.model.marks import Adjustment, Comment, Lateness, Submitted, mark_of
from grader.model.report import Example, Report, Verdict


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """A student: `id` comes from the platform, never from what a student can type."""

    id: str
    name: str = ""
    email: str = ""
    login: str = ""
    section: str = ""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one student or one group submitted for one exercise, as found in the platform's download, not yet read.

    `student`, the platform's id, and `exercise` are the key: a class has one entry for each pair. `original` is the
    platform's name for the file or folder, by which it takes feedback back. `submitted` is the time that the platform
    states, `late` its own flag, and `flagged` whether it has one. `problem` is why there is nothing to grade; then
    `path` is empty.
    """

    student: str
    exercise: str
    path: str
    people: tuple[Person, ...] = ()
    original: str = ""
    late: bool = False
    problem: str = ""
    notes: tuple[str, ...] = ()
    submitted: str = ""
    flagged: bool = False

    @property
    def times(self) -> Submitted:
        """What the platform states of the time."""
        return Submitted(self.submitted, self.late if self.late or self.flagged else None)

    @property
    def words(self) -> tuple[str, ...]:
        """The ids, logins and emails of those who submitted it."""
        words = (self.student, *(word for one in self.people for word in (one.id, one.login, one.email)))
        return tuple(dict.fromkeys(word for word in words if word))

    @property
    def person(self) -> str:
        """The id of the only student where it is another than the submission's: a repository's is a login."""
        alone = self.people[0].id if len(self.people) == 1 else ""
        return "" if alone == self.student else alone

    @property
    def name(self) -> str:
        """The names of those who submitted it, or the id if the platform has no names."""
        return ", ".join(person.name for person in self.people if person.name) or self.student


class Result(msgspec.Struct, frozen=True):
    """An entry and the report of the version that counts, and what policy and people decided about it.

    `older` is what the report is an older version of, if it waits to be replaced. It was `submitted` then; `earlier`
    means that a later version is late and does not count. An `absent` student submitted nothing and has a mark all the
    same; then the report is empty.
    """

    entry: Entry
    report: Report
    adjustments: tuple[Adjustment, ...] = ()
    comments: tuple[Comment, ...] = ()
    late: Lateness = Lateness()
    older: str = ""
    submitted: Submitted = Submitted()
    earlier: bool = False
    absent: bool = False

    @property
    def mark(self) -> float | None:
        """The mark; None where the grader failed and nobody set one."""
        failed = any(check.verdict is Verdict.internal_error for check in self.report.checks)
        score = None if failed else self.report.score
        return mark_of(score, self.report.max_score, self.adjustments, self.late.points)


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
    wrong answer that is not one (`no_numbers`, `not_judged`). `not_compared` programs were graded by a version that
    compared none.
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
    similar: tuple[Similar, ...] = ()
    not_compared: int = 0

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

    `unfinished` waits for a run to continue (`why` is the exercise); results of `older` ones are of an older version
    and wait to be replaced. `timeless` has marks that the late policy needs a time for and the platform states none.
    `absent` is on the roster and submitted nothing.
    `answers` names the torch that computed the answers and, of secret cases, the key that they were drawn with.
    """

    students: int
    exercises: tuple[ExerciseView, ...]
    unfinished: tuple[Listed, ...] = ()
    older: tuple[Listed, ...] = ()
    timeless: tuple[Listed, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    absent: tuple[Listed, ...] = ()
    answers: str = ""

    @property
    def secret(self) -> bool:
        """Whether the class was graded on secret cases."""
        return "(key " in self.answers


class Outline(msgspec.Struct, frozen=True):
    """What of a program is compared with others: a digest of its text, one of its normal form, and fingerprints.

    The normal form (`tree`) is the graded function and what it reaches, without names, layout, and code without an
    effect. It is empty where the program is not Python, or could not be parsed in time. `size` counts its nodes, or the
    words of a text without a normal form. `prints` are numbers of four bytes, each for a few tokens in a row. Outlines
    are comparable within one version of Python.
    """

    text: str
    tree: str
    size: int
    prints: bytes = b""


How = Literal["text", "form", "partly"]


class Similar(msgspec.Struct, frozen=True):
    """Students whose programs are equal byte for byte (`text`) or in their normal form (`form`), or partly the same.

    Students of one part submitted the same text, or for `partly`, programs of the same normal form. They share `shared`
    fingerprints; the shorter program has `of`; nobody else has the `alone` ones. `rarest` students have the rarest one,
    of the `students` who were compared.
    `rarity` is the sum over the shared fingerprints of log2((students + 1) / students who have it). `names` holds the
    known names by id.
    """

    parts: tuple[tuple[str, ...], ...]
    how: How
    shared: int
    of: int
    alone: int
    students: int
    rarity: float
    rarest: int = 0
    names: dict[str, str] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """The students."""
        return tuple(id for part in self.parts for id in part)

    @property
    def common(self) -> bool:
        """Whether so many share it that it is probably the textbook's way: more than five, and a tenth of the class."""
        return len(self.ids) > max(5, self.students / 10)


State = Literal["graded", "missing", "internal_error", "not_graded"]


class Mark(msgspec.Struct, frozen=True):
    """One student's mark for one exercise, with its adjustments, and the reason in a few words.

    If the grader failed or has not reached it, there is no score.
    """

    score: float | None
    max_score: float | None
    state: State = "graded"
    late: Lateness = Lateness()
    reason: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    older: str = ""


class Row(msgspec.Struct, frozen=True):
    """One student's marks by exercise. `total` is None if one of them has no score."""

    student: str
    name: str
    marks: dict[str, Mark]
    total: float | None
    email: str = ""


class Assigned(msgspec.Struct, frozen=True):
    """An exercise of a class. An `optional` one, which hardly anybody submitted, counts in nobody's total.

    `version` is the digest of the exercise with its answers.
    """

    title: str
    points: float
    optional: bool = False
    version: str = ""


class Summary(msgspec.Struct, frozen=True):
    """Every student's marks: `exercises` with their points, in order, and a row per student, by name.

    The points of an exercise are None until one submission is graded; then so is `max_score`.
    """

    exercises: dict[str, float | None]
    rows: tuple[Row, ...]
    max_score: float | None
