"""Explain wrong answers: which misconception gives them, under which condition, and on which smallest case.

Pure, except that `call` runs the student's program on small samples, and that the answers of misconceptions may be read
from a file. NumPy is imported only for what is not stored there. Nothing is guessed: a misconception is named if it
gives every answer that was observed, wrong and right ones alike; a condition if it separates wrong cases from right
ones without exception. Hidden cases are left out. All limits are counts, so equal programs get equal diagnoses however
fast the machine is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from grader.exercises.misconception_answers import Answer
from grader.judging.answers import first_difference, right, same, shown
from grader.judging.compare import KEPT, unbatched
from grader.judging.condition import Facts, condition, facts_of
from grader.judging.crash import most_frequent_crash
from grader.judging.matching import Answered, Fit, Matching, matching
from grader.judging.modelled import Chosen, Known, Modelled, known
from grader.judging.sentences import changes
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise
from grader.model.report import Check, Condition, Diagnosis, Example, Verdict
from grader.model.signature import as_student, as_torch, axes_of, in_own_names, output_view, own_names, shown_arguments
from grader.model.submission import Outcome
from grader.numbers import Numbers, extent, short

Call = Callable[[Case], Outcome]

PAIRS = 400  # pairs of misconceptions to try; 19 of 20 random pairs are found among the first 100
CELLS = 1_000_000  # of the answers of those pairs: large cases get fewer pairs
SAMPLES = 100  # small samples to run the program on; no operator has more
MOST_TEXT = 80  # characters of an answer that stands in a sentence
ENOUGH = 12  # samples, once there is a smallest example and at most one explanation


class FirstCall(NamedTuple):
    """How to call the student's function in a new process: `begin` starts that without waiting for it."""

    begin: Callable[[], None]
    call: Call


class Row(NamedTuple):
    """A visible case with its check and its outcome."""

    case: Case
    check: Check
    outcome: Outcome

    @property
    def wrong(self) -> bool:
        return self.check.verdict is not Verdict.correct


def diagnose(
    exercise: Exercise,
    checks: Sequence[Check],
    outcomes: Sequence[Outcome],
    call: Call | None = None,
    sources: Sequence[tuple[str, str]] = (),
    first_call: FirstCall | None = None,
    misconceptions: Known | None = None,
) -> Diagnosis | None:
    """Return what is known about a submission's wrong answers, or None if nothing is.

    `outcomes` belong to the exercise's cases, in order. `call` runs the student's function on one more case, and
    `first_call` does so in a new process. `sources` are the program's files, with their names. `misconceptions` are the
    exercise's, where something is stored of them.
    """
    every = [Row(*row) for row in zip(exercise.cases, checks, outcomes, strict=True)]
    visible = [row for row in every if not row.case.hidden and row.outcome.failure != "earlier"]
    rows = [row for row in visible if row.outcome.value is not None or row.outcome.failure == "raised"]
    if not any(row.wrong for row in rows):
        return None
    crash = most_frequent_crash(exercise, [(row.case, row.outcome) for row in rows], sources)
    modelled = misconceptions or known(exercise)
    large = any(_large(row.outcome) for row in rows)  # of which the cells are not kept
    answered = [] if large else [_answered(exercise, row, modelled.cases[row.case.name]) for row in rows]
    found, cut_short = Matching([])
    if answered and len(rows) >= sum(row.outcome.ran for row in visible):  # no misconception runs out of time or memory
        found, cut_short = matching(modelled, answered, PAIRS, CELLS, first_call.begin if first_call else None)
    found, smallest = _confirm(modelled, found, call, first_call)
    found = _most_specific_first(modelled, _unless_fixed(exercise, found))
    diagnosis = Diagnosis(
        misconceptions=tuple(found),
        says={id: in_own_names(exercise, modelled.says[id]) for chosen in found for id in chosen},
        apart=_apart(modelled, found[0], found[1]) if len(found) > 1 else None,
        condition=_condition(exercise, visible),
        smallest=smallest,
        crash=crash,
        fingerprint="" if found or large else _fingerprint(answered),
        cut_short=cut_short,
        changes="" if found else _changes(rows),
    )
    return None if diagnosis == Diagnosis() else diagnosis


# ---- what the program answered


def _answered(exercise: Exercise, row: Row, modelled: Modelled) -> Answered:
    return Answered(modelled, _given(exercise, row.outcome, modelled), row.wrong, row.outcome.text)


def _given(exercise: Exercise, outcome: Outcome, modelled: Modelled) -> Answer:
    """Return the program's answer in the order of torch's axes, which is that of all answers here."""
    if outcome.value is None:
        return None
    pairs = zip(outcome.value, modelled.expected, strict=True)
    values = [unbatched(exercise, value, len(expected.shape)) for value, expected in pairs]
    if exercise.signature:
        rows = zip(exercise.signature.returns, values, modelled.expected, strict=True)
        values = [as_torch(view, value, expected.shape) for view, value, expected in rows]
    return tuple(values)


def _large(outcome: Outcome) -> bool:
    return any(extent(value.shape) > KEPT for value in outcome.value or ())


@memoise
def _facts(exercise: Exercise) -> dict[str, Facts]:
    return {case.name: facts_of(case) for case in exercise.cases}


def _condition(exercise: Exercise, visible: Sequence[Row]) -> Condition | None:
    """Return the condition that separates wrong cases from right ones, among all that were run."""
    ran, facts = [row for row in visible if row.outcome.ran], _facts(exercise)
    return condition([facts[row.case.name] for row in ran], [row.wrong for row in ran], own_names(exercise))


def _fingerprint(answered: Sequence[Answered]) -> str:
    """Return a digest of the wrong answers, which groups students who gave the same ones."""
    wrong = [s.given and [(value.shape, _rounded(value)) for value in s.given] for s in answered if s.wrong]
    return hashlib.sha256(repr(wrong).encode()).hexdigest()[:12]


def _rounded(value: Numbers) -> list[float]:
    return [round(float(cell), 6) + 0.0 for cell in value.cells]  # + 0.0 makes 0.0 of -0.0


def _changes(rows: Sequence[Row]) -> str:
    """Say which arguments the function changes, if it does so wherever it is wrong."""
    wrong = [set(row.outcome.changed) for row in rows if row.wrong]
    names = sorted(set.intersection(*wrong))
    return changes(names) if names else ""


# ---- small samples


def _confirm(
    misconceptions: Known, found: list[Chosen], call: Call | None, first_call: FirstCall | None
) -> tuple[list[Chosen], Example | None]:
    """Run the program on small samples: return the explanations that hold there too, and the first wrong sample."""
    smallest: Answered | None = None
    for count, answered in enumerate(_run_samples(misconceptions, call) if call else ()):
        found = [chosen for chosen in found if answered.fit(chosen) is not Fit.contradicts]
        if answered.wrong and not smallest:
            smallest = answered
        if smallest and len(found) <= 1 and count >= ENOUGH:
            break
    if smallest is None:
        return found, None
    alone = _alone(smallest, first_call) if first_call and not found else ""
    return found, msgspec.structs.replace(_example(smallest), alone=alone)


def _run_samples(misconceptions: Known, call: Call) -> Iterator[Answered]:
    exercise = misconceptions.exercise
    for modelled in misconceptions.samples[:SAMPLES]:
        outcome = call(modelled.case)
        if (outcome.value is None and outcome.failure != "raised") or _large(outcome):
            return
        given = _given(exercise, outcome, modelled)
        yield Answered(modelled, given, not right(given, modelled.expected, exercise.tolerance), outcome.text)


def _alone(smallest: Answered, first_call: FirstCall) -> str:
    """Say what a call gives as the first one of a process, if that is something else."""
    outcome = first_call.call(smallest.modelled.case)
    if (outcome.value is None and outcome.failure != "raised") or _large(outcome):
        return ""
    given = _given(smallest.modelled.exercise, outcome, smallest.modelled)
    if same(given, smallest.given) and outcome.text == smallest.text:
        return ""
    text = outcome.text if given is None else str(shown(_as_student(smallest.modelled, given)))
    if given is not None and sum(len(value.cells) for value in given) == 1:
        text = short(float(next(value.cells[0] for value in given if value.cells)))
    answer = text if len(text) <= MOST_TEXT else "another answer"
    return f"the same call gave {answer} when called first: your function keeps something between calls, or is random"


def _example(answered: Answered, unlike: Answer = None) -> Example:
    """Show a call; of several outputs the first that differs from the right one, or from another answer (`unlike`)."""
    exercise, right = answered.modelled.exercise, answered.modelled.expected
    which = first_difference(answered.given, unlike or right)
    inputs, others = shown_arguments(exercise, answered.modelled.case)
    output = exercise.outputs[which] if len(exercise.outputs) > 1 else ""
    every = axes_of(exercise)
    axes = {name: every[name] for name in inputs if name in every}
    if exercise.outputs[which] in every:
        axes[output] = every[exercise.outputs[which]]
    expected = shown(_as_student(answered.modelled, right)[which : which + 1])
    if answered.given is None:
        return Example(inputs | others, expected, text=answered.text, output=output, axes=axes)
    given = shown(_as_student(answered.modelled, answered.given)[which : which + 1])
    return Example(inputs | others, expected, given, output=output, axes=axes)


def _as_student(modelled: Modelled, answer: Sequence[Numbers]) -> list[Numbers]:
    """Return an answer in the order of the student's axes; with wrong axes, as it was given (see `as_torch`)."""
    shown = []
    for output, value, expected in zip(modelled.exercise.outputs, answer, modelled.expected, strict=True):
        if len(value.shape) == len(expected.shape):
            value = as_student(output_view(modelled.exercise, output), value)
        elif value.shape == (1, *expected.shape):
            value = Numbers(expected.shape, value.cells, value.dtype)
        shown.append(value)
    return shown


# ---- several explanations


def _unless_fixed(exercise: Exercise, found: list[Chosen]) -> list[Chosen]:
    """Omit misconceptions about fixed fields where another one explains the same: with stride 1, many are alike."""
    if not exercise.fixed or len(found) < 2:
        return found
    from grader.exercises.operators import operator

    about = {it.id for it in operator(exercise).misconceptions if not exercise.fixed.keys().isdisjoint(it.about)}
    return [chosen for chosen in found if about.isdisjoint(chosen)] or found


def _most_specific_first(misconceptions: Known, found: list[Chosen]) -> list[Chosen]:
    """Sort explanations: single misconceptions first, and among equals the one that makes fewer samples wrong."""
    if len(found) < 2:
        return found
    order = list(misconceptions.says)
    return sorted(found, key=lambda chosen: (len(chosen), _breadth(misconceptions, chosen), *map(order.index, chosen)))


def _breadth(misconceptions: Known, chosen: Chosen) -> int:
    return sum(not same(modelled.answer(chosen), modelled.expected) for modelled in misconceptions.samples)


def _apart(misconceptions: Known, a: Chosen, b: Chosen) -> Example | None:
    """Return the smallest sample on which two explanations differ, with the answer of the first."""
    for modelled in misconceptions.samples:
        given, other = modelled.answer(a), modelled.answer(b)
        if not same(given, other):
            return _example(Answered(modelled, given, True), other)
    return None
