"""The base of all operators: an answer, its shape, the arithmetic of a cell, misconceptions, samples.

An operator is a frozen value whose fields are torch's keyword arguments. One generic test compares each operator with
the real ``torch.nn`` module over the operator's samples, so a new operator needs one class.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from math import prod
from random import Random
from typing import Any, ClassVar, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Shape = tuple[int, ...]
Pair = tuple[int, int]
Vary = Mapping[str, tuple[int, ...]]  # what generated cases vary, each with the numbers to choose from, if they matter


class OpError(ValueError):
    """The inputs do not fit the operator or each other. The message is one sentence for the author."""


class Cell(msgspec.Struct, frozen=True):
    """An output cell worked out: its value, its arithmetic as on the slides, and the input cells that it reads."""

    value: float
    text: str
    reads: tuple[tuple[int, ...], ...]


class Sample(NamedTuple):
    """An operator with inputs that fit it."""

    op: Op
    inputs: tuple[Array, ...]


class Misconception(msgspec.Struct, frozen=True):
    """A misconception: ``run(op, *inputs)`` returns what a program with it computes, or raises what it raises.

    `says` tells the student what the program does, `why` why that is wrong, `instead` what to do. `about` names the
    parameters and traits (see `Op.traits`) that the misconception needs: a function without `stride` cannot ignore it.
    """

    id: str
    says: str
    why: str
    instead: str
    run: Callable[..., Any]
    about: tuple[str, ...] = ()


class Op(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all operators. The fields of a subclass are the keyword arguments of its torch module.

    ``names`` are the inputs in call order, ``defaults`` the values of inputs that a spec may omit. ``counts`` is true
    where the answers are sizes, shapes or counts, which are never nearly right. ``batch`` is true where an answer with
    torch's batch axis, of size 1, in front is right, too. ``strata`` gives a number n for what sweeps vary in fixed
    shares: the field keeps its default in every nth generated case, and only in these. ``whole`` names the inputs that
    are indices. An output ``grad_X`` is the gradient of `loss` with respect to the input X.
    """

    names: ClassVar[tuple[str, ...]]
    defaults: ClassVar[dict[str, float]] = {}
    counts: ClassVar[bool] = False
    batch: ClassVar[bool] = False
    outputs: ClassVar[tuple[str, ...]] = ("output",)
    formula: ClassVar[str]
    misconceptions: ClassVar[tuple[Misconception, ...]] = ()
    strata: ClassVar[dict[str, int]] = {}
    whole: ClassVar[tuple[str, ...]] = ()

    def __call__(self, *inputs: Array) -> Any:
        """Compute the answer: an array, or a tuple of arrays for several `outputs`.

        Raise OpError if the inputs do not fit.
        """
        raise NotImplementedError

    def shape(self, *shapes: Shape) -> Shape:
        """Return the answer's shape for the inputs' shapes (one shape per output). Raise OpError if they do not fit."""
        raise NotImplementedError

    def check(self, most: int, *inputs: Array) -> None:
        """Raise OpError if the inputs do not fit, or if an answer is not finite or has more than `most` cells."""
        sizes: Any = self.shape(*(value.shape for value in inputs))
        if any(prod(size) > most for size in (sizes if len(self.outputs) > 1 else (sizes,))):
            raise OpError(f"the answer would have more than {most} cells")
        with np.errstate(all="ignore"):
            answers = each_output(self(*inputs))
        if not all(bool(np.all(np.isfinite(answer))) for answer in answers):
            raise OpError("the answer is not finite")

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        """Work out one cell of the answer term by term. Raise OpError if there is no cell `at`."""
        raise NotImplementedError

    def apply(self, torch: Any, *tensors: Any) -> Any:
        """Run the real ``torch.nn`` module on tensors, so that torch can differentiate it."""
        raise NotImplementedError

    def reference(self, torch: Any, *inputs: Array) -> Any:
        """Return the answer of the real ``torch.nn`` module, in float64; this package never imports ``torch``."""
        return self.apply(torch, *(tensor(torch, value) for value in inputs)).numpy()

    def loss(self, torch: Any, *inputs: Array) -> float:
        """Return the number whose gradients the outputs are, by torch in float64."""
        raise NotImplementedError

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        """Yield small operators with inputs, smallest first."""
        raise NotImplementedError

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        """Draw one case at random; only the fields and traits in `vary` may differ from their defaults.

        ``vary["lead"]`` holds the numbers of leading axes to choose from, ``vary["channels"]`` and ``vary["batch"]``
        their sizes.
        """
        raise NotImplementedError

    def changed(self, **fields: Any) -> Any:
        """Return the operator with some fields changed."""
        return msgspec.structs.replace(self, **fields)

    def resolved(self, *shapes: Shape) -> dict[str, Any]:
        """Return the fields as the student's function receives them: sizes as pairs, `same` and `valid` as numbers.

        `same` stays a word where no number says it, because one side gets a zero more.
        """
        return msgspec.structs.asdict(self)

    @classmethod
    def formula_of(cls, given: Collection[str]) -> str:
        """Return the formula for a function with these parameters and traits."""
        return cls.formula

    def lead(self, *shapes: Shape) -> int:
        """Return how many axes the inputs have before those that the operator works on: 1 channels, 2 also batches."""
        return 0

    def traits(self, *shapes: Shape) -> frozenset[str]:
        """Return what a case asks for beyond its fields: `channels`, `batch`, or an operator's own."""
        return frozenset(("channels", "batch")[: self.lead(*shapes)])


def each_output(answer: Any) -> tuple[Array, ...]:
    """Return an answer as a tuple of arrays, one per output."""
    return tuple(np.asarray(a) for a in (answer if isinstance(answer, tuple) else (answer,)))


def number(value: float) -> str:
    """Write a number as the slides do: whole ones without a point, others with at most four decimals."""
    value = float(value)
    return str(int(value)) if value.is_integer() else f"{value:.4f}".rstrip("0").rstrip(".")


def term(value: float) -> str:
    """Write a number as part of a product or sum: negative ones in brackets."""
    return f"({number(value)})" if value < 0 else number(value)


def check_at(at: Sequence[int], shape: Shape) -> tuple[int, ...]:
    """Return `at` as a tuple. Raise OpError if an array of this `shape` has no such cell."""
    if len(at) != len(shape) or any(not 0 <= i < n for i, n in zip(at, shape, strict=False)):
        raise OpError(f"there is no cell {list(at)} in an output of shape {shape}")
    return tuple(at)


def whole(random: Random, shape: Shape, low: int = -4, high: int = 9) -> Array:
    """Draw an array of whole numbers."""
    return np.array([random.randint(low, high) for _ in range(prod(shape))], dtype=np.float64).reshape(shape)


def numbers(random: Random, shape: Shape) -> Array:
    """Draw an array for a case: mostly small whole numbers, sometimes fractions or values beyond a byte.

    The fractions are small and have four decimals: rounding to three of them costs more than the tolerance.
    """
    kind = random.randrange(6)
    if kind == 0:
        return whole(random, shape, -40_000, 90_000) / 10_000
    if kind == 1:
        return whole(random, shape, -300, 600)
    return whole(random, shape)


def leading(random: Random, vary: Vary) -> Shape:
    """Draw the sizes of the axes before rows and columns: none, channels, or images and channels."""
    axes = random.choice(vary.get("lead") or (0,))
    channels, batch = random.choice(vary.get("channels") or (1, 2, 3)), random.choice(vary.get("batch") or (1, 2))
    return (batch, channels)[2 - axes :]


def counting(shape: Shape, start: int = 1) -> Array:
    """Return 1, 2, 3, … in the given shape, so that all cells differ."""
    return np.arange(start, start + prod(shape), dtype=np.float64).reshape(shape)


def tensor(torch: Any, array: Array) -> Any:
    """Copy an array into a float64 tensor (torch refuses views with negative strides)."""
    return torch.tensor(np.array(array), dtype=torch.float64)


def zero_pad(image: Array, margins: Sequence[Pair]) -> Array:
    """Put zeros around the last axes, (before, after) for each. On small grids np.pad is several times slower."""
    if not any(before or after for before, after in margins):
        return image
    lead = image.ndim - len(margins)
    spatial = list(zip(image.shape[lead:], margins, strict=True))
    padded = np.zeros((*image.shape[:lead], *(n + before + after for n, (before, after) in spatial)), image.dtype)
    inside: tuple[Any, ...] = (..., *(slice(before, before + n) for n, (before, _) in spatial))
    padded[inside] = image
    return padded


def gather(image: Array, out: Shape, steps: Sequence[int], size: Shape, dilation: Sequence[int]) -> Array:
    """Return every window of an image, with the shape ``[..., *out, *size]``. Raise IndexError beyond the image."""
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
