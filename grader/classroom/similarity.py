"""Which programs of a class are alike, the most remarkable first: equal ones, and ones that share much of their code.

That is a fact about two texts, not about two people; what it means is for the instructor to find out. A fingerprint
(a few tokens in a row) counts the more, the fewer students have it: what everybody writes says nothing, and there is
no threshold. The fingerprints of the template and of the course's own examples are not in the outlines.
"""

from __future__ import annotations

import heapq
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from grader.classroom.outlines import unpacked
from grader.model.class_ import How, Outline, Similar

FEWEST = 24  # nodes of a syntax tree (or words); in shorter programs equality means nothing
MOST_FORMS = 12  # different programs with a fingerprint by which pairs are looked for; a more frequent one says little
MOST_PAIRS = 200_000
MOST_LISTED = 100


class _Form(NamedTuple):
    """Programs that are equal but for what a copier changes: their students by text, and their fingerprints."""

    texts: dict[str, list[str]]
    prints: frozenset[int]

    @property
    def students(self) -> list[str]:
        return sorted(id for ids in self.texts.values() for id in ids)


def ranked(found: Iterable[tuple[str, Outline]]) -> tuple[Similar, ...]:
    """Return what programs for one exercise share, the rarest first; `found` are students and outlines."""
    forms = _forms(found)
    number = sum(len(form.students) for form in forms)
    having = Counter[int]()
    for form in forms:
        having.update(dict.fromkeys(form.prints, len(form.students)))
    weights = {mark: math.log2((number + 1) / count) for mark, count in having.items()}

    def similar(parts: Sequence[Sequence[str]], how: How, some: Sequence[_Form]) -> Similar:
        shared = frozenset.intersection(*(form.prints for form in some))
        students = sum(map(len, parts))
        return Similar(
            parts=tuple(tuple(part) for part in parts),
            how=how,
            shared=len(shared),
            of=min(len(form.prints) for form in some),
            alone=sum(having[mark] == students for mark in shared),
            students=number,
            rarest=min((having[mark] for mark in shared), default=0),
            rarity=round(sum(weights[mark] for mark in sorted(shared)), 3),
        )

    every = []
    for form in forms:
        if len(form.students) > 1:
            parts = sorted(map(sorted, form.texts.values()), key=_largest)
            every.append(similar(parts, "text" if len(parts) == 1 else "form", [form]))
    every += [similar([a.students, b.students], "partly", [a, b]) for a, b in _pairs(forms)]
    return tuple(heapq.nsmallest(MOST_LISTED, every, key=lambda it: (-it.rarity, it.how == "partly", it.parts)))


def _forms(found: Iterable[tuple[str, Outline]]) -> list[_Form]:
    trees: dict[str, str] = {}  # equal texts are equal programs, whatever the trees of other Pythons are
    forms: dict[str, _Form] = {}
    for id, outline in found:
        if outline.size >= FEWEST:
            tree = trees.setdefault(outline.text, outline.tree or outline.text)
            if tree not in forms:
                whole = frozenset({zlib.crc32(tree.encode())})  # of a program that is not Python, its text as a whole
                forms[tree] = _Form({}, unpacked(outline.prints) if outline.tree else whole)
            forms[tree].texts.setdefault(outline.text, []).append(id)
    return sorted(forms.values(), key=lambda form: form.students)


def _pairs(forms: Sequence[_Form]) -> Iterator[tuple[_Form, _Form]]:
    """Yield the pairs of different programs that share a fingerprint which few others have, from the rarest on."""
    with_it: dict[int, list[int]] = {}
    for number, form in enumerate(forms):
        for mark in form.prints:
            with_it.setdefault(mark, []).append(number)
    rare = sorted((len(numbers), mark) for mark, numbers in with_it.items() if 2 <= len(numbers) <= MOST_FORMS)
    pairs: set[tuple[int, int]] = set()
    for _, mark in rare:
        pairs.update(combinations(with_it[mark], 2))
        if len(pairs) >= MOST_PAIRS:
            break
    for first, second in sorted(pairs):
        yield forms[first], forms[second]


def _largest(ids: Sequence[str]) -> tuple[int, Sequence[str]]:
    return -len(ids), ids
