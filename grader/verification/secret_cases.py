"""New sweep cases for the real grading, drawn from a key that students do not have, and as strong as the published.

What is published can be learned by heart; what is drawn from a key of 256 bits cannot be foreseen. Torch answers the
new cases in the instructor's process. The key goes nowhere: not into a lock, not into a report, not over the border.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import GradeError, Problem
from grader.exercises.cases import draw_sweep
from grader.model.exercise import Case, Exercise, Lock
from grader.ops import OPS, OpError
from grader.verification.mutation import mutate
from grader.verification.torch_reference import answers, version

FEWEST = 16  # bytes of a key; whoever can guess it can draw the cases at home
MOST = 4096
VARIED = 8  # different bytes among them: sixteen times the same letter is no key
DRAWS = 20
MAKE = "make one: `head -c 32 /dev/urandom > key`, and keep it where students cannot read it"


def key(path: Path) -> bytes:
    """Read a key file, byte by byte as it is. Raise GradeError where it cannot be read or could be guessed."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST + 1)
    except OSError as error:
        raise GradeError(Problem(f"the key `{path}` cannot be read: {error.strerror}", MAKE)) from None
    if not FEWEST <= len(data) <= MOST:
        says = f"more than {MOST}" if len(data) > MOST else str(len(data))
        raise GradeError(Problem(f"the key `{path}` has {says} bytes; {FEWEST} to {MOST} are a key", MAKE))
    if len(set(data)) < VARIED:
        raise GradeError(Problem(f"the key `{path}` repeats {len(set(data))} bytes and could be guessed", MAKE))
    return data


def exposed(path: Path) -> str:
    """Return a warning where other users of this machine can read the key, or nothing."""
    try:
        mode = path.stat().st_mode if os.name == "posix" else 0
    except OSError:
        return ""
    return f"other users of this machine can read the key: `chmod 600 {path}`" if mode & 0o044 else ""


def unchanged(exercise: Exercise) -> str:
    """Say why an exercise keeps its cases, or nothing where fresh ones can be drawn."""
    if exercise.sweep is None:
        return "it has no sweep: its cases are all written by hand"
    if exercise.sweep.count == "all":
        return "its sweep is every case there is: there are no others"
    return ""


def tag(key: bytes) -> str:
    """Return a name for a key that tells two runs apart and nothing of the key."""
    return _digest(key, "tag")[:8]


def derive(lock: Lock, key: bytes, torch: Any) -> Lock:
    """Return an exercise with its sweep drawn anew and answered by torch; written cases and points stay.

    Every misconception that the published cases catch is caught by the new ones. The same key gives the same cases.
    `by` says that it was done, and with the key of which `tag`. Where it cannot be done (see `unchanged`) the lock
    comes back as it is. Raise GradeError where no draw is strong enough.
    """
    exercise = lock.exercise
    if unchanged(exercise):
        return lock
    written = tuple(case for case in exercise.cases if not case.generated)
    weak = set(mutate(exercise).survived)
    for number in range(DRAWS):
        seed = int(_digest(key, f"sweep {exercise.id} {lock.spec} {number}"), 16)
        try:
            drawn = _drawn(exercise, seed)
        except OpError:
            continue
        fresh = msgspec.structs.replace(exercise, cases=written + drawn)
        if weak.issuperset(mutate(fresh).survived):
            known = {reference.case: reference for reference in lock.references}
            kept = tuple(known[case.name] for case in written)
            asked = answers(torch, msgspec.structs.replace(exercise, cases=drawn))
            torch_too = "" if lock.by == version(torch) else f" by {version(torch)}"
            by = f"{lock.by}, fresh cases{torch_too} (key {tag(key)})"
            return msgspec.structs.replace(lock, by=by, exercise=fresh, references=kept + asked)
    says = f"`{exercise.id}`: none of {DRAWS} fresh sweeps catches every mistake that the published one catches"
    help = "raise `count` in its `sweep`, or write the case that only the published sweep has under `cases`"
    raise GradeError(Problem(says, help))


def _drawn(exercise: Exercise, seed: int) -> tuple[Case, ...]:
    """Draw the sweep from a seed of any size. The seed itself is not kept: it would tell the cases."""
    assert exercise.sweep
    seeded = msgspec.structs.replace(exercise, sweep=msgspec.structs.replace(exercise.sweep, seed=seed))
    return tuple(draw_sweep(seeded, OPS[exercise.op]))


def _digest(key: bytes, about: str) -> str:
    return hmac.new(key, about.encode(), "sha256").hexdigest()
