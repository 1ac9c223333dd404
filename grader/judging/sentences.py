"""Write the sentence of a check: one for each way in which an answer can be wrong or missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.errors import listed
from grader.judging.compare import prints
from grader.model.exercise import Case, Exercise
from grader.model.report import NOT_BEGUN, NOT_JUDGED, Mismatch
from grader.model.submission import Outcome, Submission
from grader.numbers import Numbers, short


def sentence(mismatch: Mismatch) -> str:
    """Write how a value differs from the right one."""
    which = "" if mismatch.output == "output" else f"`{mismatch.output}`: "
    if not mismatch.differ:
        right, wrong = mismatch.expected_shape, mismatch.given_shape
        extra = len(wrong) - len(right)
        help = "; drop the extra axis" if extra > 0 and wrong == (1,) * extra + right else _rows(mismatch)
        return f"{which}the result is {_size(wrong)}, but it should be {_size(right)}{help}"
    assert mismatch.worst is not None
    due, got = _different(mismatch.expected, mismatch.given)
    help = f"; {mismatch.precision}" if mismatch.precision else _rows(mismatch)
    if not help and mismatch.allowed:
        help = f"; a difference of up to {mismatch.allowed} is accepted"
    elif not help and _number(mismatch.expected) == _number(mismatch.given):
        help = "; the answer must be exact, and this difference is rounding noise"
    if mismatch.total == 1:
        return f"{which}{due} expected, {got} given{help}"
    cells = f"{mismatch.differ} of {mismatch.total} cells differ, worst at"
    if mismatch.differ == 1:
        cells = f"1 of {mismatch.total} cells differs, at"
    place = ", ".join(map(str, mismatch.worst))
    return f"{which}{cells} [{place}]: {due} expected, {got} given{help}"


def _rows(mismatch: Mismatch) -> str:
    """Write what is wrong with the rows of a grid that has all the right numbers, or the right last row everywhere."""
    right: Any = mismatch.expected_value
    given: Any = mismatch.given_value
    if len(mismatch.expected_shape) != 2 or not mismatch.given_shape or not given:
        return ""
    if all(row == right[0] for row in right):
        return ""
    cells = [cell for row in right for cell in row]
    if given == cells:
        return "; the numbers are right: put those of each row into a list of its own"
    if all(row == cells for row in given):
        return "; each row holds all numbers: begin its list anew, inside the loop over the rows"
    if len(given) == len(right) and all(row == right[-1] for row in given):
        return "; all rows show the last one: `[[0] * n] * m` is one list, so make a new one for each row"
    return ""


def _number(value: float | str | None) -> str:
    return short(value) if isinstance(value, int | float) else str(value)


def _different(due: float | str | None, got: float | str | None) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart."""
    if not isinstance(due, int | float) or not isinstance(got, int | float) or short(due) != short(got):
        return _number(due), _number(got)
    texts = ((f"{due:.{digits}g}", f"{got:.{digits}g}") for digits in range(7, 18))
    return next((pair for pair in texts if pair[0] != pair[1]), (repr(due), repr(got)))


def _size(shape: Sequence[int]) -> str:
    if 0 in shape:
        return f"empty ({'×'.join(map(str, shape))})" if len(shape) > 1 else "empty"
    if len(shape) < 2:
        return "a single number" if not shape else f"a row of {shape[0]}"
    return "×".join(map(str, shape))


def slide_note(exercise: Exercise, case: Case, given: Sequence[Numbers]) -> str:
    """Write what is wrong with the slide if it prints the given values, one per output; otherwise return ""."""
    slide = case.slide
    if slide and slide.erratum and prints(slide.answer, given, exercise.tolerance, batch=exercise.batch):
        return f". The slide prints the same, but the slide is wrong: {slide.erratum}"
    return ""


def changes(names: Sequence[str]) -> str:
    """Write which arguments a function changes, and what to do."""
    return f"Your function changes {listed(names)}: work on a copy (`{names[0]} = {names[0]}.copy()`)"


def stub(exercise: Exercise, outcome: Outcome) -> str:
    """Return the name of the function that is as the template has it; exercises/templates.py writes what it raises."""
    names = (exercise.name, *([exercise.earlier.function] if exercise.earlier else []))
    return next((name for name in names if outcome.text == f"NotImplementedError: write {name} here"), "")


def failure(exercise: Exercise, submission: Submission, outcome: Outcome) -> str:
    """Write why a call returned no value."""
    from grader.judging import missing  # a right answer does not need it

    text = outcome.text
    if name := stub(exercise, outcome):
        return f"{NOT_BEGUN}: write `{name}` in {outcome.file}, instead of line {outcome.line}"
    if outcome.failure == "missing" and not submission.refused:
        return missing.missing(exercise, submission, outcome)
    if outcome.failure == "signature":
        return missing.signature(exercise, outcome)
    if outcome.failure == "raised" and outcome.names and outcome.line:
        return missing.syntax_error(submission, outcome)
    if outcome.failure == "not_allowed":
        text = missing.not_allowed(exercise, text, *outcome.names)
    if outcome.failure == "forbidden":
        text = f"this exercise does not allow torch's `{text}`"
    if outcome.failure == "earlier" and exercise.earlier:
        text = f"{NOT_JUDGED}, because `{exercise.earlier.function}` is wrong in this case: {text}"
    where = f" ({outcome.file}, line {outcome.line})" if outcome.line else ""
    if text.startswith("EOFError"):
        text = 'your program waits for input(); graded code gets none: move it under `if __name__ == "__main__":`'
    return f"{text}{where}"
