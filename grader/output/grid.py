"""Small grids of numbers as a student sees them: right-aligned columns, some cells marked."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rich.console import RenderableType
from rich.text import Text

from grader.model.exercise import Value
from grader.numbers import short
from grader.output.blocks import Beside

MOST_COLUMNS = 14
MOST_ROWS = 14


def grid(title: str, value: Value, marked: Collection[tuple[int, ...]] = (), style: str = "bold red") -> list[Text]:
    """Return the lines of a grid, the title first. A number or a row of numbers is a grid of one row.

    `marked` holds the indices of cells to put in brackets.
    """
    axes, rows = _axes(value), _rows(value)
    cells = [[_cell(item) for item in row[:MOST_COLUMNS]] for row in rows[:MOST_ROWS]]
    width = max((len(cell) for row in cells for cell in row), default=0)
    lines = [Text(title, "dim")]
    for i, row in enumerate(cells):
        line = Text()
        for j, cell in enumerate(row):
            hit = () in marked or (i, j)[2 - axes :] in marked
            left, right = ("[", "]") if hit else (" ", " ")
            line.append(" " * (width - len(cell)))
            line.append(f"{left}{cell}{right}", style if hit else "")
        if len(rows[i]) > MOST_COLUMNS:
            line.append(" …")
        lines.append(line)
    if len(rows) > MOST_ROWS:
        lines.append(Text("…"))
    return lines


def is_grid(value: Value) -> bool:
    """Tell whether a value can be shown as one grid: a number, a row, or rows of numbers."""
    if not isinstance(value, list):
        return value is not None
    rows = _rows(value)
    return value != [] and all(isinstance(row, list) and not any(isinstance(c, list) for c in row) for row in rows)


def call_blocks(
    inputs: Mapping[str, Value], others: Mapping[str, Value], marked: Collection[tuple[int, ...]] = ()
) -> list[RenderableType]:
    """Show the arguments of a call: `inputs` as grids side by side, `others` on one line below.

    `marked` holds the indices of cells of the first input.
    """
    first = next(iter(inputs), "")
    grids = [grid(name, value, marked if name == first else ()) for name, value in inputs.items() if is_grid(value)]
    line = ", ".join(f"{name} {written(value)}" for name, value in others.items())
    return [*([Beside(grids)] if grids else []), *([Text(line, "dim")] if line else [])]


def written(value: Value) -> str:
    """Write a value on one line; a list is a tuple to the student's function."""
    return str(tuple(value) if isinstance(value, list) else value)


def _axes(value: Value) -> int:
    """Return how many axes a grid has: 0 for a number, 1 for a row, 2 for rows."""
    if not isinstance(value, list):
        return 0
    return 2 if value and isinstance(value[0], list) else 1


def _rows(value: Value) -> list[list[Value]]:
    if not isinstance(value, list):
        return [[value]]
    return value if _axes(value) == 2 else [value]


def _cell(value: Value) -> str:
    return short(value) if isinstance(value, int | float) else str(value)
