"""The submissions that the benchmarks grade, and the ways to grade them: with the grader, and without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # this checkout's grader, and its programs of students
from programs import misconceptions, program, unnamed  # noqa: E402

from grader.exercises.lock import read_lock  # noqa: E402

PACK = ROOT / "exercises"
CORES = len(os.sched_getaffinity(0))
GRADE = (sys.executable, "-m", "grader")
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")}
ENVIRONMENT |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
HEAD = """import numpy as np

def conv2d(input, kernel, bias, padding, stride):
    (p, q), (s, t), (m, n) = padding, stride, kernel.shape
"""
STYLES = (
    """    x = np.pad(input, ((p, p), (q, q)))
    rows, columns = (x.shape[0] - m) // s + 1, (x.shape[1] - n) // t + 1
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            out[i, j] = np.sum(x[i * s : i * s + m, j * t : j * t + n] * kernel) + bias
    return out
""",
    """    x = np.zeros((input.shape[0] + 2 * p, input.shape[1] + 2 * q))
    x[p : p + input.shape[0], q : q + input.shape[1]] = input
    rows, columns = (x.shape[0] - m) // s + 1, (x.shape[1] - n) // t + 1
    out = []
    for i in range(rows):
        row = []
        for j in range(columns):
            total = 0.0
            for a in range(m):
                for b in range(n):
                    total += x[i * s + a][j * t + b] * kernel[a][b]
            row.append(total + bias)
        out.append(row)
    return out
""",
    """    x = np.pad(input, ((p, p), (q, q)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (m, n))[::s, ::t]
    return (windows * kernel).sum((2, 3)) + bias
""",
    """    x = np.pad(input, ((p, p), (q, q)))
    rows, columns = (x.shape[0] - m) // s + 1, (x.shape[1] - n) // t + 1
    cells = [np.vdot(x[i * s : i * s + m, j * t : j * t + n], kernel) for i in range(rows) for j in range(columns)]
    return np.array(cells).reshape(rows, columns) + bias
""",
)
CASES = """import importlib.util, json, os, pathlib
import numpy as np
CASES = json.loads(pathlib.Path(os.environ["CASES"]).read_text())
spec = importlib.util.spec_from_file_location("student", os.environ["STUDENT"])
student = importlib.util.module_from_spec(spec)
spec.loader.exec_module(student)

def check(case):
    arguments = {k: np.array(v, float) if k in ("input", "kernel") else v for k, v in case["arguments"].items()}
    np.testing.assert_allclose(student.conv2d(**arguments), case["expected"])
"""
PYTEST = """import pytest
from cases import CASES, check

@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    check(case)
"""
GRADESCOPE = """import os, unittest
from gradescope_utils.autograder_utils.decorators import weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner
from cases import CASES, check

class TestAll(unittest.TestCase):
    pass

for number, case in enumerate(CASES):
    setattr(TestAll, f"test_{number}", weight(1)(lambda self, case=case: check(case)))
with open(os.devnull, "w") as out:
    JSONTestRunner(stream=out).run(unittest.defaultTestLoader.loadTestsFromTestCase(TestAll))
"""
OTTER = """from otter.test_files import OKTestFile
OKTestFile.from_file("otter_test.py").run({"check": __import__("cases").check, "CASES": __import__("cases").CASES})
"""


def write_class(folder: Path, count: int, right: int = 5) -> list[Path]:
    """Write `count` submissions to ex3, `right` of each five right, and return their files."""
    wrong, files = misconceptions("ex3"), []
    for i in range(count):
        path = folder / f"student{i:05}" / "ex3.py"
        path.parent.mkdir(parents=True)
        source = f"{HEAD}{STYLES[i % 4]}" if i % 5 < right else wrong[i % len(wrong)].source
        path.write_text(f"# {i}\n{source}", encoding="utf-8")  # no two are equal: equal ones are graded once
        files.append(path)
    return files


def write_answers(folder: Path, count: int) -> None:
    """Write `count` right submissions to ex0, the smallest exercise."""
    source = (ROOT / "solutions" / "ex0.py").read_text(encoding="utf-8")
    for i in range(count):
        path = folder / f"student{i:05}" / "ex0.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"# {i}\n{source}", encoding="utf-8")


def write_cases(home: Path) -> None:
    """Write arguments and answers, with the tests that a course would write for other autograders."""
    lock = read_lock(PACK, "ex3")
    answers = {reference.case: reference.value[0] for reference in lock.references}
    cases = [
        {"name": case.name, "arguments": {**case.inputs, **case.fields}, "expected": answers[case.name]}
        for case in lock.exercise.cases
    ]
    (home / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    questions = [{"code": f">>> check(CASES[{i}])\n", "hidden": False} for i in range(len(cases))]
    suites = [{"cases": questions, "scored": True, "setup": "", "teardown": "", "type": "doctest"}]
    otter = f"OK_FORMAT = True\n\ntest = { ({'name': 'ex3', 'points': 1, 'suites': suites})!r}\n"
    texts = {"cases.py": CASES, "test_student.py": PYTEST, "run_gradescope.py": GRADESCOPE}
    for name, text in (texts | {"run_otter.py": OTTER, "otter_test.py": otter}).items():
        (home / name).write_text(text, encoding="utf-8")


def wrong_programs(home: Path) -> list[Path]:
    """Write a program for each misconception of ex3."""
    return [_written(home, it.name, it.source) for it in misconceptions("ex3")]


def other_wrong_programs(home: Path) -> dict[str, Path]:
    """Write programs with two misconceptions, with one that has no name, and with an exception."""
    flipped = program("ex3", "kernel-flipped").source
    return {
        "two misconceptions": _written(home, "two", flipped.replace(" + bias", "")),
        "wrong without a name": _written(home, "unnamed", program("ex3", "kernel-sorted").source),
        "an exception": _written(home, "crash", next(it for it in unnamed("ex3") if "crash" in it.name).source),
    }


def _written(home: Path, name: str, source: str) -> Path:
    path = home / "wrong" / name / "ex3.py"
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    return path


def run(command: Sequence[str | Path], **options: object) -> None:
    """Run a command that must not fail; a wrong answer (exit code 1) is not a failure."""
    done = subprocess.run([*map(str, command)], capture_output=True, env=ENVIRONMENT, **options)  # type: ignore[call-overload]
    if done.returncode > 1:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr.decode()}")


def grade_class(home: Path, folder: Path, *options: str) -> None:
    """Grade a class in the strongest sandbox, from scratch."""
    for path in home.glob("results.sqlite*"):
        path.unlink()
    regrade(home, folder, "ex3", *options)


def regrade(home: Path, folder: Path, exercise: str, *options: str) -> None:
    """Grade a class into the results that there are."""
    out = str(home / "results.sqlite")
    run([*GRADE, "class", folder, "--exercise", exercise, "--out", out, *options], cwd=ROOT)


def plain_processes(files: Sequence[Path], mode: str) -> None:
    """Grade (`judge`) or only call (`calls`) submissions in plain processes, one for each core."""
    command = [sys.executable, str(ROOT / "benchmarks" / "unprotected.py"), mode]
    shares = [[*command, *map(str, files[i::CORES])] for i in range(CORES)]
    running = [subprocess.Popen(share, cwd=ROOT, env=ENVIRONMENT) for share in shares]
    if [process.wait() for process in running] != [0] * CORES:
        sys.exit(f"{' '.join(command)} failed")


def one_process_each(home: Path, files: Sequence[Path], *command: str) -> None:
    """Grade submissions with a process for each, as many at a time as there are cores."""

    def one(file: Path) -> None:
        environment = ENVIRONMENT | {"STUDENT": str(file), "CASES": str(home / "cases.json")}
        subprocess.run([sys.executable, *command], cwd=home, env=environment, check=False, capture_output=True)

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(one, files))
