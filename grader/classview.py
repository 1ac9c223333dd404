"""A class as a whole: how the marks lie, which cases are hard, and which ideas are wrong in how many heads.

One pass over the results, of which nothing is kept but counts, one example of each kind, and lists of names.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from grader.copies import Group
from grader.model import Check, Entry, Example, Report, Result, Verdict
from grader.references import order

BUCKETS = 10
MOST_EXAMPLES = 500  # wrong answers of which an example is kept while they have been seen once only
MOST_KINDS = 100  # of exceptions; their names can be made up
OTHERS = "others"


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


class Misconception(msgspec.Struct, frozen=True):
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
    misconceptions: tuple[Misconception, ...]
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


class ClassView(msgspec.Struct, frozen=True):
    """All exercises of a class, in their order."""

    students: int
    exercises: tuple[ExerciseView, ...]


State = Literal["graded", "missing", "internal_error"]


class Mark(msgspec.Struct, frozen=True):
    """What one student has for one exercise; where the grader failed there is no score, and none to be guessed."""

    score: float
    max_score: float
    state: State = "graded"
    late: bool = False


class Row(msgspec.Struct, frozen=True):
    """One student's marks by exercise. `total` is None where an internal error leaves it open."""

    student: str
    name: str
    marks: dict[str, Mark]
    total: float | None


class Summary(msgspec.Struct, frozen=True):
    """Every student's marks: `exercises` with their points, in order, and a row per student, by name."""

    exercises: dict[str, float]
    rows: tuple[Row, ...]
    max_score: float


def view(results: Iterable[Result]) -> ClassView:
    """Look at a class, one result at a time. There is one result per student and exercise."""
    counts: dict[str, _Count] = {}
    students = set()
    for result in results:
        students.add(result.entry.student)
        counts.setdefault(result.report.exercise, _Count(result.report)).add(result.entry, result.report)
    exercises = tuple(counts[id].view() for id in sorted(counts, key=order))
    return ClassView(len(students), exercises)


def with_copies(seen: ClassView, copies: Mapping[str, tuple[Group, ...]]) -> ClassView:
    """Add the groups of equal programs, by exercise."""
    add = msgspec.structs.replace
    return add(seen, exercises=tuple(add(e, copies=copies.get(e.exercise, ())) for e in seen.exercises))


def summary(results: Iterable[Result]) -> Summary:
    """Put together what each student has, exercise by exercise."""
    points: dict[str, float] = {}
    marks: dict[str, dict[str, Mark]] = {}
    names: dict[str, str] = {}
    for entry, report in ((result.entry, result.report) for result in results):
        points[report.exercise] = report.max_score
        marks.setdefault(entry.student, {})[report.exercise] = _mark(entry, report)
        names[entry.student] = entry.name
    exercises = {id: points[id] for id in sorted(points, key=order)}
    rows = [
        Row(
            student,
            names[student],
            {id: own[id] for id in exercises if id in own},
            None if any(m.state == "internal_error" for m in own.values()) else _sum(m.score for m in own.values()),
        )
        for student, own in marks.items()
    ]
    rows.sort(key=lambda row: (row.name.casefold(), row.student))
    return Summary(exercises, tuple(rows), _sum(exercises.values()))


def _mark(entry: Entry, report: Report) -> Mark:
    state = _state(entry, report)
    return Mark(report.score if state == "graded" else 0.0, report.max_score, state, entry.late)


def _state(entry: Entry, report: Report) -> State:
    if any(check.verdict is Verdict.internal_error for check in report.checks):
        return "internal_error"
    return "graded" if entry.path and report.submission else "missing"  # a file that cannot be read has no digest


def _sum(values: Iterable[float]) -> float:
    return round(sum(values), 6)


class _Count:
    """What is kept of one exercise while results pass by."""

    def __init__(self, report: Report) -> None:
        self.exercise, self.title, self.max_score = report.exercise, report.title, report.max_score
        self.students = self.right = self.no_answer = 0
        self.scores: Counter[float] = Counter()
        self.failed: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.kinds: dict[str, tuple[bool, bool]] = {}
        self.certain: Counter[str] = Counter()
        self.perhaps: Counter[str] = Counter()
        self.says: dict[str, str] = {}
        self.prints: Counter[str] = Counter()
        self.examples: dict[str, Unnamed] = {}
        self.crashes: Counter[tuple[str, str]] = Counter()
        self.verdicts: Counter[str] = Counter()
        self.late: list[Listed] = []
        self.missing: list[Listed] = []
        self.internal: list[Listed] = []

    def add(self, entry: Entry, report: Report) -> None:
        self.students += 1
        state = _state(entry, report)
        if entry.late:
            self.late.append(Listed(entry.student, entry.name))
        if state == "missing":
            self.missing.append(Listed(entry.student, entry.name, entry.problem or report.checks[0].text))
        elif state == "internal_error":
            fault = next(check for check in report.checks if check.verdict is Verdict.internal_error)
            self.internal.append(Listed(entry.student, entry.name, fault.text))
        else:
            self.scores[round(report.score, 6)] += 1
            self.verdicts.update({c.verdict.value for c in report.checks if c.verdict is not Verdict.correct})
            self.judged(report)
            self.explained(entry.student, report)

    def judged(self, report: Report) -> None:
        """Count the cases, of a program that gave an answer to any of them."""
        if not any(check.verdict is Verdict.correct or check.mismatch for check in report.checks):
            self.no_answer += 1
            return
        self.right += all(check.verdict is Verdict.correct for check in report.checks)
        for check in report.checks:
            self.kinds.setdefault(check.case, (check.hidden, check.generated))
            self.asked[check.case] += 1
            self.failed[check.case] += check.verdict is not Verdict.correct

    def explained(self, student: str, report: Report) -> None:
        found = report.diagnosis
        if found and found.bugs:
            every = [set(bugs) for bugs in found.bugs]
            certain = set.intersection(*every)  # in each explanation, whichever is the one
            self.certain.update(certain)
            self.perhaps.update(set.union(*every) - certain)
            self.says.update(found.says)
        if found and found.crash:
            self.crashed(found.crash.type, found.crash.hint)
        elif any(check.verdict is Verdict.runtime_error for check in report.checks):  # it did not get to a case
            text = next(check.text for check in report.checks if check.verdict is Verdict.runtime_error)
            type = re.match(r"([^\W\d]\w*)(?::| \()", text)  # `KeyError: 'a'`, or `KeyboardInterrupt (ex1.py, line 2)`
            self.crashed(type[1] if type else "", "")
        if found and found.fingerprint and any(check.mismatch for check in report.checks):
            self.keep(found.fingerprint, student, found.smallest, report.checks)

    def crashed(self, type: str, hint: str) -> None:
        key = (type[:80], hint)
        self.crashes[key if key in self.crashes or len(self.crashes) < MOST_KINDS else (OTHERS, "")] += 1

    def keep(self, fingerprint: str, student: str, example: Example | None, checks: Sequence[Check]) -> None:
        """Count a wrong answer and keep an example. Answers seen once lose theirs when there are too many."""
        self.prints[fingerprint] += 1
        if fingerprint in self.examples:
            return
        if len(self.examples) >= MOST_EXAMPLES:
            self.examples = {f: kept for f, kept in self.examples.items() if self.prints[f] > 1}
        check = min(
            (check for check in checks if check.mismatch), key=lambda c: (c.mismatch.total if c.mismatch else 0, c.case)
        )
        self.examples[fingerprint] = Unnamed(fingerprint, 1, student, example, check.case, check.text)

    def view(self) -> ExerciseView:
        """Return what was counted, the most frequent first."""
        several = {f: count for f, count in self.prints.most_common() if f in self.examples}
        unnamed = [msgspec.structs.replace(self.examples[f], students=count) for f, count in several.items()]
        ids = sorted(self.says, key=lambda bug: (-self.certain[bug], -self.perhaps[bug], bug))
        return ExerciseView(
            exercise=self.exercise,
            title=self.title,
            students=self.students,
            right=self.right,
            wrong=self.scores.total() - self.right - self.no_answer,
            no_answer=self.no_answer,
            marks=self.marks(),
            cases=tuple(Rate(c, self.failed[c], n, *self.kinds[c]) for c, n in self.asked.items()),
            misconceptions=tuple(Misconception(i, self.says[i], self.certain[i], self.perhaps[i]) for i in ids),
            unnamed=tuple(unnamed),
            crashes=tuple(Failing(*kind, count) for kind, count in self.crashes.most_common()),
            verdicts=dict(self.verdicts.most_common()),
            late=tuple(self.late),
            missing=tuple(self.missing),
            internal_errors=tuple(self.internal),
        )

    def marks(self) -> Marks | None:
        if not self.scores:
            return None
        scores = sorted(self.scores.elements())
        quartiles = statistics.quantiles(scores, n=4, method="inclusive") if len(scores) > 1 else scores * 3
        buckets = [0] * BUCKETS
        for score, count in self.scores.items():
            share = score / self.max_score if self.max_score else 1.0
            buckets[min(int(share * BUCKETS + 1e-9), BUCKETS - 1)] += count
        low, middle, high = (round(q, 6) for q in quartiles)
        return Marks(self.max_score, round(statistics.fmean(scores), 6), (low, middle, high), tuple(buckets))
