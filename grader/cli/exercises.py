"""The commands about exercises that grade nothing: `grade list`, `show`, `start` and `explain`."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.console import show, show_broken
from grader.cli.html import create_folder, html_option, open_option, target, write_page
from grader.cli.options import exercise_argument, ids_of, pack_of, pack_option
from grader.exercises.lock import read_lock, read_pack
from grader.exercises.pack import exercise_ids
from grader.files import create


@click.command
@pack_option
@click.pass_context
def list_exercises(ctx: click.Context) -> int:
    """List the exercises: the topic of each, the function to write, its points."""
    from grader.output import exercise_page

    pack = pack_of(ctx)
    locks, broken = read_pack(pack, exercise_ids(pack))
    show(exercise_page.table(lock.exercise for lock in locks))
    show_broken(broken)
    return 0


@click.command
@exercise_argument
@html_option
@open_option
@pack_option
@click.pass_context
def show_exercise(ctx: click.Context, exercise: str, html: str | None, open_: bool) -> int:
    """Show an exercise: its task, its formula, and each case that is not hidden, with its answer."""
    from grader.ops import OPS
    from grader.output import exercise_page

    page = target(html, open_, f"{exercise}.html")
    lock = read_lock(pack_of(ctx), exercise)
    if page:
        from grader.judging import illustrate
        from grader.output.html import exercise as html_page

        write_page(page, html_page.document(illustrate.exercise_page(lock)), open_)
        return 0
    show(exercise_page.page(lock.exercise, OPS[lock.exercise.op].formula, lock.references))
    return 0


@click.command
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@pack_option
@click.pass_context
def site(ctx: click.Context, folder: Path) -> int:
    """Write all exercises, misconceptions and errata into DIR as pages that a course can publish.

    Solutions, hidden cases and their answers are not in them.
    """
    from grader.judging import illustrate
    from grader.judging.explain import misconception
    from grader.ops import OPS
    from grader.output.html import exercise as html_page

    pack = pack_of(ctx)
    locks, broken = read_pack(pack, exercise_ids(pack))
    ops = {lock.exercise.op for lock in locks}
    ids = sorted({m.id for op in ops for m in OPS[op].misconceptions})
    made = html_page.site([illustrate.exercise_page(lock) for lock in locks], [misconception(id) for id in ids])
    paths = {target(str(folder / name), False, name): text for name, text in made.items()}
    create_folder(folder)
    for path, text in paths.items():
        assert path
        write_page(path, text, quiet=True)
    show(f"wrote {len(paths)} pages into {folder}; begin at {folder / 'index.html'}")
    show_broken(broken)
    return 2 if broken else 0


@click.command
@exercise_argument
@pack_option
@click.pass_context
def start(ctx: click.Context, exercise: str) -> int:
    """Write EXERCISE.py with the function to fill in. An existing file is not changed."""
    from grader.exercises.templates import template

    text = template(read_lock(pack_of(ctx), exercise).exercise)
    create(Path(f"{exercise}.py"), text)
    show(f"wrote {exercise}.py; fill in the function, then run `grade {exercise}`")
    return 0


@click.command
@click.argument("what", required=False)
@click.argument("case", required=False)
@click.argument("place", nargs=-1, type=int, metavar="[ROW COL]")
@click.option("--output", metavar="NAME", help="Which result, where a function returns several.")
@pack_option
@click.pass_context
def explain(ctx: click.Context, what: str | None, case: str | None, place: tuple[int, ...], output: str | None) -> int:
    """Explain a misconception, or how a cell is computed.

    \b
    grade explain                     list the misconceptions that the grader knows
    grade explain kernel-flipped      what it does, why it is wrong, what to do instead
    grade explain ex1                 the first cell of the first case
    grade explain ex1 "bias 1" 0 2    the cell in row 0 and column 2 of that case
    """  # noqa: D301
    from grader.judging import explain as explanations
    from grader.output import explain_page

    if what in ids_of(ctx):
        exercise = read_lock(pack_of(ctx), what).exercise
        show(
            explain_page.cell(
                explanations.cell(exercise, explanations.find_case(exercise, case), place or None, output)
            )
        )
        return 0
    page: object = (
        explain_page.table(explanations.misconceptions().items())
        if what is None
        else explain_page.misconception(explanations.misconception(what))
    )
    if case is not None or output is not None:
        given = "--output" if output is not None else f"`{case}`"
        raise click.UsageError(f"{given} goes with an exercise, as in `grade explain ex1`")
    show(page)
    return 0
