"""Samples and generated cases of the convolutions: small ones that show every field, and ones drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Literal

import numpy as np

from grader.ops.base import OpError, Pair, Sample, Shape, Vary, counting, numbers, whole
from grader.ops.padding import Mode

Size = int | Pair
MODES: tuple[Mode, ...] = ("zeros", "reflect", "replicate", "circular")


def samples_1d(cls: Any) -> Iterator[Sample]:
    """Yield samples of the convolution in 1 dimension, smallest first."""
    for n, k, s, p, d in (
        *((1, 1, 1, 0, 1), (2, 1, 1, 0, 1), (2, 2, 1, 0, 1), (3, 1, 2, 0, 1), (2, 1, 1, 1, 1), (3, 2, 1, 1, 1)),
        *((4, 2, 2, 0, 1), (5, 2, 2, 1, 1), (5, 3, 1, 2, 1), (5, 2, 1, 0, 2), (6, 3, 2, 1, 2), (7, 4, 3, 2, 1)),
    ):
        op = cls(stride=s, padding=p, dilation=d)
        yield Sample(op, (counting((n,)), counting((k,), 2), np.array(3.0)))
        yield Sample(op, (counting((n,), -2) / 4, counting((k,), -1) / 2, np.array(-1.5)))
    for padding in ("same", "valid"):
        for k in (1, 2, 3, 4):
            inputs = counting((5,)), counting((k,), -1), np.array(1.0)
            yield Sample(cls(padding=padding), inputs)
    yield Sample(cls(stride=2, padding=1), (counting((3, 5)), counting((2, 3, 2), -5), counting((2,))))
    yield Sample(cls(groups=2), (counting((2, 4, 6), -9), counting((6, 2, 3), -7), counting((6,))))
    yield Sample(cls(padding="same"), (counting((2, 5)), counting((3, 2, 2), -5), counting((3,))))
    row = counting((5,)) * 7 % 11, counting((3,), -1), np.array(1.0)
    for mode in MODES:
        for width in (2, (2, 0), (0, 1), "same"):
            yield Sample(cls(padding=width, padding_mode=mode), row)


def draw_1d(cls: Any, random: Random, vary: Vary) -> Sample:
    """Draw a case of the convolution in 1 dimension."""
    if _beyond(vary):
        return _draw(cls, random, vary)
    n = random.randint(1, 9)
    op = cls(
        stride=random.randint(1, 3) if "stride" in vary else 1,
        padding=random.randint(0, 2) if "padding" in vary else 0,
    )
    k = random.randint(1, min(4, n))
    return Sample(op, (numbers(random, (n,)), numbers(random, (k,)), np.array(float(random.randint(-3, 5)))))


def samples_2d(cls: Any) -> Iterator[Sample]:
    """Yield samples of the convolution in 2 dimensions, smallest first."""
    plans: list[tuple[Shape, Shape, Size, Size]] = [
        *(((1, 1), (1, 1), 1, 0), ((1, 2), (1, 1), 1, 0), ((2, 1), (2, 1), 1, 0), ((1, 2), (1, 2), 1, 0)),
        *(((1, 3), (1, 1), (1, 2), 0), ((3, 1), (1, 1), (2, 1), 0), ((2, 2), (1, 1), 1, (1, 0))),
        *(((2, 2), (2, 2), 1, 0), ((2, 2), (1, 2), 1, (0, 1)), ((3, 3), (2, 2), 1, 0), ((3, 3), (2, 2), 1, 1)),
        *(((2, 3), (2, 2), 1, 0), ((3, 2), (2, 1), 1, 0), ((3, 3), (1, 1), 2, 0), ((4, 3), (2, 2), 2, 0)),
        *(((3, 4), (2, 3), 1, 0), ((4, 4), (2, 2), 2, 1), ((4, 5), (3, 2), (1, 2), (0, 1))),
        *(((5, 4), (2, 3), (2, 1), (2, 1)), ((5, 5), (3, 3), 2, 1), ((6, 7), (3, 3), (3, 2), (1, 2))),
        *(((7, 5), (5, 4), 1, 2), ((6, 6), (1, 3), 1, (0, 1))),
    ]
    for image, kernel, stride, padding in plans:
        op = cls(stride=stride, padding=padding)
        yield Sample(op, (counting(image), counting(kernel, 2), np.array(3.0)))
        yield Sample(op, (counting(image, -3) / 4, counting(kernel, -1)[::-1] / 2, np.array(-1.25)))
    grid, bias = counting((5, 6), -7), np.array(1.0)
    words: tuple[Literal["same", "valid"], ...] = ("same", "valid")
    for word in words:
        for kernel in ((1, 1), (2, 3), (3, 2), (4, 4)):
            yield Sample(cls(padding=word), (grid, counting(kernel, -2), bias))
    for dilation in ((2, 2), (1, 2), (2, 1)):
        yield Sample(cls(dilation=dilation, padding=1), (grid, counting((2, 3), -2), bias))
    yield Sample(cls(dilation=2, padding="same"), (grid, counting((2, 3), -2), bias))
    yield Sample(cls(padding=1), (counting((3, 4, 5), -20), counting((2, 3, 3, 2), -9), counting((2,))))
    yield Sample(cls(groups=2, stride=(2, 1)), (counting((2, 4, 5, 4), -9), counting((6, 2, 3, 3)), counting((6,), -2)))
    yield Sample(cls(groups=3), (counting((1, 3, 3, 3)), counting((3, 1, 2, 2)), counting((3,))))
    for batch, kernel in (((1, 1, 2, 3), (1, 1, 1, 2)), ((1, 2, 3, 3), (1, 2, 2, 2)), ((2, 2, 4, 5), (3, 2, 3, 2))):
        for op in (cls(), cls(stride=(2, 1), padding=(0, 1))):
            inputs = counting(kernel, -3), counting(kernel[:1])
            yield Sample(op, (counting(batch[1:], -2), *inputs))
            yield Sample(op, (counting(batch, -2), *inputs))
    for image, kernel in (((2, 3), (1, 2)), ((3, 4), (2, 3))):
        flat = counting(image) * 7 % 11, counting(kernel, -2), bias
        for mode in MODES:
            for width in (1, ((1, 0), (0, 2)), ((0, 1), (0, 1)), (1, 2), "same"):
                yield Sample(cls(padding=width, padding_mode=mode), flat)
    deep = counting((3, 3, 4), -9), counting((2, 3, 2, 2), -5), counting((2,))
    yield Sample(cls(padding=((1, 2), (0, 1)), padding_mode="reflect", stride=(1, 2)), deep)


def draw_2d(cls: Any, random: Random, vary: Vary) -> Sample:
    """Draw a case of the convolution in 2 dimensions."""
    if _beyond(vary):
        return _draw(cls, random, vary)
    pair: Callable[[int, int], Pair] = lambda low, high: (random.randint(low, high), random.randint(low, high))
    stride = pair(1, 3) if "stride" in vary and random.random() < 0.8 else (1, 1)
    padding = pair(0, 2) if "padding" in vary and random.random() < 0.8 else (0, 0)
    image = pair(1, 7)
    kernel = tuple(random.randint(1, min(4, n)) for n in image)
    bias = float(random.randint(-3, 5)) if random.random() < 0.9 else random.randint(-9, 9) / 4
    scale = numbers(random, image)
    weights = whole(random, kernel, -3, 4) / (1 if random.random() < 0.8 else 10)
    return Sample(cls(stride=stride, padding=padding), (scale, weights, np.array(bias)))


def _beyond(vary: Vary) -> bool:
    """Tell whether a case asks for more than bare grids, stride and even zero padding."""
    return not vary.keys().isdisjoint(("dilation", "groups", "lead", "uneven-padding", "padding_mode", "padding-sides"))


def _draw(cls: Any, random: Random, vary: Vary) -> Sample:
    """Draw a case with dilation, leading axes, groups, `same` padding, or a border of another kind.

    What varies does so for certain, where the numbers allow it: strata (see `Op`) give the shares.
    """
    axes = range(cls.axes)
    lead = random.choice(vary.get("lead") or (0,))
    kernel = [random.randint(1, 4) for _ in axes]
    stride = [random.randint(1, 3) if "stride" in vary and random.random() < 0.8 else 1 for _ in axes]
    padding = [random.randint(0, 2) if "padding" in vary and random.random() < 0.8 else 0 for _ in axes]
    mode = random.choice(MODES[1:]) if "padding_mode" in vary else "zeros"
    if mode != "zeros" and "padding" in vary:
        padding[random.randrange(cls.axes)] = random.randint(1, 2)
    dilation = [1 for _ in axes]
    if "dilation" in vary:
        dilation = [random.randint(1, 3) for _ in axes]
        if all(d == 1 or k == 1 for d, k in zip(dilation, kernel, strict=True)):
            axis = random.randrange(cls.axes)
            dilation[axis], kernel[axis] = random.randint(2, 3), random.randint(2, 3)
    channels = random.choice(vary.get("channels") or (1, 2, 3)) if lead else 1
    groups = random.choice(_divisors(channels)) if "groups" in vary else 1
    filters = groups * random.randint(1, 2 if groups > 1 else 3) if lead else 1
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    image = [max(1, span - 2 * p) + random.randint(0, 4) for span, p in zip(spans, padding, strict=True)]
    pads: Any = tuple(padding) if cls.axes > 1 else padding[0]
    sided = "padding-sides" in vary and "padding" in vary
    if sided:
        margins = [(p, p + random.choice((-1, 1, 2))) if p else (0, random.randint(0, 2)) for p in padding]
        margins = [pair if random.random() < 0.5 else pair[::-1] for pair in margins]
        pads = tuple(margins) if cls.axes > 1 else margins[0]
    if "uneven-padding" in vary and not (sided and random.random() < 0.5):
        kernel[-1] = random.choice((2, 4))
        dilation[-1] = random.choice((1, 3)) if dilation[-1] > 1 else 1  # an even dilation makes the zeros even
        stride, pads = [1 for _ in axes], "same"
    fields = {"stride": stride, "dilation": dilation}
    op = cls(
        padding=pads,
        groups=groups,
        padding_mode=mode,
        **{n: tuple(v) if cls.axes > 1 else v[0] for n, v in fields.items()},
    )
    before = [random.choice(vary.get("batch") or (1, 2)), channels][2 - lead :]
    weights = whole(random, ((filters, channels // groups, *kernel) if lead else tuple(kernel)), -3, 4)
    bias = whole(random, (filters,) if lead else (), -3, 5)
    if random.random() < 0.2:
        weights, bias = weights / 10, bias / 4
    sample = Sample(op, (numbers(random, (*before, *image)), weights, bias))
    try:
        op.shape(*(i.shape for i in sample.inputs))
    except OpError:  # the input is too small for its border
        return _draw(cls, random, vary)
    return sample


def _divisors(channels: int) -> list[int]:
    """Return the numbers of groups, more than one where possible."""
    return [g for g in range(2, channels + 1) if channels % g == 0] or [1]
