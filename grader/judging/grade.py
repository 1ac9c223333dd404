"""From a submission to a Report: `grade` makes the calls; `judge`, which is pure, says what came of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from grader import __version__
from grader.errors import listed
from grader.exercises.points import shares
from grader.judging.compare import compare
from grader.judging.sentences import failure, sentence, slide_says
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise, Lock
from grader.model.report import Check, Diagnosis, Isolation, Mismatch, Report, Verdict
from grader.model.submission import Outcome, Submission
from grader.numbers import Numbers, from_nested
from grader.sandbox import wire
from grader.sandbox.levels import NOTHING_RUN
from grader.sandbox.process import Process
from grader.sandbox.session import Session
from grader.submissions.find import locate
from grader.text import clean

FORMAT = 1


class Caller(Protocol):
    """What calls a student's function: a Session behind the border, or a notebook in its own process."""

    printed: str
    stopped: tuple[wire.Stop, ...]
    versions: dict[str, str]
    isolation: Isolation

    def __enter__(self) -> Caller: ...

    def __exit__(self, *_: object) -> None: ...

    def call(self, arguments: Mapping[str, Any], frame: bytes = b"") -> Outcome: ...


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
}


def grade(
    lock: Lock,
    submission: Submission,
    process: Process | None = None,
    start: Callable[[], Process] | None = None,
) -> Report:
    """Run a submission on every case of its exercise and judge it. Written cases are asked a second time, at the end.

    `start` gives a process when one is needed (a fork server's, for many submissions); `process` was started early.
    Raise EnvironmentTrouble when no process for the student's program can be had.
    """
    session = Session(submission, lock.exercise, process, start)
    return conduct(lock, submission, session, lambda: Session(submission, lock.exercise, None, start))


def conduct(lock: Lock, submission: Submission, session: Caller, secret: Callable[[], Caller]) -> Report:
    """Make all the calls of an exercise in a session, those of hidden cases in a `secret` one, and judge what came."""
    began = time.monotonic()
    exercise, (questions, visible) = lock.exercise, paper(lock)
    shown = [q for q in questions if not q.case.hidden]
    hidden = [q for q in questions if q.case.hidden]
    with session:
        first, second = _asked(session, shown)
        seen = judge(exercise, shown, submission, first, second)
        sources = (*submission.cells, *submission.modules)
        ask = lambda case: session.call(call(exercise, case))
        diagnosis, notes = _diagnosed(visible, seen, first, ask, sources)
    seconds = round(time.monotonic() - began, 3)  # not those of hidden cases: a program could tell them by its pace
    told = {check.case: check for check in seen}
    walled = session
    if hidden:  # in a process that has nothing to tell afterwards: what it prints, raises or remembers ends there
        with secret() as other:
            first, second = _asked(other, hidden)
        walled = session if shown else other
        told |= {check.case: check for check in judge(exercise, hidden, submission, first, second)}
    checks = explained(exercise, [told[q.case.name] for q in questions])
    total = math.fsum(q.points for q in questions if told[q.case.name].verdict is Verdict.correct)
    file, line = locate(submission, exercise.name)
    return Report(
        format=FORMAT,
        exercise=exercise.id,
        title=exercise.title,
        submission=submission.id,
        student=submission.student,
        checks=checks,
        score=round(total, 6),
        max_score=exercise.points,
        seconds=seconds,
        versions={"grader": __version__, **walled.versions, "references": lock.by},
        isolation=walled.isolation,
        notes=(*submission.notes, *_stop_notes(walled, checks), *notes),
        printed=session.printed,
        diagnosis=diagnosis,
        file=file,
        line=line,
    )


def failed(exercise: str, says: str, submission: str = "", student: str = "") -> Report:
    """Return the report of a grading that came to nothing through no fault of the student: no mark, and `says` why."""
    text = clean(f"not graded, through no fault of the program: {says}")
    check = Check("grading", False, Verdict.internal_error, 0.0, 0.0, text=text)
    versions = {"grader": __version__}
    return Report(FORMAT, exercise, "not graded", submission, student, (check,), 0.0, 0.0, 0.0, versions, NOTHING_RUN)


def _stop_notes(caller: Caller, checks: Sequence[Check]) -> tuple[str, ...]:
    """Return notes about top-level statements that did not finish."""
    if not caller.stopped:
        return ()
    from grader.judging.missing import stop_notes

    graded = not any(check.verdict in (Verdict.missing, Verdict.not_allowed) for check in checks)
    return stop_notes(caller.stopped, graded)


def _diagnosed(
    exercise: Exercise,
    checks: Sequence[Check],
    outcomes: Sequence[Outcome],
    ask: Callable[[Case], Outcome],
    sources: Sequence[tuple[str, str]],
) -> tuple[Diagnosis | None, tuple[str, ...]]:
    """Return the diagnosis of what is wrong, and a note where making it failed."""
    if not any(check.mismatch or check.verdict is Verdict.runtime_error for check in checks) or not outcomes[0].ran:
        return None, ()
    from grader.judging.diagnose import diagnose

    try:
        return diagnose(exercise, checks, outcomes, ask, sources), ()
    except Exception as error:  # a fault of ours must not cost a student the grade
        return None, (f"the diagnosis failed, not your program ({type(error).__name__}); the marks are right",)


class Question(NamedTuple):
    """A case made ready: its share of the points, the call (also as it is sent), torch's answer."""

    case: Case
    points: float
    arguments: dict[str, Any]
    frame: bytes
    expected: tuple[Numbers, ...]


@memoise
def paper(lock: Lock) -> tuple[tuple[Question, ...], Exercise]:
    """Return an exercise's questions, and the exercise without its hidden ones; for a class they are made once."""
    exercise, references = lock.exercise, {reference.case: reference for reference in lock.references}
    calls = [call(exercise, case) for case in exercise.cases]
    questions = tuple(
        Question(case, points, arguments, wire.call(arguments), tuple(map(from_nested, references[case.name].value)))
        for case, points, arguments in zip(exercise.cases, shares(exercise), calls, strict=True)
    )
    return questions, msgspec.structs.replace(exercise, cases=tuple(c for c in exercise.cases if not c.hidden))


def _asked(session: Caller, questions: Sequence[Question]) -> tuple[list[Outcome], dict[str, Outcome]]:
    """Ask all questions, and the written ones a second time; return what came of each, and by case of the second."""
    first = [session.call(question.arguments, question.frame) for question in questions]
    second = {q.case.name: session.call(q.arguments, q.frame) for q in questions if not q.case.generated}
    return first, second


def call(exercise: Exercise, case: Case) -> dict[str, Any]:
    """Return the arguments of a case as the student's function gets them: arrays, floats, and pairs as tuples."""
    arguments: dict[str, Any] = {}
    for name, value in exercise.arguments(case).items():
        if name in case.inputs:
            array = from_nested(value)
            arguments[name] = array if array.shape else array.cells[0]
        else:
            arguments[name] = _frozen(value)
    return arguments


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value


def judge(
    exercise: Exercise,
    questions: Sequence[Question],
    submission: Submission,
    outcomes: Sequence[Outcome],
    again: Mapping[str, Outcome],
) -> tuple[Check, ...]:
    """Judge what came of some of an exercise's questions, in their order; `again` holds second calls, by case."""
    checks = []
    for (case, points, _, _, expected), outcome in zip(questions, outcomes, strict=True):
        verdict, mismatch, text = _judge(exercise, case, submission, outcome, expected)
        second = again.get(case.name)
        if verdict is Verdict.correct and second and second.ran:
            verdict, mismatch, text = _judge(exercise, case, submission, second, expected)
            if verdict is not Verdict.correct:
                text = f"right when called first, but not when called again with the same input: {text}"
        if verdict is Verdict.correct and outcome.changed:
            text = f"right, but your function changes {listed(outcome.changed)}: work on a copy"
        checks.append(
            Check(
                case=case.name,
                hidden=case.hidden,
                verdict=verdict,
                score=round(points, 9) if verdict is Verdict.correct else 0.0,
                max_score=round(points, 9),
                mismatch=mismatch,
                text=text,
                printed=outcome.printed,
                generated=case.generated,
            )
        )
    return tuple(checks)


def explained(exercise: Exercise, checks: Sequence[Check]) -> tuple[Check, ...]:
    """Add the diagnosis to the wrong checks that a student sees, and nothing to a hidden one but its verdict."""
    cases = {case.name: case for case in exercise.cases}
    told, hidden = [], 0
    for check in checks:
        if check.hidden:
            hidden += 1
            verdict = check.verdict if check.verdict is Verdict.correct else Verdict.wrong_answer
            check = Check(f"hidden {hidden}", True, verdict, check.score, check.max_score)
        elif check.mismatch:
            from grader.judging.diagnose import cell

            mismatch, found = check.mismatch, {}
            if mismatch.worst is not None:
                found = {"cell": cell(exercise, cases[check.case], mismatch.worst, mismatch.output)}
            check = msgspec.structs.replace(check, diagnosis=found)
        told.append(check)
    return tuple(told)


def _judge(
    exercise: Exercise, case: Case, submission: Submission, outcome: Outcome, expected: Sequence[Numbers]
) -> tuple[Verdict, Mismatch | None, str]:
    if outcome.value is None:
        assert outcome.failure
        return _VERDICTS[outcome.failure], None, failure(exercise, submission, outcome)
    for name, given, right in zip(exercise.outputs, outcome.value, expected, strict=True):
        mismatch = compare(given, right, exact=case.exact, output=name)
        if mismatch:
            verdict = Verdict.wrong_answer if mismatch.differ else Verdict.wrong_shape
            return verdict, mismatch, sentence(mismatch) + slide_says(case, outcome.value)
    return Verdict.correct, None, ""
