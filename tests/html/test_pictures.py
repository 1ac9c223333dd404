"""The windows and the arithmetic of pictures, held to the operators themselves."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from made import averages, borders, channels, every_lock, graded, lock_of, rows, transposed

from grader.exercises.cases import case_arrays, case_cell, case_operator
from grader.judging import influence
from grader.judging.illustrate import exercise_page, student_page
from grader.judging.misconceptions import runner
from grader.judging.pictures import known, picture
from grader.model.exercise import Lock
from grader.model.page import Picture, Step
from grader.ops import OPS
from grader.ops.base import number


def pictures(lock: Lock) -> list[tuple[Any, str, Picture]]:
    """Return each visible written case with an output's name and its picture."""
    exercise = lock.exercise
    answers = {r.case: r.value for r in lock.references}
    return [
        (case, output, picture(exercise, case, value, output=output))
        for case in exercise.cases
        if not case.hidden and not case.generated
        for output, value in zip(exercise.outputs, answers[case.name], strict=True)
    ]


def shown(cells: Any) -> list[str]:
    return [text for grid in cells for row in grid.rows for text in row]


@pytest.mark.parametrize("lock", every_lock(), ids=lambda lock: f"{lock.exercise.id}-{lock.exercise.op}")
def test_every_cell_has_the_operators_own_arithmetic(lock: Lock) -> None:
    count = 0
    for case, output, it in pictures(lock):
        answer = {r.case: r.value for r in lock.references}[case.name][lock.exercise.outputs.index(output)]
        right = np.array(answer, dtype=float)
        for flat, step in enumerate(it.steps):
            if step is None:
                continue
            count += 1
            at = tuple(int(i) for i in np.unravel_index(flat, right.shape)) if right.ndim else ()
            worked = case_cell(lock.exercise, case, at, output)
            assert step.text in (worked.text, "")
            assert step.value == number(worked.value)
            assert number(float(right[at])) == step.value or abs(float(right[at]) - worked.value) < 1e-6
            products(it, step)
    assert count


def products(it: Picture, step: Step) -> None:
    """Hold the terms to the grids that are shown: factors are the window's cells, weights those of the kernel."""
    terms = [term for channel in step.terms for term in channel]
    if not terms:
        return
    inputs, kernel = shown(it.inputs), shown(it.kernel)
    assert [inputs[i] for i in step.window] == [t.factor.strip("()") for t in terms]
    assert [kernel[i] for i in step.weights] == [t.weight.strip("()") for t in terms]
    written = [f"{t.factor}×{t.weight}" for t in terms] + ([step.bias] if step.bias else [])
    assert step.text == f"{' + '.join(written)} = {step.value}"
    assert len(step.terms) == len(it.inputs)


def test_several_channels_are_planes_and_the_sum_goes_across() -> None:
    ((_, _, it),) = pictures(channels())
    assert [grid.title for grid in it.inputs] == [f"Padded input, channel {n}" for n in range(3)]
    assert len(it.kernel) == 6
    assert [grid.title for grid in it.expected] == ["Output, channel 0", "Output, channel 1"]
    step = it.steps[-1]
    assert step is not None
    assert len(step.terms) == 3
    assert step.weights == tuple(range(27, 54))
    assert ("Padding P × Q", "1 × 1") in it.notation
    assert it.formula[0] == "rows: ⌊(M + 2P − K) / S⌋ + 1 = ⌊(4 + 2·1 − 3) / 2⌋ + 1 = 2"


def test_one_dimension() -> None:
    ((_, _, it),) = pictures(rows())
    assert it.inputs[0].rows == (("0", "0", "1", "2", "3", "4", "5", "6", "0"),)
    assert it.inputs[0].padding == {0, 8}
    assert it.formula == ("length: ⌊(N + 2P − K) / S⌋ + 1 = ⌊(7 + 2·1 − 3) / 2⌋ + 1 = 4",)


def test_padding_that_does_not_count_is_no_zero() -> None:
    counted, ignored = [it for _, _, it in pictures(averages())]
    assert counted.inputs[0].rows[0][0] == "0"
    assert ignored.inputs[0].rows[0][0] == "–"
    first = counted.steps[0], ignored.steps[0]
    assert first[0]
    assert first[1]
    assert (len(first[0].totals), len(first[1].totals)) == (6, 2)


def test_a_border_is_shown_as_its_mode_fills_it() -> None:
    reflect, circular, sides = [it for _, _, it in pictures(borders())]
    assert reflect.inputs[0].rows == (
        ("5", "4", "5", "6", "5"),
        ("2", "1", "2", "3", "2"),
        ("5", "4", "5", "6", "5"),
        ("2", "1", "2", "3", "2"),
    )
    assert ("Padding mode", "reflect") in reflect.notation
    assert circular.inputs[0].rows[:3] == (
        ("3", "1", "2", "3", "1"),
        ("6", "4", "5", "6", "4"),
        ("3", "1", "2", "3", "1"),
    )
    assert sides.inputs[0].rows == (("1", "2", "3", "3", "3"), ("1", "2", "3", "3", "3"), ("4", "5", "6", "6", "6"))
    assert sides.inputs[0].padding == {0, 1, 2, 3, 4, 8, 9, 13, 14}
    assert ("Padding", "1 above, 0 below, 0 left, 2 right") in sides.notation
    assert sides.formula[1] == "columns: ⌊(N + 2Q − O) / T⌋ + 1 = ⌊(3 + 0 + 2 − 2) / 1⌋ + 1 = 4"


def test_an_operator_without_a_window_has_plain_grids() -> None:
    ((_, _, it),) = pictures(transposed())
    assert [grid.title for grid in (*it.inputs, *it.more, *it.expected)] == ["input", "kernel", "bias", "Output"]
    assert it.notation == (("stride", "(2, 2)"),)
    step = it.steps[12]
    assert step
    assert (step.text, step.window) == ("3×0 + 2×2 + 1×6 + 0×8 + 1 = 11", (3, 2, 1, 0))


def test_the_misconceptions_own_window_and_arithmetic() -> None:
    it = student_page(graded("flipped"), lock_of("ex1")).pictures["without bias"]
    step = it.steps[it.first]
    assert step is not None
    assert step.other is not None
    assert step.other.value == step.given
    assert step.other.window == step.window
    assert step.other.text.endswith(f"= {step.given}")
    assert step.other.text != step.text
    moved = student_page(graded("stride"), lock_of("ex3")).pictures["stride 2"]
    other = moved.steps[1]
    assert other is not None
    assert other.other is not None
    assert [i - 1 for i in other.window] == list(other.other.window)
    assert moved.first == 1


ARITHMETIC = re.compile(r"[\d\s.()+×*/,-]*|(max|min)\(.*\)")


@pytest.mark.parametrize("id", ["ex1", "ex3", "ex5", "ex7", "ex9"])
def test_what_is_told_of_a_misconception_gives_its_answer(id: str) -> None:
    """Compute each text anew: a sum of products, a maximum, a mean."""
    exercise = lock_of(id).exercise
    case = next(c for c in exercise.cases if not c.hidden)
    op, told = case_operator(exercise, case), 0
    inputs = case_arrays(case, op)
    how = influence.convolution if "kernel" in op.names else influence.pooling
    for misconception in OPS[exercise.op].misconceptions:
        found = how(runner([misconception]), op, inputs)
        for cell in found[1] if found else ():
            if cell.text:
                left, _, right = cell.text.rpartition(" = ")
                assert ARITHMETIC.fullmatch(left), left
                value = eval(left.replace("×", "*"), {"max": max, "min": min})
                assert right == cell.value
                assert value == pytest.approx(float(cell.value), abs=2e-3)
                told += 1
    assert told > 100


def test_an_unknown_misconception_is_left_out() -> None:
    exercise = lock_of("ex1").exercise
    assert known(exercise, ["kernel-flipped", "no such"]) == ()
    assert [m.id for m in known(exercise, ["kernel-flipped"])] == ["kernel-flipped"]


def test_a_large_answer_has_its_first_cell_only() -> None:
    from made import case, made_lock

    image = np.arange(400.0).reshape(20, 20) % 7
    one = case("conv2d", "input kernel bias", {"input": image, "kernel": np.ones((3, 3)), "bias": np.array(0.0)})
    it = exercise_page(made_lock("conv2d", "conv2d(input, kernel, bias)", [one])).pictures[0]
    assert sum(step is not None for step in it.steps) == 1
