"""The misconceptions of an output's shape: parts of the formula forgotten, doubled, or taken from the other axis."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

import numpy as np

from grader.ops.base import Misconception, Pair
from grader.ops.layers_misconceptions import Run, again

Rule = Callable[[int, int, int, int], float]
_NUMBERS = ("input_size", "kernel_size", "padding", "stride", "dilation")


class _Up(int):
    """A stride by which `//` rounds up, for the rules of a program that follows `ceil_mode`."""

    def __rfloordiv__(self, number: int) -> int:
        return -(-number // int(self))


class _Changed:
    """An operator with other numbers, whether or not they fit."""

    def __init__(self, op: Any, fields: dict[str, Pair]) -> None:
        self._op, self._fields, self.ceil_mode = op, fields, op.ceil_mode

    def axes(self) -> list[Any]:
        """Return the numbers of the rows and of the columns, as the operator does."""
        axis = type(self._op.axes()[0])
        columns = (self._fields.get(name, getattr(self._op, name)) for name in _NUMBERS)
        return [axis(*numbers) for numbers in zip(*columns, strict=True)]


def _each(count: Callable[[Any, Any], float]) -> Run:
    """Compute each axis with `count`, which receives the operator and the axis."""
    return lambda op: np.array([count(op, axis) for axis in op.axes()])


def _axes(rule: Rule) -> Run:
    """Compute each axis with another formula of M, K, P and S; `ceil_mode` and the dilation are right."""

    def count(op: Any, axis: Any) -> float:
        size = rule(axis.size, axis.span, axis.padding, _Up(axis.stride) if op.ceil_mode else axis.stride)
        return _kept(axis, size) if op.ceil_mode else size

    return _each(count)


_right = _axes(lambda m, k, p, s: (m + 2 * p - k) // s + 1)


def _given(change: Callable[[Any], dict[str, Pair]]) -> Run:
    """Use the right formula with other numbers."""
    return lambda op: _right(_Changed(op, change(op)))


def _spanned(span: Callable[[int, int], int]) -> Run:
    """Count another number of cells for a window: `span` receives the kernel's size and the dilation."""

    def change(op: Any) -> dict[str, Any]:
        return {"kernel_size": tuple(span(axis.kernel, axis.dilation) for axis in op.axes()), "dilation": (1, 1)}

    return _given(change)


def _down(axis: Any) -> int:
    """Round the number of windows down."""
    return int(axis.room // axis.stride + 1)


def _up(axis: Any) -> int:
    """Round the number of windows up."""
    return int(-(-axis.room // axis.stride) + 1)


def _kept(axis: Any, windows: float, padding: int | None = None) -> float:
    """Omit the last window if it begins behind the input; `padding` is what the program counts before the input."""
    begin = axis.size + (axis.padding if padding is None else padding)
    return windows - 1 if (windows - 1) * axis.stride >= begin else windows


_FORMULA = "An axis of size M gives ⌊(M + 2P − K) / S⌋ + 1 windows."
_AXES = "Rows and columns have their own sizes, paddings and strides: (M, K, P, S) and (N, O, Q, T)."
_SPAN = "With dilation D, the window's K cells span D·(K − 1) + 1 cells: the K − 1 gaps between them count, too."
_CEIL = "`ceil_mode` rounds the number of windows up, as long as the last one begins in the input or in the padding before it."

OUTPUT_SHAPE = (
    again("size-ceil", _each(lambda op, axis: _kept(axis, _up(axis)) if op.ceil_mode else _up(axis)), "stride"),
    again("size-round", _axes(lambda m, k, p, s: round((m + 2 * p - k) / s) + 1), "stride"),
    again("size-input-over-stride", _axes(lambda m, k, p, s: m // s), "stride"),
    Misconception("size-padding-once", "You count the padding only once in the output's size, but it is on both sides.", _FORMULA, "Add 2P, the padding of both sides.", _axes(lambda m, k, p, s: (m + p - k) // s + 1), ("padding",)),
    again("size-without-plus-one", _axes(lambda m, k, p, s: (m + 2 * p - k) // s)),
    again("size-one-more", _axes(lambda m, k, p, s: (m + 2 * p - k) // s + 2)),
    again("size-rows-for-both", lambda op: op()[[0, 0]]),
    again("size-columns-for-both", lambda op: op()[[1, 1]]),
    Misconception("size-not-rounded", "You do not round down, so you count parts of windows.", _FORMULA, "Use `//`, not `/`.", _axes(lambda m, k, p, s: (m + 2 * p - k) / s + 1), ("stride",)),
    Misconception("size-padding-unused", "You do not count the padding.", _FORMULA, "Add 2P, the padding of both sides.", _axes(lambda m, k, p, s: (m - k) // s + 1), ("padding",)),
    Misconception("size-padding-subtracted", "You subtract the padding.", _FORMULA, "Add 2P: the padding makes the input larger.", _axes(lambda m, k, p, s: (m - 2 * p - k) // s + 1), ("padding",)),
    Misconception("size-padding-squared", "You add P² instead of 2P.", _FORMULA, "Use `2 * padding`, not `padding ** 2`.", _axes(lambda m, k, p, s: (m + p * p - k) // s + 1), ("padding",)),
    Misconception("size-stride-unused", "You do not divide by the stride.", _FORMULA, "Divide by S, then add 1.", _axes(lambda m, k, p, s: m + 2 * p - k + 1), ("stride",)),
    Misconception("size-stride-multiplied", "You multiply by the stride.", _FORMULA, "Divide by S: a larger stride gives fewer windows.", _axes(lambda m, k, p, s: (m + 2 * p - k) * s + 1), ("stride",)),
    Misconception("size-stride-halves", "You divide by 2, whatever the stride is.", _FORMULA, "Divide by `stride`.", _axes(lambda m, k, p, s: (m + 2 * p - k) // 2 + 1)),
    Misconception("size-one-inside", "You add the 1 before you divide.", _FORMULA, "Divide first: compute `(…) // S + 1`.", _axes(lambda m, k, p, s: (m + 2 * p - k + 1) // s), ("stride",)),
    Misconception("size-kernel-unused", "You do not subtract the kernel's size.", _FORMULA, "Subtract K before you divide.", _axes(lambda m, k, p, s: (m + 2 * p) // s)),
    Misconception("size-kernel-unused-plus-one", "You add 1, but you do not subtract the kernel's size.", _FORMULA, "Subtract K before you divide.", _axes(lambda m, k, p, s: (m + 2 * p) // s + 1)),
    Misconception("size-kernel-added", "You add the kernel's size instead of subtracting it.", _FORMULA, "Subtract K: a larger kernel fits in fewer places.", _axes(lambda m, k, p, s: (m + 2 * p + k) // s + 1)),
    Misconception("size-kernel-less-one-twice", "You subtract K − 1 instead of K, and you also add 1.", _FORMULA, "Subtract K and add 1 after dividing: `(M + 2 * P - K) // S + 1`.", _axes(lambda m, k, p, s: (m + 2 * p - (k - 1)) // s + 1)),
    Misconception("size-kernel-halved", "You subtract only half of the kernel's size.", _FORMULA, "Subtract all of K.", _axes(lambda m, k, p, s: (m + 2 * p - k // 2) // s + 1)),
    Misconception("size-as-same", "You divide the input's size by the stride and round up.", "That is the size for `same` padding only.", "Compute `(M + 2P − K) // S + 1`.", _axes(lambda m, k, p, s: ceil(m / s))),
    Misconception("size-window-count", "You count only windows that do not overlap: M / K.", _FORMULA, "Compute `(M + 2P − K) // S + 1`.", _axes(lambda m, k, p, s: (m + 2 * p) // k)),
    Misconception("size-precedence-padding", "You divide only the padding by the stride.", "`M - K + 2 * P // S + 1` divides before it adds.", "Put brackets around `M - K + 2 * P`.", _axes(lambda m, k, p, s: m - k + 2 * p // s + 1), ("stride",)),
    Misconception("size-precedence-kernel", "You divide only the kernel's size by the stride.", "`M + 2 * P - K // S + 1` divides before it subtracts.", "Put brackets around `M + 2 * P - K`.", _axes(lambda m, k, p, s: m + 2 * p - k // s + 1), ("stride",)),
    Misconception("size-dilated-padding", "You multiply the padding by the kernel's size.", _FORMULA, "Add 2P, the padding of both sides.", _axes(lambda m, k, p, s: (m + 2 * p * k - k) // s + 1), ("padding",)),
    Misconception("size-axes-exchanged", "You return (columns, rows).", _AXES, "Return `rows, columns`.", lambda op: op()[::-1]),
    Misconception("size-kernel-exchanged", "You use the kernel's columns for the rows and its rows for the columns.", _AXES, "Use kernel_size[0] for the rows.", _given(lambda op: {"kernel_size": op.kernel_size[::-1]})),
    Misconception("size-padding-exchanged", "You use the columns' padding for the rows and the rows' for the columns.", _AXES, "Use padding[0] for the rows.", _given(lambda op: {"padding": op.padding[::-1]}), ("padding",)),
    Misconception("size-stride-exchanged", "You use the columns' stride for the rows and the rows' for the columns.", _AXES, "Use stride[0] for the rows.", _given(lambda op: {"stride": op.stride[::-1]}), ("stride",)),
    Misconception("size-input-rows-for-both", "You use the input's number of rows as its number of columns, too.", _AXES, "Use input_size[1] for the columns.", _given(lambda op: {"input_size": op.input_size[:1] * 2})),
    Misconception("size-input-columns-for-both", "You use the input's number of columns as its number of rows, too.", _AXES, "Use input_size[0] for the rows.", _given(lambda op: {"input_size": op.input_size[1:] * 2})),
    Misconception("size-kernel-rows-for-both", "You use the kernel's number of rows as its number of columns, too.", _AXES, "Use kernel_size[1] for the columns.", _given(lambda op: {"kernel_size": op.kernel_size[:1] * 2})),
    Misconception("size-kernel-columns-for-both", "You use the kernel's number of columns as its number of rows, too.", _AXES, "Use kernel_size[0] for the rows.", _given(lambda op: {"kernel_size": op.kernel_size[1:] * 2})),
    Misconception("size-padding-rows-for-both", "You use the rows' padding for the columns, too.", _AXES, "Use padding[1] for the columns.", _given(lambda op: {"padding": op.padding[:1] * 2}), ("padding",)),
    Misconception("size-padding-columns-for-both", "You use the columns' padding for the rows, too.", _AXES, "Use padding[0] for the rows.", _given(lambda op: {"padding": op.padding[1:] * 2}), ("padding",)),
    Misconception("size-stride-rows-for-both", "You use the rows' stride for the columns, too.", _AXES, "Use stride[1] for the columns.", _given(lambda op: {"stride": op.stride[:1] * 2}), ("stride",)),
    Misconception("size-stride-columns-for-both", "You use the columns' stride for the rows, too.", _AXES, "Use stride[0] for the rows.", _given(lambda op: {"stride": op.stride[1:] * 2}), ("stride",)),
    Misconception("size-stride-and-padding-exchanged", "You use the stride as the padding and the padding as the stride.", _FORMULA, "Check the order of the parameters.", _axes(lambda m, k, p, s: (m + 2 * s - k) // max(p, 1) + 1), ("padding", "stride")),
    Misconception("size-input-and-kernel-exchanged", "You use the kernel's size as the input's size and the input's size as the kernel's.", _FORMULA, "Use M for the input's size and K for the kernel's.", _axes(lambda m, k, p, s: (k + 2 * p - m) // s + 1)),
    Misconception("size-rows-alone", "You return only the number of rows.", _AXES, "Return `rows, columns`.", lambda op: op()[0]),
    Misconception("size-multiplied", "You return the number of cells instead of the two sizes.", _AXES, "Return `rows, columns`; do not multiply them.", lambda op: op().prod()),
    Misconception("size-dilation-unused", "You do not count the dilation.", _SPAN, "Subtract D·(K − 1) + 1 instead of K.", _spanned(lambda k, d: k), ("dilation",)),
    Misconception("size-dilation-multiplied", "You subtract D·K: you count a gap behind the window's last cell, too.", _SPAN, "Subtract D·(K − 1) + 1.", _spanned(lambda k, d: d * k), ("dilation",)),
    Misconception("size-dilation-added", "You subtract K + D − 1: you count one gap, whatever the kernel's size is.", _SPAN, "Multiply: K cells have K − 1 gaps between them.", _spanned(lambda k, d: k + d - 1), ("dilation",)),
    Misconception("size-dilation-one-more", "You count gaps of D cells, but they have D − 1.", _SPAN, "Subtract D·(K − 1) + 1: with D = 1 that is K.", _spanned(lambda k, d: (d + 1) * (k - 1) + 1), ("dilation",)),
    Misconception("size-dilation-as-stride", "You divide by the dilation, too, and do not spread the window.", _SPAN, "Let the dilation make the window larger; only the stride divides.", _each(lambda op, axis: (axis.size + 2 * axis.padding - axis.kernel) // (axis.stride * axis.dilation) + 1), ("dilation",)),
    Misconception("size-dilation-exchanged", "You use the columns' dilation for the rows and the rows' for the columns.", _AXES, "Use dilation[0] for the rows.", _given(lambda op: {"dilation": op.dilation[::-1]}), ("dilation",)),
    Misconception("size-dilation-rows-for-both", "You use the rows' dilation for the columns, too.", _AXES, "Use dilation[1] for the columns.", _given(lambda op: {"dilation": op.dilation[:1] * 2}), ("dilation",)),
    Misconception("size-dilation-columns-for-both", "You use the columns' dilation for the rows, too.", _AXES, "Use dilation[0] for the rows.", _given(lambda op: {"dilation": op.dilation[1:] * 2}), ("dilation",)),
    Misconception("ceil-mode-ignored", "You always round down, even if `ceil_mode` is true.", _CEIL, "Round up if `ceil_mode` is true.", _each(lambda op, axis: _down(axis)), ("ceil_mode",)),
    Misconception("ceil-mode-negated", "You round up if `ceil_mode` is false, and down if it is true.", _CEIL, "Round up if `ceil_mode` is true.", _each(lambda op, axis: _down(axis) if op.ceil_mode else _up(axis)), ("ceil_mode",)),
    Misconception("ceil-mode-keeps-empty", "You round the size up even if the last window would begin behind the input.", _CEIL, "Omit the last window if (windows − 1) × S ≥ M + P.", _each(lambda op, axis: _up(axis) if op.ceil_mode else _down(axis)), ("ceil_mode",)),
    Misconception("ceil-mode-forgets-padding", "You omit the last window too early: you compare its beginning with M, not with M + P.", _CEIL, "Omit the last window if (windows − 1) × S ≥ M + P.", _each(lambda op, axis: _kept(axis, _up(axis), 0) if op.ceil_mode else _down(axis)), ("ceil_mode",)),
    Misconception("ceil-mode-one-more", "You count one window more in `ceil_mode`, even if the stride divides.", _CEIL, "Round up: use `-(-a // b)` or `math.ceil(a / b)`.", _each(lambda op, axis: _down(axis) + op.ceil_mode), ("ceil_mode",)),
)  # fmt: skip
