"""The misconceptions of pooling to a given output size: windows with wrong bounds, a wrong summary, wrong axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.ops.base import Array, Misconception, OpError, Pair
from grader.ops.layers_misconceptions import Run, again, quiet

Bounds = Callable[[int, int, int], Pair]


def _bounds(bounds: Bounds) -> Run:
    """Use other windows: `bounds` receives i, M and R."""
    return quiet(lambda op, x: op.pool(x, bounds=bounds))


def _reduced(reduce: Callable[[Array], Array]) -> Run:
    """Summarise windows differently; their cells are on the last axis."""
    return lambda op, x: op.pool(x, reduce=reduce)


def _after(change: Callable[[Array], Array]) -> Run:
    return lambda op, x: change(op(x))


def _sized(change: Callable[[Pair], Pair]) -> Run:
    """Make an output of another size."""
    return lambda op, x: op.changed(output_size=change(op.each())).pool(x)


def _fixed(i: int, size: int, windows: int) -> Pair:
    step = size // windows
    return i * step, i * step + step


def _conversion(i: int, size: int, windows: int) -> Pair:
    step = size // windows
    return i * step, i * step + size - (windows - 1) * step


def _rest(i: int, size: int, windows: int) -> Pair:
    step = size // windows
    return i * step, size if i == windows - 1 else i * step + step


def _large(i: int, size: int, windows: int) -> Pair:
    step = -(-size // windows)
    return i * step, i * step + step


def _round(i: int, size: int, windows: int) -> Pair:
    return round(i * size / windows), round((i + 1) * size / windows)


def _as_kernel(op: Any, x: Array) -> Array:
    """Take the output's size for the window's."""
    rows, columns = op.each()
    height, width = x.shape[-2] // rows, x.shape[-1] // columns
    if not height or not width:
        raise OpError("no window fits")
    result: Array = op.changed(output_size=(height, width)).pool(
        x[..., : height * rows, : width * columns], bounds=_fixed
    )
    return result


def _nominal(op: Any, x: Array) -> Array:
    rows, columns = op.each()
    sums: Array = op.pool(x, reduce=lambda window: window.sum(-1))
    return np.asarray(sums * rows * columns / (x.shape[-2] * x.shape[-1]))


def _mixed(op: Any, x: Array) -> Array:
    y: Array = op(x)
    return y if x.ndim == 2 else np.broadcast_to(op.reduce(np.moveaxis(y, -3, -1))[..., None, :, :], y.shape)


def _first_for_all(op: Any, x: Array) -> Array:
    y: Array = op(x)
    return y if x.ndim == 2 else np.broadcast_to(y[..., :1, :, :], y.shape)


def _only_first(op: Any, x: Array) -> Array:
    y: Array = op(x)
    if x.ndim > 2:
        y[..., 1:, :, :] = 0
    return y


def _first_image(op: Any, x: Array) -> Array:
    y: Array = op(x)
    return np.broadcast_to(y[:1], y.shape) if x.ndim == 4 else y


_WINDOW = "Window i of R along M cells reads from ⌊i·M / R⌋ to before ⌈(i + 1)·M / R⌉: windows may overlap, and differ by a cell."
_OUTPUT = "`output_size` is the number of the output's rows and columns; it is not the size of a window."
_EACH = "Rows and columns have their own number of windows: output_size = (rows, columns)."
_SUMMARY = "Each output cell summarises its own window."
_CHANNELS = "Each channel is pooled separately."

_WINDOWS = (
    Misconception("window-end-rounded-down", "You round the end of a window down, so neighbouring windows never overlap.", _WINDOW, "Round the end up: `-(-(i + 1) * M // R)`.", _bounds(lambda i, n, r: (i * n // r, (i + 1) * n // r))),
    Misconception("window-begin-rounded-up", "You round the beginning of a window up.", _WINDOW, "Round the beginning down: `i * M // R`.", _bounds(lambda i, n, r: (-(-i * n // r), -(-(i + 1) * n // r)))),
    Misconception("window-bounds-exchanged", "You round the beginning of a window up and its end down.", _WINDOW, "Round the beginning down and the end up.", _bounds(lambda i, n, r: (-(-i * n // r), (i + 1) * n // r))),
    Misconception("window-bounds-rounded", "You round the bounds of a window to the nearest whole number.", _WINDOW, "Round the beginning down and the end up.", _bounds(_round)),
    Misconception("window-end-one-more", "Your windows read one row and one column too many.", _WINDOW, "End before ⌈(i + 1)·M / R⌉: a slice does not contain its end.", _bounds(lambda i, n, r: (i * n // r, -(-(i + 1) * n // r) + 1))),
    Misconception("window-fixed", "You use windows of one size, ⌊M / R⌋, so the last rows and columns are not read.", _WINDOW, "Compute the bounds of each window from i, M and R.", _bounds(_fixed)),
    Misconception("window-fixed-up", "You use windows of one size, ⌈M / R⌉.", _WINDOW, "Compute the bounds of each window from i, M and R.", _bounds(_large)),
    Misconception("window-fixed-stride", "You use one stride ⌊M / R⌋ and one window M − (R − 1)·stride, as for an ordinary pooling.", _WINDOW, "Compute the bounds of each window from i, M and R.", _bounds(_conversion)),
    Misconception("window-rest-in-last", "You use windows of ⌊M / R⌋ cells and add the rest to the last one.", _WINDOW, "Compute the bounds of each window from i, M and R.", _bounds(_rest)),
    Misconception("output-size-as-kernel", "You use `output_size` as the window's size.", _OUTPUT, "Compute the windows from the input's size and `output_size`.", _as_kernel),
    Misconception("output-size-exchanged", "You exchange the output's rows and columns.", _EACH, "Use output_size[0] for the rows.", _sized(lambda size: size[::-1])),
    Misconception("output-rows-for-both", "You make the output square, with as many columns as rows.", _EACH, "Use output_size[1] for the columns.", _sized(lambda size: (size[0], size[0]))),
    Misconception("output-columns-for-both", "You make the output square, with as many rows as columns.", _EACH, "Use output_size[0] for the rows.", _sized(lambda size: (size[1], size[1]))),
    Misconception("whole-input-for-all", "You summarise the whole input for every output cell.", _SUMMARY, "Slice the window first.", _bounds(lambda i, n, r: (0, n))),
    Misconception("window-first-cell", "You take only the first cell of each window.", _SUMMARY, "Summarise all cells of the window.", _reduced(lambda window: window[..., 0])),
    Misconception("window-last-cell", "You take only the last cell of each window.", _SUMMARY, "Summarise all cells of the window.", _reduced(lambda window: window[..., -1])),
    again("output-transposed", _after(lambda y: np.swapaxes(y, -1, -2))),
    again("input-transposed", lambda op, x: op(np.swapaxes(x, -1, -2))),
    Misconception("channels-mixed", "You also pool over the channels, so all of them get the same result.", _CHANNELS, "Keep the channel axis: pool over rows and columns only.", _mixed, ("channels",)),
    Misconception("first-channel-for-all", "You use the first channel for all of them.", _CHANNELS, "Read `input[c]` for channel c.", _first_for_all, ("channels",)),
    Misconception("only-first-channel", "You pool the first channel only; the others stay zero.", _CHANNELS, "Loop over the channels.", _only_first, ("channels",)),
    Misconception("first-image-for-all", "You use the first image of the batch for all of them.", "A batch holds independent images.", "Read `input[n]` for image n.", _first_image, ("batch",)),
)  # fmt: skip

ADAPTIVE_AVG = (
    *_WINDOWS,
    Misconception("sum-for-mean", "You add up the cells of a window, but do not divide.", _SUMMARY, "Divide by the number of the window's cells, or use `mean`.", _reduced(lambda window: window.sum(-1))),
    Misconception("max-for-mean", "You take the largest cell of each window.", _SUMMARY, "Use `mean`.", _reduced(lambda window: window.max(-1))),
    Misconception("median-for-mean", "You take the median of each window.", _SUMMARY, "Use `mean`.", _reduced(lambda window: np.median(window, -1))),
    Misconception("divisor-fixed", "You divide all sums by the same number, (M / R)·(N / C).", _WINDOW, "Divide by the number of the window's own cells.", _nominal),
    again("fraction-cut", _after(np.trunc)),
    again("rounded", _after(np.rint)),
)  # fmt: skip

ADAPTIVE_MAX = (
    *_WINDOWS,
    Misconception("mean-for-max", "You take the mean of each window.", _SUMMARY, "Use `max`.", _reduced(lambda window: window.mean(-1))),
    Misconception("min-for-max", "You take the smallest cell of each window.", _SUMMARY, "Use `max`.", _reduced(lambda window: window.min(-1))),
    Misconception("max-from-zero", "Your search for the largest cell begins with 0, so negative windows give 0.", "The largest of −3 and −2 is −2.", "Begin with the window's first cell, or with `-np.inf`.", _after(lambda y: np.maximum(y, 0))),
    Misconception("max-of-magnitudes", "You compare the cells without their signs.", "The largest of −3 and −2 is −2.", "Remove `abs`.", _reduced(lambda window: np.abs(window).max(-1))),
    Misconception("index-of-max", "You return the place of the largest cell in its window.", _SUMMARY, "Use `max`, not `argmax`.", _reduced(lambda window: window.argmax(-1))),
)  # fmt: skip


_ALL = "Global average pooling adds all rows and columns of a channel and divides by their number, M·N."


def _global(change: Callable[[Array], Any]) -> Run:
    return lambda op, x: np.asarray(change(x))


GLOBAL_AVG = (
    Misconception("sum-for-mean", "You add up the cells, but do not divide.", _ALL, "Divide by M·N, or use `mean`.", _global(lambda x: x.sum((-2, -1)))),
    Misconception("max-for-mean", "You take the largest cell.", _ALL, "Use `mean`.", _global(lambda x: x.max((-2, -1)))),
    Misconception("median-for-mean", "You take the median.", _ALL, "Use `mean`.", _global(lambda x: np.median(x, (-2, -1)))),
    Misconception("middle-for-mean", "You take the middle between the smallest and the largest cell.", _ALL, "Use `mean`.", _global(lambda x: (x.max((-2, -1)) + x.min((-2, -1))) / 2)),
    Misconception("divided-by-rows", "You divide by the number of rows only.", _ALL, "Divide by rows × columns.", _global(lambda x: x.sum((-2, -1)) / x.shape[-2])),
    Misconception("divided-by-columns", "You divide by the number of columns only.", _ALL, "Divide by rows × columns.", _global(lambda x: x.sum((-2, -1)) / x.shape[-1])),
    Misconception("divided-by-perimeter", "You divide by rows + columns.", _ALL, "Multiply rows and columns.", _global(lambda x: x.sum((-2, -1)) / sum(x.shape[-2:]))),
    Misconception("mean-of-columns", "You take the mean of each column.", _ALL, "Use `axis=(-2, -1)`.", _global(lambda x: x.mean(-2))),
    Misconception("mean-of-rows", "You take the mean of each row.", _ALL, "Use `axis=(-2, -1)`.", _global(lambda x: x.mean(-1))),
    Misconception("divided-by-all-cells", "You divide by the number of all cells, of all channels.", _ALL, "Divide by rows × columns of one channel.", _global(lambda x: x.sum((-2, -1)) / x.size), ("channels",)),
    Misconception("channels-averaged", "You take the mean of all channels together.", _CHANNELS, "Use `axis=(-2, -1)`, so that the channels stay.", _global(lambda x: x.mean((-3, -2, -1)) if x.ndim > 2 else x.mean()), ("channels",)),
    Misconception("first-channel-alone", "You return the first channel's mean only.", _CHANNELS, "Return a number for each channel.", _global(lambda x: x.mean((-2, -1))[..., 0] if x.ndim > 2 else x.mean()), ("channels",)),
    Misconception("axes-kept", "You keep rows and columns as axes of size 1.", "The answer has one number per channel, and no rows or columns.", "Use `mean` without `keepdims`, or flatten the result.", _global(lambda x: x.mean((-2, -1), keepdims=True))),
    Misconception("mean-over-channels", "You take the mean over the channels at each place.", _ALL, "Use `axis=(-2, -1)`.", _global(lambda x: x.mean(-3) if x.ndim > 2 else x.mean()), ("channels",)),
    Misconception("images-averaged", "You take the mean over the images of the batch, too.", "A batch holds independent images.", "Use `axis=(-2, -1)`.", _global(lambda x: x.mean((0, -2, -1)) if x.ndim > 3 else x.mean((-2, -1))), ("batch",)),
    again("fraction-cut", _global(lambda x: np.trunc(x.mean((-2, -1))))),
    again("rounded", _global(lambda x: np.rint(x.mean((-2, -1))))),
)  # fmt: skip
