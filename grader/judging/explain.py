"""Explain, as data: a misconception with a computed example (`grade explain`), or how an output cell comes about."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import msgspec
import numpy as np

from grader.errors import GradeError, Problem, listed, near
from grader.exercises.cases import case_arrays, case_cell, case_operator, plain_nested, shapes_of
from grader.exercises.operators import operator
from grader.exercises.pack import other_packs
from grader.judging.answers import first_difference, shown
from grader.judging.misconceptions import numbers, plain
from grader.memoise import memoise
from grader.model.exercise import OWN, Case, Exercise
from grader.model.explanation import CellPage, MisconceptionPage
from grader.model.report import CellArithmetic
from grader.model.signature import (
    as_student,
    axes_of,
    in_own_names,
    input_view,
    output_view,
    shown_arguments,
    shown_input,
    student_index,
    torch_index,
)
from grader.numbers import Numbers, to_nested
from grader.ops import OPS, Cell, Misconception, Sample
from grader.ops.base import each_output


def misconceptions(own: Iterable[Exercise] = ()) -> dict[str, str]:
    """Return the sentence of each misconception, by id: of all operators, and of exercises with their own."""
    ops = (*OPS.values(), *map(operator, own))
    return dict(sorted({it.id: it.says for op in ops for it in op.misconceptions}.items()))


def misconception(id: str, of: Exercise | None = None) -> MisconceptionPage:
    """Explain a misconception on the smallest example that shows it, of the operator of an exercise where it is given.

    Raise GradeError when there is none of that id.
    """
    every = {of.op if of.op in OPS else of.name: operator(of)} if of else OPS
    owners = [(name, op, m) for name, op in every.items() for m in op.misconceptions if m.id == id]
    if not owners:
        help = other_packs(id) or near(id, misconceptions()) or "`grade explain` alone lists them all"
        raise GradeError(Problem(f"there is no misconception `{id}`", help))
    words = partial(in_own_names, of) if of else str
    name, op, found = next((o for o in owners if not o[0].endswith("1d")), owners[0])  # grids teach more than rows
    (drawn, inputs), wrong = _example(op, found)
    right = plain(each_output(drawn(*inputs)))
    which = first_difference(right, None if isinstance(wrong, str) else wrong)
    alone = len(op.outputs) > 1 and (isinstance(wrong, str) or len(wrong) == len(right))  # one differs
    part = slice(which, which + 1) if alone else slice(None)
    values = [(field.name, getattr(drawn, field.name), field.default) for field in msgspec.structs.fields(op)]
    changed = ", ".join(f"{field}={value}" for field, value, default in values if value != default)
    return MisconceptionPage(
        id=id,
        ops=tuple(name for name, _, _ in owners),
        says=words(found.says),
        why=words(found.why),
        instead=words(found.instead),
        call=f"{name}({changed})",
        inputs={n: plain_nested(v.tolist()) for n, v in zip(op.names, inputs, strict=True)},
        right=shown(right[part]),
        wrong=wrong if isinstance(wrong, str) else shown(wrong[part]),
        output=op.outputs[which] if alone else "",
    )


def _example(op: Any, misconception: Misconception) -> tuple[Sample, tuple[Numbers, ...] | str]:
    """Return the smallest sample that a misconception makes wrong, and its answer there (the exception as text)."""
    crash: tuple[Sample, str] | None = None
    for sample in op.samples():
        right = plain(each_output(sample.op(*sample.inputs)))
        try:
            wrong = plain(each_output(misconception.run(sample.op, *sample.inputs)))
        except (ValueError, IndexError) as error:
            crash = crash or (sample, f"{type(error).__name__}: {error}")
            continue
        if shown(wrong) != shown(right):
            return sample, wrong
    if crash is None:  # an operator's own samples show each of its misconceptions; a test checks that
        says = f"no visible case shows `{misconception.id}`"
        raise GradeError(Problem(says, "add a case that does, and that is not hidden"))
    return crash


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

    `at` counts in the order of the student's axes. Raise GradeError if there is no such output or cell.
    """
    output = output or exercise.outputs[0]
    if output not in exercise.outputs:
        raise GradeError(Problem(f"{exercise.id} has no output `{output}`", f"it has {listed(exercise.outputs)}"))
    op = case_operator(exercise, case)
    right = each_output(op(*case_arrays(case, op)))[exercise.outputs.index(output)]
    answer = as_student(output_view(exercise, output), numbers(right))
    at = (0,) * len(answer.shape) if at is None else at
    if len(at) != len(answer.shape) or any(not 0 <= i < n for i, n in zip(at, answer.shape, strict=True)):
        says = f"there is no cell {list(at)} in an output of shape {answer.shape}"
        raise GradeError(Problem(says, "rows and columns count from 0"))
    worked = worked_cell(exercise, case, at, output)
    place = f"{output}[{', '.join(map(str, at))}]" if at else output
    text = f"{worked.text} ({op.formula})" if exercise.op == OWN else worked.text
    inputs, others = shown_arguments(exercise, case)
    shown = to_nested(answer)
    axes = axes_of(exercise)
    return CellPage(exercise.id, case.name, place, at, text, inputs, others, worked.reads, shown, axes)


def worked_cell(exercise: Exercise, case: Case, at: tuple[int, ...], output: str) -> Cell:
    """Return the arithmetic of a cell of the student's, and the cells of the first input that it reads.

    Both count in the order of the student's axes.
    """
    if exercise.signature is None:
        return case_cell(exercise, case, at, output)
    op = case_operator(exercise, case)
    inputs = [np.shape(case.inputs[name]) for name in op.names]
    shape = shapes_of(op, case)[exercise.outputs.index(output)]
    worked = case_cell(exercise, case, torch_index(output_view(exercise, output), at, shape), output)
    if not inputs:
        return worked
    _, view = input_view(exercise, op.names[0])
    reads = tuple(student_index(view, read, inputs[0]) for read in worked.reads)
    return msgspec.structs.replace(worked, reads=reads)


def cell_arithmetic(exercise: Exercise, case: Case, at: tuple[int, ...], output: str = "output") -> CellArithmetic:
    """Return the arithmetic of an output cell, memoised: the worst cell of many students is often the same."""
    known = _arithmetic(exercise)
    if (case.name, at, output) not in known:
        worked = worked_cell(exercise, case, at, output)
        names = operator(exercise).names  # an operator may have no input
        first = shown_input(exercise, case, names[0]) if names else {}
        known[case.name, at, output] = CellArithmetic(output, at, worked.text, worked.value, worked.reads, first)
    return known[case.name, at, output]


@memoise
def _arithmetic(_: Exercise) -> dict[tuple[str, tuple[int, ...], str], CellArithmetic]:
    return {}
