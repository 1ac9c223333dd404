"""The size of an output, without arrays: how many windows of a convolution, or of a pooling, fit along each axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, ClassVar, NamedTuple

import numpy as np

from grader.ops.base import Array, Cell, Op, OpError, Pair, Sample, Shape, Vary, check_at
from grader.ops.convolution import Conv2d
from grader.ops.output_shape_misconceptions import OUTPUT_SHAPE
from grader.ops.pooling import MaxPool2d


class Axis(NamedTuple):
    """One axis: M, K, P, S and D of the formula."""

    size: int
    kernel: int
    padding: int
    stride: int
    dilation: int

    @property
    def span(self) -> int:
        """The number of cells from a window's first to its last."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def room(self) -> int:
        """The number of cells that a window can move by."""
        return self.size + 2 * self.padding - self.span


class OutputShape(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Rows and columns of an output. Torch: ``nn.Conv2d``, with `ceil_mode` ``nn.MaxPool2d``; deck: Stride."""

    names: ClassVar[Any] = ()
    counts: ClassVar[Any] = True
    formula: ClassVar[Any] = "(⌊(M + 2P − K) / S⌋ + 1, ⌊(N + 2Q − O) / T⌋ + 1)"
    misconceptions: ClassVar[Any] = OUTPUT_SHAPE
    strata: ClassVar[Any] = {"dilation": 5, "ceil_mode": 3}

    input_size: Pair
    kernel_size: Pair
    padding: Pair = (0, 0)
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        if min(self.input_size) < 1:
            raise OpError(f"`input_size` must be at least 1, not {self.input_size}")
        self()

    @classmethod
    def formula_of(cls, given: Any) -> str:
        rows, columns = ("D·(K − 1) − 1", "E·(O − 1) − 1") if "dilation" in given else ("K", "O")
        text = f"(⌊(M + 2P − {rows}) / S⌋ + 1, ⌊(N + 2Q − {columns}) / T⌋ + 1)"
        more = "; `ceil_mode` rounds up, but the last window begins in the input or in the padding before it"
        return text + (more if "ceil_mode" in given else "")

    def axes(self) -> tuple[Axis, ...]:
        """Return the numbers of the rows and of the columns."""
        columns = self.input_size, self.kernel_size, self.padding, self.stride, self.dilation
        return tuple(Axis(*axis) for axis in zip(*columns, strict=True))

    def shape(self, *shapes: Shape) -> Shape:
        return (2,)

    def __call__(self, *inputs: Array) -> Array:
        moving: dict[str, Any] = {"padding": self.padding, "stride": self.stride, "dilation": self.dilation}
        if self.ceil_mode:
            pool = MaxPool2d(kernel_size=self.kernel_size, ceil_mode=True, **moving)
            return np.array(pool.sizes(self.input_size))
        return np.array(Conv2d(**moving).sizes(self.input_size, self.kernel_size))

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        (place,) = check_at(at, (2,))
        axis, value = self.axes()[place], int(self()[place])
        m, k, p, s, d = axis
        span = f"{k}" if d == 1 else f"{d}×({k} − 1) − 1"
        low, high = "⌈⌉" if self.ceil_mode else "⌊⌋"
        text = f"{low}({m} + 2×{p} − {span}) / {s}{high} + 1 = "
        counted = -(-axis.room // s) + 1
        if self.ceil_mode and value < counted:
            return Cell(value, f"{text}{counted}, less the last window, which begins behind the input: {value}", ())
        return Cell(value, f"{text}{value}", ())

    def reference(self, torch: Any, *inputs: Array) -> Array:
        image = torch.empty(1, 1, *self.input_size, device="meta")
        moving = {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}
        if self.ceil_mode:
            layer = torch.nn.MaxPool2d(self.kernel_size, ceil_mode=True, **moving)
        else:
            layer = torch.nn.Conv2d(1, 1, self.kernel_size, device="meta", **moving)
        return np.array(layer(image).shape[2:])

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for m, k, p, s in (
            *(((1, 1), (1, 1), (0, 0), (1, 1)), ((1, 2), (1, 1), (0, 0), (1, 1)), ((2, 1), (1, 1), (0, 0), (1, 1))),
            *(((2, 2), (1, 2), (0, 0), (1, 1)), ((2, 2), (2, 1), (0, 0), (1, 1)), ((1, 1), (1, 1), (1, 0), (1, 1))),
            *(((1, 1), (1, 1), (0, 1), (1, 1)), ((3, 3), (1, 1), (0, 0), (2, 1)), ((3, 3), (1, 1), (0, 0), (1, 2))),
            *(((2, 2), (1, 1), (0, 0), (2, 2)), ((3, 3), (3, 3), (1, 1), (2, 2)), ((4, 4), (3, 3), (1, 1), (2, 2))),
            *(((5, 4), (2, 3), (2, 1), (1, 2)), ((6, 7), (3, 2), (0, 2), (3, 2)), ((8, 5), (3, 3), (2, 2), (3, 2))),
            *(((28, 28), (5, 5), (0, 0), (1, 1)), ((32, 20), (5, 4), (2, 3), (2, 3))),
        ):
            yield Sample(cls(input_size=m, kernel_size=k, padding=p, stride=s), ())
        for m, k, p, s, d in (
            *(((3, 3), (2, 2), (0, 0), (1, 1), (2, 1)), ((3, 3), (2, 2), (0, 0), (1, 1), (1, 2))),
            *(((7, 9), (3, 2), (1, 0), (1, 2), (2, 3)), ((9, 8), (2, 3), (2, 1), (3, 2), (3, 2))),
        ):
            yield Sample(cls(input_size=m, kernel_size=k, padding=p, stride=s, dilation=d), ())
        for m, k, p, s, d in (
            *(((2, 3), (1, 1), (0, 0), (2, 2), (1, 1)), ((4, 5), (2, 2), (0, 0), (3, 2), (1, 1))),
            *(((4, 4), (2, 2), (1, 1), (3, 4), (1, 1)), ((5, 6), (3, 2), (1, 0), (2, 3), (1, 2))),
            *(((6, 5), (2, 2), (1, 1), (3, 2), (1, 1)), ((7, 7), (3, 3), (1, 1), (2, 2), (1, 1))),
        ):
            yield Sample(cls(input_size=m, kernel_size=k, padding=p, stride=s, dilation=d, ceil_mode=True), ())

    @classmethod
    def every(cls, vary: Vary) -> Iterator[Sample]:
        """Yield cases that use every axis of a small scope as rows and as columns.

        M ≤ 8, K ≤ 5, P ≤ 2, S ≤ 3, D ≤ 3.
        """
        paddings, strides = range(3 if "padding" in vary else 1), range(1, 4 if "stride" in vary else 2)
        dilations = range(1, 4 if "dilation" in vary else 2)
        whole = [
            Axis(m, k, p, s, d)
            for m in range(1, 9)
            for k in range(1, 6)
            for p in paddings
            for s in strides
            for d in (dilations if k > 1 else (1,))
            if d * (k - 1) + 1 <= m + 2 * p
        ]
        for up in (False, True) if "ceil_mode" in vary else (False,):
            scope = [axis for axis in whole if not up or 2 * axis.padding <= axis.kernel]
            circle = Random(0).sample(scope, len(scope))
            after = dict(zip(circle, [*circle[1:], circle[0]], strict=True))
            for axis in scope:
                m, k, p, s, d = zip(axis, after[axis], strict=True)
                op = cls(input_size=m, kernel_size=k, padding=p, stride=s, dilation=d, ceil_mode=up)
                yield Sample(op, ())

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        pair: Callable[[int, int], Pair] = lambda low, high: (random.randint(low, high), random.randint(low, high))
        size = pair(1, random.choice((8, 32, 256)))
        padding = pair(0, 3) if "padding" in vary else (0, 0)
        rows, columns = (random.randint(1, min(7, n + 2 * p)) for n, p in zip(size, padding, strict=True))
        stride = pair(1, 4) if "stride" in vary else (1, 1)
        dilation = pair(1, 3) if "dilation" in vary else (1, 1)
        up = "ceil_mode" in vary and random.random() < 0.9
        try:
            op = cls(
                input_size=size,
                kernel_size=(rows, columns),
                padding=padding,
                stride=stride,
                dilation=dilation,
                ceil_mode=up,
            )
        except OpError:  # a dilated kernel may not fit, and a pooling's padding is at most half of its window
            return cls.draw(random, vary)
        return Sample(op, ())
