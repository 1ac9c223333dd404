"""Run a student's program in this process, much as the sandbox's child would, and give its outcomes to the diagnosis.

For tests only: hundreds of harmless programs of our own, without a process for each.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from grader.exercises.lock import read_lock
from grader.judging.diagnose import diagnose
from grader.judging.grade import call, judge, paper
from grader.model.exercise import Case, Lock
from grader.model.report import Check, Diagnosis
from grader.model.submission import Outcome, Submission
from grader.numbers import Numbers

ROOT = Path(__file__).parent.parent
LOCKS: dict[str, Lock] = {}

Call = Callable[[Case], Outcome]


def lock(id: str) -> Lock:
    """Return an exercise with its references, read once."""
    if id not in LOCKS:
        LOCKS[id] = read_lock(ROOT / "exercises", id)
    return LOCKS[id]


def submission(id: str, source: str) -> Submission:
    """Return a program as a submission."""
    return Submission("id", "", id, "python", f"{id}.py", ((f"{id}.py", source),))


def student(it: Lock, source: str) -> Call:
    """Return what runs a program's function on a case."""
    exercise, file = it.exercise, f"{it.exercise.id}.py"
    module: dict[str, Any] = {"__name__": "submission"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, file, "exec", dont_inherit=True), module)
    function = module[exercise.name]

    def run(case: Case) -> Outcome:
        arguments = {name: _array(value) for name, value in call(exercise, case).items()}
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                result = function(**arguments)
            except Exception as error:
                return _raised(error, file)
        if result is None:
            return Outcome(failure="not_numeric", text="it returned None: is a `return` missing?")
        arrays = [np.array(output) for output in ((result,) if len(exercise.outputs) == 1 else result)]
        return Outcome(value=tuple(Numbers(a.shape, tuple(a.ravel().tolist()), a.dtype.name) for a in arrays))

    return run


def _array(value: Any) -> Any:
    return np.array(value.cells, dtype="f8").reshape(value.shape) if isinstance(value, Numbers) else value


def _raised(error: Exception, file: str) -> Outcome:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return Outcome(failure="raised", text=f"{type(error).__name__}: {error}", file=file if line else "", line=line)


def outcomes(it: Lock, run: Call) -> list[Outcome]:
    """Run a program on all cases of an exercise."""
    return [run(case) for case in it.exercise.cases]


def judged(
    it: Lock, program: Submission, given: Sequence[Outcome], again: Mapping[str, Outcome] | None = None
) -> tuple[Check, ...]:
    """Judge what came of all cases of an exercise."""
    return judge(it.exercise, paper(it)[0], program, given, again or {})


def examined(it: Lock, source: str, samples: bool = True) -> tuple[tuple[Check, ...], Diagnosis | None]:
    """Judge a program and diagnose it, with the small samples or without."""
    run = student(it, source)
    given = outcomes(it, run)
    checks = judged(it, submission(it.exercise.id, source), given)
    return checks, diagnose(it.exercise, checks, given, run if samples else None)
