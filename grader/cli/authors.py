"""The commands of those who write exercises: `grade verify` and `grade new`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.cli.commands import COMMANDS
from grader.cli.console import create, show
from grader.cli.options import complete_ids, pack_of, pack_option
from grader.errors import GradeError, Problem, near


@click.command("verify", short_help="Prove that exercises are right and catch every known mistake.")
@click.argument("exercises", nargs=-1, shell_complete=complete_ids)
@click.option("--write", is_flag=True, help="Store torch's answers in EXERCISE.ref.json, and say what changed.")
@pack_option
@click.pass_context
def verify(ctx: click.Context, /, exercises: tuple[str, ...], write: bool) -> int:
    """Prove exercises: torch's answers, slides, model answer, stub, and that every known mistake is caught.

    Without EXERCISES all of the folder are proved. Needs torch: pip install 'torch-grader[torch]'.
    """
    from grader.output import verify_table
    from grader.verification.torch_reference import load_torch
    from grader.verification.verify import verify as prove

    pack = pack_of(ctx)
    found = prove(pack, exercises, load_torch(), write=write)
    show(verify_table.table(found))
    if exercises:
        for proof in found:
            show(verify_table.only_caught_by_sweep(proof))
    return 2 if any(proof.problems for proof in found) else 0


@click.command("new", short_help="Write ID.yaml, an exercise to begin with.")
@click.argument("id")
@click.option("--op", required=True, metavar="OPERATOR", help="What torch is to compute, for example conv2d.")
@pack_option
@click.pass_context
def new(ctx: click.Context, /, id: str, op: str) -> int:
    """Write ID.yaml, a commented spec for an operator. A file that is there is left as it is."""
    from grader.exercises.templates import skeleton
    from grader.ops import OPS

    if op not in OPS:
        raise GradeError(Problem(f"there is no operator `{op}`", near(op, OPS) or f"known: {', '.join(OPS)}"))
    if not id.isidentifier():
        raise GradeError(Problem(f"`{id}` cannot be the id of an exercise", "use letters, digits and `_`"))
    if id in COMMANDS:
        raise GradeError(Problem(f"`{id}` cannot be the id of an exercise: it is a command", "choose another name"))
    chosen = ctx.find_root().params.get("pack") or os.environ.get("GRADE_PACK")
    path = (pack_of(ctx) if chosen else Path()) / f"{id}.yaml"
    create(path, skeleton(id, op))
    show(f"wrote {path}; fill it in, then `grade verify {id} --pack {path.parent} --write`")
    return 0
