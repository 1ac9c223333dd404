"""The options that several commands share, and where these commands find the exercises."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from grader.cli.commands import ISOLATION
from grader.errors import GradeError
from grader.exercises.pack import exercise_ids, pack_folder
from grader.text import one_line

PROGRAMS = (".py", ".ipynb")


def _store_pack(ctx: click.Context, _: click.Parameter, folder: str | None) -> None:
    """Keep the folder where `pack_of` reads it: the option may stand before the command or after it."""
    if folder:
        ctx.find_root().params["pack"] = folder


def _disable_colors(_: click.Context, __: click.Parameter, chosen: bool) -> None:
    if chosen:
        os.environ["NO_COLOR"] = "1"


pack_option = click.option(
    "--pack",
    metavar="DIR",
    expose_value=False,
    callback=_store_pack,
    help="Folder with the exercises, or the name of a pack (default: GRADE_PACK, or the course's).",
)
isolation_option = click.option(
    "--isolation",
    type=click.Choice(ISOLATION),
    help="Isolation level (default: the strongest available); `strict` requires a sandbox.",
)
no_color_option = click.option(
    "--no-color", is_flag=True, expose_value=False, callback=_disable_colors, help="No colours (or set NO_COLOR)."
)


def pack_of(ctx: click.Context) -> Path:
    """Return the folder of specs that `--pack` or GRADE_PACK chooses."""
    return pack_folder(ctx.find_root().params.get("pack"))


def pack_words(ctx: click.Context) -> str:
    """Return what a command needs at its end to find the same exercises: a `--pack` that was given, or nothing."""
    pack = ctx.find_root().params.get("pack")
    return f" --pack {one_line(shlex.quote(pack))}" if pack else ""


def is_pack_chosen(ctx: click.Context) -> bool:
    """Tell whether `--pack` or GRADE_PACK names a folder of specs."""
    return bool(ctx.find_root().params.get("pack") or os.environ.get("GRADE_PACK"))


def ids_of(ctx: click.Context) -> list[str]:
    """Return the ids of that folder's exercises, or none where the folder does not exist."""
    try:
        return exercise_ids(pack_of(ctx))
    except GradeError:
        return []


def complete_ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the id of an exercise in a shell."""
    return [id for id in ids_of(ctx) if id.startswith(incomplete)]


exercise_argument = click.argument("exercise", shell_complete=complete_ids)


def without_suffix(word: str) -> str:
    """Return the exercise that a word means: `ex1.py` and `hw1/ex1.ipynb` mean `ex1`."""
    return Path(word).stem if word.endswith(PROGRAMS) else word
