"""The backward pass of pooling: which cells of a window receive the gradient of its output cell, and how much of it.

Where the largest number of a window stands in it twice, max pooling has no gradient: torch picks the first, other
programs share it, and each is right. Such inputs are refused, so every case has one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from random import Random
from typing import Any, ClassVar, NamedTuple

import msgspec
import numpy as np

from grader.ops import formulas
from grader.ops.base import (
    Array,
    Cell,
    OpError,
    Pair,
    Sample,
    Shape,
    Vary,
    check_at,
    counting,
    gather,
    number,
    term,
    zero_pad,
)
from grader.ops.gradients import Backward, gradient, summed
from grader.ops.pooling import AvgPool2d, MaxPool2d, Size
from grader.ops.pooling_backward_misconceptions import AVG_BACKWARD, MAX_BACKWARD

Share = Callable[[Array, Array], Array]


class Windows(NamedTuple):
    """All windows, their cells on the last axis: numbers, which of them count, and where they are in `plane`."""

    seen: Array
    counted: Array
    places: Array
    plane: Shape


class _PoolBackward(Backward, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The gradient of a pooling of grids."""

    names: ClassVar[Any] = ("grad_output", "input")
    outputs: ClassVar[Any] = ("grad_input",)
    receives: ClassVar[str]

    kernel_size: Size
    stride: Size | None = None
    padding: Size = 0
    ceil_mode: bool = False

    def share(self, seen: Array, counted: Array) -> Array:
        """Return which part of a window's gradient each of its cells receives."""
        raise NotImplementedError

    @classmethod
    def formula_of(cls, given: Collection[str]) -> str:
        given = {*given, "stride"}
        lead = formulas.lead(given, "c")
        grad = f"grad_output[{lead}i, j]"
        return f"each {grad} adds {cls.receives.format(grad=grad)}[{lead}{formulas.window(2, given)}]" + formulas.where(
            2, given
        )

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[1]) - 2

    def traits(self, *shapes: Shape) -> frozenset[str]:
        found: frozenset[str] = self.forward.traits(*shapes[1:])
        return found

    def __call__(self, *inputs: Array) -> Array:
        grad, image = inputs
        self.shape(grad.shape, image.shape)
        return self.back(grad, image)

    def windows(
        self,
        image: Array,
        out: Shape,
        *,
        window: Shape | None = None,
        steps: Sequence[int] | None = None,
        pads: Sequence[Pair] | None = None,
        spread: Sequence[int] | None = None,
        counts_padding: bool | None = None,
    ) -> Windows:
        """Return the cells of all windows. The keywords replace the operator's own fields."""
        of = self.forward
        window, steps, spread = window or of.each("kernel_size"), steps or of.each("stride"), spread or of.spread()
        pads = pads or [(p, p) for p in of.each("padding")]
        counts = of.counts_padding if counts_padding is None else counts_padding
        beyond = [(0, d * (k - 1)) for k, d in zip(window, spread, strict=True)]  # for windows that hang over
        padded = zero_pad(zero_pad(image, pads), beyond)
        counted = zero_pad(zero_pad(np.ones(image.shape[-2:], dtype=bool), pads) | counts, beyond)
        plane = padded.shape[-2:]
        places = np.arange(plane[0] * plane[1]).reshape(plane)
        seen, counted, places = (
            gather(a, out, steps, window, spread).reshape(*a.shape[:-2], *out, window[0] * window[1])
            for a in (padded, counted, places)
        )
        return Windows(seen, counted, places, plane)

    def back(
        self,
        grad: Array,
        image: Array,
        *,
        share: Share | None = None,
        add: Callable[[Array, Array, Array, Array], None] | None = None,
        crop: Callable[[Array], Array] | None = None,
        **how: Any,
    ) -> Array:
        """Compute the gradient. `share` replaces the method, `add` and `crop` a step, and `how` goes to `windows`.

        `add(flow, places, parts, shares)` adds the parts of all windows to a plane.
        """
        found = self.windows(image, grad.shape[-2:], **how)
        shares = np.broadcast_to((share or self.share)(found.seen, found.counted), found.seen.shape)
        parts = grad[..., None] * shares
        flow = np.zeros((*image.shape[:-2], found.plane[0] * found.plane[1]))
        for at in np.ndindex(*image.shape[:-2]):
            if add:
                add(flow[at], found.places.ravel(), parts[at].ravel(), shares[at].ravel())
            else:
                np.add.at(flow[at], found.places.ravel(), parts[at].ravel())
        flow = flow.reshape(*image.shape[:-2], *found.plane)
        return crop(flow) if crop else self.crop(flow, image)

    def crop(self, flow: Array, image: Array) -> Array:
        """Remove what is not the input's from the gradient of the padded input."""
        (p, q), (rows, columns) = self.forward.each("padding"), image.shape[-2:]
        return flow[..., p : p + rows, q : q + columns]

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        grad, image = inputs
        at = check_at(at, self.shape(grad.shape, image.shape))
        found = self.windows(image, grad.shape[-2:])
        shares = self.share(found.seen, found.counted)
        (p, q), lead = self.forward.each("padding"), at[:-2]
        here = found.places == (at[-2] + p) * found.plane[1] + at[-1] + q
        reads, terms = [], []
        shares = np.broadcast_to(shares, found.seen.shape)[lead]
        for place in np.argwhere(here & (shares != 0)).tolist():
            reads.append((*lead, *place[:-1]))
            terms.append((float(grad[reads[-1]]), float(shares[tuple(place)])))
        value, text = self.arithmetic(terms)
        return Cell(value, text, tuple(reads))

    def arithmetic(self, terms: Sequence[tuple[float, float]]) -> tuple[float, str]:
        """Return the sum of gradients times shares, and its arithmetic."""
        raise NotImplementedError

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for i, (op, (image,)) in enumerate(islice(cls.of.samples(), 2, None, 3)):  # of three inputs, the mixed one
            shape = op.shape(image.shape)
            grad = counting(shape, -2) / 2 if i % 2 else counting(shape, 2)
            sample = Sample(cls(**msgspec.structs.asdict(op)), (grad, image))
            if _defined(sample):
                yield sample

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        op, (image,) = cls.of.draw(random, vary)
        image = cls.numbers(random, image)
        sample = Sample(cls(**msgspec.structs.asdict(op)), (gradient(random, op.shape(image.shape)), image))
        return sample if _defined(sample) else cls.draw(random, vary)

    @classmethod
    def numbers(cls, random: Random, image: Array) -> Array:
        """Return the numbers of a drawn input."""
        return image


def _defined(sample: Sample) -> bool:
    try:
        return bool(np.isfinite(sample.op(*sample.inputs)).all())
    except OpError:
        return False


class MaxPool2dBackward(_PoolBackward, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The gradient of max pooling: all of it to the largest cell of the window. Torch: ``nn.MaxPool2d``."""

    of: ClassVar[Any] = MaxPool2d
    strata: ClassVar[Any] = {**MaxPool2d.strata, "stride": 4, "padding": 3}
    receives: ClassVar[Any] = "{grad} to grad_input at the largest cell of its window, input"
    formula: ClassVar[Any] = "each grad_output[i, j] adds itself to grad_input at the largest cell of its window"
    misconceptions: ClassVar[Any] = MAX_BACKWARD

    dilation: Size = 1

    def share(self, seen: Array, counted: Array) -> Array:
        largest = np.where(counted, seen, -np.inf).argmax(-1)
        result: Array = largest[..., None] == np.arange(seen.shape[-1])
        return result

    def __call__(self, *inputs: Array) -> Array:
        grad, image = inputs
        self.shape(grad.shape, image.shape)
        found = self.windows(image, grad.shape[-2:])
        seen = np.where(found.counted, found.seen, -np.inf)
        largest = seen.max(-1, keepdims=True)
        for *place, _ in np.argwhere(largest == -np.inf).tolist()[:1]:
            raise OpError(f"`input`: the window of output cell {place} lies in the padding")
        for place in np.argwhere((seen == largest).sum(-1) > 1).tolist()[:1]:
            highest = number(float(largest[tuple(place)][0]))
            raise OpError(
                f"`input`: {highest}, the largest number in the window of output cell {place}, stands there more than "
                "once, so the gradient is not defined: change one of them"
            )
        return self.back(grad, image)

    def arithmetic(self, terms: Sequence[tuple[float, float]]) -> tuple[float, str]:
        return summed([(grad,) for grad, _ in terms], "this cell is not the largest of any window")

    @classmethod
    def numbers(cls, random: Random, image: Array) -> Array:
        """Draw numbers that are all different in a plane, of both signs, all negative or all positive."""
        size = image.shape[-2] * image.shape[-1]
        span = 2 * size + 20
        low = random.choice((-span, -span // 2, -span // 2, 1))
        cells = [random.sample(range(low, low + span), size) for _ in range(image.size // size)]
        return np.array(cells, dtype=np.float64).reshape(image.shape) / (4 if random.randrange(6) == 0 else 1)


class AvgPool2dBackward(_PoolBackward, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The gradient of average pooling: an equal part of it to each cell of the window. Torch: ``nn.AvgPool2d``."""

    of: ClassVar[Any] = AvgPool2d
    strata: ClassVar[Any] = {**AvgPool2d.strata, "stride": 4, "padding": 3}
    receives: ClassVar[Any] = "{grad} / (number of cells in its window) to each grad_input"
    formula: ClassVar[Any] = "each grad_output[i, j] adds grad_output[i, j] / (K·L) to all K·L cells of its window"
    misconceptions: ClassVar[Any] = AVG_BACKWARD

    count_include_pad: bool = True
    divisor_override: int | None = None

    def share(self, seen: Array, counted: Array) -> Array:
        with np.errstate(invalid="ignore"):
            result: Array = counted / (self.divisor_override or counted.sum(-1, keepdims=True))
        return result

    def arithmetic(self, terms: Sequence[tuple[float, float]]) -> tuple[float, str]:
        value = sum(grad * share for grad, share in terms)
        if not terms:
            return 0.0, "0, no window reads this cell"
        return value, f"{' + '.join(f'{term(grad)}/{number(1 / share)}' for grad, share in terms)} = {number(value)}"
