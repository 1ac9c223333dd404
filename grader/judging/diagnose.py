"""Explain wrong answers: which misconception gives them, under which condition, and on which smallest case.

Pure, except that `call` runs the student's program on small samples. Nothing is guessed: a misconception is named if it
gives every answer that was observed, wrong and right ones alike; a condition if it separates wrong cases from right
ones without exception. Hidden cases are left out. All limits are counts, so equal programs get equal diagnoses however
fast the machine is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from grader.exercises.cases import case_arrays, case_operator, case_traits, expressed, only_or_list, plain_nested
from grader.exercises.operators import operator
from grader.judging.compare import KEPT, json_safe, unbatched
from grader.judging.condition import Facts, condition, facts_of
from grader.judging.crash import most_frequent_crash
from grader.judging.misconceptions import (
    Answered,
    Fit,
    Matching,
    Modelled,
    Values,
    first_difference,
    matching,
    numbers,
    right,
    runner,
    same,
)
from grader.judging.sentences import changes
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise
from grader.model.report import Check, Condition, Diagnosis, Example, Verdict
from grader.model.signature import as_student, as_torch, axes_of, in_own_words, output_view, shown_arguments
from grader.model.submission import Outcome
from grader.numbers import extent, short, to_nested
from grader.ops import Misconception, OpError, Sample
from grader.ops.base import Array, each_output

Call = Callable[[Case], Outcome]
Chosen = tuple[Misconception, ...]  # one misconception, or two at once

PAIRS = 2100  # pairs of misconceptions to try; the longest successful search in the tests takes 2000
CELLS = 1_000_000  # of the answers of those pairs: large cases get fewer pairs
SAMPLES = 100  # small samples to run the program on; no operator has more
MOST_TEXT = 80  # characters of an answer that stands in a sentence
ENOUGH = 12  # samples, once there is a smallest example and at most one explanation


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
    first_call: Call | None = None,
) -> Diagnosis | None:
    """Return what is known about a submission's wrong answers, or None if nothing is.

    `outcomes` belong to the exercise's cases, in order. `call` runs the student's function on one more case, and
    `first_call` does so in a new process. `sources` are the program's files, with their names.
    """
    every = [Row(*row) for row in zip(exercise.cases, checks, outcomes, strict=True)]
    visible = [row for row in every if not row.case.hidden and row.outcome.failure != "earlier"]
    rows = [row for row in visible if row.outcome.value is not None or row.outcome.failure == "raised"]
    if not any(row.wrong for row in rows):
        return None
    crash = most_frequent_crash(exercise, [(row.case, row.outcome) for row in rows], sources)
    if any(_large(row.outcome) for row in rows):
        return Diagnosis(crash=crash) if crash else None
    answered = _answered(exercise, rows)
    found, cut_short = Matching([])
    if len(rows) >= sum(row.outcome.ran for row in visible):  # no misconception runs out of time or memory
        found, cut_short = matching(exercise, answered, PAIRS, CELLS)
    found, smallest = _confirm(exercise, found, call, first_call)
    found = _most_specific_first(exercise, found)
    return Diagnosis(
        misconceptions=tuple(tuple(misconception.id for misconception in chosen) for chosen in found),
        says={m.id: in_own_words(exercise, m.says) for chosen in found for m in chosen},
        apart=_apart(exercise, found[0], found[1]) if len(found) > 1 else None,
        condition=_condition(exercise, visible),
        smallest=smallest,
        crash=crash,
        fingerprint="" if found else _fingerprint(answered),
        cut_short=cut_short,
        changes="" if found else _changes(rows),
    )


# ---- what the program answered


@memoise
def _modelled(exercise: Exercise) -> dict[str, Modelled]:
    """Return the exercise's cases as misconceptions are run on them, by name."""
    return {c.name: Modelled(op := case_operator(exercise, c), case_arrays(c, op)) for c in exercise.cases}


def _answered(exercise: Exercise, rows: Sequence[Row]) -> list[Answered]:
    modelled = _modelled(exercise)
    answered = []
    for row in rows:
        values = _values(exercise, row.outcome, modelled[row.case.name])
        answered.append(Answered(modelled[row.case.name], values, row.wrong, row.outcome.text))
    return answered


def _values(exercise: Exercise, outcome: Outcome, modelled: Modelled) -> Values:
    if outcome.value is None:
        return None
    pairs = zip(outcome.value, modelled.expected, strict=True)
    values = [unbatched(exercise, value, expected.ndim) for value, expected in pairs]
    if exercise.signature:
        rows = zip(exercise.signature.returns, values, modelled.expected, strict=True)
        values = [as_torch(view, value, expected.shape) for view, value, expected in rows]
    return tuple(np.array(v.cells, dtype=v.dtype).reshape(v.shape) for v in values)


def _large(outcome: Outcome) -> bool:
    return any(extent(value.shape) > KEPT for value in outcome.value or ())


@memoise
def _facts(exercise: Exercise) -> dict[str, Facts]:
    return {case.name: facts_of(case) for case in exercise.cases}


def _condition(exercise: Exercise, visible: Sequence[Row]) -> Condition | None:
    """Return the condition that separates wrong cases from right ones, among all that were run."""
    ran, facts = [row for row in visible if row.outcome.ran], _facts(exercise)
    found = condition([facts[row.case.name] for row in ran], [row.wrong for row in ran])
    if found is None:
        return None
    when, otherwise = in_own_words(exercise, found.when), in_own_words(exercise, found.otherwise)
    return msgspec.structs.replace(found, when=when, otherwise=otherwise)


def _fingerprint(answered: Sequence[Answered]) -> str:
    """Return a digest of the wrong answers, which groups students who gave the same ones."""
    with np.errstate(all="ignore"):  # rounding the largest numbers overflows, and NumPy would warn
        wrong = [
            s.given and [(v.shape, np.round(v.astype(float), 6).tolist()) for v in s.given] for s in answered if s.wrong
        ]
    return hashlib.sha256(msgspec.json.encode(_as_text(wrong))).hexdigest()[:12]


def _as_text(value: Any) -> Any:
    return [_as_text(item) for item in value] if isinstance(value, list | tuple) else repr(value)


def _changes(rows: Sequence[Row]) -> str:
    """Say which arguments the function changes, if it does so wherever it is wrong."""
    wrong = [set(row.outcome.changed) for row in rows if row.wrong]
    names = sorted(set.intersection(*wrong))
    return changes(names) if names else ""


# ---- small samples


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


def _confirm(
    exercise: Exercise, found: list[Chosen], call: Call | None, first_call: Call | None
) -> tuple[list[Chosen], Example | None]:
    """Run the program on small samples: return the explanations that hold there too, and the first wrong sample."""
    smallest: tuple[Case, Answered] | None = None
    for count, (case, answered) in enumerate(_run_samples(exercise, call) if call else ()):
        found = [chosen for chosen in found if answered.fit(runner(chosen)) is not Fit.contradicts]
        if answered.wrong and not smallest:
            smallest = case, answered
        if smallest and len(found) <= 1 and count >= ENOUGH:
            break
    if smallest is None:
        return found, None
    alone = _alone(exercise, *smallest, first_call) if first_call and not found else ""
    return found, msgspec.structs.replace(_example(exercise, *smallest), alone=alone)


def _alone(exercise: Exercise, case: Case, answered: Answered, first_call: Call) -> str:
    """Say what a call gives as the first one of a process, if that is something else."""
    outcome = first_call(case)
    if (outcome.value is None and outcome.failure != "raised") or _large(outcome):
        return ""
    values = _values(exercise, outcome, answered.modelled)
    if same(values, answered.given) and outcome.text == answered.text:
        return ""
    text = outcome.text
    if values is not None:
        text = str(only_or_list([_shown(exercise, which, values) for which in range(len(values))]))
    if values is not None and sum(value.size for value in values) == 1:
        text = short(float(next(value.item() for value in values if value.size)))
    given = text if len(text) <= MOST_TEXT else "another answer"
    return f"the same call gave {given} when called first: your function keeps something between calls, or is random"


def _run_samples(exercise: Exercise, call: Call) -> Iterator[tuple[Case, Answered]]:
    for case, sample in form(exercise)[:SAMPLES]:
        outcome = call(case)
        if (outcome.value is None and outcome.failure != "raised") or _large(outcome):
            return
        modelled = Modelled(sample.op, sample.inputs)
        given = _values(exercise, outcome, modelled)
        yield case, Answered(modelled, given, not right(given, modelled.expected, exercise.tolerance), outcome.text)


def _example(exercise: Exercise, case: Case, answered: Answered, unlike: Values = None) -> Example:
    """Show a call; of several outputs the first that differs from the right one, or from another answer (`unlike`)."""
    which = first_difference(answered.given, unlike or answered.expected)
    inputs, others = shown_arguments(exercise, case)
    output = exercise.outputs[which] if len(exercise.outputs) > 1 else ""
    axes = axes_of(exercise)
    if own := output_view(exercise, exercise.outputs[which]).axes:
        axes[output] = own
    expected, text = _shown(exercise, which, answered.expected), answered.text if answered.given is None else ""
    given = None if answered.given is None else _shown(exercise, which, answered.given)
    return Example(inputs | others, expected, given, text, output=output, axes=axes)


def _shown(exercise: Exercise, which: int, values: Sequence[Array]) -> Any:
    """Return one of the outputs as reports show it, in the order of the student's axes."""
    view = output_view(exercise, exercise.outputs[which])
    return json_safe(to_nested(as_student(view, numbers(values[which]))))


# ---- several explanations


def _most_specific_first(exercise: Exercise, found: list[Chosen]) -> list[Chosen]:
    """Sort explanations: single misconceptions first, and among equals the one that makes fewer samples wrong."""
    return sorted(found, key=lambda chosen: (len(chosen), _breadth(exercise, chosen))) if len(found) > 1 else found


def _breadth(exercise: Exercise, chosen: Chosen) -> int:
    run = runner(chosen)
    return sum(not same(run(s.op, s.inputs), each_output(s.op(*s.inputs))) for _, s in form(exercise))


def _apart(exercise: Exercise, a: Chosen, b: Chosen) -> Example | None:
    """Return the smallest sample on which two explanations differ, with the answer of the first."""
    first, second = runner(a), runner(b)
    for case, sample in form(exercise):
        given = first(sample.op, sample.inputs)
        other = second(sample.op, sample.inputs)
        if not same(given, other):
            return _example(exercise, case, Answered(Modelled(sample.op, sample.inputs), given, True), other)
    return None
