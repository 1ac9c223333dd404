"""The architecture of a network, layer by layer: the shape of each activation and the number of learned parameters.

Source: the deck's table in "Feature Map: Discussion", one row per layer.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Any

import msgspec

from grader.ops.base import OpError, Pair, Shape

Count = Annotated[int, msgspec.Meta(ge=1)]
Size = int | Pair  # msgspec confuses the bounds of a union's numbers and lists, so `_Moving` checks them


class _Layer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """A row of the table. In a spec, `kind` names the type of layer."""


class Input(_Layer, frozen=True, tag="input"):
    """The picture."""

    height: Count
    width: Count
    channels: Count


class _Moving(_Layer, frozen=True, kw_only=True):
    """A layer whose window moves over the activation before it. Sizes are a number or a pair (rows, columns)."""

    def __post_init__(self) -> None:
        for name, least in (("kernel_size", 1), ("stride", 1), ("padding", 0)):
            if min(self.each(name)) < least:
                raise OpError(f"`{name}` must be at least {least}, not {getattr(self, name)}")

    def each(self, name: str) -> Pair:
        """Return a size as a pair."""
        value: Size = getattr(self, name)
        return (value, value) if isinstance(value, int) else value

    @property
    def area(self) -> int:
        """The number of cells of a window."""
        rows, columns = self.each("kernel_size")
        return rows * columns


class Conv(_Moving, frozen=True, kw_only=True, tag="conv"):
    """A convolution: CONV1 (f=5, s=1)."""

    kernel_size: Size
    stride: Size = 1
    filters: Count
    padding: Size = 0
    bias: bool = True


class Pool(_Moving, frozen=True, tag="pool"):
    """A pooling."""

    kernel_size: Size
    stride: Size
    padding: Size = 0


class Dense(_Layer, frozen=True, tag="fc"):
    """A fully connected layer."""

    units: Count
    bias: bool = True


class SoftmaxLayer(_Layer, frozen=True, tag="softmax"):
    """A fully connected layer followed by the softmax."""

    units: Count
    bias: bool = True


Layer = Input | Conv | Pool | Dense | SoftmaxLayer


def plain(layer: Layer) -> dict[str, Any]:
    """Return a layer as the student's function receives it; `padding` and `bias` are there only if they matter."""
    return {n: v for n, v in msgspec.to_builtins(layer).items() if (n, v) not in (("padding", 0), ("bias", True))}


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
    size, steps, pads = (layer.each(name) for name in ("kernel_size", "stride", "padding"))
    if isinstance(layer, Pool) and any(2 * p > k for p, k in zip(pads, size, strict=True)):
        raise OpError(f"the padding of a `pool` layer must be at most half of its `kernel_size`, not {layer.padding}")
    if any(k > n + 2 * p for k, n, p in zip(size, (rows, columns), pads, strict=True)):
        raise OpError(f"a kernel of size {layer.kernel_size} does not fit into an activation of {rows}×{columns}")
    sizes = ((n + 2 * p - k) // s + 1 for n, p, k, s in zip((rows, columns), pads, size, steps, strict=True))
    return (*sizes, layer.filters if isinstance(layer, Conv) else channels)


def learned(layer: Layer, before: Shape) -> int:
    """Return the number of parameters that a layer learns; `before` is the shape of its input."""
    if isinstance(layer, Conv):
        return (layer.area * before[2] + layer.bias) * layer.filters
    if isinstance(layer, Dense | SoftmaxLayer):
        return layer.units * prod(before) + layer.units * layer.bias
    return 0


def module(torch: Any, layer: Layer, before: Shape) -> Any:
    """Build a layer from torch's modules for channels-first input, on torch's `meta` device.

    There, a tensor has a shape but no numbers, so that the table of a large network takes neither memory nor time.
    """
    nn = torch.nn
    if isinstance(layer, Input):
        return nn.Identity()
    if isinstance(layer, Conv):
        sizes = layer.kernel_size, layer.stride, layer.padding
        return nn.Conv2d(before[2], layer.filters, *sizes, bias=layer.bias, device="meta")
    if isinstance(layer, Pool):
        return nn.MaxPool2d(layer.kernel_size, layer.stride, layer.padding)
    linear = nn.Linear(prod(before), layer.units, bias=layer.bias, device="meta")
    return nn.Sequential(nn.Flatten(), linear, *([nn.Softmax(dim=1)] if isinstance(layer, SoftmaxLayer) else []))
