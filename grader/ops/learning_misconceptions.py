"""The misconceptions of the loss and of the optimizer's step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.ops.base import Array, Misconception
from grader.ops.network_misconceptions import Run, quiet

_LOSS = "The loss is L = −Σ y_i log(ŷ_i), with the natural logarithm: one number."


def _again(y_hat: Array) -> Array:
    powers = np.exp(y_hat)
    result: Array = powers / powers.sum()
    return result


def _loss(change: Callable[[Array, Array], Any]) -> Run:
    return quiet(lambda op, y, y_hat: np.asarray(change(y, y_hat)))


CROSS_ENTROPY = (
    Misconception("minus-missing", "You leave the minus away.", _LOSS, "Logarithms of probabilities are negative; the loss is not: put `-` in front.", _loss(lambda y, p: np.sum(y * np.log(p)))),
    Misconception("logarithm-base-two", "You take the logarithm to base 2.", _LOSS, "`np.log`, not `np.log2`.", _loss(lambda y, p: -np.sum(y * np.log2(p)))),
    Misconception("logarithm-base-ten", "You take the logarithm to base 10.", _LOSS, "`np.log`, not `np.log10`.", _loss(lambda y, p: -np.sum(y * np.log10(p)))),
    Misconception("logarithm-missing", "You do not take the logarithm.", _LOSS, "`np.log(y_hat)`.", _loss(lambda y, p: -np.sum(y * p))),
    Misconception("logarithm-of-one-more", "You take log(1 + ŷ).", _LOSS, "`np.log`, not `np.log1p`.", _loss(lambda y, p: -np.sum(y * np.log1p(p)))),
    Misconception("logarithm-of-the-rest", "You take log(1 − ŷ).", _LOSS, "`np.log(y_hat)`.", _loss(lambda y, p: -np.sum(y * np.log(1 - p)))),
    Misconception("logarithm-of-sum", "You take the logarithm after summing.", _LOSS, "Take the logarithm of each ŷ_i, then multiply and sum.", _loss(lambda y, p: -np.log(np.sum(y * p)))),
    Misconception("loss-averaged", "You divide by the number of classes.", _LOSS, "`sum`, not `mean`.", _loss(lambda y, p: -np.mean(y * np.log(p)))),
    Misconception("loss-not-summed", "You return one number for each class.", _LOSS, "`np.sum` of the products.", _loss(lambda y, p: -y * np.log(p))),
    Misconception("y-and-y-hat-exchanged", "You exchange y and ŷ.", _LOSS, "Take the logarithm of `y_hat`; `y` weighs it.", _loss(lambda y, p: -np.sum(p * np.log(y)))),
    Misconception("y-unused", "You add up the logarithms of all classes.", _LOSS, "Multiply each logarithm by y_i: only the true class counts.", _loss(lambda y, p: -np.sum(np.log(p)))),
    Misconception("largest-guess-only", "You take the class that ŷ likes best for the true one.", _LOSS, "`y` says which class is the true one.", _loss(lambda y, p: -np.log(p.max()))),
    Misconception("largest-class-only", "You take the largest y_i for 1 and the others for 0.", _LOSS, "Weigh every logarithm by its y_i.", _loss(lambda y, p: -np.log(p[y.argmax()]))),
    Misconception("binary-cross-entropy", "You add the terms of the classes that are not true (binary cross entropy).", _LOSS, "Leave (1 − y) log(1 − ŷ) away.", _loss(lambda y, p: -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)))),
    Misconception("divergence", "You subtract the entropy of y (the Kullback–Leibler divergence).", _LOSS, "Take log(ŷ_i), not log(ŷ_i / y_i).", _loss(lambda y, p: np.sum(y * np.log(np.where(y > 0, y, 1) / p)))),
    Misconception("squared-error", "You add the squared differences.", _LOSS, "The squared error is another loss; this one takes logarithms.", _loss(lambda y, p: np.sum((y - p) ** 2))),
    Misconception("mean-squared-error", "You take the mean of the squared differences.", _LOSS, "The squared error is another loss; this one takes logarithms.", _loss(lambda y, p: np.mean((y - p) ** 2))),
    Misconception("absolute-error", "You add the differences without their signs.", _LOSS, "The absolute error is another loss; this one takes logarithms.", _loss(lambda y, p: np.sum(np.abs(y - p)))),
    Misconception("softmax-again", "You apply the softmax to ŷ, which are probabilities already.", "`torch.nn.CrossEntropyLoss` starts from raw scores; here ŷ is what the softmax gave.", "Take the logarithm of `y_hat` as it is.", _loss(lambda y, p: -np.sum(y * np.log(_again(p))))),
    Misconception("perplexity", "You return e^L.", _LOSS, "Leave `exp` away.", _loss(lambda y, p: np.exp(-np.sum(y * np.log(p))))),
)  # fmt: skip

_STEP = "A step goes against the gradient: x − η · f'(x)."

SGD_STEP = (
    Misconception("gradient-ascent", "You add the step: x climbs.", _STEP, "Subtract.", lambda op, x, g, rate: x + rate * g),
    Misconception("rate-unused", "You subtract the whole gradient.", _STEP, "Multiply the gradient by `learning_rate`.", lambda op, x, g, rate: x - g),
    Misconception("gradient-unused", "You subtract the learning rate alone.", _STEP, "Multiply it by the gradient.", lambda op, x, g, rate: x - rate),
    Misconception("rate-divides", "You divide the gradient by the learning rate.", _STEP, "Multiply by it.", quiet(lambda op, x, g, rate: x - g / rate)),
    Misconception("rate-added", "You add the learning rate to the gradient.", _STEP, "Multiply the gradient by it.", lambda op, x, g, rate: x - (rate + g)),
    Misconception("rate-squared", "You multiply by the learning rate twice.", _STEP, "Multiply by it once.", lambda op, x, g, rate: x - rate**2 * g),
    Misconception("rate-on-difference", "You multiply x by the learning rate as well.", _STEP, "`x - learning_rate * gradient`; brackets around `x - gradient` change it.", lambda op, x, g, rate: rate * (x - g)),
    Misconception("rate-on-x", "You multiply x by the learning rate instead of the gradient.", _STEP, "`x - learning_rate * gradient`.", lambda op, x, g, rate: rate * x - g),
    Misconception("step-alone", "You return the step instead of the new x.", _STEP, "Subtract the step from x.", lambda op, x, g, rate: rate * g),
    Misconception("update-alone", "You return −η · f'(x), without x.", _STEP, "Add it to x.", lambda op, x, g, rate: -rate * g),
    Misconception("x-unchanged", "You return x as it came.", _STEP, "Return `x - learning_rate * gradient`.", lambda op, x, g, rate: x),
    Misconception("step-doubled", "You make two steps.", _STEP, "Subtract the step once.", lambda op, x, g, rate: x - 2 * rate * g),
    Misconception("step-times-x", "You multiply the step by x.", _STEP, "`f'(x)` is the gradient that you are given, not gradient × x.", lambda op, x, g, rate: x - rate * g * x),
    Misconception("x-and-gradient-exchanged", "You exchange x and the gradient.", _STEP, "`x - learning_rate * gradient`.", lambda op, x, g, rate: g - rate * x),
    Misconception("gradient-normalised", "You divide the gradient by its length.", _STEP, "Use the gradient as it is.", quiet(lambda op, x, g, rate: x - rate * g / np.sqrt((g**2).sum()))),
    Misconception("gradient-sign-only", "You use the gradient's sign only.", _STEP, "Use the gradient as it is.", lambda op, x, g, rate: x - rate * np.sign(g)),
    Misconception("gradient-magnitude", "You lose the gradient's sign.", _STEP, "Leave `abs` away: a negative slope moves x up.", lambda op, x, g, rate: x - rate * np.abs(g)),
    Misconception("gradient-squared", "You square the gradient.", _STEP, "Use the gradient as it is.", lambda op, x, g, rate: x - rate * g**2),
    Misconception("gradient-averaged", "You move all numbers by the mean of their gradients.", _STEP, "Each number has its own gradient.", lambda op, x, g, rate: x - rate * g.mean()),
    Misconception("first-moved-only", "You move the first number only.", _STEP, "Subtract for every number.", lambda op, x, g, rate: np.where(np.arange(x.size).reshape(x.shape) == 0, x - rate * g, x)),
)  # fmt: skip
