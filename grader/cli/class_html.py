"""`grade report --html FILE`: the class as one page."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click
import msgspec

from grader.cli.html import write_page
from grader.cli.selection import summary
from grader.cli.similar import programs

if TYPE_CHECKING:
    from grader.cli.selection import Selection
    from grader.model.class_ import ClassView, Summary
    from grader.model.marks import Change

anonymous_option = click.option(
    "--anonymous", is_flag=True, help="Pseudonyms for names, the same each time for one class."
)


def write_class_page(
    selection: Selection,
    path: Path,
    with_others: Callable[[Selection, ClassView], ClassView],
    sort: str,
    *,
    open_: bool,
    pages: Mapping[str, Path],
) -> None:
    """Write the page of a class; `pages` are the students' own, which it links to.

    `with_others` adds similar programs and those who have no result to the statistics.
    """
    from grader.classroom import details, statistics
    from grader.model.page import ClassPage
    from grader.output.html import class_

    view = with_others(selection, statistics.view(selection.results(), selection.assigned))
    each = details.details(selection.results())
    for seen in () if selection.key else view.exercises:  # a program can hold its author's name
        if seen.exercise in each:
            found = programs(selection, seen)
            each[seen.exercise] = msgspec.structs.replace(each[seen.exercise], programs=found)
    links = {student: _link(page, path) for student, page in pages.items()}
    marks = summary(selection, sort)
    it = ClassPage(view, marks, each, links, bool(selection.key), _changes(selection, marks))
    write_page(path, class_.document(it), open_, private=True)


def _changes(selection: Selection, marks: Summary) -> tuple[Change, ...]:
    """Return what the last run or policy changed for the students of these marks, in their order."""
    from grader.classroom import changes, details

    places = {row.student: place for place, row in enumerate(marks.rows)}
    found = []
    for one in changes.changes(selection.store, changes.last(selection.store)):
        student = details.pseudonym(one.student, selection.key) if selection.key else one.student
        if student in places and one.exercise in marks.exercises:
            name = marks.rows[places[student]].name
            found.append(msgspec.structs.replace(one, student=student, name=name))
    return tuple(sorted(found, key=lambda one: (places[one.student], list(marks.exercises).index(one.exercise))))


def _link(page: Path, start: Path) -> str:
    """Return the way from one page to another, as a URL of plain letters."""
    return quote(Path(os.path.relpath(page, start.parent)).as_posix())
