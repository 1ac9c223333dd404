"""Prove a pack of exercises: torch, NumPy, slides, model solution and template agree, and no misconception passes.

An exercise that lets a misconception pass is itself wrong. What is found is data (`Proof`); output/ shows it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np

from grader.errors import EnvironmentTrouble, GradeError, Problem, listed
from grader.exercises import misconception_answers
from grader.exercises.cases import case_arrays, case_operator, only_or_list
from grader.exercises.lock import FORMAT, answered, read_lock, stored_lock
from grader.exercises.operators import operator
from grader.exercises.own import check_answers
from grader.exercises.pack import exercise_ids, model_solution, renewal, short_path
from grader.exercises.parse import read
from grader.exercises.templates import template
from grader.judging.compare import compare, magnitude, prints, strict
from grader.judging.grade import grade
from grader.model.exercise import OWN, Exercise, Lock, Reference
from grader.model.proof import Mutation, Proof
from grader.model.report import Report
from grader.model.submission import Submission
from grader.numbers import as_points, from_nested
from grader.ops import Op, OpError
from grader.ops.base import each_output
from grader.sandbox.probe import chosen
from grader.sandbox.process import Process
from grader.submissions.find import find
from grader.text import some
from grader.verification import stored_misconceptions
from grader.verification.differences import compare_differences
from grader.verification.mutation import mutate, suggest
from grader.verification.renewal import renewed, write_answers
from grader.verification.torch_reference import answers, version

Start: TypeAlias = Callable[[], Process]


def verify(pack: Path, names: Sequence[str], torch: Any, *, write: bool = False) -> list[Proof]:
    """Prove the exercises `names` of a pack (all of them when empty). With `write`, bring `*.ref.json` up to date."""
    known = exercise_ids(pack)
    if not known:
        raise GradeError(Problem(f"`{pack}` holds no specs (*.yaml)", "`grade new` writes one to start from"))
    for name in names:
        if name not in known:
            read_lock(pack, name)  # raises, and names the nearest
    with contextlib.ExitStack() as servers:

        @functools.cache
        def start(allow: tuple[str, ...]) -> Start:
            return servers.enter_context(chosen("auto", True, allow))

        return [_proof(pack, name, torch, write, start) for name in names or known]


def _proof(pack: Path, name: str, torch: Any, write: bool, start: Callable[[tuple[str, ...]], Start]) -> Proof:
    """Prove one exercise. What is wrong with it is in the proof, so that the others are proved all the same.

    `start` returns what starts processes for programs that may import some packages.
    """
    path = pack / f"{name}.yaml"
    title = ""
    try:
        exercise, digest = read(path)
        title = exercise.title
        answer = answers(torch, exercise, pack)
        check_answers(path, exercise, answer.references)
        lock = answered(Lock(FORMAT, digest, version(torch), exercise, answer.references))
        exercise = lock.exercise
        stored, written = renewed(pack, lock) if write else (stored_lock(pack, name), ())
        outdated = stored_misconceptions.outdated(pack, exercise)
        if outdated and write:
            write_answers(misconception_answers.path(pack, name), stored_misconceptions.encoded(exercise))
            written += ("the answers of misconceptions",)
        model = _solution(pack, lock, start(exercise.allow))
    except EnvironmentTrouble:
        raise
    except GradeError as error:
        return Proof(name, title, problems=error.problems)
    problems, notes = _compare_stored(stored, lock, path)
    place = misconception_answers.path(pack, name)
    if outdated and not write and place.exists():  # a pack may do without: grading computes them
        says = f"the answers of misconceptions: {outdated}"
        problems.append(Problem(says, renewal(pack, name), short_path(place)))
    problems += _compare_numpy(lock)
    problems += _compare_single(lock, answer.single, path)
    problems += compare_differences(lock, torch, path)
    problems += _compare_slides(lock, path)
    empty = _template(lock, start(exercise.allow))
    problems += _check_marks(model, exercise, exercise.points) if model else [_no_solution(exercise)]
    problems += _check_marks(empty, exercise, 0.0)
    mutation = mutate(exercise)
    if mutation.survived:
        problems.append(_weak(exercise, mutation.survived, path))
    if exercise.op == OWN:
        problems += _twins(mutation, path)
        mutation = msgspec.structs.replace(mutation, twins=())
    problems += _unvaried(exercise, path)
    slides = [case.slide for case in exercise.cases if case.slide]
    return Proof(
        exercise=name,
        title=title,
        cases=len(exercise.cases),
        slides=len(slides),
        errata=sum(bool(slide.erratum) for slide in slides),
        model=_score(model) if model else "none",
        template=_score(empty),
        mutation=mutation,
        problems=tuple(problems),
        notes=tuple(notes),
        written=written,
    )


# The stored answers


def _compare_stored(stored: Lock | None, lock: Lock, path: Path) -> tuple[list[Problem], list[str]]:
    """Compare the stored reference answers with torch's now."""
    place = short_path(path.with_suffix(".ref.json"))
    help = renewal(path.parent, lock.exercise.id)
    if stored is None:
        return [Problem("there are no reference answers", help, place)], []
    old = {reference.case: reference for reference in stored.references}
    problems, stale = [], []
    for reference in lock.references:
        kept = old.get(reference.case)
        if kept is None or kept.digest != reference.digest:
            stale.append(reference.case)
        elif not _equal(kept, reference, lock.exercise):
            says = f"case `{reference.case}`: {lock.by} answers {reference.value}, {stored.by} answered {kept.value}"
            problems.append(Problem(says, f"if torch is right, {help}", place))
    stale += old.keys() - {reference.case for reference in lock.references}
    if stale:
        many = "1 reference answer is" if len(stale) == 1 else f"{len(stale)} reference answers are"
        problems.append(Problem(f"{many} stale: {some([f'`{name}`' for name in stale], 3)}", help, place))
    elif stored.spec != lock.spec:
        problems.append(Problem("the compiled form is older than the spec", help, place))
    notes = [f"answered by {stored.by}, proved with {lock.by}"] if stored.by != lock.by else []
    return problems, notes


def _equal(a: Reference, b: Reference, exercise: Exercise) -> bool:
    case = next(case for case in exercise.cases if case.name == b.case)
    pairs = zip(a.value, b.value, strict=False)
    closely = strict(tuple(case.inputs.values()), b.value)
    same = all(compare(from_nested(x), from_nested(y), closely, scale=1.0) is None for x, y in pairs)
    return same and len(a.value) == len(b.value)


# NumPy, torch in single precision, and the slides


def _compare_numpy(lock: Lock) -> list[Problem]:
    """Compare the NumPy operators, which the diagnosis uses, with torch."""
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


def _compare_single(lock: Lock, single: Sequence[Reference], path: Path) -> list[Problem]:
    """Check that torch's float32 answers are right: where they are not, no program in single precision could be."""
    problems, tolerance = [], lock.exercise.tolerance
    for case, reference, rough in zip(lock.exercise.cases, lock.references, single, strict=True):
        right, given = (tuple(map(from_nested, values)) for values in (reference.value, rough.value))
        scale = magnitude(right)
        if any(compare(g, r, tolerance, scale=scale) for g, r in zip(given, right, strict=True)):
            says = f"case `{case.name}`: torch's own float32 answer is outside the tolerance"
            help = "choose inputs whose answer is not much smaller than they are, or state a `tolerance`"
            problems.append(Problem(says, help, short_path(path)))
    return problems


def _compare_slides(lock: Lock, path: Path) -> list[Problem]:
    """Compare what the slides print with torch. An answer that disagrees needs an erratum; one that agrees has none."""
    problems = []
    for case, reference in zip(lock.exercise.cases, lock.references, strict=True):
        if case.slide is None:
            continue
        slide, closely = case.slide, strict(tuple(case.inputs.values()), reference.value)
        values = [from_nested(value) for value in reference.value]
        agrees = prints(slide.answer, values, closely, slide.decimals, lock.exercise.batch)
        if not agrees and not slide.erratum:
            right = only_or_list(reference.value)
            says = f"case `{case.name}`: the slide prints {slide.answer}, {lock.by} answers {right}"
            help = "if the slide does print this, add `erratum:` and explain what is wrong"
            problems.append(Problem(says, help, short_path(path)))
        if agrees and slide.erratum:
            says = f"case `{case.name}` has an `erratum`, but the slide is right"
            problems.append(Problem(says, "remove the `erratum`", short_path(path)))
    return problems


# The model solution, the template and the misconceptions


def _solution(pack: Path, lock: Lock, start: Start) -> Report | None:
    """Grade the model solution. Return None where there is none."""
    path = model_solution(pack, lock.exercise.id, lock.exercise.file)
    return grade(lock, find(lock.exercise.id, str(path)), start=start) if path else None


def _no_solution(exercise: Exercise) -> Problem:
    says = f"there is no model solution `solutions/{exercise.id}.py`"
    return Problem(says, "write one: it shows that the exercise can be solved")


def _template(lock: Lock, start: Start) -> Report:
    """Grade what `grade start` writes."""
    name, text = f"{lock.exercise.id}.py", template(lock.exercise)
    submission = Submission("template", "", lock.exercise.id, "python", name, ((name, text),))
    return grade(lock, submission, start=start)


def _check_marks(report: Report, exercise: Exercise, points: float) -> list[Problem]:
    """Check that the model solution earns all points, or the template none."""
    if report.score == points:
        return []
    wrong = next((c for c in report.checks if (c.score > 0) is (points == 0)), report.checks[0])
    who = "the template" if points == 0 else "the model solution"
    says = f"{who} earns {_score(report)}, not {as_points(points)}: `{wrong.case}`: {wrong.text or wrong.verdict.value}"
    return [Problem(says, "change the case, or the program", f"solutions/{exercise.id}.py" if points else "")]


def _twins(mutation: Mutation, path: Path) -> list[Problem]:
    """Report the pack's own misconceptions that answer alike: one of them is a copy, or a case is missing."""
    help = "add a case that tells them apart, or remove one of them"
    says = [f"{listed(ids)} give the same answer in every case" for ids in mutation.twins]
    return [Problem(it, help, short_path(path)) for it in says]


def _unvaried(exercise: Exercise, path: Path) -> list[Problem]:
    """Report the parameters that have their default in every case: code that ignores them would earn all points.

    An author's own function has no defaults: there, a field that is the same in every case counts.
    """
    op = operator(exercise)
    if exercise.op == OWN:
        same = [f for f in op.__struct_fields__ if len({str(case.fields[f]) for case in exercise.cases}) == 1]
        help = "add a case with another value, or remove the parameter from `function` and `draw`"
        return [Problem(f"{listed(same)} is the same in every case", help, short_path(path))] if same else []
    still = {name for name, default in op.defaults.items() if name in exercise.given}
    still |= {field.name for field in msgspec.structs.fields(op) if not field.required} & {*exercise.given}
    for case in exercise.cases:
        chosen, inputs = case_operator(exercise, case), case_arrays(case, op)
        for name in tuple(still):
            if name in op.defaults:
                varies = bool(np.any(inputs[op.names.index(name)] != op.defaults[name]))
            else:
                varies = _leaves_default(chosen, name, [value.shape for value in inputs])
            if varies:
                still.discard(name)
    if not still or not exercise.cases:
        return []
    names = [name for name in exercise.given if name in still]
    many = "has its default" if len(names) == 1 else "have their defaults"
    help = "add a case with another value, or a `sweep`, or remove the parameter from `function`"
    return [Problem(f"{listed(names)} {many} in every case", help, short_path(path))]


def _leaves_default(op: Op, field: str, shapes: Sequence[tuple[int, ...]]) -> bool:
    default = next(f.default for f in msgspec.structs.fields(op) if f.name == field)
    try:
        return bool(op.changed(**{field: default}).resolved(*shapes)[field] != op.resolved(*shapes)[field])
    except OpError:  # the inputs do not fit the default
        return True


def _score(report: Report) -> str:
    return f"{as_points(report.score)}/{as_points(report.max_score)}"


def _weak(exercise: Exercise, survived: Sequence[str], path: Path) -> Problem:
    """Report the misconceptions that an exercise lets pass, and cases that catch them."""
    many = "passes" if len(survived) == 1 else "pass"
    cases = suggest(exercise, survived)
    sweep = "" if exercise.sweep else ", or `sweep: {count: 60, seed: 1}`"
    help = (
        f"add what catches them:\n{cases}"
        if cases
        else f"add a case that catches it{sweep}; none of the small ones does"
    )
    if exercise.op == OWN:
        help = "correct its function, or add a case or a `sweep` that catches it"
    return Problem(f"{listed(survived)} {many} every case", help, short_path(path))
