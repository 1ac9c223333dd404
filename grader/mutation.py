"""Try an exercise against every misconception of its operator: which are caught, by what, and what would catch the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random
from typing import Any

import msgspec
import numpy as np

from grader import exercise as specs
from grader.arrays import Numbers
from grader.compare import compare
from grader.model import Case, Exercise
from grader.ops import OPS, Bug, Op, OpError, Sample
from grader.ops.base import each_output

LARGEST = 49  # cells of a suggested case's largest input
DRAWS = 600


class Mutation(msgspec.Struct, frozen=True):
    """How an exercise fares against the misconceptions that its function can have.

    `survived` pass every case; `slides_pass` pass all written cases, the slides'; `twins` are groups that no case tells
    apart.
    """

    tried: int
    survived: tuple[str, ...]
    slides_pass: tuple[str, ...]
    twins: tuple[tuple[str, ...], ...]


def relevant(exercise: Exercise) -> list[Bug]:
    """Return the misconceptions that someone who writes the exercise's function can have."""
    return [bug for bug in OPS[exercise.op].bugs if set(bug.about) <= set(exercise.parameters)]


def mutate(exercise: Exercise) -> Mutation:
    """Run every misconception on every case."""
    bugs = relevant(exercise)
    written = sum(not case.generated for case in exercise.cases)
    traces: dict[tuple[object, ...], list[str]] = {}
    survived, slides_pass = [], []
    for bug in bugs:
        caught, trace = [], []
        for case in exercise.cases:
            op = specs.operator(exercise, case)
            inputs = specs.arrays(case, op)
            values = attempt(bug, op, inputs)
            caught.append(values is None or not right(values, each_output(op(*inputs)), case))
            trace.append(_print(values))
        if not any(caught):
            survived.append(bug.id)
        if not any(caught[:written]):
            slides_pass.append(bug.id)
        traces.setdefault(tuple(trace), []).append(bug.id)
    twins = tuple(tuple(ids) for ids in traces.values() if len(ids) > 1)
    return Mutation(len(bugs), tuple(survived), tuple(slides_pass), twins)


def attempt(bug: Bug, op: Op, inputs: Sequence[Any]) -> tuple[Any, ...] | None:
    """Return what a misconception computes, one array per output, or None where it crashes."""
    try:
        with np.errstate(all="ignore"):
            return each_output(bug.run(op, *inputs))
    except (ValueError, IndexError, ZeroDivisionError):
        return None


def right(values: Sequence[Any], expected: Sequence[Any], case: Case) -> bool:
    """Tell whether the grader would take `values` for the answer."""
    pairs = zip(values, expected, strict=False)
    same = all(compare(_numbers(v), _numbers(e), exact=case.exact) is None for v, e in pairs)
    return same and len(values) == len(expected)


def suggest(exercise: Exercise, survivors: Sequence[str]) -> str:
    """Return the fewest small cases that catch the surviving misconceptions, as they stand in a spec."""
    left = {bug.id: bug for bug in relevant(exercise) if bug.id in survivors}
    catches = []
    for sample in _candidates(exercise):
        expected = each_output(sample.op(*sample.inputs))
        case = Case("", {}, exact=sample.op.exact)
        results = {id: attempt(bug, sample.op, sample.inputs) for id, bug in left.items()}
        caught = {id for id, values in results.items() if values is None or not right(values, expected, case)}
        if caught:
            catches.append((caught, sample))
    chosen = []
    while catches:
        caught, sample = max(catches, key=lambda item: (len(item[0]), -_cells(item[1])))
        chosen.append(sample)
        catches = [(rest, s) for c, s in catches if (rest := c - caught)]
    return "\n".join(_text(exercise, sample, number) for number, sample in enumerate(chosen, 1))


def _candidates(exercise: Exercise) -> Iterator[Sample]:
    """Yield small whole-numbered samples of the exercise's form: the operator's own, then drawn ones."""
    op, random = OPS[exercise.op], Random(0)
    form = [np.ndim(exercise.cases[0].inputs[name]) for name in op.names] if exercise.cases else None
    drawn = (op.draw(random, exercise.parameters) for _ in range(DRAWS))
    for sample in (*islice(op.samples(), DRAWS), *drawn):
        whole = Sample(sample.op, tuple(np.rint(value) for value in sample.inputs))
        fixed = {n: d for n, d in op.defaults.items() if n not in exercise.parameters}
        inputs = tuple(np.array(fixed.get(n, v)) for n, v in zip(op.names, whole.inputs, strict=True))
        try:
            fields = sample.op.resolved(*(i.shape for i in inputs))
        except OpError:
            continue
        plain = op.draw(Random(0), ()).op
        same_form = form is None or [i.ndim for i in inputs] == form
        strange = [n for n in fields if n not in exercise.parameters and getattr(sample.op, n) != getattr(plain, n)]
        if same_form and not strange and all(i.size <= LARGEST for i in inputs):
            yield Sample(sample.op, inputs)


def _cells(sample: Sample) -> int:
    return sum(int(value.size) for value in sample.inputs)


def _text(exercise: Exercise, sample: Sample, number: int) -> str:
    lines = [f"  - name: odd {number}"]
    for name, value in zip(OPS[exercise.op].names, sample.inputs, strict=True):
        if name in exercise.parameters:
            lines.append(f"    {name}: {specs.plain_nested(value.tolist())}")
    for name, value in sample.op.resolved(*(i.shape for i in sample.inputs)).items():
        if name in exercise.parameters:
            lines.append(f"    {name}: {list(value) if isinstance(value, tuple) else value}")
    return "\n".join(lines)


def _numbers(value: Any) -> Numbers:
    return Numbers(value.shape, tuple(value.ravel().tolist()))


def _print(values: tuple[Any, ...] | None) -> object:
    return None if values is None else tuple((v.shape, tuple(np.round(v, 9).ravel().tolist())) for v in values)
