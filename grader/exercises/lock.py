"""Torch's answers, stored beside the exercise in `<id>.ref.json`: a lock file that is readable in a diff.

It also holds the exercise in compiled form. While the spec's digest matches, grading imports neither YAML nor NumPy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from grader.errors import GradeError, Problem, near, unreadable
from grader.exercises.pack import digest, exercise_ids, other_packs, renewal, short_path
from grader.model.exercise import Lock
from grader.text import some

FORMAT = 1


def read_lock(folder: Path, name: str) -> Lock:
    """Return an exercise with its reference answers. Raise GradeError when it is unknown, broken or stale."""
    path = folder / f"{name}.yaml"
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        known = exercise_ids(folder)
        help = other_packs(name) or near(name, known)
        help = help or (f"there are {', '.join(known)}" if known else f"`{folder}` holds no specs")
        raise GradeError(Problem(f"there is no exercise `{name}`", help)) from None
    except OSError as error:
        raise unreadable(str(path), error) from None
    lock = stored_lock(folder, name)
    if lock and lock.spec == hashlib.sha256(data).hexdigest() and not _has_changed(folder, lock.exercise.files):
        return lock
    return _match(path, lock)


def read_pack(folder: Path, names: Iterable[str]) -> tuple[list[Lock], dict[str, GradeError]]:
    """Return those of the exercises that can be graded, and what is wrong with each of the others."""
    locks: list[Lock] = []
    broken: dict[str, GradeError] = {}
    for name in names:
        try:
            locks.append(read_lock(folder, name))
        except GradeError as error:
            broken[name] = error
    return locks, broken


def stored_lock(folder: Path, name: str) -> Lock | None:
    """Return the lock file as it is, or None where there is none. Raise GradeError when it cannot be read."""
    path = folder / f"{name}.ref.json"
    try:
        lock = msgspec.json.decode(path.read_bytes(), type=Lock)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(str(path), error) from None
    except msgspec.MsgspecError as error:
        says = f"the file does not hold reference answers: {error}"
        raise GradeError(Problem(says, renewal(folder, name), str(path))) from None
    if lock.format != FORMAT:
        says = f"this version reads format {FORMAT}, not {lock.format}"
        raise GradeError(Problem(says, renewal(folder, name), str(path)))
    return answered(lock)


def answered(lock: Lock) -> Lock:
    """Give an exercise that an author's own function answers its answers: nothing else knows them."""
    if not lock.exercise.reference:
        return lock
    return msgspec.structs.replace(lock, exercise=msgspec.structs.replace(lock.exercise, answers=lock.references))


def _has_changed(folder: Path, files: Mapping[str, str]) -> bool:
    """Tell whether a file that the spec names is another one. Those who only grade need none of them."""
    return any((folder / file).exists() and digest(folder / file) != known for file, known in files.items())


def _match(path: Path, lock: Lock | None) -> Lock:
    """Parse a spec that differs from its compiled form, and give its cases the answers that still apply."""
    from grader.exercises.cases import case_digest
    from grader.exercises.own import check_answers
    from grader.exercises.parse import read

    exercise, spec = read(path)
    known = {r.digest: r for r in lock.references} if lock else {}
    wanted = {case.name: case_digest(exercise, case) for case in exercise.cases}
    lacking = [name for name, digest in wanted.items() if digest not in known]
    if lacking:
        says = f"torch's answers are missing or stale for {some([f'`{name}`' for name in lacking], 3)}"
        raise GradeError(Problem(says, renewal(path.parent, exercise.id), short_path(path)))
    assert lock
    references = tuple(msgspec.structs.replace(known[d], case=name) for name, d in wanted.items())
    check_answers(path, exercise, references)
    return answered(Lock(FORMAT, spec, lock.by, exercise, references))


def lock_text(lock: Lock) -> bytes:
    """Return a lock file's text: one case or answer per line, so that a diff shows what changed."""
    head = msgspec.structs.replace(lock.exercise, cases=(), answers=())
    encode = msgspec.json.encode
    fields = msgspec.json.format(encode(head), indent=2).decode().removesuffix("\n}").replace("\n", "\n  ")
    fields = fields.replace('"cases": [],', '"cases": [\n' + _lines(lock.exercise.cases, 6) + "\n    ],")
    return (
        f'{{\n  "format": {lock.format},\n  "spec": "{lock.spec}",\n  "by": "{lock.by}",\n'
        f'  "exercise": {fields}\n  }},\n  "references": [\n{_lines(lock.references, 4)}\n  ]\n}}\n'
    ).encode()


def _lines(items: Sequence[msgspec.Struct], indent: int) -> str:
    return ",\n".join(" " * indent + msgspec.json.encode(item).decode() for item in items)
