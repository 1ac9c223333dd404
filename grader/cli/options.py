"""Options and arguments that several commands share, and where they find the exercises."""

from __future__ import annotations

from pathlib import Path

import click

from grader.errors import GradeError
from grader.exercises.pack import exercise_ids, pack_folder


def _chosen_pack(ctx: click.Context, _: click.Parameter, folder: str | None) -> None:
    """Keep it where `pack_of` looks: the option may stand before the command, and behind it."""
    if folder:
        ctx.find_root().params["pack"] = folder


pack_option = click.option(
    "--pack",
    metavar="DIR",
    expose_value=False,
    callback=_chosen_pack,
    help="Take the exercises from this folder, not the course's (or set GRADE_PACK).",
)


def pack_of(ctx: click.Context) -> Path:
    """Return the folder of specs that `--pack` or GRADE_PACK chooses."""
    return pack_folder(ctx.find_root().params.get("pack"))


def ids_of(ctx: click.Context) -> list[str]:
    """Return the ids of that folder's exercises; none where there is no such folder."""
    try:
        return exercise_ids(pack_of(ctx))
    except GradeError:
        return []


def complete_ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the id of an exercise in a shell."""
    return [id for id in ids_of(ctx) if id.startswith(incomplete)]
