"""The journal of a class: every grading, adjustment, comment and filled cell is an event, and no event ever changes.

The results table holds the latest report of each submission. The journal holds how it came about, and what people
decided about it, so adjustments and comments survive a regrade. `replay` computes from the events alone every mark of a
submission and every mark that a person gave.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from grader import __version__
from grader.classroom.database import Database
from grader.model.class_ import Entry
from grader.model.marks import Adjustment, Comment, Policy, Submitted, counting, lateness, mark_of
from grader.model.report import Report, Verdict

EventName = Literal["run", "graded", "submitted", "policy", "add", "set", "comment", "withdraw", "filled"]


class Grading(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was graded, and how: the digests of program and exercise, the grader's version, the isolation level.

    `submitted` is what the platform states of the time. `person` is the id of the only student, where it is not that of
    the submission.
    """

    max_score: float
    submission: str = ""
    exercise: str = ""
    grader: str = ""
    isolation: str = ""
    submitted: Submitted = Submitted()
    person: str = ""


class Reach(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom a comment reaches besides a named student: a misconception, equal wrong answers, equal programs."""

    misconception: str = ""
    fingerprint: str = ""
    submission: str = ""
    tree: str = ""


class Event(NamedTuple):
    """A line of the journal. `points` are a grading's score or an adjustment's, `target` is the event withdrawn.

    A grading by which the grader failed has no points. `data` is JSON (a Grading, a Submitted, a Policy, a Reach) or
    the name of a column.
    """

    id: int
    at: str
    who: str
    event: EventName
    student: str
    exercise: str
    points: float | None
    target: int | None
    text: str
    data: str

    @property
    def submitted(self) -> Submitted:
        return msgspec.json.decode(self.data, type=Submitted)

    @property
    def grading(self) -> Grading:
        return msgspec.json.decode(self.data, type=Grading)


def now() -> str:
    """Return the present time as the journal writes it: UTC, in seconds."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def record(
    base: Database,
    event: EventName,
    student: str = "",
    exercise: str = "",
    *,
    who: str = "",
    points: float | None = None,
    target: int | None = None,
    text: str = "",
    data: msgspec.Struct | str = "",
) -> int:
    """Append an event and return its number. The caller holds the transaction."""
    encoded = data if isinstance(data, str) else msgspec.json.encode(data).decode()
    row = (now(), who, event, student, exercise, points, target, text, encoded)
    ask = "INSERT INTO journal VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    return int(base.db.execute(ask, row).lastrowid or 0)


def record_grading(base: Database, entry: Entry, report: Report, reason: str, version: str) -> None:
    """Append a grading; where the grader failed it has no points."""
    failed = any(check.verdict is Verdict.internal_error for check in report.checks)
    how = version, __version__, report.isolation.level, entry.times, entry.person
    points = None if failed else report.score
    data = Grading(report.max_score, report.submission, *how)
    record(base, "graded", entry.student, entry.exercise, points=points, text=reason, data=data)


def events(base: Database, student: str = "") -> Iterator[Event]:
    """Yield the events in their order, all or those of one student."""
    with base.named_faults():
        for row in base.db.execute("SELECT * FROM journal WHERE ? IN ('', student) ORDER BY id", (student,)):
            yield Event(*row)


class Decisions(NamedTuple):
    """What people decided, without what was withdrawn: adjustments by student and exercise, comments by exercise."""

    adjustments: Mapping[tuple[str, str], tuple[Adjustment, ...]]
    comments: Mapping[str, tuple[tuple[str, Reach, Comment], ...]]

    def of(self, entry: Entry) -> tuple[Adjustment, ...]:
        """Return the adjustments of a submission, also those of the time when its only student was absent."""
        own, other = (self.adjustments.get((id, entry.exercise), ()) for id in (entry.student, entry.person))
        return tuple(sorted({*own, *other}, key=lambda one: one.id))

    def comments_on(self, student: str, report: Report, tree: str) -> tuple[Comment, ...]:
        """Return the comments that reach a report: to its student, or on its misconception, answers or program."""
        return tuple(
            comment
            for to, reach, comment in self.comments.get(report.exercise, ())
            if (to == student if to else _reaches(reach, report, tree))
        )


def decisions(base: Database) -> Decisions:
    """Read all adjustments and comments that hold."""
    with base.named_faults():
        ask = "SELECT * FROM journal WHERE event IN ('add', 'set', 'comment', 'withdraw') ORDER BY id"
        found = [Event(*row) for row in base.db.execute(ask)]
    return _decisions(found)


def _decisions(found: Sequence[Event]) -> Decisions:
    withdrawn = {event.target for event in found if event.event == "withdraw"}
    adjustments: dict[tuple[str, str], tuple[Adjustment, ...]] = {}
    comments: dict[str, tuple[tuple[str, Reach, Comment], ...]] = {}
    for event in found:
        if event.id in withdrawn:
            continue
        if event.event in ("add", "set"):
            one = Adjustment(event.id, event.at, event.who, event.points or 0.0, event.event == "set", event.text)
            key = event.student, event.exercise
            adjustments[key] = (*adjustments.get(key, ()), one)
        elif event.event == "comment":
            reach = msgspec.json.decode(event.data, type=Reach) if event.data else Reach()
            comment = Comment(event.id, event.at, event.who, event.text)
            comments[event.exercise] = (*comments.get(event.exercise, ()), (event.student, reach, comment))
    return Decisions(adjustments, comments)


def _reaches(reach: Reach, report: Report, tree: str) -> bool:
    found = report.diagnosis
    certain = set.intersection(*map(set, found.misconceptions)) if found and found.misconceptions else set()
    return bool(
        (reach.misconception and reach.misconception in certain)
        or (reach.fingerprint and found and reach.fingerprint == found.fingerprint)
        or (reach.submission and reach.submission == report.submission)
        or (reach.tree and reach.tree == tree)
    )


class _Versions:
    """The gradings of one submission: the last one for each time at which it was submitted, the present one last."""

    def __init__(self) -> None:
        self.gradings: dict[Submitted, Event] = {}

    def add(self, when: Submitted, event: Event | None = None) -> None:
        """Add a grading, or the present one for another time. One of no known time is not a version of its own."""
        event = event or next(reversed(self.gradings.values()))
        self.gradings.pop(Submitted(), None)
        self.gradings.pop(when, None)
        self.gradings[when] = event


def replay(found: Iterable[Event]) -> dict[tuple[str, str], float | None]:
    """Return each mark that follows from the events: a score, less what the policy takes off, with the adjustments."""
    kept, policy = list(found), Policy()
    versions: dict[tuple[str, str], _Versions] = {}
    for event in kept:
        key = event.student, event.exercise
        if event.event == "graded":
            versions.setdefault(key, _Versions()).add(event.grading.submitted, event)
        elif event.event == "submitted":
            versions[key].add(event.submitted)
        elif event.event == "policy":
            policy = msgspec.json.decode(event.data, type=Policy)
    hand = _decisions(kept).adjustments
    marks = {key: mark_of(None, 0.0, own) for key, own in hand.items()}
    for key, own in versions.items():
        when, event = counting(policy, [(when, (when, event)) for when, event in own.gradings.items()], key[0])
        most, absent = event.grading.max_score, (event.grading.person, key[1])
        decided = sorted({*hand.get(key, ()), *hand.get(absent, ())}, key=lambda one: one.id)
        marks[key] = mark_of(event.points, most, decided, lateness(policy, when, key[0], most).points)
        if absent not in versions:  # the same student, who has submitted since
            marks.pop(absent, None)
    return marks


def policy(base: Database) -> Policy:
    """Return the policy in force: the last one."""
    with base.named_faults():
        found = base.db.execute("SELECT data FROM journal WHERE event = 'policy' ORDER BY id DESC LIMIT 1").fetchone()
    return msgspec.json.decode(found[0], type=Policy) if found else Policy()


def filled(base: Database, column: str) -> dict[str, str]:
    """Return what this tool wrote last into each cell of a gradebook's column, by the id of the row."""
    with base.named_faults():
        ask = "SELECT student, text FROM journal WHERE event = 'filled' AND data = ? ORDER BY id"
        return dict(base.db.execute(ask, (column,)))
