"""Shapes and counts of a network, without arrays: its activation shapes and its parameter counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from random import Random
from typing import Any, ClassVar

import msgspec
import numpy as np

from grader.ops.architecture import Conv, Dense, Input, Layer, Pool, SoftmaxLayer, activation, learned, module, plain
from grader.ops.base import Array, Cell, Op, OpError, Sample, Shape, Vary, check_at
from grader.ops.shapes_misconceptions import ACTIVATION_SHAPE, PARAMETER_COUNT


class _Network(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list of layers, whose last one is the question. The student's function receives plain dicts."""

    names: ClassVar[Any] = ()
    counts: ClassVar[Any] = True
    strata: ClassVar[Any] = {"layer-padding": 5, "rectangular-kernel": 4, "layer-without-bias": 5}

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise OpError("`layers` must begin with a layer of the kind `input`")
        self.activations()

    def activations(self, step: Callable[[Layer, Shape], Shape] = activation) -> list[Shape]:
        """Return the shape of every layer's activation; misconceptions replace the rule for one layer."""
        shapes: list[Shape] = []
        for layer in self.layers:
            shapes.append(step(layer, shapes[-1] if shapes else ()))
        return shapes

    def before(self) -> Shape:
        """Return the shape of the last layer's input, () for the input layer."""
        return ((), *self.activations())[-2]

    def resolved(self, *shapes: Shape) -> dict[str, Any]:
        return {"layers": [plain(layer) for layer in self.layers]}

    def traits(self, *shapes: Shape) -> frozenset[str]:
        moving = [layer for layer in self.layers if isinstance(layer, Conv | Pool)]
        found = {
            "layer-padding": any(any(layer.each("padding")) for layer in moving),
            "rectangular-kernel": any(len(set(layer.each("kernel_size"))) > 1 for layer in moving),
            "layer-without-bias": any(not getattr(layer, "bias", True) for layer in self.layers),
        }
        return frozenset(trait for trait, has in found.items() if has)

    def modules(self, torch: Any) -> list[Any]:
        """Build the network from torch's modules, one for each layer."""
        before = [(), *self.activations()[:-1]]
        return [module(torch, layer, shape) for layer, shape in zip(self.layers, before, strict=True)]

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        one, wide, tall = _input(1, 1, 1), _input(2, 3, 1), _input(4, 3, 2)
        conv, pool = Conv(kernel_size=2, filters=3), Pool(kernel_size=2, stride=2)
        for layers in (
            *(
                (one,),
                (wide,),
                (one, Conv(kernel_size=1, filters=1)),
                (one, Dense(units=1)),
                (one, SoftmaxLayer(units=1)),
            ),
            *(
                (wide, conv),
                (wide, Pool(kernel_size=2, stride=1)),
                (wide, Dense(units=2)),
                (wide, SoftmaxLayer(units=2)),
            ),
            *((tall, conv), (tall, pool), (tall, conv, pool), (tall, pool, Dense(units=3)), (tall, conv, conv)),
            (tall, conv, Dense(units=2), SoftmaxLayer(units=3)),
            (_input(9, 12, 2), Conv(kernel_size=3, stride=2, filters=4), Pool(kernel_size=3, stride=1)),
            (_input(11, 8, 1), Conv(kernel_size=2, stride=3, filters=2), Pool(kernel_size=2, stride=1), Dense(units=5)),
        ):
            yield Sample(cls(layers=layers), ())
        wide_kernel, small = Conv(kernel_size=(2, 3), filters=2), Conv(kernel_size=3, filters=2, padding=1)
        more: tuple[tuple[Layer, ...], ...] = (
            (tall, small),
            (tall, small, Pool(kernel_size=(3, 2), stride=(2, 1), padding=(1, 0))),
            (tall, wide_kernel),
            (
                tall,
                Conv(kernel_size=(3, 2), stride=(1, 2), padding=(0, 1), filters=4, bias=False),
                Pool(kernel_size=2, stride=1),
            ),
            (tall, small, Dense(units=3, bias=False)),
            (tall, SoftmaxLayer(units=3, bias=False)),
        )
        yield from (Sample(cls(layers=layers), ()) for layers in more)
        first, second = Conv(kernel_size=5, filters=8), Conv(kernel_size=5, filters=16)
        table = (
            _input(32, 32, 3),
            first,
            pool,
            second,
            pool,
            Dense(units=120),
            Dense(units=84),
            SoftmaxLayer(units=10),
        )
        for n in range(1, len(table) + 1):
            yield Sample(cls(layers=table[:n]), ())

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        layers = tuple(_varied(layer, random, vary) for layer in cls._drawn(random))
        try:
            return Sample(cls(layers=layers), ())
        except OpError:  # a larger kernel leaves no room for a later one
            return cls.draw(random, vary)

    @classmethod
    def _drawn(cls, random: Random) -> Sequence[Layer]:
        picture = _input(random.randint(4, 24), random.randint(4, 24), random.randint(1, 4))
        layers: list[Layer] = [picture]
        shape = activation(picture, ())
        for _ in range(random.randint(0, 4)):
            size = random.randint(1, min(5, *shape[:2]))
            pool = Pool(kernel_size=size, stride=random.choice((size, random.randint(1, 3))))
            conv = Conv(kernel_size=size, stride=random.choice((1, 1, 2, 3)), filters=random.randint(1, 8))
            layers.append(random.choice((pool, conv)))
            shape = activation(layers[-1], shape)
        layers += [Dense(units=random.randint(1, 20)) for _ in range(random.choice((0, 0, 1, 2)))]
        layers += [SoftmaxLayer(units=random.randint(2, 10)) for _ in range(random.choice((0, 0, 0, 1)))]
        return layers


def _varied(layer: Layer, random: Random, vary: Vary) -> Layer:
    """Give a layer what the written cases have beyond a number as kernel size."""
    changes: dict[str, Any] = {}
    if isinstance(layer, Conv | Pool):
        size = layer.each("kernel_size")
        if "rectangular-kernel" in vary:
            changes["kernel_size"] = size = (size[0], random.randint(1, 5))
        if "layer-padding" in vary:
            changes["padding"] = random.randint(0, min(size) // 2)
    if "layer-without-bias" in vary and not isinstance(layer, Input | Pool):
        changes["bias"] = random.random() < 0.5
    return msgspec.structs.replace(layer, **changes)


def _input(height: int, width: int, channels: int) -> Input:
    return Input(height=height, width=width, channels=channels)


class ActivationShape(_Network, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The shape of the last layer's activation. Torch: a real ``nn.Sequential``; deck: Feature Map."""

    formula: ClassVar[Any] = "(⌊(M + 2p − f) / s⌋ + 1, ⌊(N + 2p − f) / s⌋ + 1, channels), or (units, 1)"
    misconceptions: ClassVar[Any] = ACTIVATION_SHAPE

    def shape(self, *shapes: Shape) -> Shape:
        return (len(self.activations()[-1]),)

    def __call__(self, *inputs: Array) -> Array:
        return np.array(self.activations()[-1])

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        (axis,) = check_at(at, self.shape())
        layer, value = self.layers[-1], self.activations()[-1][axis]
        text = f"{value}"
        if isinstance(layer, Conv | Pool) and axis < 2:
            p, k, s = (layer.each(name)[axis] for name in ("padding", "kernel_size", "stride"))
            text = f"⌊({self.before()[axis]} + 2×{p} − {k}) / {s}⌋ + 1 = {value}"
        elif isinstance(layer, Conv | Pool):
            text += ", one for each filter" if isinstance(layer, Conv) else ", as before the pooling"
        return Cell(value, text, ())

    def reference(self, torch: Any, *inputs: Array) -> Array:
        rows, columns, channels = self.activations()[0]
        network = torch.nn.Sequential(*self.modules(torch))
        _, *shape = network(torch.empty(1, channels, rows, columns, device="meta")).shape
        return np.array([*shape[1:], shape[0]] if len(shape) > 1 else [*shape, 1])


class ParameterCount(_Network, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The number of parameters of the last layer. Torch: those of the real module; deck: Feature Map."""

    formula: ClassVar[Any] = (
        "(f·f·channels + 1)·filters, or c·p + c (less without a bias); 0 for the input and for a pooling"
    )
    misconceptions: ClassVar[Any] = PARAMETER_COUNT

    def parameters(self) -> list[int]:
        """Return the number of parameters of every layer."""
        shapes = self.activations()
        return [learned(layer, before) for layer, before in zip(self.layers, [(), *shapes[:-1]], strict=True)]

    def shape(self, *shapes: Shape) -> Shape:
        return ()

    def __call__(self, *inputs: Array) -> Array:
        return np.array(self.parameters()[-1])

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        check_at(at, ())
        layer, before, value = self.layers[-1], self.before(), self.parameters()[-1]
        text = "0: this layer learns nothing"
        if isinstance(layer, Conv):
            rows, columns = layer.each("kernel_size")
            text = f"({rows}×{columns}×{before[2]}{' + 1' if layer.bias else ''})×{layer.filters} = {value}"
        elif isinstance(layer, Dense | SoftmaxLayer):
            text = f"{layer.units}×{prod(before)}{f' + {layer.units}' if layer.bias else ''} = {value}"
        return Cell(value, text, ())

    def reference(self, torch: Any, *inputs: Array) -> Array:
        return np.array(sum(weights.numel() for weights in self.modules(torch)[-1].parameters()))
