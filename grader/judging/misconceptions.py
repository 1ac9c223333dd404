"""Run the operators' misconceptions, one or two at a time, and find those that give exactly what a student gave."""

from __future__ import annotations

import enum
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from grader.judging.compare import TOLERANCE, compare
from grader.model.exercise import Case, Exercise
from grader.numbers import Numbers
from grader.ops import OPS, Misconception, Op
from grader.ops.base import Array, each_output

Values = tuple[Array, ...] | None  # one array per output, or None for a crash
Run = Callable[[Any, Sequence[Array]], Values]

PROBES = 8  # cases that tell which pairs of misconceptions are likely
FEWEST = 3  # cases that speak for a misconception, where others cannot say
_OUT_OF_ROOM = ("IndexError", "ValueError")  # as NumPy says of a window that does not fit


class Mistaken:
    """An operator that already has a mistake: a misconception run on it makes a second one.

    Misconceptions reach an operator's arithmetic through one method, `Op.step`. Here that method runs the first
    misconception, with the second one's changes to the steps as its starting point.
    """

    def __init__(self, op: Any, misconception: Misconception | None, changes: dict[str, Any]) -> None:
        self._op, self._bug, self._changes = op, misconception, changes
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


def relevant(exercise: Exercise) -> list[Misconception]:
    """Return the misconceptions that someone who writes the exercise's function can have."""
    return [
        misconception
        for misconception in OPS[exercise.op].misconceptions
        if set(misconception.about) <= set(exercise.parameters)
    ]


def attempt(run: Callable[..., Any], op: Any, inputs: Sequence[Array]) -> Values:
    """Return what a misconception computes, one array per output, or None where it crashes."""
    try:
        with np.errstate(all="ignore"):
            return each_output(run(op, *inputs))
    except (ValueError, IndexError, ZeroDivisionError):
        return None


class Single:
    """Runs one misconception."""

    __slots__ = ("misconception",)

    def __init__(self, misconception: Misconception) -> None:
        self.misconception = misconception

    def __call__(self, op: Any, inputs: Sequence[Array]) -> Values:
        return attempt(self.misconception.run, op, inputs)


def pair(first: Misconception, second: Misconception) -> Run:
    """Return what runs two misconceptions at once. The operator must have a `step`."""
    return lambda op, inputs: attempt(second.run, Mistaken(op, first, {}), inputs)


def same(a: Values, b: Values) -> bool:
    """Tell whether two answers are one, within the tolerance of real numbers.

    A crash equals a crash, and an answer that is empty or holds 0 / 0: where no window or nothing in it is left, one
    program stops and another goes on.
    """
    if a is None or b is None:
        return _nothing(a) and _nothing(b)
    if not any(value.size for value in (*a, *b)):
        return True
    return len(a) == len(b) and all(x.shape == y.shape and bool(_close(x, y).all()) for x, y in zip(a, b, strict=True))


def _nothing(values: Values) -> bool:
    return values is None or all(value.size == 0 or bool(np.isnan(value).any()) for value in values)


@functools.lru_cache(maxsize=64)  # NumPy makes a dtype's name anew each time it is asked
def _tolerance(dtype: Any) -> tuple[float, float]:
    return TOLERANCE.get(dtype.name, TOLERANCE["float64"])


def _close(a: Array, b: Array) -> Array:
    """Tell which cells are one number, for the less precise of two arrays of one shape. No number equals no number."""
    relative, absolute = max(_tolerance(a.dtype), _tolerance(b.dtype))
    with np.errstate(all="ignore"):
        near = np.abs(a.astype(float) - b.astype(float)) <= absolute + relative * np.abs(b)
        either: Array = near | ~(np.isfinite(a) | np.isfinite(b))
    return either


def _agrees(run: Run, seen: Seen, values: Values) -> bool:
    """Tell whether answers are the same, or differ only because noise rounded one up and one down from the middle."""
    given = seen.given
    if values is None or given is None or [v.shape for v in values] != [g.shape for g in given]:
        return same(values, given)
    fits = [_close(v, g) for v, g in zip(values, given, strict=True)]
    different = sum(int(f.size) - int(f.sum()) for f in fits)
    if different * 4 > sum(f.size for f in fits):
        return False
    if not different:
        return True
    for factor in (1 - 1e-11, 1 + 1e-11):
        noisy = run(seen.op, [i * factor for i in seen.inputs])
        if noisy is None or [v.shape for v in noisy] != [g.shape for g in given]:
            return False
        fits = [f | _close(v, g) for f, v, g in zip(fits, noisy, given, strict=True)]
    return all(bool(f.all()) for f in fits)


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


class Fit(enum.Enum):
    """What a case says of a misconception."""

    same = "it gives what was given"
    explains = "it crashes or has no room where the program raised an exception"
    open = "one of the two crashes, the other is wrong: nothing can be said"
    contradicts = "it gives something else"


class Asked:
    """One question. What single misconceptions answer is remembered: in a class they are asked again and again."""

    __slots__ = ("answers", "expected", "inputs", "op")

    def __init__(self, op: Op, inputs: tuple[Array, ...]) -> None:
        self.op, self.inputs = op, inputs
        self.expected = each_output(op(*inputs))
        self.answers: dict[str, Values] = {}

    def answer(self, run: Run) -> Values:
        """Return what a misconception, or two of them, give."""
        if not isinstance(run, Single):
            return run(self.op, self.inputs)
        if run.misconception.id not in self.answers:
            self.answers[run.misconception.id] = run(self.op, self.inputs)
        return self.answers[run.misconception.id]


class Seen:
    """One case as it was seen: the question, and the student's answer (None and a text for an exception)."""

    __slots__ = ("asked", "expected", "given", "inputs", "op", "text", "wrong")

    def __init__(self, asked: Asked, given: Values, wrong: bool, text: str = "") -> None:
        self.asked, self.given, self.wrong, self.text = asked, given, wrong, text
        self.op, self.inputs, self.expected = asked.op, asked.inputs, asked.expected

    def fit(self, run: Run) -> Fit:
        """Tell what this case says of a misconception."""
        values = self.asked.answer(run)
        if _agrees(run, self, values):
            return Fit.same
        if self.given is None:
            room = values is not None and [v.shape for v in values] != [e.shape for e in self.expected]
            return Fit.explains if room and self.text.startswith(_OUT_OF_ROOM) else Fit.open
        return Fit.open if values is None and self.wrong else Fit.contradicts


def explain(exercise: Exercise, seen: Sequence[Seen], late: Callable[[], bool]) -> list[tuple[Misconception, ...]]:
    """Return the misconceptions that give all that was seen: single ones if there are any, else pairs.

    What fits all but some crashes counts where nothing fits better. `late` ends the search.
    """
    if sum(s.given is not None for s in seen) < min(FEWEST, len(seen)):
        return []  # crashes look alike
    order = sorted(seen, key=lambda s: (s.given is None, not s.wrong, -sum(i.size for i in s.inputs)))
    misconceptions = relevant(exercise)
    found = _best(((misconception,) for misconception in misconceptions), order)
    if not found and hasattr(OPS[exercise.op], "step") and order[0].wrong:
        for pairs in _pairs(misconceptions, order, late):
            found = _best(pairs, order)
            if found or late():
                break
        halves = {misconception.id: misconception for both in found for misconception in both}.values()
        near = [
            both
            for half in halves
            for misconception in misconceptions
            if misconception not in halves
            for both in ((half, misconception), (misconception, half))
        ]
        found = _best([*found, *near], order)  # whatever else one of the two could be
    return found


def _best(candidates: Iterable[tuple[Misconception, ...]], order: Sequence[Seen]) -> list[tuple[Misconception, ...]]:
    """Return those candidates that no case contradicts and that leave least open; of pairs, one order is enough."""
    best: dict[tuple[int, int], dict[frozenset[str], tuple[Misconception, ...]]] = {}
    for misconceptions in candidates:
        open = _open(runner(misconceptions), order)
        if open is not None:
            best.setdefault(open, {}).setdefault(
                frozenset(misconception.id for misconception in misconceptions), misconceptions
            )
    return list(best[min(best)].values()) if best else []


def _open(run: Run, order: Sequence[Seen]) -> tuple[int, int] | None:
    """Count what a misconception leaves open: nothing, where it gives all that was seen; None is a contradiction.

    Someone's code may crash on its way to an idea whose model computes something, or go on where the model crashes.
    Where exceptions are all there is to explain, every one of them must be. Crashes look alike, so that numbers must
    speak for it: a wrong answer that it gives, or enough right ones.
    """
    fits = []
    for s in order:
        fits.append(s.fit(run))
        if fits[-1] is Fit.contradicts:
            return None
    unsure, explains = fits.count(Fit.open), fits.count(Fit.explains)
    told = sum(s.wrong and fit in (Fit.same, Fit.explains) for s, fit in zip(order, fits, strict=True))
    answers = [fit for s, fit in zip(order, fits, strict=True) if s.wrong and s.given is not None]
    agreed = sum(not s.wrong for s in order) >= FEWEST
    enough = Fit.same in answers or (agreed and (bool(answers) or not unsure))
    if unsure or explains:
        return (unsure, explains) if enough and told >= max(FEWEST, unsure) else None
    return 0, 0


def _pairs(
    misconceptions: Sequence[Misconception], order: Sequence[Seen], late: Callable[[], bool]
) -> Iterator[Iterable[tuple[Misconception, ...]]]:
    """Yield groups of pairs, in the order in which their halves are to be run, the likely groups first.

    Where one of a pair changes nothing, the other alone mostly gives the answer; so a few cases tell where to look.
    """
    wrong, right = [s for s in order if s.wrong], [s for s in order if not s.wrong]
    probes = [*wrong[:: len(wrong) // PROBES + 1], *right[:: len(right) // 2 + 1]]
    values = [[s.asked.answer(Single(misconception)) for s in probes] for misconception in misconceptions]
    strange = np.array([[not same(v, s.given) for v, s in zip(row, probes, strict=True)] for row in values], dtype=int)
    neutral = np.array([[same(v, s.expected) for v, s in zip(row, probes, strict=True)] for row in values], dtype=int)
    against = strange @ neutral.T + neutral @ strange.T
    np.fill_diagonal(against, len(probes) + 1)
    for most in range(len(probes) // 2):
        group = [(misconceptions[i], misconceptions[j]) for i, j in np.argwhere(against == most).tolist()]
        yield itertools.takewhile(lambda _: not late(), group)


def runner(misconceptions: Iterable[Misconception]) -> Run:
    """Return what runs one misconception or a pair."""
    chosen = tuple(misconceptions)
    return Single(chosen[0]) if len(chosen) == 1 else pair(chosen[0], chosen[1])
