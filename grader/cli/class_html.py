"""`grade report --html FILE`: the class as one page."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click
import msgspec

from grader.cli.html import write_page
from grader.cli.similar import programs

if TYPE_CHECKING:
    from grader.classroom.store import Store
    from grader.cli.gradebooks import Selection
    from grader.model.class_ import ClassView, Result

KEY = "pseudonyms"  # in the store: without it nobody can tell who a pseudonym stands for

anonymous_option = click.option(
    "--anonymous", is_flag=True, help="With --html: pseudonyms for names, the same each time for one class."
)


def write_class_page(
    selection: Selection,
    path: Path,
    with_others: Callable[[Selection, ClassView], ClassView],
    *,
    open_: bool,
    anonymous: bool,
    pages: Mapping[str, Path],
) -> None:
    """Write the page of a class; `pages` are the students' own, which it links to.

    `with_others` adds similar programs and those who have no result to the statistics.
    """
    from grader.classroom import details, statistics
    from grader.model.page import ClassPage
    from grader.output.html import class_

    key = _key(selection.store) if anonymous else ""

    def results() -> Iterator[Result]:
        for result in selection.results():
            yield details.anonymous(result, key) if anonymous else result

    view = with_others(selection, statistics.view(results()))
    summary = statistics.summary(results(), selection.unfinished)
    if anonymous:
        waiting = {entry.student for entry in selection.unfinished}
        summary = details.anonymous_summary(summary, waiting, key)
        view = details.anonymous_view(view, key)
    each = details.details(results())
    for seen in () if anonymous else view.exercises:  # a program can hold its author's name
        if seen.exercise in each:
            found = programs(selection, seen)
            each[seen.exercise] = msgspec.structs.replace(each[seen.exercise], programs=found)
    links = {student: _link(page, path) for student, page in pages.items()}
    it = ClassPage(view, summary, each, links, anonymous)
    write_page(path, class_.document(it), open_, private=True)


def _link(page: Path, start: Path) -> str:
    """Return the way from one page to another, as a URL of plain letters."""
    return quote(Path(os.path.relpath(page, start.parent)).as_posix())


def _key(store: Store) -> str:
    """Return the key of the class's pseudonyms; the first time, make one and keep it with the results."""
    from grader.classroom.store import Store as Stored

    key = store.about().get(KEY, "")
    if not key:
        key = secrets.token_hex(16)
        with Stored(store.path, writing=True) as writable:
            writable.describe({KEY: key})
    return key
