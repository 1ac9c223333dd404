"""Programs that break, cheat or lie, run through the public door: each declares its outcome in its first lines.

A file of data/hostile (or a folder there, for a program with modules beside it) begins with comments of this form:

    # verdict: time_limit              of the first check; several that are all fine are parted by ` or `
    # others: correct or time_limit    of every other check; the same as the first one's where this line is left out
    # wrong: quick look                the one case, and no other, whose check is not `correct`
    # text: no answer after            must occur in the first check's text
    # note: changes `input`            must occur in the text of every check, though the answers are right
    # printed: window                  must occur in what the first check says was printed
    # limits: time_limit=0.3           the limits to run it with, where they differ from those of the exercise
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from conftest import DATA, python
from wellformed import harmful, texts, wellformed

from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging.grade import grade
from grader.model.exercise import Lock
from grader.model.report import Report, Verdict, report_from_json, to_json
from grader.model.submission import Submission
from grader.sandbox import session
from grader.sandbox.process import Process
from grader.submissions import find

HOSTILE = DATA / "hostile"
PROGRAMS = sorted(p for p in HOSTILE.iterdir() if p.suffix == ".py" or (p / "ex1.py").is_file())
KEYS = {"verdict", "others", "wrong", "text", "note", "printed", "limits"}


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
    """Record the processes of a run, and hold it to leave no process, no folder and no descriptor behind."""
    pids: list[int] = []

    class Recorded(Process):  # the plain process: what holds there holds behind a wall (tests/test_wall.py) too
        def __init__(self) -> None:
            super().__init__(("process",))
            pids.append(self.pid)

    folders = tmp_path / "folders"
    folders.mkdir()
    monkeypatch.setenv("TMPDIR", str(folders))
    monkeypatch.setattr(session, "kind", lambda: Recorded)
    before = len(os.listdir("/proc/self/fd"))
    yield pids
    assert os.listdir(folders) == []
    assert len(os.listdir("/proc/self/fd")) == before
    for _ in range(500):  # a process that was killed may take a moment to go
        if not alive(pids):
            break
        time.sleep(0.01)
    assert alive(pids) == []


def run(program: Path, folder: Path, limits: str = "") -> Report:
    """Grade a program under the name that a student's file has, alone in a folder."""
    if program.is_dir():
        path = Path(shutil.copytree(program, folder / "ex1"))
    else:
        path = Path(shutil.copy(program, folder / "ex1.py"))
    return grade(lock_with(limits), find.find("ex1", str(path)))


def test_there_are_programs_and_each_declares_its_outcome() -> None:
    assert len(PROGRAMS) > 150
    for program in PROGRAMS:
        head = declared(program)
        assert next(iter(head), None) == "verdict", program.name
        assert set(head) <= KEYS, program.name
        assert verdicts(head["verdict"]), program.name


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.stem for program in PROGRAMS])
def test_program(program: Path, tmp_path: Path, started: list[int]) -> None:
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
    assert all(head.get("note", "") in check.text for check in report.checks)

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
    assert [text for text in texts(msgspec.json.decode(data)) if harmful(text) or commands(text)] == []
    wellformed(msgspec.structs.replace(report, checks=report.checks[:8]))  # the other 58 are of the same kind
    assert started


MIXED = ["np.ones(2), 5.0", "5.0, np.ones(2)", "np.ones((2, 2)), 5.0", "np.ones(2), np.ones((1, 2))", "np.ones(0), 5.0"]


@pytest.mark.parametrize("given", MIXED)
def test_several_results_of_any_shapes_are_shown(given: str, started: list[int]) -> None:
    source = f"import numpy as np\n\n\ndef edge_map(image, kernel, pool_size):\n    return {given}\n"
    lock = read_lock(pack_folder(), "ex12")
    report = grade(lock, Submission("", "", "ex12", "python", "ex12.py", (("ex12.py", source),)))
    assert report.diagnosis
    wellformed(msgspec.structs.replace(report, checks=report.checks[:8]))


IGNORING = "import os, signal, sys\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nos.execv(sys.executable, {!r})\n"


def test_who_started_us_may_ignore_how_processes_end(tmp_path: Path) -> None:
    (tmp_path / "ex1.py").write_text((HOSTILE / "_exit_in_call.py").read_text(encoding="utf-8"), encoding="utf-8")
    command = python("-c", IGNORING.format(python("-m", "grader", "ex1")))
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "it ended its process by itself" in done.stdout


@pytest.mark.parametrize("words", [["ex1"], ["doctor"], ["class", "course"]], ids=" ".join)
def test_without_a_place_for_folders_the_remedy_is_said(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "course" / "alice").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "course" / "alice"):
        (folder / "ex1.py").write_text("def conv2d(input, kernel, bias):\n    pass\n", encoding="utf-8")
    environment = os.environ | {"TMPDIR": str(tmp_path / "nowhere")}
    command = python("-m", "grader", *words)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stdout
    assert "set TMPDIR to a folder that can be written to" in done.stdout + done.stderr
