"""A class: who submitted what, and what the statistics of all results say."""

from __future__ import annotations

from typing import Literal

import msgspec

from grader.model.report import Example, Report


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Someone of the class: `id` is the platform's own, never what a student can type."""

    id: str
    name: str = ""
    email: str = ""
    login: str = ""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one student or one group handed in for one exercise, as the platform gave it out; nothing of it is read yet.

    `student` is the platform's id and, with `exercise`, the key of a class: there is one entry of it. `original` is the
    name that the platform gave the file or folder, for handing something back. `problem` says why there is nothing
    that could be graded; `path` is empty then.
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
        """The names of those who handed it in, or the id where the platform tells none."""
        return ", ".join(person.name for person in self.people if person.name) or self.student


class Result(msgspec.Struct, frozen=True):
    """An entry and its report, as the store of a class keeps them."""

    entry: Entry
    report: Report


class Listed(msgspec.Struct, frozen=True):
    """Someone who is named in a list, and why."""

    student: str
    name: str
    why: str = ""


class Rate(msgspec.Struct, frozen=True):
    """How many programs failed a case, of those that gave an answer to any case."""

    name: str
    failed: int
    of: int
    hidden: bool = False
    generated: bool = False


class MisconceptionCount(msgspec.Struct, frozen=True):
    """How many programs show a misconception: `students` for certain, `perhaps` where it is one of several."""

    id: str
    says: str
    students: int
    perhaps: int = 0


class Failing(msgspec.Struct, frozen=True):
    """How many programs end in an exception of this type, for the cause that `hint` stands for."""

    type: str
    hint: str
    students: int


class Unnamed(msgspec.Struct, frozen=True):
    """Equal wrong answers that no misconception explains, with one student's example."""

    fingerprint: str
    students: int
    student: str
    name: str
    example: Example | None = None
    case: str = ""
    text: str = ""


class Marks(msgspec.Struct, frozen=True):
    """How the marks of those who handed in lie. `buckets` count equal parts of the points, full marks in the last."""

    max_score: float
    mean: float
    quartiles: tuple[float, float, float]
    buckets: tuple[int, ...]


class ExerciseView(msgspec.Struct, frozen=True):
    """One exercise: `right + wrong + no_answer` of the `students` were graded, the others are `missing` or our fault.

    `no_answer` are programs that gave an answer to no case. `verdicts` count programs with such a case.
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

    `unfinished` waits for a run to go on (`why` is the exercise); `absent` handed in nothing, where a roster was given.
    `answers` says who computed the answers, and whether the cases were fresh.
    """

    students: int
    exercises: tuple[ExerciseView, ...]
    unfinished: tuple[Listed, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    absent: tuple[Listed, ...] = ()
    answers: str = ""


class Outline(msgspec.Struct, frozen=True):
    """What of a program is compared with others: a digest of its text, and one of its syntax tree without own names.

    `tree` is empty where the program is not Python, or could not be parsed in time. `size` counts the tree's nodes, or
    the words of a text without a tree. Trees are comparable within one version of Python.
    """

    text: str
    tree: str
    size: int


class Group(msgspec.Struct, frozen=True):
    """Students whose programs are equal after renaming; those of one part are equal byte for byte.

    `names` are theirs by their ids, as far as they are known.
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
