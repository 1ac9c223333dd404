"""The `grade` command: the options before a command's name, and the exit code of whatever happens."""

from __future__ import annotations

import os
from typing import Any

import click

from grader import __version__
from grader.cli.documents import format_option, output_option
from grader.cli.group import GradeGroup, refuse_ignored_options
from grader.cli.options import isolation_option, no_color_option, pack_option
from grader.errors import GradeError, Problem
from grader.sandbox.process import Process

MOST_ERROR = 1 << 16  # characters of an error; a pack can have many problems


@click.group(
    cls=GradeGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@format_option
@output_option
@isolation_option
@pack_option
@no_color_option
@click.version_option(__version__, prog_name="grade")
@click.pass_context
def grade(ctx: click.Context, /, **_: Any) -> int:
    """Grade your work on the exercises of the CNN course, and say why it is wrong where it is.

    \b
    grade start ex1              write ex1.py, with the function to fill in
    grade ex1                    grade ex1.py in this folder
    grade ex1 path/to/file.py    grade another file, a notebook or a folder
    grade                        grade every exercise in this folder
    grade explain ex1 "bias 1"   show the arithmetic of a cell

    `grade COMMAND --help` explains a command.
    """  # noqa: D301 - click's mark for lines that stay as they are
    if ctx.invoked_subcommand is None:
        from grader.cli.grading import grade_all

        return grade_all(ctx)
    if ctx.invoked_subcommand in grade.commands:
        refuse_ignored_options(ctx, grade.commands[ctx.invoked_subcommand])
    return 0


def run(words: list[str], process: Process | None = None) -> int:
    """Run the command with these words and return its exit code. `process` was started early for the submission."""
    try:
        _check_folder()
        code = grade.main(words, prog_name="grade", standalone_mode=False, obj=process)
        return code if isinstance(code, int) else 0
    except GradeError as error:
        from grader.text import clean

        click.echo(clean(f"{error}", MOST_ERROR), err=True)  # it may name a file of the student's
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130


def _check_folder() -> None:
    """Raise GradeError where the current folder has been removed: no relative path works there."""
    try:
        os.getcwd()
    except OSError:
        raise GradeError(Problem("the current folder no longer exists", "`cd` to a folder that exists")) from None
