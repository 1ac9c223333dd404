"""The misconceptions of convolution about what comes with larger inputs: channels, filters, batches, groups, dilation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.ops.base import Array, Misconception
from grader.ops.convolution_variants import Run, changed, run, sized


def _misconception(id: str, run: Run, says: str, why: str, instead: str, *about: str) -> Misconception:
    return Misconception(id=id, says=says, why=why, instead=instead, run=run, about=about)


def _deep(change: Run) -> Run:
    """Change the convolution of inputs with channels; a bare grid is convolved correctly."""
    return lambda op, x, k, b: run(op, x, k, b) if x.ndim == op.axes else change(op, x, k, b)


def _channels(x: Array, op: Any) -> int:
    axes: int = op.axes
    return x.ndim - axes - 1


def _added(change: Callable[[Array, Array], Array]) -> Run:
    """Add up differently; `change` receives the sums of each channel's products (N×F×…×C) and the bias (F×1…)."""

    def add(products: Array, bias: Array, axes: int) -> Array:
        return change(products.sum(axis=tuple(range(-axes, 0))), bias)

    return _deep(lambda op, x, k, b: run(op, x, k, b, add=lambda products, bias: add(products, bias, op.axes)))


def _maps_of_channels(sums: Array, bias: Array) -> Array:
    maps = np.moveaxis(sums + bias[..., None], -1, 2)
    return maps.reshape(len(maps), -1, *maps.shape[3:])


def _filters(change: Callable[[Array], Array]) -> Run:
    """Change the output's maps, one for each filter, on the first axis."""

    def wrong(op: Any, x: Array, k: Array, b: Array) -> Array:
        result, at = run(op, x, k, b), _channels(x, op)
        return np.moveaxis(change(np.moveaxis(result, at, 0)), 0, at)

    return _deep(wrong)


def _only_first(maps: Array) -> Array:
    return np.where(np.arange(len(maps)).reshape(-1, *(1,) * (maps.ndim - 1)) == 0, maps, 0)


def _only_last(maps: Array) -> Array:
    return _only_first(maps[::-1])[::-1]


def _images(change: Callable[[Array], Array]) -> Run:
    """Change the outputs of a batch, one for each image."""
    return lambda op, x, k, b: change(run(op, x, k, b)) if x.ndim == op.axes + 2 else run(op, x, k, b)


def _reshaped(op: Any, x: Array, k: Array, b: Array) -> Array:
    """Reshape channels × rows × columns to rows × columns × channels, and read that."""
    at = _channels(x, op)
    last = x.reshape(*x.shape[:at], *x.shape[at + 1 :], x.shape[at])
    return run(op, np.moveaxis(last, -1, at), k, b)


def _first_channels(op: Any, x: Array, k: Array, b: Array) -> Array:
    first = np.take(x, range(k.shape[1]), axis=_channels(x, op))
    return run(op.changed(groups=1), first, k, b)


def _dealt(count: int, groups: int) -> list[int]:
    """Return the order in which every `groups`-th channel or filter comes first."""
    return sorted(range(count), key=lambda i: i % groups)


def _dealt_channels(op: Any, x: Array, k: Array, b: Array) -> Array:
    at = _channels(x, op)
    return run(op, np.take(x, _dealt(x.shape[at], op.groups), axis=at), k, b)


def _dealt_filters(op: Any, x: Array, k: Array, b: Array) -> Array:
    order = _dealt(len(k), op.groups)
    result = run(op, x, k[order], np.broadcast_to(b, (len(k),))[order])
    return np.take(result, np.argsort(order), axis=_channels(x, op))


def _first_group(op: Any, x: Array, k: Array, b: Array) -> Array:
    keep = len(k) // op.groups
    return _filters(lambda maps: np.where(np.arange(len(maps)).reshape(-1, *(1,) * (maps.ndim - 1)) < keep, maps, 0))(
        op, x, k, b
    )


_SUM = "A filter has weights for every channel, and sums over all of them."
_MAPS = "Each filter gives one map of the output, with a bias of its own."
_IMAGES = "A batch holds independent images: each has an output of its own."
_GROUPS = "With G groups, the first 1/G of the filters read the first 1/G of the channels, and so on."
_DILATED = "Dilation D leaves D − 1 cells between those that a window reads, which then spans D·(K − 1) + 1 cells."
_EACH_AXIS = "Rows and columns have their own dilation."

CHANNELS = (
    _misconception("channels-not-summed", _added(_maps_of_channels), "You return a map for every channel of every filter.", _SUM, "Sum over the channel axis too.", "channels"),
    _misconception("channels-averaged", _added(lambda sums, bias: sums.mean(-1) + bias), "You take the mean over the channels instead of their sum.", _SUM, "Use `sum` over the channel axis.", "channels"),
    _misconception("channels-maximum", _added(lambda sums, bias: sums.max(-1) + bias), "You take the largest of the channels' results instead of their sum.", _SUM, "Use `sum` over the channel axis.", "channels"),
    _misconception("last-channel-only", _added(lambda sums, bias: sums[..., -1] + bias), "You overwrite the sum with each channel, so only the last channel is left.", _SUM, "Add the channels: use `+=`.", "channels"),
    _misconception("bias-per-channel", _added(lambda sums, bias: (sums + bias[..., None]).sum(-1)), "You add the bias once for every channel.", _MAPS, "Add `bias` after the sum over the channels.", "bias", "channels"),
    _misconception("kernel-of-first-channel", _deep(lambda op, x, k, b: run(op, x, np.broadcast_to(k[:, :1], k.shape), b)), "You use the weights of the first channel for all channels.", _SUM, "Use `kernel[f, c]` for channel c.", "kernel", "channels"),
    _misconception("filters-and-channels-exchanged", _deep(lambda op, x, k, b: run(op.changed(groups=1), x, np.swapaxes(k, 0, 1), b)), "You exchange the kernel's filters and channels.", "The kernel's axes are filters × channels × rows × columns.", "Use `kernel[f, c]`.", "kernel", "channels"),
    _misconception("only-first-filter", _filters(_only_first), "You compute the map of the first filter only; the others stay zero.", _MAPS, "Loop over `range(len(kernel))`.", "kernel", "channels"),
    _misconception("first-filter-for-all", _filters(lambda maps: np.broadcast_to(maps[:1], maps.shape)), "You use the first filter for all maps of the output.", _MAPS, "Use `kernel[f]` and `bias[f]` for map f.", "kernel", "channels"),
    _misconception("only-last-filter", _filters(_only_last), "You return the map of the last filter only; the others are zero.", _MAPS, "Create the output before the loop over the filters.", "kernel", "channels"),
    _misconception("last-filter-for-all", _filters(lambda maps: np.broadcast_to(maps[-1:], maps.shape)), "You write each filter's results to all maps of the output, so the last filter's are left.", _MAPS, "Write the results of filter f to map f: `output[f, i, j]`.", "kernel", "channels"),
    _misconception("filters-summed", _filters(lambda maps: maps.sum(0, keepdims=True)), "You add the maps of all filters.", _MAPS, "Keep an axis of the output for the filters.", "kernel", "channels"),
    _misconception("bias-of-first-filter", _deep(lambda op, x, k, b: run(op, x, k, np.broadcast_to(np.ravel(b)[:1], (len(k),)))), "You add the first filter's bias to every map.", _MAPS, "Use `bias[f]` for map f.", "bias", "channels"),
    _misconception("input-reshaped", _deep(_reshaped), "You reshape the input to move its channels, which mixes its cells.", "`reshape` keeps the order of all numbers; it does not move an axis.", "Use `np.moveaxis` or `transpose`.", "channels"),
)  # fmt: skip

BATCH = (
    _misconception("only-first-image", _images(_only_first), "You compute the first image of the batch only; the others stay zero.", _IMAGES, "Loop over `range(len(input))`.", "batch"),
    _misconception("first-image-for-all", _images(lambda y: np.broadcast_to(y[:1], y.shape)), "You use the first image of the batch for all of them.", _IMAGES, "Read `input[n]` for image n.", "batch"),
    _misconception("images-mixed", lambda op, x, k, b: run(op, np.broadcast_to(x.sum(0, keepdims=True), x.shape) if x.ndim == op.axes + 2 else x, k, b), "You add up the images of a batch.", _IMAGES, "Do not sum over the first axis.", "batch"),
)  # fmt: skip

GROUPS = (
    _misconception("groups-ignored", _deep(_first_channels), "You ignore the groups: every filter reads the first channels.", _GROUPS, "Let filter f begin at channel `f // (F // G) * (C // G)`.", "groups"),
    _misconception("only-first-group", _deep(_first_group), "You compute the first group only; the others' maps stay zero.", _GROUPS, "Loop over the groups.", "groups"),
    _misconception("channels-dealt-to-groups", _deep(_dealt_channels), "You give the channels to the groups in turn, like cards.", _GROUPS, "Let a group read neighbouring channels.", "groups"),
    _misconception("filters-dealt-to-groups", _deep(_dealt_filters), "You give the filters to the groups in turn, like cards.", _GROUPS, "The first F/G filters belong to the first group.", "groups"),
)  # fmt: skip

DILATION = (
    _misconception("dilation-one-more", changed(lambda op, k: {"dilation": tuple(d + 1 for d in op.each("dilation"))}), "You leave D cells between those that a window reads, one too many.", _DILATED, "Read every D-th cell: `input[i + u * D]`.", "dilation"),
    _misconception("dilation-not-in-size", sized(lambda op, m, k, n: op.changed(dilation=1).sizes(m, k)), "You do not count the dilation in the output's size.", _DILATED, "Use D·(K − 1) + 1 in place of K in the output's size.", "dilation"),
    _misconception("dilation-in-size-only", lambda op, x, k, b: run(op.changed(dilation=1), x, k, b, sizes=op.sizes(x.shape[-op.axes:], k.shape[-op.axes:]), pads=op.pads(k.shape[-op.axes:])), "You count the dilation in the output's size, but you read neighbouring cells.", _DILATED, "Read `input[i + u * D]` for cell u of the kernel.", "dilation"),
    _misconception("dilation-as-stride", changed(lambda op, k: {"stride": op.each("dilation"), "dilation": 1}), "You move the window by the dilation instead of spreading it.", _DILATED, "Let the gaps be inside the window, not between the windows.", "dilation"),
)  # fmt: skip

DILATED_GRIDS = (
    _misconception("dilation-rows-for-both", changed(lambda op, k: {"dilation": op.each("dilation")[0]}), "You use the rows' dilation for the columns, too.", _EACH_AXIS, "Use dilation[1] for the columns.", "dilation"),
    _misconception("dilation-columns-for-both", changed(lambda op, k: {"dilation": op.each("dilation")[1]}), "You use the columns' dilation for the rows, too.", _EACH_AXIS, "Use dilation[0] for the rows.", "dilation"),
    _misconception("dilation-rows-only", changed(lambda op, k: {"dilation": (op.each("dilation")[0], 1)}), "You spread the window's rows, but not its columns.", _EACH_AXIS, "Use dilation[1] for the columns.", "dilation"),
    _misconception("dilation-columns-only", changed(lambda op, k: {"dilation": (1, op.each("dilation")[1])}), "You spread the window's columns, but not its rows.", _EACH_AXIS, "Use dilation[0] for the rows.", "dilation"),
)  # fmt: skip
