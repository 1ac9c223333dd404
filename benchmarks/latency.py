"""Wall time of `grade ex1 solutions/ex1.py` against `python -c "import numpy"`, interleaved in one run.

    python benchmarks/latency.py [rounds]

Prints medians and their ratio; aim: at most 1.5. Absolute times mean little on a noisy machine.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 31
    compileall.compile_dir(str(ROOT / "grader"), quiet=1)  # as an installed package is
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
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, env=environment, capture_output=True, check=False)
            times[name].append(time.perf_counter() - began)
    base = statistics.median(times["import numpy"])
    print(f"{'':20} {'median':>9} {'ratio':>7}   ({rounds} rounds, interleaved)")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:20} {median * 1000:6.0f} ms {median / base:6.2f}")


if __name__ == "__main__":
    main()
