"""A submission, and the outcome of running one call of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from grader.numbers import Numbers


class Submission(msgspec.Struct, frozen=True):
    """A student's program, read and checked: `cells` are run in order, `modules` can be imported by them.

    Both pair a display name with source text. `id` is a digest of the content. `refused` is why
    the file could not be read as a program; then there is nothing to run. `aside` are a
    notebook's text cells with a `def`, and `lines` the lines of its file in which its cells begin (0 if unknown).
    """

    id: str
    student: str
    exercise: str
    kind: Literal["python", "notebook", "folder"]
    path: str
    cells: tuple[tuple[str, str], ...]
    modules: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    refused: str = ""
    aside: tuple[tuple[str, str], ...] = ()
    lines: tuple[int, ...] = ()


Failure = Literal[
    "raised",
    "timeout",
    "memory",
    "output",
    "crashed",
    "missing",
    "signature",
    "not_allowed",
    "not_numeric",
    "forbidden",
    "earlier",  # the function that runs before, such as a forward pass, failed or is wrong in this case
]


class Outcome(msgspec.Struct, frozen=True):
    """The result of running one call: a value (one array per output), or a failure and its text.

    `ran` is false for a call that was not made because of an earlier failure. `earlier` are the results of the function
    that ran first, where the second one failed; a call that gave a value has them at its beginning.
    """

    value: tuple[Numbers, ...] | None = None
    failure: Failure | None = None
    text: str = ""
    file: str = ""
    line: int = 0
    printed: str = ""
    changed: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ran: bool = True
    earlier: tuple[Numbers, ...] = ()
