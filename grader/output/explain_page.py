"""What `grade explain` prints: the list of misconceptions, one of them, or the arithmetic of a cell."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.model.exercise import Value
from grader.model.explanation import CellPage, MisconceptionPage
from grader.output.blocks import Beside, Indented
from grader.output.grid import call_blocks, grids, is_grids


def table(misconceptions: Iterable[tuple[str, str]]) -> Table:
    """List misconceptions: id and sentence."""
    table = Table.grid(padding=(0, 2))
    for id, says in misconceptions:
        table.add_row(Text(id, "bold"), Text(says))
    return table


def misconception(page: MisconceptionPage) -> Group:
    """Show a misconception: what it does, why it is wrong, an example, what to do instead."""
    parts: list[RenderableType] = [Text(page.id, "bold"), Text()]
    parts += _section("What it does", page.says)
    parts += _section("Why it is wrong", page.why)
    parts += [Text("Example", "bold cyan"), Indented(Text(page.call, "dim"))]
    parts += [Indented(line) for line in call_blocks(page.inputs, {})]
    right = grids(f"right {page.output}".rstrip(), page.right)
    if isinstance(page.wrong, str):  # it crashes
        parts += [Indented(Beside(right)), Indented(Text(page.wrong, "red"))]
    else:
        title = "with this misconception"
        wrong = [[Text(title, "dim"), Text("(empty)")]] if _is_empty(page.wrong) else grids(title, page.wrong)
        parts.append(Indented(Beside([*right, *wrong])))
    return Group(*parts, Text(), *_section("Instead", page.instead))


def _is_empty(value: Value) -> bool:
    return isinstance(value, list) and all(map(_is_empty, value))


def cell(page: CellPage) -> Group:
    """Show one cell: its window marked in the input, the arithmetic, and the answer with the cell marked."""
    parts: list[RenderableType] = [Text(f"{page.exercise} · {page.case} · {page.place}", "bold")]
    parts += [Indented(line) for line in call_blocks(page.inputs, page.fields, set(page.reads), page.axes)]
    parts += [Text(), Indented(Text(f"{page.place} = {page.text}", "cyan")), Text()]
    if is_grids(page.answer):
        name = page.place.partition("[")[0]
        shown = grids(name, page.answer, {page.at}, "bold green", axes=page.axes.get(name, ""))
        parts.append(Indented(Beside(shown)))
    return Group(*parts)


def _section(title: str, text: str) -> list[RenderableType]:
    return [Text(title, "bold cyan"), Indented(Text(text)), Text()]
