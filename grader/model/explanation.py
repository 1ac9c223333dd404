"""What `grade explain` shows: the page of a misconception, or the arithmetic of one cell."""

from __future__ import annotations

import msgspec

from grader.model.exercise import Value


class MisconceptionPage(msgspec.Struct, frozen=True):
    """A misconception: what it does, why it is wrong, a computed example, and what to do instead.

    Of several outputs the example shows one that is wrong, `output`.
    """

    id: str
    ops: tuple[str, ...]
    says: str
    why: str
    instead: str
    call: str
    inputs: dict[str, Value]
    right: Value
    wrong: Value
    output: str = ""


class CellPage(msgspec.Struct, frozen=True):
    """One output cell: where, its arithmetic, and the inputs with the cells that it reads."""

    exercise: str
    case: str
    place: str
    at: tuple[int, ...]
    text: str
    inputs: dict[str, Value]
    fields: dict[str, Value]
    reads: tuple[tuple[int, ...], ...]
    answer: Value
    axes: dict[str, str] = {}
