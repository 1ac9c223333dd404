"""The architecture of a network, layer by layer: the shape of each activation and the number of learned parameters.

Source: the deck's table in "Feature Map: Discussion", one row per layer.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Any

import msgspec

from grader.ops.base import OpError, Shape

Count = Annotated[int, msgspec.Meta(ge=1)]


class _Layer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """A row of the table. In a spec, `kind` names the type of layer."""


class Input(_Layer, frozen=True, tag="input"):
    """The picture."""

    height: Count
    width: Count
    channels: Count


class Conv(_Layer, frozen=True, kw_only=True, tag="conv"):
    """A convolution with square kernels and without padding: CONV1 (f=5, s=1)."""

    kernel_size: Count
    stride: Count = 1
    filters: Count


class Pool(_Layer, frozen=True, tag="pool"):
    """A pooling with square windows."""

    kernel_size: Count
    stride: Count


class Dense(_Layer, frozen=True, tag="fc"):
    """A fully connected layer."""

    units: Count


class SoftmaxLayer(_Layer, frozen=True, tag="softmax"):
    """A fully connected layer followed by the softmax."""

    units: Count


Layer = Input | Conv | Pool | Dense | SoftmaxLayer


def activation(layer: Layer, before: Shape) -> Shape:
    """Return the shape of a layer's output: (rows, columns, channels) or (units, 1).

    `before` is the shape of its input, () for the first layer. Raise OpError if the layer cannot follow.
    """
    if isinstance(layer, Input) != (before == ()):
        raise OpError("the first layer must be of the kind `input`, and no other layer may be")
    if isinstance(layer, Input):
        return (layer.height, layer.width, layer.channels)
    if isinstance(layer, Dense | SoftmaxLayer):
        return (layer.units, 1)
    if len(before) < 3:
        raise OpError("a `conv` or `pool` layer cannot follow a `fc` or `softmax` layer")
    rows, columns, channels = before
    if layer.kernel_size > min(rows, columns):
        raise OpError(f"a kernel of size {layer.kernel_size} does not fit into an activation of {rows}×{columns}")
    sizes = ((n - layer.kernel_size) // layer.stride + 1 for n in (rows, columns))
    return (*sizes, layer.filters if isinstance(layer, Conv) else channels)


def learned(layer: Layer, before: Shape) -> int:
    """Return the number of parameters that a layer learns; `before` is the shape of its input."""
    if isinstance(layer, Conv):
        return (layer.kernel_size**2 * before[2] + 1) * layer.filters
    if isinstance(layer, Dense | SoftmaxLayer):
        return layer.units * prod(before) + layer.units
    return 0


def module(torch: Any, layer: Layer, before: Shape) -> Any:
    """Build a layer from torch's modules, in float64, for channels-first input."""
    nn = torch.nn
    if isinstance(layer, Input):
        return nn.Identity()
    if isinstance(layer, Conv):
        return nn.Conv2d(before[2], layer.filters, layer.kernel_size, layer.stride, dtype=torch.float64)
    if isinstance(layer, Pool):
        return nn.MaxPool2d(layer.kernel_size, layer.stride)
    linear = nn.Linear(prod(before), layer.units, dtype=torch.float64)
    return nn.Sequential(nn.Flatten(), linear, *([nn.Softmax(dim=1)] if isinstance(layer, SoftmaxLayer) else []))
