"""What every operator offers: its value, its shape, its parameters, the arithmetic of a cell, its misconceptions.

An operator is a frozen value whose fields are torch's keyword arguments. One generic test holds each of them to the
real ``torch.nn`` module over its own samples, so adding an operator is adding one class.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Sequence
from math import prod
from random import Random
from typing import Any, ClassVar, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Shape = tuple[int, ...]
Pair = tuple[int, int]


class OpError(ValueError):
    """The inputs do not fit the operator or each other; the message is one sentence for the author."""


class Cell(msgspec.Struct, frozen=True):
    """How an output cell comes about: its value, its arithmetic as the deck prints it, and the input cells it reads."""

    value: float
    text: str
    reads: tuple[tuple[int, ...], ...]


class Sample(NamedTuple):
    """An operator and inputs that fit it."""

    op: Op
    inputs: tuple[Array, ...]


class Misconception(msgspec.Struct, frozen=True):
    """A misconception: ``run(op, *inputs)`` is what someone who believes it computes (or the exception it ends in).

    `says` is the sentence a student reads. `about` names the parameters without which nobody can make this mistake
    (`channels` stands for inputs of several channels): a function without `stride` cannot ignore it.
    """

    id: str
    says: str
    why: str
    instead: str
    run: Callable[..., Any]
    about: tuple[str, ...] = ()


class Op(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all operators. Fields of a subclass are the keyword arguments of its torch module.

    ``names`` are the inputs in call order, ``defaults`` the values of inputs that a spec may leave out,
    ``exact`` says that integers in give integers out by additions,
    multiplications and comparisons alone, so that an answer can be demanded to the bit.
    """

    names: ClassVar[tuple[str, ...]]
    defaults: ClassVar[dict[str, float]] = {}
    exact: ClassVar[bool] = True
    outputs: ClassVar[tuple[str, ...]] = ("output",)
    formula: ClassVar[str]
    misconceptions: ClassVar[tuple[Misconception, ...]] = ()

    def __call__(self, *inputs: Array) -> Any:
        """Compute the answer: an array, or a tuple of them where there are several `outputs`.

        Raise OpError when the inputs do not fit.
        """
        raise NotImplementedError

    def shape(self, *shapes: Shape) -> Shape:
        """Give the answer's shape from the inputs' shapes alone. Raise OpError when they do not fit."""
        raise NotImplementedError

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        """Work out one cell of the answer the long way."""
        raise NotImplementedError

    def reference(self, torch: Any, *inputs: Array) -> Any:
        """Ask the real ``torch.nn`` module, in float64. ``torch`` is handed in: this package never imports it."""
        raise NotImplementedError

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        """Yield small operators with inputs, smallest first."""
        raise NotImplementedError

    @classmethod
    def draw(cls, random: Random, vary: Collection[str]) -> Sample:
        """Draw one case at random; only the fields in `vary` may leave their defaults."""
        raise NotImplementedError

    def changed(self, **fields: Any) -> Any:
        """Return the operator with some fields changed."""
        return msgspec.structs.replace(self, **fields)

    def resolved(self, *shapes: Shape) -> dict[str, Any]:
        """Give the fields as the student's function receives them (sizes as pairs, words as numbers)."""
        return msgspec.structs.asdict(self)


def each_output(answer: Any) -> tuple[Array, ...]:
    """Return an answer's arrays, one per output, whether it is one array or several."""
    return tuple(np.asarray(a) for a in (answer if isinstance(answer, tuple) else (answer,)))


def number(value: float) -> str:
    """Write a number as the deck does: whole ones without a point, others to at most four decimals."""
    value = float(value)
    return str(int(value)) if value.is_integer() else f"{value:.4f}".rstrip("0").rstrip(".")


def term(value: float) -> str:
    """Write a number as part of a product or sum: negative ones in brackets."""
    return f"({number(value)})" if value < 0 else number(value)


def check_at(at: Sequence[int], shape: Shape) -> tuple[int, ...]:
    """Return `at` as a tuple. Raise OpError when it is no place in `shape`."""
    if len(at) != len(shape) or any(not 0 <= i < n for i, n in zip(at, shape, strict=False)):
        raise OpError(f"there is no cell {list(at)} in an output of shape {shape}")
    return tuple(at)


def whole(random: Random, shape: Shape, low: int = -4, high: int = 9) -> Array:
    """Draw an array of whole numbers."""
    return np.array([random.randint(low, high) for _ in range(prod(shape))], dtype=np.float64).reshape(shape)


def numbers(random: Random, shape: Shape) -> Array:
    """Draw an array for a case: mostly small whole numbers, now and then fractions or values beyond a byte."""
    kind = random.randrange(6)
    if kind == 0:
        return whole(random, shape, -40, 90) / 10
    if kind == 1:
        return whole(random, shape, -300, 600)
    return whole(random, shape)


def counting(shape: Shape, start: int = 1) -> Array:
    """Return 1, 2, 3, … in the given shape: every cell can be told from every other."""
    return np.arange(start, start + prod(shape), dtype=np.float64).reshape(shape)


def tensor(torch: Any, array: Array) -> Any:
    """Copy an array into a float64 tensor (torch refuses views with negative strides)."""
    return torch.tensor(np.array(array), dtype=torch.float64)


def zero_pad(image: Array, margins: Sequence[Pair]) -> Array:
    """Put zeros around the last axes, (before, after) for each. Several times as fast as np.pad on small grids."""
    if not any(before or after for before, after in margins):
        return image
    lead = image.ndim - len(margins)
    spatial = list(zip(image.shape[lead:], margins, strict=True))
    padded = np.zeros((*image.shape[:lead], *(n + before + after for n, (before, after) in spatial)), image.dtype)
    inside: tuple[Any, ...] = (..., *(slice(before, before + n) for n, (before, _) in spatial))
    padded[inside] = image
    return padded


def gather(image: Array, out: Shape, steps: Sequence[int], size: Shape, dilation: Sequence[int]) -> Array:
    """Return ``image[..., spatial]`` as ``[..., *out, *size]``: every window. Raise IndexError beyond the image."""
    windows: Array = image[(..., *_window_index(tuple(out), tuple(steps), tuple(size), tuple(dilation)))]
    return windows


@functools.lru_cache(maxsize=1024)  # a diagnosis computes the same few windows thousands of times
def _window_index(out: Shape, steps: Shape, size: Shape, dilation: Shape) -> tuple[Any, ...]:
    axes = len(out)
    index = []
    for axis in range(axes):
        places = np.arange(out[axis])[:, None] * steps[axis] + np.arange(size[axis])[None, :] * dilation[axis]
        form = [1] * (2 * axes)
        form[axis], form[axes + axis] = places.shape
        index.append(places.reshape(form))
    return tuple(index)
