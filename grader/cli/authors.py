"""The commands for authors of exercises: `grade verify` and `grade new`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.cli.commands import COMMANDS
from grader.cli.console import show
from grader.cli.options import complete_ids, is_pack_chosen, pack_of, pack_option
from grader.errors import GradeError, Problem, near
from grader.exercises.pack import is_installed, local_pack, renewal, short_path
from grader.files import create


@click.command
@click.argument("exercises", nargs=-1, shell_complete=complete_ids)
@click.option("--write", is_flag=True, help="Store the answers of torch and of misconceptions; list the changes.")
@pack_option
@click.pass_context
def verify(ctx: click.Context, /, exercises: tuple[str, ...], write: bool) -> int:
    """Prove exercises: torch's answers, the slides', the model solution, the template and every known misconception.

    Reads the specs in the folder that --pack or GRADE_PACK names, or else in `exercises/`, or else in this folder.
    Without EXERCISES, proves all of them. Needs torch (the extra `torch`).
    """
    from grader.output import verify_table
    from grader.verification.torch_reference import load_torch
    from grader.verification.verify import verify as prove

    pack = _pack_to_verify(ctx, write)
    show(f"Verifying exercises in `{os.path.join(short_path(pack), '')}` …")
    found = prove(pack, exercises, load_torch(), write=write)
    show(verify_table.table(found))
    if exercises:
        for proof in found:
            show(verify_table.only_caught_by_sweep(proof))
    return 2 if any(proof.problems for proof in found) else 0


def _pack_to_verify(ctx: click.Context, write: bool) -> Path:
    """Return the author's folder of specs, never the course's by default: an installed course is not theirs."""
    pack = pack_of(ctx) if is_pack_chosen(ctx) else local_pack()
    if pack is None:
        says = "there is nothing to verify: neither `exercises/` nor this folder has specs (*.yaml with `op:`)"
        raise GradeError(Problem(says, "name a folder of specs: `grade verify --pack DIR`"))
    if write and is_installed(pack):
        says = f"`{pack}` belongs to the installed grader and is never written to"
        raise GradeError(Problem(says, "copy the folder, and name the copy with `--pack DIR`"))
    return pack


@click.command
@click.argument("id")
@click.option("--op", required=True, metavar="OPERATOR", help="What torch computes, for example conv2d.")
@pack_option
@click.pass_context
def new(ctx: click.Context, /, id: str, op: str) -> int:
    """Write ID.yaml, a commented spec for an operator. An existing file is not changed.

    With `--op torch`, a function of your own answers: it is written to ID_reference.py.
    """
    from grader.exercises.templates import skeletons
    from grader.model.exercise import OWN
    from grader.ops import OPS

    known = [*OPS, OWN]
    if op not in known:
        help = near(op, known) or f"known operators: {', '.join(known)} (a function of your own)"
        raise GradeError(Problem(f"there is no operator `{op}`", help))
    if not id.isidentifier():
        raise GradeError(Problem(f"`{id}` cannot be the id of an exercise", "use letters, digits and `_`"))
    if id in COMMANDS:
        raise GradeError(Problem(f"`{id}` cannot be the id of an exercise: it is a command", "choose another name"))
    folder = pack_of(ctx) if is_pack_chosen(ctx) else Path()
    files = {folder / name: text for name, text in skeletons(id, op).items()}
    for path, text in files.items():
        create(path, text)
    written = " and ".join(map(str, files))
    show(f"wrote {written}; fill {'it' if len(files) == 1 else 'them'} in, then {renewal(folder, id)}")
    return 0
