"""Pooling to a given output size: as many windows as the output has cells, and one window for all.

Window i of an axis of size M reads the cells from ⌊i·M / R⌋ to before ⌈(i + 1)·M / R⌉, where R is the output's size.
Inputs are bare grids, C×M×N or N×C×M×N arrays; each channel is pooled separately.
Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from random import Random
from typing import Any, ClassVar

import numpy as np

from grader.ops import formulas
from grader.ops.adaptive_misconceptions import ADAPTIVE_AVG, ADAPTIVE_MAX, GLOBAL_AVG
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
    leading,
    number,
    numbers,
    tensor,
    term,
)

Bounds = Callable[[int, int, int], Pair]  # of window i of R along an axis of size M: (i, M, R) to first and last + 1
_GRIDS = ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3), (4, 3), (4, 5), (5, 7))


def adapted(i: int, size: int, windows: int) -> Pair:
    """Return where window i of an axis begins and ends."""
    return i * size // windows, -(-(i + 1) * size // windows)


def _check_grid(shape: Shape) -> None:
    if len(shape) not in (2, 3, 4) or 0 in shape:
        raise OpError(f"an `input` of shape {shape} cannot be pooled along rows and columns")


def _mean(cells: Sequence[float]) -> tuple[float, str]:
    return sum(cells) / len(cells), f"({' + '.join(map(term, cells))}) / {len(cells)}"


class _Adaptive(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of both poolings."""

    names: ClassVar[Any] = ("input",)

    output_size: int | Pair

    def __post_init__(self) -> None:
        if min(self.each()) < 1:
            raise OpError(f"`output_size` must be at least 1, not {self.output_size}")

    def each(self) -> Pair:
        """Return the output's numbers of rows and columns."""
        return (self.output_size, self.output_size) if isinstance(self.output_size, int) else self.output_size

    def reduce(self, window: Array) -> Array:
        """Reduce the last axis, a window's cells, to one number."""
        raise NotImplementedError

    def arithmetic(self, cells: Sequence[float]) -> tuple[float, str]:
        """Reduce a window's cells term by term; return the number and its arithmetic."""
        raise NotImplementedError

    def shape(self, *shapes: Shape) -> Shape:
        (shape,) = shapes
        _check_grid(shape)
        return (*shape[:-2], *self.each())

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[0]) - 2

    def resolved(self, *shapes: Shape) -> dict[str, Any]:
        return {"output_size": self.each()}

    @classmethod
    def formula_of(cls, given: Collection[str]) -> str:
        lead = formulas.lead(given, "c")
        return cls.formula.replace("put[", f"put[{lead}")

    def __call__(self, *inputs: Array) -> Array:
        self.shape(inputs[0].shape)
        return self.pool(inputs[0])

    def pool(self, image: Array, bounds: Bounds = adapted, reduce: Callable[[Array], Array] | None = None) -> Array:
        """Pool window by window. The keywords replace one step each; the misconceptions are made of them."""
        rows, columns = self.each()
        height, width = image.shape[-2:]
        result = np.empty((*image.shape[:-2], rows, columns))
        for i, j in np.ndindex(rows, columns):
            (top, bottom), (left, right) = bounds(i, height, rows), bounds(j, width, columns)
            window = image[..., top:bottom, left:right]
            cells = window.shape[-2] * window.shape[-1]  # NumPy cannot infer -1 for an empty window
            result[..., i, j] = (reduce or self.reduce)(window.reshape(*window.shape[:-2], cells))
        return result

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        (image,) = inputs
        at = check_at(at, self.shape(image.shape))
        spans = [adapted(i, n, r) for i, n, r in zip(at[-2:], image.shape[-2:], self.each(), strict=True)]
        reads = tuple((*at[:-2], i, j) for i in range(*spans[0]) for j in range(*spans[1]))
        value, text = self.arithmetic([float(image[place]) for place in reads])
        return Cell(value, f"{text} = {number(value)}", reads)

    def reference(self, torch: Any, *inputs: Array) -> Array:
        image = tensor(torch, inputs[0])
        module = getattr(torch.nn, type(self).__name__)(self.output_size)
        result: Array = module(image[None] if image.ndim == 2 else image).numpy()
        return result[0] if image.ndim == 2 else result

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        sizes: tuple[int | Pair, ...] = ((2, 3), 1, 2, (1, 2), (2, 1), 3, (3, 2))
        for size in sizes:
            for shape in _GRIDS:
                yield Sample(cls(output_size=size), (counting(shape) * 7 % 11 - 4,))
        for size in (1, (2, 3)):
            yield Sample(cls(output_size=size), (-(counting((5, 7)) * 5 % 23 + 1) / 4,))
            yield Sample(cls(output_size=size), (counting((2, 5, 4)) * 7 % 19 - 8,))
            yield Sample(cls(output_size=size), (counting((2, 2, 5, 4)) * 7 % 31 - 9,))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        size = random.randint(1, 4), random.randint(1, 4)
        grid = random.randint(1, 8), random.randint(1, 8)
        return Sample(cls(output_size=size), (numbers(random, (*leading(random, vary), *grid)),))


class AdaptiveAvgPool2d(_Adaptive, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The mean of each of R×C windows that cover the input. Torch: ``nn.AdaptiveAvgPool2d``."""

    formula: ClassVar[Any] = (
        "output[i, j] = mean of input[⌊i·M / R⌋ … ⌈(i + 1)·M / R⌉ − 1, ⌊j·N / C⌋ … ⌈(j + 1)·N / C⌉ − 1]; "
        "output_size (R, C)"
    )
    misconceptions: ClassVar[Any] = ADAPTIVE_AVG

    def reduce(self, window: Array) -> Array:
        return np.asarray(window.sum(-1) / np.float64(window.shape[-1]))

    def arithmetic(self, cells: Sequence[float]) -> tuple[float, str]:
        return _mean(cells)


class AdaptiveMaxPool2d(_Adaptive, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The largest cell of each of R×C windows that cover the input. Torch: ``nn.AdaptiveMaxPool2d``."""

    formula: ClassVar[Any] = AdaptiveAvgPool2d.formula.replace("mean of", "max of")
    misconceptions: ClassVar[Any] = ADAPTIVE_MAX

    def reduce(self, window: Array) -> Array:
        return np.asarray(window.max(-1))

    def arithmetic(self, cells: Sequence[float]) -> tuple[float, str]:
        return max(cells), f"max({', '.join(map(number, cells))})"


class GlobalAvgPool2d(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The mean of all rows and columns: one number per channel. Torch: ``nn.AdaptiveAvgPool2d(1)``, flattened."""

    names: ClassVar[Any] = ("input",)
    formula: ClassVar[Any] = "output = mean over i, j of input[i, j]"
    misconceptions: ClassVar[Any] = GLOBAL_AVG

    @classmethod
    def formula_of(cls, given: Collection[str]) -> str:
        lead = formulas.lead(given, "c")
        place = f"[{lead.rstrip(', ')}]" if lead else ""
        return f"output{place} = mean over i, j of input[{lead}i, j]"

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[0]) - 2

    def shape(self, *shapes: Shape) -> Shape:
        _check_grid(shapes[0])
        return shapes[0][:-2]

    def __call__(self, *inputs: Array) -> Array:
        self.shape(inputs[0].shape)
        return np.asarray(inputs[0].mean((-2, -1)))

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        (image,) = inputs
        at = check_at(at, self.shape(image.shape))
        reads = tuple((*at, i, j) for i, j in np.ndindex(*image.shape[-2:]))
        value, text = _mean([float(image[place]) for place in reads])
        return Cell(value, f"{text} = {number(value)}", reads)

    def reference(self, torch: Any, *inputs: Array) -> Array:
        image = tensor(torch, inputs[0])
        pooled = torch.nn.AdaptiveAvgPool2d(1)(image[None] if image.ndim == 2 else image)
        result: Array = pooled.numpy().reshape(self.shape(inputs[0].shape))
        return result

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for shape in (*_GRIDS, (2, 2, 3), (3, 3, 2), (2, 3, 2, 3)):
            yield Sample(cls(), (counting(shape) * 7 % 11 - 4,))
            yield Sample(cls(), (-(counting(shape) * 5 % 23 + 1) / 4,))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        grid = random.randint(1, 6), random.randint(1, 6)
        return Sample(cls(), (numbers(random, (*leading(random, vary), *grid)),))
