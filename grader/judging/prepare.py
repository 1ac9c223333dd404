"""Prepare an exercise's cases for running: their points, their encoded arguments and their reference answers."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from grader.exercises.points import shares
from grader.judging.compare import magnitude
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise, Lock
from grader.model.submission import Outcome
from grader.numbers import Numbers, from_nested
from grader.sandbox import wire


class PreparedCase(NamedTuple):
    """A case ready to run: its points, the call to make, the reference answer, and the largest magnitude in that."""

    case: Case
    points: float
    request: wire.Request
    expected: tuple[Numbers, ...]
    scale: float


class PreparedCases(NamedTuple):
    """An exercise's cases ready to run; `without_hidden` is the exercise as the diagnosis may see it.

    `right` are the outcomes of right calls by the bytes of the answer, so that such an answer need not be decoded.
    """

    lock: Lock
    visible: tuple[PreparedCase, ...]
    hidden: tuple[PreparedCase, ...]
    without_hidden: Exercise
    right: dict[bytes, Outcome]


@memoise
def prepare(lock: Lock) -> PreparedCases:
    """Prepare an exercise's cases, once for a whole class."""
    exercise, references = lock.exercise, {reference.case: reference for reference in lock.references}
    cases = []
    for case, points in zip(exercise.cases, shares(exercise), strict=True):
        request = wire.request(call_arguments(exercise, case))
        expected = tuple(map(from_nested, references[case.name].value))
        cases.append(PreparedCase(case, points, request, expected, magnitude(expected)))
    visible = tuple(prepared for prepared in cases if not prepared.case.hidden)
    hidden = tuple(prepared for prepared in cases if prepared.case.hidden)
    without_hidden = msgspec.structs.replace(exercise, cases=tuple(prepared.case for prepared in visible))
    right = {wire.encoded(prepared.expected): Outcome(value=prepared.expected) for prepared in cases}
    return PreparedCases(lock, visible, hidden, without_hidden, right)


def call_arguments(exercise: Exercise, case: Case) -> dict[str, Any]:
    """Return a case's arguments as the student's function receives them: arrays, floats, and pairs as tuples."""
    arguments: dict[str, Any] = {}
    for name, value in exercise.arguments(case).items():
        if name in case.inputs:
            array = from_nested(value)
            arguments[name] = array if array.shape else array.cells[0]
        else:
            arguments[name] = _frozen(value)
    return arguments


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value
