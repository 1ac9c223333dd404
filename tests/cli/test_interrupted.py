"""Runs and commands that are stopped half way: no mark is lost, and what is of an older version says so."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, Grade, one_thread, python

from grader.classroom import executors, journal
from grader.classroom.store import Store

RIGHT = "def elementwise_product(a, b):\n    return a * b\n"
ADDS = "def elementwise_product(a, b):\n    return a + b\n"
POLICY = "due: 2026-05-04 12:00 Z\npoints_per_day: 2\ncounts: last on time\n"
KILLED = """
import os, signal, sys
from grader.classroom import journal
real, count = journal.record, [0]

def record(*words, **named):
    number = real(*words, **named)
    count[0] += 1
    if count[0] == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return number

journal.record = record
from grader.cli.app import run
sys.exit(run(sys.argv[2:]))
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")


def submit(folder: Path, day: int, **programs: str) -> None:
    """Write a Gradescope export in which everybody submitted on one day of May."""
    shutil.rmtree(folder / "class", ignore_errors=True)
    lines = []
    for number, (student, source) in enumerate(programs.items(), 1):
        path = folder / "class" / f"submission_{number}" / "ex0.py"
        path.parent.mkdir(parents=True)
        path.write_text(source, encoding="utf-8")
        lines += [f"submission_{number}:", "  :submitters:", f"  - :name: {student}", f"    :sid: {student}"]
        lines += [f"  :created_at: 2026-05-{day:02} 11:00:00 Z"]
    (folder / "class" / "submission_metadata.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def killed(folder: Path, at: int, *words: str) -> None:
    """Run a command that is killed inside the transaction of its journal's event of this number."""
    done = subprocess.run([*python("-c", KILLED), str(at), *words], cwd=folder, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done


@pytest.fixture
def graded(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grade:
    monkeypatch.setattr(executors, "local", one_thread)
    submit(tmp_path, 3, ann=RIGHT, bob=RIGHT, cay=ADDS)
    roster = "SID,Name\n" + "".join(f"{name},{name.title()}\n" for name in ("ann", "bob", "cay", "dan"))
    (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
    assert grade("class", "class", "--exercise", "ex0", "--roster", "roster.csv").code == 0
    return grade


def totals(grade: Grade) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(grade("report", "--format", "csv").out))
    return {row["student"]: row["total"] for row in rows}


def replayed(folder: Path) -> dict[str, str]:
    with Store(folder) as store:
        return {student: f"{mark:g}" for (student, _), mark in journal.replay(journal.events(store)).items()}


def test_an_edited_exercise_and_a_run_that_was_killed(graded: Grade, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "exercises", tmp_path / "mine")
    lock = next((tmp_path / "mine").glob("ex0*lock*"), None) or next((tmp_path / "mine").glob("ex0.*json"))
    text = lock.read_text(encoding="utf-8")
    assert '"points": 10' in text
    lock.write_text(text.replace('"points": 10', '"points": 20'), encoding="utf-8")
    spec = tmp_path / "mine" / "ex0.yaml"
    assert "points: 10" in spec.read_text(encoding="utf-8") or "points" not in spec.read_text(encoding="utf-8")
    killed(tmp_path, 3, "class", "class", "--exercise", "ex0", "--roster", "roster.csv", "--pack", "mine")
    assert set(totals(graded)) == {"ann", "bob", "cay"}
    assert replayed(tmp_path) == totals(graded)
    shown = graded("report", "--students").out
    assert shown.count("ex0, an older version of the exercise\n") == 2
    assert "graded, and to be graded again:\n" in shown


def test_new_programs_and_a_run_that_was_killed(graded: Grade, tmp_path: Path) -> None:
    before = totals(graded)
    assert before == {"ann": "10", "bob": "10", "cay": "0"}
    submit(tmp_path, 3, ann=ADDS, bob=ADDS, cay=RIGHT)
    words = ("class", "class", "--exercise", "ex0", "--roster", "roster.csv")
    killed(tmp_path, 2, *words)  # in the transaction of the first result
    assert totals(graded) == before == replayed(tmp_path)
    killed(tmp_path, 3, *words)
    after = totals(graded)
    assert after == replayed(tmp_path)
    assert sum(after[name] != before[name] for name in before) == 1
    shown = graded("report").out
    assert shown.count("ex0, an older version of the program\n") == 2
    assert "3 programs" in graded("report", "--dolos", "dolos.zip").out
    (tmp_path / "grades.csv").write_text("SID,Total Score,Max Points\nann,,10\nbob,,10\ncay,,10\n", "utf-8")
    filled = " ".join(graded("report", "--gradescope", "grades.csv").out.split())
    assert "3 marks in" in filled
    assert "the mark is of an older version of the program; `grade class` grades it again: " in filled
    assert graded(*words).code == 0
    assert totals(graded) == {"ann": "0", "bob": "0", "cay": "10"} == replayed(tmp_path)
    assert "older version" not in graded("report").out


def test_every_new_write_is_whole_or_not_there(graded: Grade, tmp_path: Path) -> None:
    before = totals(graded)
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    killed(tmp_path, 1, "report")  # the policy
    killed(tmp_path, 1, "history", "ann")
    (tmp_path / "policy.yaml").rename(tmp_path / "late.yaml")
    assert totals(graded) == before == replayed(tmp_path)
    with Store(tmp_path) as store:
        assert {event.event for event in journal.events(store)} == {"run", "graded"}
    killed(tmp_path, 1, "mark", "dan", "ex0", "--set", "5", "--why", "oral exam")  # a mark of one who submitted nothing
    assert totals(graded) == before
    assert graded("mark", "dan", "ex0", "--set", "5", "--why", "oral exam").code == 0
    assert graded("report", "--policy", "late.yaml").code == 0
    assert totals(graded) == {**before, "dan": "5"} == replayed(tmp_path)


def test_an_earlier_version_is_never_lost(graded: Grade, tmp_path: Path) -> None:
    before = totals(graded)
    words = ("class", "class", "--exercise", "ex0", "--policy", "late.yaml")
    (tmp_path / "late.yaml").write_text(POLICY, encoding="utf-8")
    submit(tmp_path, 6, ann=ADDS, bob=RIGHT, cay=RIGHT)
    killed(tmp_path, 2, *words)  # the policy of the run
    killed(tmp_path, 3, *words)  # the same program, at another time
    assert totals(graded) == before == replayed(tmp_path)
    killed(tmp_path, 4, *words)
    assert totals(graded) == before == replayed(tmp_path)
    assert graded(*words).code == 0
    assert totals(graded) == {"ann": "10", "bob": "10", "cay": "0"} == replayed(tmp_path)
    (tmp_path / "late.yaml").write_text(POLICY.replace("last on time", "latest"), encoding="utf-8")
    assert graded("report", "--policy", "late.yaml").code == 0
    assert totals(graded) == {"ann": "0", "bob": "6", "cay": "6"} == replayed(tmp_path)
