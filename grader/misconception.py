"""Run the operators' misconceptions, one or two at a time, and find those that give exactly what a student gave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from grader.arrays import Numbers
from grader.compare import TOLERANCE, compare
from grader.model import Case, Exercise
from grader.ops import OPS, Bug, Op
from grader.ops.base import Array, each_output

Values = tuple[Array, ...] | None  # one array per output, or None for a crash
Run = Callable[[Any, Sequence[Array]], Values]


class Mistaken:
    """An operator that already has a mistake: a misconception run on it makes a second one.

    Misconceptions reach an operator's arithmetic through one method, `Op.step`. Here that method runs the first
    misconception, with the second one's changes to the steps as its starting point.
    """

    def __init__(self, op: Any, bug: Bug | None, changes: dict[str, Any]) -> None:
        self._op, self._bug, self._changes = op, bug, changes
        setattr(self, op.step, self._compute)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._op, name)

    def changed(self, **fields: Any) -> Mistaken:
        """Return the same with some of the operator's fields changed."""
        return Mistaken(self._op.changed(**fields), self._bug, self._changes)

    def _compute(self, *inputs: Array, **changes: Any) -> Any:
        changes = self._changes | changes
        if self._bug is None:
            return getattr(self._op, self._op.step)(*inputs, **changes)
        lowered: Array = self._bug.run(Mistaken(self._op, None, changes), *inputs)
        return lowered[(None,) * (self._op.axes + 2 - lowered.ndim)]


def relevant(exercise: Exercise) -> list[Bug]:
    """Return the misconceptions that someone who writes the exercise's function can have."""
    return [bug for bug in OPS[exercise.op].bugs if set(bug.about) <= set(exercise.parameters)]


def attempt(run: Callable[..., Any], op: Any, inputs: Sequence[Array]) -> Values:
    """Return what a misconception computes, one array per output, or None where it crashes."""
    try:
        with np.errstate(all="ignore"):
            return each_output(run(op, *inputs))
    except (ValueError, IndexError, ZeroDivisionError):
        return None


def single(bug: Bug) -> Run:
    """Return what runs one misconception."""
    return lambda op, inputs: attempt(bug.run, op, inputs)


def pair(first: Bug, second: Bug) -> Run:
    """Return what runs two misconceptions at once. The operator must have a `step`."""
    return lambda op, inputs: attempt(second.run, Mistaken(op, first, {}), inputs)


def same(a: Values, b: Values) -> bool:
    """Tell whether two answers are one, within the tolerance of real numbers. A crash equals a crash."""
    if a is None or b is None:
        return a is b
    return len(a) == len(b) and all(x.shape == y.shape and _close(x, y) for x, y in zip(a, b, strict=True))


def _close(a: Array, b: Array) -> bool:
    relative, absolute = TOLERANCE.get(a.dtype.name, TOLERANCE["float64"])
    with np.errstate(all="ignore"):
        return bool((np.abs(a - b) <= absolute + relative * np.abs(b)).all())


def right(values: Values, expected: Sequence[Any], case: Case) -> bool:
    """Tell whether the grader would take `values` for the answer to a case."""
    if values is None or len(values) != len(expected):
        return False
    pairs = zip(values, expected, strict=True)
    return all(compare(numbers(v), numbers(e), exact=case.exact) is None for v, e in pairs)


def numbers(value: Any) -> Numbers:
    """Return an array as plain data."""
    array = np.asarray(value)
    return Numbers(array.shape, tuple(array.ravel().tolist()), array.dtype.name)


class Seen:
    """One case as it was seen: the question, and the student's answer (None and a text for an exception)."""

    __slots__ = ("given", "inputs", "op", "text", "wrong")

    def __init__(self, op: Op, inputs: tuple[Array, ...], given: Values, wrong: bool, text: str = "") -> None:
        self.op, self.inputs, self.given, self.wrong, self.text = op, inputs, given, wrong, text

    def agrees(self, run: Run) -> bool:
        """Tell whether a misconception gives what the student gave."""
        return same(run(self.op, self.inputs), self.given)


def explain(exercise: Exercise, seen: Sequence[Seen], late: Callable[[], bool]) -> list[tuple[Bug, ...]]:
    """Return the misconceptions that give all that was seen: single ones if there are any, else pairs.

    An answer that does not fit refutes; so does an exception where the misconception computes something, unless every
    answer fits and some wrong one does (then it may crash on its way to the same idea). `late` ends the search.
    """
    order = sorted(seen, key=lambda s: (not s.wrong, s.given is None, sum(i.size for i in s.inputs)))
    bugs = relevant(exercise)
    found: list[tuple[Bug, ...]] = [(bug,) for bug in bugs if all(s.agrees(single(bug)) for s in order)]
    if not found:
        answered = [s for s in order if s.given is not None]
        if any(s.wrong for s in answered) and len(answered) < len(order):
            found = [(bug,) for bug in bugs if all(s.agrees(single(bug)) for s in answered)]
    if not found and hasattr(OPS[exercise.op], "step"):
        found = list(_pairs(bugs, order, late))
    return found


def _pairs(bugs: Sequence[Bug], order: Sequence[Seen], late: Callable[[], bool]) -> Iterator[tuple[Bug, ...]]:
    """Yield pairs that give all that was seen.

    Where one of a pair changes nothing, the other alone must give the answer. A few small cases settle most pairs so.
    """
    probes = [*[s for s in order if s.wrong][:6], *[s for s in order if not s.wrong][:3]]
    right = [each_output(s.op(*s.inputs)) for s in probes]
    alone: list[tuple[list[bool], list[bool]]] = []  # per bug: does it fit, does it change nothing
    for bug in bugs:
        values = [single(bug)(s.op, s.inputs) for s in probes]
        fits = [same(v, s.given) for v, s in zip(values, probes, strict=True)]
        alone.append((fits, [same(v, r) for v, r in zip(values, right, strict=True)]))
    for i, first in enumerate(bugs):
        for j in range(i + 1, len(bugs)):
            if late():
                return
            (fits, neutral), (other_fits, other_neutral) = alone[i], alone[j]
            columns = zip(fits, neutral, other_fits, other_neutral, strict=True)
            if all((f or not on) and (of or not n) for f, n, of, on in columns):
                both = pair(first, bugs[j])
                if all(s.agrees(both) for s in order):
                    yield (first, bugs[j])


def runner(bugs: Iterable[Bug]) -> Run:
    """Return what runs one misconception or a pair."""
    chosen = tuple(bugs)
    return single(chosen[0]) if len(chosen) == 1 else pair(chosen[0], chosen[1])
