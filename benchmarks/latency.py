"""Compare the time of `grade ex1 solutions/ex1.py` with `python -c "import numpy"`, interleaved in one run.

    python benchmarks/latency.py [rounds]

Prints medians and their ratio (aim: at most 1.5), then what the diagnosis adds to a wrong `grade ex3`: the same command
with and without it, including the import of NumPy (aim: at most 300 ms). Absolute times mean little on a noisy machine.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

sys.path.insert(0, str(ROOT / "tests"))
WITHOUT = """import sys, types
off = types.ModuleType("off")
off.diagnose = off.cell_arithmetic = lambda *a, **k: None
sys.modules["grader.judging.diagnose"] = sys.modules["grader.judging.explain"] = off
"""
RUN = "from grader.__main__ import main; main()"


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 31
    compileall.compile_dir(str(ROOT / "grader"), quiet=1)  # like an installed package
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")}
    grade = str(Path(sys.executable).parent / "grade")
    wrong = ROOT / "demo" / "wrong" / "ex1.py"
    commands: dict[str, list[str]] = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import numpy": [sys.executable, "-c", "import numpy"],
        "grade ex1 (right)": [grade, "ex1", str(ROOT / "solutions" / "ex1.py")],
        "grade ex3 (right)": [grade, "ex3", str(ROOT / "solutions" / "ex3.py")],
        "grade ex1 (wrong)": [grade, "ex1", str(wrong)],
    }
    times = measure(commands, environment, rounds)
    base = statistics.median(times["import numpy"])
    print(f"{'':20} {'median':>9} {'ratio':>7}   ({rounds} rounds, interleaved)")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:20} {median * 1000:6.0f} ms {median / base:6.2f}")
    with tempfile.TemporaryDirectory() as folder:
        diagnosis(environment, rounds, Path(folder))


def measure(commands: dict[str, list[str]], environment: dict[str, str], rounds: int) -> dict[str, list[float]]:
    """Return the elapsed times of commands, run in turn."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, env=environment, capture_output=True, check=False)
            times[name].append(time.perf_counter() - began)
    return times


def diagnosis(environment: dict[str, str], rounds: int, folder: Path) -> None:
    """Measure and print what the diagnosis adds: with one misconception, with two, without a name, without a fault."""
    from programs import program

    flipped = program("ex3", "kernel-flipped").source
    programs = {
        "one misconception": flipped,
        "two misconceptions": flipped.replace(" + bias", ""),
        "no name": program("ex3", "kernel-sorted").source,
        "a crash": program("ex3", "stride-not-in-size").source,
        "right": (ROOT / "solutions" / "ex3.py").read_text(encoding="utf-8"),
    }
    commands = {}
    for number, (name, source) in enumerate(programs.items()):
        path = folder / f"{number}.py"
        path.write_text(source, encoding="utf-8")
        commands[name] = [sys.executable, "-c", RUN, "ex3", str(path)]
        commands[f"{name}, without"] = [sys.executable, "-c", WITHOUT + RUN, "ex3", str(path)]
    times = {name: statistics.median(values) * 1000 for name, values in measure(commands, environment, rounds).items()}
    print(f"\n{'grade ex3':20} {'with':>9} {'without':>9}  the diagnosis adds")
    for name in programs:
        on, off = times[name], times[f"{name}, without"]
        print(f"{name:20} {on:6.0f} ms {off:6.0f} ms  {on - off:+5.0f} ms")


if __name__ == "__main__":
    main()
