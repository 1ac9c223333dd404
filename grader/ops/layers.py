"""The layers of a network, as rows of the deck's table (Feature Map: Discussion): what each gives, what it learns."""

from __future__ import annotations

from math import prod
from typing import Annotated, Any

import msgspec

from grader.ops.base import OpError, Shape

Count = Annotated[int, msgspec.Meta(ge=1)]


class _Layer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """A row of the table; `kind` says of what kind, where layers are written down."""


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


class Softmax(_Layer, frozen=True, tag="softmax"):
    """A fully connected layer whose results the softmax makes into shares."""

    units: Count


Layer = Input | Conv | Pool | Dense | Softmax


def activation(layer: Layer, before: Shape) -> Shape:
    """Return the shape of what a layer gives: (rows, columns, channels) or (units, 1). Raise OpError.

    `before` is the shape of what it gets, () for the first layer.
    """
    if isinstance(layer, Input) != (before == ()):
        raise OpError("the first layer, and no other, must be of the kind `input`")
    if isinstance(layer, Input):
        return (layer.height, layer.width, layer.channels)
    if isinstance(layer, Dense | Softmax):
        return (layer.units, 1)
    if len(before) < 3:
        raise OpError("a `conv` or `pool` layer cannot follow a `fc` or `softmax` layer")
    rows, columns, channels = before
    if layer.kernel_size > min(rows, columns):
        raise OpError(f"a kernel of size {layer.kernel_size} does not fit into an activation of {rows}×{columns}")
    sizes = ((n - layer.kernel_size) // layer.stride + 1 for n in (rows, columns))
    return (*sizes, layer.filters if isinstance(layer, Conv) else channels)


def learned(layer: Layer, before: Shape) -> int:
    """Return how many numbers a layer learns; `before` is the shape of what it gets."""
    if isinstance(layer, Conv):
        return (layer.kernel_size**2 * before[2] + 1) * layer.filters
    if isinstance(layer, Dense | Softmax):
        return layer.units * prod(before) + layer.units
    return 0


def module(torch: Any, layer: Layer, before: Shape) -> Any:
    """Build a layer of torch's modules, in float64, for channels-first input."""
    nn = torch.nn
    if isinstance(layer, Input):
        return nn.Identity()
    if isinstance(layer, Conv):
        return nn.Conv2d(before[2], layer.filters, layer.kernel_size, layer.stride, dtype=torch.float64)
    if isinstance(layer, Pool):
        return nn.MaxPool2d(layer.kernel_size, layer.stride)
    linear = nn.Linear(prod(before), layer.units, dtype=torch.float64)
    return nn.Sequential(nn.Flatten(), linear, *([nn.Softmax(dim=1)] if isinstance(layer, Softmax) else []))
