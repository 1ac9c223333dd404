"""The commands of those who set a machine up to grade: `grade gradescope`, `grade doctor`."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.console import show
from grader.cli.options import complete_ids, pack_of, pack_option
from grader.errors import GradeError, Problem, listed
from grader.exercises.lock import read_lock
from grader.files import replace
from grader.numbers import as_points


@click.command("gradescope", short_help="Build the autograder zip for Gradescope.")
@click.argument("exercises", nargs=-1, required=True, shell_complete=complete_ids)
@click.option(
    "-o",
    "--output",
    "path",
    default="autograder.zip",
    metavar="ZIP",
    help="File to write (default: autograder.zip).",
)
@click.option("--trusted", is_flag=True, help="Run programs even where no sandbox is available.")
@pack_option
@click.pass_context
def gradescope(ctx: click.Context, /, exercises: tuple[str, ...], path: str, trusted: bool) -> int:
    """Build the zip that Gradescope's "Configure Autograder" takes: the exercises, torch's answers and this grader.

    Of a single exercise students hand in one .py file or notebook of any name; of several, ex1.py, ex2.ipynb, … .
    If an exercise has hidden cases, Gradescope shows students neither these nor the total score.

    Programs run in a sandbox, which is tested on the platform first. If none holds, nothing is graded and the result
    says so, unless the zip was built with --trusted: a program can then read the answers and write its own result.
    """
    from grader.platforms.gradescope_package import autograder

    chosen, pack = list(dict.fromkeys(exercises)), pack_of(ctx)
    data = autograder(pack, chosen, trusted)
    try:
        replace(Path(path), data)
    except OSError as error:
        raise GradeError(
            Problem(f"`{path}` cannot be written: {error.strerror}", "choose another `--output`")
        ) from None
    locks = [read_lock(pack, id) for id in chosen]
    points = as_points(sum(lock.exercise.points for lock in locks))
    show(f"wrote {path}: {', '.join(chosen)}, {points} points; upload it under `Configure Autograder`")
    hidden = [lock.exercise.id for lock in locks if any(case.hidden for case in lock.exercise.cases)]
    if hidden:
        show(f"{listed(hidden)} has hidden cases: students will not see their total score")
    return 0


@click.command("doctor", short_help="Test the sandboxes of this machine.")
def doctor() -> int:
    """Show which isolation levels this machine has, each tested by a program that tries to break out."""
    from grader.output import machine
    from grader.sandbox import probe

    show(machine.machine(probe.layers(), tested := probe.tested()))
    return 0 if probe.sandboxed(tested) else 3
