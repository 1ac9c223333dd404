"""What a person might look at in a submission. A flag is a hint: it never decides, and costs nobody a point.

The program is read behind the wall (sandbox/inside/reading.py), constants folded, and numbers alone come back; the
sentences are here. Who wants to hide something will: what holds programs back is the wall, not this.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from grader.model import Exercise, Limits, Submission
from grader.sandbox.process import HOME, Process
from grader.sandbox.session import Session

PROGRAM = Path(HOME) / "inside" / "reading.py"
SAYS = (  # in the order of the codes in reading.py
    "cannot be read: it is no Python, or too deep",
    "puts a name together from pieces",
    "uses a name that is known only when it runs, to import or to look something up",
    "looks into the calling frames or at all objects",
    "reaches for C (ctypes and the like)",
    "runs text as a program (eval, exec, compile)",
    "walks from an object to Python's inside (`__subclasses__`, `__globals__`, …)",
    "holds answers written out: a table of numbers that is returned in some case",
)
MOST_LINES = 1 << 20
_READER = Exercise("", "", "", "look(source)", 0, (), limits=Limits(time_limit=5.0, memory_limit=512))


class Flag(NamedTuple):
    """Something to look at: what it is, in which line of which of the submission's files."""

    code: int
    line: int
    says: str
    file: str


def look(submission: Submission, start: Callable[[], Process]) -> tuple[Flag, ...]:
    """Return what a person might look at, file by file. `start` gives the process to read in, as for `Session`.

    Raise EnvironmentTrouble where no process can be had.
    """
    source = PROGRAM.read_text(encoding="utf-8")
    reader = Submission("", "", "", "python", "reading.py", (("reading.py", source),))
    flags: list[Flag] = []
    with Session(reader, _READER, start=start) as session:
        for file, text in (*submission.cells, *submission.modules):
            outcome = session.call({"source": text})
            cells = outcome.value[0].cells if outcome.value else (0, 1)  # what ends its reader cannot be read either
            for code, line in zip(cells[::2], cells[1::2], strict=False):
                if code in range(len(SAYS)) and line in range(MOST_LINES):
                    flags.append(Flag(int(code), int(line), SAYS[int(code)], file))
    return tuple(flags)
