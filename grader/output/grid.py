"""Small grids of numbers as a student sees them: right-aligned columns, some cells marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

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
    axes: str = "",
) -> list[list[Text]]:
    """Return a grid, or for more than two axes a grid for each channel, filter and image: `kernel[0, 1]`, ….

    With `only_marked`, channels without a marked cell are omitted where others have one. Where the `axes` of rows and
    columns are not the last ones, as in `NHWC`, the grids are named `image[0, :, :, 1]`.
    """
    if order := _rows_last(value, axes):
        value, marked = _moved(value, order), {tuple(cell[axis] for axis in order) for cell in marked}
    planes = list(_planes(value, ()))
    if only_marked and marked:
        planes = [plane for plane in planes if any(cell[: len(plane[0])] == plane[0] for cell in marked)] or planes
    shown = []
    for at, plane in planes[:MOST_PLANES]:
        places = {axis: str(i) for axis, i in zip(order, at, strict=False)} if order else dict(enumerate(map(str, at)))
        name = f"{title}[{', '.join(places.get(axis, ':') for axis in range(len(order or at)))}]" if at else title
        cells = [cell[len(at) :] for cell in marked if cell[: len(at)] == at]
        shown.append(grid(name, plane, cells, style))
    left = len(planes) - MOST_PLANES
    return [*shown, [Text(f"and {left} more of {title}", "dim")]] if left > 0 else shown


def _rows_last(value: Value, axes: str) -> tuple[int, ...]:
    """Return the order of axes that puts rows and columns last; nothing where they are, or `value` has other axes."""
    order = tuple(sorted(range(len(axes)), key=lambda axis: (axes[axis] in "HW", axes[axis] == "W")))
    return order if "H" in axes and order != tuple(range(len(axes))) and _depth(value) == len(axes) else ()


def plane_of(at: tuple[int, ...], axes: str = "") -> tuple[int, ...]:
    """Return which grid of those of a value a cell is in: its image, filter and channel."""
    return tuple(i for i, axis in zip(at, axes, strict=False) if axis not in "HW") if "H" in axes else at[:-2]


def _depth(value: Value) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list) and value else 0


def _moved(value: Value, order: tuple[int, ...], at: tuple[int, ...] = ()) -> Value:
    """Return nested lists with their axes in another order."""
    if len(at) == len(order):
        cell: Any = value
        for axis in range(len(order)):
            cell = cell[at[order.index(axis)]]
        found: Value = cell
        return found
    row: Any = value
    for _ in range(order[len(at)]):
        row = row[0]
    return [_moved(value, order, (*at, i)) for i in range(len(row))]


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
    inputs: Mapping[str, Value],
    others: Mapping[str, Value],
    marked: Collection[tuple[int, ...]] = (),
    axes: Mapping[str, str] = {},
) -> list[RenderableType]:
    """Show the arguments of a call: `inputs` as grids side by side, `others` on one line below.

    `marked` holds the indices of cells of the first input; `axes` are those of inputs by name.
    """
    first = next(iter(inputs), "")
    shown = [
        block
        for name, value in inputs.items()
        if is_grids(value)
        for block in grids(name, value, marked if name == first else (), axes=axes.get(name, ""))
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
