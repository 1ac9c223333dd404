"""The operator of an exercise: one of the table of all operators, or the author's own, whose answers are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from grader.memoise import memoise
from grader.model.exercise import OWN, Case, Drawn, Exercise, OwnMisconception
from grader.ops import OPS, Op
from grader.ops.tabulated import Input, Row, Tabulated, tabulated


@memoise
def operator(exercise: Exercise) -> type[Op]:
    """Return an exercise's operator. One of the author's own knows the answers that are stored."""
    if exercise.op != OWN:
        return OPS[exercise.op]
    op = own_operator(exercise.reference, exercise.draw, exercise.outputs, exercise.misconceptions)
    answers = {reference.case: reference for reference in exercise.answers}
    for case in exercise.cases:
        if case.name in answers:
            row = _row(op, case, answers[case.name].value, answers[case.name].mistaken)
            op.table[row.op.key(*row.inputs)] = row
    return op


def own_functions(exercise: Exercise) -> list[tuple[str, str, str]]:
    """Return the author's functions that answer an exercise's questions: id, place, and digest of the file."""
    if exercise.op != OWN:
        return []
    runs = {"": exercise.reference} | {id: it.run for id, it in exercise.misconceptions.items()}
    return [(id, run, exercise.files.get(run.rpartition(":")[0], "")) for id, run in runs.items()]


def own_operator(
    reference: str,
    draw: Mapping[str, Drawn | tuple[int, int]],
    outputs: tuple[str, ...],
    misconceptions: Mapping[str, OwnMisconception],
) -> type[Tabulated]:
    """Return the operator that a spec with `op: torch` describes, without answers."""
    parameters = {name: it for name, it in draw.items() if isinstance(it, Drawn)}
    return tabulated(
        {name: _input(it) for name, it in parameters.items() if it.shape is not None},
        {name: it for name, it in draw.items() if not isinstance(it, Drawn)},
        {name: it.choose for name, it in parameters.items() if it.shape is None},
        outputs,
        [(id, it.says, it.why, it.instead) for id, it in misconceptions.items()],
        f"computed by `{reference.rpartition(':')[2]}`, the author's function; the arithmetic of a cell is not known",
    )


def _input(it: Drawn) -> Input:
    return Input(it.shape or (), *it.values, it.whole, it.dtype == "int64")


def _row(op: type[Tabulated], case: Case, value: tuple[Any, ...], mistaken: Mapping[str, Any]) -> Row:
    inputs = tuple(np.array(case.inputs[name], dtype=np.float64) for name in op.names)
    answers = {id: None if it is None else _arrays(it) for id, it in mistaken.items()}
    return Row(case.hidden, msgspec.convert(case.fields, op), inputs, _arrays(value), answers)


def _arrays(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return stored values as arrays; a null stands for a cell that is not a finite number."""
    return tuple(np.array(output, dtype=np.float64) for output in value)
