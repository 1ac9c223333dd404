"""Run the operators' misconceptions, one or two at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from grader.exercises.cases import case_arrays, case_operator, traits
from grader.exercises.misconception_answers import Answer
from grader.exercises.operators import operator
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise
from grader.numbers import Numbers
from grader.ops import Misconception
from grader.ops.base import Array, each_output

Values = tuple[Array, ...] | None  # one array per output, or None for a crash
Run = Callable[[Any, Sequence[Array]], Values]

NOISE = (1 - 1e-11, 1 + 1e-11)  # of rounding: what a program gives that adds in another order


class Mistaken:
    """An operator with a misconception built in: running another one on it combines the two.

    Misconceptions reach an operator's arithmetic through one method, `Op.step`. Here that method runs the first
    misconception, starting from the changes that the second one makes to the steps.
    """

    def __init__(self, op: Any, misconception: Misconception | None, changes: dict[str, Any]) -> None:
        self._op, self._misconception, self._changes = op, misconception, changes
        setattr(self, op.step, self._compute)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._op, name)

    def changed(self, **fields: Any) -> Mistaken:
        """Return the same with some of the operator's fields changed."""
        return Mistaken(self._op.changed(**fields), self._misconception, self._changes)

    def _compute(self, *inputs: Array, **changes: Any) -> Any:
        changes = self._changes | changes
        if self._misconception is None:
            return getattr(self._op, self._op.step)(*inputs, **changes)
        result: Array = self._misconception.run(Mistaken(self._op, None, changes), *inputs)
        return result[(None,) * (self._op.axes + 2 - result.ndim)]


def relevant(exercise: Exercise) -> list[Misconception]:
    """Return the misconceptions that someone who writes the exercise's function can have.

    A fixed field is not a parameter, but the function has to use its value.
    """
    given = {*exercise.given, *exercise.fixed, *traits(exercise)}
    return [misconception for misconception in operator(exercise).misconceptions if set(misconception.about) <= given]


def attempt(run: Callable[..., Any], op: Any, inputs: Sequence[Array]) -> Values:
    """Return what a misconception computes, one array per output, or None if it crashes.

    As in grading, torch's batch axis is removed where the operator accepts one.
    """
    try:
        with np.errstate(all="ignore"):
            values = each_output(run(op, *inputs))
    except (ValueError, IndexError, ZeroDivisionError):
        return None
    if op.batch:
        axes = len(op.shape(*(value.shape for value in inputs)))
        values = tuple(v[0] if v.ndim == axes + 1 and len(v) == 1 else v for v in values)
    return values


def pair(first: Misconception, second: Misconception) -> Run:
    """Return what runs two misconceptions at once. The operator must have a `step`."""
    return lambda op, inputs: attempt(second.run, Mistaken(op, first, {}), inputs)


def runner(misconceptions: Sequence[Misconception]) -> Run:
    """Return what runs one misconception or a pair."""
    if len(misconceptions) > 1:
        return pair(misconceptions[0], misconceptions[1])
    return lambda op, inputs: attempt(misconceptions[0].run, op, inputs)


def numbers(value: Array) -> Numbers:
    """Return an array as plain data."""
    return Numbers(value.shape, tuple(value.ravel().tolist()), value.dtype.name)


def plain(values: Sequence[Array]) -> tuple[Numbers, ...]:
    """Return an answer as plain data."""
    return tuple(map(numbers, values))


def answer(run: Run, op: Any, inputs: Sequence[Array]) -> Answer:
    """Return what a misconception answers, as plain data."""
    values = run(op, inputs)
    return None if values is None else plain(values)


class Computed:
    """A case of an exercise, computed with NumPy: the right answer, and those of misconceptions."""

    def __init__(self, exercise: Exercise, case: Case, question: tuple[Any, tuple[Array, ...]] | None = None) -> None:
        """Take a case's operator with its inputs from `question`, if they are known already."""
        self.op: Any = question[0] if question else case_operator(exercise, case)
        self.inputs = question[1] if question else case_arrays(case, self.op)
        self.expected = plain(each_output(self.op(*self.inputs)))
        self._misconceptions = by_id(exercise)

    def answer(self, ids: Sequence[str]) -> Answer:
        """Return the answer of a misconception, or of two at once."""
        return answer(self._runner(ids), self.op, self.inputs)

    def noisy(self, ids: Sequence[str]) -> Iterator[Answer]:
        """Yield the answers of the same to inputs a little smaller and a little larger."""
        for factor in NOISE:
            yield answer(self._runner(ids), self.op, [value * factor for value in self.inputs])

    def _runner(self, ids: Sequence[str]) -> Run:
        return runner([self._misconceptions[id] for id in ids])


@memoise
def by_id(exercise: Exercise) -> dict[str, Misconception]:
    """Return the misconceptions of an exercise's operator by id."""
    return {misconception.id: misconception for misconception in operator(exercise).misconceptions}
