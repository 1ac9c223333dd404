"""Which programs of a class are one program: equal byte for byte, or equal after renaming.

That is a fact about two texts, not about two people; what it means is for the instructor to find out. Strangers'
sources are parsed in a walled process (``sandbox/inside/outline.py``), from which nothing comes back but numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from grader.errors import EnvironmentTrouble, Problem
from grader.model.class_ import Group
from grader.model.exercise import Exercise, Limits
from grader.model.submission import Outcome, Submission
from grader.sandbox.process import HOME, Process
from grader.sandbox.session import Session

PROGRAM = Path(HOME) / "inside" / "outline.py"
FEWEST = 60  # nodes of a syntax tree (or words); in shorter programs equality means nothing
MOST_TEXT = 1 << 20  # characters of one program that are looked at
TURN = 200  # programs before the process is renewed: one that broke it could speak for so many others at most
_LIMITS = Limits(time_limit=5.0, total_limit=300.0)


class Outline(msgspec.Struct, frozen=True):
    """What of a program is compared: a digest of its text, and one of its syntax tree without names of its own.

    `tree` is empty where the program is no Python, or could not be parsed in time. `size` counts the tree's nodes, or
    the words of a text without a tree. Digests are comparable on one version of Python only.
    """

    text: str
    tree: str
    size: int


def outlines(
    exercise: Exercise, programs: Iterable[tuple[str, Sequence[str]]], start: Callable[[], Process]
) -> Iterator[tuple[str, Outline]]:
    """Yield the outline of each program to an exercise: an id, and its sources (cells, then modules) in order.

    Raise EnvironmentTrouble when no process can be had; a program that breaks the parser has an outline without tree.
    """
    source = PROGRAM.read_text(encoding="utf-8")
    ours = Submission("", "", "", "python", PROGRAM.name, ((PROGRAM.name, source),))
    asked = Exercise("", "", "", "outline(sources, kept)", 0, (), limits=_LIMITS)
    kept = (exercise.name, *exercise.parameters)
    session = Session(ours, asked, start=start)
    try:
        for number, (id, sources) in enumerate(programs):
            if session.end or number % TURN == 0:
                session.close()
                session = Session(ours, asked, start=start)
            parts = tuple(part.encode("utf-8", "replace").decode() for part in sources)
            tree, size = "", len(" ".join(parts).split())
            if sum(map(len, parts)) <= MOST_TEXT:
                outcome = session.call({"sources": parts, "kept": kept})
                if not outcome.ran:
                    says = f"the program that compares programs did not run: {outcome.text}"
                    raise EnvironmentTrouble(Problem(says, "please report this"))
                tree, size = _read(outcome) or (tree, size)
            yield id, Outline(_digest(parts), tree, size)
    finally:
        session.close()


def _read(outcome: Outcome) -> tuple[str, int] | None:
    """Return digest and number of nodes, or None where what came back is anything else."""
    cells = outcome.value[0].cells if outcome.value else ()
    if len(cells) != 33 or any(type(cell) is not int or cell < 0 for cell in cells) or max(cells[1:]) > 255:
        return None
    size, *digest = cells
    return bytes(map(int, digest)).hex(), int(size)


def _digest(parts: Sequence[str]) -> str:
    """Return the digest of a program's text, wherever its files or cells begin."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def groups(found: Iterable[tuple[str, Outline]], known: Collection[Outline] = ()) -> tuple[Group, ...]:
    """Return the groups of equal programs to one exercise, the largest first.

    `known` are outlines of what everybody has: the starter file and a published answer, which are no copies.
    """
    everybody = {outline.tree or outline.text for outline in known} | {outline.text for outline in known}
    same: dict[str, dict[str, list[str]]] = {}
    sizes: dict[str, int] = {}
    for id, outline in found:
        whole = outline.tree or outline.text
        if outline.size >= FEWEST and not everybody & {whole, outline.text}:
            same.setdefault(whole, {}).setdefault(outline.text, []).append(id)
            sizes[whole] = outline.size
    several = [
        Group(tuple(sorted((tuple(sorted(ids)) for ids in texts.values()), key=_largest)), sizes[whole])
        for whole, texts in same.items()
        if sum(map(len, texts.values())) > 1
    ]
    return tuple(sorted(several, key=lambda group: _largest([id for part in group.parts for id in part])))


def _largest(ids: Sequence[str]) -> tuple[int, list[str]]:
    return -len(ids), sorted(ids)
