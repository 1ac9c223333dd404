"""Compute what misconceptions answer to an exercise, to be stored beside it (exercises/misconception_answers.py)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isfinite
from pathlib import Path

import msgspec

from grader.exercises import misconception_answers as stored
from grader.exercises.misconception_answers import (
    Answer,
    MisconceptionAnswers,
    StoredCase,
    StoredCell,
    StoredSample,
    stored_case,
)
from grader.exercises.operators import operator
from grader.judging.answers import agrees, shapes
from grader.judging.explain import worked_cell
from grader.judging.misconceptions import Computed, relevant
from grader.judging.samples import form
from grader.model.exercise import OWN, Case, Exercise
from grader.model.signature import output_view, student_shape
from grader.numbers import indices

MOST_CELLS = 20_000  # of a case's different answers: larger ones are computed when they are needed
MOST_WORKED = 100  # cells of a right answer whose arithmetic is stored
NOISE = 1e-8  # of an answer, relative to its size; that of the inputs is 1e-11


def compute(exercise: Exercise, *, noisy: bool = True) -> MisconceptionAnswers:
    """Return the answers of all misconceptions to the visible cases and to the small samples.

    `noisy` includes those to slightly other inputs, which takes three times as long.
    """
    visible = tuple(case for case in exercise.cases if not case.hidden)
    exercise = msgspec.structs.replace(exercise, cases=visible)  # the traits of hidden cases stay secret, too
    misconceptions = relevant(exercise)
    ids = [misconception.id for misconception in misconceptions]
    cases = {}
    for case in exercise.cases:
        computed = Computed(exercise, case)
        if len(ids) * sum(len(value.cells) for value in computed.expected) <= MOST_CELLS:
            cases[case.name] = _stored(ids, computed, noisy, _cells(exercise, case, computed))
    return MisconceptionAnswers(
        by=stored.by(),
        question=stored.question(exercise),
        misconceptions=tuple((misconception.id, misconception.says) for misconception in misconceptions),
        first=next(iter(operator(exercise).names), ""),
        cases=cases,
        samples=tuple(
            StoredSample(case, _stored(ids, Computed(exercise, case, question), noisy))
            for case, question in form(exercise)
        ),
    )


def encoded(exercise: Exercise) -> bytes:
    """Return the content of the file with the answers of now."""
    return stored.encode(compute(exercise))


def outdated(pack: Path, exercise: Exercise) -> str:
    """Say why an exercise's file cannot be used, or return "".

    An author's own misconceptions have none: their answers are stored with the reference's.
    """
    if exercise.op == OWN:
        return ""
    try:
        found = stored.decode(stored.path(pack, exercise.id).read_bytes(), exercise)
    except FileNotFoundError:
        return "they are not stored yet"
    except OSError as error:
        return f"the file cannot be read: {error.strerror}"
    except stored.Unusable as error:
        return str(error)
    return "" if _hold(found, exercise) else "the misconceptions of this version give others"


def _hold(found: MisconceptionAnswers, exercise: Exercise) -> bool:
    """Tell whether stored answers are those of the misconceptions now.

    Another machine may round differently, so they are compared as a student's answers are.
    """
    now = compute(exercise, noisy=False)
    if found.misconceptions != now.misconceptions or found.cases.keys() != now.cases.keys():
        return False
    if [sample.case for sample in found.samples] != [sample.case for sample in now.samples]:
        return False
    pairs = [(found.cases[name], case) for name, case in now.cases.items()]
    pairs += [(a.stored, b.stored) for a, b in zip(found.samples, now.samples, strict=True)]
    return all(_holds(old, new, len(now.misconceptions)) for old, new in pairs)


def _holds(old: StoredCase, new: StoredCase, count: int) -> bool:
    return old.cells == new.cells and all(
        agrees(old.answer(position), new.answer(position), partial(old.noisy_answers, position))
        for position in range(count)
    )


def _stored(ids: Sequence[str], case: Computed, noisy: bool, cells: Sequence[Sequence[StoredCell]] = ()) -> StoredCase:
    """Return the different answers to a case, and for each misconception which of them is its own."""
    answers: dict[Answer, int] = {case.expected: 0}
    given = [case.answer((id,)) for id in ids]
    own = [answers.setdefault(answer, len(answers)) for answer in given]
    others = {position: list(case.noisy((id,))) for position, id in enumerate(ids) if noisy}
    changed = {p: both for p, both in others.items() if not all(_barely_differs(it, given[p]) for it in both)}
    return stored_case(answers, own, changed, cells)


def _barely_differs(a: Answer, b: Answer) -> bool:
    """Tell whether two answers differ by no more than what noise in the inputs makes of a continuous function."""
    if a is None or b is None or shapes(a) != shapes(b):
        return a is b
    return all(
        abs(x - y) <= NOISE * (1 + abs(y)) or not (isfinite(x) or isfinite(y))
        for value, other in zip(a, b, strict=True)
        for x, y in zip(value.cells, other.cells, strict=True)
    )


def _cells(exercise: Exercise, case: Case, computed: Computed) -> list[list[StoredCell]]:
    """Return the arithmetic of the right answer's cells, unless there are too many."""
    if sum(len(value.cells) for value in computed.expected) > MOST_WORKED:
        return []
    worked = [
        [
            worked_cell(exercise, case, at, output)
            for at in indices(student_shape(output_view(exercise, output), value.shape))
        ]
        for output, value in zip(exercise.outputs, computed.expected, strict=True)
    ]
    return [[StoredCell(cell.text, cell.value, cell.reads) for cell in each] for each in worked]
