"""Hold a value to its reference: shape strictly before values, nothing broadcast, nothing non-finite ever equal.

Whole numbers are compared exactly; real ones with the tolerance of ``torch.testing.assert_close`` for the dtype.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from grader.model.exercise import Nested
from grader.model.report import Mismatch
from grader.numbers import Numbers, extent, from_nested, indices, plain, to_nested

# torch/testing/_comparison.py: relative and absolute tolerance
TOLERANCE = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}
KEPT = 5000  # cells of an answer of a wrong shape; of a larger one no cell is ever used
SHOWN = 400  # cells; larger answers are not repeated in a report


def compare(given: Numbers, expected: Numbers, *, exact: bool, output: str = "output") -> Mismatch | None:
    """Return how `given` differs from `expected`, or None when it is right. `expected` must be finite."""
    if given.shape != expected.shape or len(given.cells) != len(expected.cells):  # the cells of a large answer are cut
        right_value, given_value = _values(given, expected)
        return Mismatch(output, expected.shape, given.shape, expected_value=right_value, given_value=given_value)
    if given.cells == expected.cells:
        return None
    relative, absolute = (0.0, 0.0) if exact else TOLERANCE.get(given.dtype, TOLERANCE["float64"])
    differ, worst, most = 0, 0, -1.0
    for i, (mine, right) in enumerate(zip(given.cells, expected.cells, strict=True)):
        off = abs(mine - right) if math.isfinite(mine) else math.inf
        if off > absolute + relative * abs(right):
            differ += 1
            if off > most:
                worst, most = i, off
    if not differ:
        return None
    right_value, given_value = _values(given, expected)
    place = next(p for i, p in enumerate(indices(expected.shape)) if i == worst)
    return Mismatch(
        output,
        expected.shape,
        given.shape,
        differ=differ,
        total=len(expected.cells),
        worst=place,
        expected=plain(expected.cells[worst]),
        given=json_safe(float(given.cells[worst])),  # as JSON gives it back: whole numbers of 64 bits are floats there
        allowed="" if exact else f"{relative:g} × |expected| + {absolute:g}",
        expected_value=right_value,
        given_value=given_value,
    )


def kept(given: Numbers, expected: Numbers) -> Numbers:
    """Return what of an answer is kept until the report: its shape and one cell if it is wrong and large."""
    if given.shape == expected.shape or extent(given.shape) <= KEPT:
        return given
    return msgspec.structs.replace(given, cells=given.cells[:1])


def prints(answer: Nested, values: Sequence[Numbers], *, exact: bool) -> bool:
    """Tell whether a slide's `answer` is these values, one per output; `None` stands for what the slide leaves out."""
    answers = [answer] if len(values) == 1 else answer
    shown = [(given, value) for given, value in zip(answers, values, strict=True) if given is not None]
    return all(compare(v, from_nested(_filled(a, iter(v.cells))), exact=exact) is None for a, v in shown)


def _filled(answer: Nested, cells: Iterator[float]) -> Nested:
    """Put a value's cells into the gaps of a slide's answer; what is not finite fills none."""
    if isinstance(answer, list):
        return [_filled(item, cells) for item in answer]
    cell = next(cells, 0.0)
    return (cell if math.isfinite(cell) else 0.0) if answer is None else answer


def _values(given: Numbers, expected: Numbers) -> tuple[Nested, Nested]:
    """Return both as nested lists that JSON can hold, or nothing when they are too large to be looked at."""
    if max(extent(given.shape), len(expected.cells)) > SHOWN:
        return None, None
    return to_nested(expected), json_safe(to_nested(given)) if given.cells else []


def json_safe(value: Any) -> Any:
    """Return a number or nested lists as JSON can hold them: whole numbers without a point, NaN and ∞ as text."""
    if isinstance(value, list):
        return [json_safe(item) for item in value]
    return plain(value) if math.isfinite(value) else str(value)
