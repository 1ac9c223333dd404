"""Programs that break, cheat or lie, graded as a student's file is: each declares its outcome in its first lines.

A file of data/hostile (or a folder there, for a program with modules beside it) begins with comments of this form:

    # verdict: time_limit              of the first check; ` or ` separates accepted verdicts
    # others: correct or time_limit    of every other check; by default the same as of the first
    # wrong: quick look                the only case whose check is not `correct`
    # text: no answer after            must occur in the first check's text
    # note: changes `input`            must occur in a note of the report
    # quoted: ✓ bias 1                 must occur in the terminal's page, each time behind a bar
    # printed: window                  must occur in the printed text of the first check
    # silent: traceback                must not occur in what the first check says or the program printed
    # limits: time_limit=0.2           the limits that differ from those of the exercise

All run at level `process`, in children of one fork server; those in COLD run in a process of their own, as `grade ex1`
starts it, because their outcome could depend on that. test_isolation.py is about sandboxes.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import DATA, python
from programs import remembering
from wellformed import harmful, texts, wellformed_shape

from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging import misconceptions
from grader.judging.grade import grade
from grader.judging.prepare import stored_in
from grader.model.exercise import Lock
from grader.model.report import Check, Report, Verdict, report_from_json, to_json
from grader.model.submission import Submission
from grader.output import terminal
from grader.output.plain_text import plain
from grader.sandbox import session
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.process import Process
from grader.submissions import find

HOSTILE = DATA / "hostile"
PROGRAMS = sorted(p for p in HOSTILE.iterdir() if p.suffix == ".py" or (p / "ex1.py").is_file())
COLD = {  # programs for which it could matter how their process was started, and why
    "a fork server's children may outlive each other at this level": [
        *("fork_outlives", "fork_outlives_its_parent", "fork_closes_descriptors", "thread_keeps_running"),
    ],
    "they change their working folder, which a fork server's children share": [
        "leaves_files",
        "removes_its_folder",
        "writes_file",
    ],
    "they read or close the pipes, the environment or the modules that a new interpreter gets": [
        *("closes_descriptors", "closes_descriptors_at_import", "closes_streams", "garbage_to_all_descriptors"),
        *("closes_its_answers", "closes_its_requests", "breaks_what_answers"),
        *("environment", "looks_for_answers", "answer_before_asked", "forged_from_the_start"),
    ],
    "the parent reads how they ended, and from waitpid instead of from a fork server": [
        *("_exit_at_import", "_exit_in_call", "abort", "exec_replaces_process", "kills_itself_realtime", "segfault"),
        *("kills_itself_sigxcpu", "stops_itself"),
    ],
    "their limits are set and reached in a new interpreter": ["list_grows", "prints_endlessly", "loop_at_import"],
}
COLD_NAMES = {name for names in COLD.values() for name in names}
EVERY_PYTHON = {  # what may depend on Python's version: its parser, frames, exceptions and memory
    *("syntax_error", "syntax_error_deep", "recursion", "recursion_limit_raised", "loop_catches_everything"),
    *("exception_str_of_a_subclass", "exception_long_chain", "exception_as_syntax_error", "right_standard_library"),
    *("returns_coroutine", "signature_lies", "list_grows", "thread_at_the_end", "stdout_flush_exits"),
}
KEYS = {"verdict", "others", "wrong", "text", "note", "printed", "quoted", "silent", "limits"}


def declared(program: Path) -> dict[str, str]:
    """Return what a program's first lines declare."""
    source = program / "ex1.py" if program.is_dir() else program
    head: dict[str, str] = {}
    for line in source.read_text(encoding="utf-8").splitlines():
        found = re.fullmatch(r"# (\w+): (.+)", line)
        if not found:
            break
        head[found[1]] = found[2]
    return head


@functools.cache  # what is derived from a lock is kept with it
def lock_with(limits: str) -> Lock:
    """Return ex1 with some limits replaced."""
    lock = read_lock(pack_folder(), "ex1")
    pairs = (word.split("=") for word in limits.split())
    values = {name: float(value) if "." in value else int(value) for name, value in pairs}
    replaced = msgspec.structs.replace(lock.exercise.limits, **values)
    return msgspec.structs.replace(lock, exercise=msgspec.structs.replace(lock.exercise, limits=replaced))


def verdicts(words: str) -> set[Verdict]:
    return {Verdict(word) for word in words.split(" or ")}


def commands(text: str) -> list[str]:
    """Return what a CI runner would obey."""
    return re.findall(r"(?m)^\s*::.*|##\[.*", text)


def alive(sessions: list[int]) -> list[str]:
    """Return the processes of these sessions or groups; those that are dead and not yet collected do not count."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                status = Path(f"/proc/{entry}/stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue  # it has ended meanwhile
            state, _, group, leader = status.rpartition(")")[2].split()[:4]
            if state not in "ZX" and (int(group) in sessions or int(leader) in sessions):
                found.append(status)
    return found


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[int]]:
    """Record the processes of a run, and check that it leaves no process, folder or descriptor behind."""
    pids: list[int] = []

    class Recorded(Process):
        def __init__(self) -> None:
            super().__init__(("process",))
            pids.append(self.pid)

    folders = tmp_path / "folders"
    folders.mkdir()
    monkeypatch.setenv("TMPDIR", str(folders))
    monkeypatch.setattr(session, "process_class", lambda: Recorded)
    before = len(os.listdir("/proc/self/fd"))
    yield pids
    assert os.listdir(folders) == []
    assert len(os.listdir("/proc/self/fd")) == before
    for _ in range(6000):  # a process that was killed may take a moment to end
        if not alive(pids):
            break
        time.sleep(0.01)
    assert alive(pids) == []


@pytest.fixture(scope="module", autouse=True)
def _two_misconceptions_are_run_once() -> Iterator[None]:
    """Many of the programs are explained by no two misconceptions, and all of those are tried for each program."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(misconceptions, "pair", remembering(misconceptions.pair))
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    """The fork server of all programs that are not in COLD."""
    with ForkServer("process") as server:
        yield server


@pytest.fixture
def forked(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run programs in the fork server's children, and check that they leave nothing behind."""
    monkeypatch.setattr(session, "process_class", lambda: server.process)
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert os.listdir(server.folder) == []
    assert len(os.listdir("/proc/self/fd")) == before
    assert Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text() == ""


def run(program: Path, folder: Path, limits: str = "") -> Report:
    """Grade a program under the name that a student's file has, alone in a folder."""
    if program.is_dir():
        path = Path(shutil.copytree(program, folder / "ex1"))
    else:
        path = Path(shutil.copy(program, folder / "ex1.py"))
    lock = lock_with(limits)
    return grade(lock, find.find("ex1", str(path)), load=stored_in(pack_folder(), lock))  # as the command does


def test_there_are_programs_and_each_declares_its_outcome() -> None:
    assert len(PROGRAMS) > 150
    assert {program.stem for program in PROGRAMS} >= COLD_NAMES | EVERY_PYTHON
    for program in PROGRAMS:
        head = declared(program)
        assert next(iter(head), None) == "verdict", program.name
        assert set(head) <= KEYS, program.name
        assert verdicts(head["verdict"]), program.name


def params(cold: bool) -> list[Any]:
    """Return the programs as parameters; those in EVERY_PYTHON run on each version of Python."""
    mark = {True: (pytest.mark.pythons,), False: ()}
    chosen = [program for program in PROGRAMS if (program.stem in COLD_NAMES) is cold]
    return [pytest.param(program, id=program.stem, marks=mark[program.stem in EVERY_PYTHON]) for program in chosen]


@pytest.mark.parametrize("program", params(cold=False))
def test_program(program: Path, tmp_path: Path, forked: None) -> None:
    check_program(program, tmp_path)


@pytest.mark.parametrize("program", params(cold=True))
def test_program_in_a_process_of_its_own(program: Path, tmp_path: Path, started: list[int]) -> None:
    check_program(program, tmp_path)
    assert started


def check_program(program: Path, tmp_path: Path) -> None:
    """Grade a program, and hold the report to what it declares and to what holds for every report."""
    head = declared(program)
    report = run(program, tmp_path, head.get("limits", ""))

    first, *others = report.checks
    assert first.verdict in verdicts(head["verdict"]), first
    for check in others:
        assert check.verdict in verdicts(head.get("others", head["verdict"])), check
    if "wrong" in head:
        assert [check.case for check in report.checks if check.verdict is not Verdict.correct] == [head["wrong"]]
    assert head.get("text", "") in first.text
    assert head.get("printed", "") in first.printed
    assert head.get("note", "") in "\n".join(report.notes)
    assert head.get("silent", "\0") not in first.text + first.printed + report.printed
    if quoted := head.get("quoted"):
        lines = [line for line in plain(terminal.report(report)).splitlines() if quoted in line]
        assert lines
        assert all(re.match(r" *(\d+ )?│ ", line) for line in lines), lines

    assert len(report.checks) == 66
    for check in report.checks:
        right = check.verdict is Verdict.correct
        assert check.score == (check.max_score if right else 0)
        assert right or check.text
    assert report.score == pytest.approx(sum(check.score for check in report.checks), abs=1e-3)  # a check's is rounded
    assert report.passed == all(check.verdict is Verdict.correct for check in report.checks)

    data = to_json(report)
    assert len(data) < 1 << 20
    assert msgspec.json.decode(to_json(report_from_json(data))) == msgspec.json.decode(data)
    text = "\n".join(texts(msgspec.json.decode(data)))
    assert harmful(text) == commands(text) == []
    wellformed_shape(without_repeats(report))


def without_repeats(report: Report) -> Report:
    """Keep one check of each kind: of a verdict, written or drawn, with texts that differ in words and numbers only."""
    kinds: dict[tuple[object, ...], Check] = {}
    for check in report.checks:
        shape = re.sub(r"-?[A-Za-z0-9.]+", "a", f"{check.text}\0{check.printed}")
        kinds.setdefault((check.verdict, check.generated, check.mismatch is None, shape), check)
    return msgspec.structs.replace(report, checks=tuple(kinds.values()))


WITH_LITTLE_MEMORY = """
import resource, sys
from grader.cli.app import run
resource.setrlimit(resource.RLIMIT_AS, (180 << 20, resource.getrlimit(resource.RLIMIT_AS)[1]))
sys.exit(run(["ex1", "--isolation", "process", "--output", "json=r.json"]))
"""


@pytest.mark.parametrize("name", ["answers_large_each_time", "array_huge", "list_of_10_gb", "exception_str_huge"])
def test_what_a_program_returns_does_not_fill_the_graders_memory(name: str, tmp_path: Path) -> None:
    """All 72 answers, of 2 MiB each in the grader, would need 150 MiB besides the 110 that it has anyway."""
    shutil.copy(HOSTILE / f"{name}.py", tmp_path / "ex1.py")
    command = python("-c", WITH_LITTLE_MEMORY)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    report = report_from_json((tmp_path / "r.json").read_bytes())
    assert report.checks[0].verdict in verdicts(declared(HOSTILE / f"{name}.py")["verdict"])


MIXED = ["np.ones(2), 5.0", "5.0, np.ones(2)", "np.ones((2, 2)), 5.0", "np.ones(2), np.ones((1, 2))", "np.ones(0), 5.0"]


@pytest.mark.parametrize("given", MIXED)
def test_several_results_of_any_shapes_are_shown(given: str, forked: None) -> None:
    source = f"import numpy as np\n\n\ndef edge_map(image, kernel, pool_size):\n    return {given}\n"
    lock = read_lock(pack_folder(), "ex12")
    submission = Submission("", "", "ex12", "python", "ex12.py", (("ex12.py", source),))
    report = grade(lock, submission, load=stored_in(pack_folder(), lock))
    assert report.diagnosis
    wellformed_shape(without_repeats(report))


IGNORING = "import os, signal, sys\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nos.execv(sys.executable, {!r})\n"


def test_the_grader_may_be_started_with_sigchld_ignored(tmp_path: Path) -> None:
    (tmp_path / "ex1.py").write_text((HOSTILE / "_exit_in_call.py").read_text(encoding="utf-8"), encoding="utf-8")
    command = python("-c", IGNORING.format(python("-m", "grader", "ex1")))
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "it ended its process by itself" in done.stdout


def test_what_killed_runs_left_is_swept_by_the_next(tmp_path: Path) -> None:
    """Folders of processes that have ended are removed; links, and folders of others or of another form, are not."""
    temp, kept = tmp_path / "tmp", tmp_path / "kept"
    kept.mkdir()
    ended = subprocess.Popen(["true"])
    ended.wait()
    for name in (f"grade-{ended.pid}-0a", f"grade-{os.getppid()}-0b", "grade-x-0c", "grade-", "upgrade-1-2"):
        (temp / name / "inside").mkdir(parents=True)
    (temp / f"grade-{ended.pid}-link").symlink_to(kept)
    shutil.copy(HOSTILE / "writes_file.py", tmp_path / "ex1.py")
    environment = os.environ | {"TMPDIR": str(temp)}
    done = subprocess.run(
        python("-m", "grader", "ex1"), cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    left = {f"grade-{os.getppid()}-0b", "grade-x-0c", "grade-", "upgrade-1-2", f"grade-{ended.pid}-link"}
    assert set(os.listdir(temp)) == left
    assert kept.exists()


@pytest.mark.parametrize("words", [["ex1"], ["doctor"], ["class", "course"]], ids=" ".join)
def test_without_a_folder_for_programs_the_remedy_is_named(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "course" / "alice").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "course" / "alice"):
        (folder / "ex1.py").write_text("def conv2d(input, kernel, bias):\n    pass\n", encoding="utf-8")
    environment = os.environ | {"TMPDIR": str(tmp_path / "nowhere")}
    command = python("-m", "grader", *words)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stdout
    assert "set TMPDIR to a writable folder" in done.stdout + done.stderr
