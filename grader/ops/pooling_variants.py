"""Pooling computed in wrong ways: with another step, size, window, border or summary, or in another order.

Each function computes one such variant, or returns a function that does. pooling_misconceptions.py names them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

import numpy as np

from grader.ops.base import Array, Shape
from grader.ops.square import in_square, keep, square_part

Run = Callable[..., Array]

_EMPTY = "zero-size array to reduction operation which has no identity"  # NumPy's message for an empty slice


def pooled(op: Any, x: Array, **changes: Any) -> Array:
    """Run the operator with some steps replaced; a mean without cells is 0 / 0, as in NumPy."""
    with np.errstate(invalid="ignore"):
        result: Array = op.pool(x, **changes)
    return result


def stepped(change: Callable[[Any, Shape, Shape, Shape, Shape], dict[str, Any]]) -> Run:
    """Replace steps; `change` receives the operator, the input's sizes, kernel size, stride and padding."""
    return lambda op, x: pooled(
        op, x, **change(op, size(op, x), *(op.each(f) for f in ("kernel_size", "stride", "padding")))
    )


def size(op: Any, x: Array) -> Shape:
    """Return the sizes of the axes that the window moves along."""
    return x.shape[x.ndim - op.axes :]


def steps(change: Callable[[Shape, Shape], Shape]) -> Run:
    """Move by other steps: `change` receives kernel size and stride; the output's size follows."""
    return stepped(lambda op, n, k, s, p: {"steps": change(k, s)})


def window(change: Callable[[Shape], Shape], follow: bool) -> Run:
    """Use windows of another size; the output's size follows, or stays right."""
    return stepped(lambda op, n, k, s, p: {"window": change(k)} | ({} if follow else {"sizes": op.sizes(n)}))


def pads(change: Callable[[Shape], list[tuple[int, int]]]) -> Run:
    """Pad differently: `change` returns (before, after) for each axis; the output's size follows."""
    return stepped(lambda op, n, k, s, p: {"pads": change(p)})


def sizes(change: Callable[[int, int, int, int, int], float]) -> Run:
    """Give the output another size: `change` receives an axis's input size, kernel, stride, padding and right size."""
    return stepped(
        lambda op, *sizes: {"sizes": tuple(int(change(*axis)) for axis in zip(*sizes, op.sizes(sizes[0]), strict=True))}
    )


def fill(**how: Any) -> Run:
    """Fill the border with other values than zeros."""

    def run(op: Any, x: Array) -> Array:
        border = [*((0, 0),) * (x.ndim - op.axes), *((p, p) for p in op.each("padding"))]
        return pooled(op, np.pad(x, border, **how), pads=((0, 0),) * op.axes, sizes=op.sizes(size(op, x)))

    return run


def reduce(change: Callable[[Array, Array], Array]) -> Run:
    """Reduce windows differently: `change` receives their cells on the last axis, and which of them count."""
    return lambda op, x: pooled(op, x, reduce=change)


def divisor(change: Callable[[Any, Array], Any]) -> Run:
    """Divide the sums by another number; `change` receives the operator and the input."""
    return lambda op, x: pooled(op, x, reduce=lambda seen, counted: seen.sum(-1)) / change(op, x)


def after(change: Callable[[Array], Array]) -> Run:
    """Pool, then change the result."""
    return lambda op, x: change(pooled(op, x))


def before(change: Callable[[Array], Array]) -> Run:
    """Change the input, then pool."""
    return lambda op, x: pooled(op, change(x))


def rows(change: Callable[[Any, Array], Array]) -> Run:
    """Change the pooling of several rows; a single row is pooled correctly."""
    return lambda op, x: pooled(op, x) if x.ndim < 2 else change(op, x)


def carried(accumulate: Callable[..., Array], rows: bool = False) -> Run:
    """Carry the result from cell to cell, along each row or through all rows."""
    return after(lambda y: accumulate(y if rows else y.ravel(), axis=-1).reshape(y.shape))


def largest(seen: Array, counted: Array, first: float = -np.inf) -> Array:
    """Return the largest of the cells that count on the last axis, starting from `first`."""
    result: Array = np.max(seen, axis=-1, initial=first, where=counted)
    return result


def smallest(seen: Array, counted: Array, first: float = np.inf) -> Array:
    """Return the smallest of the cells that count, as `largest` does."""
    return -largest(-seen, counted, -first)


def chosen(choose: Callable[..., Array], key: Callable[[Array], Array], last: float) -> Run:
    """Take the cell with the chosen key; `last` is the key of cells that do not count."""

    def pick(seen: Array, counted: Array) -> Array:
        at = choose(np.where(counted, key(seen), last), axis=-1)
        return np.take_along_axis(seen, at[..., None], -1)[..., 0]

    return reduce(pick)


def fixed_end(op: Any, x: Array) -> Array:
    """Begin each window at the right cell, but end all of them where the first one ends: `x[i * s : k]`."""
    n, k, p = size(op, x), op.each("kernel_size"), op.each("padding")
    seen: tuple[Any, ...] = (..., *(slice(0, a - before) for a, before in zip(k, p, strict=True)))
    try:
        return pooled(op, x[seen], pads=[(before, 0) for before in p], sizes=op.sizes(n))
    except IndexError:
        raise ValueError(_EMPTY) from None


def short(op: Any, x: Array) -> Array:
    """End each window one cell too early; a window of one cell is then empty."""
    window = tuple(k - 1 for k in op.each("kernel_size"))
    if 0 in window:
        raise ValueError(_EMPTY)
    return pooled(op, x, window=window, sizes=op.sizes(size(op, x)))


def reshaped(op: Any, x: Array) -> Array:
    """Reshape the input into windows side by side; fails unless the kernel's size divides the input's."""
    k = op.each("kernel_size")
    if any((n + 2 * p) % a for n, a, p in zip(size(op, x), k, op.each("padding"), strict=True)):
        raise ValueError(f"cannot reshape array of size {x.size}")
    return pooled(op, x, steps=k)


def looped_past(op: Any, x: Array) -> Array:
    """Begin a window at every step of the stride in the input, even if the output has no cell for it."""
    y = pooled(op, x)
    for n, s, p, out in zip(size(op, x), op.each("stride"), op.each("padding"), size(op, y), strict=True):
        if ceil((n + 2 * p) / s) > out:
            raise IndexError(f"index {out} is out of bounds for an axis with size {out}")
    return y


def gaps(op: Any, x: Array) -> Array:
    """Fill only every stride-th cell of an output of the right size."""
    dense = pooled(op, x, steps=(1,) * op.axes, sizes=op.sizes(size(op, x)))
    return keep(dense, *(slice(None, None, s) for s in op.each("stride")))


def mixed(op: Any, x: Array) -> Array:
    """Also pool over the channels; every channel gets the same result."""
    y = pooled(op, x)
    if x.ndim == op.axes:
        return y
    one = op.reduce(np.moveaxis(y, -1 - op.axes, -1), np.True_)
    return np.broadcast_to(np.expand_dims(one, -1 - op.axes), y.shape)


def spread(change: Callable[[Shape], Shape]) -> Run:
    """Leave other gaps between a window's cells: `change` receives the dilation; the output's size follows."""
    return lambda op, x: pooled(op, x, spread=change(op.spread()))


def only_first(axis: int) -> Run:
    """Pool only the first of the images (axis 0) or channels (axis 1), and leave the others zero."""

    def run(op: Any, x: Array) -> Array:
        result, at = pooled(op, x), x.ndim - op.axes - 2 + axis
        if at < 0:
            return result
        first = np.arange(result.shape[at]).reshape(-1, *(1,) * (result.ndim - at - 1)) == 0
        return np.where(first, result, 0)

    return run


def first_for_all(axis: int) -> Run:
    """Use the first of the images (axis 0) or channels (axis 1) for all."""

    def run(op: Any, x: Array) -> Array:
        result, at = pooled(op, x), x.ndim - op.axes - 2 + axis
        return result if at < 0 else np.broadcast_to(np.take(result, [0], axis=at), result.shape)

    return run


def channels_last(op: Any, x: Array) -> Array:
    """Take an input of channels × rows × columns for one of rows × columns × channels."""
    return pooled(op, x) if x.ndim == op.axes else np.moveaxis(pooled(op, np.moveaxis(x, -1, -3)), -3, -1)


# ---- loops over a grid


def exchanged(op: Any, x: Array) -> Array:
    """Give the output as many rows as there are columns of windows, and the reverse."""
    return pooled(op, x, sizes=op.sizes(size(op, x))[::-1])


def square_output(axis: int) -> Run:
    """Allocate a square output, as large as one of its axes, and loop over both."""
    return after(lambda result: in_square(result, axis))


def square_loops(axis: int) -> Run:
    """Loop over both axes as far as one of them reaches."""
    return after(lambda result: square_part(result, axis))


def stride_unused_in_size(op: Any, x: Array) -> Array:
    """Put the right results into an output that is as large as for stride 1."""
    y = pooled(op, x)
    large = np.zeros((*y.shape[:-2], *op.sizes(size(op, x), steps=(1, 1))))
    rows, columns = y.shape[-2:]
    large[..., :rows, :columns] = y
    return large


def stopped_early(op: Any, x: Array) -> Array:
    """Pool only as many windows as `range(0, size, stride)` yields, and leave the others zero."""
    y = pooled(op, x)
    return keep(y, *(slice(-(-n // s)) for n, s in zip(y.shape[-2:], op.each("stride"), strict=True)))


def sliced_twice(op: Any, x: Array) -> Array:
    """Slice the rows twice, `x[i:i+k][j:j+o]`; an empty slice raises."""
    y, (d, e) = np.empty(op.shape(x.shape)), op.spread()
    (k, o), (s, t), (p, q) = (op.each(field) for field in ("kernel_size", "stride", "padding"))
    margins = [(0, 0)] * (x.ndim - 2) + [(p, p), (q, q)]
    border, counted = np.pad(x, margins), np.pad(np.ones(x.shape[-2:], bool), margins[-2:]) | op.counts_padding
    for i, j in np.ndindex(*y.shape[-2:]):
        seen, count = (
            a[..., i * s : i * s + d * (k - 1) + 1 : d, :][..., j * t : j * t + e * (o - 1) + 1 : e, :]
            for a in (border, counted)
        )
        if not count.size:
            raise ValueError(_EMPTY)
        y[..., i, j] = op.reduce(seen.reshape(*x.shape[:-2], -1), count.ravel())
    return y


def painted(op: Any, x: Array) -> Array:
    """Write each result into all cells of its window, in a copy of the input."""
    result, y = np.array(x, dtype=float), pooled(op, x)
    (k, o), (s, t), (p, q) = (op.each(field) for field in ("kernel_size", "stride", "padding"))
    for i, j in np.ndindex(*y.shape[-2:]):
        top, left = i * s - p, j * t - q
        result[..., max(top, 0) : top + k, max(left, 0) : left + o] = y[..., i, j][..., None, None]
    return result
