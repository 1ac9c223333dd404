"""A class as a whole: how the marks lie, which cases are hard, and which ideas are wrong in how many heads.

One pass over the results, of which nothing is kept but counts, one example of each kind, and lists of names.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from grader.copies import Group
from grader.model import Check, Entry, Example, Person, Report, Result, Verdict
from grader.references import order
from grader.summary import state_of

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


def view(results: Iterable[Result]) -> ClassView:
    """Look at a class, one result at a time. There is one result per student and exercise."""
    counts: dict[str, _Count] = {}
    students = set()
    for result in results:
        students.add(result.entry.student)
        counts.setdefault(result.report.exercise, _Count(result.report)).add(result.entry, result.report)
    exercises = tuple(counts[id].view() for id in sorted(counts, key=order))
    return ClassView(len(students), exercises)


def with_copies(seen: ClassView, copies: Mapping[str, tuple[Group, ...]], names: Mapping[str, str]) -> ClassView:
    """Add the groups of equal programs, by exercise, with the `names` of those in them."""
    add = msgspec.structs.replace

    def named(group: Group) -> Group:
        return add(group, names={id: names[id] for part in group.parts for id in part if id in names})

    return add(
        seen, exercises=tuple(add(e, copies=tuple(map(named, copies.get(e.exercise, ())))) for e in seen.exercises)
    )


def with_the_rest(
    seen: ClassView,
    unfinished: Iterable[Entry],
    left_out: Iterable[tuple[str, str]],
    absent: Iterable[Person],
    answers: str,
) -> ClassView:
    """Add those who have no result, and what is to be known of all."""
    return msgspec.structs.replace(
        seen,
        unfinished=tuple(Listed(entry.student, entry.name, entry.exercise) for entry in unfinished),
        left_out=tuple(LeftOut(name, why) for name, why in left_out),
        absent=tuple(Listed(person.id, person.name or person.id) for person in absent),
        answers=answers,
    )


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
        state = state_of(entry, report)
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
            self.explained(entry, report)

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

    def explained(self, entry: Entry, report: Report) -> None:
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
            self.keep(found.fingerprint, entry, found.smallest, report.checks)

    def crashed(self, type: str, hint: str) -> None:
        key = (type[:80], hint)
        self.crashes[key if key in self.crashes or len(self.crashes) < MOST_KINDS else (OTHERS, "")] += 1

    def keep(self, fingerprint: str, entry: Entry, example: Example | None, checks: Sequence[Check]) -> None:
        """Count a wrong answer and keep an example. Answers seen once lose theirs when there are too many."""
        self.prints[fingerprint] += 1
        if fingerprint in self.examples:
            return
        if len(self.examples) >= MOST_EXAMPLES:
            self.examples = {f: kept for f, kept in self.examples.items() if self.prints[f] > 1}
        check = min(
            (check for check in checks if check.mismatch), key=lambda c: (c.mismatch.total if c.mismatch else 0, c.case)
        )
        whose = entry.student, entry.name
        self.examples[fingerprint] = Unnamed(fingerprint, 1, *whose, example, check.case, check.text)

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
