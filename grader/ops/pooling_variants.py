"""Pooling computed in wrong ways: with another step, size, window, border or summary, or in another order.

Each function computes one such variant, or returns a function that does. pooling_misconceptions.py names them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

import numpy as np

from grader.ops.base import Array, Shape

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


def keep(result: Array, *cells: slice) -> Array:
    """Keep some cells of the output and set the others to zero."""
    kept = np.zeros_like(result)
    where: tuple[Any, ...] = (..., *cells)
    kept[where] = result[where]
    return kept


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
