"""The misconceptions of convolution about a border that is not made of zeros, or not equal on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.ops.base import Array, Misconception, zero_pad
from grader.ops.convolution_variants import Run, padded, run
from grader.ops.padding import Pads, fill


def _filled(change: Callable[[Any, Array, Pads], Array]) -> Run:
    """Fill the border differently: `change` receives the operator, the image and the margins."""
    return lambda op, x, k, b: run(op, x, k, b, fill=lambda image, pads: change(op, image, pads))


def _only(mode: str, change: Callable[[Array, Pads], Array]) -> Run:
    """Fill the border differently in one mode."""
    return _filled(lambda op, x, pads: change(x, pads) if op.padding_mode == mode else fill(x, pads, op.padding_mode))


def _always(mode: str) -> Run:
    return _filled(lambda op, x, pads: fill(x, pads, mode))


def _symmetric(x: Array, pads: Pads) -> Array:
    return np.pad(x, [*[(0, 0)] * (x.ndim - len(pads)), *pads], mode="symmetric")


def _near_side(x: Array, pads: Pads) -> Array:
    """Copy the cells next to the border, in their order, instead of those of the opposite side."""
    for axis, (before, after) in enumerate(pads, x.ndim - len(pads)):
        size = x.shape[axis]
        places = [*range(before), *range(size), *range(size - after, size)]
        x = np.take(x, places, axis, mode="clip")
    return x


def _rows_only(op: Any, x: Array, pads: Pads) -> Array:
    return zero_pad(fill(x, [pads[0], (0, 0)], op.padding_mode), [(0, 0), pads[1]])


def _columns_only(op: Any, x: Array, pads: Pads) -> Array:
    return zero_pad(fill(x, [(0, 0), pads[1]], op.padding_mode), [pads[0], (0, 0)])


def _empty_corners(op: Any, x: Array, pads: Pads) -> Array:
    """Fill the four sides, but not the corners."""
    border = fill(x, pads, op.padding_mode).copy()
    (top, bottom), (left, right) = pads
    rows, columns = border.shape[-2:]
    for row in (slice(top), slice(rows - bottom, None)):
        for column in (slice(left), slice(columns - right, None)):
            border[..., row, column] = 0
    return border


def _sided(change: Callable[[Pads], Pads]) -> Run:
    return lambda op, x, k, b: run(op.changed(padding=0), op.fill(x, change(op.pads(k.shape[-op.axes :]))), k, b)


def _misconception(id: str, run: Run, says: str, why: str, instead: str, *about: str) -> Misconception:
    return Misconception(id=id, says=says, why=why, instead=instead, run=run, about=about)


_MODES = "reflect mirrors the input without repeating its edge, replicate repeats the edge, circular continues on the opposite side."
_SIDES = "Each side has its own padding: ((top, bottom), (left, right))."

_ANY = (
    _misconception("padding-mode-ignored", _always("zeros"), "You always pad with zeros, whatever `padding_mode` is.", _MODES, "Fill the border as `padding_mode` says.", "padding", "padding_mode"),
    _misconception("padding-always-reflects", _always("reflect"), "You always mirror the input, whatever `padding_mode` is.", _MODES, "Fill the border as `padding_mode` says.", "padding", "padding_mode"),
    _misconception("padding-always-replicates", _always("replicate"), "You always repeat the edge, whatever `padding_mode` is.", _MODES, "Fill the border as `padding_mode` says.", "padding", "padding_mode"),
    _misconception("padding-always-circular", _always("circular"), "You always continue on the opposite side, whatever `padding_mode` is.", _MODES, "Fill the border as `padding_mode` says.", "padding", "padding_mode"),
    _misconception("reflect-repeats-edge", _only("reflect", _symmetric), "You repeat the edge where you mirror the input.", _MODES, "Use `np.pad(…, mode=\"reflect\")`, not `\"symmetric\"`.", "padding", "padding_mode"),
    _misconception("circular-from-near-side", _only("circular", _near_side), "You continue with the cells of the near side, not of the opposite one.", _MODES, "Use `np.pad(…, mode=\"wrap\")`: above the first row is the last one.", "padding", "padding_mode"),
    _misconception("padding-sides-exchanged", padded(lambda p, q: (q, p)), "You put the padding of one side on the opposite side.", _SIDES, "Pad by the first number before and by the second after.", "padding", "padding-sides"),
    _misconception("padding-first-side-for-both", padded(lambda p, q: (p, p)), "You use the first number of each pair for both sides.", _SIDES, "Pad by the first number before and by the second after.", "padding", "padding-sides"),
    _misconception("padding-second-side-for-both", padded(lambda p, q: (q, q)), "You use the second number of each pair for both sides.", _SIDES, "Pad by the first number before and by the second after.", "padding", "padding-sides"),
    _misconception("padding-larger-side-for-both", padded(lambda p, q: (max(p, q),) * 2), "You use the larger number of each pair for both sides.", _SIDES, "Pad by the first number before and by the second after.", "padding", "padding-sides"),
)  # fmt: skip

PADDING_1D = _ANY
PADDING_2D = (
    *_ANY,
    _misconception("padding-mode-for-rows-only", _filled(_rows_only), "You put zeros on the left and right, whatever `padding_mode` is.", _MODES, "Fill all four sides as `padding_mode` says.", "padding", "padding_mode"),
    _misconception("padding-mode-for-columns-only", _filled(_columns_only), "You put zeros above and below, whatever `padding_mode` is.", _MODES, "Fill all four sides as `padding_mode` says.", "padding", "padding_mode"),
    _misconception("padding-corners-empty", _filled(_empty_corners), "You leave zeros in the corners of the border.", "A corner is filled from the border of rows or columns beside it.", "Pad the rows first, then the columns of the result.", "padding", "padding_mode"),
    _misconception("padding-pairs-transposed", _sided(lambda pads: tuple(zip(*pads, strict=True))), "You read `padding` as ((top, left), (bottom, right)).", _SIDES, "Use padding[0] for above and below, padding[1] for left and right.", "padding", "padding-sides"),
)  # fmt: skip
