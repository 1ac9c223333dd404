"""Grade a submission: prepare the cases, run them, judge the outcomes, diagnose what is wrong, explain it, and report.

Each step takes the results of the one before. Only running the cases touches a process.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from grader import __version__
from grader.exercises.points import shares
from grader.judging.compare import compare, unbatched
from grader.judging.prepare import Load, PreparedCase, PreparedCases, call_arguments, nothing, prepare
from grader.judging.running import Caller, Outcomes, run_cases
from grader.judging.sentences import changes, failure, sentence, slide_note, stub
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise, Lock
from grader.model.report import Check, Diagnosis, Mismatch, Report, Verdict
from grader.model.submission import Outcome, Submission
from grader.sandbox.levels import NOTHING_RUN
from grader.sandbox.own_time import Notify
from grader.sandbox.process import Process
from grader.sandbox.session import Session
from grader.sandbox.wire import request
from grader.submissions.find import cell_of, locate
from grader.text import clean

Says = Callable[[Outcome], str]

FORMAT = 1
BY_HEART = "it gives the answers of the written cases, and almost no others: does it compute them?"

_VERDICTS = {
    "raised": Verdict.runtime_error,
    "timeout": Verdict.time_limit,
    "memory": Verdict.memory_limit,
    "output": Verdict.output_limit,
    "crashed": Verdict.runtime_error,
    "missing": Verdict.missing,
    "signature": Verdict.missing,
    "not_allowed": Verdict.not_allowed,
    "forbidden": Verdict.not_allowed,
    "not_numeric": Verdict.wrong_answer,
    "earlier": Verdict.wrong_answer,
}


def grade(
    lock: Lock,
    submission: Submission,
    process: Process | None = None,
    start: Callable[[], Process] | None = None,
    notify: Notify | None = None,
    load: Load = nothing,
    meanwhile: Callable[[], object] | None = None,
) -> Report:
    """Grade a submission in the sandbox.

    `start` returns a new process (a class uses a fork server's); `process` is one that was started early. `notify` is
    called each second while something takes longer. `load` returns the stored answers of misconceptions, for a wrong
    answer. `meanwhile` is called while the program works: it may import what is needed afterwards. Raise
    EnvironmentTrouble if no process can be started for the student's program.
    """
    session = Session(submission, lock.exercise, process, start, notify, meanwhile)
    return grade_with(lock, submission, session, lambda: Session(submission, lock.exercise, None, start, notify), load)


def grade_with(
    lock: Lock, submission: Submission, caller: Caller, separate: Callable[[], Caller], load: Load = nothing
) -> Report:
    """Grade a submission with what calls its function; `separate` returns another caller, for the hidden cases.

    The separate caller's process ends with the hidden cases: what they print, raise or leave behind reaches nobody.
    """
    prepared = prepare(lock)
    visible = grade_visible(prepared, submission, caller, separate, load)
    checks, described, overrun = visible.checks, caller, caller.overrun
    if prepared.hidden:
        with separate() as other:
            checks += judge(
                lock.exercise,
                prepared.hidden,
                submission,
                run_cases(lock.exercise, other, prepared.hidden, prepared.right),
            )
        described, overrun = caller if prepared.visible else other, overrun or other.overrun
    made = report(prepared, submission, visible, explain(prepared, checks, load), caller.printed, described)
    return msgspec.structs.replace(made, overrun=True) if overrun else made


# ---- judge


def judge(
    exercise: Exercise, cases: Sequence[PreparedCase], submission: Submission, outcomes: Outcomes
) -> tuple[Check, ...]:
    """Judge the outcomes of some of an exercise's cases, in their order."""
    second, rows = outcomes.second, zip(cases, outcomes.first, strict=True)
    # all calls of a program that does not load have one outcome, and its text may take a search of the sources
    says = memoise(partial(failure, exercise, submission))
    return tuple(_check(exercise, case, says, first, second.get(case.case.name)) for case, first in rows)


def _check(exercise: Exercise, prepared: PreparedCase, says: Says, first: Outcome, second: Outcome | None) -> Check:
    case = prepared.case
    verdict, mismatch, text = _judge(exercise, prepared, says, first)
    if verdict is Verdict.correct and second and second.ran:
        verdict, mismatch, text = _judge(exercise, prepared, says, second)
        if verdict is not Verdict.correct:
            text = f"right on the first call, but not on a second call with the same input: {text}"
    return Check(
        case=case.name,
        hidden=case.hidden,
        verdict=verdict,
        score=round(prepared.points, 9) if verdict is Verdict.correct else 0.0,
        max_score=round(prepared.points, 9),
        mismatch=mismatch,
        text=text,
        printed=first.printed,
        generated=case.generated,
    )


def _judge(
    exercise: Exercise, prepared: PreparedCase, says: Says, outcome: Outcome
) -> tuple[Verdict, Mismatch | None, str]:
    if outcome.value is None:
        assert outcome.failure
        verdict = Verdict.missing if stub(exercise, outcome) else _VERDICTS[outcome.failure]
        return verdict, None, says(outcome)
    case = prepared.case
    for name, value, right in zip(exercise.outputs, outcome.value, prepared.expected, strict=True):
        given = unbatched(exercise, value, len(right.shape))
        mismatch = compare(given, right, exercise.tolerance, name, prepared.scale)
        if mismatch:
            verdict = Verdict.wrong_answer if mismatch.differ else Verdict.wrong_shape
            return verdict, mismatch, sentence(mismatch) + slide_note(exercise, case, outcome.value)
    return Verdict.correct, None, ""


# ---- diagnose


class VisibleResult(NamedTuple):
    """What became of the visible cases, and how long they took.

    The time of hidden cases is not measured: a program could reveal their inputs by its pace.
    """

    checks: tuple[Check, ...]
    diagnosis: Diagnosis | None
    notes: tuple[str, ...]
    seconds: float


def grade_visible(
    prepared: PreparedCases, submission: Submission, caller: Caller, separate: Callable[[], Caller], load: Load
) -> VisibleResult:
    """Run, judge and diagnose the cases that the student may see."""
    began = time.monotonic()
    with caller:
        outcomes = run_cases(prepared.lock.exercise, caller, prepared.visible, prepared.right)
        checks = judge(prepared.lock.exercise, prepared.visible, submission, outcomes)
        diagnosis, notes = _diagnose(prepared.without_hidden, submission, checks, outcomes, caller, separate, load)
    changed = sorted({name for outcome in outcomes.first for name in outcome.changed})
    if changed and not (diagnosis and diagnosis.changes):
        notes += (changes(changed),)
    return VisibleResult(checks, diagnosis, notes, round(time.monotonic() - began, 3))


def _diagnose(
    exercise: Exercise,
    submission: Submission,
    checks: Sequence[Check],
    outcomes: Outcomes,
    caller: Caller,
    separate: Callable[[], Caller],
    load: Load,
) -> tuple[Diagnosis | None, tuple[str, ...]]:
    """Return the diagnosis of what is wrong, or a note if the diagnosis failed."""
    first = outcomes.first
    if not any(check.mismatch or check.verdict is Verdict.runtime_error for check in checks) or not first[0].ran:
        return None, ()
    from grader.judging.diagnose import FirstCall, diagnose
    from grader.judging.earlier import computed, own_outcome
    from grader.judging.modelled import known

    def call(case: Case, on: Caller = caller) -> Outcome:
        (outcome,) = on.outcomes([request(call_arguments(exercise, case))], {})
        return own_outcome(exercise, computed(exercise, case), outcome) if exercise.earlier else outcome

    sources = (*submission.cells, *submission.modules)
    own = caller.isolation.level != "none"  # a notebook has one process, and everything is an earlier call there
    try:
        with separate() as other:  # it starts a process only when it is used
            apart = FirstCall(other.begin, lambda case: call(case, other)) if own else None
            return diagnose(exercise, checks, first, call, sources, apart, known(exercise, load)), ()
    except Exception as error:  # a fault of ours must not cost a student the grade
        return None, (f"the diagnosis failed, not your program ({type(error).__name__}); the marks are right",)


# ---- explain


def explain(prepared: PreparedCases, checks: Sequence[Check], load: Load = nothing) -> tuple[Check, ...]:
    """Return the checks in the exercise's order, wrong visible ones explained, hidden ones reduced to their verdict."""
    by_case = {check.case: check for check in checks}
    explained, hidden = [], 0
    for case in prepared.lock.exercise.cases:
        check = by_case[case.name]
        if check.hidden:
            hidden += 1
            verdict = check.verdict if check.verdict is Verdict.correct else Verdict.wrong_answer
            explained.append(Check(f"hidden {hidden}", True, verdict, check.score, check.max_score))
        else:
            explained.append(_explain(prepared.without_hidden, case, check, load))
    return tuple(explained)


def _explain(exercise: Exercise, case: Case, check: Check, load: Load) -> Check:
    if check.mismatch is None:
        return check
    from grader.judging.modelled import known

    return msgspec.structs.replace(check, diagnosis=known(exercise, load).explanation(case, check.mismatch))


# ---- report


def report(
    prepared: PreparedCases,
    submission: Submission,
    visible: VisibleResult,
    checks: tuple[Check, ...],
    printed: str,
    described: Caller,
) -> Report:
    """Make the report; `described` is the caller whose versions and isolation it states."""
    exercise = prepared.lock.exercise
    parts = zip(checks, shares(exercise), strict=True)
    score = math.fsum(points for check, points in parts if check.verdict is Verdict.correct)
    file, line = locate(submission, exercise.name)
    made = Report(
        format=FORMAT,
        exercise=exercise.id,
        title=exercise.title,
        submission=submission.id,
        student=submission.student,
        checks=checks,
        score=round(score, 6),
        max_score=exercise.points,
        seconds=visible.seconds,
        versions={
            "grader": __version__,
            **described.versions,
            "references": prepared.lock.by,
            "exercise": prepared.lock.spec[:12],
        },
        isolation=described.isolation,
        notes=(*submission.notes, *_stop_notes(described, checks), *visible.notes),
        printed=printed,
        diagnosis=visible.diagnosis,
        file=file,
        line=line,
        cell=cell_of(submission, exercise.name),
    )
    named = made.diagnosis and made.diagnosis.misconceptions
    return msgspec.structs.replace(made, notes=(*made.notes, BY_HEART)) if made.by_heart and not named else made


def _stop_notes(caller: Caller, checks: Sequence[Check]) -> tuple[str, ...]:
    """Return notes about the program's top-level statements that did not finish."""
    if not caller.stopped:
        return ()
    from grader.judging.missing import stop_notes

    said = [stop for stop in caller.stopped if stop.text not in checks[0].text]
    graded = any(check.mismatch or check.verdict is Verdict.correct for check in checks)
    return stop_notes(said, graded)


def failed(exercise: str, says: str, submission: str = "", student: str = "") -> Report:
    """Return the report of a submission that could not be graded through no fault of the student; `says` tells why."""
    text = clean(f"not graded, through no fault of the program: {says}")
    check = Check("grading", False, Verdict.internal_error, 0.0, 0.0, text=text)
    versions = {"grader": __version__}
    return Report(FORMAT, exercise, "not graded", submission, student, (check,), 0.0, 0.0, 0.0, versions, NOTHING_RUN)
