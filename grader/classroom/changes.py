"""Whose marks went up or down since an event of the journal, and why."""

from __future__ import annotations

from grader.classroom.database import Database
from grader.classroom.journal import Event, Grading, events, replay
from grader.model.marks import Change


def runs(base: Database) -> list[Event]:
    """Return the runs, the first of which is run 1."""
    with base.named_faults():
        found = base.db.execute("SELECT * FROM journal WHERE event = 'run' ORDER BY id")
        return [Event(*row) for row in found]


def last(base: Database) -> int:
    """Return the event since which changes are news: the last run, or the one before a policy that came after it."""
    with base.named_faults():
        ask = "SELECT coalesce(max(CASE event WHEN 'run' THEN id ELSE id - 1 END), 0) FROM journal"
        (found,) = base.db.execute(f"{ask} WHERE event IN ('run', 'policy')").fetchone()
    return int(found)


def changes(base: Database, since: int) -> list[Change]:
    """Return the marks that are not what they were at the event `since`, with the reasons."""
    after = list(events(base))
    before, later = ([e for e in after if (e.id <= since) is known] for known in (True, False))
    old, new = replay(before), replay(after)
    graded = [{(e.student, e.exercise): e.grading for e in some if e.event == "graded"} for some in (before, after)]
    targets = {e.id: (e.student, e.exercise) for e in after}
    by_hand = {(e.student, e.exercise) for e in later if e.event in ("add", "set")}
    by_hand |= {targets[e.target] for e in later if e.event == "withdraw" and e.target in targets}
    again = {(e.student, e.exercise) for e in later if e.event == "submitted"}
    policies = {e.id for e in later if e.event == "policy"}
    without = replay(e for e in after if e.id not in policies) if policies else new
    found = []
    for key, mark in new.items():
        earlier = old.get(key)
        if earlier is None or mark is None or abs(earlier - mark) < 1e-9:
            continue
        why = _reasons(graded[0][key], graded[1][key]) if key in graded[0] else []
        why += ["adjustment"] * (key in by_hand) + ["other time of submission"] * (key in again)
        why += ["late policy"] * (without[key] != mark)
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
