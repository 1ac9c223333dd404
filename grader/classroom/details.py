"""What the class page shows besides the statistics: who is behind each count, and which cases each student missed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

import msgspec

from grader.classroom.statistics import state_of
from grader.model.class_ import ClassView, Entry, ExerciseView, Listed, Person, Result, Similar, Summary
from grader.model.page import Details, Matrix
from grader.model.report import Example, Report, Verdict


class _Seen:
    """What is kept of one exercise while results pass by."""

    def __init__(self) -> None:
        self.columns: list[tuple[float, str, dict[str, str]]] = []
        self.cases: dict[str, bool] = {}
        self.behind: dict[str, list[Listed]] = {}
        self.smallest: dict[str, Example] = {}
        self.alike: dict[str, list[Listed]] = {}

    def add(self, entry: Entry, report: Report) -> None:
        if state_of(entry, report) != "graded":
            return
        answered = any(check.verdict is Verdict.correct or check.mismatch for check in report.checks)
        letters = {c.case: "." if c.verdict is Verdict.correct else "x" if answered else "-" for c in report.checks}
        self.cases.update({check.case: check.generated for check in report.checks})
        self.columns.append((-report.score, entry.student, letters))
        who, found = Listed(entry.student, entry.name), report.diagnosis
        if found and found.misconceptions:
            for id in sorted(set.intersection(*map(set, found.misconceptions))):
                self.behind.setdefault(id, []).append(who)
                if found.smallest:
                    self.smallest.setdefault(id, found.smallest)
        if found and found.fingerprint:
            self.alike.setdefault(found.fingerprint, []).append(who)

    def details(self) -> Details:
        self.columns.sort(key=lambda column: column[:2])
        rows = tuple("".join(letters.get(case, "-") for _, _, letters in self.columns) for case in self.cases)
        return Details(
            Matrix(tuple(self.cases), tuple(self.cases.values()), rows),
            {id: tuple(people) for id, people in self.behind.items()},
            self.smallest,
            {fingerprint: tuple(people) for fingerprint, people in self.alike.items()},
        )


def details(results: Iterable[Result]) -> dict[str, Details]:
    """Look at a class once, and return what its page shows of each exercise."""
    seen: dict[str, _Seen] = {}
    for result in results:
        seen.setdefault(result.report.exercise, _Seen()).add(result.entry, result.report)
    return {id: found.details() for id, found in seen.items()}


def pseudonym(student: str, key: str) -> str:
    """Return a name that stands for a student: the same for one key, and of no use without it."""
    return f"student {hashlib.blake2b(student.encode(), key=key.encode()[:64], digest_size=4).hexdigest()}"


def anonymous(result: Result, key: str) -> Result:
    """Return a result with a pseudonym, and without the texts that can hold a name: files, problems, notes."""
    entry, report = result.entry, result.report
    name = pseudonym(entry.student, key)
    hidden = Entry(name, entry.exercise, "x" if entry.path else "", (Person(name),), late=entry.late)
    nameless = tuple(msgspec.structs.replace(one, who="", why="") for one in result.adjustments)
    bare = msgspec.structs.replace(report, student=name, notes=(), printed="", file="")
    return msgspec.structs.replace(result, entry=hidden, report=bare, adjustments=nameless, comments=())


def anonymous_view(view: ClassView, key: str) -> ClassView:
    """Return a view without names that did not come from `anonymous` results: absent students, similar programs."""

    def listed(people: Iterable[Listed]) -> tuple[Listed, ...]:
        return tuple(Listed(pseudonym(one.student, key), "") for one in people)

    def similar(it: Similar) -> Similar:
        parts = tuple(tuple(pseudonym(id, key) for id in part) for part in it.parts)
        return msgspec.structs.replace(it, parts=parts, names={})

    def exercise(it: ExerciseView) -> ExerciseView:
        nameless = {name: tuple(Listed(one.student, "") for one in getattr(it, name)) for name in _LISTS}
        return msgspec.structs.replace(it, similar=tuple(map(similar, it.similar)), **nameless)

    return msgspec.structs.replace(
        view,
        exercises=tuple(map(exercise, view.exercises)),
        unfinished=listed(view.unfinished),
        older=tuple(Listed(one.student, "", one.why) for one in view.older),
        timeless=tuple(Listed(one.student, "", one.why) for one in view.timeless),
        left_out=(),
        absent=listed(view.absent),
    )


_LISTS = ("missing", "internal_errors")


def anonymous_summary(summary: Summary, unfinished: Collection[str], key: str) -> Summary:
    """Return a summary of `anonymous` results and of students without a result (`unfinished`) with pseudonyms only."""
    rows = [
        msgspec.structs.replace(
            row, student=pseudonym(row.student, key) if row.student in unfinished else row.student, name=""
        )
        for row in summary.rows
    ]
    return msgspec.structs.replace(summary, rows=tuple(sorted(rows, key=lambda row: row.student)))
