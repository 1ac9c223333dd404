"""A proof: what verifying one exercise found."""

from __future__ import annotations

import msgspec

from grader.errors import Problem


class Proof(msgspec.Struct, frozen=True):
    """What was found about one exercise; it is proved when there are no problems."""

    exercise: str
    title: str = ""
    cases: int = 0
    slides: int = 0
    errata: int = 0
    model: str = ""
    template: str = ""
    mutation: Mutation | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


class Mutation(msgspec.Struct, frozen=True):
    """How an exercise fares against the misconceptions that its function can have.

    `survived` pass every case; `slides_pass` pass all written cases, the slides'; `twins` are groups of others that no
    case tells apart.
    """

    tried: int
    survived: tuple[str, ...]
    slides_pass: tuple[str, ...]
    twins: tuple[tuple[str, ...], ...]
