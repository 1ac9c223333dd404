"""`grade report`: show a graded class, or give its marks and feedback back to the course platform."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.changes import report_changes
from grader.cli.class_html import anonymous_option, write_class_page
from grader.cli.console import show, write
from grader.cli.gradebooks import Filling, Gradebook, fill, gradebooks, write_feedback
from grader.cli.html import html_option, open_option, target
from grader.cli.options import complete_ids, is_pack_chosen, pack_of, pack_option
from grader.cli.policy import apply_policy, policy_option
from grader.cli.progress import phase
from grader.cli.selection import Selection, select, summary
from grader.cli.similar import dolos_option, show_similar, similar_option, write_dolos
from grader.cli.student import show_student
from grader.exercises.pack import packs
from grader.model.report import to_json

if TYPE_CHECKING:
    from grader.classroom.store import Store
    from grader.model.class_ import ClassView

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
@click.option("--format", type=_FORMATS, default="terminal", help="How to show the class (default: terminal).")
@click.option("--students", is_flag=True, help="Also show a line for each student.")
@click.option("--sort", type=click.Choice(["name", "score", "late"]), help="Order of the students (default: name).")
@click.option("--section", metavar="NAME", default="", help="Only the students of this section.")
@click.option("--only", multiple=True, metavar="ID", help="Only this student; repeatable.")
@click.option("--student", metavar="ID", help="Show one student: points per case, adjustments, comments, history.")
@click.option("--changes", is_flag=True, help="Show whose marks the last run or policy changed, and why.")
@click.option("--since", metavar="WHEN|RUN", help="With --changes: since this time, or this run (1 is the first).")
@policy_option
@click.option("--canvas", type=_file, metavar="GRADEBOOK", help="Fill in the gradebook that Canvas exported.")
@click.option("--title", metavar="TITLE", help="With --canvas: the assignment's title, as Canvas shows it.")
@click.option("--moodle", type=_file, metavar="WORKSHEET", help="Fill in the grading worksheet from Moodle.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="ENGLISH=NAME",
    help="With --moodle: the name of a column in another language (`Grade=Cijfer`); repeatable.",
)
@click.option("--gradescope", type=_file, metavar="GRADES", help="Fill in the grades that Gradescope exported.")
@click.option(
    "--without",
    multiple=True,
    metavar="ID",
    help="With a gradebook: leave out this student, who has left the course, for example; repeatable.",
)
@click.option("--out", type=_file, metavar="FILE", help="The file to fill in (default: ….filled.csv).")
@click.option("--overwrite", is_flag=True, help="With a gradebook: also replace marks that this tool did not write.")
@click.option("--dry-run", is_flag=True, help="With a gradebook: show every cell that would change, and write nothing.")
@click.option("--feedback", type=_file, metavar="DIR", help="Write a Markdown and an HTML file for each student.")
@similar_option
@dolos_option
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
    sort: str | None,
    section: str,
    only: tuple[str, ...],
    student: str | None,
    changes: bool,
    since: str | None,
    policy: Path | None,
    canvas: Path | None,
    title: str | None,
    moodle: Path | None,
    columns: tuple[str, ...],
    gradescope: Path | None,
    without: tuple[str, ...],
    out: Path | None,
    overwrite: bool,
    dry_run: bool,
    feedback: Path | None,
    similar: bool,
    dolos: Path | None,
    html: str | None,
    open_: bool,
    anonymous: bool,
) -> int:
    """Show the class in RESULTS, or write its marks and feedback in the form that the course platform reads."""
    from grader.classroom.store import Store

    books = gradebooks(canvas, title or "", moodle, columns, gradescope)
    _check_options(ctx, books)
    page = target(html, open_, "class.html")
    apply_policy(results, policy)
    with Store(results) as store, phase("report"):
        if changes:
            report_changes(store, since or "")
            return 0
        selection = select(store, exercises, section, only, anonymous)
        if student is not None:
            show_student(store, student, selection.exercises)
            return 0
        _warn_unfinished(selection)
        for book in books:
            fill(selection, book, Filling(out, without, overwrite, dry_run))
        pages = write_feedback(selection, feedback, _pack(ctx, store)) if feedback else {}
        if dolos:
            write_dolos(selection, dolos)
        if similar:
            show_similar(selection, _view(selection).exercises)
        if page:
            write_class_page(selection, page, _with_others, sort or "name", open_=open_, pages=pages)
        if not (books or feedback or page or similar or dolos):
            _show(selection, format, students, sort or "name")
    return 0


def _pack(ctx: click.Context, store: Store) -> Path:
    """Return the folder of the exercises: the one that the class was graded with, unless another is chosen."""
    known = store.about().get("pack", "")
    return packs().get(known, Path(known)) if known and not is_pack_chosen(ctx) else pack_of(ctx)


def _check_options(ctx: click.Context, books: Sequence[Gradebook]) -> None:
    """Raise UsageError for an option that would do nothing, or write one file over another."""
    given = ctx.params
    if given["canvas"] and given["title"] is None:
        raise click.UsageError("--canvas needs --title: the assignment's title as Canvas shows it")
    if given["title"] is not None and not given["canvas"]:
        raise click.UsageError("--title goes with --canvas")
    shown_alone = [given[name] for name in ("changes", "students", "feedback", "similar", "dolos")]
    if given["student"] is not None and (books or any(shown_alone)):
        raise click.UsageError("--student shows one student: omit the other options but --exercise")
    if given["since"] and not given["changes"]:
        raise click.UsageError("--since goes with --changes")
    if given["columns"] and not given["moodle"]:
        raise click.UsageError("--column goes with --moodle")
    if given["without"] and not books:
        raise click.UsageError("--without leaves a student out of a gradebook: with --canvas, --moodle or --gradescope")
    if (given["overwrite"] or given["dry_run"]) and not books:
        raise click.UsageError("--overwrite and --dry-run go with --canvas, --moodle or --gradescope")
    if given["out"] and len(books) != 1:
        says = "--out names one filled file: with --canvas, --moodle or --gradescope"
        raise click.UsageError(says if books else f"{says}; use `grade report --format csv > FILE` for the class")
    page = given["html"] is not None or given["open_"]
    named = [given[name] for name in ("feedback", "changes", "similar", "dolos")]
    if given["anonymous"] and (books or given["student"] is not None or any(named)):
        raise click.UsageError("--anonymous is for showing the class: gradebooks, programs and feedback have names")
    if given["sort"] and not (given["students"] or page or given["format"] in ("csv", "json")):
        raise click.UsageError("--sort goes with --students, --html, --format csv or --format json")
    if (given["section"] or given["only"]) and (given["student"] is not None or given["changes"]):
        raise click.UsageError("--section and --only select students of the class: omit --student and --changes")
    written, shown = books or given["feedback"] or page or given["dolos"], given["format"] != "terminal"
    if written and (shown or given["students"]):
        says = "--format and --students show the class: omit them to fill in gradebooks or write feedback"
        raise click.UsageError(says)
    if given["similar"] and (written or shown or given["students"]):
        raise click.UsageError("--similar shows programs in the terminal: omit the other options but --exercise")
    if shown and given["students"]:
        raise click.UsageError("--students adds lines in the terminal: omit --format")


def _warn_unfinished(selection: Selection) -> None:
    """Warn that a run was interrupted: what follows is not the whole class."""
    if pending := len(selection.unfinished):
        are = "is" if pending == 1 else "are"
        click.echo(f"{pending} {are} not graded yet: this is not the whole class", err=True)
    if stale := selection.store.stale(selection.exercises):
        of = "1 mark is" if stale == 1 else f"{stale} marks are"
        click.echo(f"{of} of an older version: `grade class` was interrupted; the same command continues", err=True)


def _show(selection: Selection, format: str, students: bool, sort: str) -> None:
    """Print the class in the requested form."""
    from grader.output import Context, class_page, csv, junit, markdown

    if format == "junit":
        write(junit.document([result.report for result in selection.results()], Context()).encode())
        return
    marks = partial(summary, selection, sort)
    if format == "csv":
        write(csv.students(marks()).encode())
        return
    view = _view(selection)
    if format == "markdown":
        write(markdown.class_report(view).encode())
        return
    if format == "json":
        write(to_json({"class": view, "students": marks()}))
        return
    show(class_page.exercises(view) if view.exercises else "nothing is graded here")
    if students:
        show(class_page.students(marks()))
    show(class_page.others(view))


def _view(selection: Selection) -> ClassView:
    """Return the statistics of the class, with its similar programs and those who have no result."""
    from grader.classroom import statistics

    return _with_others(selection, statistics.view(selection.results(), selection.assigned))


def _with_others(selection: Selection, view: ClassView) -> ClassView:
    """Add similar programs and those who have no result to the statistics."""
    from grader.classroom import details, similarity, statistics

    store = selection.store
    similar = {seen.exercise: similarity.ranked(store.outlines(seen.exercise)) for seen in view.exercises}
    if selection.part:
        ids = selection.ids()
        similar = {id: tuple(one for one in found if ids & {*one.ids}) for id, found in similar.items()}
    not_compared = {id: store.not_outlined(id) for id in similar}
    view = statistics.with_similar(view, similar, store.names(), not_compared)
    left_out = () if selection.part else store.left_out()
    answers = store.about().get("answers", "")
    view = statistics.with_the_rest(view, selection.unfinished, left_out, selection.absent(), answers)
    return details.anonymous_view(view, selection.key) if selection.key else view
