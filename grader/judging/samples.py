"""The operator's small samples that fit an exercise, as cases: a diagnosis runs the student's program on them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from grader.exercises.cases import case_operator, case_traits, expressed, plain_nested
from grader.exercises.operators import operator
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise
from grader.ops import OpError, Sample
from grader.ops.base import Array


@memoise
def form(exercise: Exercise) -> list[tuple[Case, Sample]]:
    """Return those of the operator's small samples that fit the exercise, as cases, smallest first."""
    return list(_form(exercise))


def _form(exercise: Exercise) -> Iterator[tuple[Case, Sample]]:
    op = operator(exercise)
    visible = [case for case in exercise.cases if not case.hidden]
    axes = {name: {np.ndim(case.inputs[name]) for case in visible} for name in op.names}
    fields = msgspec.structs.fields(op)
    known = {*exercise.given, *exercise.fixed}
    unused = {f.name: f.default for f in fields if f.name not in known and not f.required}
    forms = case_traits(exercise)
    for sample in op.samples():
        omitted = {n: np.array(d) for n, d in op.defaults.items() if n not in exercise.given}
        inputs = tuple(omitted.get(n, value) for n, value in zip(op.names, sample.inputs, strict=True))
        if exercise.signature:  # which may ask for batches, and most small samples are bare grids
            inputs = tuple(_lifted(value, min(axes[n])) for n, value in zip(op.names, inputs, strict=True))
        if any(value.ndim not in axes[name] for name, value in zip(op.names, inputs, strict=True)):
            continue
        try:
            values = {n: plain_nested(v.tolist()) for n, v in zip(op.names, inputs, strict=True)}
            case = expressed(exercise, sample.op, values, name="small")
        except OpError:
            continue
        if sample.op.traits(*(value.shape for value in inputs)) not in forms:
            continue  # the program may not know layers with padding, or a padding for each side
        if case and not any(getattr(sample.op, f) != default for f, default in unused.items()):
            yield case, Sample(case_operator(exercise, case), inputs)


def _lifted(array: Array, axes: int) -> Array:
    """Return an array with so many axes at least: those that it lacks are in front, and of size 1."""
    return array.reshape((1,) * (axes - array.ndim) + array.shape)
