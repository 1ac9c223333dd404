"""`grade report --similar` and `--dolos FILE`: similar programs side by side, and all programs for Dolos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import EnvironmentTrouble, GradeError, Problem
from grader.text import one_line, shell_word

if TYPE_CHECKING:
    from grader.cli.selection import Selection
    from grader.model.class_ import ExerciseView
    from grader.model.page import Programs

MOST_SHOWN = 10  # of one exercise

similar_option = click.option("--similar", is_flag=True, help="Show the most similar programs side by side.")
dolos_option = click.option(
    "--dolos",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all programs for one exercise to a zip that Dolos compares.",
)


def programs(selection: Selection, view: ExerciseView) -> tuple[Programs, ...]:
    """Return the texts of the most similar programs for an exercise."""
    from grader.model.page import Programs, shown
    from grader.platforms.dolos import whole

    first = view.similar[:MOST_SHOWN]
    wanted = {id for one in first for id in shown(one)}
    found = selection.store.sources(view.exercise, wanted) if wanted else ()
    texts = {entry.student: whole(parts) for entry, parts in found}
    return tuple(Programs(one, *(texts.get(id, "") for id in shown(one))) for one in first)


def show_similar(selection: Selection, views: Sequence[ExerciseView]) -> None:
    """Print the most similar programs of each exercise side by side."""
    from grader.cli.console import show
    from grader.output.side_by_side import Pair

    for view in views:
        show(f"{one_line(view.exercise)} · {one_line(view.title)}")
        found = programs(selection, view)
        for one in found:
            show(Pair(one))
        if not found:
            show("  no programs are similar\n")


def write_dolos(selection: Selection, path: Path) -> None:
    """Write all programs for the one selected exercise to a zip with the `info.csv` of Dolos."""
    from grader.cli.console import show
    from grader.files import replace
    from grader.platforms.dolos import archive

    if len(selection.exercises) != 1:
        help = f"name one: `--exercise {next(iter(selection.exercises), 'ex1')}`"
        raise GradeError(Problem("Dolos compares the programs for one exercise", help))
    (exercise,) = selection.exercises
    sources = selection.store.sources(exercise)
    found = [(e.student, e.name, parts) for e, parts in sources if not selection.part or selection.has(e)]
    if len(found) < 2:
        there = "there is 1 program" if found else "there are 0 programs"
        says = f"{there} for `{one_line(exercise)}`, and Dolos compares at least two"
        raise GradeError(Problem(says, "grade the class first: `grade class PATH`"))
    try:
        replace(path, archive(found), private=True)
    except OSError as error:
        says = f"`{one_line(str(path))}` cannot be written: {error.strerror}"
        raise EnvironmentTrouble(Problem(says, "check that the folder exists and is writable")) from None
    show(f"wrote {one_line(str(path))}: {len(found)} programs with the names of their students.")
    show(f"`dolos run -l python {shell_word(path)}` compares them on your computer.")
