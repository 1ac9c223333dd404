"""The misconceptions of sizes: of an output, of an activation, and of what a layer learns."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, prod
from typing import Any

import msgspec
import numpy as np

from grader.ops.base import Array, Misconception, Pair, Shape
from grader.ops.layers import Conv, Dense, Input, Pool, Softmax, activation, learned
from grader.ops.network_misconceptions import Run, again

Rule = Callable[[int, int, int, int], float]


def _axes(rule: Rule) -> Run:
    """Compute each axis by another formula, from M, K, P and S."""
    return lambda op: np.array([rule(*axis) for axis in op.axes()])


def _given(change: Callable[[Any], dict[str, Pair]]) -> Run:
    """Use the right formula on other numbers."""

    def run(op: Any) -> Array:
        fields = msgspec.structs.asdict(op) | change(op)
        columns = (fields[name] for name in ("input_size", "kernel_size", "padding", "stride"))
        return np.array([(m + 2 * p - k) // s + 1 for m, k, p, s in zip(*columns, strict=True)])

    return run


_FORMULA = "An axis of size M gives ⌊(M + 2P − K) / S⌋ + 1 windows."
_AXES = "Rows and columns have their own sizes, paddings and strides: (M, K, P, S) and (N, O, Q, T)."

OUTPUT_SHAPE = (
    again("size-ceil", _axes(lambda m, k, p, s: -(-(m + 2 * p - k) // s) + 1), "stride"),
    again("size-round", _axes(lambda m, k, p, s: round((m + 2 * p - k) / s) + 1), "stride"),
    again("size-input-over-stride", _axes(lambda m, k, p, s: m // s), "stride"),
    Misconception("size-padding-once", "You count the padding once in the output's size; it is there on two sides.", _FORMULA, "Add 2P.", _axes(lambda m, k, p, s: (m + p - k) // s + 1), ("padding",)),
    again("size-without-plus-one", _axes(lambda m, k, p, s: (m + 2 * p - k) // s)),
    again("size-one-more", _axes(lambda m, k, p, s: (m + 2 * p - k) // s + 2)),
    again("size-rows-for-both", lambda op: op()[[0, 0]]),
    again("size-columns-for-both", lambda op: op()[[1, 1]]),
    Misconception("size-not-rounded", "You do not round down, so half a window counts.", _FORMULA, "`//` instead of `/`.", _axes(lambda m, k, p, s: (m + 2 * p - k) / s + 1), ("stride",)),
    Misconception("size-padding-unused", "You leave the padding out.", _FORMULA, "Add 2P.", _axes(lambda m, k, p, s: (m - k) // s + 1), ("padding",)),
    Misconception("size-padding-subtracted", "You subtract the padding.", _FORMULA, "Add 2P: the padding makes the input larger.", _axes(lambda m, k, p, s: (m - 2 * p - k) // s + 1), ("padding",)),
    Misconception("size-padding-squared", "You add P² instead of 2P.", _FORMULA, "`2 * padding`, not `padding ** 2`.", _axes(lambda m, k, p, s: (m + p * p - k) // s + 1), ("padding",)),
    Misconception("size-stride-unused", "You do not divide by the stride.", _FORMULA, "Divide by S, then add 1.", _axes(lambda m, k, p, s: m + 2 * p - k + 1), ("stride",)),
    Misconception("size-stride-multiplied", "You multiply by the stride.", _FORMULA, "Divide by S: larger steps give fewer windows.", _axes(lambda m, k, p, s: (m + 2 * p - k) * s + 1), ("stride",)),
    Misconception("size-stride-halves", "You divide by 2, whatever the stride is.", _FORMULA, "Divide by `stride`.", _axes(lambda m, k, p, s: (m + 2 * p - k) // 2 + 1)),
    Misconception("size-one-inside", "You add the 1 before you divide.", _FORMULA, "Divide first: `(…) // S + 1`.", _axes(lambda m, k, p, s: (m + 2 * p - k + 1) // s), ("stride",)),
    Misconception("size-kernel-unused", "You do not subtract the kernel.", _FORMULA, "Subtract K before you divide.", _axes(lambda m, k, p, s: (m + 2 * p) // s)),
    Misconception("size-kernel-unused-plus-one", "You add the 1, but do not subtract the kernel.", _FORMULA, "Subtract K before you divide.", _axes(lambda m, k, p, s: (m + 2 * p) // s + 1)),
    Misconception("size-kernel-added", "You add the kernel instead of subtracting it.", _FORMULA, "Subtract K: a larger kernel finds fewer places.", _axes(lambda m, k, p, s: (m + 2 * p + k) // s + 1)),
    Misconception("size-kernel-less-one-twice", "You subtract K − 1 and add 1 as well.", _FORMULA, "Subtract K and add 1 after dividing: `(M + 2 * P - K) // S + 1`.", _axes(lambda m, k, p, s: (m + 2 * p - (k - 1)) // s + 1)),
    Misconception("size-kernel-halved", "You subtract half of the kernel.", _FORMULA, "Subtract all of K.", _axes(lambda m, k, p, s: (m + 2 * p - k // 2) // s + 1)),
    Misconception("size-as-same", "You divide the input's size by the stride and round up.", "That is the size for `same` padding only.", "`(M + 2P − K) // S + 1`.", _axes(lambda m, k, p, s: ceil(m / s))),
    Misconception("size-window-count", "You count windows that do not overlap: M / K.", _FORMULA, "`(M + 2P − K) // S + 1`.", _axes(lambda m, k, p, s: (m + 2 * p) // k)),
    Misconception("size-precedence-padding", "You divide the padding alone by the stride.", "`M - K + 2 * P // S + 1` divides before it adds.", "Put brackets around `M - K + 2 * P`.", _axes(lambda m, k, p, s: m - k + 2 * p // s + 1), ("stride",)),
    Misconception("size-precedence-kernel", "You divide the kernel alone by the stride.", "`M + 2 * P - K // S + 1` divides before it subtracts.", "Put brackets around `M + 2 * P - K`.", _axes(lambda m, k, p, s: m + 2 * p - k // s + 1), ("stride",)),
    Misconception("size-dilated-padding", "You count the padding for each cell of the kernel.", _FORMULA, "Add 2P.", _axes(lambda m, k, p, s: (m + 2 * p * k - k) // s + 1), ("padding",)),
    Misconception("size-axes-exchanged", "You return (columns, rows).", _AXES, "Return `rows, columns`.", lambda op: op()[::-1]),
    Misconception("size-kernel-exchanged", "You use the kernel's columns for the rows and its rows for the columns.", _AXES, "kernel_size[0] is for the rows.", _given(lambda op: {"kernel_size": op.kernel_size[::-1]})),
    Misconception("size-padding-exchanged", "You use the columns' padding for the rows and the rows' for the columns.", _AXES, "padding[0] is for the rows.", _given(lambda op: {"padding": op.padding[::-1]}), ("padding",)),
    Misconception("size-stride-exchanged", "You use the columns' stride for the rows and the rows' for the columns.", _AXES, "stride[0] is for the rows.", _given(lambda op: {"stride": op.stride[::-1]}), ("stride",)),
    Misconception("size-input-rows-for-both", "You use the input's rows for its columns as well.", _AXES, "input_size[1] is for the columns.", _given(lambda op: {"input_size": op.input_size[:1] * 2})),
    Misconception("size-input-columns-for-both", "You use the input's columns for its rows as well.", _AXES, "input_size[0] is for the rows.", _given(lambda op: {"input_size": op.input_size[1:] * 2})),
    Misconception("size-kernel-rows-for-both", "You use the kernel's rows for its columns as well.", _AXES, "kernel_size[1] is for the columns.", _given(lambda op: {"kernel_size": op.kernel_size[:1] * 2})),
    Misconception("size-kernel-columns-for-both", "You use the kernel's columns for its rows as well.", _AXES, "kernel_size[0] is for the rows.", _given(lambda op: {"kernel_size": op.kernel_size[1:] * 2})),
    Misconception("size-padding-rows-for-both", "You use the rows' padding for the columns as well.", _AXES, "padding[1] is for the columns.", _given(lambda op: {"padding": op.padding[:1] * 2}), ("padding",)),
    Misconception("size-padding-columns-for-both", "You use the columns' padding for the rows as well.", _AXES, "padding[0] is for the rows.", _given(lambda op: {"padding": op.padding[1:] * 2}), ("padding",)),
    Misconception("size-stride-rows-for-both", "You use the rows' stride for the columns as well.", _AXES, "stride[1] is for the columns.", _given(lambda op: {"stride": op.stride[:1] * 2}), ("stride",)),
    Misconception("size-stride-columns-for-both", "You use the columns' stride for the rows as well.", _AXES, "stride[0] is for the rows.", _given(lambda op: {"stride": op.stride[1:] * 2}), ("stride",)),
    Misconception("size-stride-and-padding-exchanged", "You take the stride for the padding and the padding for the stride.", _FORMULA, "Mind the order of the parameters.", _axes(lambda m, k, p, s: (m + 2 * s - k) // max(p, 1) + 1), ("padding", "stride")),
    Misconception("size-input-and-kernel-exchanged", "You take the kernel for the input and the input for the kernel.", _FORMULA, "M is the input's size, K the kernel's.", _axes(lambda m, k, p, s: (k + 2 * p - m) // s + 1)),
    Misconception("size-rows-alone", "You return the number of rows only.", _AXES, "Return `rows, columns`.", lambda op: op()[0]),
    Misconception("size-multiplied", "You return the number of cells.", _AXES, "Return `rows, columns`; do not multiply them.", lambda op: op().prod()),
)  # fmt: skip


def _shapes(step: Callable[[Any, Shape], Shape]) -> Run:
    """Go through the network with another rule for its layers."""
    return lambda op: np.array(op.activations(step)[-1])


def _for(kind: Any, step: Callable[[Any, Shape], Shape]) -> Run:
    """Go through the network with another rule for the layers of a kind."""
    return _shapes(lambda layer, before: step(layer, before) if isinstance(layer, kind) else activation(layer, before))


def _windows(rule: Callable[[int, int, int], int], kind: Any = Conv | Pool) -> Run:
    """Use another formula for rows and columns, from M, f and s; no size falls below 1."""

    def step(layer: Any, before: Shape) -> Shape:
        sizes = (max(rule(n, layer.kernel_size, layer.stride), 1) for n in before[:2])
        return (*sizes, layer.filters if isinstance(layer, Conv) else before[2])

    return _for(kind, step)


def _last(change: Callable[[Any, Shape], Any], kind: Any) -> Run:
    """Change the last layer's shape, where that layer is of a kind."""
    return lambda op: np.array(change(op.layers[-1], op.activations()[-1]) if isinstance(op.layers[-1], kind) else op())


_TABLE = "A convolution or pooling makes ⌊(M − f) / s⌋ + 1 of M rows, and the same of the columns."
_CHANNELS = "Each filter gives one channel; pooling works on each channel for itself."
_UNITS = "A fully connected layer gives a column of numbers: (units, 1)."
_FULL = Dense | Softmax

ACTIVATION_SHAPE = (
    Misconception("channels-kept", "You give a convolution as many channels as its input has.", _CHANNELS, "The channels of a convolution are its `filters`.", _for(Conv, lambda layer, before: (*activation(layer, before)[:2], before[2]))),
    Misconception("channels-multiplied", "You multiply the channels by the filters.", _CHANNELS, "Each filter sums over all channels: `filters` channels come out.", _for(Conv, lambda layer, before: (*activation(layer, before)[:2], before[2] * layer.filters))),
    Misconception("channels-added", "You add the filters to the channels.", _CHANNELS, "The channels of a convolution are its `filters`.", _for(Conv, lambda layer, before: (*activation(layer, before)[:2], before[2] + layer.filters))),
    Misconception("channels-pooled", "You make the channels smaller when you pool.", _CHANNELS, "Pooling changes rows and columns only.", _for(Pool, lambda layer, before: (*activation(layer, before)[:2], max(before[2] // layer.kernel_size, 1)))),
    Misconception("channels-dropped", "You leave the channels out of the shape.", _CHANNELS, "Return (rows, columns, channels).", _last(lambda layer, shape: shape[:2], Input | Conv | Pool)),
    Misconception("channels-dropped-by-pooling", "You leave the channels out after a pooling.", _CHANNELS, "Pooling keeps the channels: (rows, columns, channels).", _last(lambda layer, shape: shape[:2], Pool)),
    Misconception("channels-first", "You put the channels first, as torch does.", "The table writes (rows, columns, channels).", "Put the channels last.", _last(lambda layer, shape: (shape[2], *shape[:2]), Input | Conv | Pool)),
    Misconception("kernel-as-channels", "You give a convolution as many channels as its kernel is wide.", _CHANNELS, "The channels of a convolution are its `filters`.", _for(Conv, lambda layer, before: (*activation(layer, before)[:2], layer.kernel_size))),
    Misconception("height-and-width-exchanged", "You exchange rows and columns.", "The height is the number of rows and comes first.", "Return (height, width, channels).", _last(lambda layer, shape: (shape[1], shape[0], shape[2]), Input | Conv | Pool)),
    Misconception("height-for-width", "You take the height for the width as well.", "A picture need not be square.", "Compute the columns from `width`.", _last(lambda layer, shape: (shape[0], shape[0], shape[2]), Input | Conv | Pool)),
    Misconception("width-for-height", "You take the width for the height as well.", "A picture need not be square.", "Compute the rows from `height`.", _last(lambda layer, shape: (shape[1], shape[1], shape[2]), Input | Conv | Pool)),
    Misconception("convolution-keeps-size", "You let a convolution keep rows and columns, as if it padded.", _TABLE, "There is no padding here: subtract the kernel.", _windows(lambda m, f, s: -(-m // s), Conv)),
    Misconception("pooling-keeps-size", "You let a pooling keep rows and columns.", _TABLE, "Pooling makes one number of each window.", _for(Pool, lambda layer, before: before)),
    Misconception("pooling-stride-one", "You move the pooling's window by 1.", _TABLE, "Use the pooling's `stride`.", _windows(lambda m, f, s: m - f + 1, Pool)),
    Misconception("pooling-halves", "You halve rows and columns, whatever the window is.", _TABLE, "Use the pooling's `kernel_size` and `stride`.", _windows(lambda m, f, s: m // 2, Pool)),
    Misconception("pooling-divides", "You divide rows and columns by the window's size, whatever the stride is.", _TABLE, "Use the pooling's `stride` too.", _windows(lambda m, f, s: m // f, Pool)),
    Misconception("layers-stride-ignored", "You ignore the stride.", _TABLE, "Divide by s.", _windows(lambda m, f, s: m - f + 1)),
    Misconception("layers-plus-one-missing", "You forget the + 1.", _TABLE, "Add 1 after the division.", _windows(lambda m, f, s: (m - f) // s)),
    Misconception("layers-one-inside", "You add the 1 before you divide.", _TABLE, "`(M - f) // s + 1`.", _windows(lambda m, f, s: (m - f + 1) // s)),
    Misconception("layers-rounded-up", "You round up.", _TABLE, "`//` rounds down.", _windows(lambda m, f, s: -(-(m - f) // s) + 1)),
    Misconception("layers-kernel-unused", "You divide by the stride without subtracting the kernel.", _TABLE, "Subtract f before you divide.", _windows(lambda m, f, s: m // s)),
    Misconception("units-alone", "You return the units without the 1.", _UNITS, "Return `(units, 1)`.", _last(lambda layer, shape: shape[:1], _FULL)),
    Misconception("units-as-row", "You return (1, units).", _UNITS, "Return `(units, 1)`.", _last(lambda layer, shape: shape[::-1], _FULL)),
    Misconception("units-three-axes", "You return (1, 1, units).", _UNITS, "Return `(units, 1)`.", _last(lambda layer, shape: (1, 1, shape[0]), _FULL)),
    Misconception("units-of-input", "You return the size of what the layer gets.", _UNITS, "The layer's own `units` come out.", lambda op: np.array((prod(op.activations()[-2]), 1)) if isinstance(op.layers[-1], _FULL) else op()),
    Misconception("activation-size", "You return the number of activations instead of their shape.", "The size is the product of the shape.", "Return the shape, not its product.", lambda op: op().prod()),
    Misconception("input-shape-for-all", "You return the shape of the input layer.", "Each layer changes the shape that it gets.", "Go through the layers, one after the other.", lambda op: np.array(op.activations()[0])),
    Misconception("layer-before", "You stop one layer too early.", "The last layer of the list is the one asked for.", "Go through all layers: `for layer in layers`.", lambda op: np.array(op.activations()[max(len(op.layers) - 2, 0)])),
    Misconception("shapes-of-all-layers", "You return the shapes of all layers in one row.", "The last layer of the list is the one asked for.", "Return the last shape.", lambda op: np.array([n for shape in op.activations() for n in shape])),
)  # fmt: skip


def _count(kind: Any, change: Callable[[Any, Shape], int]) -> Run:
    """Count the last layer in another way, where it is of a kind."""

    def run(op: Any) -> Array:
        layer, before = op.layers[-1], op.before()
        return np.array(change(layer, before) if isinstance(layer, kind) else learned(layer, before))

    return run


def _weights(layer: Any, before: Shape) -> int:
    return learned(layer, before) - (layer.filters if isinstance(layer, Conv) else layer.units)


_FILTER = "A filter has f × f weights for each channel of the layer before, and one bias: (f·f·channels + 1)·filters."
_FULLY = "Each of c units has one weight for each of the p numbers before, and one bias: c·p + c."
_NOTHING = "The input and a pooling learn nothing: there is no weight in them."
_BIASES = "Every filter and every unit has one bias."

PARAMETER_COUNT = (
    Misconception("biases-uncounted", "You do not count the biases.", _BIASES, "Add one for each filter or unit.", _count(Conv | Dense | Softmax, _weights)),
    Misconception("one-bias-for-layer", "You count one bias for the whole layer.", _BIASES, "Add one for each filter or unit.", _count(Conv | Dense | Softmax, lambda layer, before: _weights(layer, before) + 1)),
    Misconception("bias-for-each-weight", "You count a bias for each weight.", _BIASES, "The + 1 stands beside f·f·channels, not inside it.", _count(Conv | Dense | Softmax, lambda layer, before: 2 * _weights(layer, before))),
    Misconception("bias-for-each-place", "You count a bias for each cell of the kernel: f·f·(channels + 1).", _FILTER, "The + 1 stands beside f·f·channels, not inside it.", _count(Conv, lambda layer, before: layer.kernel_size**2 * (before[2] + 1) * layer.filters)),
    Misconception("bias-for-each-channel", "You count a bias for each channel of each filter.", _FILTER, "A filter sums over its channels and adds one bias.", _count(Conv, lambda layer, before: (layer.kernel_size**2 + 1) * before[2] * layer.filters)),
    Misconception("bias-for-each-input", "You count a bias for each number that comes in.", _FULLY, "Add c, not p.", _count(_FULL, lambda layer, before: _weights(layer, before) + prod(before))),
    Misconception("bias-bracket-wrong", "You add 1 before you multiply by the units once more: (c·p + 1)·c.", "The deck's formula is (c·p) + (1·c); its brackets are drawn wide.", "`c * p + c`.", _count(_FULL, lambda layer, before: (_weights(layer, before) + 1) * layer.units)),
    Misconception("channels-uncounted", "You forget that a filter has weights for every channel.", _FILTER, "Multiply f·f by the channels of the layer before.", _count(Conv, lambda layer, before: (layer.kernel_size**2 + 1) * layer.filters)),
    Misconception("kernel-one-axis", "You count the kernel as a row of f weights.", _FILTER, "A kernel has f × f cells.", _count(Conv, lambda layer, before: (layer.kernel_size * before[2] + 1) * layer.filters)),
    Misconception("kernel-doubled", "You count 2·f cells for a kernel.", _FILTER, "A kernel has f × f cells.", _count(Conv, lambda layer, before: (2 * layer.kernel_size * before[2] + 1) * layer.filters)),
    Misconception("filters-uncounted", "You count one filter only.", _FILTER, "Multiply by the layer's `filters`.", _count(Conv, lambda layer, before: layer.kernel_size**2 * before[2] + 1)),
    Misconception("own-filters-as-channels", "You take the layer's own filters for the channels that come in.", _FILTER, "The channels are those of the layer before.", _count(Conv, lambda layer, before: (layer.kernel_size**2 * layer.filters + 1) * layer.filters)),
    Misconception("channels-as-filters", "You take the channels that come in for the number of filters.", _FILTER, "Multiply by the layer's own `filters`.", _count(Conv, lambda layer, before: (layer.kernel_size**2 * before[2] + 1) * before[2])),
    Misconception("picture-channels-for-all", "You take the channels of the picture for those of every layer.", _FILTER, "The channels are those of the layer before.", lambda op: _count(Conv, lambda layer, before: (layer.kernel_size**2 * op.layers[0].channels + 1) * layer.filters)(op)),
    Misconception("convolution-as-full", "You count a weight from every number of the layer before to every number that comes out.", "A filter's weights are shared by all its windows.", "Count (f·f·channels + 1)·filters.", _count(Conv, lambda layer, before: prod(before) * prod(activation(layer, before)))),
    Misconception("filter-for-each-window", "You count a filter anew for each of its windows.", "A filter's weights are shared by all its windows.", "Leave rows and columns of the activation out.", _count(Conv, lambda layer, before: learned(layer, before) * prod(activation(layer, before)[:2]))),
    Misconception("pooling-counted", "You count the window of a pooling as weights.", _NOTHING, "Return 0 for a pooling.", _count(Pool, lambda layer, before: (layer.kernel_size**2 * before[2] + 1) * before[2])),
    Misconception("pooling-window-counted", "You count the cells of a pooling's window.", _NOTHING, "Return 0 for a pooling.", _count(Pool, lambda layer, before: layer.kernel_size**2)),
    Misconception("pooling-repeats", "You give a pooling the parameters of the layer before.", _NOTHING, "Return 0 for a pooling.", lambda op: _count(Pool, lambda layer, before: op.counts()[-2])(op)),
    Misconception("input-counted", "You count the numbers of the picture as parameters.", _NOTHING, "Return 0 for the input.", lambda op: np.array(prod(op.activations()[-1])) if isinstance(op.layers[-1], Input) else op()),
    Misconception("activations-counted", "You count the activations instead of the parameters.", "Activations are computed anew for each picture; parameters are learned.", "Count weights and biases.", lambda op: np.array(prod(op.activations()[-1]))),
    Misconception("channels-for-inputs", "You count only the channels of the layer before as inputs.", _FULLY, "p is rows × columns × channels of the layer before.", _count(_FULL, lambda layer, before: layer.units * before[-1] + layer.units if len(before) > 2 else learned(layer, before))),
    Misconception("rows-and-columns-for-inputs", "You leave the channels of the layer before out.", _FULLY, "p is rows × columns × channels of the layer before.", _count(_FULL, lambda layer, before: layer.units * prod(before[:2]) + layer.units)),
    Misconception("units-squared", "You count the layer's own units as its inputs.", _FULLY, "p is the number of activations of the layer before.", _count(_FULL, lambda layer, before: layer.units**2 + layer.units)),
    Misconception("inputs-and-units-added", "You add inputs and units instead of multiplying.", _FULLY, "Every unit has a weight for every input: c × p.", _count(_FULL, lambda layer, before: layer.units + prod(before))),
    Misconception("softmax-uncounted", "You count no parameters for the softmax layer.", "The softmax itself learns nothing, but its layer is fully connected.", "c·p + c, as for the other fully connected layers.", _count(Softmax, lambda layer, before: 0)),
    Misconception("all-layers-counted", "You add up the parameters of all layers.", "The last layer of the list is the one asked for.", "Return the last layer's count.", lambda op: np.array(sum(op.counts()))),
    Misconception("layer-before-counted", "You count the layer before the last.", "The last layer of the list is the one asked for.", "Go through all layers: `for layer in layers`.", lambda op: np.array(op.counts()[max(len(op.layers) - 2, 0)])),
    Misconception("nothing-counted", "You always return 0.", "Convolutions and fully connected layers learn weights and biases.", "Add them up for the last layer.", lambda op: np.array(0)),
)  # fmt: skip
