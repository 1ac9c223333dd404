"""Prove a pack of exercises: torch, NumPy, slides, model answer and stub agree, and every misconception is caught.

An exercise that lets a mistake pass is an exercise with a mistake. What is found is data (`Proof`); output/ shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from grader.errors import GradeError, Problem, listed
from grader.exercises import parse as specs
from grader.exercises.cases import case_arrays, case_operator, only_or_list
from grader.exercises.lock import FORMAT, lock_text, read_lock, stored_lock
from grader.exercises.pack import exercise_ids, renewal
from grader.exercises.templates import template
from grader.files import replace
from grader.judging.compare import compare, prints
from grader.judging.grade import grade
from grader.model.exercise import Exercise, Lock, Reference
from grader.model.proof import Proof
from grader.model.report import Report
from grader.model.submission import Submission
from grader.numbers import as_points, from_nested
from grader.ops.base import each_output
from grader.submissions.find import find
from grader.verification.mutation import mutate, suggest
from grader.verification.torch_reference import answers, version


def verify(pack: Path, names: Sequence[str], torch: Any, *, write: bool = False) -> list[Proof]:
    """Prove the exercises `names` of a pack (all of them when empty). With `write`, bring `*.ref.json` up to date."""
    known = exercise_ids(pack)
    unknown = [name for name in names if name not in known]
    if not known:
        raise GradeError(Problem(f"`{pack}` holds no specs (*.yaml)", "`grade new` writes one to begin with"))
    for name in unknown:
        read_lock(pack, name)  # raises, with what there is instead
    return [_verify(pack, name, torch, write) for name in names or known]


def _verify(pack: Path, name: str, torch: Any, write: bool) -> Proof:
    path = pack / f"{name}.yaml"
    try:
        exercise, digest = specs.read(path)
    except GradeError as error:
        return Proof(name, problems=error.problems)
    fresh = Lock(FORMAT, digest, version(torch), exercise, answers(torch, exercise))
    try:
        stored, written = _renewed(pack, fresh) if write else (stored_lock(pack, name), ())
    except GradeError as error:
        return Proof(name, exercise.title, problems=error.problems)
    problems, notes = _stored(stored, fresh, path)
    problems += _numpy(fresh)
    problems += _slides(fresh, path)
    model, stub_score = _solution(pack, fresh), _stub(fresh)
    problems += [*_marks(model, exercise, exercise.points), *_marks(stub_score, exercise, 0.0)]
    mutation = mutate(exercise)
    if mutation.survived:
        problems.append(_weak(exercise, mutation.survived, path))
    slides = [case.slide for case in exercise.cases if case.slide]
    return Proof(
        exercise=name,
        title=exercise.title,
        cases=len(exercise.cases),
        slides=len(slides),
        errata=sum(bool(slide.erratum) for slide in slides),
        model="none" if isinstance(model, str) else _score(model),
        template=_score(stub_score),
        mutation=mutation,
        problems=tuple(problems),
        notes=tuple(notes),
        written=written,
    )


def _renewed(pack: Path, fresh: Lock) -> tuple[Lock, tuple[str, ...]]:
    """Store the references where they differ from what is there; return them, and what changed. Raise GradeError."""
    name = fresh.exercise.id
    try:
        stored = stored_lock(pack, name)
    except GradeError:  # whatever is there is written anew
        stored = None
    changes = tuple(_changes(stored, fresh))
    if changes:
        path = pack / f"{name}.ref.json"
        try:
            replace(path, lock_text(fresh))
        except OSError as error:
            says = f"the file cannot be written: {error.strerror}"
            raise GradeError(Problem(says, "copy the pack to a folder of your own", specs.shown(path))) from None
    return fresh, changes


def _weak(exercise: Exercise, survived: Sequence[str], path: Path) -> Problem:
    """Say which mistakes an exercise lets pass, and which cases would catch them."""
    many = "passes" if len(survived) == 1 else "pass"
    help = suggest(exercise, survived) or "none of the small ones; is the mistake's `about` right?"
    return Problem(f"{listed(survived)} {many} every case", f"add what catches them:\n{help}", specs.shown(path))


def _changes(stored: Lock | None, fresh: Lock) -> list[str]:
    """Say what writing the references changes, case by case; nothing when the file is as it should be."""
    if stored == fresh:
        return []
    if stored is None:
        count = len(fresh.references)
        return [f"new: {count} answer{'' if count == 1 else 's'} by {fresh.by}"]
    old = {reference.case: reference for reference in stored.references}
    new = {reference.case: reference for reference in fresh.references}
    said = _counted("case added", [name for name in new if name not in old])
    said += _counted("case removed", [name for name in old if name not in new])
    for name in new.keys() & old.keys():
        if new[name].digest != old[name].digest:
            said.append(f"question and answer changed: {name}")
        elif new[name].value != old[name].value:
            said.append(
                f"answer changed: {name}: {old[name].value} was {stored.by}'s, {new[name].value} is {fresh.by}'s"
            )
    if stored.by != fresh.by:
        said.append(f"answered by {fresh.by} instead of {stored.by}")
    return sorted(said) or ["the spec's text (no case, no answer)"]


def _counted(what: str, names: list[str]) -> list[str]:
    """Name the written cases; of generated ones the number says enough."""
    drawn = sum(name.startswith("sweep ") for name in names)
    written = [f"{what}: {name}" for name in names if not name.startswith("sweep ")]
    return [*written, f"{what}: {drawn} of the sweep"] if drawn else written


def _stored(stored: Lock | None, fresh: Lock, path: Path) -> tuple[list[Problem], list[str]]:
    """Hold the stored references to what torch says now."""
    place = specs.shown(path.with_suffix(".ref.json"))
    help = f"run `{renewal(path.parent, fresh.exercise.id)}`"
    if stored is None:
        return [Problem("there are no references", help, place)], []
    old = {reference.case: reference for reference in stored.references}
    problems, stale = [], []
    for reference in fresh.references:
        kept = old.get(reference.case)
        if kept is None or kept.digest != reference.digest:
            stale.append(reference.case)
        elif not _equal(kept, reference, fresh.exercise):
            says = (
                f"case `{reference.case}`: {fresh.by} says {reference.value}, the file has {kept.value} by {stored.by}"
            )
            problems.append(Problem(says, f"if torch is right, {help}", place))
    gone = [name for name in old if name not in {reference.case for reference in fresh.references}]
    if stale or gone:
        names = listed((stale + gone)[:3]) + (" …" if len(stale + gone) > 3 else "")
        many = "1 reference is" if len(stale + gone) == 1 else f"{len(stale + gone)} references are"
        problems.append(Problem(f"{many} stale: {names}", help, place))
    elif stored.spec != fresh.spec:
        problems.append(Problem("the compiled form is older than the spec", help, place))
    notes = [f"answered by {stored.by}, proved with {fresh.by}"] if stored.by != fresh.by else []
    return problems, notes


def _equal(a: Reference, b: Reference, exercise: Exercise) -> bool:
    exact = next(case.exact for case in exercise.cases if case.name == b.case)
    pairs = zip(a.value, b.value, strict=False)
    same = all(compare(from_nested(x), from_nested(y), exact=exact) is None for x, y in pairs)
    return same and len(a.value) == len(b.value)


def _numpy(lock: Lock) -> list[Problem]:
    """Hold the NumPy operators, of which the diagnosis is made, to torch."""
    problems = []
    for case, reference in zip(lock.exercise.cases, lock.references, strict=True):
        op = case_operator(lock.exercise, case)
        mine = each_output(op(*case_arrays(case, op)))
        for got, right in zip(mine, reference.value, strict=True):
            expected = np.asarray(right, dtype=float)
            if got.shape != expected.shape or not np.allclose(got, expected, rtol=1e-9, atol=1e-9):
                says = f"case `{case.name}`: the operator `{lock.exercise.op}` disagrees with {lock.by}"
                problems.append(Problem(says, "this is a fault of the grader; please report it"))
    return problems


def _slides(lock: Lock, path: Path) -> list[Problem]:
    """Hold what the slides print to torch; what disagrees needs an erratum, and only that."""
    problems = []
    for case, reference in zip(lock.exercise.cases, lock.references, strict=True):
        if case.slide is None:
            continue
        agrees = prints(case.slide.answer, [from_nested(v) for v in reference.value], exact=case.exact)
        right = only_or_list(reference.value)
        if not agrees and not case.slide.erratum:
            says = f"case `{case.name}`: the slide prints {case.slide.answer}, {lock.by} says {right}"
            problems.append(Problem(says, "if the transcript is right, add `erratum:` and say why", specs.shown(path)))
        if agrees and case.slide.erratum:
            says = f"case `{case.name}` has an `erratum`, but the slide is right"
            problems.append(Problem(says, "take the `erratum` out", specs.shown(path)))
    return problems


def _solution(pack: Path, lock: Lock) -> Report | str:
    """Grade the model answer, which stands in `solutions/` in the pack or beside it."""
    name = f"{lock.exercise.id}.py"
    for folder in (pack / "solutions", pack.parent / "solutions"):
        if (folder / name).exists():
            return grade(lock, find(lock.exercise.id, str(folder / name)))
    return f"there is no model answer `solutions/{name}`"


def _stub(lock: Lock) -> Report:
    text = template(lock.exercise)
    name = f"{lock.exercise.id}.py"
    return grade(lock, Submission("stub", "", lock.exercise.id, "python", name, ((name, text),)))


def _marks(report: Report | str, exercise: Exercise, points: float) -> list[Problem]:
    if isinstance(report, str):
        return [Problem(report, "write one: it shows that the exercise can be solved")]
    if report.score == points:
        return []
    wrong = next((c for c in report.checks if (c.score > 0) is (points == 0)), report.checks[0])
    who = "the starter stub" if points == 0 else "the model answer"
    says = f"{who} earns {_score(report)}, not {as_points(points)}: `{wrong.case}`: {wrong.text or wrong.verdict.value}"
    return [Problem(says, "change the case, or the answer", f"solutions/{exercise.id}.py" if points else "")]


def _score(report: Report) -> str:
    return f"{as_points(report.score)}/{as_points(report.max_score)}"
