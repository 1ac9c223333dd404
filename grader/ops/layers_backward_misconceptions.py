"""The misconceptions of the backward passes of ReLU and the linear layer, and of the loss of scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.ops.base import Array, Misconception
from grader.ops.layers_misconceptions import Run, quiet

_MASK = "ReLU passes its input where it is positive, and 0 elsewhere: its slope is 1 or 0, and the input decides which."
_CHAIN = "The chain rule multiplies by the gradient of the output: grad_output."
_FLOATS = "A gradient can be any real number."

RELU_BACKWARD = (
    Misconception("mask-of-gradient", "You set the gradient to 0 where it is negative itself.", _MASK, "Look where `input` is positive, not where `grad_output` is.", lambda op, g, x: np.where(g > 0, g, 0.0)),
    Misconception("mask-of-both", "You also set negative gradients to 0.", _MASK, "Look at `input` only: `grad_output * (input > 0)`.", lambda op, g, x: np.where((g > 0) & (x > 0), g, 0.0)),
    Misconception("mask-missing", "You return grad_output unchanged.", _MASK, "Multiply by a mask: `grad_output * (input > 0)`.", lambda op, g, x: g),
    Misconception("mask-inverted", "You let the gradient pass where the input is negative.", _MASK, "Use `input > 0`.", lambda op, g, x: np.where(x < 0, g, 0.0)),
    Misconception("grad-output-unused", "You return the slope, 0 or 1, without grad_output.", _CHAIN, "Multiply the mask by `grad_output`.", lambda op, g, x: (x > 0) * 1.0),
    Misconception("gradient-times-output", "You multiply grad_output by the output of ReLU, not by its slope.", _MASK, "Multiply by `input > 0`, not by `np.maximum(input, 0)`.", lambda op, g, x: g * np.maximum(x, 0.0)),
    Misconception("gradient-times-input", "You multiply grad_output by the input.", _MASK, "Multiply by `input > 0`.", lambda op, g, x: g * x),
    Misconception("forward-again", "You return the output of ReLU.", "The backward pass receives the gradient of the output and returns that of the input.", "Return `grad_output * (input > 0)`.", lambda op, g, x: np.maximum(x, 0.0)),
    Misconception("slope-of-magnitude", "You change the gradient's sign where the input is negative.", _MASK, "There the gradient is 0: use `input > 0`, not `np.sign(input)`.", lambda op, g, x: g * np.sign(x)),
    Misconception("leaky", "You let a hundredth of the gradient pass where the input is negative (leaky ReLU).", _MASK, "There the gradient is 0.", lambda op, g, x: np.where(x > 0, g, 0.01 * g)),
    Misconception("gradients-cut", "You store the gradient as whole numbers, so the fractions are cut off.", _FLOATS, "Create it with floats.", lambda op, g, x: np.trunc(op(g, x))),
    Misconception("gradients-all-zero", "You return a gradient of the right size, but you write nothing into it.", _MASK, "Return `grad_output * (input > 0)`.", lambda op, g, x: np.zeros_like(x)),
)  # fmt: skip


def _misconception(id: str, run: Run, says: str, why: str, instead: str, *about: str) -> Misconception:
    return Misconception(id=id, says=says, why=why, instead=instead, run=run, about=about)


def _to_input(change: Callable[[Array, Array, Array], Array]) -> Run:
    return lambda op, g, x, w, b: (change(g, x, w), *op(g, x, w, b)[1:])


def _to_weight(change: Callable[..., Any]) -> Run:
    """Change grad_weight; `change` receives it, the gradients and inputs as grids, and the weight."""

    def wrong(op: Any, g: Array, x: Array, w: Array, b: Array) -> Any:
        to_input, to_weight, to_bias = op(g, x, w, b)
        return to_input, change(to_weight, *op.rows(g, x), w), to_bias

    return wrong


def _to_bias(change: Callable[[Array, Array], Any]) -> Run:
    return lambda op, g, x, w, b: (*op(g, x, w, b)[:2], np.asarray(change(g, b)))


def _all(change: Callable[[Array], Array]) -> Run:
    return lambda op, g, x, w, b: tuple(np.asarray(change(value)) for value in op(g, x, w, b))


def _averaged(op: Any, g: Array, x: Array, w: Array, b: Array) -> Any:
    to_input, to_weight, to_bias = op(g, x, w, b)
    return to_input, to_weight / (g.size / g.shape[-1]), to_bias / (g.size / g.shape[-1])


def _last_row(op: Any, g: Array, x: Array, w: Array, b: Array) -> Any:
    grads, rows = op.rows(g, x)
    return g @ w, grads[-1:].T @ rows[-1:], grads[-1]


_INPUT = (
    "Each input feeds every neuron j with weight[j, i], and its gradient is the sum of grad_output[j] × weight[j, i]."
)
_WEIGHT = "weight[j, i] is multiplied by input i and goes to output j, so its gradient is grad_output[j] × input[i], summed over the batch."
_BIAS = "Each bias is added to one output in every row of the batch, so its gradient is the sum of grad_output over the rows."
_BATCH = (
    "grad_output already contains whatever the loss divides by; all rows share the weights, so their gradients add up."
)

LINEAR_BACKWARD = (
    _misconception("input-gradient-weight-transposed", _to_input(lambda g, x, w: g @ w.T), "In grad_input, you multiply by the transposed weight.", _INPUT, "Use `grad_output @ weight`: the forward pass used `weight.T`."),
    _misconception("input-gradient-without-weight", _to_input(lambda g, x, w: np.broadcast_to(g.sum(axis=-1, keepdims=True), x.shape)), "In grad_input, you do not multiply by the weights.", _INPUT, "Use `grad_output @ weight`."),
    _misconception("input-gradient-without-grad-output", _to_input(lambda g, x, w: np.broadcast_to(w.sum(axis=0), x.shape)), "In grad_input, you do not multiply by grad_output.", _CHAIN, "Use `grad_output @ weight`."),
    _misconception("input-gradient-times-input", _to_input(lambda g, x, w: (g @ w) * x), "You multiply grad_input by the input.", _INPUT, "Use `grad_output @ weight`."),
    _misconception("input-gradient-masked", _to_input(lambda g, x, w: (g @ w) * (x > 0)), "You set grad_input to 0 where the input is not positive (ReLU).", "ReLU is a layer of its own, with its own backward pass.", "Use `grad_output @ weight`."),
    _misconception("weight-gradient-transposed", _to_weight(lambda found, g, x, w: found.T), "You return grad_weight with inputs and outputs exchanged.", "A gradient has the shape of what it belongs to: outputs × inputs, as `weight`.", "Use `grad_output.T @ input`."),
    _misconception("weight-gradient-without-grad-output", _to_weight(lambda found, g, x, w: np.ones_like(g).T @ x), "In grad_weight, you do not multiply by grad_output.", _CHAIN, "Use `grad_output.T @ input`."),
    _misconception("weight-gradient-without-input", _to_weight(lambda found, g, x, w: g.T @ np.ones_like(x)), "In grad_weight, you do not multiply by the input.", _WEIGHT, "Use `grad_output.T @ input`."),
    _misconception("weight-gradient-times-weight", _to_weight(lambda found, g, x, w: found * w), "You multiply grad_weight by the weight.", _WEIGHT, "Use `grad_output.T @ input`."),
    _misconception("weight-gradient-averaged", _to_weight(lambda found, g, x, w: found / len(g)), "You divide grad_weight by the number of rows.", _BATCH, "Do not divide.", "batch"),
    _misconception("bias-gradient-wrong-axis", _to_bias(lambda g, b: g.sum(axis=-1)), "You sum grad_output over the outputs for grad_bias.", _BIAS, "Sum over the rows: `sum(axis=0)`."),
    _misconception("bias-gradient-not-summed", _to_bias(lambda g, b: g), "You return grad_output itself for grad_bias.", _BIAS, "Sum over the rows: `sum(axis=0)`.", "batch"),
    _misconception("bias-gradient-averaged", _to_bias(lambda g, b: g.reshape(-1, g.shape[-1]).mean(axis=0)), "You take the mean over the rows for grad_bias.", _BIAS, "Use `sum`.", "batch"),
    _misconception("bias-gradient-total", _to_bias(lambda g, b: np.full(g.shape[-1], g.sum())), "You give every bias the sum of the whole of grad_output.", _BIAS, "Sum over the rows only: `sum(axis=0)`."),
    _misconception("bias-gradient-without-grad-output", _to_bias(lambda g, b: np.full(g.shape[-1], g.size / g.shape[-1])), "For grad_bias, you count the rows instead of adding grad_output.", _BIAS, "Add the rows of `grad_output`."),
    _misconception("bias-gradient-times-bias", _to_bias(lambda g, b: g.reshape(-1, g.shape[-1]).sum(axis=0) * b), "You multiply grad_bias by the bias.", "The bias is added, so the output grows as fast as the bias does: the factor is 1.", "Return the sum of grad_output.", "bias"),
    _misconception("batch-averaged", _averaged, "You divide grad_weight and grad_bias by the number of rows.", _BATCH, "Do not divide: the loss does so, and grad_output contains it.", "batch"),
    _misconception("batch-averaged-everywhere", lambda op, g, x, w, b: tuple(value / (g.size / g.shape[-1]) for value in op(g, x, w, b)), "You divide all gradients by the number of rows.", _BATCH, "Do not divide: the loss does so, and grad_output contains it.", "batch"),
    _misconception("gradient-of-last-row-only", _last_row, "Only the last row of the batch counts for grad_weight and grad_bias.", _BATCH, "Create both before the loop over the rows, and use `+=`.", "batch"),
    _misconception("grad-output-unused", lambda op, g, x, w, b: op(np.ones_like(g), x, w, b), "You do not use grad_output, as if all of its cells were 1.", _CHAIN, "Multiply by `grad_output`."),
    _misconception("gradients-exchanged", lambda op, g, x, w, b: (*op(g, x, w, b)[1::-1], op(g, x, w, b)[2]), "You return grad_weight before grad_input.", "The order is that of the inputs: input, weight, bias.", "Return `grad_input, grad_weight, grad_bias`."),
    _misconception("gradients-all-zero", _all(np.zeros_like), "You return gradients of the right size, but you write nothing into them.", _CHAIN, "Write the products into them."),
    _misconception("gradients-cut", _all(np.trunc), "You store the gradients as whole numbers, so the fractions are cut off.", _FLOATS, "Create them with floats."),
    _misconception("gradients-magnitude", _all(np.abs), "You lose the sign: negative gradients come out positive.", _FLOATS, "Remove `abs`."),
)  # fmt: skip


def _softmax(scores: Array, axis: int | None = 1) -> Array:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    result: Array = powers / powers.sum(axis=axis, keepdims=True)
    return result


def _loss(change: Callable[[Array, Array, Array], Any]) -> Run:
    """Change the loss; `change` receives the scores, the probabilities and the true classes."""
    return quiet(lambda op, x, t: (np.asarray(change(x, _softmax(x), _classes(t))), _right(x, t)[1]))


def _gradient(change: Callable[[Array, Array], Any]) -> Run:
    """Change the gradient; `change` receives the probabilities, and ones at the true classes among zeros."""

    def wrong(op: Any, x: Array, t: Array) -> Any:
        chances = _softmax(x)
        return _right(x, t)[0], np.asarray(change(chances, _ones(chances, t)))

    return quiet(wrong)


def _of(chances: Callable[[Array], Array]) -> Run:
    """Compute loss and gradient from other probabilities."""

    def wrong(op: Any, x: Array, t: Array) -> Any:
        p = chances(x)
        picked = p[np.arange(len(t)), _classes(t)]
        return np.asarray(-np.log(picked).mean()), (p - _ones(p, t)) / len(t)

    return quiet(wrong)


def _classes(target: Array) -> Array:
    return np.rint(target).astype(int)


def _ones(like: Array, target: Array) -> Array:
    ones = np.zeros_like(like)
    ones[np.arange(len(target)), _classes(target)] = 1
    return ones


def _right(x: Array, t: Array) -> tuple[Array, Array]:
    chances = _softmax(x)
    picked = chances[np.arange(len(t)), _classes(t)]
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(picked).mean()), (chances - _ones(chances, t)) / len(t)


def _pick(p: Array, t: Array) -> Array:
    result: Array = p[np.arange(len(t)), t]
    return result


def _both(change: Callable[[Array], float]) -> Run:
    """Multiply loss and gradient by a number that depends on the scores."""
    return lambda op, x, t: tuple(value * change(x) for value in op(x, t))


_SOFTMAX = "The softmax of a row is e^score divided by the sum of e^score over the classes of this row."
_MEAN = "The loss is the mean over the N rows of −log of the true class's probability, with the natural logarithm."
_GRAD = "grad_input is (p − 1) / N at the true class of a row and p / N elsewhere."

SOFTMAX_LOSS = (
    _misconception("loss-summed", _loss(lambda x, p, t: -np.log(_pick(p, t)).sum()), "You add up the losses of the rows instead of taking their mean.", _MEAN, "Divide the loss by N, the number of rows."),
    _misconception("gradient-not-averaged", _gradient(lambda p, ones: p - ones), "You do not divide grad_input by the number of rows.", "The loss is a mean over N rows, so each row's gradient has the factor 1/N.", "Divide by N."),
    _misconception("nothing-averaged", _both(lambda x: len(x)), "You divide neither the loss nor grad_input by the number of rows.", _MEAN, "Divide both by N."),
    _misconception("gradient-averaged-over-all", _gradient(lambda p, ones: (p - ones) / p.size), "You divide grad_input by the number of all scores.", _GRAD, "Divide by N, the number of rows."),
    _misconception("loss-averaged-over-all", _loss(lambda x, p, t: -np.log(_pick(p, t)).sum() / p.size), "You divide the loss by the number of all scores.", _MEAN, "Divide by N, the number of rows."),
    _misconception("gradient-one-not-subtracted", _gradient(lambda p, ones: p / len(p)), "You do not subtract 1 at the true class.", _GRAD, "Subtract 1 from `p[n, target[n]]` before you divide by N."),
    _misconception("gradient-one-subtracted-everywhere", _gradient(lambda p, ones: (p - 1) / len(p)), "You subtract 1 at all classes, not only at the true one.", _GRAD, "Subtract 1 from `p[n, target[n]]` only."),
    _misconception("gradient-one-subtracted-after-dividing", _gradient(lambda p, ones: p / len(p) - ones), "You divide by N before you subtract 1.", _GRAD, "Subtract 1 first, then divide by N."),
    _misconception("gradient-sign-reversed", _gradient(lambda p, ones: (ones - p) / len(p)), "You reverse the sign of grad_input.", _GRAD, "Use `p - 1` at the true class, not `1 - p`."),
    _misconception("gradient-of-true-class-only", _gradient(lambda p, ones: (p - 1) * ones / len(p)), "You compute grad_input at the true class only.", "Every score is in the sum below the fraction, so every one changes the loss.", "Use p / N at the other classes."),
    _misconception("gradient-of-softmax", _gradient(lambda p, ones: p * (1 - p) / len(p)), "You return the slope of the softmax, p · (1 − p).", _GRAD, "Use `(p - 1) / N` at the true class and `p / N` elsewhere."),
    _misconception("gradient-by-chance", _gradient(lambda p, ones: -ones / p / len(p)), "You return the gradient with respect to the probabilities, not the scores.", _GRAD, "Use `(p - 1) / N` at the true class and `p / N` elsewhere."),
    _misconception("softmax-over-rows", _of(lambda x: _softmax(x, 0)), "You take the softmax over the rows of the batch, not over the classes.", _SOFTMAX, "Sum over the classes: `axis=1`."),
    _misconception("softmax-over-all", _of(lambda x: _softmax(x, None)), "You divide by the sum over the whole batch.", _SOFTMAX, "Sum over the classes: `sum(axis=1, keepdims=True)`."),
    _misconception("softmax-missing", _of(lambda x: x), "You use the scores as if they were probabilities.", _SOFTMAX, "Compute the softmax first."),
    _misconception("loss-exponential-missing", _of(lambda x: x / x.sum(axis=1, keepdims=True)), "You divide the scores by their sum, without the exponential.", _SOFTMAX, "Use `np.exp(input)`."),
    _misconception("loss-exponential-overflows", _of(lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)), "Your e^score is too large for a float if the score is large.", "The largest float lies below e^710, and ∞ / ∞ is not a number.", "Subtract each row's largest score first: the probabilities stay the same."),
    _misconception("loss-not-normalised", _of(np.exp), "You do not divide by the sum of the exponentials.", _SOFTMAX, "Divide by `powers.sum(axis=1, keepdims=True)`."),
    _misconception("loss-sigmoid-for-softmax", _of(lambda x: 1 / (1 + np.exp(-x))), "You use the sigmoid of each score instead of the softmax.", _SOFTMAX, "Divide the exponentials by their sum over the classes."),
    _misconception("loss-minus-missing", _loss(lambda x, p, t: np.log(_pick(p, t)).mean()), "You forget the minus sign of the loss.", _MEAN, "Put `-` in front: logarithms of probabilities are negative, but the loss is not."),
    _misconception("logarithm-missing", _loss(lambda x, p, t: -_pick(p, t).mean()), "You do not take the logarithm.", _MEAN, "Use `np.log`."),
    _misconception("logarithm-base-two", _loss(lambda x, p, t: -np.log2(_pick(p, t)).mean()), "You take the logarithm to base 2.", _MEAN, "Use `np.log`, not `np.log2`."),
    _misconception("logarithm-base-ten", _loss(lambda x, p, t: -np.log10(_pick(p, t)).mean()), "You take the logarithm to base 10.", _MEAN, "Use `np.log`, not `np.log10`."),
    _misconception("logarithm-of-scores", _loss(lambda x, p, t: -_pick(x, t).mean()), "You use the score of the true class in place of the logarithm of its probability.", _MEAN, "Compute the softmax first, then take its logarithm."),
    _misconception("logarithm-of-mean", _loss(lambda x, p, t: -np.log(_pick(p, t).mean())), "You take the logarithm of the mean probability.", _MEAN, "Take the logarithms first, then their mean."),
    _misconception("loss-of-all-classes", _loss(lambda x, p, t: -np.log(p).sum(axis=1).mean()), "You add the logarithms of all classes, not of the true one.", _MEAN, "Use `p[np.arange(N), target]`."),
    _misconception("loss-of-largest-class", _loss(lambda x, p, t: -np.log(p.max(axis=1)).mean()), "You use the most probable class as the true one.", _MEAN, "Use `target`."),
    _misconception("loss-per-row", _loss(lambda x, p, t: -np.log(_pick(p, t))), "You return one loss for each row.", _MEAN, "Return the mean over the rows."),
    _misconception("target-from-one", lambda op, x, t: _right(x, t - 1), "You count the classes from 1.", "`target` holds indices, which begin at 0.", "Use `target` as it is."),
)  # fmt: skip
