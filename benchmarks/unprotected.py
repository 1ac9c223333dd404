"""Grade with the same cases, judging and diagnosis, but call the functions in this process: for benchmarks only.

There is no process boundary, no limit and no sandbox, so a program can do what its user can, and read the answers.
`calls` instead of `judge` only calls the functions as often as grading does, and looks at no answer.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging import grade as judging
from grader.judging.diagnose import diagnose
from grader.judging.running import Outcomes
from grader.model.exercise import Case, Lock
from grader.model.report import to_json
from grader.model.submission import Outcome, Submission
from grader.numbers import Numbers


def main() -> None:
    """Grade the files on the command line, or only call their functions."""
    mode, *files = sys.argv[1:]
    lock = read_lock(pack_folder(), "ex3")
    for file in files:
        source = Path(file).read_text(encoding="utf-8")
        module: dict[str, Any] = {}
        exec(compile(source, Path(file).name, "exec"), module)
        if mode == "calls":
            only_call(lock, module["conv2d"])
        else:
            grade(lock, source, module["conv2d"])


def only_call(lock: Lock, function: Any) -> None:
    """Call a function on all cases, and on the written ones again."""
    prepared = judging.prepare(lock)
    for case in (*prepared.visible, *(c for c in prepared.visible if not c.case.generated), *prepared.hidden):
        function(**_own(case.request.arguments))


def _own(arguments: dict[str, Any]) -> dict[str, Any]:
    return {n: np.array(a.cells).reshape(a.shape) if isinstance(a, Numbers) else a for n, a in arguments.items()}


def grade(lock: Lock, source: str, function: Any) -> bytes:
    """Return the report of one program."""

    def call(arguments: dict[str, Any]) -> Outcome:
        try:
            value = np.array(function(**_own(arguments)))
            return Outcome(value=(Numbers(value.shape, tuple(value.ravel().tolist()), value.dtype.name),))
        except Exception as error:
            return Outcome(failure="raised", text=f"{type(error).__name__}: {error}")

    def ask(case: Case) -> Outcome:
        return call(judging.call_arguments(lock.exercise, case))

    prepared = judging.prepare(lock)
    first = tuple(call(case.request.arguments) for case in prepared.visible)
    second = {c.case.name: call(c.request.arguments) for c in prepared.visible if not c.case.generated}
    submission = Submission("", "", "ex3", "python", "ex3.py", (("ex3.py", source),))
    checks = judging.judge(lock.exercise, prepared.visible, submission, Outcomes(first, second))
    if all(check.score for check in checks):
        return to_json(checks)
    why = diagnose(prepared.without_hidden, checks, first, ask, submission.cells)
    return to_json((judging.explain(prepared, checks), why))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    main()
