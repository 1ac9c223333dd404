"""What `grade report` gives back to a course platform: a gradebook with the marks filled in, and feedback files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from grader.cli.console import show
from grader.cli.selection import Selection
from grader.errors import EnvironmentTrouble, GradeError, Problem, near
from grader.files import replace
from grader.model.class_ import Entry, Result
from grader.model.report import Report
from grader.numbers import as_points
from grader.output.class_text import adjustment_text, late_text
from grader.text import named, one_line, some

if TYPE_CHECKING:
    from grader.classroom.store import Store
    from grader.platforms.gradebook import Change, Filled, Mark

MOST_BYTES = 64 << 20
NOT_YET = "not graded yet"


class Gradebook(NamedTuple):
    """A platform's file, and what fills in its marks."""

    platform: str
    path: Path
    fill: Callable[..., Filled]


class Filling(NamedTuple):
    """How to fill in: where to, without whom, over marks of others (`overwrite`), or only to show it (`dry_run`)."""

    out: Path | None
    without: Sequence[str] = ()
    overwrite: bool = False
    dry_run: bool = False


def gradebooks(
    canvas: Path | None, title: str, moodle: Path | None, columns: Sequence[str], gradescope: Path | None
) -> list[Gradebook]:
    """Return the gradebooks to fill in, each with its platform."""
    from grader.platforms import canvas as canvas_
    from grader.platforms import gradescope as gradescope_
    from grader.platforms import moodle as moodle_

    books: list[tuple[str, Path | None, Callable[..., Filled]]] = [
        ("canvas", canvas, partial(canvas_.fill_gradebook, title=title)),
        ("moodle", moodle, partial(moodle_.fill_gradebook, columns=_pairs(columns))),
        ("gradescope", gradescope, gradescope_.fill_gradebook),
    ]
    return [Gradebook(platform, path, fill) for platform, path, fill in books if path]


def _pairs(columns: Sequence[str]) -> dict[str, str]:
    """Read each `ENGLISH=NAME`."""
    pairs = [column.partition("=") for column in columns]
    for english, between, name in pairs:
        if not (english and between and name):
            raise click.UsageError(f"--column {english}{between}{name}: write it as `Grade=Bewertung`")
    return {english: name for english, _, name in pairs}


def fill(selection: Selection, book: Gradebook, how: Filling) -> None:
    """Fill in a platform's file, in a copy beside it or at `out`: the original is never overwritten.

    Raise GradeError where a cell holds a mark that this tool did not write last.
    """
    from grader.classroom import journal

    data = _read(book.path)
    _check_ids(how.without, selection.store)
    marks, notes = _marks(selection, how.without)
    filled = book.fill(data, marks, where=book.path.name)
    column = f"{book.platform}: {filled.column}: {', '.join(selection.exercises)}"
    if not how.overwrite:
        _check_replaced(filled, journal.filled(selection.store, column), book.path.name)
    target = how.out or book.path.with_name(f"{book.path.stem}.filled{book.path.suffix}")
    if target.exists() and target.samefile(book.path):
        raise GradeError(Problem("`--out` is the gradebook itself", "choose another file: the original is kept"))
    if not how.dry_run:
        _write(selection.store, filled, column, target)
    _show_changes(filled, target, how.dry_run)
    _show_notes(notes, filled.notes)


def _check_replaced(filled: Filled, written: Mapping[str, str], where: str) -> None:
    """Raise GradeError for the cells with marks of others, which would be lost."""
    foreign = [cell for cell in filled.changes if cell.replaces and not cell.holds(written.get(cell.row, ""))]
    if foreign:
        cells = "".join(f"\n  {_change(cell)}" for cell in foreign)
        these = "a cell holds a mark" if len(foreign) == 1 else f"{len(foreign)} cells hold marks"
        says = f"{these} that `grade report` did not write:{cells}"
        help = "`--overwrite` replaces them, `--without ID` keeps a student's; nothing was written"
        raise GradeError(Problem(says, help, where))


def _write(store: Store, filled: Filled, column: str, target: Path) -> None:
    """Write the file, and remember its cells: if it cannot be written, or this process is killed, they are not."""
    from grader.classroom import journal
    from grader.classroom.store import Store as Stored

    with Stored(store.path, writing=True) as writable, writable.transaction():
        for cell in filled.changes:
            journal.record(writable, "filled", cell.row, text=cell.new, data=column)
        try:
            replace(target, filled.data, private=True)
        except OSError as error:
            says = f"`{one_line(str(target))}` cannot be written: {error.strerror}"
            raise EnvironmentTrouble(Problem(says)) from None


def _show_changes(filled: Filled, target: Path, dry_run: bool) -> None:
    """Show each cell that holds something else now; empty cells that get a mark are listed with `--dry-run`."""
    replaced = [cell for cell in filled.changes if cell.replaces]
    wrote = f"`{one_line(str(target))}` would get" if dry_run else f"wrote {one_line(str(target))}:"
    rest = f"{len(replaced)} of them in place of earlier ones" if replaced else "nothing else changed"
    rest = "not written because of `--dry-run`" if dry_run and not replaced else rest
    show(f"{wrote} {filled.changed} mark{'s' * (filled.changed != 1)} in `{one_line(filled.column)}`, {rest}")
    _show_notes(map(_change, filled.changes if dry_run else replaced))


def _change(cell: Change) -> str:
    return f"{named(cell.row, cell.name)}: {one_line(cell.old) or '(empty)'} → {cell.new}"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        says = f"`{one_line(str(path))}` cannot be read: {error.strerror}"
        raise GradeError(Problem(says, "give the file as the platform exported it")) from None


def _check_ids(without: Sequence[str], store: Store) -> None:
    people = store.people() | {one.id for one in store.absent()}
    for id in without:
        if id not in people:
            help = near(id, people) or f"`grade report{store.word} --students` shows everybody's id in brackets"
            raise GradeError(Problem(f"`--without {one_line(id)}`: the class has nobody with this id", help))


def _marks(selection: Selection, without: Sequence[str]) -> tuple[list[Mark], list[str]]:
    """Return everybody's mark for all of the exercises together, but for the people in `without`, and notes.

    Where the grader failed, or has not graded everything yet, a mark has no points but the reason.
    """
    from grader.platforms.gradebook import Mark

    selection = selection.counted()
    most = sum(known.points for id, known in selection.assigned.items() if id in selection.exercises)
    unfinished = {entry.student: entry for entry in selection.unfinished}
    marks: list[tuple[Entry, Mark]] = []
    notes: dict[str, list[str]] = {}
    for student, group in groupby(selection.results(), lambda result: result.entry.student):
        results = list(group)
        entry = results[0].entry
        if entry.student in without or _all_left_out(entry, without):
            unfinished.pop(student, None)
            continue
        pending = unfinished.pop(student, None) is not None
        known = [result.mark for result in results if result.mark is not None]
        why = NOT_YET if pending else "the grader failed" if len(known) < len(results) else ""
        marks.append((entry, Mark(entry.people, round(sum(known), 6), most, why, student)))
        for note in () if why else dict.fromkeys(note for result in results for note in _notes(result)):
            notes.setdefault(note, []).append(named(student, entry.name))
    waiting = [entry for entry in unfinished.values() if entry.student not in without]
    marks += [(entry, Mark(entry.people, 0.0, most, NOT_YET, entry.student)) for entry in waiting]
    return [
        mark._replace(people=tuple(person for person in entry.people if person.id not in without))
        for entry, mark in marks
        if not _all_left_out(entry, without)
    ], [f"{note}: {some(names)}" for note, names in notes.items()]


def _notes(result: Result) -> Iterator[str]:
    """Yield what an instructor should know of a mark before it goes into a gradebook."""
    if not (result.report.submission or result.adjustments or result.absent):
        yield "no points for what could not be graded"
    if result.older:
        yield f"the mark is of an older version of the {result.older}; `grade class` grades it again"
    if result.late.unknown:
        yield "not counted as late, because the platform states no time"
    if result.late.guessed:
        yield "late, but the platform does not state by how much; counted as one day"


def _all_left_out(entry: Entry, without: Sequence[str]) -> bool:
    return bool(entry.people) and all(person.id in without for person in entry.people)


def write_feedback(selection: Selection, folder: Path, pack: Path) -> dict[str, Path]:
    """Write the feedback of everybody who has a result for each exercise: half a page would pass for a whole one.

    Return each student's page. `pack` has the exercises, for the pictures of wrong cases.
    """
    from grader.exercises.lock import read_pack
    from grader.exercises.pack import pack_name, pack_words
    from grader.platforms import feedback

    locks = {lock.exercise.id: lock for lock in read_pack(pack, selection.exercises)[0]}
    name = pack_name(pack)

    waiting = {entry.student: named(entry.student, entry.name) for entry in selection.unfinished}
    remarks: dict[str, list[str]] = {}
    marks: dict[str, dict[str, float]] = {}

    def pairs() -> Iterator[tuple[Entry, list[Report]]]:
        for result in selection.results():
            student = result.entry.student
            if student not in waiting and not result.absent:
                remarks.setdefault(student, []).extend(_remarks(result))
                own = marks.setdefault(student, {})
                if result.mark is not None and (result.adjustments or result.late.points):
                    own[result.report.exercise] = result.mark
                yield result.entry, [result.report]

    layout = selection.store.about().get("layout", "")
    written = feedback.write(pairs(), folder, layout, locks.get, remarks, marks, pack_words(name))
    show(f"wrote {len(written.files)} files into {one_line(str(folder))}")
    if written.archive:
        show(f"upload {one_line(str(written.archive))} to the platform")
    without = [f"{NOT_YET}, and no page written: {some(list(waiting.values()))}"] if waiting else []
    _show_notes(without, written.notes)
    return written.pages


def _remarks(result: Result) -> Iterator[str]:
    """Yield how late a submission is and what people decided about it, in sentences for its student."""
    exercise, most = result.report.exercise, as_points(result.report.max_score)
    if result.older:
        yield f"{exercise}: graded with an older version of the {result.older}; it will be graded again."
    if result.earlier:
        at = f" of {result.submitted.at.replace('T', ' ')}" * bool(result.submitted.at)
        yield f"{exercise}: your last version on time{at} counts; the later one is late."
    if late := late_text(result.late):
        yield f"{exercise}: {late}{' points' * bool(result.late.points)}."
    for one in result.adjustments:
        yield one_line(f"{exercise}: {adjustment_text(one)} points by {one.who}: {one.why}", 1200)
    if (result.adjustments or result.late.points) and result.mark is not None:
        yield f"{exercise}: your mark is {as_points(result.mark)} of {most}."
    for comment in result.comments:
        yield one_line(f"{exercise}: {comment.who} writes: {comment.text}", 2200)


def _show_notes(*notes: Iterable[str]) -> None:
    for lines in notes:
        for note in lines:
            show(f"  {note}")
