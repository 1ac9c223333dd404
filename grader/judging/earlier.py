"""Judge the function that runs before the student's own, such as a forward pass, and separate the results of the two.

Where it is wrong, what the student's own function made of its result says nothing about that function.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.judging.compare import compare, magnitude
from grader.judging.sentences import sentence
from grader.model.exercise import Case, Exercise
from grader.model.signature import as_student
from grader.model.submission import Outcome
from grader.numbers import Numbers, from_nested


def own_outcome(exercise: Exercise, expected: Sequence[Numbers], outcome: Outcome) -> Outcome:
    """Return the outcome of the student's own function, or a failure where the earlier one is wrong.

    `expected` are the earlier function's right results.
    """
    first, scale = outcome.earlier if outcome.value is None else outcome.value, magnitude(expected)
    if not first:  # it raised before there were any
        return outcome
    for value, right in zip(first, expected, strict=False):
        if mismatch := compare(value, right, exercise.tolerance, scale=scale):
            return Outcome(failure="earlier", text=sentence(mismatch), printed=outcome.printed)
    own = None if outcome.value is None else outcome.value[len(expected) :]
    return msgspec.structs.replace(outcome, value=own, earlier=())


def computed(exercise: Exercise, case: Case) -> tuple[Numbers, ...]:
    """Return the earlier function's right results for a case that has no reference answer."""
    from grader.exercises.cases import earlier_operator  # NumPy, which only a diagnosis needs
    from grader.ops.base import each_output

    assert exercise.earlier
    op, inputs = earlier_operator(exercise, case)
    values = [from_nested(value.tolist()) for value in each_output(op(*inputs))]
    return tuple(map(as_student, exercise.earlier.signature.returns, values))
