"""Sweeps vary what the signature and the written cases have, each in a fixed share of the cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.exercises.cases import case_arrays, case_operator
from grader.exercises.parse import parse
from grader.judging.answers import right
from grader.judging.misconceptions import answer, plain, runner
from grader.judging.samples import form
from grader.model.exercise import Case, Exercise
from grader.ops import OPS
from grader.ops.base import each_output

GRID = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 0, 1, 2]]


def exercise(op: str, function: str, case: dict[str, Any] | None = None, sweep: str = "count: 60") -> Exercise:
    lines = ["format: 1", "id: it", "title: It", f"op: {op}", f"function: {function}", "points: 10"]
    if case:
        lines += ["cases:", "  - name: one", *(f"    {name}: {value}" for name, value in case.items())]
    return parse("it.yaml", "\n".join([*lines, f"sweep: {{{sweep}, seed: 3}}", ""]))


def drawn(of: Exercise) -> list[Case]:
    return [case for case in of.cases if case.generated]


def share_lost(of: Exercise, id: str) -> float:
    """Return the share of the sweep that a program with a misconception loses."""
    [misconception] = [m for m in OPS[of.op].misconceptions if m.id == id]
    lost = []
    for case in drawn(of):
        op = case_operator(of, case)
        inputs = case_arrays(case, op)
        given = answer(runner([misconception]), op, inputs)
        lost.append(not right(given, plain(each_output(op(*inputs))), of.tolerance))
    return sum(lost) / len(lost)


SIDES = {"input": GRID, "kernel": [[1, 2]], "padding": [[1, 0], [0, 2]]}
CHANNELS = {"input": [GRID, GRID], "kernel": [[[[1, 0], [0, 1]]] * 2], "bias": [1]}


@pytest.mark.parametrize(
    "op, function, case, id",
    [
        ("conv2d", "f(input, kernel, bias, dilation)", None, "dilation-ignored"),
        ("conv1d", "f(input, kernel, bias, dilation)", None, "dilation-ignored"),
        ("conv2d", "f(input, kernel, bias, groups)", CHANNELS, "groups-ignored"),
        ("conv2d", "f(input, kernel, bias)", CHANNELS, "first-channel-only"),
        ("conv2d", "f(input, kernel, bias, padding)", {"input": GRID, "kernel": [[1, 2]], "padding": "same"},
         "padding-odd-zero-before"),
        ("max_pool2d", "f(input, kernel_size, dilation)", None, "dilation-ignored"),
        ("avg_pool2d", "f(input, kernel_size, divisor_override)", None, "divisor-override-ignored"),
        ("max_pool2d", "f(input, kernel_size)", {"input": [GRID, GRID], "kernel_size": 2}, "first-channel-for-all"),
        ("conv2d", "f(input, kernel, padding, padding_mode)", None, "padding-mode-ignored"),
        ("conv1d", "f(input, kernel, padding, padding_mode)", None, "padding-mode-ignored"),
        ("conv2d", "f(input, kernel, padding)", SIDES, "padding-first-side-for-both"),
        ("output_shape", "f(input_size, kernel_size, dilation)", None, "size-dilation-unused"),
        ("conv_transpose2d", "f(input, kernel, stride, output_padding)", None, "output-padding-ignored"),
        ("conv_transpose2d", "f(input, kernel, stride)", None, "stride-ignored"),
        ("batch_norm2d", "f(input, running_var, eps)", None, "eps-outside-root"),
        ("adaptive_avg_pool2d", "f(input, output_size)", None, "window-fixed"),
    ],
)  # fmt: skip
def test_ignoring_what_the_signature_has_costs_most_of_the_sweep(
    op: str, function: str, case: dict[str, Any] | None, id: str
) -> None:
    assert share_lost(exercise(op, function, case), id) > 0.5


@pytest.mark.parametrize("op", ["conv2d", "max_pool2d"])
@pytest.mark.parametrize("axes", [0, 1, 2])
def test_a_sweep_keeps_the_axes_of_the_written_cases(op: str, axes: int) -> None:
    lead = (2, 3)[2 - axes :]
    case: dict[str, Any] = {"input": np.broadcast_to(GRID, (*lead, 3, 4)).tolist()}
    if op == "conv2d":
        case["kernel"] = np.ones((1, 3, 2, 2) if axes else (2, 2)).tolist()
    else:
        case["kernel_size"] = 2
    function = "f(input, kernel)" if op == "conv2d" else "f(input, kernel_size)"
    assert {np.ndim(c.inputs["input"]) for c in drawn(exercise(op, function, case))} == {axes + 2}


def test_a_sweep_may_choose_channels_and_batches() -> None:
    of = exercise("conv2d", "f(input, kernel, bias)", sweep="count: 24, channels: [1, 3], batch: [1, 2]")
    shapes = [np.shape(case.inputs["input"])[:2] for case in drawn(of)]
    assert {shape: shapes.count(shape) for shape in shapes} == {(1, 1): 6, (1, 3): 6, (2, 1): 6, (2, 3): 6}


def test_sides_are_stated_in_every_generated_case() -> None:
    """A function that expects two pairs must not get two numbers."""
    of = exercise("conv2d", "f(input, kernel, padding)", SIDES)
    assert {np.shape(case.fields["padding"]) for case in drawn(of)} == {(2, 2)}
    assert {np.shape(case.fields["padding"]) for case, _ in form(of)} == {(2, 2)}


@pytest.mark.parametrize("id", ["running-statistics-in-training", "batch-statistics-always"])
def test_half_of_the_batch_normalisations_train(id: str) -> None:
    assert share_lost(exercise("batch_norm2d", "f(input, running_mean, training)"), id) == 0.5


def test_dilation_has_a_fixed_share() -> None:
    of = exercise("conv2d", "f(input, kernel, bias, dilation)")
    assert sum(case.fields["dilation"] != [1, 1] for case in drawn(of)) == 48
