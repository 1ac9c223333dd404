"""Outputs as programs make them that take every grid for a square, for convolution and pooling alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.ops.base import Array


def keep(result: Array, *cells: slice) -> Array:
    """Keep some cells of the output and set the others to zero."""
    kept = np.zeros_like(result)
    where: tuple[Any, ...] = (..., *cells)
    kept[where] = result[where]
    return kept


def in_square(result: Array, axis: int) -> Array:
    """Return an output in a square one, as large as one of its axes. Raise IndexError if the other axis is longer."""
    size, other = result.shape[axis - 2], result.shape[-1 - axis]
    if other > size:
        raise IndexError(f"index {size} is out of bounds")
    square = np.zeros((*result.shape[:-2], size, size))
    rows, columns = result.shape[-2:]
    square[..., :rows, :columns] = result
    return square


def square_part(result: Array, axis: int) -> Array:
    """Keep the cells that two loops as long as one axis reach. Raise IndexError if the other axis is shorter."""
    size, other = result.shape[axis - 2], result.shape[-1 - axis]
    if size > other:
        raise IndexError(f"index {other} is out of bounds")
    return keep(result, slice(size), slice(size))
