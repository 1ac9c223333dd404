"""Compare a student's answers with those of misconceptions, as plain data: this needs no NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf, isfinite, isnan
from typing import Any

from grader.exercises.misconception_answers import Answer
from grader.judging.compare import compare, json_safe, magnitude
from grader.model.exercise import Tolerance
from grader.numbers import Numbers, to_nested

SINGLE, HALF = Tolerance(), Tolerance(rtol=1e-3, atol=1e-3)  # a program may compute in float32, or even in float16


def same(a: Answer, b: Answer) -> bool:
    """Tell whether two answers are equal, within the tolerance of real numbers.

    A crash equals a crash, and also an answer that is empty or holds 0 / 0: if no window is left, or nothing in it, one
    program stops and another continues.
    """
    if a is None or b is None:
        return _nothing(a) and _nothing(b)
    if not has_numbers(a) and not has_numbers(b):
        return True
    return shapes(a) == shapes(b) and not any(_differing(x, y, 0) for x, y in zip(a, b, strict=True))


def first_difference(a: Answer, b: Answer) -> int:
    """Return the number of the first output in which two answers differ; 0 if one of them is a crash."""
    pairs = enumerate(zip(a or (), b or (), strict=False))
    return next((i for i, (x, y) in pairs if not same((x,), (y,))), 0)


def agrees(values: Answer, given: Answer, noisy: Callable[[], Iterable[Answer]]) -> bool:
    """Tell whether answers are equal, or differ only because noise rounded one up and one down from the middle.

    `noisy` returns what gives `values` for inputs a little smaller and a little larger.
    """
    if values is None or given is None or shapes(values) != shapes(given):
        return same(values, given)
    few = sum(len(g.cells) for g in given) // 4
    differing = []
    for value, mine in zip(values, given, strict=True):
        differing.append(set(_differing(value, mine, few)))
        few -= len(differing[-1])
        if few < 0:
            return False
    for again in noisy() if any(differing) else ():
        if again is None or shapes(again) != shapes(given):
            return False
        differing = [
            left & set(_differing(value, mine, len(mine.cells)))
            for left, value, mine in zip(differing, again, given, strict=True)
        ]
    return not any(differing)


def _differing(a: Numbers, b: Numbers, most: int) -> list[int]:
    """Return the cells in which arrays of one shape differ, but at most one more than `most`; NaN and ∞ are equal."""
    if a.cells == b.cells:
        return []
    tolerance = HALF if "float16" in (a.dtype, b.dtype) else SINGLE
    relative = tolerance.rtol
    absolute = tolerance.atol * _largest(b.cells)
    found = []
    for i, (x, y) in enumerate(zip(a.cells, b.cells, strict=True)):
        off = abs(x - y)
        if not (off <= absolute + relative * abs(y) and off < inf) and (isfinite(x) or isfinite(y)):
            found.append(i)
            if len(found) > most:
                break
    return found


def _largest(cells: Sequence[float]) -> float:
    """Return the largest absolute value of finite cells, but at least 1."""
    if isfinite(sum(cells)):  # all of them are finite
        return max(1.0, max(cells, default=0.0), -min(cells, default=0.0))
    return max((abs(cell) for cell in cells if isfinite(cell) and abs(cell) > 1.0), default=1.0)


def _nothing(answer: Answer) -> bool:
    return answer is None or all(any(map(isnan, value.cells)) or not value.cells for value in answer)


def has_numbers(answer: Answer) -> bool:
    """Tell whether an answer holds at least one number."""
    return answer is not None and any(value.cells for value in answer)


def shapes(answer: Sequence[Numbers]) -> list[tuple[int, ...]]:
    """Return the shape of each output."""
    return [value.shape for value in answer]


def right(answer: Answer, expected: Sequence[Numbers], tolerance: Tolerance) -> bool:
    """Tell whether the grader would accept an answer to a case."""
    if answer is None or len(answer) != len(expected):
        return False
    scale = magnitude(expected)
    return all(compare(value, due, tolerance, scale=scale) is None for value, due in zip(answer, expected, strict=True))


def shown(answer: Sequence[Numbers]) -> Any:
    """Return an answer as reports show it: nested lists, or a list of them for several outputs."""
    outputs = [json_safe(to_nested(value)) for value in answer]
    return outputs[0] if len(outputs) == 1 else outputs
