"""What a misconception reads for an output cell, and with which weights: found by changing its inputs, one at a time.

A misconception is a function from inputs to an answer; nothing in it says where its window stands. But its answer
changes where an input cell does that it reads. For a convolution, a kernel of numbers that are all different tells
which weight goes with which cell as well, and it shows the arithmetic only if that gives the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isclose
from typing import Any, NamedTuple

import numpy as np

from grader.ops.base import Array, number, term

Run = Callable[[Any, Sequence[Array]], "tuple[Array, ...] | None"]
MOST_CELLS = 200  # of an input: each costs a run or two
_REDUCTIONS: tuple[tuple[str, Callable[[list[float]], float]], ...] = (
    ("max({})", max),
    ("min({})", min),
    ("({}) / {n}", lambda cells: sum(cells) / len(cells)),
    ("{}", sum),
    ("max({}, 0)", lambda cells: max(*cells, 0.0)),
    ("min({}, 0)", lambda cells: min(*cells, 0.0)),
)


class Told(NamedTuple):
    """One cell of a misconception's answer: the input cells that it reads (row-major), the arithmetic, the value."""

    reads: tuple[int, ...]
    text: str
    value: str


def convolution(
    run: Run, op: Any, inputs: Sequence[Array], which: int = 0
) -> tuple[tuple[int, ...], list[Told]] | None:
    """Return the shape of a misconception's answer and its cells, or None where it gives none."""
    image, kernel, bias = inputs
    answer = _answer(run, op, inputs, which)
    if answer is None:
        return None
    values = answer.ravel()
    reads: list[list[int]] = [[] for _ in values]
    terms: list[list[tuple[float, float]]] = [[] for _ in values]
    known = [image.size <= MOST_CELLS] * len(values)
    zero = np.zeros_like(image)
    constant = _answer(run, op, (zero, kernel, bias), which)
    unlike = np.random.default_rng(1).random(kernel.shape) + 1  # no two, and no sums of some, are equal
    base = _answer(run, op, (zero, unlike, bias), which)
    if constant is None or base is None or constant.shape != answer.shape or base.shape != answer.shape:
        known = [False] * len(values)
    weights = {round(float(w), 9): float(k) for w, k in zip(unlike.ravel(), kernel.ravel(), strict=True)}
    for i in range(image.size if any(known) else 0):
        one = zero.copy()
        one.flat[i] = 1.0
        moved = _answer(run, op, (one, unlike, bias), which)
        if moved is None or base is None or moved.shape != answer.shape:
            known = [False] * len(values)
            break
        change = (moved - base).ravel()
        for o in np.flatnonzero(change).tolist():
            weight = weights.get(round(float(change[o]), 9))
            reads[o].append(i)
            if weight is None:
                known[o] = False
            else:
                terms[o].append((float(image.flat[i]), weight))
    told = []
    for o, value in enumerate(values.tolist()):
        text = ""
        added = float(constant.ravel()[o]) if constant is not None and known[o] else 0.0
        if known[o] and terms[o] and isclose(sum(x * w for x, w in terms[o]) + added, value, abs_tol=1e-9):
            parts = [f"{term(x)}×{term(w)}" for x, w in terms[o]] + ([term(added)] if added else [])
            text = f"{' + '.join(parts)} = {number(value)}"
        told.append(Told(tuple(reads[o]), text, _number(value)))
    return answer.shape, told


def pooling(run: Run, op: Any, inputs: Sequence[Array], which: int = 0) -> tuple[tuple[int, ...], list[Told]] | None:
    """Return the shape of a misconception's answer and its cells, or None where it gives none."""
    (image,) = inputs
    answer = _answer(run, op, inputs, which)
    if answer is None:
        return None
    values = answer.ravel()
    reads: list[list[int]] = [[] for _ in values]
    far = 1e4 * (1 + float(np.abs(image).max(initial=0.0)))
    for i in range(image.size if image.size <= MOST_CELLS else 0):
        seen = np.zeros(len(values), dtype=bool)
        for by in (far, -far):
            moved = _answer(run, op, (_plus(image, i, by),), which)
            if moved is not None and moved.shape == answer.shape:
                with np.errstate(all="ignore"):
                    seen |= (moved != answer).ravel()
        for o in np.flatnonzero(seen).tolist():
            reads[o].append(i)
    cells = image.ravel()
    return answer.shape, [
        Told(tuple(window), _reduced([float(cells[i]) for i in window], value), _number(value))
        for window, value in zip(reads, values.tolist(), strict=True)
    ]


def values(run: Run, op: Any, inputs: Sequence[Array], which: int = 0) -> tuple[tuple[int, ...], list[Told]] | None:
    """Return the shape of a misconception's answer and its cells without their arithmetic."""
    answer = _answer(run, op, inputs, which)
    return None if answer is None else (answer.shape, [Told((), "", _number(v)) for v in answer.ravel().tolist()])


def _reduced(cells: list[float], value: float) -> str:
    """Say how a window's cells make the value, where one of the usual ways does."""
    return next(_ways(cells, value), "") if len(cells) > 1 else ""


def _ways(cells: list[float], value: float) -> Iterator[str]:
    for form, reduce in _REDUCTIONS:
        if isclose(reduce(cells), value, abs_tol=1e-9):
            between, write = (", ", number) if form.startswith("m") else (" + ", term)
            yield f"{form.format(between.join(map(write, cells)), n=len(cells))} = {number(value)}"


def _plus(image: Array, i: int, by: float) -> Array:
    changed = image.astype(float)
    changed.flat[i] += by
    return changed


def _answer(run: Run, op: Any, inputs: Sequence[Array], which: int) -> Array | None:
    with np.errstate(all="ignore"):
        found = run(op, inputs)
    return None if found is None or which >= len(found) else np.asarray(found[which], dtype=float)


def _number(value: float) -> str:
    return number(value) if np.isfinite(value) else str(value)
