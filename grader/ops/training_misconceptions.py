"""The misconceptions of the loss and of the optimizer's step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.ops.base import Array, Misconception
from grader.ops.layers_misconceptions import Run, quiet

_LOSS = "The loss is one number, L = −Σ y_i log(ŷ_i), with the natural logarithm."


def _again(y_hat: Array) -> Array:
    powers = np.exp(y_hat)
    result: Array = powers / powers.sum()
    return result


def _loss(change: Callable[[Array, Array], Any]) -> Run:
    return quiet(lambda op, y, y_hat: np.asarray(change(y, y_hat)))


CROSS_ENTROPY = (
    Misconception("minus-missing", "You forget the minus sign.", _LOSS, "Put `-` in front: logarithms of probabilities are negative, but the loss is not.", _loss(lambda y, p: np.sum(y * np.log(p)))),
    Misconception("logarithm-base-two", "You take the logarithm to base 2.", _LOSS, "Use `np.log`, not `np.log2`.", _loss(lambda y, p: -np.sum(y * np.log2(p)))),
    Misconception("logarithm-base-ten", "You take the logarithm to base 10.", _LOSS, "Use `np.log`, not `np.log10`.", _loss(lambda y, p: -np.sum(y * np.log10(p)))),
    Misconception("logarithm-missing", "You do not take the logarithm.", _LOSS, "Use `np.log(y_hat)`.", _loss(lambda y, p: -np.sum(y * p))),
    Misconception("logarithm-of-one-more", "You take log(1 + ŷ).", _LOSS, "Use `np.log`, not `np.log1p`.", _loss(lambda y, p: -np.sum(y * np.log1p(p)))),
    Misconception("logarithm-of-the-rest", "You take log(1 − ŷ).", _LOSS, "Use `np.log(y_hat)`.", _loss(lambda y, p: -np.sum(y * np.log(1 - p)))),
    Misconception("logarithm-of-sum", "You sum first and take the logarithm of the sum.", _LOSS, "Take the logarithm of each ŷ_i, then multiply and sum.", _loss(lambda y, p: -np.log(np.sum(y * p)))),
    Misconception("loss-averaged", "You divide by the number of classes.", _LOSS, "Use `sum`, not `mean`.", _loss(lambda y, p: -np.mean(y * np.log(p)))),
    Misconception("loss-not-summed", "You return one number for each class.", _LOSS, "Return `np.sum` of the products.", _loss(lambda y, p: -y * np.log(p))),
    Misconception("y-and-y-hat-exchanged", "You use y in place of ŷ, and ŷ in place of y.", _LOSS, "Take the logarithm of `y_hat`, and multiply it by `y`.", _loss(lambda y, p: -np.sum(p * np.log(y)))),
    Misconception("y-unused", "You add up the logarithms of all classes without multiplying them by y.", _LOSS, "Multiply each logarithm by y_i: only the true class counts.", _loss(lambda y, p: -np.sum(np.log(p)))),
    Misconception("largest-guess-only", "You use the class with the largest ŷ as the true one.", _LOSS, "Use `y`: it is 1 for the true class.", _loss(lambda y, p: -np.log(p.max()))),
    Misconception("largest-class-only", "You treat the largest y_i as 1 and the others as 0.", _LOSS, "Multiply every logarithm by its y_i.", _loss(lambda y, p: -np.log(p[y.argmax()]))),
    Misconception("binary-cross-entropy", "You also add the terms of the classes that are not true (binary cross-entropy).", _LOSS, "Remove (1 − y) log(1 − ŷ).", _loss(lambda y, p: -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)))),
    Misconception("divergence", "You subtract the entropy of y (the Kullback–Leibler divergence).", _LOSS, "Take log(ŷ_i), not log(ŷ_i / y_i).", _loss(lambda y, p: np.sum(y * np.log(np.where(y > 0, y, 1) / p)))),
    Misconception("squared-error", "You add the squared differences.", _LOSS, "Use logarithms: the squared error is another loss.", _loss(lambda y, p: np.sum((y - p) ** 2))),
    Misconception("mean-squared-error", "You take the mean of the squared differences.", _LOSS, "Use logarithms: the squared error is another loss.", _loss(lambda y, p: np.mean((y - p) ** 2))),
    Misconception("absolute-error", "You add the absolute differences.", _LOSS, "Use logarithms: the absolute error is another loss.", _loss(lambda y, p: np.sum(np.abs(y - p)))),
    Misconception("softmax-again", "You apply the softmax to ŷ, which already contains probabilities.", "`torch.nn.CrossEntropyLoss` starts from raw scores; here ŷ is the result of the softmax.", "Take the logarithm of `y_hat` as it is.", _loss(lambda y, p: -np.sum(y * np.log(_again(p))))),
    Misconception("perplexity", "You return e^L, the perplexity, instead of L.", _LOSS, "Remove `exp`.", _loss(lambda y, p: np.exp(-np.sum(y * np.log(p))))),
)  # fmt: skip

_STEP = "A step goes against the gradient: x − η · f'(x)."

SGD_STEP = (
    Misconception("gradient-ascent", "You add the step, so the function's value increases.", _STEP, "Subtract the step from x.", lambda op, x, g, rate: x + rate * g),
    Misconception("rate-unused", "You subtract the whole gradient.", _STEP, "Multiply the gradient by `learning_rate`.", lambda op, x, g, rate: x - g),
    Misconception("gradient-unused", "You subtract only the learning rate.", _STEP, "Multiply the learning rate by the gradient.", lambda op, x, g, rate: x - rate),
    Misconception("rate-divides", "You divide the gradient by the learning rate.", _STEP, "Multiply the gradient by the learning rate.", quiet(lambda op, x, g, rate: x - g / rate)),
    Misconception("rate-added", "You add the learning rate to the gradient.", _STEP, "Multiply the gradient by the learning rate.", lambda op, x, g, rate: x - (rate + g)),
    Misconception("rate-squared", "You multiply by the learning rate twice.", _STEP, "Multiply the gradient by the learning rate once.", lambda op, x, g, rate: x - rate**2 * g),
    Misconception("rate-on-difference", "You also multiply x by the learning rate.", _STEP, "Compute `x - learning_rate * gradient`, without brackets around `x - gradient`.", lambda op, x, g, rate: rate * (x - g)),
    Misconception("rate-on-x", "You multiply x by the learning rate instead of the gradient.", _STEP, "Compute `x - learning_rate * gradient`.", lambda op, x, g, rate: rate * x - g),
    Misconception("step-alone", "You return the step instead of the new x.", _STEP, "Subtract the step from x.", lambda op, x, g, rate: rate * g),
    Misconception("update-alone", "You return only the change −η · f'(x), without x.", _STEP, "Add the change to x.", lambda op, x, g, rate: -rate * g),
    Misconception("x-unchanged", "You return x unchanged.", _STEP, "Return `x - learning_rate * gradient`.", lambda op, x, g, rate: x),
    Misconception("step-doubled", "You subtract the step twice.", _STEP, "Subtract the step once.", lambda op, x, g, rate: x - 2 * rate * g),
    Misconception("step-times-x", "You multiply the step by x.", _STEP, "Use the gradient that the function receives as f'(x), not gradient × x.", lambda op, x, g, rate: x - rate * g * x),
    Misconception("x-and-gradient-exchanged", "You exchange x and the gradient.", _STEP, "Compute `x - learning_rate * gradient`.", lambda op, x, g, rate: g - rate * x),
    Misconception("gradient-normalised", "You divide the gradient by its length.", _STEP, "Use the gradient as it is.", quiet(lambda op, x, g, rate: x - rate * g / np.sqrt((g**2).sum()))),
    Misconception("gradient-sign-only", "You use only the gradient's sign.", _STEP, "Use the gradient as it is.", lambda op, x, g, rate: x - rate * np.sign(g)),
    Misconception("gradient-magnitude", "You lose the gradient's sign.", _STEP, "Remove `abs`: a negative gradient increases x.", lambda op, x, g, rate: x - rate * np.abs(g)),
    Misconception("gradient-squared", "You square the gradient.", _STEP, "Use the gradient as it is.", lambda op, x, g, rate: x - rate * g**2),
    Misconception("gradient-averaged", "You change all numbers by the mean of their gradients.", _STEP, "Use each number's own gradient.", lambda op, x, g, rate: x - rate * g.mean()),
    Misconception("first-moved-only", "You change only the first number.", _STEP, "Subtract the step from every number.", lambda op, x, g, rate: np.where(np.arange(x.size).reshape(x.shape) == 0, x - rate * g, x)),
)  # fmt: skip
