"""Errors that a person can correct: an author's spec, a caller's options, an environment that cannot grade.

Every message gives the place, names the thing in backticks, and says what is wrong and what to do. A student's fault is
never an error here; it is data (see model/report.py).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable


class Problem:
    """One thing that is wrong: ``place: says`` and ``help: …``. `place` is ``file:line:column`` or a file, or empty."""

    __slots__ = ("help", "place", "says")

    def __init__(self, says: str, help: str = "", place: str = "") -> None:
        self.says, self.help, self.place = says, help, place

    def __str__(self) -> str:
        text = f"{self.place}: {self.says}" if self.place else self.says
        return f"{text}\nhelp: {self.help}" if self.help else text


class GradeError(Exception):
    """The spec or the call is wrong (exit code 2). Holds all problems found, not only the first."""

    exit_code = 2

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class EnvironmentTrouble(GradeError):
    """The grader or its environment failed, neither the student nor the author (exit code 3)."""

    exit_code = 3


def unreadable(file: str, error: OSError) -> GradeError:
    """Return the error for a required file that cannot be read."""
    return GradeError(Problem(f"the file cannot be read: {error.strerror}", "check its name and its permissions", file))


def fault(error: Exception) -> str:
    """Return an error's message, or for an unexpected one that the grader failed and where."""
    if isinstance(error, GradeError):
        return str(error)
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f"{os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno}" if where else "?"
    return f"the grader failed, not your program ({type(error).__name__} at {place})"


def near(word: str, words: Iterable[str]) -> str:
    """Return ``did you mean `x`?`` for the nearest of `words`, or an empty string when none is near."""
    import difflib  # takes 3 ms to load, and a run without mistakes never calls this

    words = list(words)
    same = [w for w in words if w.lower() == word.lower()]
    found = same or difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f"did you mean `{found[0]}`?" if found else ""


def to_install(*packages: str, extra: str = "") -> str:
    """Return the command that adds packages to the Python that runs the grader; `extra` is their name in its metadata.

    The grader itself is not named: on a public index its name may be anybody's.
    """
    import shlex
    from importlib.util import find_spec

    python = shlex.quote(sys.executable or "python")
    install = f"{python} -m pip install" if find_spec("pip") else f"uv pip install --python {python}"
    return f"`{install} {' '.join(packages)}`" + (f" (the extra `{extra}` of torch-grader)" if extra else "")


def listed(words: Iterable[str]) -> str:
    """Join names in backticks with commas."""
    return ", ".join(f"`{word}`" for word in words)
