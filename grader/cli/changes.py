"""Show whose marks went up or down since an earlier run or moment, and why."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.console import show
from grader.errors import GradeError, Problem
from grader.numbers import as_points
from grader.text import named, one_line, shell_word

if TYPE_CHECKING:
    from grader.classroom.store import Store
    from grader.model.marks import Change

MOST_LISTED = 10


def show_changes(store: Store, since: int, out: Path) -> None:
    """Show in a few lines what a run that began with the event `since` changed; nothing where no mark changed."""
    from grader.classroom.changes import changes
    from grader.output.class_text import changed

    found = changes(store, since)
    if found:
        show(f"{changed(found)}:")
        _show(store, found[:MOST_LISTED])
        if len(found) > MOST_LISTED:
            show(f"  … and {len(found) - MOST_LISTED} more (`grade report {shell_word(out)} --changes` lists all)")


def report_changes(store: Store, since: str) -> None:
    """Show all changes since a run by its number, a time, or the last run by default."""
    from grader.classroom.changes import changes
    from grader.output.class_text import changed

    found = changes(store, _event(store, since))
    show(f"{changed(found)}:" if found else "no mark changed")
    _show(store, found)


def _show(store: Store, found: Sequence[Change]) -> None:
    names = store.names()
    for change in found:
        who = named(change.student, names.get(change.student, ""))
        show(f"  {who} {change.exercise}: {as_points(change.old)} → {as_points(change.new)} ({change.why})")


def _event(store: Store, since: str) -> int:
    """Return the last event before a run or a time; by default before the last run, or the last policy after it."""
    from grader.classroom import changes, journal

    if not since:
        return changes.last(store)
    runs = changes.runs(store)
    if since.isdigit() and len(since) < 4:
        if not 1 <= int(since) <= len(runs):
            raise GradeError(Problem(f"there is no run {since}", f"the runs are 1 to {len(runs)}; or give a time"))
        return runs[int(since) - 1].id
    try:
        moment = datetime.datetime.fromisoformat(since)
    except ValueError:
        help = "give the number of a run, or a time as `2026-05-04` or `2026-05-04T12:00`"
        raise GradeError(Problem(f"`--since {one_line(since)}` is neither a run nor a time", help)) from None
    moment = moment.astimezone(datetime.timezone.utc)
    before = [e.id for e in journal.events(store) if datetime.datetime.fromisoformat(e.at) < moment]
    return before[-1] if before else 0
