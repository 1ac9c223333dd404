"""Run an exercise against every misconception of its operator: which are caught, and which cases catch the others."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from random import Random

import numpy as np

from grader.exercises.cases import case_arrays, case_operator, case_traits, expressed, plain_nested, varied
from grader.exercises.misconception_answers import Answer
from grader.exercises.operators import operator
from grader.judging.answers import right
from grader.judging.misconceptions import answer, plain, relevant, runner
from grader.model.exercise import Exercise
from grader.model.proof import Mutation
from grader.numbers import Numbers
from grader.ops import Misconception, OpError, Sample
from grader.ops.base import Array, each_output

LARGEST = 49  # cells of a suggested case's largest input
DRAWS = 150
WIDTH = 80  # of a suggested case's longest line: a terminal must not wrap what is to be pasted


def mutate(exercise: Exercise) -> Mutation:
    """Run every misconception on every case, and return which of them pass."""
    misconceptions = relevant(exercise)
    written = sum(not case.generated for case in exercise.cases)
    ops = [case_operator(exercise, case) for case in exercise.cases]
    questions = [(op, case_arrays(case, op)) for case, op in zip(exercise.cases, ops, strict=True)]
    expected = [plain(each_output(op(*inputs))) for op, inputs in questions]

    @functools.cache  # the first cases decide most, so most answers are never needed
    def given(position: int, case: int) -> Answer:
        return answer(runner([misconceptions[position]]), *questions[case])

    def caught(position: int, case: int) -> bool:
        return not right(given(position, case), expected[case], exercise.tolerance)

    numbers = range(len(questions))
    first = [next((i for i in numbers if caught(position, i)), None) for position in range(len(misconceptions))]
    survived = [m.id for m, number in zip(misconceptions, first, strict=True) if number is None]
    slides_pass = [m.id for m, i in zip(misconceptions, first, strict=True) if i is None or i >= written]
    groups = [[position for position, number in enumerate(first) if number is not None]]
    for case in numbers:
        groups = [half for group in groups for half in _apart(group, [_trace(given(p, case)) for p in group])]
    impossible = _impossible(exercise, [m for m in misconceptions if m.id in survived])
    survived, slides_pass = ([id for id in ids if id not in impossible] for ids in (survived, slides_pass))
    twins = tuple(tuple(misconceptions[p].id for p in group) for group in sorted(groups) if group)
    return Mutation(len(misconceptions) - len(impossible), tuple(survived), tuple(slides_pass), twins)


def _apart(group: Sequence[int], traces: Sequence[object]) -> list[list[int]]:
    """Split a group by what its members answer; drop those that nobody else answers like."""
    found: dict[object, list[int]] = {}
    for position, trace in zip(group, traces, strict=True):
        found.setdefault(trace, []).append(position)
    return [same for same in found.values() if len(same) > 1]


def _impossible(exercise: Exercise, survivors: Sequence[Misconception]) -> set[str]:
    """Return the misconceptions that no case of the exercise could show.

    Where the function receives one number for a pair, for example, nobody can mix up its two numbers.
    """
    left = {misconception.id: misconception for misconception in survivors}
    if not left or (exercise.signature is None and not exercise.fixed):
        return set()
    for sample, expected in _answered(_candidates(exercise)):
        shown = [id for id, m in left.items() if not right(answer(runner([m]), *sample), expected, exercise.tolerance)]
        for id in shown:
            del left[id]
        if not left:
            break
    return set(left)


def suggest(exercise: Exercise, survivors: Sequence[str]) -> str:
    """Return the fewest small cases that catch the surviving misconceptions, as lines for a spec."""
    left = {misconception.id: misconception for misconception in relevant(exercise) if misconception.id in survivors}
    catches = []
    for sample, expected in _answered(_candidates(exercise)):
        results = {id: answer(runner([it]), *sample) for id, it in left.items()}
        caught = {id for id, values in results.items() if not right(values, expected, exercise.tolerance)}
        if caught and max(map(len, _text(exercise, sample, 1).split("\n"))) <= WIDTH:
            catches.append((caught, sample))
    whole = [item for item in catches if _whole(*item[1].inputs)]
    chosen = [*_greedy(whole, set(left)), *_greedy(catches, set(left) - {id for caught, _ in whole for id in caught})]
    return "\n".join(_text(exercise, sample, number) for number, sample in enumerate(chosen, 1))


def _greedy(catches: Sequence[tuple[set[str], Sample]], left: set[str]) -> Iterator[Sample]:
    """Yield samples that together catch all that are `left`: each catches the most, and of those it is the smallest."""
    while left:
        caught, sample = max(catches, key=lambda item: (len(item[0] & left), -_cells(item[1])), default=(set(), None))
        if sample is None or not caught & left:
            return
        left = left - caught
        yield sample


def _answered(samples: Iterable[Sample]) -> Iterator[tuple[Sample, tuple[Numbers, ...]]]:
    """Yield the samples that have an answer, with it: probabilities, for example, do not survive rounding."""
    for sample in samples:
        try:
            yield sample, plain(each_output(sample.op(*sample.inputs)))
        except OpError:
            continue


def _candidates(exercise: Exercise) -> Iterator[Sample]:
    """Yield small samples like the exercise's cases, rounded and unrounded: the operator's own, then random ones."""
    op, random = operator(exercise), Random(0)
    forms = [[np.ndim(case.inputs[name]) for name in op.names] for case in exercise.cases]
    vary = varied(exercise)
    drawn = (op.draw(random, vary) for _ in range(DRAWS))
    for sample in (*islice(op.samples(), DRAWS), *drawn):
        omitted = {n: d for n, d in op.defaults.items() if n not in exercise.given}
        inputs = tuple(np.array(omitted.get(n, v)) for n, v in zip(op.names, sample.inputs, strict=True))
        try:
            fields = sample.op.resolved(*(i.shape for i in inputs))
        except OpError:
            continue
        plain = op.draw(Random(0), {}).op
        traits = sample.op.traits(*(i.shape for i in inputs))
        same_form = not forms or ([i.ndim for i in inputs] in forms and traits in case_traits(exercise))
        known = (*exercise.given, *exercise.fixed)
        unlike = [n for n in fields if n not in known and getattr(sample.op, n) != getattr(plain, n)]
        if exercise.signature or exercise.fixed:
            values = {n: plain_nested(i.tolist()) for n, i in zip(op.names, inputs, strict=True)}
            case = expressed(exercise, sample.op, values, name="odd")
            if case is None:
                continue
            sample = Sample(case_operator(exercise, case), inputs)
        if same_form and not unlike and all(i.size <= LARGEST for i in inputs):
            for decimals in (0, 1):  # short numbers are easier to read
                if not _whole(*inputs):
                    yield Sample(sample.op, tuple(np.round(value, decimals) for value in inputs))
            yield Sample(sample.op, inputs)


def _whole(*values: Array) -> bool:
    return all(bool((value == np.rint(value)).all()) for value in values)


def _cells(sample: Sample) -> int:
    return sum(int(value.size) for value in sample.inputs)


def _text(exercise: Exercise, sample: Sample, number: int) -> str:
    lines = [f"  - name: odd {number}"]
    for name, value in zip(operator(exercise).names, sample.inputs, strict=True):
        if name in exercise.given:
            lines.append(f"    {name}: {plain_nested(value.tolist())}")
    for name, value in sample.op.resolved(*(i.shape for i in sample.inputs)).items():
        if name in exercise.given:
            lines.append(f"    {name}: {list(value) if isinstance(value, tuple) else value}")
    return "\n".join(lines)


def _trace(given: Answer) -> object:
    return None if given is None else tuple((value.shape, *np.round(value.cells, 9).tolist()) for value in given)
