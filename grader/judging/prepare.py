"""Prepare an exercise's cases for running: their points, their encoded arguments and their reference answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from grader.exercises.points import shares
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise, Lock
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
    """A case ready to run: its points, its arguments (`frame` is their encoded form), and the reference answer."""

    case: Case
    points: float
    arguments: dict[str, Any]
    frame: bytes
    expected: tuple[Numbers, ...]


class PreparedCases(NamedTuple):
    """An exercise's cases ready to run; `without_hidden` is the exercise as the diagnosis may see it."""

    lock: Lock
    visible: tuple[PreparedCase, ...]
    hidden: tuple[PreparedCase, ...]
    without_hidden: Exercise


@memoise
def prepare(lock: Lock) -> PreparedCases:
    """Prepare an exercise's cases, once for a whole class."""
    exercise, references = lock.exercise, {reference.case: reference for reference in lock.references}
    cases = []
    for case, points in zip(exercise.cases, shares(exercise), strict=True):
        arguments = call_arguments(exercise, case)
        expected = tuple(map(from_nested, references[case.name].value))
        cases.append(PreparedCase(case, points, arguments, wire.call(arguments), expected))
    visible = tuple(prepared for prepared in cases if not prepared.case.hidden)
    hidden = tuple(prepared for prepared in cases if prepared.case.hidden)
    without_hidden = msgspec.structs.replace(exercise, cases=tuple(prepared.case for prepared in visible))
    return PreparedCases(lock, visible, hidden, without_hidden)


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
