"""The commands about exercises that grade nothing: `grade list`, `show`, `start` and `explain`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from grader.cli.console import show, show_broken
from grader.cli.html import create_folder, html_option, open_option, target, write_page
from grader.cli.options import exercise_argument, ids_of, pack_of, pack_option, pack_words, without_suffix
from grader.exercises.lock import read_lock, read_pack
from grader.exercises.pack import exercise_ids
from grader.files import create
from grader.model.exercise import Exercise, Lock


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
    from grader.exercises.cases import formula
    from grader.output import exercise_page

    exercise = without_suffix(exercise)
    page = target(html, open_, f"{exercise}.html")
    lock = read_lock(pack_of(ctx), exercise)
    if page:
        from grader.judging import illustrate
        from grader.output.html import exercise as html_page

        write_page(page, html_page.document(illustrate.exercise_page(lock)), open_)
        return 0
    show(exercise_page.page(lock.exercise, formula(lock.exercise), lock.references))
    return 0


@click.command
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@pack_option
@click.pass_context
def site(ctx: click.Context, folder: Path) -> int:
    """Write all exercises, misconceptions and errata into DIR as pages that a course can publish.

    Solutions, hidden cases and their answers are not in them.
    """
    from grader.exercises.operators import operator
    from grader.judging import illustrate
    from grader.judging.explain import misconception
    from grader.output.html import exercise as html_page

    pack = pack_of(ctx)
    locks, broken = read_pack(pack, exercise_ids(pack))
    own = own_misconceptions(locks)
    ids = sorted({m.id for lock in locks for m in operator(lock.exercise).misconceptions})
    explained = [misconception(id, own.get(id)) for id in ids]
    made = html_page.site([illustrate.exercise_page(lock) for lock in locks], explained)
    paths = {target(str(folder / name), False, name): text for name, text in made.items()}
    create_folder(folder)
    for path, text in paths.items():
        assert path
        write_page(path, text, quiet=True)
    show(f"wrote {len(paths)} pages into {folder}; begin at {folder / 'index.html'}")
    show_broken(broken)
    return 2 if broken else 0


def own_misconceptions(locks: Iterable[Lock]) -> dict[str, Exercise]:
    """Return the misconceptions that only a pack has, by id, each with its exercise."""
    return {id: lock.exercise for lock in locks for id in lock.exercise.misconceptions}


@click.command
@exercise_argument
@click.option("--notebook", is_flag=True, help="Write EXERCISE.ipynb instead.")
@click.option("--script", is_flag=True, help="Begin with the packages that it needs (PEP 723), for `uv run`.")
@pack_option
@click.pass_context
def start(ctx: click.Context, exercise: str, notebook: bool, script: bool) -> int:
    """Write EXERCISE.py with the function to fill in. An existing file is not changed."""
    from grader.exercises import templates

    if notebook and script:
        raise click.UsageError("--script goes with a .py file, not with --notebook")
    exercise = without_suffix(exercise)
    found = read_lock(pack_of(ctx), exercise).exercise
    header = templates.script_header(found) if script else ""
    name = f"{exercise}.ipynb" if notebook else f"{exercise}.py"
    pack = ctx.find_root().params.get("pack")
    create(Path(name), templates.notebook(found, pack) if notebook else header + templates.template(found, pack))
    show(f"wrote {name}; fill in the function, then run `grade {exercise}{pack_words(ctx)}`")
    return 0


@click.command
@click.argument("words", nargs=-1, metavar="[MISCONCEPTION | EXERCISE [CASE] [ROW COL]]")
@click.option("--output", metavar="NAME", help="Which result, where a function returns several.")
@pack_option
@click.pass_context
def explain(ctx: click.Context, words: tuple[str, ...], output: str | None) -> int:
    """Explain a misconception, or how a cell is computed.

    \b
    grade explain                     list the misconceptions that the grader knows
    grade explain kernel-flipped      what it does, why it is wrong, what to do instead
    grade explain flip                the same; several such misconceptions are listed
    grade explain ex1                 the first cell of the first case, and the misconceptions of ex1
    grade explain ex1 bias 1 0 2      the cell in row 0 and column 2 of the case `bias 1`
    """  # noqa: D301
    if words and without_suffix(words[0]) in ids_of(ctx):
        exercise = read_lock(pack_of(ctx), without_suffix(words[0])).exercise
        _explain_cell(exercise, words[1:], output)
        return 0
    if output is not None:
        raise click.UsageError("--output goes with an exercise, as in `grade explain ex1`")
    ids = ids_of(ctx)
    _explain_misconception(words, own_misconceptions(read_pack(pack_of(ctx), ids)[0]) if ids else {})
    return 0


def _explain_cell(exercise: Exercise, words: tuple[str, ...], output: str | None) -> None:
    from grader.judging import explain as explanations
    from grader.judging.misconceptions import relevant
    from grader.output import explain_page

    names = [case.name for case in exercise.cases if not case.hidden]
    count = next((n for n in range(len(words), 0, -1) if " ".join(words[:n]) in names), 0)
    if not count:  # no such case, or none: what is not a number belongs to its name
        count = next((n for n in range(len(words), 0, -1) if not words[n - 1].isdecimal()), 0)
    if wrong := [word for word in words[count:] if not word.isdecimal()]:
        raise click.UsageError(
            f"`{wrong[0]}` is not a row or a column: they are numbers, as in `grade explain ex1 0 2`"
        )
    case = explanations.find_case(exercise, " ".join(words[:count]) or None)
    show(explain_page.cell(explanations.cell(exercise, case, tuple(map(int, words[count:])) or None, output)))
    if not words:
        show("What can be misunderstood here (`grade explain NAME` explains it):")
        show(explain_page.table((m.id, m.says) for m in relevant(exercise)))


def _explain_misconception(words: tuple[str, ...], own: dict[str, Exercise]) -> None:
    """Explain the misconception of that name, or the only one that is near it; list several."""
    from grader.judging import explain as explanations
    from grader.output import explain_page

    known = explanations.misconceptions(own.values())
    if len(words) > 1 and words[0] in known:
        raise click.UsageError(f"`{' '.join(words[1:])}` goes with an exercise, as in `grade explain ex1`")
    if "-".join(words) in known:
        near = ["-".join(words)]
    else:
        near = [id for id in known if all(word.lower() in id for word in words)]
        near = near or [id for id, says in known.items() if all(word.lower() in says.lower() for word in words)]
    if len(near) > 1:
        show(explain_page.table((id, known[id]) for id in near))
    else:
        id = near[0] if near else "-".join(words)
        show(explain_page.misconception(explanations.misconception(id, own.get(id))))
