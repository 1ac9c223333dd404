"""Single precision earns everything in every exercise, lost digits never do, and the report says which were lost."""

from __future__ import annotations

import pytest
from conftest import solution
from programs import ROOT, judged, lock, outcomes, student, submission

from grader.exercises.pack import exercise_ids
from grader.model.report import Check, Verdict
from grader.ops import OPS

IDS = exercise_ids(ROOT / "exercises")
REAL = [id for id in IDS if not OPS[lock(id).exercise.op].counts]
LOST = {
    "np.round(value, 2)": "rounded to 2 decimals",
    "np.round(value, 3)": "rounded to 3 decimals",
    "np.trunc(value * 1000) / 1000": "cut off to 3 decimals",
    "value.astype(np.float16)": "`float16` keeps about 3 digits",
    "value.astype(np.float16).tolist()": "went through `float16`",
}


def graded(id: str, change: str) -> tuple[Check, ...]:
    """Grade a model solution whose outputs are changed by an expression of `value`."""
    it = lock(id)
    source = f"""{solution(id)}
import numpy as np

_right = {it.exercise.name}


def {it.exercise.name}(*arguments, **named):
    answer = _right(*arguments, **named)
    changed = lambda value: {change}
    return tuple(changed(np.array(v)) for v in answer) if {len(it.exercise.outputs) > 1} else changed(np.array(answer))
"""
    return judged(it, submission(id, source), outcomes(it, student(it, source)))


@pytest.mark.parametrize("change", ["value.astype(np.float32)", "value.astype(np.float32).tolist()", "value * 3 / 3"])
@pytest.mark.parametrize("id", REAL)
def test_noise_of_single_precision_costs_nothing(id: str, change: str) -> None:
    assert all(check.verdict is Verdict.correct for check in graded(id, change))


@pytest.mark.parametrize("change, words", LOST.items())
@pytest.mark.parametrize("id", REAL)
def test_lost_digits_cost_points_and_are_named(id: str, change: str, words: str) -> None:
    wrong = [check for check in graded(id, change) if check.verdict is not Verdict.correct]
    assert wrong
    assert any(words in check.text for check in wrong)


@pytest.mark.parametrize("id", [id for id in IDS if id not in REAL])
def test_a_count_may_be_a_float_but_not_nearly_right(id: str) -> None:
    assert all(check.verdict is Verdict.correct for check in graded(id, "value * 1.0"))
    assert not any(check.verdict is Verdict.correct for check in graded(id, "value + 1e-9"))
