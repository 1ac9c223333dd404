"""`grade report --html FILE`: the class as one page."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from grader.cli.html import write_page

if TYPE_CHECKING:
    from grader.classroom.store import Store
    from grader.model.class_ import ClassView, Entry, Result

KEY = "pseudonyms"  # in the store: without it nobody can tell who a pseudonym stands for

anonymous_option = click.option(
    "--anonymous", is_flag=True, help="With --html: pseudonyms for names, the same each time for one class."
)


def write_class_page(
    store: Store,
    exercises: Sequence[str],
    waiting: Sequence[Entry],
    path: Path,
    *,
    open_: bool,
    anonymous: bool,
    pages: Mapping[str, Path],
    with_copies: Callable[[ClassView], ClassView],
) -> None:
    """Write the page of a class; `pages` are the students' own, which it links to."""
    from grader.classroom import details, statistics
    from grader.model.page import ClassPage
    from grader.output.page import class_page

    key = _key(store) if anonymous else ""

    def results() -> Iterator[Result]:
        for result in store.results(exercises):
            yield details.anonymous(result, key) if anonymous else result

    seen = statistics.view(results())
    summary = statistics.summary(results(), waiting)
    known = {row.student for row in summary.rows} - {entry.student for entry in waiting}
    view = with_copies(seen)
    view = statistics.with_the_rest(view, waiting, *store.left_out(), store.about().get("answers", ""))
    if anonymous:
        view = details.anonymous_view(view, key)
        summary = details.anonymous_summary(summary, known, key)
    links = {student: _link(page, path) for student, page in pages.items()}
    it = ClassPage(view, summary, details.details(results()), links, anonymous)
    write_page(path, class_page.document(it), open_)


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
            writable.tell({KEY: key})
    return key
