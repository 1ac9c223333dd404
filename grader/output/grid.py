"""Small grids of numbers as a student sees them: right-aligned columns, some cells marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from rich.console import RenderableType
from rich.text import Text

from grader.model.exercise import Value
from grader.numbers import short
from grader.output.blocks import Beside

MOST_COLUMNS = 14
MOST_ROWS = 14
MOST_PLANES = 6  # of channels, filters and images


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


def grids(
    title: str,
    value: Value,
    marked: Collection[tuple[int, ...]] = (),
    style: str = "bold red",
    *,
    only_marked: bool = False,
) -> list[list[Text]]:
    """Return a grid, or for more than two axes a grid for each channel, filter and image: `kernel[0, 1]`, ….

    With `only_marked`, channels without a marked cell are omitted where others have one.
    """
    planes = list(_planes(value, ()))
    if only_marked and marked:
        planes = [plane for plane in planes if any(cell[: len(plane[0])] == plane[0] for cell in marked)] or planes
    shown = []
    for at, plane in planes[:MOST_PLANES]:
        name = f"{title}[{', '.join(map(str, at))}]" if at else title
        cells = [cell[len(at) :] for cell in marked if cell[: len(at)] == at]
        shown.append(grid(name, plane, cells, style))
    left = len(planes) - MOST_PLANES
    return [*shown, [Text(f"and {left} more of {title}", "dim")]] if left > 0 else shown


def _planes(value: Value, at: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Value]]:
    """Yield the grids in a value, each with its index."""
    if not isinstance(value, list) or is_grid(value):
        yield at, value
        return
    for i, item in enumerate(value):
        yield from _planes(item, (*at, i))


def is_grids(value: Value) -> bool:
    """Tell whether a value can be shown as one or more grids."""
    planes = list(_planes(value, ()))
    return bool(planes) and all(is_grid(plane) for _, plane in planes) and len({len(at) for at, _ in planes}) == 1


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
    shown = [
        block
        for name, value in inputs.items()
        if is_grids(value)
        for block in grids(name, value, marked if name == first else ())
    ]
    line = ", ".join(f"{name} {written(value)}" for name, value in others.items())
    return [*([Beside(shown)] if shown else []), *([Text(line, "dim")] if line else [])]


def written(value: Value) -> str:
    """Write a value on one line; a list is a tuple to the student's function."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        return f"({', '.join(map(written, value))})"
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
