"""The table of `grade verify`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.output.layout import Indented


def proofs(rows: Sequence[Any]) -> Group:
    """Show a line per exercise, then what is to be mended, then what one should know."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("exercise", "", "cases", "slides", "errata", "model", "stub", "caught", "slides alone"):
        left = len(table.columns) < 2
        table.add_column(name, header_style="dim", justify="left" if left else "right", no_wrap=name != "")
    parts: list[RenderableType] = [table]
    for proof in rows:
        mark, style = ("✗", "red") if proof.problems else ("✓", "green")
        m = proof.mutation
        caught = f"{m.tried - len(m.survived)} of {m.tried}" if m else ""
        alone = f"{m.tried - len(m.slides_pass)} of {m.tried}" if m else ""
        numbers = [str(n) if m else "" for n in (proof.cases, proof.slides, proof.errata)]
        row = [*numbers, proof.model if m else "", proof.stub, caught, alone]
        table.add_row(Text(f"{mark} {proof.exercise}", style), Text(proof.title), *map(Text, row))
    for proof in rows:
        for problem in proof.problems:
            parts += [Text(), Text(f"{proof.exercise}: {problem}" if not problem.place else str(problem))]
        parts += [Text(f"{proof.exercise}: {note}", "yellow") for note in proof.notes]
        twins = proof.mutation.twins if proof.mutation else ()
        parts += [Text(f"{proof.exercise}: no case tells apart {' = '.join(ids)}", "yellow") for ids in twins]
        parts += [Text(f"{proof.exercise}: wrote {line}") for line in proof.written]
    return Group(*parts)


def details(proof: Any) -> Group:
    """Show which mistakes the slides alone let pass."""
    m = proof.mutation
    if m is None or not m.slides_pass:
        return Group()
    title = Text(f"{proof.exercise}: the written cases alone let pass", "dim")
    return Group(title, Indented(Text(", ".join(m.slides_pass))))
