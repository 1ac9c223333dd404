"""Training: the loss of an answer, and a step of the optimizer (deck: Neural Network)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log
from random import Random
from typing import Any, ClassVar

import numpy as np

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
    number,
    numbers,
    tensor,
    term,
)
from grader.ops.training_misconceptions import CROSS_ENTROPY, SGD_STEP


class CrossEntropy(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The loss of n probabilities ŷ for the true y: one number, in nats. Torch: ``nn.CrossEntropyLoss`` of log ŷ."""

    names: ClassVar[Any] = ("y", "y_hat")
    formula: ClassVar[Any] = "L = −Σ_i y_i log(ŷ_i)"
    misconceptions: ClassVar[Any] = CROSS_ENTROPY

    def shape(self, *shapes: Shape) -> Shape:
        y, y_hat = shapes
        if y != y_hat or len(y) != 1 or y[0] < 1:
            raise OpError(f"`y` has shape {y} and `y_hat` has shape {y_hat}; they must be rows of the same length")
        return ()

    def __call__(self, *inputs: Array) -> Array:
        y, y_hat = inputs
        self.shape(y.shape, y_hat.shape)
        for name, row in zip(self.names, inputs, strict=True):
            if row.min() < 0 or abs(row.sum() - 1) > 1e-9:
                raise OpError(f"`{name}` must hold probabilities: not negative, and 1 in total")
        if y_hat.min() == 0:
            raise OpError("`y_hat` must not contain 0, which has no logarithm")
        return np.asarray(0.0 - np.sum(y * np.log(y_hat)))

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        y, y_hat = inputs
        check_at(at, self.shape(y.shape, y_hat.shape))
        value = 0.0 - sum(float(a) * log(p) for a, p in zip(y, y_hat, strict=True))
        terms = " + ".join(f"{number(a)}×log({number(p)})" for a, p in zip(y, y_hat, strict=True))
        return Cell(value, f"−({terms}) = {number(value)}", tuple((i,) for i in range(y.size)))

    def reference(self, torch: Any, *inputs: Array) -> Array:
        y, y_hat = (tensor(torch, i)[None] for i in inputs)
        result: Array = torch.nn.CrossEntropyLoss(reduction="sum")(y_hat.log(), y).numpy()
        return result

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for y, y_hat in (
            *(([1], [1]), ([1, 0], [0.5, 0.5]), ([1, 0], [0.75, 0.25]), ([0, 1], [0.75, 0.25])),
            *(([0.5, 0.5], [0.75, 0.25]), ([0, 1, 0], [0.2, 0.7, 0.1]), ([0.25, 0.25, 0.5], [0.5, 0.3, 0.2])),
            *(([0, 0, 0, 1], [0.1, 0.6, 0.1, 0.2]),),
        ):
            yield Sample(cls(), (np.array(y, dtype=np.float64), np.array(y_hat, dtype=np.float64)))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        n = random.randint(2, 6)
        parts = [np.diff([0, *sorted(random.sample(range(1, 20), n - 1)), 20]) / 20 for _ in range(2)]
        y = np.eye(n)[random.randrange(n)] if random.random() < 0.75 else parts[0]
        return Sample(cls(), (y, parts[1]))


class SgdStep(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One step of gradient descent for numbers x and their gradient, of one shape. Torch: ``optim.SGD``."""

    names: ClassVar[Any] = ("x", "gradient", "learning_rate")
    formula: ClassVar[Any] = "x − η · f'(x)"
    misconceptions: ClassVar[Any] = SGD_STEP

    def shape(self, *shapes: Shape) -> Shape:
        x, gradient, rate = shapes
        if x != gradient or rate != ():
            raise OpError(f"`gradient` must have the shape {x} of `x`, and `learning_rate` must be a number")
        return x

    def __call__(self, *inputs: Array) -> Array:
        x, gradient, rate = inputs
        self.shape(x.shape, gradient.shape, rate.shape)
        if rate < 0:
            raise OpError(f"`learning_rate` must not be negative: {number(float(rate))}")
        return np.asarray(x - rate * gradient)

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        x, gradient, rate = inputs
        at = check_at(at, self.shape(x.shape, gradient.shape, rate.shape))
        value = float(x[at]) - float(rate) * float(gradient[at])
        return Cell(value, f"{number(x[at])} − {number(float(rate))}×{term(gradient[at])} = {number(value)}", (at,))

    def reference(self, torch: Any, *inputs: Array) -> Array:
        x, gradient, rate = inputs
        parameter = torch.nn.Parameter(tensor(torch, x))
        parameter.grad = tensor(torch, gradient)
        torch.optim.SGD([parameter], lr=float(rate)).step()
        result: Array = parameter.detach().numpy()
        return result

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for shape in ((), (1,), (2,), (3,), (2, 3)):
            for rate in (0.5, 0.1, 0.25, 3):
                yield Sample(cls(), (counting(shape, 3), counting(shape, 2) * 2, np.array(float(rate))))
                yield Sample(cls(), (counting(shape, -1), counting(shape, -4) / 2, np.array(float(rate))))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        shape = random.choice(((), (random.randint(1, 6),), (random.randint(1, 6),)))
        rate = random.choice((0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.5))
        return Sample(cls(), (numbers(random, shape), numbers(random, shape), np.array(rate)))
