"""Secret cases: a sweep for the real grading, drawn from a key that students do not have, as strong as the published.

A program can contain the published answers; it cannot contain those of cases drawn from a key of 256 bits. Torch
answers the secret cases in the instructor's process. The key is written nowhere, neither into a lock nor into a report,
and does not cross the process boundary.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import GradeError, Problem
from grader.exercises.cases import case_digest, draw_sweep
from grader.exercises.lock import answered
from grader.exercises.operators import operator
from grader.model.exercise import OWN, Case, Exercise, Lock
from grader.ops import OpError
from grader.verification.mutation import mutate
from grader.verification.torch_reference import answers, version

FEWEST = 16  # bytes of a key: whoever guesses it can draw the cases at home
MOST = 4096
VARIED = 8  # different bytes among them: sixteen times the same letter could be guessed
DRAWS = 20
MAKE = "make a key with `head -c 32 /dev/urandom > key`, and keep it where students cannot read it"


def key(path: Path) -> bytes:
    """Return the bytes of a key file. Raise GradeError where it cannot be read or could be guessed."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST + 1)
    except OSError as error:
        raise GradeError(Problem(f"the key `{path}` cannot be read: {error.strerror}", MAKE)) from None
    if not FEWEST <= len(data) <= MOST:
        size = f"more than {MOST}" if len(data) > MOST else str(len(data))
        raise GradeError(Problem(f"the key `{path}` has {size} bytes; a key has {FEWEST} to {MOST}", MAKE))
    if len(set(data)) < VARIED:
        says = f"the key `{path}` could be guessed: it consists of {len(set(data))} different bytes"
        raise GradeError(Problem(says, MAKE))
    return data


def exposed(path: Path) -> str:
    """Return a warning where other users of this machine can read the key, or nothing."""
    try:
        mode = path.stat().st_mode if os.name == "posix" else 0
    except OSError:
        return ""
    return f"other users of this machine can read the key: `chmod 600 {path}`" if mode & 0o044 else ""


def unchanged(exercise: Exercise) -> str:
    """Return why an exercise keeps its cases, or an empty string where secret ones can be drawn."""
    if exercise.sweep is None:
        return "it has no sweep, so all its cases are written by hand"
    if exercise.sweep.count == "all":
        return "its sweep already is every possible case"
    return ""


def tag(key: bytes) -> str:
    """Return a name for a key: it tells two runs apart and reveals nothing of the key."""
    return _digest(key, "tag")[:8]


def derive(lock: Lock, key: bytes, torch: Any, pack: Path) -> Lock:
    """Return an exercise with its sweep drawn from the key and answered by torch; written cases and points stay.

    The secret cases catch every misconception that the published ones catch. The same key gives the same cases, and
    `by` records its tag. Where no other cases exist (see `unchanged`) the lock comes back as it is. Raise GradeError
    where no draw is strong enough.
    """
    exercise = lock.exercise
    if unchanged(exercise):
        return lock
    written = tuple(case for case in exercise.cases if not case.generated)
    weak = set(mutate(exercise).survived)
    meaning = _meaning(exercise)
    for number in range(DRAWS):
        seed = int(_digest(key, f"sweep {exercise.id} {meaning} {number}"), 16)
        try:
            drawn = _drawn(exercise, seed)
        except OpError:
            continue
        secret = msgspec.structs.replace(exercise, cases=written + drawn)
        if exercise.op != OWN and not weak.issuperset(mutate(secret).survived):
            continue  # torch need not answer what is too weak; but only the author's function knows what is
        found = _complete(lock, secret, key, torch, pack)
        if exercise.op != OWN or weak.issuperset(mutate(found.exercise).survived):
            return found
    says = f"`{exercise.id}`: none of {DRAWS} secret sweeps catches every misconception that the published one catches"
    help = "raise `count` in its `sweep`, or write the case that only the published sweep has under `cases`"
    raise GradeError(Problem(says, help))


def _complete(lock: Lock, secret: Exercise, key: bytes, torch: Any, pack: Path) -> Lock:
    """Return the exercise with its secret cases, and their answers beside those of the written ones."""
    drawn = tuple(case for case in secret.cases if case.generated)
    known = {reference.case: reference for reference in lock.references}
    kept = tuple(known[case.name] for case in secret.cases if not case.generated)
    new = answers(torch, msgspec.structs.replace(secret, cases=drawn), pack).references
    other = "" if lock.by == version(torch) else f" by {version(torch)}"
    by = f"{lock.by}, secret cases{other} (key {tag(key)})"
    return answered(msgspec.structs.replace(lock, by=by, exercise=secret, references=kept + new))


def _meaning(exercise: Exercise) -> str:
    """Return a digest of what an exercise asks, so that a comment or a line end in its spec changes no secret case."""
    written = [case_digest(exercise, case) for case in exercise.cases if not case.generated]
    signature: list[Any] = [exercise.op, exercise.name, exercise.parameters]
    signature += [exercise.signature, exercise.fixed] if exercise.signature or exercise.fixed else []
    return hashlib.sha256(msgspec.json.encode([signature, written, exercise.sweep, exercise.limits])).hexdigest()


def _drawn(exercise: Exercise, seed: int) -> tuple[Case, ...]:
    """Draw the sweep from a seed of any size. The seed itself is not kept: it would reveal the cases."""
    assert exercise.sweep
    seeded = msgspec.structs.replace(exercise, sweep=msgspec.structs.replace(exercise.sweep, seed=seed))
    return tuple(draw_sweep(seeded, operator(exercise)))


def _digest(key: bytes, about: str) -> str:
    return hmac.new(key, about.encode(), "sha256").hexdigest()
