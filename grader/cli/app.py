"""The `grade` command: each command finds what it is about, calls one function, and prints what that returns."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from grader import __version__
from grader.cli.authors import new, verify
from grader.cli.class_ import class_
from grader.cli.console import Sectioned, create, show, standing
from grader.cli.documents import SCREEN, Sink, delivered, format_option, output_option, sinks
from grader.cli.html import html_option, open_option, target, write_page
from grader.cli.machine import doctor, gradescope
from grader.cli.options import complete_ids, ids_of, pack_of, pack_option
from grader.cli.report import report
from grader.errors import GradeError, Problem, near
from grader.exercises.lock import read_lock
from grader.exercises.pack import exercise_ids
from grader.model.report import Report
from grader.sandbox.process import LEVELS, Process


class _Grade(Sectioned):
    """A group whose unknown first word is the name of an exercise: `grade ex1` needs no verb."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "EXERCISE", _run, args

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        exercises = [CompletionItem(id) for id in ids_of(ctx) if id.startswith(incomplete)]
        return exercises + super().shell_complete(ctx, incomplete)


_exercise = click.argument("exercise", shell_complete=complete_ids)
_walls = click.Choice(["auto", "wall", *LEVELS])
_isolation = click.option(
    "--isolation", type=_walls, help="How the program is shut in; `auto`, the best there is, unless said."
)


def _without_colors(_: click.Context, __: click.Parameter, chosen: bool) -> None:
    if chosen:
        os.environ["NO_COLOR"] = "1"


_no_color = click.option(
    "--no-color", is_flag=True, expose_value=False, callback=_without_colors, help="No colours (or set NO_COLOR)."
)


@click.group(
    cls=_Grade,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@format_option
@output_option
@_isolation
@pack_option
@_no_color
@click.version_option(__version__, prog_name="grade")
@click.pass_context
def _grade(ctx: click.Context, /, **_: Any) -> int:
    """Grade your work on the exercises of the CNN course, and say why it is wrong where it is.

    \b
    grade start ex1              write ex1.py, with the function to fill in
    grade ex1                    grade ex1.py in this folder
    grade ex1 path/to/file.py    grade another file, a notebook or a folder
    grade                        grade every exercise that is here
    grade explain ex1 "bias 1"   show the arithmetic of a cell

    `grade COMMAND --help` tells more about a command.
    """  # noqa: D301 - click's mark for lines that stay as they are
    if ctx.invoked_subcommand is None:
        return _all(ctx)
    return 0


class _Run(click.Command):
    """The command without a verb."""

    def format_usage(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("grade", "EXERCISE [PATH] [OPTIONS]")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        word = args[0]
        try:
            return super().parse_args(ctx, args)
        except click.UsageError:
            _expect(ctx, word)  # a misspelled command has options and words that no exercise has
            raise


@click.command("EXERCISE", cls=_Run)
@_exercise
@click.argument("path", required=False, type=click.Path())
@format_option
@output_option
@html_option
@open_option
@_isolation
@pack_option
@_no_color
@click.pass_context
def _run(
    ctx: click.Context,
    exercise: str,
    path: str | None,
    format: str | None,
    output: list[Sink],
    html: str | None,
    open_: bool,
    isolation: str | None,
) -> int:
    """Grade one exercise: EXERCISE.py here, or the file, notebook or folder at PATH."""
    before = ctx.find_root().params  # options may stand before the exercise, too
    chosen = sinks(format or before["format"], [*before["output"], *output])
    page = target(html, open_, f"{Path(exercise).stem}.html")
    shower = _shower() if SCREEN in chosen else None
    with delivered(chosen, [exercise], single=True) as reports:
        if exercise.endswith((".py", ".ipynb")):
            exercise, path = Path(exercise).stem, exercise
        else:
            _expect(ctx, exercise, path)
        reports.append(_graded(ctx, exercise, path, isolation or before["isolation"]))
        if shower:
            shower(reports[0])
    if page:
        from grader.judging.illustrate import student_page
        from grader.output.page import student

        lock = read_lock(pack_of(ctx), exercise)
        write_page(page, student.document([student_page(reports[0], lock)]), open_)
    return _code(*reports)


def _expect(ctx: click.Context, exercise: str, path: str | None = None) -> None:
    """Raise GradeError where there is no such exercise; the word may have been meant for a command."""
    known = exercise_ids(pack_of(ctx))
    if exercise not in known and not exercise.startswith("-") and not exercise.endswith((".py", ".ipynb")):
        joined = f"{exercise}{path}"  # `grade ex 1`
        help = near(joined if joined in known else exercise, [*known, *_grade.commands]) or (
            "`grade --help` shows what there is" if exercise == "help" else "`grade list` shows all exercises"
        )
        raise GradeError(Problem(f"there is no exercise `{exercise}`", help))


def _graded(ctx: click.Context, exercise: str, path: str | None, isolation: str | None = None) -> Report:
    from grader.judging.grade import grade
    from grader.sandbox.levels import starter
    from grader.submissions.find import find

    lock = read_lock(pack_of(ctx), exercise)
    own = isolation in (None, "auto", "process")  # who insists on a wall does not trust the program, nor its links
    submission = find(exercise, path, own=own)
    process, ctx.find_root().obj = ctx.find_root().obj, None
    return grade(lock, submission, *starter(isolation or "auto", process))


def _shower() -> Callable[[Report], None]:
    """Return what shows a report. Called before grading: it loads while the student's process imports NumPy."""
    from grader.output import terminal

    return lambda report: show(terminal.report(report))


def _all(ctx: click.Context) -> int:
    """Grade every exercise for which there is a file here."""
    from grader.submissions.find import here

    chosen = sinks(ctx.params["format"], ctx.params["output"])
    found: list[str] = []
    with delivered(chosen, found, single=False) as reports:
        pack = pack_of(ctx)
        known = exercise_ids(pack)
        found += here(known)
        if not found:
            help = (
                f"`grade start {known[0]}` writes one to begin with, `grade list` shows the exercises" if known else ""
            )
            raise GradeError(Problem("there is no exercise file here (ex0.py, ex1.ipynb, …)", help))
        for exercise in found:
            reports.append(_graded(ctx, exercise, None, ctx.params["isolation"]))
        if SCREEN in chosen:
            from grader.output import terminal

            rest = [read_lock(pack, id).exercise for id in known if id not in found]
            show(terminal.progress(reports, [(e.id, e.title, e.points) for e in rest]))
            wrong = next((r.exercise for r in reports if not r.passed), None)
            if wrong:
                show(f"\n`grade {wrong}` shows what is wrong there")
    return _code(*reports)


def _code(*reports: Report) -> int:
    return 0 if all(report.passed for report in reports) else 1


@_grade.command("list", short_help="List the exercises.")
@pack_option
@click.pass_context
def _list(ctx: click.Context) -> int:
    """List the exercises: what each is about, the function to write, its points."""
    from grader.output import pages

    pack = pack_of(ctx)
    show(pages.exercises(read_lock(pack, id).exercise for id in exercise_ids(pack)))
    return 0


@_grade.command("show", short_help="Show a task, its formula, its cases.")
@_exercise
@pack_option
@click.pass_context
def _show_exercise(ctx: click.Context, exercise: str) -> int:
    """Show an exercise: its task, its formula, and each case that is no secret, with its answer."""
    from grader.ops import OPS
    from grader.output import pages

    lock = read_lock(pack_of(ctx), exercise)
    show(pages.exercise(lock.exercise, OPS[lock.exercise.op].formula, lock.references))
    return 0


@_grade.command("start", short_help="Write EXERCISE.py, with the function to fill in.")
@_exercise
@pack_option
@click.pass_context
def _start(ctx: click.Context, exercise: str) -> int:
    """Write EXERCISE.py with the function to fill in. A file that is there is left as it is."""
    from grader.exercises.templates import template

    text = template(read_lock(pack_of(ctx), exercise).exercise)
    create(Path(f"{exercise}.py"), text)
    show(f"wrote {exercise}.py; fill in the function, then `grade {exercise}`")
    return 0


@_grade.command("watch", short_help="Grade again each time you save.")
@_exercise
@click.argument("path", required=False, type=click.Path())
@pack_option
@click.pass_context
def _watch(ctx: click.Context, exercise: str, path: str | None) -> int:
    """Grade an exercise again each time its file is saved. Ctrl-C ends it."""
    try:
        from watchfiles import watch
    except ImportError:
        raise GradeError(Problem("`grade watch` needs watchfiles", "`pip install 'torch-grader[watch]'`")) from None
    target = Path(path or ".")
    folder = target if target.is_dir() else target.parent
    shower = _shower()
    report = _graded(ctx, exercise, path)
    shower(report)
    for _ in watch(folder, watch_filter=lambda _, file: file.endswith((".py", ".ipynb")), raise_interrupt=False):
        click.clear()
        report = _graded(ctx, exercise, path)
        shower(report)
    return _code(report)


@_grade.command("explain", short_help="Explain a mistake, or the arithmetic of a cell.")
@click.argument("what", required=False)
@click.argument("case", required=False)
@click.argument("place", nargs=-1, type=int, metavar="[ROW COL]")
@click.option("--output", metavar="NAME", help="Which result, where a function returns several.")
@pack_option
@click.pass_context
def _explain(ctx: click.Context, what: str | None, case: str | None, place: tuple[int, ...], output: str | None) -> int:
    """Explain a mistake, or how a cell is computed.

    \b
    grade explain                     list the mistakes that the grader knows by name
    grade explain kernel-flipped      what it is, why it is wrong, what to do instead
    grade explain ex1                 the first cell of the first case
    grade explain ex1 "bias 1" 0 2    the cell in row 0 and column 2 of that case
    """  # noqa: D301
    from grader.judging import explain
    from grader.output import pages

    if what is None:
        show(pages.misconceptions(explain.misconceptions().items()))
    elif what in ids_of(ctx):
        exercise = read_lock(pack_of(ctx), what).exercise
        show(pages.cell(explain.cell(exercise, explain.find_case(exercise, case), place or None, output)))
    else:
        show(pages.misconception(explain.misconception(what)))
    return 0


_grade.add_command(verify)
_grade.add_command(new)
_grade.add_command(class_)
_grade.add_command(report)
_grade.add_command(gradescope)
_grade.add_command(doctor)


@_grade.command("completion", short_help="Let the shell complete commands and exercises.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def _completion(shell: str) -> int:
    """Print the completion script of a shell: `eval "$(grade completion bash)"`."""
    from click.shell_completion import get_completion_class

    completion = get_completion_class(shell)
    assert completion
    click.echo(completion(_grade, {}, "grade", "_GRADE_COMPLETE").source())
    return 0


def run(words: list[str], process: Process | None = None) -> int:
    """Run the command with these words and return its exit code. `process` was started early for the submission."""
    try:
        standing()
        code = _grade.main(words, prog_name="grade", standalone_mode=False, obj=process)
        return code if isinstance(code, int) else 0
    except GradeError as error:
        click.echo(f"{error}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
