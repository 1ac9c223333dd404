"""The process of systems without pollable pipes, run here: threads move the bytes, everything else is the same."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import IO, NamedTuple

import msgspec
import pytest
from conftest import ROOT, python, solution

from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging.grade import grade
from grader.model.report import Report, Verdict
from grader.model.submission import Submission
from grader.sandbox import portable, wire
from grader.sandbox.portable import MOST_WAITING, Portable


def graded(program: str, **limits: float) -> Report:
    lock = read_lock(pack_folder(), "ex1")
    tight = msgspec.structs.replace(lock.exercise.limits, **limits)
    lock = msgspec.structs.replace(lock, exercise=msgspec.structs.replace(lock.exercise, limits=tight))
    submission = Submission("id", "", "ex1", "python", "ex1.py", (("ex1.py", program),))
    return grade(lock, submission, start=lambda: Portable(("process",)))


def test_right() -> None:
    report = graded(solution("ex1"))
    assert report.score == 10
    assert report.isolation.level == "process"
    assert report.isolation.weaknesses


def test_wrong_with_its_reason() -> None:
    report = graded((ROOT / "demo" / "wrong" / "ex1.py").read_text(encoding="utf-8"))
    assert report.diagnosis
    assert report.diagnosis.misconceptions == (("bias-per-product",),)


@pytest.mark.parametrize(  # limits are of wall time here: a low one of what ends would be met on a busy machine
    "program, limit, text",
    [
        ("def conv2d(input, kernel, bias):\n    while True: pass", "time_limit", "no answer after"),
        ("while True: pass", "load_limit", "of loading, before any call: check the code outside"),
    ],
)
def test_what_never_ends_is_stopped(program: str, limit: str, text: str) -> None:
    report = graded(program, **{limit: 0.2})
    assert report.checks[0].verdict is Verdict.time_limit
    assert text in report.checks[0].text
    assert report.score == 0


@pytest.mark.parametrize(
    "program, verdict, text",
    [
        ("import os; os._exit(3)", Verdict.runtime_error, "it ended its process by itself (exit code 3)"),
        ("def conv2d(input, kernel, bias):\n    import os; os._exit(0)", Verdict.runtime_error, "(exit code 0)"),
        ("while True: print('x' * 1000)", Verdict.output_limit, "it printed more than 64 KiB"),
        ("import os\nos.close(4)\nwhile True: pass", Verdict.runtime_error, "ended without an answer"),
        ("import os\nos.write(4, b'\\xff' * 8)\nwhile True: pass", Verdict.runtime_error, "not an answer"),
        ("1/0", Verdict.runtime_error, "ZeroDivisionError: division by zero (ex1.py, line 1)"),
    ],
)
def test_what_has_to_be_stopped(program: str, verdict: Verdict, text: str) -> None:
    report = graded(program, output_limit=64)
    assert report.checks[0].verdict is verdict
    assert text in report.checks[0].text
    assert report.score == 0


class Slow(NamedTuple):
    """A pipe of which each read comes late."""

    pipe: IO[bytes]

    def fileno(self) -> int:
        time.sleep(0.2)
        return self.pipe.fileno()


class Behind(Portable):
    """Its answers are seen long after what it prints, as on a busy machine."""

    def _pump(self, pipe: IO[bytes], take: object) -> None:
        super()._pump(Slow(pipe) if pipe is self._popen.stdout else pipe, take)  # type: ignore[arg-type]


def test_a_flood_that_is_seen_before_the_word_that_the_program_runs_is_the_programs() -> None:
    submission = Submission("id", "", "ex1", "python", "ex1.py", (("ex1.py", "while True: print('x' * 100_000)"),))
    report = grade(read_lock(pack_folder(), "ex1"), submission, start=lambda: Behind(("process",)))
    assert report.checks[0].verdict is Verdict.output_limit


def test_prints_are_kept_by_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable, "PATIENCE", 1.0)  # on a busy machine, text may be read later than its answer
    report = graded(
        "print('loaded')\n" + solution("ex1").replace("    rows =", "    print(input.shape)\n    rows =", 1)
    )
    assert report.printed.strip() == "loaded"
    assert report.checks[0].printed.strip() == "(6, 6)"
    assert report.score == 10


def test_it_may_be_closed_twice() -> None:
    process = Portable(("process",))
    process.close()
    process.close()


def test_unrequested_answers_do_not_fill_the_graders_memory() -> None:
    process = Portable(("process",))
    try:
        for _ in range(200):
            process._take_answer(b"x" * (1 << 16))
        assert len(process._buffer) == MOST_WAITING > wire.MOST_BYTES
    finally:
        process.close()


def test_every_module_loads_and_a_program_is_graded_where_unix_is_absent(tmp_path: Path) -> None:
    (tmp_path / "ex1.py").write_text(solution("ex1"), encoding="utf-8")
    program = Path(__file__).with_name("without_unix.py")
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        python(str(program)), cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    count, report = done.stdout.splitlines()
    assert int(count) > 140
    assert report.startswith("10.0 process (\"the program can read this user's files")
