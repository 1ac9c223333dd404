"""Numbers in and out of nested lists, without NumPy: the parent process of a grading run never imports it."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

Shape = tuple[int, ...]
_LARGEST = sys.float_info.max


class Numbers(msgspec.Struct, frozen=True):
    """An array as plain data: its shape, its cells in row-major order, and the NumPy name of its dtype."""

    shape: Shape
    cells: tuple[float, ...]
    dtype: str = "float64"


def extent(shape: Shape) -> int:
    """Return the cost of an array of this shape as nested lists, in cells; an empty array can have many empty rows."""
    return math.prod(max(size, 1) for size in shape)


class NotNumbers(ValueError):
    """A nested list is ragged or holds something other than finite numbers; `path` leads to the place."""

    def __init__(self, says: str, path: Shape) -> None:
        super().__init__(says)
        self.path = path


def from_nested(value: Any) -> Numbers:
    """Read a number or nested lists of numbers. Raise NotNumbers for ragged rows and cells that are not numbers."""
    shape: list[int] = []
    cells: list[Any] = [value]
    while isinstance(cells[0], list | tuple):
        size = len(cells[0])
        if any(not isinstance(row, list | tuple) or len(row) != size for row in cells):
            break
        shape.append(size)
        cells = [cell for row in cells for cell in row]
        if not cells:
            break
    if {type(cell) for cell in cells} <= {int, float} and all(abs(cell) <= _LARGEST for cell in cells):
        return Numbers(tuple(shape), tuple(map(float, cells)))
    raise _first_fault(value, ()) or NotNumbers("numbers are expected here", ())


def _first_fault(value: Any, path: Shape) -> NotNumbers | None:
    """Return the first reason why nested lists are not an array of numbers."""
    if isinstance(value, list | tuple):
        sizes = [len(item) if isinstance(item, list | tuple) else None for item in value]
        for i, (item, size) in enumerate(zip(value, sizes, strict=True)):
            if size != sizes[0]:
                says = f"rows must be equally long: the first has {sizes[0]}, this one has {size}"
                if size is None or sizes[0] is None:
                    says = f"{'a number' if sizes[0] is None else 'a row'} is expected here, not {_what(item)}"
                return NotNumbers(says, (*path, i))
        faults = (_first_fault(item, (*path, i)) for i, item in enumerate(value))
        return next(filter(None, faults), None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NotNumbers(f"a number is expected here, not {_what(value)}", path)
    return None if abs(value) <= _LARGEST else NotNumbers(f"{_what(value)} is not a finite number", path)


def _what(value: Any) -> str:
    kind = "a list" if isinstance(value, list | tuple) else "a mapping" if isinstance(value, dict) else f"`{value}`"
    return kind if len(kind) < 40 else kind[:37] + "…`"


def to_nested(array: Numbers) -> Any:
    """Return an array as nested lists (a number where it has no axes); whole numbers become ints."""
    items: list[Any] = [plain(cell) for cell in array.cells]
    for size in reversed(array.shape[1:]):
        items = [items[i : i + size] for i in range(0, len(items), size)] if size else [[]] * array.shape[0]
    return items if array.shape else items[0]


def transposed(array: Numbers, order: Shape) -> Numbers:
    """Return an array with its axes in another order, as ``np.transpose`` does."""
    shape = tuple(array.shape[axis] for axis in order)
    if len(array.cells) != math.prod(shape):  # the cells of a large answer are cut
        return Numbers(shape, array.cells, array.dtype)
    offsets = [0]
    for axis in order:
        step = math.prod(array.shape[axis + 1 :])
        offsets = [offset + i * step for offset in offsets for i in range(array.shape[axis])]
    return Numbers(shape, tuple(array.cells[offset] for offset in offsets), array.dtype)


def plain(value: float) -> float:
    """Return an int for a whole number, so that files and messages are free of `.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def short(value: float) -> str:
    """Format a number for people: whole numbers in full, others with six digits."""
    value = plain(value)
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def indices(shape: Shape) -> Iterator[Shape]:
    """Yield the index of every cell, in row-major order."""
    if not shape:
        yield ()
        return
    for i in range(shape[0]):
        for rest in indices(shape[1:]):
            yield (i, *rest)


def as_points(points: float) -> str:
    """Format points for people: at most two decimals."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def exact_points(points: float) -> str:
    """Format points for programs: to the millionth, so that 9.999 never becomes 10."""
    return f"{points:.6f}".rstrip("0").rstrip(".")
