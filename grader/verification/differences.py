"""Hold torch's gradients to central differences: how much the loss changes when the inputs change a little.

A backward operator whose reference differentiates the wrong thing would pass every other check. One step along a random
direction moves all inputs at once; only where that disagrees, each cell is moved alone, to say where.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from grader.errors import Problem
from grader.exercises.cases import case_arrays, case_operator
from grader.exercises.pack import short_path
from grader.model.exercise import OWN, Lock
from grader.numbers import indices, short
from grader.ops import Op
from grader.ops.base import Array

STEP = 1e-4
MOST_CASES = 100
MOST_CELLS = 400  # moved alone in a case that disagrees


def compare_differences(lock: Lock, torch: Any, path: Path) -> list[Problem]:
    """Return the first case whose gradients by torch disagree with central differences, as a list of problems."""
    exercise = lock.exercise
    if exercise.op == OWN or not any(name.startswith("grad_") for name in exercise.outputs):
        return []
    pairs = list(zip(exercise.cases, lock.references, strict=True))
    for case, reference in pairs[:: len(pairs) // MOST_CASES + 1]:
        op = case_operator(exercise, case)
        values = zip(exercise.outputs, reference.value, strict=True)
        found = _disagreement(op, case_arrays(case, op), {name: np.array(v, dtype=float) for name, v in values}, torch)
        if found:
            says = f"case `{case.name}`: {found}"
            help = "change numbers that are nearly tied or nearly 0; otherwise this is a fault of the grader: report it"
            return [Problem(says, help, short_path(path))]
    return []


def _disagreement(op: Op, inputs: tuple[Array, ...], answer: Mapping[str, Array], torch: Any) -> str:
    """Say which gradient disagrees, or nothing."""
    given = dict(zip(op.names, inputs, strict=True))
    gradients = {name[5:]: value for name, value in answer.items() if name.startswith("grad_")}
    given |= {name: np.broadcast_to(given[name], value.shape) for name, value in gradients.items()}

    def slope(along: Mapping[str, Array]) -> float:
        ends = [
            op.loss(torch, *(value + by * along[name] if name in along else value for name, value in given.items()))
            for by in (STEP, -STEP)
        ]
        return (ends[0] - ends[1]) / (2 * STEP)

    def agrees(along: Mapping[str, Array]) -> bool:
        parts = [along[name] * gradients[name] for name in along]
        room = 1e-6 + 1e-7 * sum(float(np.abs(part).sum()) for part in parts)
        return abs(slope(along) - sum(float(part.sum()) for part in parts)) <= room

    random = np.random.default_rng(1)
    if agrees({name: random.uniform(-1, 1, value.shape) for name, value in gradients.items()}):
        return ""
    left = MOST_CELLS
    for name, value in gradients.items():
        for at in list(indices(value.shape))[: max(left, 0)]:
            alone = np.zeros(value.shape)
            alone[at] = 1.0
            left -= 1
            if not agrees({name: alone}):
                place = f"grad_{name}{list(at) if at else ''}"
                due = short(slope({name: alone}))
                return f"`{place}` is {short(float(value[at]))} by torch, but {due} by central differences"
    return "the gradients by torch disagree with central differences"
