"""Small grids as a student sees them: right-aligned columns, some cells marked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rich.text import Text

from grader.numbers import short

WIDEST = 14  # columns of a grid that are shown
DEEPEST = 14


def grid(title: str, rows: Any, marked: Collection[tuple[int, ...]] = (), style: str = "bold red") -> list[Text]:
    """Return a grid's lines, the title first. Numbers and rows of numbers count as grids of one row."""
    table = _table(rows)
    cells = [[_cell(value) for value in row[:WIDEST]] for row in table[:DEEPEST]]
    width = max((len(cell) for row in cells for cell in row), default=0)
    flat = not (isinstance(rows, list) and rows and isinstance(rows[0], list))
    lines = [Text(title, "dim")]
    for i, row in enumerate(cells):
        line = Text()
        for j, cell in enumerate(row):
            hit = ((j,) if flat and isinstance(rows, list) else (i, j)) in marked or (() in marked)
            left, right = ("[", "]") if hit else (" ", " ")
            line.append(" " * (width - len(cell)))
            line.append(f"{left}{cell}{right}", style if hit else "")
        if len(table[i]) > WIDEST:
            line.append(" …")
        lines.append(line)
    if len(table) > DEEPEST:
        lines.append(Text("…"))
    return lines


def is_grid(value: Any) -> bool:
    """Tell whether a value can be shown as one grid: a number, a row, or rows of numbers."""
    if not isinstance(value, list):
        return value is not None
    rows = _table(value)
    return value != [] and all(isinstance(row, list) and not any(isinstance(c, list) for c in row) for row in rows)


def _table(rows: Any) -> list[list[Any]]:
    if not isinstance(rows, list):
        return [[rows]]
    return rows if rows and isinstance(rows[0], list) else [rows]


def _cell(value: Any) -> str:
    return short(value) if isinstance(value, int | float) else str(value)
