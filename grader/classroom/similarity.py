"""Which programs of a class are the same: equal byte for byte, or equal after renaming.

That is a fact about two texts, not about two people; what it means is for the instructor to find out. A program is
outlined when it is graded: untrusted sources are parsed in a sandboxed process (``sandbox/inside/outline.py``), from
which nothing but numbers comes back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from grader.errors import EnvironmentTrouble, Problem
from grader.exercises.templates import template
from grader.model.class_ import Group, Outline
from grader.model.exercise import Exercise, Limits
from grader.model.submission import Outcome, Submission
from grader.sandbox.process import HOME, Process
from grader.sandbox.session import Session

PROGRAM = Path(HOME) / "inside" / "outline.py"
FEWEST = 60  # nodes of a syntax tree (or words); in shorter programs equality means nothing
MOST_TEXT = 1 << 20  # characters of one program that are parsed
TURN = 200  # programs before the process is renewed: one that took it over could forge so many outlines at most
_OUTLINE = Exercise("", "", "", "outline(sources, kept)", 0, (), limits=Limits(time_limit=5.0, total_limit=300.0))


class Outliner:
    """Outlines programs in a sandboxed process that is kept for many of them; `start` gives a new one when needed."""

    def __init__(self, start: Callable[[], Process]) -> None:
        source = PROGRAM.read_text(encoding="utf-8")
        self._program = Submission("", "", "", "python", PROGRAM.name, ((PROGRAM.name, source),))
        self._start = start
        self._session: Session | None = None
        self._turn = 0
        self._templates: dict[str, Outline] = {}

    def submission(self, exercise: Exercise, submission: Submission) -> Outline | None:
        """Outline a submission. Return None for one that could not be read, and for the unchanged template."""
        if submission.refused:
            return None
        found = self.outline(exercise, [text for _, text in (*submission.cells, *submission.modules)])
        given = self._template(exercise)
        return None if found.text == given.text or (found.tree and found.tree == given.tree) else found

    def outline(self, exercise: Exercise, sources: Sequence[str]) -> Outline:
        """Outline a program for an exercise: its sources are cells, then modules.

        A program that breaks the parser has an outline without a tree. Raise EnvironmentTrouble when no process starts.
        """
        parts = tuple(part.encode("utf-8", "replace").decode() for part in sources)
        text, words = "\n".join(parts), sum(len(part.split()) for part in parts)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if len(text) > MOST_TEXT:
            return Outline(digest, "", words)
        outcome = self._open().call({"sources": parts, "kept": (exercise.name, *exercise.parameters)})
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

    def _template(self, exercise: Exercise) -> Outline:
        text = template(exercise)
        if text not in self._templates:
            self._templates[text] = self.outline(exercise, [text])
        return self._templates[text]


def _read(outcome: Outcome) -> tuple[str, int] | None:
    """Return digest and number of nodes, or None where the process returned anything else."""
    cells = outcome.value[0].cells if outcome.value else ()
    if len(cells) != 33 or any(type(cell) is not int or cell < 0 for cell in cells) or max(cells[1:]) > 255:
        return None
    size, *digest = cells
    return bytes(map(int, digest)).hex(), int(size)


def groups(found: Iterable[tuple[str, Outline]]) -> tuple[Group, ...]:
    """Return the groups of equal programs for one exercise, the largest first; `found` are students and outlines."""
    trees: dict[str, str] = {}  # equal texts are equal programs, whatever the trees of other Pythons are
    same: dict[str, dict[str, list[str]]] = {}
    sizes: dict[str, int] = {}
    for id, outline in found:
        if outline.size >= FEWEST:
            tree = trees.setdefault(outline.text, outline.tree or outline.text)
            same.setdefault(tree, {}).setdefault(outline.text, []).append(id)
            sizes[tree] = outline.size
    several = [
        Group(tuple(sorted((tuple(sorted(ids)) for ids in texts.values()), key=_largest)), sizes[tree])
        for tree, texts in same.items()
        if sum(map(len, texts.values())) > 1
    ]
    return tuple(sorted(several, key=lambda group: _largest([id for part in group.parts for id in part])))


def _largest(ids: Sequence[str]) -> tuple[int, list[str]]:
    return -len(ids), sorted(ids)
