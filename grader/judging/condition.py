"""Find the condition under which a program fails: the simplest one that separates wrong cases from right ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from grader.model.exercise import Case
from grader.model.report import Condition
from grader.numbers import Numbers, from_nested

FEWEST = 4  # cases on each side; fewer prove little

Facts = dict[str, Any]


class Attribute(NamedTuple):
    """A property of a case, in words for cases that have it and for those that do not; `holds` tests a case's facts."""

    when: str
    otherwise: str
    holds: Callable[[Facts], bool]


def condition(facts: Sequence[Facts], wrong: Sequence[bool], own: Mapping[str, str] = {}) -> Condition | None:
    """Return the first attribute that holds for all wrong cases and no right one, or None.

    `facts` are the inputs and fields of each case; `own` are the student's names for them, where they differ. Each side
    needs at least FEWEST cases.
    """
    if min(sum(wrong), len(wrong) - sum(wrong)) < FEWEST:
        return None
    for attribute in _attributes(facts, own):
        if all(attribute.holds(fact) is bad for fact, bad in zip(facts, wrong, strict=True)):
            return Condition(attribute.when, attribute.otherwise, sum(wrong), len(wrong) - sum(wrong))
    return None


def facts_of(case: Case) -> Facts:
    """Return a case's inputs and fields by name, inputs as Numbers."""
    facts: Facts = {name: from_nested(value) for name, value in case.inputs.items()}
    return facts | {name: tuple(value) if isinstance(value, list) else value for name, value in case.fields.items()}


def _attributes(facts: Sequence[Facts], own: Mapping[str, str]) -> Iterator[Attribute]:
    """Yield the attributes that every case can have, the simplest first."""

    def those(holds: Callable[[Any], bool]) -> list[str]:
        return [name for name in facts[0] if all(holds(fact[name]) for fact in facts)]

    sizes = those(_is_size)
    grids = those(lambda value: isinstance(value, Numbers) and len(value.shape) >= 2)
    scalars = those(lambda value: isinstance(value, Numbers) and not value.shape)
    for name in sizes:
        yield from _of_size(name, own.get(name, name), 0 if name == "padding" else 1)
    for name in scalars:
        yield from _of_number(name, own.get(name, name))
    yield Attribute("negative numbers", "no negative numbers", lambda f: any(c < 0 for c in _cells(f)))
    yield Attribute("fractions", "whole numbers only", lambda f: any(c != int(c) for c in _cells(f)))
    yield Attribute("numbers above 255", "no numbers above 255", lambda f: any(c > 255 for c in _cells(f)))
    for name in grids:
        yield _fractions(name, own.get(name, name))
    for name in grids:
        yield from _of_grid(name, own.get(name, name))
    if len(grids) >= 2 and {"stride", "padding"} <= set(sizes):
        yield Attribute(
            "sizes that the stride does not divide", "sizes that the stride divides", lambda f: _ragged(f, *grids[:2])
        )


def _of_number(name: str, own: str) -> Iterator[Attribute]:
    yield Attribute(f"{_one(own)} other than 0", f"{own} 0", lambda f: f[name].cells[0] != 0)
    yield Attribute(f"a negative {own}", f"{_one(own)} of 0 or more", lambda f: f[name].cells[0] < 0)


def _of_size(name: str, own: str, usual: int) -> Iterator[Attribute]:
    def part(axis: int) -> Callable[[Facts], bool]:
        return lambda f: bool(_pair(f[name])[axis] > usual)

    yield Attribute(f"{own} larger than {usual}", f"{own} {usual}", lambda f: max(_pair(f[name])) > usual)
    yield Attribute(
        f"different {own} for rows and columns",
        f"the same {own} for rows and columns",
        lambda f: len(set(_pair(f[name]))) > 1,
    )
    yield Attribute(f"{own} larger than {usual} for the rows", f"{own} {usual} for the rows", part(0))
    yield Attribute(f"{own} larger than {usual} for the columns", f"{own} {usual} for the columns", part(1))


def _fractions(name: str, own: str) -> Attribute:
    one = _one(own)
    return Attribute(
        f"{one} with fractions", f"{one} of whole numbers", lambda f: any(c != int(c) for c in f[name].cells)
    )


def _of_grid(name: str, own: str) -> Iterator[Attribute]:
    def shape(test: Callable[[int, int], bool]) -> Callable[[Facts], bool]:
        return lambda f: test(*f[name].shape[-2:])

    one = _one(own)
    yield Attribute(f"{one} that is not square", f"a square {own}", shape(lambda rows, columns: rows != columns))
    yield Attribute(f"{one} taller than wide", f"{one} not taller than wide", shape(lambda r, c: r > c))
    yield Attribute(f"{one} wider than tall", f"{one} not wider than tall", shape(lambda r, c: c > r))
    yield Attribute(f"{one} larger than 1×1", f"a 1×1 {own}", shape(lambda r, c: r * c > 1))
    yield Attribute(f"{one} other than 3×3", f"a 3×3 {own}", shape(lambda r, c: (r, c) != (3, 3)))
    yield Attribute(f"{one} with several channels", f"{one} with one channel", lambda f: len(f[name].shape) > 2)


def _one(name: str) -> str:
    """Return a parameter's name with its article."""
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


def _ragged(facts: Facts, image: str, kernel: str) -> bool:
    columns = zip(
        facts[image].shape[-2:], facts[kernel].shape[-2:], _pair(facts["padding"]), _pair(facts["stride"]), strict=True
    )
    return any((n + 2 * p - k) % s for n, k, p, s in columns)


def _is_size(value: Any) -> bool:
    return all(isinstance(v, int) and not isinstance(v, bool) for v in _pair(value)) and len(_pair(value)) == 2


def _pair(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value, value)


def _cells(facts: Facts) -> Iterator[float]:
    for value in facts.values():
        if isinstance(value, Numbers):
            yield from value.cells
