"""Batch normalisation: each channel minus its mean, divided by its standard deviation, scaled and shifted.

Inputs are bare grids (one channel, the parameters numbers), C×M×N or N×C×M×N arrays with parameters of C.
Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from math import sqrt
from random import Random
from typing import Any, ClassVar

import numpy as np

from grader.ops import formulas
from grader.ops.base import (
    Array,
    Cell,
    Op,
    OpError,
    Sample,
    Shape,
    Vary,
    check_at,
    counting,
    leading,
    number,
    tensor,
    term,
    whole,
)
from grader.ops.normalisation_misconceptions import BATCH_NORM

EPS = 1e-5


class BatchNorm2d(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Normalise each channel, by the running statistics or, in training, by those of the batch.

    The variance of the batch is the biased one, divided by the number of cells. Torch: ``nn.BatchNorm2d``, and
    ``nn.functional.batch_norm`` for the order of the inputs.
    """

    names: ClassVar[Any] = ("input", "running_mean", "running_var", "weight", "bias")
    defaults: ClassVar[Any] = {"running_mean": 0.0, "running_var": 1.0, "weight": 1.0, "bias": 0.0}
    strata: ClassVar[Any] = {"training": 2, "eps": 4}
    formula: ClassVar[Any] = "output[i, j] = (input[i, j] − mean) / √(variance + eps) × weight + bias"
    misconceptions: ClassVar[Any] = BATCH_NORM

    training: bool = False
    eps: float = EPS

    def __post_init__(self) -> None:
        if self.eps < 0:
            raise OpError(f"`eps` must not be negative: {self.eps}")

    @classmethod
    def formula_of(cls, given: Collection[str]) -> str:
        lead, of = formulas.lead(given, "c"), "[c]" if "channels" in given else ""
        text = f"output[{lead}i, j] = (input[{lead}i, j] − mean{of}) / √(variance{of} + eps)"
        text += f" × weight{of}" if "weight" in given else ""
        text += f" + bias{of}" if "bias" in given else ""
        text = text if "eps" in given else text.replace("eps", f"{EPS:.5f}")
        if "training" not in given:
            return text.replace("mean", "running_mean").replace("variance", "running_var")
        return text + f"; running mean and variance, in training those of the {'channel' if of else 'input'}"

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[0]) - 2

    def shape(self, *shapes: Shape) -> Shape:
        image, *parameters = shapes
        if len(image) not in (2, 3, 4) or 0 in image:
            raise OpError(f"an `input` of shape {image} has no rows and columns to normalise")
        channels = image[-3:-2]
        for name, shape in zip(self.names[1:], parameters, strict=True):
            if shape not in ((), channels):
                raise OpError(f"`{name}` has shape {shape}; it must be a number{_or(channels)}")
        if self.training and int(np.prod(image)) == (channels or (1,))[0]:
            raise OpError("`training` needs more than one cell per channel: the variance of one cell is 0")
        return image

    def __call__(self, *inputs: Array) -> Array:
        self.shape(*(i.shape for i in inputs))
        if inputs[2].min() < 0:
            raise OpError("`running_var` must not be negative")
        return self.normalise(*inputs)

    def columns(self, image: Array, *parameters: Array) -> tuple[Array, ...]:
        """Return the parameters, one per channel, so that they fit the image."""
        return tuple(p.reshape(-1, 1, 1) if p.ndim else p for p in parameters)

    def axes(self, image: Array) -> tuple[int, ...]:
        """Return the axes of a channel: rows, columns, and the images of a batch."""
        return (0, -2, -1) if image.ndim == 4 else (-2, -1)

    def statistics(self, image: Array, running_mean: Array, running_var: Array) -> tuple[Array, Array]:
        """Return mean and variance of each channel, so that they fit the image."""
        if self.training:
            return image.mean(self.axes(image), keepdims=True), image.var(self.axes(image), keepdims=True)
        mean, variance = self.columns(image, running_mean, running_var)
        return mean, variance

    def normalise(self, image: Array, running_mean: Array, running_var: Array, weight: Array, bias: Array) -> Array:
        """Compute the answer."""
        mean, variance = self.statistics(image, running_mean, running_var)
        scale, shift = self.columns(image, weight, bias)
        result: Array = (image - mean) / np.sqrt(variance + self.eps) * scale + shift
        return result

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        image, running_mean, running_var, weight, bias = inputs
        at = check_at(at, self.shape(*(i.shape for i in inputs)))
        channel = at[-3] if len(at) > 2 else 0
        picked = [float(p[channel] if p.ndim else p) for p in (running_mean, running_var, weight, bias)]
        mean, variance, scale, shift = picked
        reads: tuple[tuple[int, ...], ...] = (at,)
        where = ""
        if self.training:
            reads = tuple(place for place in np.ndindex(*image.shape) if place[-3:-2] == at[-3:-2])
            cells = [float(image[place]) for place in reads]
            mean = sum(cells) / len(cells)
            variance = sum((c - mean) ** 2 for c in cells) / len(cells)
            where = f", with the mean {number(mean)} and the variance {number(variance)} of {len(cells)} cells"
        value = (float(image[at]) - mean) / sqrt(variance + self.eps) * scale + shift
        minus = f"({number(image[at])} − {term(mean)}) / √({number(variance)} + {_small(self.eps)})"
        times, plus = f" × {term(scale)}" if scale != 1 else "", f" + {term(shift)}" if shift else ""
        return Cell(value, f"{minus}{times}{plus} = {number(value)}{where}", reads)

    def reference(self, torch: Any, *inputs: Array) -> Array:
        shape = self.shape(*(i.shape for i in inputs))
        channels = (*shape[-3:-2], 1)[0]
        image, *parameters = (tensor(torch, i) for i in inputs)
        mean, variance, weight, bias = (p.reshape(-1).expand(channels).clone() for p in parameters)
        module = torch.nn.BatchNorm2d(channels, eps=self.eps, dtype=torch.float64).train(self.training)
        with torch.no_grad():
            module.running_mean.copy_(mean)
            module.running_var.copy_(variance)
            module.weight.copy_(weight)
            module.bias.copy_(bias)
            result: Array = module(image.reshape(-1, channels, *shape[-2:])).numpy()
        return result.reshape(shape)

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for training in (False, True):
            for eps in (EPS, 0.5):
                for shape in ((1, 2), (2, 1), (2, 2), (2, 3), (3, 3)):
                    image = counting(shape) * 7 % 11 - 4
                    yield Sample(cls(training=training, eps=eps), (image, *map(np.array, (2.0, 4.0, 3.0, -1.0))))
                    yield Sample(cls(training=training, eps=eps), (-image / 4, *map(np.array, (-0.5, 0.25, -2.0, 1.5))))
        deep: tuple[Shape, ...] = ((2, 1, 2), (2, 2, 1), (2, 2, 1, 2), (3, 2, 3), (2, 3, 3), (2, 3, 2, 3), (3, 2, 2, 2))
        for form in deep:
            channels = (form[-3],)
            given = counting(channels) - 2, counting(channels) / 2, counting(channels, 2), counting(channels, -2)
            for training in (False, True):
                yield Sample(cls(training=training), (counting(form) * 7 % 31 - 9, *given))
                yield Sample(cls(training=training, eps=1.0), (counting(form) * 5 % 17 / 4, *given))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        lead = leading(random, vary)
        shape = (*lead, random.randint(1, 4), random.randint(2, 5))
        channels = lead[-1:]
        fields: dict[str, Any] = {}
        if "training" in vary:
            fields["training"] = True
        if "eps" in vary:
            fields["eps"] = random.choice((0.001, 0.1, 0.5, 1.0))
        image = whole(random, shape) / random.choice((1, 1, 1, 2, 10))
        image[..., 0] += 0.5  # no channel is constant: a variance of 0 shows little
        mean, variance = whole(random, channels, -3, 6), whole(random, channels, 1, 40) / 4
        weight, bias = whole(random, channels, 1, 6) / 2, whole(random, channels, -3, 5)
        return Sample(cls(**fields), (image, mean, variance, -weight if random.random() < 0.2 else weight, bias))


def _or(channels: Shape) -> str:
    return f" or hold {channels[0]} numbers, one per channel" if channels else ", as for one channel"


def _small(number: float) -> str:
    """Write a number that may be much smaller than the four decimals of others."""
    return f"{number:.12f}".rstrip("0").rstrip(".")
