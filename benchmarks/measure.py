"""Measure the grader against other ways to do the same, and print ratios: absolute times mean little elsewhere.

    python benchmarks/measure.py [start] [class] [phases] [memory] [dask] [--large N] [--load N]

`start`: the command on one file, against `import numpy`. `class`: a class of ex3, against calling the same functions in
plain processes, judging and diagnosing without a sandbox, and one process per submission with pytest, and with
gradescope-utils and otter-grader where these are installed. `phases`: where the time of a submission goes. `memory`:
the coordinator's peak for 1,000 and for 10,000 submissions. `dask`: a cluster of two workers on this machine, against
`--jobs 2`. Without a word: the first three. `--large N` adds the report and an unchanged rerun over N submissions.

What is compared is interleaved in one run, so that a change of the machine's speed hits all of it. `--load N` repeats
`start` and `class` beside N busy processes.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import functools
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import workloads
from workloads import CORES, ENVIRONMENT, GRADE, ROOT, run

Times = dict[str, list[float]]
BUSY = "while True: pass"
DASK = """from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    input()
"""


def main(words: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--rounds", type=int, default=15, help="of `start`; the classes take a third of them")
    parser.add_argument("--class", dest="count", type=int, default=100, help="submissions in a class")
    parser.add_argument("--misconceptions", type=int, help="of ex3, each graded once in `start`; by default all")
    parser.add_argument("--memory", type=int, nargs=2, default=(1000, 10_000), help="submissions, twice")
    parser.add_argument("--large", type=int, default=0, help="submissions to report and to rerun")
    parser.add_argument("--load", type=int, default=0, help="busy processes beside a second measurement")
    chosen = parser.parse_args(words)
    if unknown := [name for name in chosen.sections if name not in SECTIONS]:
        parser.error(f"there is no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    sections = chosen.sections or ["start", "class", "phases"]
    compileall.compile_dir(str(ROOT / "grader"), quiet=1)  # as an installed package is
    print(f"{CORES} cores, Python {sys.version.split()[0]}, load average {os.getloadavg()[0]:.1f}")
    for name in sections:
        SECTIONS[name](chosen)
    if chosen.large:
        large(chosen.large)
    if chosen.load:
        with busy(chosen.load):
            print(f"\nbeside {chosen.load} busy processes")
            for name in sections:
                if name in ("start", "class"):
                    SECTIONS[name](chosen)


def timed(call: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def table(title: str, times: Times, base: str, *, speed: bool = False) -> None:
    """Print medians with their quartiles, and the ratio of each to `base`: its time, or the speed of `base` there."""
    print(f"\n{title:52} {'median':>9} {'quartiles':>19} {'speed' if speed else 'ratio':>7}")
    middle = statistics.median(times[base])
    for name, values in times.items():
        low, median, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
        ratio = median / middle
        print(f"{name:52} {median * 1000:6.0f} ms {low * 1000:8.0f}–{high * 1000:<7.0f} ms {ratio:6.2f}")


# ---- one file


def start(chosen: argparse.Namespace) -> None:
    """Measure `grade` on one file, right and wrong."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        wrong = workloads.wrong_programs(home)[: chosen.misconceptions]
        commands: dict[str, list[str]] = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import numpy": [sys.executable, "-c", "import numpy"],
            "grade ex1, right": [*GRADE, "ex1", str(ROOT / "solutions" / "ex1.py")],
            "grade ex3, right": [*GRADE, "ex3", str(ROOT / "solutions" / "ex3.py")],
        }
        for name, path in workloads.other_wrong_programs(home).items():
            commands[f"grade ex3, {name}"] = [*GRADE, "ex3", str(path)]
        times: Times = {name: [] for name in [*commands, "grade ex3, one misconception"]}
        each = -(-len(wrong) // chosen.rounds)  # so that all misconceptions have their turn
        for i in range(chosen.rounds):
            for name, command in commands.items():
                times[name].append(timed(functools.partial(run, command, cwd=home)))
            for path in wrong[i * each : (i + 1) * each]:
                one = functools.partial(run, [*GRADE, "ex3", str(path)], cwd=home)
                times["grade ex3, one misconception"].append(timed(one))
    table(f"one file, {chosen.rounds} rounds, each of {len(wrong)} misconceptions once", times, "import numpy")


# ---- a class


def class_(chosen: argparse.Namespace) -> None:
    """Measure a class of right submissions, and one of which 60 % are right."""
    rounds = -(-chosen.rounds // 3)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        right = workloads.write_class(home / "right", chosen.count)
        mixed = workloads.write_class(home / "mixed", chosen.count, 3)
        workloads.write_cases(home)
        few = mixed[:: 10 if chosen.count >= 20 else 1]
        others = {"pytest": ("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_student.py")}
        others |= {"gradescope_utils": ("run_gradescope.py",), "otter": ("run_otter.py",)}
        installed = {name: words for name, words in others.items() if importlib.util.find_spec(name)}
        all_right: dict[str, Callable[[], None]] = {
            "grade class": lambda: workloads.grade_class(home, home / "right"),
            "the same calls in plain processes": lambda: workloads.plain_processes(right, "calls"),
        }
        some_right: dict[str, Callable[[], None]] = {
            "grade class": lambda: workloads.grade_class(home, home / "mixed"),
            "the same judging, unprotected": lambda: workloads.plain_processes(mixed, "judge"),
        }
        scale = {f"{name}, a process each": len(mixed) / len(few) for name in installed}
        for name, words in installed.items():
            some_right[f"{name}, a process each"] = functools.partial(workloads.one_process_each, home, few, *words)
        tables: dict[str, dict[str, Callable[[], None]]] = {
            f"{chosen.count} right submissions of ex3": all_right,
            f"{chosen.count} submissions of ex3, 60 % right": some_right,
        }
        times: dict[str, Times] = {title: {name: [] for name in ways} for title, ways in tables.items()}
        for _ in range(rounds):
            for title, ways in tables.items():
                for name, way in ways.items():
                    times[title][name].append(timed(way) * scale.get(name, 1))
    for title, measured in times.items():
        table(f"{title}, {rounds} rounds", measured, "grade class", speed=True)


# ---- where the time goes


def phases(chosen: argparse.Namespace) -> None:
    """Measure the steps of grading a class in one worker."""
    from grader.exercises.lock import read_lock
    from grader.judging import grade
    from grader.sandbox import probe
    from grader.submissions.find import find

    spent: Times = {}

    def watched(name: str) -> None:
        step = getattr(grade, name)

        def run(*arguments: object, **named: object) -> object:
            began = time.perf_counter()
            try:
                return step(*arguments, **named)
            finally:
                spent.setdefault(name, []).append(time.perf_counter() - began)

        setattr(grade, name, run)

    for name in ("run_cases", "judge", "_diagnose", "explain", "report", "grade"):
        watched(name)
    lock = read_lock(workloads.PACK, "ex3")
    print(f"\n{'phase, one worker':52} {'median':>9} {'in all':>19} {'share':>7}")
    with tempfile.TemporaryDirectory() as folder:
        files = workloads.write_class(Path(folder) / "class", chosen.count, 3)
        began = time.perf_counter()
        with probe.best(lock.exercise.allow) as server:
            print(f"{'start the fork server and prove its sandbox':52} {(time.perf_counter() - began) * 1000:6.1f} ms")
            for file in files:
                grade.grade(lock, find("ex3", str(file)), start=server.process)
    whole = sum(spent.pop("grade"))
    names = {"run_cases": "start, load, call", "_diagnose": "diagnose the wrong ones"}
    for name, values in spent.items():
        text = f"{names.get(name, name)} (n = {len(values)})"
        total = sum(values)
        print(f"{text:52} {statistics.median(values) * 1000:6.1f} ms {total * 1000:16.0f} ms {total / whole:6.0%}")


# ---- memory, a cluster, many submissions


def memory(chosen: argparse.Namespace) -> None:
    """Print the coordinator's peak memory for two numbers of submissions."""
    peaks = {}
    print()
    for count in chosen.memory:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            workloads.write_answers(home / "class", count)
            words = ["class", str(home / "class"), "--exercise", "ex0", "--out", str(home / "results.sqlite")]
            command = [*GRADE, *words]
            process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
            peaks[count] = _peak(process)
        print(f"{count:6} submissions: the coordinator's peak is {peaks[count] / 1024:.1f} MiB")
    print(f"ratio {peaks[chosen.memory[1]] / peaks[chosen.memory[0]]:.3f}")


def _peak(process: subprocess.Popen[bytes]) -> int:
    """Return the peak memory of a process in KiB, without its workers'."""
    most = 0
    while process.poll() is None:
        with contextlib.suppress(OSError, IndexError, ValueError):
            text = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            most = max(most, int(text.partition("VmHWM:")[2].split()[0]))
        time.sleep(0.05)
    if process.returncode:
        sys.exit(f"grade class ended with {process.returncode}")
    return most


def dask(chosen: argparse.Namespace) -> None:
    """Measure a cluster of two workers on this machine."""
    if not importlib.util.find_spec("distributed"):
        print("\nDask is not installed (`pip install distributed`)")
        return
    rounds = -(-chosen.rounds // 3)
    words = [sys.executable, "-c", DASK]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        workloads.write_class(home / "class", chosen.count)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(words, env=ENVIRONMENT, text=True, **pipes) as cluster:  # type: ignore[call-overload]
            address = cluster.stdout.readline().strip()
            options = {"a Dask cluster of two workers": ("--cluster", address), "--jobs 2": ("--jobs", "2")}
            times: Times = {name: [] for name in options}
            for name in options:
                workloads.grade_class(home, home / "class", *options[name])  # workers that have graded once are usual
            for _ in range(rounds):
                for name, chosen_options in options.items():
                    grade = functools.partial(workloads.grade_class, home, home / "class", *chosen_options)
                    times[name].append(timed(grade))
            cluster.communicate("\n")
    whole = f"{chosen.count} right submissions of ex3, {rounds} rounds"
    table(whole, times, "a Dask cluster of two workers", speed=True)


def large(count: int) -> None:
    """Measure the report over many submissions, and a rerun in which none has changed."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        workloads.write_answers(home / "class", count)
        steps: Mapping[str, Callable[[], None]] = {
            "grade": lambda: workloads.regrade(home, home / "class", "ex0"),
            "rerun, nothing changed": lambda: workloads.regrade(home, home / "class", "ex0"),
            "report": lambda: run([*GRADE, "report", home / "results.sqlite"], cwd=ROOT),
        }
        print()
        for name, step in steps.items():
            print(f"{count} submissions: {name}: {timed(step):.1f} s")


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep processes busy meanwhile, and end them."""
    with contextlib.ExitStack() as ends:
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-c", BUSY])
            ends.callback(process.wait)
            ends.callback(process.kill)
        yield


SECTIONS: dict[str, Callable[[argparse.Namespace], None]] = {
    "start": start,
    "class": class_,
    "phases": phases,
    "memory": memory,
    "dask": dask,
}

if __name__ == "__main__":
    main(sys.argv[1:])
