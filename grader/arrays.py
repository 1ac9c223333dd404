"""Numbers in and out of nested lists, without NumPy: the parent process of a grading run never imports it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec

Shape = tuple[int, ...]


class Numbers(msgspec.Struct, frozen=True):
    """An array as plain data: its shape, its cells in row-major order, and the NumPy name of its dtype."""

    shape: Shape
    cells: tuple[float, ...]
    dtype: str = "float64"

    def at(self, place: Shape) -> float:
        """Return one cell."""
        index = 0
        for i, n in zip(place, self.shape, strict=True):
            index = index * n + i
        return self.cells[index]


class NotNumbers(ValueError):
    """A nested list is ragged or holds something else than finite numbers; `path` leads to the place."""

    def __init__(self, says: str, path: Shape) -> None:
        super().__init__(says)
        self.path = path


def from_nested(value: Any) -> Numbers:
    """Read a number or nested lists of numbers. Raise NotNumbers when rows differ in length or a cell is no number."""
    shape: list[int] = []
    level = value
    while isinstance(level, list | tuple):
        shape.append(len(level))
        if not level:
            break
        level = level[0]
    cells: list[float] = []
    _fill(value, tuple(shape), (), cells)
    return Numbers(tuple(shape), tuple(cells))


def _fill(value: Any, shape: Shape, path: Shape, cells: list[float]) -> None:
    if len(path) == len(shape):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NotNumbers(f"a number is expected here, not {_what(value)}", path)
        if not math.isfinite(value):
            raise NotNumbers(f"{value} is no finite number", path)
        cells.append(float(value))
        return
    size = shape[len(path)]
    if not isinstance(value, list | tuple):
        raise NotNumbers(f"a row of {size} numbers is expected here, not {_what(value)}", path)
    if len(value) != size:
        raise NotNumbers(f"rows must be equally long: the first has {size}, this one {len(value)}", path)
    for i, item in enumerate(value):
        _fill(item, shape, (*path, i), cells)


def _what(value: Any) -> str:
    kind = "a list" if isinstance(value, list | tuple) else "a mapping" if isinstance(value, dict) else f"`{value}`"
    return kind if len(kind) < 40 else kind[:37] + "…`"


def to_nested(array: Numbers) -> Any:
    """Write an array as nested lists (a number where it has no axes); whole numbers lose their point."""
    items: list[Any] = [plain(cell) for cell in array.cells]
    for size in reversed(array.shape[1:]):
        items = [items[i : i + size] for i in range(0, len(items), size)] if size else [[]] * array.shape[0]
    return items if array.shape else items[0]


def plain(value: float) -> float:
    """Return an int for a whole number, so that files and messages are free of `.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def places(shape: Shape) -> Iterator[Shape]:
    """Yield the index of every cell, in row-major order."""
    if not shape:
        yield ()
        return
    for i in range(shape[0]):
        for rest in places(shape[1:]):
            yield (i, *rest)
