"""Explain, as data: a misconception with a computed example (`grade explain`), or how an output cell comes about."""

from __future__ import annotations

from typing import Any

import msgspec

from grader.errors import GradeError, Problem, listed, near
from grader.exercises.cases import case_arrays, case_cell, case_operator, plain_nested
from grader.judging.answers import shown
from grader.judging.misconceptions import plain
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise
from grader.model.explanation import CellPage, MisconceptionPage
from grader.model.report import CellArithmetic
from grader.ops import OPS, Misconception, Sample
from grader.ops.base import each_output


def misconceptions() -> dict[str, str]:
    """Return the sentence of each misconception, by id."""
    return dict(
        sorted(
            {misconception.id: misconception.says for op in OPS.values() for misconception in op.misconceptions}.items()
        )
    )


def misconception(id: str, of: str = "") -> MisconceptionPage:
    """Explain a misconception on the smallest example that shows it, of the operator `of` where it is given.

    Raise GradeError when there is none of that id.
    """
    every = {of: OPS[of]} if of else OPS
    owners = [(name, op, m) for name, op in every.items() for m in op.misconceptions if m.id == id]
    if not owners:
        help = near(id, misconceptions()) or "`grade explain` alone lists them all"
        raise GradeError(Problem(f"there is no misconception `{id}`", help))
    name, op, found = next((o for o in owners if not o[0].endswith("1d")), owners[0])  # grids teach more than rows
    (drawn, inputs), wrong = _example(op, found)
    values = [(field.name, getattr(drawn, field.name), field.default) for field in msgspec.structs.fields(op)]
    changed = ", ".join(f"{field}={value}" for field, value, default in values if value != default)
    return MisconceptionPage(
        id=id,
        ops=tuple(name for name, _, _ in owners),
        says=found.says,
        why=found.why,
        instead=found.instead,
        call=f"{name}({changed})",
        inputs={n: plain_nested(v.tolist()) for n, v in zip(op.names, inputs, strict=True)},
        right=_shown(drawn(*inputs)),
        wrong=wrong,
    )


def _example(op: Any, misconception: Misconception) -> tuple[Sample, Any]:
    """Return the smallest sample that a misconception makes wrong, and its answer there (the exception as text)."""
    crash: tuple[Sample, Any] | None = None
    for sample in op.samples():
        right = sample.op(*sample.inputs)
        try:
            wrong = misconception.run(sample.op, *sample.inputs)
        except (ValueError, IndexError) as error:
            crash = crash or (sample, f"{type(error).__name__}: {error}")
            continue
        if _shown(wrong) != _shown(right):
            return sample, _shown(wrong)
    assert crash, f"{misconception.id} never differs; a test checks that it does"
    return crash


def _shown(answer: Any) -> Any:
    return shown(plain(each_output(answer)))


def find_case(exercise: Exercise, name: str | None) -> Case:
    """Return a visible case by name, or the first one. Raise GradeError if there is none."""
    cases = {case.name: case for case in exercise.cases if not case.hidden}
    if not cases:
        raise GradeError(Problem(f"{exercise.id} has hidden cases only", "choose an exercise with visible cases"))
    if name is None:
        return next(iter(cases.values()))
    if name not in cases:
        help = near(name, cases) or f"its cases: {', '.join(n for n, c in cases.items() if not c.generated)}"
        raise GradeError(Problem(f"{exercise.id} has no case `{name}`", help))
    return cases[name]


def cell(exercise: Exercise, case: Case, at: tuple[int, ...] | None, output: str | None = None) -> CellPage:
    """Work out a cell of a case's answer; by default the first cell of the first output.

    Raise GradeError if there is no such output or cell.
    """
    output = output or exercise.outputs[0]
    if output not in exercise.outputs:
        raise GradeError(Problem(f"{exercise.id} has no output `{output}`", f"it has {listed(exercise.outputs)}"))
    op = case_operator(exercise, case)
    answer = each_output(op(*case_arrays(case, op)))[exercise.outputs.index(output)]
    at = (0,) * answer.ndim if at is None else at
    try:
        worked = case_cell(exercise, case, at, output)
    except ValueError as error:
        raise GradeError(Problem(str(error), "rows and columns count from 0")) from None
    shown = plain_nested(answer.tolist())
    place = f"{output}[{', '.join(map(str, at))}]" if at else output
    return CellPage(exercise.id, case.name, place, at, worked.text, case.inputs, case.fields, worked.reads, shown)


def cell_arithmetic(exercise: Exercise, case: Case, at: tuple[int, ...], output: str = "output") -> CellArithmetic:
    """Return the arithmetic of an output cell, memoised: the worst cell of many students is often the same."""
    known = _arithmetic(exercise)
    if (case.name, at, output) not in known:
        worked = case_cell(exercise, case, at, output)
        first = {name: case.inputs[name] for name in OPS[exercise.op].names[:1]}  # an operator may have no input
        known[case.name, at, output] = CellArithmetic(output, at, worked.text, worked.value, worked.reads, first)
    return known[case.name, at, output]


@memoise
def _arithmetic(_: Exercise) -> dict[tuple[str, tuple[int, ...], str], CellArithmetic]:
    return {}
