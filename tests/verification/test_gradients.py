"""Backward passes: right programs of every style earn everything, wrong ones lose points and are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from programs import ROOT, Program, examined, parse

from grader.errors import GradeError
from grader.exercises import parse as spec
from grader.exercises.lock import FORMAT
from grader.judging.explain import misconception
from grader.model.exercise import Exercise, Lock
from grader.model.report import Verdict
from grader.ops.convolution_backward import Conv2dBackward
from grader.ops.gradients import Backward
from grader.verification.differences import compare_differences
from grader.verification.mutation import mutate
from grader.verification.torch_reference import answers

DATA = ROOT / "tests" / "data" / "gradients"
IDS = ("conv2d_backward", "max_pool2d_backward")
PROGRAMS = {id: parse(id, (DATA / f"{id}_programs.yaml").read_text(encoding="utf-8")) for id in IDS}
NAMED, UNNAMED, RIGHT = ([it for id in IDS for it in PROGRAMS[id][group]] for group in range(3))


@pytest.fixture(scope="module")
def locks(torch: Any) -> dict[str, Lock]:
    """Return the exercises with torch's answers."""
    found = {}
    for id in IDS:
        exercise, digest = spec.read(DATA / f"{id}.yaml")
        found[id] = Lock(FORMAT, digest, "torch", exercise, answers(torch, exercise, DATA).references)
    return found


def exercise(op: str, function: str, **case: Any) -> Exercise:
    """Return an exercise with one case and a sweep. Raise GradeError where they do not fit."""
    lines = ["format: 1", "id: it", "title: It", f"op: {op}", f"function: {function}", "points: 10", "cases:"]
    lines += ["  - name: one", *(f"    {name}: {value}" for name, value in case.items())]
    return spec.parse("it.yaml", "\n".join([*lines, "sweep: {count: 40, seed: 1}", ""]))


@pytest.mark.torch
@pytest.mark.parametrize("it", RIGHT, ids=lambda it: it.id)
def test_a_right_program_earns_everything(it: Program, locks: dict[str, Lock]) -> None:
    checks, found = examined(locks[it.exercise], it.source)
    assert {check.verdict for check in checks} == {Verdict.correct}
    assert found is None


@pytest.mark.torch
@pytest.mark.parametrize("it", NAMED, ids=lambda it: it.id)
def test_a_wrong_program_is_named(it: Program, locks: dict[str, Lock]) -> None:
    checks, found = examined(locks[it.exercise], it.source)
    assert any(check.verdict is not Verdict.correct for check in checks)
    assert found
    assert found.misconceptions == ((it.misconception,),)


@pytest.mark.torch
def test_the_smallest_example_shows_the_output_that_is_wrong(locks: dict[str, Lock]) -> None:
    [it] = [it for it in NAMED if it.name == "bias-gradient-averaged"]
    _, found = examined(locks[it.exercise], it.source)
    assert found
    assert found.smallest
    assert found.smallest.output == "grad_bias"
    assert found.smallest.expected != found.smallest.given


@pytest.mark.parametrize(
    "id, output", [("kernel-gradient-flipped", "grad_kernel"), ("gradient-crop-empty", "grad_input")]
)
def test_a_misconception_is_explained_on_the_output_that_it_changes(id: str, output: str) -> None:
    page = misconception(id, spec.read(DATA / "conv2d_backward.yaml")[0])
    assert page.output == output
    assert page.right != page.wrong


@pytest.mark.torch
@pytest.mark.parametrize("it", UNNAMED, ids=lambda it: it.id)
def test_another_wrong_program_loses_points_and_is_not_named(it: Program, locks: dict[str, Lock]) -> None:
    checks, found = examined(locks[it.exercise], it.source)
    assert any(check.verdict is not Verdict.correct for check in checks)
    assert found
    assert found.misconceptions == ()


def cells(*shape: int) -> Any:
    """Return nested lists of whole numbers, no two of which are equal."""
    numbers = iter(range(-5, 1000))

    def nested(sizes: tuple[int, ...]) -> Any:
        return [nested(sizes[1:]) for _ in range(sizes[0])] if sizes else next(numbers) * 37 % 101 - 40

    return nested(shape)


CONV = "f(grad_output, input, kernel, bias, stride, padding)"
DEEP = {"grad_output": cells(2, 4, 2, 3), "input": cells(2, 2, 4, 5), "kernel": cells(4, 1, 3, 3), "groups": 2}
POOL = {"grad_output": cells(3, 2, 2), "input": cells(3, 4, 5), "kernel_size": 2}
GRID = {"grad_output": [[1, 2], [3, 4]], "input": cells(4, 5), "kernel_size": 2}


@pytest.mark.parametrize(
    "op, function, case",
    [
        ("conv2d_backward", CONV, {"grad_output": cells(2, 3), "input": cells(4, 5), "kernel": cells(3, 3)}),
        ("conv2d_backward", CONV.replace(", bias", ", dilation, groups"), DEEP),
        ("max_pool2d_backward", "f(grad_output, input, kernel_size, stride, padding)", GRID),
        ("max_pool2d_backward", "f(grad_output, input, kernel_size, stride, ceil_mode, dilation)", POOL),
        ("avg_pool2d_backward", "f(grad_output, input, kernel_size, stride, padding)", GRID),
        ("avg_pool2d_backward", "f(grad_output, input, kernel_size, padding, ceil_mode, count_include_pad)", POOL),
        ("avg_pool2d_backward", "f(grad_output, input, kernel_size, stride, divisor_override)", POOL),
        ("linear", "f(input, weight, bias)", {"input": cells(3, 4), "weight": cells(2, 4), "bias": [1, 2]}),
        ("linear_backward", "f(grad_output, input, weight)",
         {"grad_output": cells(3, 2), "input": cells(3, 4), "weight": cells(2, 4)}),
    ],
)  # fmt: skip
def test_a_sweep_catches_every_misconception(op: str, function: str, case: dict[str, Any]) -> None:
    proved = mutate(exercise(op, function, **case))
    assert proved.tried > 0
    assert proved.survived == ()


def test_the_sweep_of_a_linear_layer_keeps_the_batch_of_the_written_case() -> None:
    of = exercise(
        "linear_backward", "f(grad_output, input, weight)", grad_output=[[1], [2]], input=[[1], [3]], weight=[[2]]
    )
    assert {len(case.inputs["input"]) for case in of.cases if case.generated} >= {1, 2}


@pytest.mark.parametrize(
    "op, function, case, says",
    [
        ("max_pool2d_backward", "f(grad_output, input, kernel_size)",
         {"grad_output": "[[1, 2]]", "input": "[[1, 2, 7, 7]]", "kernel_size": "[1, 2]"},
         "it.yaml:10:12: case `one`: `input`: 7, the largest number in the window of output cell [0, 1], stands there "
         "more than once, so the gradient is not defined: change one of them"),
        ("relu_backward", "f(grad_output, input)", {"grad_output": "[1, 2]", "input": "[3, 0]"},
         "it.yaml:10:12: case `one`: `input`: ReLU has no gradient at 0: change the 0 in cell [1]"),
        ("softmax_loss", "f(input, target)", {"input": "[[1, 2], [3, 4]]", "target": "[0, 2]"},
         "case `one`: `target` must hold whole numbers from 0 to 1, the classes of `input`"),
        ("softmax_loss", "f(input, target)", {"input": "[[1, 2], [3, 4]]", "target": "[0, 0.5]"},
         "case `one`: `target` must hold whole numbers from 0 to 1, the classes of `input`"),
        ("conv2d_backward", "f(grad_output, input, kernel)",
         {"grad_output": "[[1, 2]]", "input": "[[1, 2]]", "kernel": "[[1, 2]]"},
         "`grad_output` has shape (1, 2), but the output of these inputs has shape (1, 1)"),
    ],
)  # fmt: skip
def test_a_case_without_one_answer_is_refused(op: str, function: str, case: dict[str, Any], says: str) -> None:
    with pytest.raises(GradeError) as error:
        exercise(op, function, **case)
    assert says in str(error.value)


def differences(torch: Any, of: Exercise) -> list[str]:
    """Return what is wrong with torch's gradients by central differences."""
    lock = Lock(FORMAT, "", "torch", of, answers(torch, of, DATA).references)
    return [str(problem) for problem in compare_differences(lock, torch, Path("it.yaml"))]


@pytest.mark.torch
def test_central_differences_find_a_number_next_to_a_bend(torch: Any) -> None:
    [found] = differences(
        torch, exercise("relu_backward", "f(grad_output, input)", grad_output=[1, 2], input=[3, 0.00001])
    )
    assert "it.yaml: case `one`: `grad_input[1]` is 2 by torch, but 1.1 by central differences" in found


@pytest.mark.torch
def test_central_differences_agree_with_torch(torch: Any, locks: dict[str, Lock]) -> None:
    of = exercise("softmax_loss", "f(input, target)", input=[[1, 2], [3, 4]], target=[0, 1])
    for each in (of, *(lock.exercise for lock in locks.values())):
        assert differences(torch, each) == []


@pytest.mark.torch
def test_central_differences_find_a_wrong_reference(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(op: Any, torch: Any, *inputs: Any) -> Any:
        to_input, to_kernel, to_bias = Backward.reference(op, torch, *inputs)
        return to_input, 2 * to_kernel, to_bias

    of = exercise(
        "conv2d_backward", "f(grad_output, input, kernel)", grad_output=[[3]], input=[[1, 2]], kernel=[[5, 7]]
    )
    written = msgspec.structs.replace(of, cases=of.cases[:1])
    assert differences(torch, written) == []
    monkeypatch.setattr(Conv2dBackward, "reference", doubled)
    [found] = differences(torch, written)
    assert "case `one`: `grad_kernel[0, 0]` is 6 by torch, but 3 by central differences" in found
