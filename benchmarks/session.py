"""What a submission costs at each sandbox level: the fork server's start, then start + load + one call + reap.

    python benchmarks/session.py [rounds]

Aim: at most 10 ms (median) for start, load, one call and reap. Absolute times mean little on a noisy machine.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging.prepare import call_arguments
from grader.sandbox import probe
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.process import STRICT
from grader.sandbox.session import Session
from grader.submissions.find import find

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 101
    exercise = read_lock(pack_folder(None), "ex1").exercise
    submission = find("ex1", str(ROOT / "solutions" / "ex1.py"))
    arguments = call_arguments(exercise, exercise.cases[0])
    print(f"{'':12} {'server':>10} {'proof':>10} {'session':>10} {'90 %':>8} {'next call':>10}   ({rounds} rounds)")
    for level in STRICT:
        began = time.perf_counter()
        with ForkServer(level) as server:
            started = time.perf_counter() - began
            probe.prove(level, server.process)
            proved = time.perf_counter() - began - started
            sessions, calls = [], []
            for _ in range(rounds):
                began = time.perf_counter()
                with Session(submission, exercise, start=server.process) as session:
                    session.call(arguments)
                sessions.append(time.perf_counter() - began)
            with Session(submission, exercise, start=server.process) as session:
                for _ in range(rounds):
                    began = time.perf_counter()
                    session.call(arguments)
                    calls.append(time.perf_counter() - began)
        figures = (started, proved, statistics.median(sessions), statistics.quantiles(sessions, n=10)[-1])
        print(f"{level:12} " + " ".join(f"{f * 1000:7.1f} ms" for f in (*figures, statistics.median(calls))))


if __name__ == "__main__":
    main()
