"""A proof: the result of verifying one exercise."""

from __future__ import annotations

import msgspec

from grader.errors import Problem


class Proof(msgspec.Struct, frozen=True):
    """The result of verifying one exercise, which is proved if there are no problems.

    `model` and `template` are the scores of the model solution and of the file that `grade start` writes.
    """

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
    """Which misconceptions the cases of an exercise catch.

    `survived` pass every case; `slides_pass` pass all written cases; `twins` are groups that no case tells apart.
    """

    tried: int
    survived: tuple[str, ...]
    slides_pass: tuple[str, ...]
    twins: tuple[tuple[str, ...], ...]
