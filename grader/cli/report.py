"""`grade report`: a class as its instructor sees it, and as the course platform takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.class_page import anonymous_option, write_class_page
from grader.cli.console import show, write
from grader.cli.html import html_option, open_option, target
from grader.cli.options import complete_ids, pack_of, pack_option
from grader.errors import EnvironmentTrouble, GradeError, Problem, near
from grader.exercises.lock import read_lock
from grader.files import replace
from grader.model.class_ import Entry, Person, Result
from grader.model.report import Report, to_json
from grader.sandbox.process import Process
from grader.text import named, one_line, some

if TYPE_CHECKING:
    from grader.classroom.store import Store
    from grader.model.class_ import ClassView, Group
    from grader.model.exercise import Lock
    from grader.platforms.gradebook import Filled, Mark

MOST_BYTES = 64 << 20
NOT_YET = "not graded yet"
_file = click.Path(path_type=Path)
_FORMATS = click.Choice(["terminal", "csv", "json", "junit", "markdown"])


@click.command
@click.argument("results", type=_file, default=Path("results.sqlite"))
@click.option(
    "--exercise",
    "exercises",
    multiple=True,
    metavar="ID",
    shell_complete=complete_ids,
    help="Only this exercise; repeatable.",
)
@click.option("--format", type=_FORMATS, default="terminal", help="How to show the class; `terminal` unless said.")
@click.option("--students", is_flag=True, help="Show a line for each student, too.")
@click.option("--canvas", type=_file, metavar="GRADEBOOK", help="Fill in the gradebook that Canvas exported.")
@click.option("--title", metavar="TITLE", help="With --canvas: the assignment's title, as Canvas shows it.")
@click.option("--moodle", type=_file, metavar="WORKSHEET", help="Fill in the grading worksheet that Moodle gave.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="ENGLISH=NAME",
    help="With --moodle: what a column is called there (`Grade=Cijfer`); repeatable.",
)
@click.option("--gradescope", type=_file, metavar="GRADES", help="Fill in the grades that Gradescope exported.")
@click.option(
    "--without",
    multiple=True,
    metavar="ID",
    help="With a gradebook: leave out the student of this id, who has left the course, say; repeatable.",
)
@click.option("--out", type=_file, metavar="FILE", help="Where the filled file goes; `….filled.csv` unless said.")
@click.option("--feedback", type=_file, metavar="DIR", help="Write a Markdown and an HTML file for each student.")
@html_option
@open_option
@anonymous_option
@pack_option
@click.pass_context
def report(
    ctx: click.Context,
    /,
    results: Path,
    exercises: tuple[str, ...],
    format: str,
    students: bool,
    canvas: Path | None,
    title: str | None,
    moodle: Path | None,
    columns: tuple[str, ...],
    gradescope: Path | None,
    without: tuple[str, ...],
    out: Path | None,
    feedback: Path | None,
    html: str | None,
    open_: bool,
    anonymous: bool,
) -> int:
    """Show the class in RESULTS, or hand its marks and feedback back in the form that the platform takes."""
    from grader.classroom.store import Store
    from grader.platforms import canvas as canvas_
    from grader.platforms import gradescope as gradescope_
    from grader.platforms import moodle as moodle_

    books = [book for book in (canvas, moodle, gradescope) if book]
    _check_options(ctx, books)
    page = target(html, open_, "class.html")
    with Store(results) as store:
        known = store.exercises()
        for id in exercises:
            if id not in known:
                says = f"`{one_line(str(results))}` has no results for `{one_line(id)}`"
                raise GradeError(Problem(says, f"it has {', '.join(known) or 'none at all'}"))
        wanted = tuple(dict.fromkeys(exercises)) or tuple(known)  # named twice it counts once
        _warn(store, wanted)
        if canvas:
            _fill(store, wanted, canvas, out, without, partial(canvas_.fill_gradebook, title=title or ""))
        if moodle:
            _fill(store, wanted, moodle, out, without, partial(moodle_.fill_gradebook, columns=_pairs(columns)))
        if gradescope:
            _fill(store, wanted, gradescope, out, without, gradescope_.fill_gradebook)
        pages = _write_feedback(ctx, store, wanted, feedback) if feedback else {}
        if page:
            write_class_page(
                store,
                wanted,
                _waiting(store, wanted),
                page,
                open_=open_,
                anonymous=anonymous,
                pages=pages,
                with_copies=partial(_with_copies, ctx, store),
            )
        if not (books or feedback or page):
            _show(ctx, store, wanted, format, students)
    return 0


def _check_options(ctx: click.Context, books: Sequence[Path]) -> None:
    """Raise UsageError for an option that would do nothing, or write one file over another."""
    given = ctx.params
    if given["canvas"] and given["title"] is None:
        raise click.UsageError("--canvas needs --title: the assignment's title as Canvas shows it")
    if given["title"] is not None and not given["canvas"]:
        raise click.UsageError("--title goes with --canvas")
    if given["columns"] and not given["moodle"]:
        raise click.UsageError("--column goes with --moodle")
    if given["without"] and not books:
        raise click.UsageError("--without leaves a student out of a gradebook: with --canvas, --moodle or --gradescope")
    if given["out"] and len(books) != 1:
        says = "--out is where one filled file goes: with --canvas, --moodle or --gradescope"
        raise click.UsageError(says if books else f"{says}; `grade report --format csv > FILE` keeps the rest")
    page = given["html"] is not None or given["open_"]
    if given["anonymous"] and (not page or given["feedback"]):
        says = "--anonymous goes with --html, and not with --feedback, whose pages have names"
        raise click.UsageError(says)
    written, shown = books or given["feedback"] or page, given["format"] != "terminal"
    if written and (shown or given["students"]):
        says = "--format and --students show the class: leave them out where something is written"
        raise click.UsageError(says)
    if shown and given["students"]:
        raise click.UsageError("--students adds lines for the terminal: leave out --format")


def _warn(store: Store, exercises: Sequence[str]) -> None:
    """Say that a run has not come to its end: what follows is not the whole class."""
    if pending := len(_waiting(store, exercises)):
        are = "is" if pending == 1 else "are"
        click.echo(f"{pending} {are} not graded yet: this is not the whole class", err=True)


def _pairs(columns: Sequence[str]) -> dict[str, str]:
    """Read each `ENGLISH=NAME`."""
    pairs = [column.partition("=") for column in columns]
    for english, between, name in pairs:
        if not (english and between and name):
            raise click.UsageError(f"--column {english}{between}{name}: write it as `Grade=Bewertung`")
    return {english: name for english, _, name in pairs}


def _fill(
    store: Store,
    exercises: Sequence[str],
    book: Path,
    out: Path | None,
    without: Sequence[str],
    fill: Callable[..., Filled],
) -> None:
    """Fill in a platform's file; what it gave out is never written over."""
    try:
        with book.open("rb") as file:
            data = file.read(MOST_BYTES)
    except OSError as error:
        says = f"`{one_line(str(book))}` cannot be read: {error.strerror}"
        raise GradeError(Problem(says, "give the file as the platform exported it")) from None
    unread: list[str] = []
    people = store.people()
    for id in without:
        if id not in people:
            help = near(id, people) or "`grade report --students` shows everybody's id in brackets"
            raise GradeError(Problem(f"`--without {one_line(id)}`: nobody handed in anything under this id", help))
    filled = fill(data, _marks(store, exercises, without, unread), where=book.name)
    target = out or book.with_name(f"{book.stem}.filled{book.suffix}")
    if target.exists() and target.samefile(book):
        raise GradeError(Problem("`--out` is the file itself", "choose another: the original is kept as it is"))
    try:
        replace(target, filled.data)
    except OSError as error:
        raise EnvironmentTrouble(Problem(f"`{one_line(str(target))}` cannot be written: {error.strerror}")) from None
    show(f"wrote {one_line(str(target))}: {filled.changed} marks in `{one_line(filled.column)}`, nothing else changed")
    for note in [*([f"no points for what could not be graded: {some(unread)}"] if unread else []), *filled.notes]:
        show(f"  {note}")


def _marks(store: Store, exercises: Sequence[str], without: Sequence[str], unread: list[str]) -> Iterator[Mark]:
    """Yield what each student has got for all of the exercises. Where the grader failed or has yet to, it is open.

    Whose id is in `without` gets none. Note in `unread` of whom something could not be read as a program, or no program
    was told from another.
    """
    from grader.classroom.run import is_fault
    from grader.platforms.gradebook import Mark

    def stays(entry: Entry) -> bool:
        return not entry.people or any(person.id not in without for person in entry.people)

    def people(entry: Entry) -> tuple[Person, ...]:
        return tuple(person for person in entry.people if person.id not in without)

    points = store.points()
    most = sum(points[id] or 0.0 for id in exercises)
    waiting = {entry.student: entry for entry in _waiting(store, exercises) if stays(entry)}
    for entries, reports in _students(store.results(exercises)):
        pending = waiting.pop(entries[0].student, None) is not None
        if not stays(entries[0]):
            continue
        why = NOT_YET if pending else "the grader failed" if any(map(is_fault, reports)) else ""
        if not why and not all(report.submission for report in reports):
            unread.append(named(entries[0].student, entries[0].name))
        yield Mark(people(entries[0]), round(sum(report.score for report in reports), 6), most, why)
    for entry in waiting.values():
        yield Mark(people(entry), 0.0, most, NOT_YET)


def _students(results: Iterator[Result]) -> Iterator[tuple[list[Entry], list[Report]]]:
    """Put together what each student handed in."""
    for _, group in groupby(results, lambda result: result.entry.student):
        found = list(group)
        yield [result.entry for result in found], [result.report for result in found]


def _write_feedback(ctx: click.Context, store: Store, exercises: Sequence[str], folder: Path) -> dict[str, Path]:
    """Write the students' files, and return each student's page."""
    from grader.platforms import feedback

    waiting = {
        entry.student: named(entry.student, entry.name) for entry in _waiting(store, exercises)
    }  # half a page is for nobody
    results = (result for result in store.results(exercises) if result.entry.student not in waiting)
    pairs = ((result.entry, [result.report]) for result in results)
    written = feedback.write(pairs, folder, store.about().get("layout", ""), partial(_lock, ctx))
    show(f"wrote {len(written.files)} files into {one_line(str(folder))}")
    if written.archive:
        show(f"{one_line(str(written.archive))} is what the platform takes back")
    late = [f"{NOT_YET}, and no page written: {some(list(waiting.values()))}"] if waiting else []
    for note in (*late, *written.notes):
        show(f"  {note}")
    return written.pages


@lru_cache(maxsize=64)
def _lock(ctx: click.Context, id: str) -> Lock | None:
    """Return an exercise, or None where the results are of another pack."""
    try:
        return read_lock(pack_of(ctx), id)
    except GradeError:
        return None


def _waiting(store: Store, exercises: Sequence[str]) -> list[Entry]:
    """Return what a run has yet to come to."""
    return [entry for entry in store.unfinished() if entry.exercise in exercises]


def _show(ctx: click.Context, store: Store, exercises: Sequence[str], format: str, students: bool) -> None:
    """Print the class in the form that was asked for."""
    from grader.classroom import statistics
    from grader.output import Context, classes, classfiles, junit

    results = partial(store.results, exercises)
    waiting = _waiting(store, exercises)
    if format == "csv":
        write(classfiles.csv(statistics.summary(results(), waiting)).encode())
        return
    if format == "junit":
        write(junit.document([result.report for result in results()], Context()).encode())
        return
    view = _with_copies(ctx, store, statistics.view(results()))
    view = statistics.with_the_rest(view, waiting, *store.left_out(), store.about().get("answers", ""))
    if format == "json":
        write(to_json({"class": view, "students": statistics.summary(results(), waiting)}))
    elif format == "markdown":
        write(classfiles.markdown(view).encode())
    else:
        show(classes.classes(view) if view.exercises else "nothing is graded here")
        if students:
            show(classes.students(statistics.summary(results(), waiting)))
        show(classes.rest(view))


def _with_copies(ctx: click.Context, store: Store, view: ClassView) -> ClassView:
    """Look for equal programs, where they can be looked at safely."""
    from grader.classroom.statistics import with_copies
    from grader.sandbox import probe

    try:
        with probe.best() as zygote:
            found = {seen.exercise: _copies(ctx, store, seen.exercise, zygote.process) for seen in view.exercises}
    except EnvironmentTrouble:
        click.echo("equal programs are not looked for: no wall holds here, and strangers' texts are parsed", err=True)
        return view
    return with_copies(view, found, store.names())


def _copies(ctx: click.Context, store: Store, id: str, start: Callable[[], Process]) -> tuple[Group, ...]:
    from grader.classroom import similarity
    from grader.exercises.templates import template

    try:
        exercise = read_lock(pack_of(ctx), id).exercise
    except GradeError:  # the results may be of another pack
        return ()
    published = [("stub", (template(exercise),))]
    known = [outline for _, outline in similarity.outlines(exercise, published, start)]
    programs = ((it.student, [text for _, text in (*it.cells, *it.modules)]) for it in store.programs(id))
    return similarity.groups(similarity.outlines(exercise, programs, start), known)
