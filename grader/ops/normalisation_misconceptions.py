"""The misconceptions of batch normalisation: wrong statistics, a wrong root, parameters not applied or exchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.ops.base import Array, Misconception
from grader.ops.layers_misconceptions import Run, again, quiet

Statistics = tuple[Array, Array]


def _with(statistics: Callable[[Any, Array, Array, Array], Statistics]) -> Run:
    """Use other statistics: `statistics` receives the operator, the input, the running mean and variance."""

    def run(op: Any, x: Array, mean: Array, variance: Array, weight: Array, bias: Array) -> Array:
        middle, spread = statistics(op, x, mean, variance)
        scale, shift = op.columns(x, weight, bias)
        return np.asarray((x - middle) / np.sqrt(spread + op.eps) * scale + shift)

    return quiet(run)


def _training(statistics: Callable[[Any, Array], Statistics]) -> Run:
    """Use other statistics in training only."""
    return _with(lambda op, x, mean, variance: statistics(op, x) if op.training else op.statistics(x, mean, variance))


def _over(axes: Callable[[Array], tuple[int, ...]]) -> Run:
    """Compute the statistics over other axes."""
    return _training(lambda op, x: (x.mean(axes(x), keepdims=True), x.var(axes(x), keepdims=True)))


def _combined(change: Callable[..., Array]) -> Run:
    """Combine right numbers differently: `change` receives x, mean, variance, eps, weight and bias."""

    def run(op: Any, x: Array, mean: Array, variance: Array, weight: Array, bias: Array) -> Array:
        middle, spread = op.statistics(x, mean, variance)
        return np.asarray(change(x, middle, spread, op.eps, *op.columns(x, weight, bias)))

    return quiet(run)


def _after(change: Callable[[Array], Array]) -> Run:
    return lambda op, *inputs: change(op(*inputs))


def _mean_of(op: Any, x: Array, powers: Array) -> Array:
    return np.asarray(powers.mean(op.axes(x), keepdims=True))


def _unbiased(op: Any, x: Array) -> Statistics:
    return x.mean(op.axes(x), keepdims=True), x.var(op.axes(x), ddof=1, keepdims=True)


def _mixed(op: Any, x: Array, mean: Array, variance: Array) -> Statistics:
    """Mix the batch's statistics into the running ones, as for the next batch, and use these."""
    middle, spread = op.columns(x, mean, variance)
    if not op.training:
        return middle, spread
    batch_mean, batch_variance = op.statistics(x, mean, variance)
    return 0.9 * middle + 0.1 * batch_mean, 0.9 * spread + 0.1 * batch_variance


def _along_columns(op: Any, x: Array, mean: Array, variance: Array, weight: Array, bias: Array) -> Array:
    """Let NumPy broadcast parameters of C along the last axis."""
    middle, spread = op.statistics(x, mean, variance) if op.training else (mean, variance)
    return np.asarray((x - middle) / np.sqrt(spread + op.eps) * weight + bias)


def _first(*which: int) -> Run:
    """Use the first channel's number of some of the inputs for all channels."""

    def run(op: Any, *inputs: Array) -> Array:
        return np.asarray(op(*(np.asarray(p.ravel()[0]) if i in which else p for i, p in enumerate(inputs))))

    return run


_ROOT = "A channel is divided by √(variance + eps): eps keeps the root away from 0."
_SCALED = "The normalised number is multiplied by the channel's weight; then its bias is added."
_BATCH = "In training, mean and variance are those of the batch; otherwise they are the running ones."
_CHANNEL = "Mean and variance belong to a channel: they are over its rows and columns, in all images of the batch."
_BIASED = "The variance is the mean of the squared distances from the mean: torch divides by the number of cells."

BATCH_NORM = (
    Misconception("mean-not-subtracted", "You do not subtract the mean.", _CHANNEL, "Subtract the mean first.", _combined(lambda x, m, v, e, w, b: x / np.sqrt(v + e) * w + b)),
    Misconception("mean-added", "You add the mean instead of subtracting it.", _CHANNEL, "Subtract the mean.", _combined(lambda x, m, v, e, w, b: (x + m) / np.sqrt(v + e) * w + b)),
    Misconception("not-divided", "You subtract the mean, but you do not divide by the standard deviation.", _ROOT, "Divide by `np.sqrt(variance + eps)`.", _combined(lambda x, m, v, e, w, b: (x - m) * w + b)),
    Misconception("variance-without-root", "You divide by the variance, not by its root.", _ROOT, "Divide by `np.sqrt(variance + eps)`.", _combined(lambda x, m, v, e, w, b: (x - m) / (v + e) * w + b)),
    Misconception("variance-multiplied", "You multiply by the standard deviation.", _ROOT, "Divide by `np.sqrt(variance + eps)`.", _combined(lambda x, m, v, e, w, b: (x - m) * np.sqrt(v + e) * w + b)),
    Misconception("division-before-subtraction", "You divide the mean only: `input - mean / …`.", "Python divides before it subtracts.", "Put brackets around `input - mean`.", _combined(lambda x, m, v, e, w, b: (x - m / np.sqrt(v + e)) * w + b)),
    Misconception("eps-outside-root", "You add `eps` to the root, not to the variance.", _ROOT, "Use `np.sqrt(variance + eps)`.", _combined(lambda x, m, v, e, w, b: (x - m) / (np.sqrt(v) + e) * w + b), ("eps",)),
    Misconception("eps-ignored", "You do not add `eps`.", _ROOT, "Use `np.sqrt(variance + eps)`.", _combined(lambda x, m, v, e, w, b: (x - m) / np.sqrt(v) * w + b), ("eps",)),
    Misconception("eps-squared", "You add the square of `eps`.", _ROOT, "Use `np.sqrt(variance + eps)`.", _combined(lambda x, m, v, e, w, b: (x - m) / np.sqrt(v + e * e) * w + b), ("eps",)),
    Misconception("eps-subtracted", "You subtract `eps`.", _ROOT, "Use `np.sqrt(variance + eps)`.", _combined(lambda x, m, v, e, w, b: (x - m) / np.sqrt(v - e) * w + b), ("eps",)),
    Misconception("eps-as-least", "You use `eps` as the least variance instead of adding it.", _ROOT, "Use `np.sqrt(variance + eps)`, not `max(variance, eps)`.", _combined(lambda x, m, v, e, w, b: (x - m) / np.sqrt(np.maximum(v, e)) * w + b), ("eps",)),
    Misconception("weight-ignored", "You do not multiply by the weight.", _SCALED, "Multiply the normalised input by `weight`.", _combined(lambda x, m, v, e, w, b: (x - m) / np.sqrt(v + e) + b), ("weight",)),
    Misconception("weight-divided", "You divide by the weight.", _SCALED, "Multiply the normalised input by `weight`.", _combined(lambda x, m, v, e, w, b: (x - m) / np.sqrt(v + e) / w + b), ("weight",)),
    Misconception("weight-added", "You add the weight instead of multiplying by it.", _SCALED, "Multiply the normalised input by `weight`.", _combined(lambda x, m, v, e, w, b: (x - m) / np.sqrt(v + e) + w + b), ("weight",)),
    Misconception("weight-on-input", "You multiply the input by the weight before you subtract the mean.", _SCALED, "Normalise first, then multiply.", _combined(lambda x, m, v, e, w, b: (x * w - m) / np.sqrt(v + e) + b), ("weight",)),
    Misconception("bias-missing", "You do not add the bias.", _SCALED, "Add `bias` at the end.", _combined(lambda x, m, v, e, w, b: (x - m) / np.sqrt(v + e) * w), ("bias",)),
    Misconception("bias-subtracted", "You subtract the bias.", _SCALED, "Add `bias` at the end.", _combined(lambda x, m, v, e, w, b: (x - m) / np.sqrt(v + e) * w - b), ("bias",)),
    Misconception("bias-before-weight", "You add the bias before you multiply by the weight.", _SCALED, "Multiply first, then add.", _combined(lambda x, m, v, e, w, b: ((x - m) / np.sqrt(v + e) + b) * w), ("weight", "bias")),
    Misconception("weight-and-bias-exchanged", "You multiply by the bias and add the weight.", _SCALED, "Multiply by `weight`, then add `bias`.", _combined(lambda x, m, v, e, w, b: (x - m) / np.sqrt(v + e) * b + w), ("weight", "bias")),
    Misconception("mean-and-variance-exchanged", "You use the running variance as the mean and the running mean as the variance.", _BATCH, "Check the order of the parameters.", lambda op, x, m, v, w, b: _with(lambda *_: op.statistics(x, v, m))(op, x, m, v, w, b), ("running_mean", "running_var")),
    Misconception("running-statistics-in-training", "You use the running mean and variance in training, too.", _BATCH, "Compute `input.mean` and `input.var` if `training` is true.", _with(lambda op, x, m, v: op.columns(x, m, v)), ("training", "running_mean")),
    Misconception("running-mean-in-training", "You use the running mean in training, too.", _BATCH, "Compute both mean and variance from the batch if `training` is true.", _with(lambda op, x, m, v: (op.columns(x, m)[0], op.statistics(x, m, v)[1])), ("training", "running_mean")),
    Misconception("running-variance-in-training", "You use the running variance in training, too.", _BATCH, "Compute both mean and variance from the batch if `training` is true.", _with(lambda op, x, m, v: (op.statistics(x, m, v)[0], op.columns(x, v)[0])), ("training", "running_var")),
    Misconception("batch-statistics-always", "You compute mean and variance from the batch even if you do not train.", _BATCH, "Use `running_mean` and `running_var` unless `training` is true.", _with(lambda op, x, m, v: op.changed(training=True).statistics(x, m, v)), ("running_mean",)),
    Misconception("training-negated", "You use the running statistics in training, and those of the batch otherwise.", _BATCH, "Compute them from the batch if `training` is true.", _with(lambda op, x, m, v: op.changed(training=not op.training).statistics(x, m, v)), ("training", "running_mean")),
    Misconception("running-statistics-updated-first", "You mix the batch into the running statistics, and normalise by these.", _BATCH, "Normalise by the batch's own mean and variance in training.", _with(_mixed), ("training", "running_mean")),
    Misconception("variance-unbiased", "You divide by the number of cells less 1 in the variance.", _BIASED, "Use `var()` without `ddof`; torch.var needs `correction=0`.", _training(_unbiased), ("training",)),
    Misconception("variance-not-centred", "You take the mean of the squares as the variance.", _BIASED, "Subtract the mean before you square.", _training(lambda op, x: (_mean_of(op, x, x), _mean_of(op, x, x**2))), ("training",)),
    Misconception("variance-summed", "You add up the squared distances, but do not divide by the number of cells.", _BIASED, "Use `var()`, or `mean` of the squares.", _training(lambda op, x: (_mean_of(op, x, x), ((x - _mean_of(op, x, x)) ** 2).sum(op.axes(x), keepdims=True))), ("training",)),
    Misconception("deviation-absolute", "You divide by the mean distance from the mean.", _BIASED, "Square the distances, take their mean, then the root.", _training(lambda op, x: (_mean_of(op, x, x), _mean_of(op, x, np.abs(x - _mean_of(op, x, x))) ** 2)), ("training",)),
    Misconception("statistics-of-rows", "You normalise each row by itself.", _CHANNEL, "Take mean and variance over rows and columns, and over the batch.", _over(lambda x: (-1,)), ("training",)),
    Misconception("statistics-of-columns", "You normalise each column by itself.", _CHANNEL, "Take mean and variance over rows and columns, and over the batch.", _over(lambda x: (-2,)), ("training",)),
    Misconception("statistics-of-all-channels", "You take mean and variance over all channels together.", _CHANNEL, "Use `axis=(0, 2, 3)` for N×C×M×N.", _over(lambda x: tuple(range(x.ndim))), ("training", "channels")),
    Misconception("statistics-of-places", "You take mean and variance over the channels at each place.", _CHANNEL, "Use `axis=(0, 2, 3)` for N×C×M×N.", _over(lambda x: (-3,) if x.ndim > 2 else (-2, -1)), ("training", "channels")),
    Misconception("statistics-of-each-image", "You normalise each image of the batch by itself.", _CHANNEL, "Use `axis=(0, 2, 3)`.", _over(lambda x: (-2, -1)), ("training", "batch")),
    Misconception("statistics-of-batch-axis", "You take mean and variance over the images only, at each place.", _CHANNEL, "Use `axis=(0, 2, 3)`.", _over(lambda x: (0,) if x.ndim > 3 else (-2, -1)), ("training", "batch")),
    Misconception("parameters-along-columns", "NumPy applies your parameters to the columns, not to the channels.", "Arrays of C numbers are aligned with the last axis.", "Reshape them to C×1×1: `weight[:, None, None]`.", _along_columns, ("channels",)),
    Misconception("statistics-of-first-channel", "You use the first channel's running statistics for all channels.", _CHANNEL, "Use `running_mean[c]` and `running_var[c]` for channel c.", _first(1, 2), ("running_mean", "channels")),
    Misconception("weight-of-first-channel", "You use the first channel's weight and bias for all channels.", _SCALED, "Use `weight[c]` and `bias[c]` for channel c.", _first(3, 4), ("weight", "channels")),
    Misconception("activated", "You set negative results to zero (ReLU).", "The activation is a layer of its own.", "Return the normalised numbers as they are.", _after(lambda y: np.maximum(y, 0))),
    again("fraction-cut", _after(np.trunc)),
    again("rounded", _after(np.rint)),
)  # fmt: skip
