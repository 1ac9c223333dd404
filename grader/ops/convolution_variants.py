"""Convolution computed in wrong ways: with another kernel, bias, border, step, size or sum, or from slices.

Each function computes one such variant, or returns a function that does. convolution_misconceptions.py names them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.ops.base import Array, OpError, Shape
from grader.ops.square import in_square, keep, square_part

Run = Callable[..., Array]


def run(op: Any, x: Array, k: Array, b: Array, **changes: Any) -> Array:
    """Run the operator with some steps replaced, and give the result as many axes as the input has."""
    result: Array = op.correlate(x, k, b, **changes)[(0,) * (op.axes + 2 - x.ndim)]
    return result


def with_kernel(change: Callable[[Array], Array]) -> Run:
    """Change the kernel."""
    return lambda op, x, k, b: run(op, x, change(k), b)


def with_bias(change: Callable[[Array, Array], Array]) -> Run:
    """Change the bias; `change` receives it and the kernel."""
    return lambda op, x, k, b: run(op, x, k, change(np.asarray(b), k))


def changed(change: Callable[[Any, Shape], dict[str, Any]]) -> Run:
    """Change the operator's fields; `change` receives the operator and the kernel's size."""
    return lambda op, x, k, b: run(op.changed(**change(op, k.shape[-op.axes :])), x, k, b)


def padded(change: Callable[[int, int], tuple[int, int]]) -> Run:
    """Pad differently: `change` receives an axis's padding (before, after), and returns its own; the size follows."""

    def wrong(op: Any, x: Array, k: Array, b: Array) -> Array:
        pads = [change(*pair) for pair in op.pads(k.shape[-op.axes :])]
        return run(op.changed(padding=0), op.fill(x, pads), k, b)

    return wrong


def odd_zero_before(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Exchange the zeros before and after each axis: they differ for `same` with an even kernel only."""
    pads = tuple((after, before) for before, after in op.pads(k.shape[-op.axes :]))
    return run(op, x, k, b, pads=pads)


def filled(**how: Any) -> Run:
    """Fill the border with other values where it should hold zeros."""

    def wrong(op: Any, x: Array, k: Array, b: Array) -> Array:
        if op.padding_mode != "zeros":
            return run(op, x, k, b)
        return run(op, x, k, b, fill=lambda image, pads: np.pad(image, [(0, 0), (0, 0), *pads], **how))

    return wrong


def after(change: Callable[[Array], Array]) -> Run:
    """Convolve, then change the result."""
    return lambda op, x, k, b: change(run(op, x, k, b))


def summed(change: Callable[[Array, Array], Array]) -> Run:
    """Add up differently; `change` receives the products, with a window's cells on the last axis, and the bias."""

    def wrong(op: Any, x: Array, k: Array, b: Array) -> Array:
        def add(products: Array, bias: Array) -> Array:
            return change(products.reshape(*products.shape[: 2 + op.axes], -1), bias)

        return run(op, x, k, b, add=add)

    return wrong


def sized(change: Callable[[Any, Shape, Shape, Shape], Any]) -> Run:
    """Give the output another size; windows that extend beyond the edge read zeros there.

    `change` receives the operator, the spatial sizes of input and kernel, and the right output sizes.
    """

    def wrong(op: Any, x: Array, k: Array, b: Array) -> Array:
        size, image = k.shape[-op.axes :], x.shape[-op.axes :]
        sizes = tuple(int(n) for n in change(op, image, size, op.sizes(image, size)))
        if min(sizes) < 1:
            raise OpError("no window is left")
        more = [(max(sizes) + 1) * (s + 1) for s in op.each("stride")]
        pads = tuple((p, q + m) for (p, q), m in zip(op.pads(size), more, strict=True))
        return run(op, x, k, b, sizes=sizes, pads=pads)

    return wrong


def room(op: Any, image: Shape, size: Shape) -> Any:
    """Return (M + 2P − K) / S for each axis, not rounded."""
    spans = [d * (k - 1) + 1 for d, k in zip(op.each("dilation"), size, strict=True)]
    columns = zip(image, op.pads(size), spans, op.each("stride"), strict=True)
    return [(n + p + q - span) / s for n, (p, q), span, s in columns]


def cumulative(sums: Array) -> Array:
    """Return sums that each include all before them."""
    return np.cumsum(sums.reshape(*sums.shape[:2], -1), axis=-1).reshape(sums.shape)


def bias_first(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Add the bias to the first output cell only."""
    result = run(op, x, k, np.zeros_like(b))
    result[(..., *(0,) * op.axes)] += b
    return result


def gaps(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Fill only every stride-th cell of an output of the right size."""
    sizes = op.sizes(x.shape[-op.axes :], k.shape[-op.axes :])
    dense = run(op, x, k, b, sizes=sizes, steps=(1,) * op.axes)
    return keep(dense, *(slice(None, None, s) for s in op.each("stride")))


def first_channel(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Read only the first channel."""
    if x.ndim > op.axes:
        x, k = np.take(x, [0], axis=x.ndim - op.axes - 1), k[:, :1]
    return run(op.changed(groups=1), x, k, b)


def square_window(axis: int) -> Run:
    """Use windows as high and as wide as one axis of the kernel."""
    return lambda op, x, k, b: run(op, x, k, b, window=(k.shape[axis - 2],) * 2)


def kernel_cut(k: Array, axes: int) -> Array:
    """Return the kernel with zeros in its last row and column."""
    cut = k.copy()
    for axis in range(axes):
        cut[(..., *(-1 if a == axis else slice(None) for a in range(axes)))] = 0
    return cut


def sliced(
    op: Any,
    x: Array,
    k: Array,
    b: Array,
    *,
    sizes: Shape | None = None,
    twice: bool = False,
    weights: Callable[[Array, int, int], Array] | None = None,
) -> Array:
    """Compute window by window from slices: beyond the edge they are short, and NumPy broadcasts them or raises.

    `sizes` is the output's, `twice` slices the rows twice (`x[i:i+k][j:j+o]`), and `weights` picks the kernel's numbers
    for the output cell (i, j).
    """
    size = k.shape[-2:]
    image, kernel, bias = op.lift(x, k, b)
    (s, t), (d, e) = op.each("stride"), op.each("dilation")
    high, wide = d * (size[0] - 1) + 1, e * (size[1] - 1) + 1
    rows, columns = sizes or op.sizes(image.shape[2:], size)
    border = op.fill(image, op.pads(size))
    (n, c), f, g = image.shape[:2], len(kernel), op.groups
    grouped = kernel.reshape(1, g, f // g, c // g, *size)
    result = np.empty((n, f, rows, columns))
    for i, j in np.ndindex(rows, columns):
        seen = border[..., i * s : i * s + high : d, :]
        across = slice(j * t, j * t + wide, e)
        seen = seen[..., across, :] if twice else seen[..., across]
        products = seen.reshape(n, g, 1, c // g, *seen.shape[2:]) * (weights(grouped, i, j) if weights else grouped)
        result[:, :, i, j] = products.sum(axis=(3, 4, 5)).reshape(n, f) + bias
    lifted: Array = result[(0,) * (4 - x.ndim)]
    return lifted


def exchanged(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Give the output as many rows as there are columns of windows, and the reverse."""
    return sliced(op, x, k, b, sizes=op.sizes(x.shape[-2:], k.shape[-2:])[::-1])


def by_output_index(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Multiply each window by the kernel's number at the output's index."""
    return sliced(op, x, k, b, weights=lambda kernel, i, j: kernel[..., i, j][..., None, None])


def less_one(op: Any, m: Shape, k: Shape, n: Shape) -> list[float]:
    """Return the sizes (M + 2P − K − 1) // S."""
    return [(round(r * s) - 1) // s for r, s in zip(room(op, m, k), op.each("stride"), strict=True)]


def stride_unused_in_size(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Put the right results into an output that is as large as for stride 1."""
    result = run(op, x, k, b)
    large = np.zeros((*result.shape[:-2], *op.changed(stride=1).sizes(x.shape[-2:], k.shape[-2:])))
    rows, columns = result.shape[-2:]
    large[..., :rows, :columns] = result
    return large


def stopped_early(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Compute only as many windows as `range(0, size, stride)` yields, and leave the others zero."""
    result = run(op, x, k, b)
    cells = [slice(-(-n // s)) for n, s in zip(result.shape[-2:], op.each("stride"), strict=True)]
    return keep(result, *cells)


def square_output(axis: int) -> Run:
    """Allocate a square output, as large as one of its axes, and loop over both."""
    return after(lambda result: in_square(result, axis))


def square_loops(axis: int) -> Run:
    """Loop over both axes as far as one of them reaches."""
    return after(lambda result: square_part(result, axis))
