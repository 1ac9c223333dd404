"""Hold a value to its reference: shape strictly before values, nothing broadcast, nothing non-finite ever equal.

How far a number may be off is a property of the exercise (`Tolerance`), whatever dtype or container it comes in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from grader.judging.precision import lost_digits
from grader.model.exercise import EXACT, Exercise, Nested, Tolerance
from grader.model.report import Mismatch
from grader.numbers import Numbers, from_nested, indices, plain, to_nested

STRICT = Tolerance(rtol=1e-7, atol=1e-7)  # for torch, stored answers and slides: torch.testing's float64 values
SHOWN = 400  # cells; larger answers are not repeated in a report
NEAR = 100  # times the tolerance: a difference that the tolerance is worth mentioning for


def compare(
    given: Numbers, expected: Numbers, tolerance: Tolerance, output: str = "output", scale: float | None = None
) -> Mismatch | None:
    """Return how `given` differs from `expected`, or None when it is right. `expected` must be finite.

    `scale` is the largest magnitude of the case's whole answer; by default, that of `expected`.
    """
    if given.shape != expected.shape:
        right_value, given_value = _values(given, expected)
        return Mismatch(output, expected.shape, given.shape, expected_value=right_value, given_value=given_value)
    if given.cells == expected.cells:
        return None
    absolute = tolerance.atol * max(1.0, magnitude([expected]) if scale is None else scale)
    differ, worst, most = 0, 0, -1.0
    for i, (mine, right) in enumerate(zip(given.cells, expected.cells, strict=True)):
        off = abs(mine - right) if math.isfinite(mine) else math.inf
        if off > absolute + tolerance.rtol * abs(right):
            differ += 1
            if off > most:
                worst, most = i, off
    if not differ:
        return None
    right_value, given_value = _values(given, expected)
    place = next(p for i, p in enumerate(indices(expected.shape)) if i == worst)
    allowed = absolute + tolerance.rtol * abs(expected.cells[worst])
    return Mismatch(
        output,
        expected.shape,
        given.shape,
        differ=differ,
        total=len(expected.cells),
        worst=place,
        expected=plain(expected.cells[worst]),
        given=json_safe(float(given.cells[worst])),  # as JSON gives it back: whole numbers of 64 bits are floats there
        allowed=f"{allowed:.2g}" if allowed > 0 and most <= NEAR * allowed else "",
        precision=lost_digits(given, expected),
        expected_value=right_value,
        given_value=given_value,
    )


def magnitude(values: Sequence[Numbers]) -> float:
    """Return the largest magnitude of an answer, over all its outputs; 0 where it has no cells."""
    return max((abs(cell) for value in values for cell in value.cells), default=0.0)


def unbatched(exercise: Exercise, given: Numbers, axes: int) -> Numbers:
    """Return an answer without torch's batch axis, where the exercise accepts one; the reference has `axes` axes."""
    if exercise.batch and len(given.shape) == axes + 1 and given.shape[0] == 1:
        return Numbers(given.shape[1:], given.cells, given.dtype)
    return given


def strict(inputs: Sequence[Nested], answers: Sequence[Nested]) -> Tolerance:
    """Return how closely torch, stored answers and slides must agree: exactly where all numbers are whole."""
    cells = (cell for value in (*inputs, *answers) for cell in from_nested(value).cells)
    return EXACT if all(cell.is_integer() for cell in cells) else STRICT


def prints(
    answer: Nested, values: Sequence[Numbers], tolerance: Tolerance, decimals: int | None = None, batch: bool = False
) -> bool:
    """Tell whether a slide's `answer` is these values, one per output; `None` stands for what the slide leaves out.

    A slide that rounds to `decimals` prints a value that is at most half a unit of the last one away. With `batch`, the
    slide may print a batch axis of size 1.
    """
    if decimals is not None:
        tolerance = Tolerance(rtol=1e-12, atol=0.5 * 10**-decimals)
    answers = [answer] if len(values) == 1 else answer
    pairs = [(from_nested(_filled(a, iter(v.cells))), v) for a, v in zip(answers, values, strict=True) if a is not None]
    scale = 1.0 if decimals is not None else magnitude([printed for printed, _ in pairs])
    for printed, value in pairs:
        if batch and printed.shape == (1, *value.shape):
            printed = Numbers(value.shape, printed.cells)
        if compare(value, printed, tolerance, scale=scale):
            return False
    return True


def _filled(answer: Nested, cells: Iterator[float]) -> Nested:
    """Put a value's cells into the gaps of a slide's answer; what is not finite fills none."""
    if isinstance(answer, list):
        return [_filled(item, cells) for item in answer]
    cell = next(cells, 0.0)
    return (cell if math.isfinite(cell) else 0.0) if answer is None else answer


def _values(given: Numbers, expected: Numbers) -> tuple[Nested, Nested]:
    """Return both as nested lists that JSON can hold, or nothing when they are too large to be looked at."""
    if max(len(given.cells), len(expected.cells)) > SHOWN:
        return None, None
    return to_nested(expected), json_safe(to_nested(given)) if given.cells else []


def json_safe(value: Any) -> Any:
    """Return a number or nested lists as JSON can hold them: whole numbers without a point, NaN and ∞ as text."""
    if isinstance(value, list):
        return [json_safe(item) for item in value]
    return plain(value) if math.isfinite(value) else str(value)
