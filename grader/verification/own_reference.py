"""Have an author's own function answer an exercise, in a process of its own that has a limit.

The process keeps endless loops and printed text out of `grade verify`. It is not a sandbox: the function is the
author's own. Grading a submission never comes here.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import GradeError, Problem
from grader.exercises.pack import PACKAGE, short_path
from grader.model.exercise import Exercise, Reference

LIMIT = 60  # seconds of computing for all cases of an exercise, and for loading torch
LAST_STOP = 600.0  # seconds of wall time: the machine may be busy
PROGRAM = (
    "import sys; sys.path = [sys.argv[1], *filter(None, sys.path)]\n"
    "from grader.verification.own_process import main; main(sys.argv[2], int(sys.argv[3]))"
)


class Trouble(msgspec.Struct, frozen=True):
    """What is wrong with an author's function: a message, a remedy, and the place in a file of the pack."""

    says: str
    help: str
    file: str
    line: int = 0


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line that the process writes: the case that it begins with, the answers, or what is wrong."""

    case: str = ""
    trouble: Trouble | None = None
    references: tuple[Reference, ...] = ()
    single: tuple[Reference, ...] = ()


def own_answers(exercise: Exercise, pack: Path) -> tuple[tuple[Reference, ...], tuple[Reference, ...]]:
    """Return an author's answers to every case, in float64 and in float32. Raise GradeError where there are none."""
    command = [sys.executable, "-c", PROGRAM, str(PACKAGE.parent), str(pack), str(LIMIT)]
    file = exercise.reference.rpartition(":")[0]
    try:
        done = subprocess.run(
            command, input=msgspec.json.encode(exercise), capture_output=True, timeout=LAST_STOP, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise error_of(pack, _late(_frames(late.output or b""), LAST_STOP, file)) from None
    frames = _frames(done.stdout)
    if done.returncode == -getattr(signal, "SIGXCPU", 0) != 0:
        raise error_of(pack, _late(frames, LIMIT, file))
    last = frames[-1] if frames else Frame()
    if last.trouble:
        raise error_of(pack, last.trouble)
    if not last.references:
        said = done.stderr.decode(errors="replace").strip().split("\n")[-1]
        case = f" in case `{last.case}`" if last.case else ""
        says = f"it ended Python{case} (exit code {done.returncode}){f': {said}' if said else ''}"
        raise error_of(pack, Trouble(says, "the function must return its answer", file))
    return last.references, last.single


def _late(frames: Sequence[Frame], seconds: float, file: str) -> Trouble:
    case = frames[-1].case if frames else ""
    says = f"no end after {seconds:g} s, in {f'case `{case}`' if case else 'loading it'}"
    return Trouble(says, "find the loop that does not end, or make the cases fewer", file)


def _frames(data: bytes) -> list[Frame]:
    """Read the process's lines; the last one may be cut off."""
    return [msgspec.json.decode(line, type=Frame) for line in data.split(b"\n")[:-1]]


def error_of(pack: Path, trouble: Trouble) -> GradeError:
    """Return the error for what is wrong with an author's function."""
    place: Any = short_path(pack / trouble.file)
    return GradeError(Problem(trouble.says, trouble.help, f"{place}:{trouble.line}" if trouble.line else place))
