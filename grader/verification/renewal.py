"""Store answers beside a spec, and describe what that changes."""

from __future__ import annotations

from pathlib import Path

from grader.errors import GradeError, Problem
from grader.exercises.lock import lock_text, stored_lock
from grader.exercises.pack import short_path
from grader.files import replace
from grader.model.exercise import Lock


def renewed(pack: Path, lock: Lock) -> tuple[Lock, tuple[str, ...]]:
    """Store the reference answers where they differ from the stored ones. Return them, and what changed."""
    name = lock.exercise.id
    try:
        stored = stored_lock(pack, name)
    except GradeError:  # it is replaced, whatever it holds
        stored = None
    changes = tuple(_changes(stored, lock))
    if changes:
        write_answers(pack / f"{name}.ref.json", lock_text(lock))
    return lock, changes


def write_answers(path: Path, data: bytes) -> None:
    """Write a file of a pack. Raise GradeError where that is not possible."""
    try:
        replace(path, data)
    except OSError as error:
        says = f"the file cannot be written: {error.strerror}"
        raise GradeError(Problem(says, "copy the pack to a folder of your own", short_path(path))) from None


def _changes(stored: Lock | None, lock: Lock) -> list[str]:
    """Describe case by case what writing the reference answers changes; nothing when the file is up to date."""
    if stored == lock:
        return []
    if stored is None:
        count = len(lock.references)
        return [f"new: {count} answer{'' if count == 1 else 's'} by {lock.by}"]
    old = {reference.case: reference for reference in stored.references}
    new = {reference.case: reference for reference in lock.references}
    changes = _counted("case added", [name for name in new if name not in old])
    changes += _counted("case removed", [name for name in old if name not in new])
    for name in new.keys() & old.keys():
        before, now = old[name], new[name]
        if now.digest != before.digest:
            changes.append(f"question and answer changed: {name}")
        elif now.value != before.value:
            changes.append(f"answer changed: {name}: {before.value} was {stored.by}'s, {now.value} is {lock.by}'s")
    if stored.by != lock.by:
        changes.append(f"answered by {lock.by} instead of {stored.by}")
    return sorted(changes) or ["the spec's text (no case, no answer)"]


def _counted(what: str, names: list[str]) -> list[str]:
    """Name the written cases, and count the generated ones."""
    drawn = sum(name.startswith("sweep ") for name in names)
    written = [f"{what}: {name}" for name in names if not name.startswith("sweep ")]
    return [*written, f"{what}: {drawn} of the sweep"] if drawn else written
