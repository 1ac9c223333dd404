"""Run the operators' misconceptions, one or two at a time, and find those that give exactly a student's answers."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from grader.exercises.cases import only_or_list, traits
from grader.exercises.operators import operator
from grader.judging.compare import compare, json_safe, magnitude
from grader.model.exercise import Exercise, Tolerance
from grader.numbers import Numbers
from grader.ops import Misconception, Op
from grader.ops.base import Array, each_output

Values = tuple[Array, ...] | None  # one array per output, or None for a crash
Run = Callable[[Any, Sequence[Array]], Values]

PROBES = 12  # wrong cases that tell which pairs of misconceptions are likely
FEWEST = 3  # cases that must support a misconception if others neither support nor contradict it
_NO_ROOM = ("IndexError", "ValueError")  # what NumPy raises for a window that does not fit


class Mistaken:
    """An operator with a misconception built in: running another one on it combines the two.

    Misconceptions reach an operator's arithmetic through one method, `Op.step`. Here that method runs the first
    misconception, starting from the changes that the second one makes to the steps.
    """

    def __init__(self, op: Any, misconception: Misconception | None, changes: dict[str, Any]) -> None:
        self._op, self._misconception, self._changes = op, misconception, changes
        setattr(self, op.step, self._compute)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._op, name)

    def changed(self, **fields: Any) -> Mistaken:
        """Return the same with some of the operator's fields changed."""
        return Mistaken(self._op.changed(**fields), self._misconception, self._changes)

    def _compute(self, *inputs: Array, **changes: Any) -> Any:
        changes = self._changes | changes
        if self._misconception is None:
            return getattr(self._op, self._op.step)(*inputs, **changes)
        result: Array = self._misconception.run(Mistaken(self._op, None, changes), *inputs)
        return result[(None,) * (self._op.axes + 2 - result.ndim)]


def relevant(exercise: Exercise) -> list[Misconception]:
    """Return the misconceptions that someone who writes the exercise's function can have."""
    given = {*exercise.given, *traits(exercise)}
    return [misconception for misconception in operator(exercise).misconceptions if set(misconception.about) <= given]


def attempt(run: Callable[..., Any], op: Any, inputs: Sequence[Array]) -> Values:
    """Return what a misconception computes, one array per output, or None if it crashes.

    As in grading, torch's batch axis is removed where the operator accepts one.
    """
    try:
        with np.errstate(all="ignore"):
            values = each_output(run(op, *inputs))
    except (ValueError, IndexError, ZeroDivisionError):
        return None
    if op.batch:
        axes = len(op.shape(*(value.shape for value in inputs)))
        values = tuple(v[0] if v.ndim == axes + 1 and len(v) == 1 else v for v in values)
    return values


class Single:
    """Run one misconception. A class, so that `Modelled` can memoise its answers by id."""

    __slots__ = ("misconception",)

    def __init__(self, misconception: Misconception) -> None:
        self.misconception = misconception

    def __call__(self, op: Any, inputs: Sequence[Array]) -> Values:
        return attempt(self.misconception.run, op, inputs)


def pair(first: Misconception, second: Misconception) -> Run:
    """Return what runs two misconceptions at once. The operator must have a `step`."""
    return lambda op, inputs: attempt(second.run, Mistaken(op, first, {}), inputs)


def runner(misconceptions: Sequence[Misconception]) -> Run:
    """Return what runs one misconception or a pair."""
    return Single(misconceptions[0]) if len(misconceptions) == 1 else pair(misconceptions[0], misconceptions[1])


# ---- comparing answers


def same(a: Values, b: Values) -> bool:
    """Tell whether two answers are equal, within the tolerance of real numbers.

    A crash equals a crash, and also an answer that is empty or holds 0 / 0: if no window is left, or nothing in it, one
    program stops and another continues.
    """
    if a is None or b is None:
        return _nothing(a) and _nothing(b)
    if not any(value.size for value in (*a, *b)):
        return True
    return len(a) == len(b) and all(x.shape == y.shape and bool(_close(x, y).all()) for x, y in zip(a, b, strict=True))


def first_difference(a: Values, b: Values) -> int:
    """Return the number of the first output in which two answers differ; 0 if one of them is a crash."""
    pairs = enumerate(zip(a or (), b or (), strict=False))
    return next((i for i, (x, y) in pairs if not same((x,), (y,))), 0)


def _nothing(values: Values) -> bool:
    return values is None or all(value.size == 0 or bool(np.isnan(value).any()) for value in values)


SINGLE, HALF = Tolerance(), Tolerance(rtol=1e-3, atol=1e-3)  # a program may compute in float32, or even in float16


def _close(a: Array, b: Array) -> Array:
    """Tell which cells of two arrays of one shape are equal within the tolerance; NaN and ∞ equal each other."""
    relative, absolute = msgspec.structs.astuple(HALF if np.float16 in (a.dtype, b.dtype) else SINGLE)
    a, b = a.astype(float, copy=False), b.astype(float, copy=False)
    with np.errstate(all="ignore"):
        finite, size = np.isfinite(b), np.abs(b)
        near = np.abs(a - b) <= absolute * np.max(size, initial=1.0, where=finite) + relative * size
        either: Array = near | ~(finite | np.isfinite(a))
    return either


def _agrees(run: Run, answered: Answered, values: Values) -> bool:
    """Tell whether answers are equal, or differ only because noise rounded one up and one down from the middle."""
    given = answered.given
    if values is None or given is None or [v.shape for v in values] != [g.shape for g in given]:
        return same(values, given)
    fits = [_close(v, g) for v, g in zip(values, given, strict=True)]
    different = sum(int(f.size) - int(f.sum()) for f in fits)
    if different * 4 > sum(f.size for f in fits):
        return False
    for factor in (1 - 1e-11, 1 + 1e-11) if different else ():
        noisy = run(answered.op, [i * factor for i in answered.inputs])
        if noisy is None or [v.shape for v in noisy] != [g.shape for g in given]:
            return False
        fits = [f | _close(v, g) for f, v, g in zip(fits, noisy, given, strict=True)]
    return all(bool(f.all()) for f in fits)


def right(values: Values, expected: Sequence[Any], tolerance: Tolerance) -> bool:
    """Tell whether the grader would accept `values` as the answer to a case."""
    if values is None or len(values) != len(expected):
        return False
    due = [numbers(e) for e in expected]
    scale = magnitude(due)
    return all(compare(numbers(v), e, tolerance, scale=scale) is None for v, e in zip(values, due, strict=True))


def numbers(value: Any) -> Numbers:
    """Return an array as plain data."""
    array = np.asarray(value)
    return Numbers(array.shape, tuple(array.ravel().tolist()), array.dtype.name)


def shown(answer: Any) -> Any:
    """Return an answer as reports show it: nested lists, or a list of them for several outputs."""
    return only_or_list([json_safe(output.tolist()) for output in each_output(answer)])


# ---- cases


class Fit(enum.Enum):
    """What a case says about a misconception."""

    same = "it gives the student's answer"
    explains = "it crashes or has no room where the program raised an exception"
    open = "one of the two crashes and the other is wrong: the case decides nothing"
    contradicts = "it gives another answer"


class Modelled:
    """A case as misconceptions are run on it. It memoises the answers of single ones: a class needs them repeatedly."""

    __slots__ = ("answers", "expected", "inputs", "op")

    def __init__(self, op: Op, inputs: tuple[Array, ...]) -> None:
        self.op, self.inputs = op, inputs
        self.expected = each_output(op(*inputs))
        self.answers: dict[str, Values] = {}

    def answer(self, run: Run) -> Values:
        """Return the answer of a misconception, or of two at once."""
        if not isinstance(run, Single):
            return run(self.op, self.inputs)
        if run.misconception.id not in self.answers:
            self.answers[run.misconception.id] = run(self.op, self.inputs)
        return self.answers[run.misconception.id]


class Answered:
    """A case with the student's answer; `given` is None and `text` the exception if the program raised one."""

    __slots__ = ("expected", "given", "inputs", "modelled", "op", "text", "wrong")

    def __init__(self, modelled: Modelled, given: Values, wrong: bool, text: str = "") -> None:
        self.modelled, self.given, self.wrong, self.text = modelled, given, wrong, text
        self.op, self.inputs, self.expected = modelled.op, modelled.inputs, modelled.expected

    @property
    def has_numbers(self) -> bool:
        """Whether the program returned at least one number."""
        return self.given is not None and any(value.size for value in self.given)

    def fit(self, run: Run) -> Fit:
        """Tell what this case says about a misconception."""
        values = self.modelled.answer(run)
        if _agrees(run, self, values):
            return Fit.same
        if self.given is None:
            no_room = values is not None and [v.shape for v in values] != [e.shape for e in self.expected]
            return Fit.explains if no_room and self.text.startswith(_NO_ROOM) else Fit.open
        return Fit.open if values is None and self.wrong else Fit.contradicts


# ---- the search


class Matching(NamedTuple):
    """The explanations that fit, and whether the search for pairs stopped before all likely ones were tried."""

    found: list[tuple[Misconception, ...]]
    cut_short: bool = False


def matching(exercise: Exercise, answered: Sequence[Answered], most_pairs: int, most_cells: int) -> Matching:
    """Return the misconceptions that give all answers: single ones if there are any, else pairs.

    One that fits everything except some crashes counts if nothing fits better. The search for pairs ends after
    `most_pairs`, or fewer if their answers have more than `most_cells` cells.
    """
    if sum(s.given is not None for s in answered) < min(FEWEST, len(answered)):
        return Matching([])  # crashes look alike
    order = sorted(answered, key=lambda s: (s.given is None, not s.wrong, -sum(i.size for i in s.inputs)))
    misconceptions = relevant(exercise)
    found = _best([(misconception,) for misconception in misconceptions], order)
    if found or not hasattr(operator(exercise), "step") or not order[0].wrong:
        return Matching(found)
    left = min(most_pairs, most_cells // sum(array.size for array in (*order[0].inputs, *order[0].expected)))
    for group in _pairs(misconceptions, order):
        found = _best(group[:left], order)
        left -= len(group)
        if found or left < 0:
            break
    return Matching(_best([*found, *_related(misconceptions, found)], order), left < 0 and not found)


def _related(
    misconceptions: Sequence[Misconception], found: Sequence[tuple[Misconception, ...]]
) -> Iterator[tuple[Misconception, Misconception]]:
    """Yield the pairs that share one misconception with a pair that fits: the other one may have alternatives."""
    halves = {half.id: half for both in found for half in both}
    for half in halves.values():
        for other in misconceptions:
            if other.id not in halves:
                yield half, other
                yield other, half


def _best(
    candidates: Iterable[tuple[Misconception, ...]], order: Sequence[Answered]
) -> list[tuple[Misconception, ...]]:
    """Return the candidates that no case contradicts and that leave the fewest cases open; a pair in one order only."""
    best: dict[tuple[int, int], dict[frozenset[str], tuple[Misconception, ...]]] = {}
    for chosen in candidates:
        open = _open(runner(chosen), order)
        if open is not None:
            best.setdefault(open, {}).setdefault(frozenset(misconception.id for misconception in chosen), chosen)
    return list(best[min(best)].values()) if best else []


def _open(run: Run, order: Sequence[Answered]) -> tuple[int, int] | None:
    """Count the cases that a misconception leaves open and those that it explains by a crash.

    Return None for a contradiction, and where too few wrong numbers speak for it: exceptions and empty results look
    alike, so they prove nothing. A student's code may crash on the way to an answer that the model computes, or
    continue where the model crashes.
    """
    fits = []
    for s in order:
        fits.append(s.fit(run))
        if fits[-1] is Fit.contradicts:
            return None
    rows = list(zip(order, fits, strict=True))
    evidence = sum(s.wrong and s.has_numbers and fit is Fit.same for s, fit in rows)
    unsure, explains = fits.count(Fit.open), fits.count(Fit.explains)
    if evidence < (FEWEST if unsure or explains else 1):
        return None
    if not unsure and not explains:
        return 0, 0
    supported = sum(s.wrong and fit in (Fit.same, Fit.explains) for s, fit in rows)
    return (unsure, explains) if supported >= max(FEWEST, unsure) else None


def _pairs(
    misconceptions: Sequence[Misconception], order: Sequence[Answered]
) -> Iterator[list[tuple[Misconception, Misconception]]]:
    """Yield groups of pairs, in the order in which their halves are to be run, the likely groups first.

    If one of a pair changes nothing in a case, the answer is mostly that of the other one alone, so a few cases tell
    which pairs are likely.
    """
    wrong, right = [s for s in order if s.wrong], [s for s in order if not s.wrong]
    probes = [*wrong[:: len(wrong) // PROBES + 1], *right[:: len(right) // 2 + 1]]
    values = [[s.modelled.answer(Single(misconception)) for s in probes] for misconception in misconceptions]
    differs = np.array([[not same(v, s.given) for v, s in zip(row, probes, strict=True)] for row in values], dtype=int)
    neutral = np.array([[same(v, s.expected) for v, s in zip(row, probes, strict=True)] for row in values], dtype=int)
    against = differs @ neutral.T + neutral @ differs.T
    np.fill_diagonal(against, len(probes) + 1)
    for most in range(len(probes) // 2):
        yield [(misconceptions[i], misconceptions[j]) for i, j in np.argwhere(against == most).tolist()]
