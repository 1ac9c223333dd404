"""Show one student: `grade history`, and `grade report --student`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.console import show
from grader.cli.policy import apply_policy
from grader.errors import GradeError, Problem, near
from grader.numbers import as_points
from grader.output.class_text import adjustment_text, late_text
from grader.text import named, one_line

if TYPE_CHECKING:
    from grader.classroom.journal import Event
    from grader.classroom.store import Store
    from grader.model.class_ import Entry, Result
    from grader.model.marks import Submitted

_file = click.Path(path_type=Path)
results_option = click.option(
    "--results",
    type=_file,
    metavar="FILE",
    default=Path("results.sqlite"),
    help="The results (default: results.sqlite).",
)


@click.command
@click.argument("student")
@results_option
def history(student: str, results: Path) -> int:
    """Show every grading, adjustment and comment of STUDENT, in their order, and the marks that follow from them."""
    from grader.classroom.store import Store

    apply_policy(results)
    with Store(results) as store:
        entries = _entries(store, student, store.exercises())
        show(f"history of {named(entries[0].student, entries[0].name)}:")
        _show_history(store, entries)
        keys = {(entry.student, entry.exercise) for entry in entries}
        for result in store.results({entry.exercise for entry in entries}):
            if (result.entry.student, result.entry.exercise) in keys:
                show(f"now {_headline(result)}")
    return 0


def _entries(store: Store, student: str, exercises: Sequence[str]) -> list[Entry]:
    """Return what a person submitted, or should have. Raise GradeError where the class does not have the person."""
    from grader.classroom.absent import absent_entries

    every = [*(entry for id in exercises for entry in store.entries(id)), *absent_entries(store, exercises)]
    entries = [entry for entry in every if is_of(entry, student)]
    if not entries:
        words = dict.fromkeys(word for entry in every for word in entry.words)
        help = near(student, words) or f"`grade report{store.word} --students` shows everybody's id in brackets"
        raise GradeError(Problem(f"the class has nobody with the id `{one_line(student)}`", help))
    return entries


def _show_history(store: Store, entries: Sequence[Entry]) -> None:
    from grader.classroom import journal

    keys = {(entry.student, entry.exercise) for entry in entries}
    found = (result for result in store.results({id for _, id in keys}))
    numbers = {c.id for r in found if (r.entry.student, r.report.exercise) in keys for c in r.comments}
    for event in journal.events(store):
        own = event.event != "filled" and ((event.student, event.exercise) in keys or event.id in numbers)
        if own or event.event == "policy":
            about = f"{event.exercise}: " if own else ""
            show(f"  #{event.id} {event.at[:16].replace('T', ' ')} {about}{event_line(event)}")


def show_student(store: Store, student: str, exercises: Sequence[str]) -> None:
    """Show all that is known of one student: points of each case and of the sweep, decisions, history, the file."""
    from grader.classroom.absent import NOTHING

    entries = _entries(store, student, exercises)
    emails = " ".join(person.email for person in entries[0].people if person.email)
    show(f"{named(entries[0].student, entries[0].name)}{' ' * bool(emails)}{emails}")
    keys = {(entry.student, entry.exercise) for entry in entries}
    found = {(r.entry.student, r.entry.exercise): r for r in store.results({entry.exercise for entry in entries})}
    for entry in entries:
        result = found.get((entry.student, entry.exercise))
        if result is None:
            show(f"{entry.exercise}: {entry.problem if entry.problem == NOTHING else 'not graded yet'}")
        else:
            _show_result(result)
    known = [found[key].mark for key in keys if key in found]
    if len(known) == len(keys) and None not in known:
        most = as_points(sum(found[key].report.max_score for key in keys))
        show(f"total: {as_points(sum(mark for mark in known if mark is not None))} of {most}")
    show("history:")
    _show_history(store, entries)


def _show_result(result: Result) -> None:
    from grader.classroom.statistics import state_of
    from grader.model.report import Diagnosis
    from grader.output.report_text import parts, right_of, verdict_text

    report, entry = result.report, result.entry
    show(_headline(result))
    if state_of(entry, report) == "missing":
        show(f"  nothing to grade: {one_line(entry.problem or report.checks[0].text)}")
    else:
        written, drawn, hidden = parts(report)
        for check in (*written, *hidden):
            text = verdict_text(check)
            shown = f"{one_line(check.case, 60)}{' (hidden)' * check.hidden}{': ' * bool(text)}{one_line(text)}"
            show(f"  {as_points(check.score)} of {as_points(check.max_score)}  {shown}")
        if drawn:
            points, most = as_points(sum(c.score for c in drawn)), as_points(sum(c.max_score for c in drawn))
            show(f"  {points} of {most}  sweep: {right_of(drawn)} generated cases right")
    found = report.diagnosis or Diagnosis()
    for group in found.misconceptions:
        show(f"  misconception: {' and '.join(f'{one_line(found.says.get(id, id))} ({id})' for id in group)}")
    if late := late_text(result.late):
        show(f"  {late}{_when(result.submitted)}")
    for one in result.adjustments:
        show(f"  {adjustment_text(one)} ({one_line(one.who, 60)}): {one_line(one.why, 1000)}")
    for comment in result.comments:
        show(f"  comment ({one_line(comment.who, 60)}): {one_line(comment.text, 2000)}")
    show(f"  file: {_file_of(entry)}")


def _file_of(entry: Entry) -> str:
    """Return the platform's name for what was submitted, and the file in it that was graded."""
    name = entry.path.replace("\\", "/").rpartition("/")[2]
    inside = f"/{name}" if name and not entry.original.endswith(name) else ""
    return one_line(f"{entry.original}{inside}".removeprefix("/") or "none")


def _headline(result: Result) -> str:
    """Return an exercise with its mark, and what the mark is besides the score."""
    report = result.report
    traits = [late_text(result.late), "adjusted" * bool(result.adjustments)]
    traits += ["the last version on time" * result.earlier]
    traits += [f"an older version of the {result.older}" * bool(result.older)]
    most = as_points(report.max_score)
    return ", ".join([f"{report.exercise} · {report.title}: {mark_text(result.mark)} of {most}", *filter(None, traits)])


def event_line(event: Event) -> str:
    """Return what happened in a line."""
    by = f" ({one_line(event.who, 60)})" if event.who else ""
    points = 0.0 if event.points is None else event.points
    if event.event == "graded":
        of = event.grading
        score = "the grader failed" if event.points is None else f"{as_points(points)} of {as_points(of.max_score)}"
        program = f"; program {of.submission[:8]}" if of.submission else ""
        version = f", exercise {of.exercise[:8]}" if of.exercise else ""
        return f"graded {score}: {one_line(event.text)}{program}{version}{_when(of.submitted)}"
    if event.event == "policy":
        return f"late policy{by}: {one_line(event.text, 1000)}"
    if event.event == "submitted":
        return f"the same program was submitted again{_when(event.submitted)}"
    if event.event == "withdraw":
        return f"withdrew #{event.target}{by}{': ' * bool(event.text)}{one_line(event.text)}"
    if event.event == "comment":
        return f"comment{by}: {one_line(event.text, 2000)}"
    what = f"set to {as_points(points)}" if event.event == "set" else f"{'+' * (points >= 0)}{as_points(points)}"
    return f"{what}{by}: {one_line(event.text, 1000)}"


def _when(submitted: Submitted) -> str:
    """Return when something was submitted, as far as the platform states it."""
    flag = " (late, the platform states)" * bool(submitted.late)
    return f", submitted {submitted.at.replace('T', ' ')}{flag}" if submitted.at else flag


def is_of(entry: Entry, student: str) -> bool:
    """Tell whether a submission is a person's, who may be named by id, login or email."""
    from grader.platforms.names import same

    return same(student) in map(same, entry.words)


def mark_text(mark: float | None) -> str:
    """Write a mark, or that there is none."""
    return "no mark" if mark is None else as_points(mark)
