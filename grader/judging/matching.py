"""Find the misconceptions that give exactly a student's answers: one, or two at once."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from grader.exercises.misconception_answers import Answer
from grader.judging.answers import agrees, has_numbers, same, shapes
from grader.judging.modelled import Chosen, Known, Modelled

PROBES = 30  # wrong cases that tell which pairs of misconceptions are likely
FEWEST = 3  # cases that must support a misconception if others neither support nor contradict it
_NO_ROOM = ("IndexError", "ValueError")  # what NumPy raises for a window that does not fit


class Fit(enum.Enum):
    """What a case says about a misconception."""

    same = "it gives the student's answer"
    explains = "it crashes or has no room where the program raised an exception"
    open = "one of the two crashes and the other is wrong: the case decides nothing"
    contradicts = "it gives another answer"


class Answered(NamedTuple):
    """A case with the student's answer; `given` is None and `text` the exception if the program raised one."""

    modelled: Modelled
    given: Answer
    wrong: bool
    text: str = ""

    def fit(self, chosen: Chosen) -> Fit:
        """Tell what this case says about a misconception, or about two at once."""
        values = self.modelled.answer(chosen)
        if agrees(values, self.given, lambda: self.modelled.noisy(chosen)):
            return Fit.same
        if self.given is None:
            no_room = values is not None and shapes(values) != shapes(self.modelled.expected)
            return Fit.explains if no_room and self.text.startswith(_NO_ROOM) else Fit.open
        return Fit.open if values is None and self.wrong else Fit.contradicts


class Matching(NamedTuple):
    """The explanations that fit, and whether the search for pairs stopped before all likely ones were tried."""

    found: list[Chosen]
    cut_short: bool = False


def matching(
    known: Known,
    answered: Sequence[Answered],
    most_pairs: int,
    most_cells: int,
    before_pairs: Callable[[], None] | None = None,
) -> Matching:
    """Return the misconceptions that give all answers: single ones if there are any, else pairs.

    One that fits everything except some crashes counts if nothing fits better. The search for pairs ends after
    `most_pairs`, or fewer if their answers have more than `most_cells` cells. It takes long: `before_pairs` may start
    what can be done meanwhile.
    """
    if sum(s.given is not None for s in answered) < min(FEWEST, len(answered)):
        return Matching([])  # crashes look alike
    order = sorted(answered, key=lambda s: (s.given is None, not s.wrong, -s.modelled.size))
    found = _best([(id,) for id in known.says], order)
    if found or not order[0].wrong or not known.combines:
        return Matching(found)
    if before_pairs:
        before_pairs()
    first = order[0].modelled
    left = min(most_pairs, most_cells // (first.size + sum(len(value.cells) for value in first.expected)))
    for group in _pairs(tuple(known.says), order):
        found = _best(group[:left], order)
        left -= len(group)
        if found or left < 0:
            break
    return Matching(_best([*found, *_related(tuple(known.says), found)], order), left < 0 and not found)


def _related(ids: Sequence[str], found: Sequence[Chosen]) -> Iterator[Chosen]:
    """Yield the pairs that share one misconception with a pair that fits: the other one may have alternatives."""
    halves = dict.fromkeys(half for both in found for half in both)
    for half in halves:
        for other in ids:
            if other not in halves:
                yield half, other
                yield other, half


def _best(candidates: Iterable[Chosen], order: Sequence[Answered]) -> list[Chosen]:
    """Return the candidates that no case contradicts and that leave the fewest cases open; a pair in one order only."""
    best: dict[tuple[int, int], dict[frozenset[str], Chosen]] = {}
    for chosen in candidates:
        open = _open(chosen, order)
        if open is not None:
            best.setdefault(open, {}).setdefault(frozenset(chosen), chosen)
    return list(best[min(best)].values()) if best else []


def _open(chosen: Chosen, order: Sequence[Answered]) -> tuple[int, int] | None:
    """Count the cases that a misconception leaves open and those that it explains by a crash.

    Return None for a contradiction, and where too few wrong numbers speak for it: exceptions and empty results look
    alike, so they prove nothing. A student's code may crash on the way to an answer that the model computes, or
    continue where the model crashes.
    """
    fits = []
    for s in order:
        fits.append(s.fit(chosen))
        if fits[-1] is Fit.contradicts:
            return None
    rows = list(zip(order, fits, strict=True))
    evidence = sum(s.wrong and has_numbers(s.given) and fit is Fit.same for s, fit in rows)
    unsure, explains = fits.count(Fit.open), fits.count(Fit.explains)
    if evidence < (FEWEST if unsure or explains else 1):
        return None
    if not unsure and not explains:
        return 0, 0
    supported = sum(s.wrong and fit in (Fit.same, Fit.explains) for s, fit in rows)
    return (unsure, explains) if supported >= max(FEWEST, unsure) else None


def _pairs(ids: Sequence[str], order: Sequence[Answered]) -> Iterator[list[Chosen]]:
    """Yield groups of pairs, in the order in which their halves are to be run, the likely groups first.

    If one of a pair changes nothing in a case, the answer is mostly that of the other one alone; if one leaves the
    shape as it is, the shape is mostly that of the other one. So a few cases tell which pairs are likely.
    """
    import numpy as np

    wrong, right = [s for s in order if s.wrong], [s for s in order if not s.wrong]
    probes = [*wrong[:: len(wrong) // PROBES + 1], *right[:: len(right) // 2 + 1]]
    columns = [[s.modelled.answer((id,)) for id in ids] for s in probes]

    def table(test: Callable[[Answer, Answer], bool], others: Sequence[Answer]) -> Any:
        return np.array([[test(a, b) for a in column] for column, b in zip(columns, others, strict=True)], dtype=int)

    given, expected = [s.given for s in probes], [s.modelled.expected for s in probes]
    differs, neutral = 1 - table(same, given), table(same, expected)
    reshapes, keeps = table(_other_shapes, given), table(_same_shapes, expected)
    against = differs.T @ neutral + neutral.T @ differs + reshapes.T @ keeps + keeps.T @ reshapes
    most = len(probes)
    np.fill_diagonal(against, most + 1)
    for count in range(most):
        yield [(ids[i], ids[j]) for i, j in np.argwhere(against == count).tolist()]


def _same_shapes(a: Answer, b: Answer) -> bool:
    return a is not None and b is not None and shapes(a) == shapes(b)


def _other_shapes(a: Answer, b: Answer) -> bool:
    return a is not None and b is not None and shapes(a) != shapes(b)
