"""The misconceptions of the transposed convolution: as an ordinary one, without the stride, or with lost overlaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.ops.base import Array, Misconception, OpError, Shape, zero_pad
from grader.ops.convolution import Conv2d
from grader.ops.layers_misconceptions import Run, again


def run(op: Any, x: Array, k: Array, b: Array, **changes: Any) -> Array:
    """Run the operator with some steps replaced, and give the result as many axes as the input has."""
    result: Array = op.scatter(x, k, b, **changes)[(0,) * (4 - x.ndim)]
    return result


def _changed(change: Callable[[Any, Shape], dict[str, Any]]) -> Run:
    """Replace steps; `change` receives the operator and the kernel's size."""
    return lambda op, x, k, b: run(op, x, k, b, **change(op, k.shape[-2:]))


def _kernel(change: Callable[[Array], Array]) -> Run:
    return lambda op, x, k, b: run(op, x, change(k), b)


def _bias(change: Callable[[Array], Array]) -> Run:
    return lambda op, x, k, b: run(op, x, k, change(np.asarray(b)))


def _after(change: Callable[[Array], Array]) -> Run:
    return lambda op, x, k, b: change(run(op, x, k, b))


def _crop(change: Callable[[int], tuple[int, int]]) -> Run:
    """Remove other rows and columns; `change` turns an axis's padding into (before, after)."""
    return _changed(lambda op, k: {"crop": [change(p) for p in op.each("padding")]})


def _ordinary(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Compute the ordinary convolution with the same fields."""
    if op.groups > 1:
        raise OpError("the kernel does not fit")
    fields = {name: op.each(name) for name in ("stride", "padding", "dilation")}
    return np.asarray(Conv2d(**fields)(x, np.swapaxes(k, 0, 1) if k.ndim == 4 else k, b))


def _on_input(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Put the padding's zeros around the input."""
    pads = [(p, p) for p in op.each("padding")]
    return run(op, zero_pad(x, pads), k, b, crop=((0, 0), (0, 0)))


def _repeated(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Repeat each cell instead of moving by the stride."""
    for axis, stride in zip((-2, -1), op.each("stride"), strict=True):
        x = np.repeat(x, stride, axis)
    return run(op, x, k, b, steps=(1, 1))


def _counts(op: Any, x: Array, k: Array) -> Array:
    """Return how many windows reach each cell of the output."""
    kernel = np.ones(k.shape[-2:])
    return run(op.changed(groups=1), np.ones(x.shape[-2:]), kernel, np.array(0.0))


def _averaged(op: Any, x: Array, k: Array, b: Array) -> Array:
    sums = run(op, x, k, np.zeros_like(b))
    shape = (-1, 1, 1) if b.ndim else ()
    return np.asarray(sums / np.maximum(_counts(op, x, k), 1) + b.reshape(shape))


def _bias_per_window(op: Any, x: Array, k: Array, b: Array) -> Array:
    shape = (-1, 1, 1) if b.ndim else ()
    return np.asarray(run(op, x, k, np.zeros_like(b)) + b.reshape(shape) * _counts(op, x, k))


def _zeros_behind(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Put zeros below and on the right, instead of removing less there."""
    return zero_pad(run(op, x, k, b, extra=(0, 0)), [(0, n) for n in op.each("output_padding")])


def _first_channel(op: Any, x: Array, k: Array, b: Array) -> Array:
    if x.ndim == 2:
        return run(op, x, k, b)
    channels = np.arange(x.shape[-3])[:, None, None] % (x.shape[-3] // op.groups)
    return run(op, np.where(channels == 0, x, 0), k, b)


def _as_convolution_kernel(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Read the kernel as F×C, as for a convolution."""
    if k.ndim == 4 and k.shape[0] != k.shape[1]:
        raise OpError("the kernel does not fit")
    return run(op, x, np.swapaxes(k, 0, 1) if k.ndim == 4 else k, b)


def _no_groups(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Let all channels write into the filters of every group."""
    if x.ndim == 2:
        return run(op, x, k, b)
    return run(op.changed(groups=1), x, np.tile(k, (1, op.groups, 1, 1)), b)


_ADDED = "Each input cell times the kernel is added to a window of the output; where windows overlap, the sums add up."
_STRIDE = (
    "The stride is the distance between the output's windows: window i begins at i × S, before the padding is removed."
)
_SIZE = "An axis of size M gives (M − 1)·S − 2P + D·(K − 1) + output_padding + 1 cells."
_REMOVED = (
    "Padding P removes P rows (or columns) from both sides of the output: it undoes the padding of a convolution."
)
_BEHIND = "`output_padding` makes the output larger below and on the right only; these cells get sums and bias like the others."
_EACH = "Rows and columns have their own sizes, paddings and strides."
_ONCE = "Each output cell gets the bias once."
_SPREAD = "Dilation D leaves D − 1 cells between those that a window writes."
_CHANNELS = "The kernel's axes are input channels × filters × rows × columns; a filter sums over all channels."

CONV_TRANSPOSE = (
    Misconception("ordinary-convolution", "You compute an ordinary convolution.", _ADDED, "Loop over the input's cells, and add `input[m, n] * kernel` to the output.", _ordinary),
    Misconception("overlaps-overwritten", "You overwrite what other windows have written.", _ADDED, "Use `+=`, not `=`.", _changed(lambda op, k: {"overwrite": True})),
    Misconception("overlaps-averaged", "You take the mean where windows overlap.", _ADDED, "Add up what the windows give.", _averaged),
    Misconception("kernel-flipped", "You turn the kernel around (both axes).", "Cell (u, v) of a window gets `input[m, n] * kernel[u, v]`; only a loop over output cells meets the kernel turned around.", "Write `kernel[u, v]` to row m × S + u, column n × T + v.", _kernel(lambda k: k[..., ::-1, ::-1]), ("kernel",)),
    Misconception("kernel-transposed", "You exchange the kernel's rows and columns.", _ADDED, "Write `kernel[u, v]` to row m × S + u, column n × T + v.", _kernel(lambda k: np.swapaxes(k, -1, -2)), ("kernel",)),
    Misconception("kernel-unused", "You do not multiply by the kernel.", _ADDED, "Add `input[m, n] * kernel`.", _kernel(np.ones_like), ("kernel",)),
    again("bias-missing", _bias(np.zeros_like), "bias"),
    again("bias-subtracted", _bias(np.negative), "bias"),
    Misconception("bias-per-window", "You add the bias with every window, so overlaps get it several times, and gaps never.", _ONCE, "Add `bias` after all windows, or begin with an output full of it.", _bias_per_window, ("bias",)),
    Misconception("stride-ignored", "You move the output's window by 1, whatever the stride is.", _STRIDE, "Begin window (m, n) at row m × S, column n × T.", _changed(lambda op, k: {"steps": (1, 1)}), ("stride",)),
    Misconception("stride-one-more", "You move the output's window by one more than the stride.", _STRIDE, "Stride S puts S − 1 zeros between the input's cells.", _changed(lambda op, k: {"steps": tuple(s + 1 for s in op.each("stride"))}), ("stride",)),
    Misconception("stride-is-kernel-size", "You move by the kernel's size, so windows never overlap.", _STRIDE, "Move by the stride.", _changed(lambda op, k: {"steps": k})),
    Misconception("stride-by-repeating", "You repeat the input's cells to enlarge it.", "The stride moves the windows apart; in a loop over output cells, zeros lie between the input's cells.", "Put S − 1 zeros between the cells, or write each window at m × S.", _repeated, ("stride",)),
    Misconception("stride-exchanged", "You exchange the stride of rows and columns.", _EACH, "Move down by stride[0] and to the right by stride[1].", _changed(lambda op, k: {"steps": op.each("stride")[::-1]}), ("stride",)),
    Misconception("stride-rows-for-both", "You use the rows' stride for the columns, too.", _EACH, "Use stride[1] for the columns.", _changed(lambda op, k: {"steps": op.each("stride")[:1] * 2}), ("stride",)),
    Misconception("stride-columns-for-both", "You use the columns' stride for the rows, too.", _EACH, "Use stride[0] for the rows.", _changed(lambda op, k: {"steps": op.each("stride")[1:] * 2}), ("stride",)),
    Misconception("padding-ignored", "You do not remove the padding.", _REMOVED, "Cut P rows and Q columns off each side at the end.", _crop(lambda p: (0, 0)), ("padding",)),
    Misconception("padding-added", "You put zeros around the output instead of removing its border.", _REMOVED, "Cut P rows and Q columns off each side.", _crop(lambda p: (-p, -p)), ("padding",)),
    Misconception("padding-on-input", "You put zeros around the input.", _REMOVED, "Cut the padding off the output.", _on_input, ("padding",)),
    Misconception("padding-before-only", "You remove the padding above and on the left only.", _REMOVED, "Cut off both sides.", _crop(lambda p: (p, 0)), ("padding",)),
    Misconception("padding-after-only", "You remove the padding below and on the right only.", _REMOVED, "Cut off both sides.", _crop(lambda p: (0, p)), ("padding",)),
    Misconception("padding-exchanged", "You exchange the padding of rows and columns.", _EACH, "Use padding[0] for the rows.", _changed(lambda op, k: {"crop": [(p, p) for p in op.each("padding")[::-1]]}), ("padding",)),
    Misconception("padding-rows-for-both", "You use the rows' padding for the columns, too.", _EACH, "Use padding[1] for the columns.", _changed(lambda op, k: {"crop": [(op.each("padding")[0],) * 2] * 2}), ("padding",)),
    Misconception("padding-columns-for-both", "You use the columns' padding for the rows, too.", _EACH, "Use padding[0] for the rows.", _changed(lambda op, k: {"crop": [(op.each("padding")[1],) * 2] * 2}), ("padding",)),
    Misconception("output-padding-ignored", "You ignore `output_padding`.", _BEHIND, "Make the output larger by `output_padding`.", _changed(lambda op, k: {"extra": (0, 0)}), ("output_padding",)),
    Misconception("output-padding-before", "You add `output_padding` above and on the left.", _BEHIND, "Add the cells behind the last row and column.", _changed(lambda op, k: {"extra": (0, 0), "crop": [(p - n, p) for p, n in zip(op.each("padding"), op.each("output_padding"), strict=True)]}), ("output_padding",)),
    Misconception("output-padding-both-sides", "You add `output_padding` on both sides.", _BEHIND, "Add the cells behind the last row and column only.", _changed(lambda op, k: {"crop": [(p - n, p) for p, n in zip(op.each("padding"), op.each("output_padding"), strict=True)]}), ("output_padding",)),
    Misconception("output-padding-zeros", "You put zeros below and on the right.", _BEHIND, "Make the output larger before you write the windows.", _zeros_behind, ("output_padding",)),
    Misconception("size-by-stride", "You make the output S times as large as the input.", _SIZE, "Compute `(M - 1) * S - 2 * P + K`.", lambda op, x, k, b: run(op, x, k, b, sizes=tuple(n * s for n, s in zip(x.shape[-2:], op.each("stride"), strict=True))), ("stride",)),
    Misconception("size-without-kernel", "You forget the kernel's size in the output's size.", _SIZE, "Compute `(M - 1) * S - 2 * P + K`.", lambda op, x, k, b: run(op, x, k, b, sizes=tuple(n - a + 1 for n, a in zip(run(op, x, k, b).shape[-2:], k.shape[-2:], strict=True)))),
    Misconception("size-one-less", "Your output lacks the last row and the last column.", _SIZE, "Compute `(M - 1) * S - 2 * P + K`.", _changed(lambda op, k: {"extra": tuple(n - 1 for n in op.each("output_padding"))})),
    Misconception("dilation-ignored", "You ignore the dilation and write neighbouring cells.", _SPREAD, "Write `kernel[u, v]` to row m × S + u × D.", _changed(lambda op, k: {"spread": (1, 1)}), ("dilation",)),
    Misconception("dilation-exchanged", "You exchange the dilation of rows and columns.", _EACH, "Use dilation[0] for the rows.", _changed(lambda op, k: {"spread": op.each("dilation")[::-1]}), ("dilation",)),
    Misconception("dilation-one-more", "You leave D cells between those that a window writes, one too many.", _SPREAD, "Write every D-th cell.", _changed(lambda op, k: {"spread": tuple(d + 1 for d in op.each("dilation"))}), ("dilation",)),
    Misconception("dilation-as-stride", "You move the window by the dilation, too, instead of spreading it.", _SPREAD, "Let the gaps be inside the window.", _changed(lambda op, k: {"spread": (1, 1), "steps": tuple(s * d for s, d in zip(op.each("stride"), op.each("dilation"), strict=True))}), ("dilation",)),
    Misconception("groups-ignored", "You let all channels write into the filters of every group.", "With G groups, the first 1/G of the channels write into the first 1/G of the filters, and so on.", "Let channel c write into the filters of group `c // (C // G)`.", _no_groups, ("groups",)),
    Misconception("first-channel-only", "You read only the first channel.", _CHANNELS, "Sum over the channels too.", _first_channel, ("channels",)),
    Misconception("filters-and-channels-exchanged", "You read the kernel's axes as filters × channels, as for a convolution.", _CHANNELS, "Use `kernel[c, f]`.", _as_convolution_kernel, ("channels",)),
    again("output-transposed", _after(lambda y: np.swapaxes(y, -1, -2))),
    again("input-transposed", lambda op, x, k, b: run(op, np.swapaxes(x, -1, -2), k, b)),
    again("fraction-cut", _after(np.trunc)),
    again("rounded", _after(np.rint)),
)  # fmt: skip
