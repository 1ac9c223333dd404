"""What `grade verify` prints: a row per exercise, then problems and notes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.model.proof import Proof
from grader.output.blocks import Indented


def table(proofs: Sequence[Proof]) -> Group:
    """Show a row per exercise, then its problems, then its notes and what was written."""
    parts: list[RenderableType] = [_rows(proofs)]
    for proof in proofs:
        for problem in proof.problems:
            parts += [Text(), Text(str(problem) if problem.place else f"{proof.exercise}: {problem}")]
        parts += [Text(f"{proof.exercise}: {note}", "yellow") for note in proof.notes]
        twins = proof.mutation.twins if proof.mutation else ()
        parts += [Text(f"{proof.exercise}: no case tells apart {' = '.join(ids)}", "yellow") for ids in twins]
        parts += [Text(f"{proof.exercise}: wrote {line}") for line in proof.written]
    return Group(*parts)


def only_caught_by_sweep(proof: Proof) -> Group:
    """Show which misconceptions pass all written cases."""
    found = proof.mutation.slides_pass if proof.mutation else ()
    if not found:
        return Group()
    title = Text(f"{proof.exercise}: only the sweep catches", "dim")
    return Group(title, Indented(Text(", ".join(found))))


def _rows(proofs: Sequence[Proof]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("exercise", "", "cases", "slides", "errata", "model", "template", "caught", "slides alone"):
        left = len(table.columns) < 2
        table.add_column(name, header_style="dim", justify="left" if left else "right", no_wrap=name != "")
    for proof in proofs:
        mark, style = ("✗", "red") if proof.problems else ("✓", "green")
        table.add_row(Text(f"{mark} {proof.exercise}", style), Text(proof.title), *map(Text, _numbers(proof)))
    return table


def _numbers(proof: Proof) -> list[str]:
    """Return the numbers of a row: those of an exercise that could not be read are empty."""
    found = proof.mutation
    if found is None:
        return ["", "", "", "", proof.template, "", ""]
    counts = [str(count) for count in (proof.cases, proof.slides, proof.errata)]
    caught = [f"{found.tried - len(passing)} of {found.tried}" for passing in (found.survived, found.slides_pass)]
    return [*counts, proof.model, proof.template, *caught]
