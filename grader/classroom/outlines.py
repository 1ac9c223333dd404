"""The outline of a program: what of it is compared with the other programs of the class.

A program is outlined when it is graded: untrusted sources are parsed in a sandboxed process
(``sandbox/inside/outline.py``), from which nothing but numbers comes back.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from grader.errors import EnvironmentTrouble, Problem
from grader.exercises.templates import template
from grader.model.class_ import Outline
from grader.model.exercise import Exercise, Limits
from grader.model.submission import Outcome, Submission
from grader.sandbox.process import HOME, Process
from grader.sandbox.session import Session

PROGRAM = Path(HOME) / "inside" / "outline.py"
MODULE = Path(HOME) / "inside" / "effects.py"
MOST_TEXT = 1 << 20  # characters of one program that are parsed
MOST_PRINTS = 400
TURN = 200  # programs before the process is renewed: one that took it over could forge so many outlines at most
_FUNCTION = "outline(sources, kept, own)"
_OUTLINE = Exercise("", "", "", _FUNCTION, 0, (), limits=Limits(time_limit=5.0, total_limit=300.0))


class _Given(NamedTuple):
    """What everybody got: the digests of its texts and trees, and its fingerprints."""

    digests: frozenset[str]
    prints: frozenset[int]


class Outliner:
    """Outlines programs in a sandboxed process that is kept for many of them; `start` gives a new one when needed."""

    def __init__(self, start: Callable[[], Process]) -> None:
        cell, module = ((path.name, path.read_text(encoding="utf-8")) for path in (PROGRAM, MODULE))
        self._program = Submission("", "", "", "python", PROGRAM.name, (cell,), (module,))
        self._start = start
        self._session: Session | None = None
        self._turn = 0
        self._given: dict[tuple[str, ...], _Given] = {}

    def submission(self, exercise: Exercise, submission: Submission, examples: Sequence[str] = ()) -> Outline | None:
        """Outline a submission, without the fingerprints of the template and of the course's own `examples`.

        Return None for one that could not be read. An unchanged template or example has an outline of size 0.
        """
        if submission.refused:
            return None
        own = [Path(name).stem for name, _ in submission.modules]
        found = self.outline(exercise, [text for _, text in (*submission.cells, *submission.modules)], own)
        given = self._known(exercise, (template(exercise), *examples))
        if given.digests & {found.text, found.tree}:
            return Outline(found.text, found.tree, 0)
        return msgspec.structs.replace(found, prints=packed(unpacked(found.prints) - given.prints))

    def outline(self, exercise: Exercise, sources: Sequence[str], own: Sequence[str] = ()) -> Outline:
        """Outline a program for an exercise: its sources are cells, then modules, whose names are `own`.

        A program that breaks the parser has an outline without a tree. Raise EnvironmentTrouble when no process starts.
        """
        parts = tuple(part.encode("utf-8", "replace").decode() for part in sources)
        text, words = "\n".join(parts), sum(len(part.split()) for part in parts)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if len(text) > MOST_TEXT:
            return Outline(digest, "", words)
        kept = (exercise.name, *exercise.parameters)
        names = tuple(name.encode("utf-8", "replace").decode() for name in own)
        outcome = self._open().call({"sources": parts, "kept": kept, "own": names})
        if not outcome.ran:
            says = f"the program that outlines programs did not run: {outcome.text}"
            raise EnvironmentTrouble(Problem(says, "please report this"))
        return Outline(digest, *(_read(outcome) or ("", words)))

    def close(self) -> None:
        """End the process, if there is one."""
        if self._session:
            self._session.close()
            self._session = None

    def _open(self) -> Session:
        if self._session is None or self._session.end or self._turn == TURN:
            self.close()
            self._session, self._turn = Session(self._program, _OUTLINE, start=self._start), 0
        self._turn += 1
        return self._session

    def _known(self, exercise: Exercise, texts: tuple[str, ...]) -> _Given:
        if texts not in self._given:
            found = [self.outline(exercise, [text]) for text in texts]
            digests = frozenset(digest for outline in found for digest in (outline.text, outline.tree) if digest)
            self._given[texts] = _Given(digests, frozenset().union(*(unpacked(outline.prints) for outline in found)))
        return self._given[texts]


def _read(outcome: Outcome) -> tuple[str, int, bytes] | None:
    """Return digest, number of nodes and fingerprints, or None where the process returned anything else."""
    cells = outcome.value[0].cells if outcome.value else ()
    if len(cells) < 33 or any(type(cell) is not int or not 0 <= cell < 1 << 32 for cell in cells):
        return None
    size, *digest = map(int, cells[:33])
    if max(digest) > 255 or len(cells) > 33 + MOST_PRINTS:
        return None
    return bytes(digest).hex(), size, packed(set(map(int, cells[33:])))


def packed(prints: Collection[int]) -> bytes:
    """Return fingerprints as the store keeps them: four bytes each, in order of size."""
    return struct.pack(f"<{len(prints)}I", *sorted(prints))


def unpacked(data: bytes) -> frozenset[int]:
    """Return the fingerprints that `packed` wrote."""
    return frozenset(number for (number,) in struct.iter_unpack("<I", data))
