"""The misconceptions of pooling's backward pass: who receives the gradient, where windows begin, and what overwrites."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from grader.ops.base import Array, Misconception
from grader.ops.square import keep, square_part

Run = Callable[..., Any]


def _misconception(id: str, run: Run, says: str, why: str, instead: str, *about: str) -> Misconception:
    return Misconception(id=id, says=says, why=why, instead=instead, run=run, about=about)


def _shared(share: Callable[[Array, Array], Array]) -> Run:
    """Share a window's gradient differently; `share` receives its cells and which of them count."""
    return lambda op, g, x: op.back(g, x, share=share)


def _divided(divisor: Callable[[Any, Array], float]) -> Run:
    """Give every cell of a window its gradient divided by another number."""
    return lambda op, g, x: op.back(g, x, share=lambda seen, counted: counted / divisor(op, g))


def _how(change: Callable[[Any], dict[str, Any]]) -> Run:
    """Replace steps of the backward pass."""
    return lambda op, g, x: op.back(g, x, **change(op))


def _from(change: Callable[[Any, Array], Array]) -> Run:
    """Use something else than `grad_output`."""
    return lambda op, g, x: op.back(change(op, g), x)


def _cropped(change: Callable[[Array, int, int, tuple[int, ...]], Array]) -> Run:
    """Remove the padding in another way; `change` receives the padded gradient, P, Q and the input's sizes."""

    def wrong(op: Any, g: Array, x: Array) -> Array:
        def crop(flow: Array) -> Array:
            (p, q), (rows, columns) = op.forward.each("padding"), x.shape[-2:]
            return change(flow[..., : rows + 2 * p, : columns + 2 * q], p, q, x.shape[-2:])

        result: Array = op.back(g, x, crop=crop)
        return result

    return wrong


def _overwrite(flow: Array, places: Array, parts: Array, shares: Array) -> None:
    flow[places] = parts  # NumPy keeps the last of several values for one place


def _overwrite_chosen(flow: Array, places: Array, parts: Array, shares: Array) -> None:
    flow[places[shares != 0]] = parts[shares != 0]


def _one(which: int) -> Callable[[Array, Array], Array]:
    return lambda seen, counted: np.arange(seen.shape[-1]) == which % seen.shape[-1]


def _smallest(seen: Array, counted: Array) -> Array:
    least = np.where(counted, seen, np.inf).argmin(-1)
    result: Array = least[..., None] == np.arange(seen.shape[-1])
    return result


def _largest(seen: Array) -> Array:
    result: Array = seen.argmax(-1)[..., None] == np.arange(seen.shape[-1])
    return result


def _value(op: Any, g: Array, x: Array) -> Array:
    """Write the largest number, and not the gradient, to its place."""
    return op.back(np.asarray(op.forward(x)), x)  # type: ignore[no-any-return]


def _times_value(op: Any, g: Array, x: Array) -> Array:
    return op.back(g * op.forward(x), x)  # type: ignore[no-any-return]


def _unravelled(op: Any, g: Array, x: Array) -> Array:
    """Turn the flat place of the largest cell into row and column by the window's number of rows."""
    found = op.windows(x, g.shape[-2:])
    largest = np.where(found.counted, found.seen, -np.inf).argmax(-1)
    row, column = np.divmod(largest, op.forward.each("kernel_size")[0])
    first, spread, wide = found.places[..., 0], op.forward.spread(), found.plane[1]
    (p, q), size = op.forward.each("padding"), x.shape[-2:]
    rows, columns = first // wide + row * spread[0], first % wide + column * spread[1]
    if rows.max() >= size[0] + 2 * p or columns.max() >= size[1] + 2 * q:
        raise IndexError("index is out of bounds")
    flow = np.zeros((*x.shape[:-2], *found.plane))
    for at in np.ndindex(*x.shape[:-2]):
        np.add.at(flow[at], (rows[at], columns[at]), g[at])
    result: Array = op.crop(flow, x)
    return result


def _grad_at(index: Callable[[Any, int, int], int]) -> Run:
    """Read `grad_output` at another index; `index` receives the operator, the axis and the window's number."""

    def wrong(op: Any, g: Array, x: Array) -> Array:
        rows, columns = ([index(op, axis, i) for i in range(g.shape[axis - 2])] for axis in (0, 1))
        result: Array = op.back(g[..., rows, :][..., columns], x)
        return result

    return wrong


def _all_channels(op: Any, g: Array, x: Array) -> Array:
    """Look for the largest number of a window over all channels."""
    if x.ndim == 2:
        return op.back(g, x)  # type: ignore[no-any-return]

    def share(seen: Array, counted: Array) -> Array:
        inside = np.where(counted, seen, -np.inf)
        largest: Array = inside == inside.max(axis=(-4, -1), keepdims=True)
        return largest

    return op.back(g, x, share=share)  # type: ignore[no-any-return]


def _first_channel(op: Any, g: Array, x: Array) -> Array:
    """Take the place of the largest cell from the first channel for all of them."""
    first = np.broadcast_to(x[..., :1, :, :], x.shape) if x.ndim > 2 else x
    return op.back(g, first)  # type: ignore[no-any-return]


def _only_first(axis: int) -> Run:
    """Compute only the first entry of an axis, counted from the last."""

    def wrong(op: Any, g: Array, x: Array) -> Array:
        found: Array = op.back(g, x)
        if found.ndim < -axis:
            return found
        first = np.zeros_like(found)
        cells: tuple[Any, ...] = (..., slice(1), *(slice(None),) * (-axis - 1))
        first[cells] = found[cells]
        return first

    return wrong


_WINDOW = (
    "Window (i, j) begins at row i·S and column j·T of the padded input, in the backward pass as in the forward pass."
)
_ADD = "An input cell can lie in several windows, and its gradient is the sum over all of them."
_CROP = "The gradient of the padded input has P rows on each side that belong to the padding, not to the input."
_CHAIN = "The chain rule multiplies by the gradient of the output: grad_output."
_AXES = "Rows and columns have their own sizes, paddings and strides."
_GRAD = "grad_output has one cell per window: cell (i, j) belongs to window (i, j)."
_FLOATS = "A gradient can be any real number."
_IMAGES = "A batch holds independent images: each has a gradient of its own."
_CHANNELS = "Pooling treats each channel separately."
_DILATION = "Dilation D leaves D − 1 cells between those that a window reads."
_CEIL = "`ceil_mode` adds a window that hangs over the edge, and its gradient belongs to the input's cells in it."

_ANY = (
    _misconception("gradient-stride-ignored", _how(lambda op: {"steps": (1, 1)}), "You ignore the stride: your windows in the backward pass begin at row i and column j.", _WINDOW, "Slice `[i*S : i*S+K]`, with `i*S`, not `i`."),
    _misconception("gradient-stride-swapped", _how(lambda op: {"steps": op.forward.each("stride")[::-1]}), "You exchange the stride of rows and columns in the backward pass.", _AXES, "Use stride[0] for the rows and stride[1] for the columns.", "stride"),
    _misconception("gradient-stride-rows-for-both", _how(lambda op: {"steps": op.forward.each("stride")[:1] * 2}), "You use the rows' stride for the columns, too.", _AXES, "Use stride[1] for the columns.", "stride"),
    _misconception("gradient-stride-columns-for-both", _how(lambda op: {"steps": op.forward.each("stride")[1:] * 2}), "You use the columns' stride for the rows, too.", _AXES, "Use stride[0] for the rows.", "stride"),
    _misconception("gradient-stride-is-kernel", _how(lambda op: {"steps": op.forward.each("kernel_size")}), "In the backward pass, you move the window by its own size and not by the stride.", _WINDOW, "Slice `[i*S : i*S+K]`, with `i*S`, not `i*K`.", "stride"),
    _misconception("gradient-read-by-stride", _grad_at(lambda op, axis, i: i * op.forward.each("stride")[axis]), "You read grad_output at `[i*S, j*S]`.", _GRAD, "Use `grad_output[i, j]` for the window at row i·S and column j·T."),
    _misconception("gradient-read-by-kernel", _grad_at(lambda op, axis, i: i * op.forward.each("stride")[axis] // op.forward.each("kernel_size")[axis]), "You divide the window's place by its size to find its cell of grad_output.", _GRAD, "Divide by the stride, or loop over the cells of grad_output.", "stride"),
    _misconception("windows-overwritten", _how(lambda op: {"add": _overwrite}), "You use `=` instead of `+=`: where windows overlap, only the last one is left.", _ADD, "Use `+=`.", "stride"),
    _misconception("grad-output-unused", _from(lambda op, g: np.ones_like(g)), "You do not use grad_output, as if all of its cells were 1.", _CHAIN, "Multiply by `grad_output[i, j]`."),
    _misconception("gradient-of-first-cell", _shared(_one(0)), "You give the gradient to the first cell of each window.", "The gradient goes to the cells that the output depends on.", "Find the cells that made the output, and give it to them."),
    _misconception("gradient-of-last-window-only", _from(lambda op, g: keep(g, slice(-1, None), slice(-1, None))), "You use only the last window; the others add nothing.", "A line with too little indentation runs once, after the loop.", "Indent the line so that it belongs to the inner loop."),
    _misconception("gradient-of-first-window-only", _from(lambda op, g: keep(g, slice(1), slice(1))), "You use only the first window; the others add nothing.", "A `return` (or `break`) inside the loops ends them at once.", "Return after the loops."),
    _misconception("gradient-last-windows-missed", _from(lambda op, g: keep(g, slice(-1), slice(-1))), "Your loops stop before the last row and the last column of grad_output.", "`range(n - 1)` ends at n − 2; the last index is n − 1.", "Loop over `range(rows)` and `range(columns)`."),
    _misconception("gradient-stride-ends-loops", _from(lambda op, g: keep(g, *(slice(-(-n // s)) for n, s in zip(g.shape[-2:], op.forward.each("stride"), strict=True)))), "You loop over `range(0, size, stride)` of grad_output, and miss its last cells.", _WINDOW, "Loop over every cell of grad_output, and multiply its index by the stride.", "stride"),
    _misconception("gradient-loops-square-by-rows", _from(lambda op, g: square_part(g, 0)), "Both of your loops over grad_output end at its number of rows.", _AXES, "Let the inner loop end at the number of columns."),
    _misconception("gradient-loops-square-by-columns", _from(lambda op, g: square_part(g, 1)), "Both of your loops over grad_output end at its number of columns.", _AXES, "Let the outer loop end at the number of rows."),
    _misconception("gradient-crop-always-one", _cropped(lambda flow, p, q, size: flow[..., 1:-1, 1:-1]), "You always remove one row and one column on each side of grad_input.", _CROP, "Remove P rows and Q columns: `[P : P + M, Q : Q + N]`.", "padding"),
    _misconception("gradient-crop-empty", _cropped(lambda flow, p, q, size: flow[..., p:-p, q:-q]), "You remove the padding with `[P:-P]`, which is empty for padding 0.", "`-0` is 0, and the slice `[0:0]` holds nothing.", "Use `[P : P + M]`, with the input's size M.", "padding"),
    _misconception("gradient-not-cropped", _cropped(lambda flow, p, q, size: flow), "You return the gradient of the padded input.", _CROP, "Remove the padding at the end: `[P : P + M, Q : Q + N]`.", "padding"),
    _misconception("gradient-cropped-at-the-end", _cropped(lambda flow, p, q, size: flow[..., : size[0], : size[1]]), "You remove all of the padding at the end of each axis.", _CROP, "Begin at P: `[P : P + M, Q : Q + N]`.", "padding"),
    _misconception("gradients-all-zero", lambda op, g, x: np.zeros_like(x), "You return a gradient of the right size, but you write nothing into it.", _ADD, "Add each window's part with `+=`."),
    _misconception("gradients-cut", lambda op, g, x: np.trunc(op.back(g, x)), "You store the gradient as whole numbers, so the fractions are cut off.", _FLOATS, "Create it with floats: `np.zeros(shape)`, not `np.zeros_like` of whole numbers."),
    _misconception("gradient-of-first-image-only", _only_first(-4), "You compute only the first image of the batch; the others stay zero.", _IMAGES, "Loop over all images.", "batch"),
    _misconception("gradient-of-first-channel-only", _only_first(-3), "You compute only the first channel; the others stay zero.", _CHANNELS, "Loop over all channels.", "channels"),
    _misconception("batch-averaged", lambda op, g, x: op.back(g, x) / (len(x) if x.ndim == 4 else 1), "You divide by the number of images.", "grad_output already contains whatever the loss divides by.", "Do not divide.", "batch"),
    _misconception("gradient-ceil-mode-ignored", lambda op, g, x: op.back(g[..., : op.changed(ceil_mode=False).forward.sizes(x.shape[-2:])[0], : op.changed(ceil_mode=False).forward.sizes(x.shape[-2:])[1]], x), "You ignore the windows that `ceil_mode` adds.", _CEIL, "Loop over all cells of grad_output.", "ceil_mode"),
)  # fmt: skip

MAX_BACKWARD = (
    _misconception("gradient-to-whole-window", _shared(lambda seen, counted: counted), "You give the gradient to every cell of the window.", "Only the largest cell makes the output, so only it receives the gradient.", "Multiply by a mask that is true at the largest cell: `window == window.max()`."),
    _misconception("gradient-shared-equally", _shared(lambda seen, counted: counted / counted.sum(-1, keepdims=True)), "You share the gradient among all cells of the window, as average pooling does.", "Only the largest cell makes the output, so it receives all of the gradient.", "Multiply by a mask that is true at the largest cell: `window == window.max()`."),
    _misconception("gradient-to-smallest", _shared(_smallest), "You give the gradient to the smallest cell.", "Max pooling passes on the largest cell.", "Use `max` or `argmax`."),
    _misconception("gradient-to-last-cell", _shared(_one(-1)), "You give the gradient to the last cell of each window.", "Only the largest cell makes the output, so only it receives the gradient.", "Find the largest cell with `argmax`."),
    _misconception("largest-overwritten", _how(lambda op: {"add": _overwrite_chosen}), "You assign the gradient to the largest cell with `=` instead of `+=`.", _ADD, "Use `+=`.", "stride"),
    _misconception("largest-number-returned", _value, "You write the largest numbers to their places, and not their gradients.", _CHAIN, "Write `grad_output[i, j]` to the place of the largest cell."),
    _misconception("gradient-times-largest", _times_value, "You multiply the gradient by the largest number.", "The output equals its largest cell, so it grows exactly as fast as that cell does: the factor is 1.", "Add `grad_output[i, j]` as it is."),
    _misconception("argmax-by-rows", _unravelled, "You divide the flat index from `argmax` by the window's number of rows.", "A flat index counts row by row: it grows by the number of columns with each row.", "Use `np.unravel_index(index, window.shape)`, or divide by the number of columns."),
    _misconception("gradient-padding-with-zeros", _shared(lambda seen, counted: _largest(seen)), "You pad with zeros: where all numbers are negative, the gradient goes to the padding.", "Padding must not win: it stands for −∞.", "Pad with `-np.inf`.", "padding"),
    _misconception("largest-of-all-channels", _all_channels, "You look for the largest number over all channels.", _CHANNELS, "Use the largest number of each channel's window.", "channels"),
    _misconception("largest-of-first-channel", _first_channel, "You use the place of the first channel's largest cell for all channels.", _CHANNELS, "Find the largest cell in each channel.", "channels"),
    _misconception("gradient-dilation-ignored", _how(lambda op: {"spread": (1, 1)}), "You ignore the dilation in the backward pass.", _DILATION, "Use cell `i * S + u * D` for cell u of the window.", "dilation"),
    *_ANY,
)  # fmt: skip

_SHARE = "Each of the K·L cells has the weight 1 / (K·L) in the mean, so it receives this part of the gradient."

AVG_BACKWARD = (
    _misconception("gradient-not-divided", _shared(lambda seen, counted: counted), "You do not divide by the number of cells in the window.", _SHARE, "Divide by `K * L`."),
    _misconception("gradient-divided-by-rows", _divided(lambda op, g: op.forward.each("kernel_size")[0]), "You divide by the window's number of rows.", _SHARE, "Divide by `K * L`."),
    _misconception("gradient-divided-by-columns", _divided(lambda op, g: op.forward.each("kernel_size")[1]), "You divide by the window's number of columns.", _SHARE, "Divide by `K * L`."),
    _misconception("gradient-divided-by-rows-squared", _divided(lambda op, g: op.forward.each("kernel_size")[0] ** 2), "You divide by the square of the window's number of rows.", _SHARE, "Divide by `K * L`."),
    _misconception("gradient-divided-by-stride", _divided(lambda op, g: prod(op.forward.each("stride"))), "You divide by the stride instead of the number of cells.", _SHARE, "Divide by `K * L`.", "stride"),
    _misconception("gradient-divided-by-four", _divided(lambda op, g: 4), "You always divide by 4, the number of cells in a 2×2 window.", _SHARE, "Divide by `K * L`."),
    _misconception("gradient-divided-by-outputs", _divided(lambda op, g: g.shape[-1] * g.shape[-2]), "You divide by the number of output cells.", _SHARE, "Divide by the number of cells in a window: `K * L`."),
    _misconception("gradient-divided-twice", _shared(lambda seen, counted: counted / counted.sum(-1, keepdims=True) ** 2), "You divide by the number of cells twice.", _SHARE, "Divide by `K * L` once."),
    _misconception("gradient-to-largest", _shared(lambda seen, counted: _largest(np.where(counted, seen, -np.inf))), "You give the gradient to the largest cell, as max pooling does.", "All cells of the window make the mean, so all receive a part.", "Add `grad_output[i, j] / (K * L)` to the whole window."),
    _misconception("gradient-times-input", lambda op, g, x: op.back(g, x) * x, "You multiply the gradient by the input.", _SHARE, "Add `grad_output[i, j] / (K * L)` as it is."),
    _misconception("gradient-padding-not-counted", _how(lambda op: {"counts_padding": False}), "You divide by the number of input cells in the window and do not count the padding.", "The zeros of the padding count as cells of the mean.", "Divide by `K * L`.", "padding"),
    _misconception("gradient-padding-counted", _how(lambda op: {"counts_padding": True}), "You count the padding's zeros even if `count_include_pad` is false.", "If it is false, the mean is that of the input's cells.", "Divide by the number of input cells in the window.", "count_include_pad"),
    _misconception("gradient-overhang-counted", _divided(lambda op, g: prod(op.forward.each("kernel_size"))), "You divide by K × L even if the window extends beyond the edge.", _CEIL, "Divide by the number of cells inside the padded input.", "ceil_mode"),
    _misconception("gradient-divisor-override-ignored", lambda op, g, x: op.changed(divisor_override=None).back(g, x), "You ignore `divisor_override`.", "If `divisor_override` is given, the sum is divided by it instead of the number of cells.", "Divide by it if it is not `None`.", "divisor_override"),
    *_ANY,
)  # fmt: skip
