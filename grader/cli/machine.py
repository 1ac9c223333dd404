"""The commands that prepare a machine: `grade gradescope`, `grade doctor`, `grade completion`."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.console import show
from grader.cli.options import complete_ids, pack_of, pack_option
from grader.errors import GradeError, Problem, listed
from grader.exercises.lock import read_lock
from grader.files import replace
from grader.numbers import as_points


@click.command
@click.argument("exercises", nargs=-1, required=True, shell_complete=complete_ids)
@click.option(
    "-o",
    "--output",
    "path",
    default="autograder.zip",
    metavar="ZIP",
    help="Zip to write (default: autograder.zip).",
)
@click.option("--trusted", is_flag=True, help="Run programs even where no sandbox works.")
@pack_option
@click.pass_context
def gradescope(ctx: click.Context, /, exercises: tuple[str, ...], path: str, trusted: bool) -> int:
    """Build the zip for Gradescope's "Configure Autograder": the exercises, torch's answers and this grader.

    For a single exercise, or for several of one file (--pack cs231n), students submit one .py file or notebook of any
    name; otherwise ex1.py, ex2.ipynb and so on. If an exercise has hidden cases, Gradescope shows students neither
    these nor the total score.

    Programs run in a sandbox that is tested on Gradescope's machine. Where none works nothing is graded, and the result
    explains why, unless the zip was built with --trusted: a program can then read the answers and write its own result.
    """
    from grader.platforms.gradescope_package import autograder

    chosen, pack = list(dict.fromkeys(exercises)), pack_of(ctx)
    data = autograder(pack, chosen, trusted)
    try:
        replace(Path(path), data)
    except OSError as error:
        raise GradeError(
            Problem(f"`{path}` cannot be written: {error.strerror}", "choose another file with `-o`")
        ) from None
    locks = [read_lock(pack, id) for id in chosen]
    points = as_points(sum(lock.exercise.points for lock in locks))
    show(f"wrote {path}: {', '.join(chosen)}, {points} points; upload it under `Configure Autograder`")
    hidden = [lock.exercise.id for lock in locks if any(case.hidden for case in lock.exercise.cases)]
    if hidden:
        show(f"{listed(hidden)} has hidden cases: students will not see their total score")
    return 0


@click.command
def doctor() -> int:
    """Show which isolation levels this machine has, each tested by a program that tries to break out of it."""
    from grader.output import doctor_page
    from grader.sandbox import probe

    show(doctor_page.page(probe.layers(), tested := probe.tested()))
    return 0 if probe.sandboxed(tested) else 3


@click.command
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print the completion script of a shell: `eval "$(grade completion bash)"`."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script
    click.echo(script(ctx.find_root().command, {}, "grade", "_GRADE_COMPLETE").source())
    return 0
