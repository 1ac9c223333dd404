"""The layers around a convolution: flatten, zero padding, linear, ReLU, softmax.

Source: https://docs.pytorch.org/docs/stable/nn.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp
from random import Random
from typing import Any, ClassVar

import numpy as np

from grader.ops.base import (
    Array,
    Cell,
    Op,
    OpError,
    Pair,
    Sample,
    Shape,
    Vary,
    check_at,
    counting,
    number,
    numbers,
    tensor,
    term,
    whole,
)
from grader.ops.layers_misconceptions import FLATTEN, LINEAR, RELU, SOFTMAX, ZERO_PAD

_GRIDS = ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3), (4, 5))


def _grid(random: Random) -> Array:
    return numbers(random, (random.randint(1, 6), random.randint(1, 6)))


def _place(at: Sequence[int]) -> str:
    return f"input[{', '.join(map(str, at))}]"


class Flatten(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Flatten M×N to one row of M·N numbers, row by row. Torch: ``nn.Flatten(0)``, as inputs have no batch.

    The deck's own snippet flattens a batch of one, so an answer of 1×M·N is right, too.
    """

    names: ClassVar[Any] = ("input",)
    batch: ClassVar[Any] = True
    formula: ClassVar[Any] = "output[i·N + j] = input[i, j]"
    misconceptions: ClassVar[Any] = FLATTEN

    start_dim: int = 0
    end_dim: int = -1

    def shape(self, *shapes: Shape) -> Shape:
        (shape,) = shapes
        axes = len(shape)
        start, end = (dim + axes if dim < 0 else dim for dim in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < axes:
            raise OpError(f"axes {self.start_dim} to {self.end_dim} cannot be joined in an `input` of shape {shape}")
        return (*shape[:start], int(np.prod(shape[start : end + 1])), *shape[end + 1 :])

    def __call__(self, *inputs: Array) -> Array:
        return inputs[0].reshape(self.shape(inputs[0].shape))

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        (image,) = inputs
        at = check_at(at, self.shape(image.shape))
        index = int(self(np.arange(image.size).reshape(image.shape))[at])
        where = tuple(int(i) for i in np.unravel_index(index, image.shape))
        value = float(image[where])
        return Cell(value, f"{_place(where)} = {number(value)}", (where,))

    def reference(self, torch: Any, *inputs: Array) -> Array:
        result: Array = torch.nn.Flatten(self.start_dim, self.end_dim)(tensor(torch, inputs[0])).numpy()
        return result

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for shape in _GRIDS:
            yield Sample(cls(), (counting(shape),))
            yield Sample(cls(), (counting(shape, -2)[::-1] / 2,))
        yield Sample(cls(), (np.array([[2.0, 4.0], [2.0, 0.0], [3.0, 4.0]]),))
        for start, end in ((0, -1), (1, -1), (0, 1), (1, 1), (-2, 2)):
            yield Sample(cls(start_dim=start, end_dim=end), (counting((2, 3, 4)),))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        start = random.randint(0, 1) if "start_dim" in vary else 0
        end = random.choice((1, -1)) if "end_dim" in vary else -1
        return Sample(cls(start_dim=start, end_dim=end), (_grid(random),))


class ZeroPad(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Put zeros around a grid: M×N to (M + 2P)×(N + 2Q) for `padding` (P, Q). Torch: ``nn.ZeroPad2d``."""

    names: ClassVar[Any] = ("input",)
    formula: ClassVar[Any] = "output[i, j] = input[i − P, j − Q], and 0 outside the input"
    misconceptions: ClassVar[Any] = ZERO_PAD

    padding: int | Pair = 0

    def __post_init__(self) -> None:
        if min(self.each()) < 0:
            raise OpError(f"`padding` must not be negative: {self.padding}")

    def each(self) -> Pair:
        """Return the padding of (rows, columns)."""
        return (self.padding, self.padding) if isinstance(self.padding, int) else self.padding

    def pad(self, image: Array, pads: Sequence[Pair], **how: Any) -> Array:
        """Pad rows and columns by (before, after) each; `how` is passed to `np.pad`."""
        return np.pad(image, [(0, 0)] * (image.ndim - 2) + list(pads), **how)

    def shape(self, *shapes: Shape) -> Shape:
        (shape,) = shapes
        if len(shape) not in (2, 3, 4):
            raise OpError(f"`input` has shape {shape}; it must be a grid")
        return (*shape[:-2], *(n + 2 * p for n, p in zip(shape[-2:], self.each(), strict=True)))

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[0]) - 2

    def resolved(self, *shapes: Shape) -> dict[str, Any]:
        return {"padding": self.each()}

    def __call__(self, *inputs: Array) -> Array:
        self.shape(inputs[0].shape)
        return self.pad(inputs[0], [(p, p) for p in self.each()])

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        (image,) = inputs
        at = check_at(at, self.shape(image.shape))
        where = (*at[:-2], *(i - p for i, p in zip(at[-2:], self.each(), strict=True)))
        if all(0 <= i < n for i, n in zip(where, image.shape, strict=True)):
            return Cell(float(image[where]), f"{_place(where)} = {number(image[where])}", (where,))
        return Cell(0.0, "0, outside the input", ())

    def reference(self, torch: Any, *inputs: Array) -> Array:
        rows, columns = self.each()
        image = tensor(torch, inputs[0])
        while image.ndim < 3:  # torch's layer takes C×H×W
            image = image[None]
        result: Array = torch.nn.ZeroPad2d((columns, columns, rows, rows))(image).numpy()
        return result.reshape(self.shape(inputs[0].shape))

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for padding in (1, (0, 1), (1, 0), 2, (1, 2), (2, 1), (3, 0), 0):
            for shape in ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (4, 3)):
                yield Sample(cls(padding=padding), (counting(shape, 2),))
                yield Sample(cls(padding=padding), (counting(shape, -3) / 4,))
        yield Sample(cls(padding=(1, 2)), (counting((2, 3, 4), -5),))
        yield Sample(cls(padding=(2, 1)), (counting((2, 2, 3, 2), -9),))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        padding = (random.randint(0, 3), random.randint(0, 3)) if "padding" in vary else (0, 0)
        lead = random.choice(vary.get("lead") or (0,))
        before = [random.choice(vary.get(axis) or (1, 2)) for axis in ("batch", "channels")][2 - lead :]
        return Sample(cls(padding=padding), (numbers(random, (*before, *_grid(random).shape)),))


class Linear(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The fully connected layer: n inputs, a weight of m×n and a bias of m give m numbers. Torch: ``nn.Linear``."""

    names: ClassVar[Any] = ("input", "weight", "bias")
    formula: ClassVar[Any] = "output[j] = Σ_i input[i] × weight[j, i] + bias[j]"
    misconceptions: ClassVar[Any] = LINEAR

    def shape(self, *shapes: Shape) -> Shape:
        row, weight, bias = shapes
        if not row or len(weight) != 2 or weight[1] != row[-1]:
            raise OpError(f"an `input` of shape {row} does not fit a `weight` of shape {weight}")
        if bias != weight[:1]:
            raise OpError(f"`bias` has shape {bias}; {weight[0]} neurons need ({weight[0]},)")
        return (*row[:-1], weight[0])

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[0]) - 1

    def traits(self, *shapes: Shape) -> frozenset[str]:
        return frozenset({"batch"} if len(shapes[0]) > 1 else ())

    def __call__(self, *inputs: Array) -> Array:
        row, weight, bias = inputs
        self.shape(row.shape, weight.shape, bias.shape)
        result: Array = row @ weight.T + bias
        return result

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        row, weight, bias = inputs
        at = check_at(at, self.shape(row.shape, weight.shape, bias.shape))
        reads = tuple((*at[:-1], i) for i in range(weight.shape[1]))
        weights = weight[at[-1]]
        value = sum(float(row[where]) * float(w) for where, w in zip(reads, weights, strict=True)) + float(bias[at[-1]])
        terms = [f"{term(row[where])}×{term(w)}" for where, w in zip(reads, weights, strict=True)]
        return Cell(value, f"{' + '.join([*terms, term(bias[at[-1]])])} = {number(value)}", reads)

    def apply(self, torch: Any, *tensors: Any) -> Any:
        row, weight, bias = tensors
        module = torch.nn.Linear(in_features=weight.shape[1], out_features=weight.shape[0], dtype=torch.float64)
        return torch.func.functional_call(module, {"weight": weight, "bias": bias}, (row,))

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for out, given in _GRIDS:
            yield Sample(cls(), (counting((given,)), counting((out, given), 2), counting((out,), 3)))
            yield Sample(cls(), (counting((given,), -2), counting((out, given), -5), counting((out,), -1) / 4))
        yield Sample(cls(), (counting((3, 2)), counting((4, 2), -3), counting((4,))))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        out, given = random.randint(1, 6), random.randint(1, 6)
        lead = max(vary.get("lead") or (0,))  # any leading axis is that of the batch
        rows = (random.choice(vary.get("batch") or (1, 2, 3)),) if lead else ()
        return Sample(cls(), (numbers(random, (*rows, given)), whole(random, (out, given)), whole(random, (out,))))


class Relu(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Set negative numbers to 0; the shape stays. Torch: ``nn.ReLU``."""

    names: ClassVar[Any] = ("input",)
    formula: ClassVar[Any] = "output[i, j] = max(0, input[i, j])"
    misconceptions: ClassVar[Any] = RELU

    def shape(self, *shapes: Shape) -> Shape:
        return shapes[0]

    def __call__(self, *inputs: Array) -> Array:
        return np.asarray(np.maximum(inputs[0], 0.0))

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        at = check_at(at, inputs[0].shape)
        value = max(0.0, float(inputs[0][at]))
        return Cell(value, f"max(0, {number(inputs[0][at])}) = {number(value)}", (at,))

    def apply(self, torch: Any, *tensors: Any) -> Any:
        return torch.nn.ReLU()(*tensors)

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for shape in ((), (1,), (3,), *_GRIDS):
            yield Sample(cls(), (counting(shape, -2),))
            yield Sample(cls(), (counting(shape) / 2,))
            yield Sample(cls(), (counting(shape, 6) - 0.5,))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        return Sample(cls(), (_grid(random),))


class Softmax(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Turn scores into probabilities that add up to 1 along the axis `dim`; the shape stays. Torch: ``nn.Softmax``."""

    names: ClassVar[Any] = ("input",)
    formula: ClassVar[Any] = "output[i] = e^input[i] / Σ_k e^input[k]"
    misconceptions: ClassVar[Any] = SOFTMAX

    dim: int = -1

    def shape(self, *shapes: Shape) -> Shape:
        (shape,) = shapes
        if not -len(shape) <= self.dim < len(shape):
            raise OpError(f"an `input` of shape {shape} has no axis {self.dim}")
        return shape

    def __call__(self, *inputs: Array) -> Array:
        (scores,) = inputs
        self.shape(scores.shape)
        powers = np.exp(scores - scores.max(axis=self.dim, keepdims=True))
        result: Array = powers / powers.sum(axis=self.dim, keepdims=True)
        return result

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        (scores,) = inputs
        at = check_at(at, self.shape(scores.shape))
        axis = self.dim % scores.ndim
        reads = tuple((*at[:axis], i, *at[axis + 1 :]) for i in range(scores.shape[axis]))
        value = 1 / sum(exp(min(float(scores[where] - scores[at]), 709.0)) for where in reads)
        powers = " + ".join(f"e^{term(scores[where])}" for where in reads)
        return Cell(value, f"e^{term(scores[at])} / ({powers}) = {number(value)}", reads)

    def reference(self, torch: Any, *inputs: Array) -> Array:
        result: Array = torch.nn.Softmax(dim=self.dim)(tensor(torch, inputs[0])).numpy()
        return result

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for shape in ((1,), (2,), (3,), *_GRIDS):
            yield Sample(cls(), (counting(shape),))
            yield Sample(cls(), (counting(shape, -3)[::-1] / 2,))
        yield Sample(cls(), (np.array([1000.0, 1001.0]),))
        yield Sample(cls(dim=0), (counting((3, 2)) / 2,))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        dim = random.choice((-1, 0)) if "dim" in vary else -1
        shape = (random.randint(1, 6),) if random.random() < 0.5 else (random.randint(1, 4), random.randint(1, 5))
        return Sample(cls(dim=dim), (whole(random, shape, -4, 5) * random.choice((1, 0.5, 0.1, 300)),))
