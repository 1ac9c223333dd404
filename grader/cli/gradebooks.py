"""What `grade report` gives back to a course platform: a gradebook with the marks filled in, and feedback files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from grader.cli.console import show
from grader.errors import EnvironmentTrouble, GradeError, Problem, near
from grader.files import replace
from grader.model.class_ import Entry, Result
from grader.text import named, one_line, some

if TYPE_CHECKING:
    from grader.classroom.store import Store
    from grader.platforms.gradebook import Filled, Mark

MOST_BYTES = 64 << 20
NOT_YET = "not graded yet"


class Selection(NamedTuple):
    """The results of some exercises of a class; `unfinished` are the entries for them without a result."""

    store: Store
    exercises: tuple[str, ...]
    unfinished: tuple[Entry, ...]

    def results(self) -> Iterator[Result]:
        return self.store.results(self.exercises)


class Gradebook(NamedTuple):
    """A platform's file, and what fills in its marks."""

    path: Path
    fill: Callable[..., Filled]


def gradebooks(
    canvas: Path | None, title: str, moodle: Path | None, columns: Sequence[str], gradescope: Path | None
) -> list[Gradebook]:
    """Return the gradebooks to fill in, each with its platform."""
    from grader.platforms import canvas as canvas_
    from grader.platforms import gradescope as gradescope_
    from grader.platforms import moodle as moodle_

    books: list[tuple[Path | None, Callable[..., Filled]]] = [
        (canvas, partial(canvas_.fill_gradebook, title=title)),
        (moodle, partial(moodle_.fill_gradebook, columns=_pairs(columns))),
        (gradescope, gradescope_.fill_gradebook),
    ]
    return [Gradebook(path, fill) for path, fill in books if path]


def _pairs(columns: Sequence[str]) -> dict[str, str]:
    """Read each `ENGLISH=NAME`."""
    pairs = [column.partition("=") for column in columns]
    for english, between, name in pairs:
        if not (english and between and name):
            raise click.UsageError(f"--column {english}{between}{name}: write it as `Grade=Bewertung`")
    return {english: name for english, _, name in pairs}


def fill(selection: Selection, book: Gradebook, out: Path | None, without: Sequence[str]) -> None:
    """Fill in a platform's file, in a copy beside it or at `out`: the original is never overwritten."""
    data = _read(book.path)
    _check_ids(without, selection.store.people())
    marks = _marks(selection, without)
    filled = book.fill(data, [mark for mark, _ in marks], where=book.path.name)
    target = out or book.path.with_name(f"{book.path.stem}.filled{book.path.suffix}")
    if target.exists() and target.samefile(book.path):
        raise GradeError(Problem("`--out` is the gradebook itself", "choose another file: the original is kept"))
    try:
        replace(target, filled.data)
    except OSError as error:
        raise EnvironmentTrouble(Problem(f"`{one_line(str(target))}` cannot be written: {error.strerror}")) from None
    show(f"wrote {one_line(str(target))}: {filled.changed} marks in `{one_line(filled.column)}`, nothing else changed")
    unread = [student for _, student in marks if student]
    _show_notes([f"no points for what could not be graded: {some(unread)}"] if unread else [], filled.notes)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        says = f"`{one_line(str(path))}` cannot be read: {error.strerror}"
        raise GradeError(Problem(says, "give the file as the platform exported it")) from None


def _check_ids(without: Sequence[str], people: set[str]) -> None:
    for id in without:
        if id not in people:
            help = near(id, people) or "`grade report --students` shows everybody's id in brackets"
            raise GradeError(Problem(f"`--without {one_line(id)}`: nobody submitted anything under this id", help))


def _marks(selection: Selection, without: Sequence[str]) -> list[tuple[Mark, str]]:
    """Return everybody's mark for all of the exercises together, but for the people in `without`.

    With it, the name of a student whose file could not be read. Where the grader failed, or has not graded everything
    yet, a mark has no points but the reason.
    """
    from grader.classroom.reading import is_fault
    from grader.platforms.gradebook import Mark

    points = selection.store.points()
    most = sum(points[id] or 0.0 for id in selection.exercises)
    unfinished = {entry.student: entry for entry in selection.unfinished}
    marks: list[tuple[Entry, Mark, str]] = []
    for student, group in groupby(selection.results(), lambda result: result.entry.student):
        results = list(group)
        entry, reports = results[0].entry, [result.report for result in results]
        pending = unfinished.pop(student, None) is not None
        why = NOT_YET if pending else "the grader failed" if any(map(is_fault, reports)) else ""
        unread = not why and not all(report.submission for report in reports)
        mark = Mark(entry.people, round(sum(report.score for report in reports), 6), most, why, student)
        marks.append((entry, mark, named(student, entry.name) if unread else ""))
    marks += [(entry, Mark(entry.people, 0.0, most, NOT_YET, entry.student), "") for entry in unfinished.values()]
    return [
        (mark._replace(people=tuple(person for person in entry.people if person.id not in without)), unread)
        for entry, mark, unread in marks
        if entry.student not in without and not _all_left_out(entry, without)
    ]


def _all_left_out(entry: Entry, without: Sequence[str]) -> bool:
    return bool(entry.people) and all(person.id in without for person in entry.people)


def write_feedback(selection: Selection, folder: Path, pack: Path) -> dict[str, Path]:
    """Write the feedback of everybody who has a result for each exercise: half a page would pass for a whole one.

    Return each student's page. `pack` has the exercises, for the pictures of wrong cases.
    """
    from grader.exercises.lock import read_pack
    from grader.platforms import feedback

    locks = {lock.exercise.id: lock for lock in read_pack(pack, selection.exercises)[0]}

    waiting = {entry.student: named(entry.student, entry.name) for entry in selection.unfinished}
    results = (result for result in selection.results() if result.entry.student not in waiting)
    pairs = ((result.entry, [result.report]) for result in results)
    written = feedback.write(pairs, folder, selection.store.about().get("layout", ""), locks.get)
    show(f"wrote {len(written.files)} files into {one_line(str(folder))}")
    if written.archive:
        show(f"upload {one_line(str(written.archive))} to the platform")
    late = [f"{NOT_YET}, and no page written: {some(list(waiting.values()))}"] if waiting else []
    _show_notes(late, written.notes)
    return written.pages


def _show_notes(*notes: Iterable[str]) -> None:
    for lines in notes:
        for note in lines:
            show(f"  {note}")
