"""The operator's small samples that fit an exercise, as cases: a diagnosis runs the student's program on them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from grader.exercises.cases import case_operator, make_case, plain_nested
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise
from grader.ops import OPS, OpError, Sample


@memoise
def form(exercise: Exercise) -> list[tuple[Case, Sample]]:
    """Return those of the operator's small samples that fit the exercise, as cases, smallest first."""
    return list(_form(exercise))


def _form(exercise: Exercise) -> Iterator[tuple[Case, Sample]]:
    op = OPS[exercise.op]
    visible = [case for case in exercise.cases if not case.hidden]
    axes = {name: {np.ndim(case.inputs[name]) for case in visible} for name in op.names}
    fields = msgspec.structs.fields(op)
    unused = {f.name: f.default for f in fields if f.name not in exercise.parameters and not f.required}
    for sample in op.samples():
        fixed = {n: np.array(d) for n, d in op.defaults.items() if n not in exercise.parameters}
        inputs = tuple(fixed.get(n, value) for n, value in zip(op.names, sample.inputs, strict=True))
        if any(value.ndim not in axes[name] for name, value in zip(op.names, inputs, strict=True)):
            continue
        try:
            values = {n: plain_nested(v.tolist()) for n, v in zip(op.names, inputs, strict=True)}
            case = make_case(exercise.parameters, sample.op, values, name="small")
        except OpError:
            continue
        if not any(getattr(sample.op, f) != default for f, default in unused.items()):
            yield case, Sample(case_operator(exercise, case), inputs)
