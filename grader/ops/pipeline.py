"""Operators in a row: each one receives the answer of the one before, as in ``torch.nn.Sequential``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, ClassVar

import numpy as np

from grader.ops.base import Array, Cell, Op, Pair, Sample, Shape, Vary, counting, numbers, whole
from grader.ops.convolution import Conv2d
from grader.ops.pipeline_misconceptions import CONV_MAX_POOL, EDGE_MAP
from grader.ops.pooling import MaxPool2d

_PLANS: tuple[tuple[Shape, Shape, int | Pair], ...] = (  # of samples: input, kernel, pool size
    *(((1, 1), (1, 1), 1), ((1, 2), (1, 1), (1, 2)), ((2, 1), (1, 1), (2, 1)), ((2, 2), (1, 1), 2)),
    *(((2, 3), (1, 2), 2), ((3, 2), (2, 1), 2), ((3, 3), (2, 2), 1), ((3, 3), (2, 2), (1, 2))),
    *(((3, 4), (2, 2), (2, 1)), ((3, 3), (2, 2), 2), ((4, 4), (1, 2), 2), ((4, 5), (2, 1), 2)),
    *(((4, 6), (1, 1), 2), ((5, 5), (2, 2), 2), ((5, 3), (3, 2), (1, 2)), ((5, 6), (2, 3), (3, 1))),
    *(((5, 6), (3, 2), (2, 3)), ((6, 7), (2, 2), 3), ((7, 7), (3, 3), 2), ((7, 5), (2, 4), (3, 2))),
    *(((8, 7), (3, 2), 4), ((9, 8), (3, 3), (2, 3))),
)


class Pipeline(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Operators in a row.

    The first step receives the first input, every other step the answer before it. A step's further inputs are the
    pipeline's inputs of the same name, or their defaults. Several `outputs` are the answers of all steps.
    """

    def steps(self) -> tuple[Op, ...]:
        """Return the operators, in order."""
        raise NotImplementedError

    def chain(
        self, inputs: Sequence[Any], run: Callable[..., Any], missing: Callable[[float], Any] = np.array
    ) -> list[Any]:
        """Return the results of ``run(i, step, *inputs)`` for all steps; `missing` turns a default into an input."""
        named = dict(zip(self.names, inputs, strict=True))
        found, given = [], inputs[0]
        for i, step in enumerate(self.steps()):
            others = (named[name] if name in named else missing(step.defaults[name]) for name in step.names[1:])
            given = run(i, step, given, *others)
            found.append(given)
        return found

    def select(self, answers: list[Any]) -> Any:
        """Return the answer of the last step, or of all steps if there are several outputs."""
        return tuple(answers) if len(self.outputs) > 1 else answers[-1]

    def shape(self, *shapes: Shape) -> Any:
        return self.select(self.chain(shapes, lambda i, step, *given: step.shape(*given), missing=np.shape))

    def __call__(self, *inputs: Array) -> Any:
        return self.select(self.chain(inputs, lambda i, step, *given: step(*given)))

    def reference(self, torch: Any, *inputs: Array) -> Any:
        return self.select(self.chain(inputs, lambda i, step, *given: step.reference(torch, *given)))

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        return self.trace(len(self.steps()) - 1, at, inputs)

    def trace(self, last: int, at: Sequence[int], inputs: Sequence[Array]) -> Cell:
        """Work out a cell of step `last` and the largest of the cells that it reads, back to the first input."""
        given: list[tuple[Array, ...]] = []

        def run(i: int, step: Op, *of: Array) -> Any:
            given.append(of)
            return step(*of)

        self.chain(inputs, run)
        steps = self.steps()

        def work(i: int, at: Sequence[int]) -> Cell:
            cell = steps[i].cell(at, *given[i])
            if i == 0:
                return cell
            behind = [work(i - 1, place) for place in cell.reads]
            largest = max(behind, key=lambda read: read.value)
            reads = tuple(dict.fromkeys(place for read in behind for place in read.reads))
            return Cell(cell.value, f"{cell.text}, where {largest.text}", reads)

        return work(last, at)


class _ConvolutionThenPooling(Pipeline, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A convolution that moves by 1 without padding, then a max pooling that moves by its own size."""

    pool_size: int | Pair

    def __post_init__(self) -> None:
        self.steps()

    def steps(self) -> tuple[Conv2d, MaxPool2d]:
        return Conv2d(), MaxPool2d(kernel_size=self.pool_size)

    def resolved(self, *shapes: Shape) -> dict[str, Any]:
        return {"pool_size": self.steps()[1].each("kernel_size")}

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for image, kernel, pool_size in _PLANS:
            op, bias = cls(pool_size=pool_size), np.array(3.0)
            for inputs in (
                (counting(image), counting(kernel, 2), bias),
                (counting(image, -3) / 4, counting(kernel, -1)[::-1] / 2, -bias),
                (counting(image) * 7 % 11 - 4, counting(kernel) * 5 % 7 - 3, bias),
                (-(counting(image) * 83 % 107), counting(kernel) * 3 % 5, -bias),
            ):
                yield Sample(op, inputs[: len(cls.names)])

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        free = "pool_size" in vary
        convolved = [random.randint(1 if free else 2, 6) for _ in range(2)]
        kernel = random.randint(1, 4), random.randint(1, 4)
        rows, columns = (random.randint(1, min(3, n)) if free else 2 for n in convolved)
        image = numbers(random, tuple(n + k - 1 for n, k in zip(convolved, kernel, strict=True)))
        inputs = image, whole(random, kernel, -3, 4), np.array(float(random.randint(-5, 5)))
        return Sample(cls(pool_size=(rows, columns)), inputs[: len(cls.names)])


class ConvMaxPool(_ConvolutionThenPooling, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Convolution of M×N, then max pooling. Torch: ``nn.Conv2d`` and ``nn.MaxPool2d``; deck: Practice 2."""

    names: ClassVar[Any] = ("input", "kernel", "bias")
    defaults: ClassVar[Any] = {"bias": 0.0}
    formula: ClassVar[Any] = "output[i, j] = max over u, v of (input * kernel + bias)[i·K + u, j·L + v]"
    misconceptions: ClassVar[Any] = CONV_MAX_POOL


class EdgeMap(_ConvolutionThenPooling, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The convolved image and the same after max pooling. Deck: Practice 2, Pooling For Grayscale Image."""

    names: ClassVar[Any] = ("image", "kernel")
    outputs: ClassVar[Any] = ("convolved", "pooled")
    formula: ClassVar[Any] = "convolved = image * kernel; pooled[i, j] = max over u, v of convolved[i·K + u, j·L + v]"
    misconceptions: ClassVar[Any] = EDGE_MAP

    def cell(self, at: Sequence[int], *inputs: Array, output: int = 0) -> Cell:
        return self.trace(output, at, inputs)
