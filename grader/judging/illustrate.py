"""The data of the HTML pages: what a report, or an exercise, shows. Hidden and secret cases stay out of it here."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from grader.errors import GradeError
from grader.exercises.cases import formula
from grader.judging import explain
from grader.judging.misconceptions import relevant
from grader.judging.pictures import known, picture
from grader.model.exercise import Case, Exercise, Lock
from grader.model.page import ExercisePage, Picture, StudentPage
from grader.model.report import Check, Report, Verdict
from grader.model.signature import as_student, as_torch, in_own_names, output_view, torch_index
from grader.numbers import Numbers, from_nested, to_nested
from grader.output.crash_hints import HINTS

MOST_GENERATED = 1  # pictures of generated cases


def student_page(report: Report, lock: Lock | None) -> StudentPage:
    """Return what a student's page shows. Without the exercise (`lock`) it has no pictures.

    Where the report was made with other references than these, its generated cases may be secret: nothing of them is
    shown but how many are right.
    """
    pages = []
    found = report.diagnosis
    ids = found.misconceptions[0] if found and found.misconceptions else ()
    for id in ids:
        try:
            pages.append(explain.misconception(id, lock.exercise if lock else None))
        except GradeError:  # the report may be of another version
            continue
    same = lock is not None and report.versions.get("references") == lock.by
    pictures = {} if lock is None else _pictures(report, lock, ids, same)
    secret = not same and any(check.generated for check in report.checks)
    return StudentPage(_without_inputs(report) if secret else report, pictures, tuple(pages), _hint(report), secret)


def _without_inputs(report: Report) -> Report:
    """Return a report of which the generated cases say no more than whether they are right."""
    replace = msgspec.structs.replace
    reduced = {"mismatch": None, "diagnosis": None, "text": "", "printed": ""}
    generated = {check.case for check in report.checks if check.generated}
    checks = tuple(replace(check, **reduced) if check.generated else check for check in report.checks)
    found = report.diagnosis
    if found and found.crash and found.crash.case in generated:
        crash = replace(found.crash, message="", case="", arguments={}, shapes={})
        found = replace(found, crash=crash)
    return replace(report, checks=checks, diagnosis=found)


def _hint(report: Report) -> str:
    """Return the advice for an exception whose usual cause is known."""
    crash = report.diagnosis.crash if report.diagnosis else None
    return HINTS[crash.hint].advice if crash and crash.hint in HINTS else ""


def _pictures(report: Report, lock: Lock, ids: tuple[str, ...], same: bool) -> dict[str, Picture]:
    exercise = lock.exercise
    cases = {case.name: case for case in exercise.cases if not case.hidden and (same or not case.generated)}
    answers = {reference.case: reference.value for reference in lock.references if reference.case in cases}
    sure = ids if report.diagnosis and len(report.diagnosis.misconceptions) == 1 else ()
    drawn: dict[str, Picture] = {}
    generated = 0
    for check in _simplest(report):
        if check.hidden or check.case not in cases or not check.mismatch or check.mismatch.expected_value is None:
            continue
        generated += check.generated
        if check.generated and generated > MOST_GENERATED:
            continue
        found = _picture(exercise, cases[check.case], answers[check.case], check, sure)
        if found:
            drawn[check.case] = found
    return drawn


def _simplest(report: Report) -> list[Check]:
    """Return the wrong checks: the written ones in their order, then the generated ones, small ones first."""
    wrong = [check for check in report.checks if check.verdict is not Verdict.correct]
    generated = [c for c in wrong if c.generated]
    generated.sort(key=lambda c: (bool(c.mismatch and c.mismatch.allowed), c.mismatch.total if c.mismatch else 0))
    return [c for c in wrong if not c.generated] + generated


def _picture(
    exercise: Exercise, case: Case, answer: tuple[Any, ...], check: Check, ids: tuple[str, ...]
) -> Picture | None:
    """Draw a wrong case; None where the report speaks of another question than the exercise asks now."""
    mismatch = check.mismatch
    assert mismatch
    if mismatch.output not in exercise.outputs:
        return None
    right = answer[exercise.outputs.index(mismatch.output)]
    view = output_view(exercise, mismatch.output)
    if as_student(view, from_nested(right)) != from_nested(mismatch.expected_value):
        return None
    given, worst = mismatch.given_value, mismatch.worst
    if exercise.signature:  # pictures have torch's order, in which the windows move
        shape, cells = np.shape(right), np.array(given, dtype=object)
        given = to_nested(as_torch(view, Numbers(cells.shape, tuple(cells.ravel().tolist())), shape))
        worst = worst and torch_index(view, worst, shape)
    wrong = tuple(_differing(right, given)) if mismatch.differ else ()
    return picture(
        exercise,
        case,
        right,
        given,
        output=mismatch.output,
        wrong=wrong,
        first=worst if worst in wrong else (wrong[0] if wrong else None),
        misconceptions=known(exercise, ids),
    )


def _differing(expected: Any, given: Any, at: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    if isinstance(expected, list):
        pairs = enumerate(zip(expected, given, strict=True))
        return [place for i, (a, b) in pairs for place in _differing(a, b, (*at, i))]
    if isinstance(given, str):
        return [at]
    return [at] if abs(expected - given) > 1e-5 * max(1.0, abs(expected)) else []


def exercise_page(lock: Lock) -> ExercisePage:
    """Return what is published of an exercise: no hidden case, and of a generated one nothing but that there is one."""
    exercise = lock.exercise
    answers = {reference.case: reference.value for reference in lock.references}
    shown = [case for case in exercise.cases if not case.hidden and not case.generated]
    return ExercisePage(
        id=exercise.id,
        title=exercise.title,
        points=exercise.points,
        function=exercise.function,
        task=exercise.task,
        formula=formula(exercise),
        pictures=tuple(drawn for case in shown for drawn in _published(exercise, case, answers[case.name])),
        generated=sum(case.generated for case in exercise.cases),
        hidden=sum(case.hidden for case in exercise.cases),
        misconceptions=tuple((m.id, in_own_names(exercise, m.says)) for m in relevant(exercise)),
    )


def _published(exercise: Exercise, case: Case, answer: tuple[Any, ...]) -> list[Picture]:
    """Draw a visible written case with its answer; where a slide is wrong, with what it prints."""
    drawn = [
        picture(exercise, case, value, output=output) for output, value in zip(exercise.outputs, answer, strict=True)
    ]
    if not (case.slide and case.slide.erratum):
        return drawn
    printed = [case.slide.answer] if len(drawn) == 1 else case.slide.answer
    return [
        msgspec.structs.replace(it, erratum="" if said is None else it.erratum, printed=_gaps(said), right=right)
        for it, said, right in zip(drawn, printed, answer, strict=True)
    ]


def _gaps(value: Any) -> Any:
    """Write an ellipsis for each cell that a slide leaves out."""
    return [_gaps(item) for item in value] if isinstance(value, list) else "…" if value is None else value
