"""Recognise a right answer that lost digits: in half precision, by rounding, or by cutting digits off."""

from __future__ import annotations

import math
import struct

from grader.numbers import Numbers

LARGEST = 1e9  # beyond it the last decimals are noise
MOST = 5  # decimals; more are within the tolerance of most answers
HALF = 2e-3  # relative: twice the spacing of float16
NOISE = 1e-6  # relative: also where it is kept as float32


def lost_digits(given: Numbers, expected: Numbers) -> str:
    """Return how the digits of a right answer were lost, for the student, or "" where that is not what happened."""
    pairs = list(zip(given.cells, expected.cells, strict=True))
    scale = max(abs(cell) for pair in pairs for cell in pair)
    if max(abs(mine - right) for mine, right in pairs) <= 1e-12 * scale:
        return ""  # rounding noise, where an answer must be exact
    if scale > LARGEST or not any(given.cells) or not all(map(math.isfinite, given.cells)):
        return ""
    if all(abs(mine - right) <= HALF * max(scale, 1e-9) for mine, right in pairs):
        if given.dtype == "float16":
            return "`float16` keeps about 3 digits: compute in float64"
        if given.dtype.startswith("float") and any(map(_has_fraction, given.cells)) and all(map(_is_half, given.cells)):
            return "your numbers went through `float16`, which keeps about 3 digits: compute in float64"
    for decimals in range(MOST + 1):
        if all(_rounded(mine, right, 10.0**-decimals) for mine, right in pairs):
            return f"your answer is rounded to {_decimals(decimals)}: return it with all its digits"
        if all(_cut(mine, right, 10.0**-decimals) for mine, right in pairs):
            return f"your answer is cut off to {_decimals(decimals)}: return it with all its digits"
    return ""


def _decimals(decimals: int) -> str:
    return f"{decimals} decimal{'' if decimals == 1 else 's'}" if decimals else "whole numbers"


def _rounded(mine: float, right: float, unit: float) -> bool:
    """Tell whether a number is the right one, rounded; in the middle between two units, noise decides which."""
    return _is_multiple(mine, unit) and abs(mine - right) <= 0.5 * unit * (1 + NOISE)


def _cut(mine: float, right: float, unit: float) -> bool:
    """Tell whether a number is the right one without its last digits."""
    return _is_multiple(mine, unit) and -NOISE * unit <= abs(right) - abs(mine) < unit and mine * right >= 0


def _is_multiple(cell: float, unit: float) -> bool:
    return abs(cell - round(cell / unit) * unit) <= NOISE * max(unit, abs(cell))


def _has_fraction(cell: float) -> bool:
    return not float(cell).is_integer()


def _is_half(cell: float) -> bool:
    try:
        half: float = struct.unpack("e", struct.pack("e", cell))[0]
    except OverflowError:
        return False
    return half == cell
