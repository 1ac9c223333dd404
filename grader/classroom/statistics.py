"""The statistics of a class: the distribution of marks, the hard cases, and how many have which misconception.

One pass over the results, of which only counts, one example of each kind and lists of names are kept.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from grader.classroom.reading import reason
from grader.exercises.pack import natural_order
from grader.model.class_ import (
    Assigned,
    ClassView,
    Entry,
    ExerciseView,
    Failing,
    LeftOut,
    Listed,
    Mark,
    Marks,
    MisconceptionCount,
    Person,
    Rate,
    Result,
    Row,
    Similar,
    State,
    Summary,
    Unnamed,
)
from grader.model.report import NOT_JUDGED, Check, Example, Report, Verdict

BUCKETS = 10
MOST_EXAMPLES = 500  # examples of wrong answers, while each has been seen only once
MOST_KINDS = 100  # of exceptions: students can define any number of them
OTHERS = "others"


def view(results: Iterable[Result], assigned: Mapping[str, Assigned] = {}) -> ClassView:
    """Return the statistics of a class from one result per student and exercise, read one at a time.

    Titles and points are those of the `assigned` exercises: a report of an internal error has neither.
    """
    counts: dict[str, _Count] = {}
    students = set()
    older, timeless = [], []
    for result in results:
        if not result.absent:
            students.add(result.entry.student)
        listed = Listed(result.entry.student, result.entry.name, result.report.exercise)
        if result.older:
            why = f"{listed.why}, an older version of the {result.older}"
            older.append(msgspec.structs.replace(listed, why=why))
        if result.late.unknown:
            timeless.append(listed)
        counts.setdefault(result.report.exercise, _Count(*_exercise(assigned, result.report))).add(result)
    exercises = tuple(counts[id].view() for id in sorted(counts, key=natural_order))
    return ClassView(len(students), exercises, older=tuple(older), timeless=tuple(timeless))


def with_similar(
    seen: ClassView,
    similar: Mapping[str, tuple[Similar, ...]],
    names: Mapping[str, str],
    not_compared: Mapping[str, int] = {},
) -> ClassView:
    """Add the similar programs, by exercise, with the `names` of their students."""
    add = msgspec.structs.replace

    def named(one: Similar) -> Similar:
        return add(one, names={id: names[id] for id in one.ids if id in names})

    def exercise(it: ExerciseView) -> ExerciseView:
        found = tuple(map(named, similar.get(it.exercise, ())))
        return add(it, similar=found, not_compared=not_compared.get(it.exercise, 0))

    return add(seen, exercises=tuple(map(exercise, seen.exercises)))


def with_the_rest(
    seen: ClassView,
    unfinished: Iterable[Entry],
    left_out: Iterable[LeftOut],
    absent: Iterable[Person],
    answers: str,
) -> ClassView:
    """Add those who have no result, and who computed the answers."""
    return msgspec.structs.replace(
        seen,
        unfinished=tuple(Listed(entry.student, entry.name, entry.exercise) for entry in unfinished),
        left_out=tuple(left_out),
        absent=tuple(Listed(person.id, person.name or person.id) for person in absent),
        answers=answers,
    )


class _Count:
    """The counts of one exercise while results are read."""

    def __init__(self, exercise: str, title: str, points: float) -> None:
        self.exercise, self.title, self.max_score = exercise, title, points
        self.students = self.graded = self.right = self.no_answer = 0
        self.scores: Counter[float] = Counter()
        self.failed: Counter[str] = Counter()
        self.total: Counter[str] = Counter()
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

    def add(self, result: Result) -> None:
        entry, report = result.entry, result.report
        if result.mark is not None:
            self.scores[round(result.mark, 6)] += 1
        if result.absent:
            return
        self.students += 1
        state = state_of(entry, report)
        if result.late.late:
            self.late.append(Listed(entry.student, entry.name))
        if state == "missing":
            self.missing.append(Listed(entry.student, entry.name, entry.problem or report.checks[0].text))
        elif state == "internal_error":
            fault = next(check for check in report.checks if check.verdict is Verdict.internal_error)
            self.internal.append(Listed(entry.student, entry.name, fault.text))
        else:
            self.graded += 1
            self.verdicts.update({_reason(check) for check in report.checks if check.verdict is not Verdict.correct})
            self.judged(report)
            self.explained(entry, report)

    def judged(self, report: Report) -> None:
        """Count the cases of a program that gave an answer to any of them."""
        if not any(check.verdict is Verdict.correct or check.mismatch for check in report.checks):
            self.no_answer += 1
            return
        self.right += all(check.verdict is Verdict.correct for check in report.checks)
        for check in report.checks:
            self.kinds.setdefault(check.case, (check.hidden, check.generated))
            self.total[check.case] += 1
            self.failed[check.case] += check.verdict is not Verdict.correct

    def explained(self, entry: Entry, report: Report) -> None:
        found = report.diagnosis
        if found and found.misconceptions:
            every = [set(misconceptions) for misconceptions in found.misconceptions]
            certain = set.intersection(*every)  # in each explanation, whichever is right
            self.certain.update(certain)
            self.perhaps.update(set.union(*every) - certain)
            self.says.update(found.says)
        if found and found.crash:
            self.crashed(found.crash.type, found.crash.hint)
        elif any(check.verdict is Verdict.runtime_error for check in report.checks):  # before the first case
            text = next(check.text for check in report.checks if check.verdict is Verdict.runtime_error)
            type = re.match(r"([^\W\d]\w*)(?::| \()", text)  # `KeyError: 'a'`, or `KeyboardInterrupt (ex1.py, line 2)`
            self.crashed("SyntaxError" if text.startswith("syntax error") else type[1] if type else "", "")
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
        ids = sorted(
            self.says,
            key=lambda misconception: (-self.certain[misconception], -self.perhaps[misconception], misconception),
        )
        return ExerciseView(
            exercise=self.exercise,
            title=self.title,
            students=self.students,
            right=self.right,
            wrong=self.graded - self.right - self.no_answer,
            no_answer=self.no_answer,
            marks=self.marks(),
            cases=tuple(Rate(c, self.failed[c], n, *self.kinds[c]) for c, n in self.total.items()),
            misconceptions=tuple(MisconceptionCount(i, self.says[i], self.certain[i], self.perhaps[i]) for i in ids),
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


def _reason(check: Check) -> str:
    """Return a check's verdict, or what else keeps a wrong answer from being judged as one."""
    if check.verdict is not Verdict.wrong_answer or check.mismatch or check.hidden:
        return check.verdict.value
    return "not_judged" if check.text.startswith(NOT_JUDGED) else "no_numbers"


def summary(
    results: Iterable[Result], unfinished: Iterable[Entry] = (), assigned: Mapping[str, Assigned] = {}
) -> Summary:
    """Return the marks of each student by exercise; `unfinished` are entries without a result.

    Points are those of the `assigned` exercises; the optional ones among them count in no total.
    """
    points: dict[str, float | None] = {id: exercise.points for id, exercise in assigned.items()}
    marks: dict[str, dict[str, Mark]] = {}
    whose: dict[str, Entry] = {}
    for result in results:
        entry, report = result.entry, result.report
        _, _, most = _exercise(assigned, report, points.get(report.exercise))
        points[report.exercise] = most
        marks.setdefault(entry.student, {})[report.exercise] = _mark(result, most)
        whose[entry.student] = entry
    for entry in unfinished:
        known = points.setdefault(entry.exercise, None)
        marks.setdefault(entry.student, {})[entry.exercise] = Mark(None, known, "not_graded")
        whose.setdefault(entry.student, entry)
    exercises = {id: points[id] for id in sorted(points, key=natural_order)}
    counted = [id for id in exercises if not (id in assigned and assigned[id].optional)]
    rows = [
        Row(
            student,
            whose[student].name,
            {id: own[id] for id in exercises if id in own},
            _total([own[id] for id in counted if id in own]),
            " ".join(person.email for person in whose[student].people if person.email),
        )
        for student, own in marks.items()
    ]
    rows.sort(key=lambda row: (row.name.casefold(), row.student))
    every = [value for id in counted if (value := exercises[id]) is not None]
    return Summary(exercises, tuple(rows), _sum(every) if len(every) == len(counted) else None)


def _exercise(assigned: Mapping[str, Assigned], report: Report, most: float | None = None) -> tuple[str, str, float]:
    """Return the id, title and points of a report's exercise; one that is not assigned is as its reports say."""
    if known := assigned.get(report.exercise):
        return report.exercise, known.title, known.points
    return report.exercise, report.title, max(report.max_score, most or 0.0)


def _total(marks: Collection[Mark]) -> float | None:
    """Add up a student's marks; None while one is open, since half a sum would pass for a whole one."""
    known = [mark.score for mark in marks if mark.score is not None]
    return _sum(known) if len(known) == len(marks) else None


def _mark(result: Result, most: float) -> Mark:
    """Return a mark; what a person set counts even where there was nothing to grade or the grader failed."""
    adjustments, report = result.adjustments, result.report
    decided = result.absent or (adjustments and result.mark is not None)
    state = "graded" if decided else state_of(result.entry, report)
    why = result.entry.problem if result.absent else reason(report)
    return Mark(result.mark, most, state, result.late, why, adjustments, result.older)


def state_of(entry: Entry, report: Report) -> State:
    """Return the state of a submission."""
    if any(check.verdict is Verdict.internal_error for check in report.checks):
        return "internal_error"
    return "graded" if entry.path and report.submission else "missing"  # an unreadable file has no digest


def _sum(values: Iterable[float]) -> float:
    return round(sum(values), 6)
