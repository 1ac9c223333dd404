"""The misconceptions of the layers around a convolution.

One that convolution shares (padding on one side, a missing bias) has convolution's id and words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from grader.ops.base import Array, Misconception, Pair
from grader.ops.convolution_misconceptions import CONV_2D

Run = Callable[..., Any]
_KNOWN = {misconception.id: misconception for misconception in CONV_2D}


def again(id: str, run: Run, *about: str) -> Misconception:
    """Return convolution's misconception `id` with another computation."""
    return msgspec.structs.replace(_KNOWN[id], run=run, about=about)


def quiet(run: Run) -> Run:
    """Let divisions by zero, logarithms of zero and overflows return ∞ and NaN, as in a student's program."""

    def muted(op: Any, *inputs: Array) -> Any:
        with np.errstate(all="ignore"):
            return run(op, *inputs)

    return muted


_ROWS = "The slide's 2 4 / 3 1 / 3 4 becomes 2 4 3 1 3 4: the first row, then the second, then the third."
_ALL = "Flattening moves every number into one row; it changes, drops and adds none."
_ROW = "A flattened grid is a row of numbers, with one axis."


def _snake(x: Array) -> Array:
    turned = x.copy()
    turned[..., 1::2, :] = turned[..., 1::2, ::-1]
    return turned


def _side(x: Array) -> Array:
    """Read a grid as if it had as many columns as rows."""
    rows, columns = x.shape[-2:]
    if rows > columns:
        raise IndexError(f"index {columns} is out of bounds for axis 1 with size {columns}")
    return x[..., :rows]


FLATTEN = (
    Misconception("column-order", "You read the grid column by column.", _ROWS, "Make the row the outer loop; `order=\"F\"` and `.T` read by columns.", lambda op, x: op(x.T)),
    Misconception("not-flattened", "You return the grid unchanged.", _ROW, "Return `input.reshape(-1)`: it makes a new array and does not change `input`.", lambda op, x: x),
    Misconception("flattened-upright", "You return a grid of one column instead of a row.", _ROW, "Use `reshape(-1)`, not `reshape(-1, 1)`.", lambda op, x: op(x)[..., None]),
    Misconception("flattened-backwards", "You read the grid from its end.", _ROWS, "Begin with the first row's first number, and use `append`, not `insert(0, …)`.", lambda op, x: op(np.flip(x))),
    Misconception("flattened-snake", "You read every second row backwards.", _ROWS, "Read each row from left to right.", lambda op, x: op(_snake(x))),
    Misconception("rows-from-below", "You begin with the last row.", _ROWS, "Begin with row 0.", lambda op, x: op(x[::-1])),
    Misconception("rows-mirrored", "You read each row from right to left.", _ROWS, "Begin each row with column 0.", lambda op, x: op(x[..., ::-1])),
    Misconception("rows-summed", "You add up the rows.", _ALL, "Put the rows one after the other (`concatenate`) instead of adding them.", lambda op, x: x.sum(axis=0)),
    Misconception("columns-summed", "You return one number for each row.", _ALL, "Append each number, not the row's sum.", lambda op, x: x.sum(axis=-1)),
    Misconception("first-row-only", "You return only the first row.", _ALL, "Return after the loop over the rows.", lambda op, x: x[0]),
    Misconception("last-row-only", "You return only the last row.", _ALL, "Create the list once, before the loop over the rows.", lambda op, x: x[-1]),
    Misconception("first-column-only", "You return only the first number of each row.", _ALL, "Loop over the columns too.", lambda op, x: x[..., 0]),
    Misconception("last-number-missing", "Your output lacks the last number.", _ALL, "Return all rows × columns numbers.", lambda op, x: op(x)[..., :-1]),
    Misconception("last-row-unread", "Your loop stops before the last row.", _ALL, "Loop over `range(rows)`, which ends at rows − 1.", lambda op, x: op(x[:-1])),
    Misconception("last-column-unread", "Your loop stops before the last column.", _ALL, "Loop over `range(columns)`, which ends at columns − 1.", lambda op, x: op(x[..., :-1])),
    Misconception("flatten-square-only", "You use the number of rows as the number of columns, too.", "`len(input)` is the number of rows.", "Read both: `rows, columns = input.shape`.", lambda op, x: op(_side(x))),
    Misconception("flattened-sorted", "You sort the numbers.", _ROWS, "Remove `sort`.", lambda op, x: np.sort(op(x))),
    Misconception("repeats-dropped", "You keep each number only once, in sorted order.", _ALL, "Remove `set` or `np.unique`.", lambda op, x: np.unique(x)),
    Misconception("zeros-dropped", "You omit the zeros.", _ALL, "Append every number: remove `if value:`.", lambda op, x: x[x != 0]),
)  # fmt: skip


def _pads(change: Callable[[Pair], Sequence[Pair]]) -> Run:
    """Pad by the result of `change` for the padding of (rows, columns)."""
    return lambda op, x: op.pad(x, change(op.each()))


def _sides(change: Callable[[int], Pair]) -> Run:
    return _pads(lambda both: [change(p) for p in both])


def _fill(**how: Any) -> Run:
    return lambda op, x: op.pad(x, [(p, p) for p in op.each()], **how)


def _covered(op: Any, x: Array) -> Array:
    """Write the zeros over the input's own border."""
    rows, columns = (slice(p, max(n - p, p)) for n, p in zip(x.shape[-2:], op.each(), strict=True))
    kept = np.zeros_like(x)
    kept[..., rows, columns] = x[..., rows, columns]
    return kept


ZERO_PAD = (
    again("padding-ignored", lambda op, x: x, "padding"),
    again("padding-doubled", _sides(lambda p: (2 * p, 2 * p)), "padding"),
    again("padding-halved", _sides(lambda p: (p // 2, p - p // 2)), "padding"),
    again("padding-before-only", _sides(lambda p: (p, 0)), "padding"),
    again("padding-after-only", _sides(lambda p: (0, p)), "padding"),
    again("padding-all-before", _sides(lambda p: (2 * p, 0)), "padding"),
    again("padding-all-after", _sides(lambda p: (0, 2 * p)), "padding"),
    again("padding-one-more", _sides(lambda p: (p + 1, p + 1)), "padding"),
    again("padding-one-less", _sides(lambda p: (max(p - 1, 0),) * 2), "padding"),
    again("padding-with-ones", _fill(constant_values=1), "padding"),
    again("padding-with-edge", _fill(mode="edge"), "padding"),
    again("padding-wraps", _fill(mode="wrap"), "padding"),
    again("padding-swapped", _pads(lambda both: [(p, p) for p in both[::-1]]), "padding"),
    again("padding-rows-for-both", _pads(lambda both: [(both[0],) * 2] * 2), "padding"),
    again("padding-columns-for-both", _pads(lambda both: [(both[1],) * 2] * 2), "padding"),
    again("padding-rows-only", _pads(lambda both: [(both[0],) * 2, (0, 0)]), "padding"),
    again("padding-columns-only", _pads(lambda both: [(0, 0), (both[1],) * 2]), "padding"),
    Misconception("padding-pair-as-sides", "You put padding[0] before the input and padding[1] after it, on both axes.", "The pair is (rows, columns), not (before, after).", "Use `np.pad(input, ((P, P), (Q, Q)))`, not `np.pad(input, (P, Q))`.", _pads(lambda both: [both, both]), ("padding",)),
    Misconception("border-overwritten", "You write the zeros over the input's own border.", "Padding makes the grid larger and keeps all of its numbers.", "Create an array of M + 2P by N + 2Q zeros and copy the input into its middle.", _covered, ("padding",)),
    Misconception("border-alone", "Your output has the right size, but the input is not in it.", "Padding puts zeros around the input and keeps the input itself.", "Copy the input to `[P:P + M, Q:Q + N]`.", lambda op, x: np.zeros(op.shape(x.shape)), ("padding",)),
)  # fmt: skip

_NEURON = "Neuron j gives Σ_i input[i] × weight[j, i] + bias[j]: row j of `weight` holds its weights."

LINEAR = (
    again("bias-missing", lambda op, x, w, b: x @ w.T, "bias"),
    again("bias-subtracted", lambda op, x, w, b: x @ w.T - b, "bias"),
    again("bias-doubled", lambda op, x, w, b: x @ w.T + 2 * b, "bias"),
    again("bias-per-product", lambda op, x, w, b: x @ w.T + w.shape[1] * b, "bias"),
    again("bias-multiplied", lambda op, x, w, b: x @ w.T * b, "bias"),
    again("bias-always-one", lambda op, x, w, b: x @ w.T + 1, "bias"),
    Misconception("first-bias-for-all", "You add the first bias to every neuron.", _NEURON, "Use `bias[j]` for neuron j.", lambda op, x, w, b: x @ w.T + b[0], ("bias",)),
    Misconception("bias-summed", "You add the sum of all biases to every neuron.", _NEURON, "Use `bias[j]` for neuron j.", lambda op, x, w, b: x @ w.T + b.sum(), ("bias",)),
    Misconception("weight-not-transposed", "You use column j of `weight` for neuron j.", _NEURON, "Compute `weight @ input + bias` or `input @ weight.T + bias`.", lambda op, x, w, b: x @ w + b),
    Misconception("weight-unused", "You add up the inputs without weights.", _NEURON, "Multiply each input by its weight.", lambda op, x, w, b: x @ np.ones_like(w).T + b),
    Misconception("weight-added", "You add the weights to the inputs instead of multiplying.", _NEURON, "Use `*` between input and weight.", lambda op, x, w, b: (x[..., None, :] + w).sum(-1) + b),
    Misconception("weight-backwards", "You read each neuron's weights from the end.", _NEURON, "Pair input[i] with weight[j, i].", lambda op, x, w, b: x @ w[:, ::-1].T + b),
    Misconception("neurons-backwards", "You return the neurons in reverse order.", _NEURON, "Compute output[j] from row j of `weight`.", lambda op, x, w, b: (x @ w.T + b)[..., ::-1]),
    Misconception("last-input-unread", "Your loop stops before the last input.", _NEURON, "Loop over `range(n)`, which ends at n − 1.", lambda op, x, w, b: x[..., :-1] @ w[:, :-1].T + b),
    Misconception("first-neuron-only", "You compute only the first neuron.", _NEURON, "Loop over the rows of `weight`.", lambda op, x, w, b: (x @ w.T + b)[..., :1]),
    Misconception("neurons-summed", "You add up all neurons to one number.", _NEURON, "Sum only over the inputs: use `axis=-1`.", lambda op, x, w, b: (x @ w.T + b).sum(-1)),
    Misconception("products-not-summed", "You multiply, but you do not add up the products.", _NEURON, "Use `sum` over the inputs, or `@`.", lambda op, x, w, b: x[..., None, :] * w + b[:, None]),
    Misconception("mean-for-weighted-sum", "You take the mean of the products instead of their sum.", _NEURON, "Use `sum`.", lambda op, x, w, b: x @ w.T / w.shape[1] + b),
    Misconception("neuron-activated", "You set negative results to zero (ReLU).", "The activation is a separate layer after the linear layer.", "Return the sums as they are.", lambda op, x, w, b: np.maximum(x @ w.T + b, 0)),
)  # fmt: skip

_RELU = "ReLU keeps positive numbers and sets all others to 0: max(0, x)."

RELU = (
    Misconception("relu-missing", "You return the numbers unchanged.", _RELU, "Return `np.maximum(input, 0)`: it makes a new array.", lambda op, x: x),
    Misconception("relu-magnitude", "You make negative numbers positive.", _RELU, "Use `max(0, x)`, not `abs(x)`.", lambda op, x: np.abs(x)),
    Misconception("relu-minimum", "You keep the negative numbers and set the positive ones to 0.", _RELU, "Use `np.maximum`, not `np.minimum`.", lambda op, x: np.minimum(x, 0)),
    Misconception("relu-mirrored", "You make negative numbers positive and set the positive ones to 0.", _RELU, "Use `max(0, x)`, not `max(0, -x)`.", lambda op, x: np.maximum(-x, 0)),
    Misconception("relu-negated", "Your result has the wrong sign.", _RELU, "Remove the minus sign.", lambda op, x: -np.maximum(x, 0)),
    Misconception("relu-clipped-at-one", "You reduce everything above 1 to 1.", _RELU, "Remove the upper bound.", lambda op, x: np.clip(x, 0, 1)),
    Misconception("relu-clipped-at-six", "You reduce everything above 6 to 6 (ReLU6).", _RELU, "Remove the upper bound.", lambda op, x: np.clip(x, 0, 6)),
    Misconception("relu-step", "You return 1 for every positive number.", _RELU, "Return x itself if it is positive, not `x > 0`.", lambda op, x: np.where(x > 0, 1.0, 0.0)),
    Misconception("relu-leaky", "You keep a hundredth of each negative number (leaky ReLU).", _RELU, "Return 0 for numbers below 0.", lambda op, x: np.where(x > 0, x, 0.01 * x)),
    Misconception("relu-above-one", "You keep only the numbers above 1.", _RELU, "Compare x with 0, not with 1.", lambda op, x: np.where(x > 1, x, 0)),
    Misconception("relu-at-least-one", "You return at least 1 for every number.", _RELU, "Compare with 0: use `np.maximum(input, 0)`.", lambda op, x: np.maximum(x, 1)),
    Misconception("relu-shifted", "You raise all numbers until the smallest is 0.", _RELU, "Set numbers below 0 to 0, and keep the others.", lambda op, x: x - x.min()),
    Misconception("relu-dropped", "You omit the negative numbers instead of setting them to 0.", _RELU, "Use `np.where(input > 0, input, 0)`, not `input[input > 0]`.", lambda op, x: x[x > 0]),
    Misconception("relu-maximum-of-all", "You return only the largest number.", _RELU, "Use `np.maximum(input, 0)`, which works on each number; `np.max(input)` takes the largest of all.", lambda op, x: x.max()),
    Misconception("relu-squared", "You square the positive numbers.", _RELU, "Return x itself if it is positive.", lambda op, x: np.maximum(x, 0) ** 2),
    Misconception("relu-softplus", "You compute log(1 + e^x), the smooth ReLU.", _RELU, "Use `np.maximum(input, 0)`.", lambda op, x: np.logaddexp(x, 0)),
    Misconception("relu-sigmoid", "You compute the sigmoid.", _RELU, "Use `np.maximum(input, 0)`.", quiet(lambda op, x: 1 / (1 + np.exp(-x)))),
    Misconception("relu-tanh", "You compute the hyperbolic tangent.", _RELU, "Use `np.maximum(input, 0)`.", lambda op, x: np.tanh(x)),
)  # fmt: skip


def _powers(base: float, x: Array, axis: int) -> Array:
    powers = base ** (x - x.max(axis=axis, keepdims=True))
    result: Array = powers / powers.sum(axis=axis, keepdims=True)
    return result


_SHARE = "Softmax divides e^x by the sum of all e^x in the row, so each row adds up to 1."

SOFTMAX = (
    Misconception("exponential-missing", "You divide by the sum without taking e^x first.", _SHARE, "Compute `np.exp(input)` first, then divide it by its sum.", quiet(lambda op, x: x / x.sum(axis=op.dim, keepdims=True))),
    Misconception("not-normalised", "You return e^x without dividing by the sum.", _SHARE, "Divide by the sum over the row.", quiet(lambda op, x: np.exp(x))),
    Misconception("shifted-not-normalised", "You divide e^x by the largest e^x.", _SHARE, "Divide by the sum.", lambda op, x: np.exp(x - x.max(axis=op.dim, keepdims=True))),
    Misconception("mean-normalised", "You divide e^x by the mean of all e^x.", _SHARE, "Divide by the sum.", lambda op, x: op(x) * x.shape[op.dim]),
    Misconception("sum-of-inputs", "You divide e^x by the sum of the numbers themselves.", _SHARE, "Divide by the sum of `np.exp(input)`.", quiet(lambda op, x: np.exp(x) / x.sum(axis=op.dim, keepdims=True))),
    Misconception("sum-over-all-rows", "You divide by the sum over all rows.", _SHARE, "Divide by `sum(axis=-1, keepdims=True)`.", lambda op, x: np.exp(x - x.max()) / np.exp(x - x.max()).sum()),
    Misconception("softmax-wrong-axis", "You make the columns add up to 1 instead of the rows.", _SHARE, "Use `axis=-1`, not `axis=0`.", lambda op, x: _powers(np.e, x, 0 if op.dim % x.ndim else -1)),
    Misconception("log-softmax", "You return the logarithm of the softmax.", _SHARE, "Remove the logarithm: the loss takes it.", quiet(lambda op, x: np.log(op(x)))),
    Misconception("base-two-powers", "You take powers of 2 instead of e.", _SHARE, "Use `np.exp(input)`, not `2 ** input`.", lambda op, x: _powers(2, x, op.dim)),
    Misconception("base-ten-powers", "You take powers of 10 instead of e.", _SHARE, "Use `np.exp(input)`, not `10 ** input`.", lambda op, x: _powers(10, x, op.dim)),
    Misconception("sigmoid-for-softmax", "You compute the sigmoid of each number.", _SHARE, "Divide by the sum over the row.", quiet(lambda op, x: 1 / (1 + np.exp(-x)))),
    Misconception("softmin", "You take e^(−x), so the smallest number gets the largest share.", _SHARE, "Use `np.exp(input)`, without a minus sign.", lambda op, x: op(-x)),
    Misconception("softmax-twice", "You apply the softmax twice.", _SHARE, "Apply it once.", lambda op, x: op(op(x))),
    Misconception("hard-maximum", "You return 1 for the largest number and 0 for the others.", _SHARE, "Divide e^x by the sum.", lambda op, x: np.where(x == x.max(axis=op.dim, keepdims=True), 1.0, 0.0)),
    Misconception("index-of-maximum", "You return the position of the largest number.", _SHARE, "Return a share for every number.", lambda op, x: x.argmax(axis=op.dim)),
    Misconception("length-normalised", "You divide by the row's length √Σx².", _SHARE, "Divide e^x by the sum of all e^x.", quiet(lambda op, x: x / np.sqrt((x**2).sum(axis=op.dim, keepdims=True)))),
    Misconception("range-normalised", "You scale the row to 0 … 1.", _SHARE, "Divide e^x by the sum of all e^x.", quiet(lambda op, x: (x - x.min(axis=op.dim, keepdims=True)) / np.ptp(x, axis=op.dim, keepdims=True))),
    Misconception("exponential-overflows", "Your e^x is too large for a float if x is large.", "The largest float lies below e^710, and ∞ / ∞ is not a number.", "Subtract the row's largest number first: the result stays the same.", quiet(lambda op, x: np.exp(x) / np.exp(x).sum(axis=op.dim, keepdims=True))),
)  # fmt: skip
