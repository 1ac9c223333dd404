"""The journal of a class: every grading, adjustment, comment and filled cell is an event, and no event ever changes.

The results table holds the latest report of each submission. The journal holds how it came about, and what people
decided about it, so adjustments and comments survive a regrade. `replay` computes every mark from the events alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from grader import __version__
from grader.classroom.database import Database
from grader.model.class_ import Adjustment, Comment, adjusted
from grader.model.report import Report, Verdict

EventName = Literal["run", "graded", "add", "set", "comment", "withdraw", "filled"]


class Grading(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was graded, and how: the digests of program and exercise, the grader's version, the isolation level."""

    max_score: float
    submission: str = ""
    exercise: str = ""
    grader: str = ""
    isolation: str = ""


class Reach(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom a comment reaches besides a named student: a misconception, equal wrong answers, equal programs."""

    misconception: str = ""
    fingerprint: str = ""
    submission: str = ""
    tree: str = ""


class Event(NamedTuple):
    """A line of the journal. `points` are a grading's score or an adjustment's, `target` is the event withdrawn.

    A grading by which the grader failed has no points. `data` is JSON: a Grading, a Reach, or the name of a column.
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


def record_grading(base: Database, student: str, exercise: str, report: Report, reason: str, version: str) -> None:
    """Append a grading; where the grader failed it has no points."""
    failed = any(check.verdict is Verdict.internal_error for check in report.checks)
    data = Grading(report.max_score, report.submission, version, __version__, report.isolation.level)
    points = None if failed else report.score
    record(base, "graded", student, exercise, points=points, text=reason, data=data)


def events(base: Database, student: str = "") -> Iterator[Event]:
    """Yield the events in their order, all or those of one student."""
    with base.named_faults():
        for row in base.db.execute("SELECT * FROM journal WHERE ? IN ('', student) ORDER BY id", (student,)):
            yield Event(*row)


class Decisions(NamedTuple):
    """What people decided, without what was withdrawn: adjustments by student and exercise, comments by exercise."""

    adjustments: Mapping[tuple[str, str], tuple[Adjustment, ...]]
    comments: Mapping[str, tuple[tuple[str, Reach, Comment], ...]]

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


def replay(found: Iterable[Event]) -> dict[tuple[str, str], float | None]:
    """Return each mark that follows from the events: the last grading's score with the adjustments that hold."""
    kept = list(found)
    gradings = {(event.student, event.exercise): event for event in kept if event.event == "graded"}
    hand = _decisions(kept).adjustments
    return {key: adjusted(event.points, event.grading.max_score, hand.get(key, ())) for key, event in gradings.items()}


def filled(base: Database, column: str) -> dict[str, str]:
    """Return what this tool wrote last into each cell of a gradebook's column, by the id of the row."""
    with base.named_faults():
        ask = "SELECT student, text FROM journal WHERE event = 'filled' AND data = ? ORDER BY id"
        return dict(base.db.execute(ask, (column,)))


class Change(NamedTuple):
    """A mark that went up or down since an event, the events that did it, and why."""

    student: str
    exercise: str
    old: float
    new: float
    why: str


def runs(base: Database) -> list[Event]:
    """Return the runs, the first of which is run 1."""
    with base.named_faults():
        found = base.db.execute("SELECT * FROM journal WHERE event = 'run' ORDER BY id")
        return [Event(*row) for row in found]


def changes(base: Database, since: int) -> list[Change]:
    """Return the marks that are not what they were at the event `since`, with the reasons."""
    after = list(events(base))
    before = [event for event in after if event.id <= since]
    old, new = replay(before), replay(after)
    graded = [{(e.student, e.exercise): e for e in some if e.event == "graded"} for some in (before, after)]
    by_hand = {(e.student, e.exercise) for e in after if e.id > since and e.event in ("add", "set")}
    targets = {e.id: (e.student, e.exercise) for e in after}
    by_hand |= {targets[e.target] for e in after if e.id > since and e.event == "withdraw" and e.target in targets}
    found = []
    for key, mark in new.items():
        earlier = old.get(key)
        if earlier is None or mark is None or abs(earlier - mark) < 1e-9:
            continue
        why = _reasons(graded[0][key].grading, graded[1][key].grading)
        why += ["adjustment"] * (key in by_hand)
        found.append(
            Change(*key, earlier, mark, " and ".join(why) or "the program behaves differently from run to run")
        )
    return found


def _reasons(old: Grading, new: Grading) -> list[str]:
    """Return what differs between two gradings. What an older grader did not record is not compared."""
    pairs = (
        ("new program", old.submission, new.submission),
        ("changed exercise", old.exercise, new.exercise),
        ("other grader", old.grader, new.grader),
        ("other isolation", old.isolation, new.isolation),
    )
    return [why for why, before, after in pairs if before != after and (before or why == "new program")]
