"""Samples and generated cases of the poolings: small ones that show every field, and ones drawn at random."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np

from grader.ops import base
from grader.ops.base import OpError, Pair, Sample, Shape, Vary

Size = int | Pair
Plan = tuple[Shape, Size, Size | None, Size]  # of samples: input, kernel size, stride, padding

ROWS: tuple[Plan, ...] = (
    *(((1,), 1, None, 0), ((1, 2), 1, None, 0), ((2, 1), 1, None, 0), ((2,), 2, 1, 0), ((1, 2), 2, 1, 0)),
    *(((2, 2), 3, 1, 1), ((1, 2), 2, None, 1), ((2, 3), 2, 1, 0), ((3, 2), 2, 1, 1), ((2, 3), 1, 2, 0)),
    *(((2, 3), 2, None, 0), ((2, 3), 2, 1, 1), ((1, 4), 2, None, 1), ((3, 4), 2, None, 0), ((2, 5), 2, None, 0)),
    *(((2, 5), 3, 2, 0), ((2, 5), 3, 2, 1), ((2, 5), 2, 3, 0), ((2, 5), 2, 3, 1), ((3, 5), 4, 3, 2)),
    *(((3, 6), 3, None, 0), ((4, 6), 2, 3, 0), ((5, 7), 3, 2, 1), ((3, 7), 4, 1, 2), ((7, 7), 5, 2, 2)),
    *(((7,), 3, 2, 0), ((2, 3, 5), 2, 2, 1), ((2, 2, 7), 3, 3, 1)),
)

GRIDS: tuple[Plan, ...] = (
    *(((1, 1), 1, None, 0), ((1, 2), 1, None, 0), ((2, 1), 1, None, 0), ((1, 2), (1, 2), None, 0)),
    *(((2, 1), (2, 1), None, 0), ((1, 3), 1, (1, 2), 0), ((3, 1), 1, (2, 1), 0), ((2, 2), 2, None, 0)),
    *(((2, 2), (1, 2), 1, 0), ((2, 2), 3, 1, 1), ((3, 3), 3, 1, (1, 0)), ((3, 4), 3, 1, (0, 1))),
    *(((2, 3), 2, None, 0), ((2, 2), (1, 2), 1, (0, 1)), ((2, 2), 2, None, 1), ((2, 3), 2, 1, 0)),
    *(((3, 2), 2, 1, 0), ((3, 3), 2, None, 0), ((3, 3), 2, 1, 1), ((3, 3), 1, 2, 0), ((3, 4), (2, 3), 1, 0)),
    *(((3, 4), (2, 3), None, (1, 0)), ((4, 3), 2, None, 1), ((4, 4), 2, None, 0), ((4, 5), 2, None, 0)),
    *(((4, 5), (3, 2), (1, 2), (0, 1)), ((5, 4), (2, 3), (2, 1), (1, 0)), ((5, 5), 2, 3, 1), ((5, 5), 3, 2, 0)),
    *(((6, 6), (3, 2), 2, 0), ((5, 6), (4, 2), (3, 1), (2, 1)), ((6, 7), 2, (3, 4), 0), ((6, 7), 3, (3, 2), 1)),
    *(((7, 5), (5, 4), 1, 2), ((7, 6), (1, 3), (2, 3), (0, 1)), ((2, 4, 3), 2, 1, 0)),
    *(((2, 3, 5, 4), (3, 2), 2, 1), ((1, 2, 5, 5), 2, None, 1)),
)


def samples(cls: Any) -> Iterator[Sample]:
    """Yield samples of a pooling, smallest first."""
    for shape, kernel_size, stride, padding in cls.plans:
        for fields in cls.modes:
            op = cls(kernel_size=kernel_size, stride=stride, padding=padding, **fields)
            if not _fits(op, base.counting(shape)):
                continue
            yield Sample(op, (base.counting(shape),))
            yield Sample(op, (-(base.counting(shape) * 5 % 23 + 1) / 4,))
            yield Sample(op, (base.counting(shape) * 83 % 107 * 9 - 200,))
    if "dilation" in cls.__struct_fields__ and cls.axes == 2:
        yield Sample(cls(kernel_size=2, stride=1, dilation=(1, 2)), (base.counting((4, 5)) * 7 % 11,))
        yield Sample(cls(kernel_size=(2, 3), stride=1, dilation=(3, 1)), (base.counting((6, 5)) * 7 % 11,))


def _fits(op: Any, image: Any) -> bool:
    """Tell whether each window has room, and a cell of the input: a dilated one may lie in the padding alone."""
    try:
        return bool(np.isfinite(op(image)).all())
    except OpError:
        return False


def draw(cls: Any, random: Random, vary: Vary) -> Sample:
    """Draw a case of a pooling."""
    free = "kernel_size" in vary
    shape: Shape = random.randint(1 if free else 2, 7), random.randint(1 if free else 2, 7)
    kernel = tuple(random.randint(1, min(4, n)) if free else 2 for n in shape[-cls.axes :])
    fields: dict[str, Any] = {}
    if "dilation" in vary and "dilation" in cls.__struct_fields__:
        kernel = tuple(random.randint(1, 3) if free else 2 for _ in kernel)
        kernel = (*kernel[:-1], max(kernel[-1], 2))
        dilation = (*(random.randint(1, 3) for _ in kernel[1:]), random.randint(2, 3))
        fields["dilation"] = cls._field(dilation)
        spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
        shape = (shape[0], *(span + random.randint(0, 3) for span in spans))[-2:]
    fields["kernel_size"] = cls._field(kernel)
    if "stride" in vary and random.random() < 0.8:
        fields["stride"] = cls._field(tuple(random.randint(1, 3) for _ in kernel))
    if "padding" in vary and random.random() < 0.8:
        fields["padding"] = cls._field(tuple(random.randint(0, k // 2) for k in kernel))
    for name in ("ceil_mode", "count_include_pad"):
        if name in vary and name in cls.__struct_fields__:
            fields[name] = (random.random() < 0.75) is (name == "ceil_mode")
    if "divisor_override" in vary and "divisor_override" in cls.__struct_fields__:
        fields["divisor_override"] = random.choice((1, 2, 3, 5, 7))
    image = base.numbers(random, _with_lead(cls, random, vary, shape))
    sign = random.choice((-1, 0, 0, 1))  # 0 stands for both
    sample = Sample(cls(**fields), (sign * (abs(image) + 1) if sign else image,))
    return sample if _fits(sample.op, *sample.inputs) else draw(cls, random, vary)


def _with_lead(cls: Any, random: Random, vary: Vary, shape: Shape) -> Shape:
    """Return the shape with its leading axes. By default a 1d operator gets the rows of a grid, as on the slides."""
    leads = vary.get("lead") or (2 - cls.axes,)
    lead = leads[0] if len(leads) == 1 else random.choice(leads)
    if lead == 2 - cls.axes:
        return shape
    channels = random.choice(vary.get("channels") or (1, 2, 3))
    batch = random.choice(vary.get("batch") or (1, 2))
    return (*(batch, channels)[2 - lead :], *shape[-cls.axes :])
