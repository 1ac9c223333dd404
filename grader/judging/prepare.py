"""Prepare an exercise's cases for running: their points, their encoded arguments and their reference answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from grader.exercises.points import shares
from grader.judging.compare import magnitude
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise, Lock
from grader.model.submission import Outcome
from grader.numbers import Numbers, from_nested
from grader.sandbox import wire

if TYPE_CHECKING:  # a right answer does not need it
    from grader.exercises.misconception_answers import MisconceptionAnswers

Load = Callable[[], "MisconceptionAnswers | None"]


def nothing() -> None:
    """Return no stored answers of misconceptions: they are computed instead."""


def stored_in(pack: Path, lock: Lock) -> Load:
    """Return what reads the stored answers of misconceptions from a pack, once a wrong answer needs them."""

    def load() -> MisconceptionAnswers | None:
        from grader.exercises import misconception_answers

        return misconception_answers.load(pack, lock.exercise)

    return load


class PreparedCase(NamedTuple):
    """A case ready to run: its points, the call to make, the reference answer, and the largest magnitude in that.

    The answers are in the order of the student's axes. `earlier` is that of the function that runs first.
    """

    case: Case
    points: float
    request: wire.Request
    expected: tuple[Numbers, ...]
    scale: float
    earlier: tuple[Numbers, ...] = ()


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
        request = wire.request(call_arguments(exercise, case), case.time_limit)
        reference = references[case.name]
        expected, earlier = tuple(map(from_nested, reference.value)), tuple(map(from_nested, reference.earlier))
        if exercise.signature:
            expected, earlier = in_student_order(exercise, expected, earlier)
        cases.append(PreparedCase(case, points, request, expected, magnitude(expected), earlier))
    visible = tuple(prepared for prepared in cases if not prepared.case.hidden)
    hidden = tuple(prepared for prepared in cases if prepared.case.hidden)
    without_hidden = msgspec.structs.replace(exercise, cases=tuple(prepared.case for prepared in visible))
    alone = [] if exercise.earlier else cases  # otherwise an answer holds the earlier function's results, too
    right = {wire.encoded(prepared.expected): Outcome(value=prepared.expected) for prepared in alone}
    return PreparedCases(lock, visible, hidden, without_hidden, right)


def call_arguments(exercise: Exercise, case: Case) -> dict[str, Any]:
    """Return a case's arguments as the student's function receives them: arrays, floats, and pairs as tuples."""
    if exercise.signature:
        from grader.model import signature  # few exercises have one

        return signature.call_arguments(exercise.signature, case)
    arguments: dict[str, Any] = {}
    for name in exercise.parameters:
        if name in case.inputs:
            array = from_nested(case.inputs[name])
            arguments[name] = array if array.shape else array.cells[0]
        else:
            arguments[name] = _frozen(case.fields[name])
    return arguments


def in_student_order(
    exercise: Exercise, expected: tuple[Numbers, ...], earlier: tuple[Numbers, ...]
) -> tuple[tuple[Numbers, ...], tuple[Numbers, ...]]:
    """Return the answers to a case, and those of an earlier function, as the student's functions return them."""
    from grader.model.signature import as_student

    assert exercise.signature
    views = exercise.earlier.signature.returns if exercise.earlier else ()
    own = tuple(map(as_student, exercise.signature.returns, expected))
    return own, tuple(map(as_student, views, earlier))


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value
