"""The backward passes of ReLU and of the linear layer, and the loss with which a backward pass begins.

ReLU has no gradient at 0: torch answers 0, `>=` in place of `>` gives 1, and each is right. Such inputs are refused, so
every case has one answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    tensor,
    whole,
)
from grader.ops.gradients import Backward, gradient, summed
from grader.ops.layers import Linear, Relu
from grader.ops.layers_backward_misconceptions import LINEAR_BACKWARD, RELU_BACKWARD, SOFTMAX_LOSS


class ReluBackward(Backward, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The gradient of ReLU: it passes where the input is positive. Torch: ``nn.ReLU``."""

    of: ClassVar[Any] = Relu
    names: ClassVar[Any] = ("grad_output", "input")
    outputs: ClassVar[Any] = ("grad_input",)
    formula: ClassVar[Any] = "grad_input[i, j] = grad_output[i, j] where input[i, j] > 0, else 0"
    misconceptions: ClassVar[Any] = RELU_BACKWARD

    def __call__(self, *inputs: Array) -> Array:
        grad, image = inputs
        self.shape(grad.shape, image.shape)
        for place in np.argwhere(image == 0).tolist()[:1]:
            raise OpError(f"`input`: ReLU has no gradient at 0: change the 0 in cell {place}")
        return np.where(image > 0, grad, 0.0)

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        grad, image = inputs
        at = check_at(at, self.shape(grad.shape, image.shape))
        if image[at] < 0:
            return Cell(0.0, f"0, because the input {number(image[at])} is negative", ())
        return Cell(float(grad[at]), f"{number(grad[at])}, because the input {number(image[at])} is positive", (at,))

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for _, (image,) in Relu.samples():
            shifted = image + (0.25 if (image == 0).any() else 0)
            yield Sample(cls(), (counting(image.shape, -1), shifted))
            yield Sample(cls(), (counting(image.shape, 3)[..., ::-1] / 2 if image.ndim else np.array(2.5), -shifted))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        _, (image,) = Relu.draw(random, vary)
        return Sample(cls(), (gradient(random, image.shape), np.where(image == 0, 1.0, image)))


class LinearBackward(Backward, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The gradients of the fully connected layer, for one row of inputs or a batch of them. Torch: ``nn.Linear``."""

    of: ClassVar[Any] = Linear
    names: ClassVar[Any] = ("grad_output", *Linear.names)
    defaults: ClassVar[Any] = {"bias": 0.0}
    outputs: ClassVar[Any] = ("grad_input", "grad_weight", "grad_bias")
    formula: ClassVar[Any] = (
        "grad_input[n, i] = Σ_j grad_output[n, j] × weight[j, i]; grad_weight[j, i] = Σ_n grad_output[n, j] × "
        "input[n, i]; grad_bias[j] = Σ_n grad_output[n, j]; one row of inputs has no n"
    )
    misconceptions: ClassVar[Any] = LINEAR_BACKWARD

    def sizes(self, *shapes: Shape) -> tuple[Shape, ...]:
        row, weight, _ = shapes
        return row, weight, weight[:1]

    def shape(self, *shapes: Shape) -> Any:
        grad, row, weight, bias = shapes
        return super().shape(grad, row, weight, bias or weight[:1])  # an omitted bias is a number

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[1]) - 1

    def traits(self, *shapes: Shape) -> frozenset[str]:
        found: frozenset[str] = self.forward.traits(*shapes[1:])
        return found

    def __call__(self, *inputs: Array) -> tuple[Array, ...]:
        grad, row, weight, bias = inputs
        self.shape(grad.shape, row.shape, weight.shape, bias.shape)
        grads, rows = self.rows(grad, row)
        return grad @ weight, grads.T @ rows, grads.sum(axis=0)

    def rows(self, grad: Array, row: Array) -> tuple[Array, Array]:
        """Return gradients and inputs as two grids with a row for each row of inputs."""
        return grad.reshape(-1, grad.shape[-1]), row.reshape(-1, row.shape[-1])

    def cell(self, at: Sequence[int], *inputs: Array, output: int = 0) -> Cell:
        grad, row, weight, _ = inputs
        at = check_at(at, self.shape(*(value.shape for value in inputs))[output])
        if output == 0:
            reads = [(*at[:-1], j) for j in range(len(weight))]
            others = weight[:, at[-1]].tolist()
        else:
            reads = [(*n, at[0]) for n in np.ndindex(*grad.shape[:-1])]
            others = [float(row[(*n[:-1], at[1])]) for n in reads] if output == 1 else []
        terms = [(float(grad[place]), *others[i : i + 1]) for i, place in enumerate(reads)]
        return Cell(*summed(terms, ""), tuple(reads))

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for _, (row, weight, bias) in Linear.samples():
            for n in (1, 3):
                rows = row if row.ndim > 1 or n == 1 else np.stack([row, -row / 2, row[::-1]])
                shape = (*rows.shape[:-1], len(weight))
                yield Sample(cls(), (counting(shape, -2), rows, weight, bias))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        _, (row, weight, bias) = Linear.draw(random, vary)
        return Sample(cls(), (gradient(random, (*row.shape[:-1], len(weight))), row, weight, bias))


class SoftmaxLoss(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The mean loss of N rows of scores for the true classes, and its gradient. Torch: ``nn.CrossEntropyLoss``."""

    names: ClassVar[Any] = ("input", "target")
    whole: ClassVar[Any] = ("target",)
    outputs: ClassVar[Any] = ("loss", "grad_input")
    formula: ClassVar[Any] = (
        "p[n, k] = e^input[n, k] / Σ_m e^input[n, m]; loss = −(1/N) Σ_n log(p[n, target[n]]); "
        "grad_input[n, k] = (p[n, k] − 1 where k is target[n], else p[n, k]) / N"
    )
    misconceptions: ClassVar[Any] = SOFTMAX_LOSS

    def shape(self, *shapes: Shape) -> Any:
        scores, target = shapes
        if len(scores) != 2 or target != scores[:1] or 0 in scores:
            raise OpError(
                f"`input` has shape {scores}, so `target` cannot have shape {target}: N×C scores need N classes"
            )
        return (), scores

    def _probabilities(self, scores: Array, target: Array) -> Array:
        self.shape(scores.shape, target.shape)
        if (target != np.rint(target)).any() or target.min() < 0 or target.max() >= scores.shape[1]:
            raise OpError(f"`target` must hold whole numbers from 0 to {scores.shape[1] - 1}, the classes of `input`")
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        result: Array = powers / powers.sum(axis=1, keepdims=True)
        return result

    def __call__(self, *inputs: Array) -> tuple[Array, ...]:
        scores, target = inputs
        chances = self._probabilities(scores, target)
        rows, classes = np.arange(len(target)), target.astype(int)
        highest = scores.max(axis=1)
        logs = scores[rows, classes] - highest - np.log(np.exp(scores - highest[:, None]).sum(axis=1))
        gradients = chances.copy()
        gradients[rows, classes] -= 1
        return np.asarray(0.0 - logs.mean()), gradients / len(target)

    def cell(self, at: Sequence[int], *inputs: Array, output: int = 0) -> Cell:
        scores, target = inputs
        loss, gradients = self(*inputs)
        at = check_at(at, (loss, gradients)[output].shape)
        chances, n = self._probabilities(*inputs), len(target)
        if output == 0:
            terms = " + ".join(f"log({number(p[int(k)])})" for p, k in zip(chances, target, strict=True))
            return Cell(float(loss), f"−({terms}) / {n} = {number(float(loss))}", tuple(np.ndindex(*scores.shape)))
        value, chance = float(gradients[at]), number(chances[at])
        reads = tuple((at[0], k) for k in range(scores.shape[1]))
        above = f"({chance} − 1)" if at[1] == target[at[0]] else chance
        return Cell(value, f"{above} / {n} = {number(value)}", reads)

    def _run(self, torch: Any, scores: Array, target: Array) -> tuple[Any, Any]:
        leaf = tensor(torch, scores).requires_grad_()
        classes = torch.tensor(target.astype(np.int64))
        return leaf, torch.nn.CrossEntropyLoss()(leaf, classes)

    def reference(self, torch: Any, *inputs: Array) -> tuple[Array, ...]:
        leaf, loss = self._run(torch, *inputs)
        loss.backward()
        return loss.detach().numpy(), leaf.grad.numpy()

    def loss(self, torch: Any, *inputs: Array) -> float:
        return float(self._run(torch, *inputs)[1].detach())

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for rows, columns in ((1, 2), (2, 2), (1, 3), (2, 3), (3, 2), (3, 4), (5, 3)):
            target = np.arange(rows, dtype=np.float64) * 2 % columns
            yield Sample(cls(), (counting((rows, columns), -2), target))
            yield Sample(cls(), (counting((rows, columns))[:, ::-1] * 7 % 5 / 2, columns - 1 - target))
        yield Sample(cls(), (np.array([[1000.0, 1001.0], [-1000.0, -999.0]]), np.array([0.0, 1.0])))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        rows, columns = random.randint(1, 5), random.randint(2, 5)
        scores = whole(random, (rows, columns), -4, 5) * random.choice((1, 0.5, 0.1))
        if random.random() < 0.2:  # e^score overflows; the probabilities do not, and are as exact in float32
            scores[0] = np.rint(scores[0]) + 800
        return Sample(cls(), (scores, np.array([random.randrange(columns) for _ in range(rows)], dtype=np.float64)))
