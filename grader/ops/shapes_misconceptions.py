"""The misconceptions of a network's shapes and counts: an activation's shape, a layer's parameters."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import msgspec
import numpy as np

from grader.ops.architecture import Conv, Dense, Input, Pool, SoftmaxLayer, activation, learned
from grader.ops.base import Array, Misconception, Shape
from grader.ops.layers_misconceptions import Run


def _shapes(step: Callable[[Any, Shape], Shape]) -> Run:
    """Compute the shapes with another rule for the layers."""
    return lambda op: np.array(op.activations(step)[-1])


def _for(kind: Any, step: Callable[[Any, Shape], Shape]) -> Run:
    """Compute the shapes with another rule for layers of one type."""
    return _shapes(lambda layer, before: step(layer, before) if isinstance(layer, kind) else activation(layer, before))


def _windows(rule: Callable[[int, int, int], int], kind: Any = Conv | Pool) -> Run:
    """Use another formula of M, f and s for rows and columns, with a result of at least 1."""

    def step(layer: Any, before: Shape) -> Shape:
        columns = zip(before[:2], *(layer.each(n) for n in ("padding", "kernel_size", "stride")), strict=True)
        sizes = (max(rule(n + 2 * p, k, s), 1) for n, p, k, s in columns)
        return (*sizes, layer.filters if isinstance(layer, Conv) else before[2])

    return _for(kind, step)


def _padded(change: Callable[[int], int]) -> Run:
    """Count another number of zeros, for both sides together, on each axis."""

    def step(layer: Any, before: Shape) -> Shape:
        columns = zip(before[:2], *(layer.each(n) for n in ("padding", "kernel_size", "stride")), strict=True)
        sizes = (max((n + change(p) - k) // s + 1, 1) for n, p, k, s in columns)
        return (*sizes, layer.filters if isinstance(layer, Conv) else before[2])

    return _for(Conv | Pool, step)


def _squared(axis: int) -> Run:
    """Use one axis of the kernel for both."""

    def step(layer: Any, before: Shape) -> Shape:
        columns = zip(before[:2], *(layer.each(n) for n in ("padding", "stride")), strict=True)
        sizes = (max((n + 2 * p - layer.each("kernel_size")[axis]) // s + 1, 1) for n, p, s in columns)
        return (*sizes, layer.filters if isinstance(layer, Conv) else before[2])

    return _for(Conv | Pool, step)


def _last(change: Callable[[Any, Shape], Any], kind: Any) -> Run:
    """Change the last layer's shape if that layer is of one type."""
    return lambda op: np.array(change(op.layers[-1], op.activations()[-1]) if isinstance(op.layers[-1], kind) else op())


_TABLE = "A convolution or pooling turns M rows into ⌊(M + 2p − f) / s⌋ + 1, and columns likewise; p is 0 unless the layer has a `padding`."
_CHANNELS = "Each filter produces one channel, and pooling works on each channel separately."
_UNITS = "A fully connected layer returns a column of numbers, with the shape (units, 1)."
_FULL = Dense | SoftmaxLayer

ACTIVATION_SHAPE = (
    Misconception("channels-kept", "You give a convolution as many channels as its input has.", _CHANNELS, "Use the convolution's `filters` as its number of channels.", _for(Conv, lambda layer, before: (*activation(layer, before)[:2], before[2]))),
    Misconception("channels-multiplied", "You multiply the channels by the filters.", _CHANNELS, "Use `filters` as the number of channels: each filter sums over all input channels.", _for(Conv, lambda layer, before: (*activation(layer, before)[:2], before[2] * layer.filters))),
    Misconception("channels-added", "You add the filters to the channels.", _CHANNELS, "Use the convolution's `filters` as its number of channels.", _for(Conv, lambda layer, before: (*activation(layer, before)[:2], before[2] + layer.filters))),
    Misconception("channels-pooled", "You make the channels smaller when you pool.", _CHANNELS, "Change only rows and columns when you pool.", _for(Pool, lambda layer, before: (*activation(layer, before)[:2], max(before[2] // layer.each("kernel_size")[0], 1)))),
    Misconception("channels-dropped", "You omit the channels from the shape.", _CHANNELS, "Return (rows, columns, channels).", _last(lambda layer, shape: shape[:2], Input | Conv | Pool)),
    Misconception("channels-dropped-by-pooling", "You omit the channels from the shape after a pooling.", _CHANNELS, "Return (rows, columns, channels): pooling keeps the channels.", _last(lambda layer, shape: shape[:2], Pool)),
    Misconception("channels-first", "You put the channels first, as torch does.", "The table writes (rows, columns, channels).", "Put the channels last.", _last(lambda layer, shape: (shape[2], *shape[:2]), Input | Conv | Pool)),
    Misconception("kernel-as-channels", "You give a convolution as many channels as its kernel is wide.", _CHANNELS, "Use the convolution's `filters` as its number of channels.", _for(Conv, lambda layer, before: (*activation(layer, before)[:2], layer.each("kernel_size")[1]))),
    Misconception("height-and-width-exchanged", "You exchange rows and columns.", "The height is the number of rows and comes first.", "Return (height, width, channels).", _last(lambda layer, shape: (shape[1], shape[0], shape[2]), Input | Conv | Pool)),
    Misconception("height-for-width", "You use the height as the width, too.", "A picture need not be square.", "Compute the columns from `width`.", _last(lambda layer, shape: (shape[0], shape[0], shape[2]), Input | Conv | Pool)),
    Misconception("width-for-height", "You use the width as the height, too.", "A picture need not be square.", "Compute the rows from `height`.", _last(lambda layer, shape: (shape[1], shape[1], shape[2]), Input | Conv | Pool)),
    Misconception("convolution-keeps-size", "You keep the rows and columns in a convolution, as if it padded.", _TABLE, "Subtract the kernel's size; only `padding` adds to the input's.", _windows(lambda m, f, s: -(-m // s), Conv)),
    Misconception("pooling-keeps-size", "You keep the rows and columns in a pooling.", _TABLE, "Count the windows: pooling makes one number of each.", _for(Pool, lambda layer, before: before)),
    Misconception("pooling-stride-one", "You move the pooling's window by 1.", _TABLE, "Use the pooling's `stride`.", _windows(lambda m, f, s: m - f + 1, Pool)),
    Misconception("pooling-halves", "You always halve rows and columns, whatever the window's size is.", _TABLE, "Use the pooling's `kernel_size` and `stride`.", _windows(lambda m, f, s: m // 2, Pool)),
    Misconception("pooling-divides", "You divide rows and columns by the window's size, whatever the stride is.", _TABLE, "Use the pooling's `stride` too.", _windows(lambda m, f, s: m // f, Pool)),
    Misconception("layers-padding-ignored", "You ignore the layers' padding.", _TABLE, "Add 2p, the padding of both sides.", _padded(lambda p: 0), ("layer-padding",)),
    Misconception("layers-padding-once", "You add the layers' padding only once, but it is on both sides.", _TABLE, "Add 2p, the padding of both sides.", _padded(lambda p: p), ("layer-padding",)),
    Misconception("layers-rows-for-both", "You use the kernel's number of rows as its number of columns, too.", _TABLE, "Use `kernel_size[1]` for the columns.", _squared(0), ("rectangular-kernel",)),
    Misconception("layers-columns-for-both", "You use the kernel's number of columns as its number of rows, too.", _TABLE, "Use `kernel_size[0]` for the rows.", _squared(1), ("rectangular-kernel",)),
    Misconception("layers-stride-ignored", "You ignore the stride and move by 1.", _TABLE, "Divide by the stride s.", _windows(lambda m, f, s: m - f + 1)),
    Misconception("layers-plus-one-missing", "You forget to add 1.", _TABLE, "Add 1 after the division.", _windows(lambda m, f, s: (m - f) // s)),
    Misconception("layers-one-inside", "You add the 1 before you divide.", _TABLE, "Compute `(M - f) // s + 1`.", _windows(lambda m, f, s: (m - f + 1) // s)),
    Misconception("layers-rounded-up", "You round up instead of down.", _TABLE, "Use `//`, which rounds down.", _windows(lambda m, f, s: -(-(m - f) // s) + 1)),
    Misconception("layers-kernel-unused", "You divide by the stride without subtracting the kernel's size.", _TABLE, "Subtract f before you divide.", _windows(lambda m, f, s: m // s)),
    Misconception("units-alone", "You return (units,) without the 1.", _UNITS, "Return `(units, 1)`.", _last(lambda layer, shape: shape[:1], _FULL)),
    Misconception("units-as-row", "You return (1, units).", _UNITS, "Return `(units, 1)`.", _last(lambda layer, shape: shape[::-1], _FULL)),
    Misconception("units-three-axes", "You return (1, 1, units).", _UNITS, "Return `(units, 1)`.", _last(lambda layer, shape: (1, 1, shape[0]), _FULL)),
    Misconception("units-of-input", "You return the number of the layer's inputs instead of its outputs.", _UNITS, "Return the layer's own `units`.", lambda op: np.array((prod(op.activations()[-2]), 1)) if isinstance(op.layers[-1], _FULL) else op()),
    Misconception("activation-size", "You return the number of activations instead of their shape.", "The number of activations is the product of the shape's numbers.", "Return the shape, not its product.", lambda op: op().prod()),
    Misconception("input-shape-for-all", "You return the shape of the input layer.", "Each layer changes the shape that it receives.", "Loop over the layers, one after the other.", lambda op: np.array(op.activations()[0])),
    Misconception("layer-before", "You stop one layer too early.", "The exercise asks for the last layer of the list.", "Loop over all layers: `for layer in layers`.", lambda op: np.array(op.activations()[max(len(op.layers) - 2, 0)])),
    Misconception("shapes-of-all-layers", "You return the shapes of all layers in one row.", "The exercise asks for the last layer of the list.", "Return the last shape.", lambda op: np.array([n for shape in op.activations() for n in shape])),
)  # fmt: skip


def _count(kind: Any, change: Callable[[Any, Shape], int]) -> Run:
    """Count the last layer's parameters differently if it is of one type."""

    def run(op: Any) -> Array:
        layer, before = op.layers[-1], op.before()
        return np.array(change(layer, before) if isinstance(layer, kind) else learned(layer, before))

    return run


def _weights(layer: Any, before: Shape) -> int:
    return learned(layer, before) - int(layer.bias) * (layer.filters if isinstance(layer, Conv) else layer.units)


_FILTER = "A filter has f × f weights for each channel of the layer before, and one bias: (f·f·channels + 1)·filters."
_FULLY = "Each of c units has one bias and one weight for each of the p input numbers: c·p + c."
_NOTHING = "The input and a pooling learn nothing: they have no weights."
_BIASES = "Every filter and every unit has one bias."

PARAMETER_COUNT = (
    Misconception("biases-uncounted", "You do not count the biases.", _BIASES, "Add one for each filter or unit.", _count(Conv | Dense | SoftmaxLayer, _weights)),
    Misconception("one-bias-for-layer", "You count one bias for the whole layer.", _BIASES, "Add one for each filter or unit.", _count(Conv | Dense | SoftmaxLayer, lambda layer, before: _weights(layer, before) + layer.bias)),
    Misconception("bias-for-each-weight", "You count a bias for each weight.", _BIASES, "Add 1 to f·f·channels, once for each filter.", _count(Conv | Dense | SoftmaxLayer, lambda layer, before: (1 + layer.bias) * _weights(layer, before))),
    Misconception("bias-for-each-place", "You count a bias for each cell of the kernel: f·f·(channels + 1).", _FILTER, "Add 1 to f·f·channels, once for each filter.", _count(Conv, lambda layer, before: layer.area * (before[2] + layer.bias) * layer.filters)),
    Misconception("bias-for-each-channel", "You count a bias for each channel of each filter.", _FILTER, "Count one bias for each filter: it sums over its channels first.", _count(Conv, lambda layer, before: (layer.area + 1) * before[2] * layer.filters)),
    Misconception("bias-for-each-input", "You count a bias for each input number.", _FULLY, "Add c, one bias for each unit, not p.", _count(_FULL, lambda layer, before: _weights(layer, before) + prod(before) * layer.bias)),
    Misconception("bias-bracket-wrong", "You add 1 and then multiply by the units again: (c·p + 1)·c.", "The slide's formula means (c·p) + (1·c).", "Compute `c * p + c`.", _count(_FULL, lambda layer, before: (_weights(layer, before) + layer.bias) * layer.units)),
    Misconception("channels-uncounted", "You forget that a filter has weights for every channel.", _FILTER, "Multiply f·f by the channels of the layer before.", _count(Conv, lambda layer, before: (layer.area + layer.bias) * layer.filters)),
    Misconception("kernel-one-axis", "You count the kernel as a row of f weights.", _FILTER, "Count f × f cells for a kernel.", _count(Conv, lambda layer, before: (layer.each("kernel_size")[0] * before[2] + layer.bias) * layer.filters)),
    Misconception("kernel-doubled", "You count 2·f cells for a kernel.", _FILTER, "Count f × f cells for a kernel.", _count(Conv, lambda layer, before: (sum(layer.each("kernel_size")) * before[2] + layer.bias) * layer.filters)),
    Misconception("absent-biases-counted", "You count biases in a layer that has none.", "A layer with `bias: False` learns weights only.", "Add the biases only if the layer has them.", _count(Conv | Dense | SoftmaxLayer, lambda layer, before: learned(msgspec.structs.replace(layer, bias=True), before)), ("layer-without-bias",)),
    Misconception("kernel-rows-squared", "You square the kernel's number of rows.", _FILTER, "Multiply rows by columns.", _count(Conv, lambda layer, before: (layer.each("kernel_size")[0] ** 2 * before[2] + layer.bias) * layer.filters), ("rectangular-kernel",)),
    Misconception("kernel-columns-squared", "You square the kernel's number of columns.", _FILTER, "Multiply rows by columns.", _count(Conv, lambda layer, before: (layer.each("kernel_size")[1] ** 2 * before[2] + layer.bias) * layer.filters), ("rectangular-kernel",)),
    Misconception("filters-uncounted", "You count only one filter.", _FILTER, "Multiply by the layer's `filters`.", _count(Conv, lambda layer, before: layer.area * before[2] + layer.bias)),
    Misconception("own-filters-as-channels", "You use the layer's own number of filters as the number of input channels.", _FILTER, "Use the number of channels of the layer before.", _count(Conv, lambda layer, before: (layer.area * layer.filters + layer.bias) * layer.filters)),
    Misconception("channels-as-filters", "You use the number of input channels as the number of filters.", _FILTER, "Multiply by the layer's own `filters`.", _count(Conv, lambda layer, before: (layer.area * before[2] + layer.bias) * before[2])),
    Misconception("picture-channels-for-all", "You use the picture's number of channels for every layer.", _FILTER, "Use the number of channels of the layer before.", lambda op: _count(Conv, lambda layer, before: (layer.area * op.layers[0].channels + layer.bias) * layer.filters)(op)),
    Misconception("convolution-as-full", "You count a weight from every input number to every output number.", "All windows share the weights of a filter.", "Count (f·f·channels + 1)·filters.", _count(Conv, lambda layer, before: prod(before) * prod(activation(layer, before)))),
    Misconception("filter-for-each-window", "You count a filter again for each of its windows.", "All windows share the weights of a filter.", "Do not multiply by the rows and columns of the activation.", _count(Conv, lambda layer, before: learned(layer, before) * prod(activation(layer, before)[:2]))),
    Misconception("pooling-counted", "You count the window of a pooling as weights.", _NOTHING, "Return 0 for a pooling.", _count(Pool, lambda layer, before: (layer.area * before[2] + 1) * before[2])),
    Misconception("pooling-window-counted", "You count the cells of a pooling's window.", _NOTHING, "Return 0 for a pooling.", _count(Pool, lambda layer, before: layer.area)),
    Misconception("pooling-repeats", "You count the parameters of the layer before for a pooling.", _NOTHING, "Return 0 for a pooling.", lambda op: _count(Pool, lambda layer, before: op.parameters()[-2])(op)),
    Misconception("input-counted", "You count the numbers of the picture as parameters.", _NOTHING, "Return 0 for the input.", lambda op: np.array(prod(op.activations()[-1])) if isinstance(op.layers[-1], Input) else op()),
    Misconception("activations-counted", "You count the activations instead of the parameters.", "The network computes activations for each picture, but it learns parameters.", "Count weights and biases.", lambda op: np.array(prod(op.activations()[-1]))),
    Misconception("channels-for-inputs", "You count only the channels of the layer before as its inputs.", _FULLY, "Use p = rows × columns × channels of the layer before.", _count(_FULL, lambda layer, before: layer.units * before[-1] + layer.units if len(before) > 2 else learned(layer, before))),
    Misconception("rows-and-columns-for-inputs", "You do not count the channels of the layer before.", _FULLY, "Use p = rows × columns × channels of the layer before.", _count(_FULL, lambda layer, before: layer.units * prod(before[:2]) + layer.units)),
    Misconception("units-squared", "You count the layer's own units as its inputs.", _FULLY, "Use p, the number of activations of the layer before.", _count(_FULL, lambda layer, before: layer.units**2 + layer.units)),
    Misconception("inputs-and-units-added", "You add inputs and units instead of multiplying them.", _FULLY, "Multiply: every unit has a weight for every input, c × p in total.", _count(_FULL, lambda layer, before: layer.units + prod(before))),
    Misconception("softmax-uncounted", "You count no parameters for the softmax layer.", "The softmax itself learns nothing, but its layer is fully connected and has parameters.", "Count c·p + c, as for the other fully connected layers.", _count(SoftmaxLayer, lambda layer, before: 0)),
    Misconception("all-layers-counted", "You add up the parameters of all layers.", "The exercise asks for the last layer of the list.", "Return the last layer's count.", lambda op: np.array(sum(op.parameters()))),
    Misconception("layer-before-counted", "You count the layer before the last.", "The exercise asks for the last layer of the list.", "Loop over all layers: `for layer in layers`.", lambda op: np.array(op.parameters()[max(len(op.layers) - 2, 0)])),
    Misconception("nothing-counted", "You always return 0.", "Convolutions and fully connected layers learn weights and biases.", "Add up the weights and biases of the last layer.", lambda op: np.array(0)),
)  # fmt: skip
