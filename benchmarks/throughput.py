"""Grade a class of 100 submissions to ex3 with `grade class` and full isolation, and in two ways without isolation.

    python benchmarks/throughput.py [rounds] [--memory]

60 submissions are right, in four styles, and 40 wrong; each is called some 68 times. The other ways are
(a) the same judging and diagnosis in plain Python processes, one for each core, which call the students' functions
    directly: this shows what the sandbox costs (aim: at least 0.75 of that speed);
(b) pytest with stored answers, one process for each submission, as many at a time as there are cores, as many courses
    do it (aim: 20 times as fast). It is so slow that it grades a tenth of the class, and its time is multiplied by 10.
Rounds are interleaved; prints medians and ratios.
With `--memory`: the coordinator's peak memory for 1,000 and for 10,000 submissions.
"""

from __future__ import annotations

import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
CORES = len(os.sched_getaffinity(0))
GRADE = [sys.executable, "-m", "grader"]
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
PYTEST = """import importlib.util, json, os, pathlib
import numpy as np, pytest
CASES = json.loads(pathlib.Path(os.environ["CASES"]).read_text())
spec = importlib.util.spec_from_file_location("student", os.environ["STUDENT"])
student = importlib.util.module_from_spec(spec)
spec.loader.exec_module(student)

@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    arguments = {k: np.array(v, float) if k in ("input", "kernel") else v for k, v in case["arguments"].items()}
    np.testing.assert_allclose(student.conv2d(**arguments), case["expected"])
"""


def main() -> None:
    """Measure and print."""
    if "--memory" in sys.argv:
        memory()
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    compileall.compile_dir(str(ROOT / "grader"), quiet=1)  # as an installed package is
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        files = write_class(home / "class", 100)
        write_cases(home)
        times: dict[str, list[float]] = {"grade class": [], "unprotected": [], "pytest": []}
        for _ in range(rounds):
            times["grade class"].append(timed(lambda: grade_class(home)))
            times["unprotected"].append(timed(lambda: unprotected(files)))
            times["pytest"].append(10 * timed(lambda: with_pytest(home, files[::10])))
        (home / "results.sqlite").unlink(missing_ok=True)
    ours = statistics.median(times["grade class"])
    print(f"{'100 submissions of ex3':24} {'median':>9} {'speed':>7}   ({CORES} cores, {rounds} rounds, interleaved)")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:24} {median:7.2f} s {median / ours:6.2f}")


def write_class(folder: Path, count: int) -> list[Path]:
    """Write `count` submissions, six of ten of them right, and return their files."""
    from programs import misconceptions

    wrong = misconceptions("ex3")
    files = []
    for i in range(count):
        path = folder / f"student{i:05}" / "ex3.py"
        path.parent.mkdir(parents=True)
        if i % 5 < 3:
            path.write_text(f"# {i}\n{HEAD}{STYLES[i % 4]}", encoding="utf-8")
        else:
            path.write_text(wrong[(i // 5 * 2 + i % 5 - 3) % len(wrong)].source, encoding="utf-8")
        files.append(path)
    return files


def write_cases(home: Path) -> None:
    """Write arguments and answers as a course with pytest would store them."""
    from grader.exercises.lock import read_lock
    from grader.exercises.pack import pack_folder

    lock = read_lock(pack_folder(), "ex3")
    answers = {r.case: r.value[0] for r in lock.references}
    cases = [
        {"name": c.name, "arguments": {**c.inputs, **c.fields}, "expected": answers[c.name]}
        for c in lock.exercise.cases
    ]
    (home / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    (home / "test_student.py").write_text(PYTEST, encoding="utf-8")


def timed(run) -> float:  # type: ignore[no-untyped-def]
    """Return how many seconds a call takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def grade_class(home: Path) -> None:
    """Grade the class in the strongest sandbox."""
    out = home / "results.sqlite"
    for path in home.glob("results.sqlite*"):
        path.unlink()
    words = ["class", str(home / "class"), "--exercise", "ex3", "--out", str(out)]
    subprocess.run([*GRADE, *words], check=True, capture_output=True, cwd=ROOT)


def unprotected(files: list[Path]) -> None:
    """Grade the class in plain processes, one for each core."""
    program = [sys.executable, str(ROOT / "benchmarks" / "unprotected.py")]
    running = [subprocess.Popen([*program, *map(str, files[i::CORES])], cwd=ROOT) for i in range(CORES)]
    assert [process.wait() for process in running] == [0] * CORES


def with_pytest(home: Path, files: list[Path]) -> None:
    """Grade some submissions with a pytest process for each."""
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", "test_student.py"]

    def one(file: Path) -> None:
        environment = os.environ | {"STUDENT": str(file), "CASES": str(home / "cases.json"), "OMP_NUM_THREADS": "1"}
        subprocess.run(words, cwd=home, env=environment, check=False, capture_output=True)

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(one, files))


def memory() -> None:
    """Print the coordinator's peak memory for 1,000 and for 10,000 submissions to ex0."""
    peaks = {}
    for count in (1000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            answer = (ROOT / "solutions" / "ex0.py").read_text(encoding="utf-8")
            for i in range(count):
                path = home / "class" / f"student{i:05}" / "ex0.py"
                path.parent.mkdir(parents=True)
                path.write_text(f"# {i}\n{answer}", encoding="utf-8")
            words = ["class", str(home / "class"), "--exercise", "ex0", "--out", str(home / "results.sqlite")]
            process = subprocess.Popen([*GRADE, *words], cwd=ROOT, stdout=subprocess.DEVNULL)
            peaks[count] = peak(process)
        print(f"{count:6} submissions: the coordinator's peak is {peaks[count] / 1024:.1f} MiB")
    print(f"ratio {peaks[10_000] / peaks[1000]:.3f}")


def peak(process: subprocess.Popen[bytes]) -> int:
    """Return the peak memory of a process in KiB, without its workers'."""
    _, status, _ = os.wait4(process.pid, os.WNOHANG)
    most = 0
    while process.poll() is None:
        try:
            text = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            most = max(most, int(text.partition("VmHWM:")[2].split()[0]))
        except (OSError, IndexError, ValueError):
            break
        time.sleep(0.05)
    assert process.wait() == status == 0
    return most


if __name__ == "__main__":
    main()
