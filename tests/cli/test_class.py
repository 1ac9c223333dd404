"""`grade class`: everyone ends with a result and a reason, nothing is lost, nobody is mixed up with anybody."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from conftest import ROOT, Grade, one_thread, python, solution

from grader.classroom import executors, reading, run, worker
from grader.classroom.database import NAME
from grader.classroom.store import Store
from grader.exercises.lock import read_lock
from grader.judging import grade as judging
from grader.model.exercise import Lock
from grader.model.report import Report, report_from_json
from grader.model.submission import Submission
from grader.platforms.layouts import read_class
from grader.sandbox import own_time

PACK = ROOT / "exercises"
RIGHT = "def elementwise_product(a, b):\n    return a * b\n"
WRONG = "def elementwise_product(a, b):\n    return a + b\n"
HANGS = "def elementwise_product(a, b):\n    while True:\n        pass\n"
CRASHES = "import ctypes\n\nctypes.string_at(0)\n"
FLOODS = "while True:\n    print('x' * 10_000)\n"
LEAVES = "import os\n\nos._exit(0)\n"
MARKS = "SELECT student, exercise, score, max_score, reason FROM marks ORDER BY student, exercise"


def submit(folder: Path, programs: dict[str, str], exercise: str = "ex0") -> Path:
    """Write a folder for each student, with a program in it."""
    for student, source in programs.items():
        path = folder / student / f"{exercise}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return folder


def ask(path: Path, question: str = MARKS) -> list[tuple[object, ...]]:
    """Ask a store as any SQL tool would."""
    db = sqlite3.connect(path / NAME if path.is_dir() else path)
    try:
        return db.execute(question).fetchall()
    finally:
        db.close()


def reasons(path: Path) -> dict[object, object]:
    return dict(ask(path, "SELECT student, reason FROM marks"))  # type: ignore[arg-type]


def grade_class(*words: str | Path) -> list[str]:
    return [*python("-m", "grader"), "class", *map(str, words)]


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack with ex0 and ex1 that has next to no patience."""
    pack = tmp_path / "pack"
    pack.mkdir()
    for id in ("ex0", "ex1"):
        text = (ROOT / "exercises" / f"{id}.yaml").read_text(encoding="utf-8")
        (pack / f"{id}.yaml").write_text(f"{text}\nlimits: {{time_limit: 0.4, total_limit: 1.5}}\n", encoding="utf-8")
        shutil.copy(ROOT / "exercises" / f"{id}.ref.json", pack)
    monkeypatch.setenv("GRADE_PACK", str(pack))
    return pack


def test_a_class(grade: Grade, tmp_path: Path) -> None:
    submit(tmp_path / "class", {"anna": RIGHT, "berta": WRONG})
    submit(tmp_path / "class", {"anna": solution("ex1")}, "ex1")
    (tmp_path / "class" / "carla").mkdir()
    said = grade("class", "class")
    assert said.code == 0, said
    assert "isolation: sandboxed" in said.out
    assert "`grade report results.sqlite` shows the class" in said.out
    rows = ask(tmp_path)
    assert rows[:2] == [("anna", "ex0", 10.0, 10.0, "all right"), ("anna", "ex1", 10.0, 10.0, "all right")]
    assert ("berta", "ex0") in {row[:2] for row in rows}
    assert {row[0] for row in rows} == {"anna", "berta", "carla"}
    assert all(row[4] for row in rows)


def test_only_what_is_new_or_changed_is_graded_again(
    grade: Grade, tmp_path: Path, quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    submit(tmp_path / "class", {"anna": RIGHT, "berta": WRONG})
    words = ("class", "class", "--exercise", "ex0", "--jobs", "1")
    grade(*words)
    assert "graded 0 in" in (said := grade(*words)).out
    assert "2 unchanged" in said.out
    before = ask(tmp_path)

    submit(tmp_path / "class", {"berta": RIGHT, "carla": RIGHT})
    assert "graded 2 in" in (said := grade(*words)).out
    assert "1 unchanged" in said.out
    assert [row[2] for row in ask(tmp_path)] == [10.0, 10.0, 10.0]
    assert ask(tmp_path)[0] == before[0]

    assert "graded 3 in" in grade(*words, "--again").out
    spec = quick / "ex0.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("time_limit: 0.4", "time_limit: 0.5"), encoding="utf-8")
    assert "graded 3 in" in grade(*words).out


def test_a_run_that_is_stopped_keeps_the_marks_of_earlier_programs_and_says_so(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    ids = [f"s{i:02}" for i in range(10)]
    folder = submit(tmp_path / "class", {id: f"# {id}\n{RIGHT}" for id in ids})
    grade("class", "class", "--exercise", "ex0")
    submit(folder, {id: f"# {id}\n{WRONG}" for id in ids})
    real = reading.reason

    def stop(report: Report) -> str:
        signal.raise_signal(signal.SIGINT)
        monkeypatch.setattr(run, "reason", real)
        return real(report)

    monkeypatch.setattr(run, "reason", stop)
    said = grade("class", "class", "--exercise", "ex0", "--jobs", "1")
    assert said.code == 130
    marks = [score for score, stale in ask(tmp_path, "SELECT score, stale FROM marks") if not stale]
    assert 0 < len(marks) < 10
    assert 10.0 not in marks
    waiting = 10 - len(marks)
    assert f"stopped: {waiting} are not graded yet" in said.out
    assert ask(tmp_path, "SELECT count(*), min(score) FROM results WHERE stale") == [(waiting, 10.0)]
    assert f"{waiting} marks are of an older version" in grade("report").err
    assert grade("report").out.count("ex0, an older version of the program") == waiting

    submit(folder, {id: f"# {id}\n{RIGHT}" for id in ids})  # as they were: the earlier results count again
    assert f"graded {len(marks)} in" in grade("class", "class", "--exercise", "ex0").out
    assert ask(tmp_path, "SELECT count(*) FROM marks WHERE score = 10") == [(10,)]

    submit(folder, {id: f"# {id}\n{RIGHT}" for id in ids[:4]})
    assert "graded 10 in" in grade("class", "class", "--exercise", "ex0", "--again").out
    monkeypatch.setattr(run, "reason", stop)
    said = grade("class", "class", "--exercise", "ex0", "--jobs", "1", "--again")
    assert "keep their earlier results" in said.out
    assert ask(tmp_path, "SELECT count(score) FROM marks") == [(10,)]


def test_who_is_not_in_the_class_any_more_is_said(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    folder = submit(tmp_path / "class", {"a": RIGHT, "b": RIGHT, "c": RIGHT, "d": RIGHT})
    assert "earlier runs" not in grade("class", "class", "--exercise", "ex0").out
    for gone in ("b", "d"):
        shutil.rmtree(folder / gone)
    submit(folder, {"a": RIGHT}, "ex1")
    said = grade("class", "class").out
    assert "exercises, by the names of the files: ex0 (2), ex1 (1)\n" in said
    assert "results.sqlite keeps 2 from earlier runs who are not in class: b, d\n" in said
    assert "earlier runs" not in grade("class", "class", "--exercise", "ex1").out  # of ex1 they are not


def test_what_only_one_of_many_submitted_is_graded_and_missed_by_nobody(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    folder = submit(tmp_path / "class", {f"s{i}": RIGHT for i in range(9)})
    (folder / "s9").mkdir()

    def total(*words: str) -> set[str]:
        rows = csv.DictReader(grade("report", "--format", "csv", *words).out.splitlines())
        return {f"{row['total']} of {row['of']}" for row in rows}

    submit(folder, {"s0": solution("ex1")}, "ex1")
    said = grade("class", "class").out
    assert "files: ex0 (9), ex1 (1)\n" in said
    assert "Only one student submitted ex1, so nobody else is marked missing.\n" in said
    assert "Use `--exercise ex1` to require it of everyone.\n" in said
    assert "ex1: shown by `grade report results.sqlite`, but not in anybody's total\n" in said
    assert total() == {"10 of 10", "0 of 10"}

    assert total("--exercise", "ex1") == {"10 of 10"}
    by = "SELECT exercise, count(*), count(nullif(score, 0)) FROM marks GROUP BY exercise"
    assert ask(tmp_path, by) == [("ex0", 10, 9), ("ex1", 1, 1)]

    assert "Only one student" not in grade("class", "class", "--exercise", "ex1").out
    assert ask(tmp_path, by) == [("ex0", 10, 9), ("ex1", 10, 1)]
    assert total() == {"20 of 20", "10 of 20", "0 of 20"}
    grade("class", "class")  # what was once required stays so
    assert total() == {"20 of 20", "10 of 20", "0 of 20"}
    assert "from earlier runs" not in grade("class", "class").out  # all of them are in the class


RESUBMITTED = {  # what one student's folder holds, and what happens: every earlier mark stays
    "metadata": ({"submission_metadata.yml": "s:\n  :submitters: []\n", "s/ex0.py": ""}, "--one-student"),
    "sub-folders": ({"alice/ex0.py": "", "bob/ex0.py": ""}, "--one-student"),
    "other exercises": (
        {"ex0.py": RIGHT, "ex1.py": "", "ex2.py": ""},
        "holds ex1, ex2, which would count for students",
    ),
}


@pytest.mark.parametrize("kind", RESUBMITTED)
def test_a_resubmission_changes_nobody_elses_mark(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    submit(tmp_path / "class", {"alice": RIGHT, "bob": RIGHT})
    grade("class", "class")
    before = ask(tmp_path), grade("report", "--format", "csv").out
    files, says = RESUBMITTED[kind]
    for name, text in files.items():
        path = tmp_path / "late" / "alice" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    said = grade("class", "late")
    assert said.code == 2
    assert says in said.err
    assert (ask(tmp_path), grade("report", "--format", "csv").out) == before

    grade("class", "late", "--one-student", "--exercise", "ex0")
    assert [row for row in ask(tmp_path) if row[0] != "alice"] == [row for row in before[0] if row[0] != "alice"]
    assert {row[0] for row in ask(tmp_path)} == {"alice", "bob"}


def test_a_failure_of_the_grader_spoils_no_figures(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    submit(tmp_path / "class", {"anna": RIGHT, "berta": WRONG, "zoe": WRONG + "# fails\n"})
    real = judging.grade

    def fails(lock: Lock, submission: Submission, **rest: object) -> Report:
        if submission.student in ("anna", "zoe"):  # the first result and the last
            raise ValueError("a fault of ours")
        return real(lock, submission, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(worker, "grade", fails)
    assert grade("class", "class").code == 3
    assert {row["of"] for row in csv.DictReader(grade("report", "--format", "csv").out.splitlines())} == {"10"}
    shown = json.loads(grade("report", "--format", "json").out)
    assert shown["students"]["exercises"] == {"ex0": 10.0}
    assert {row["marks"]["ex0"]["max_score"] for row in shown["students"]["rows"]} == {10.0}
    (exercise,) = shown["class"]["exercises"]
    assert (exercise["title"], exercise["marks"]["max_score"]) == (read_lock(PACK, "ex0").exercise.title, 10.0)


def test_a_class_that_lies_here(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    submit(tmp_path, {"a": RIGHT, "b": RIGHT})
    (tmp_path / "list.csv").write_text("id,name\na,Ann\nb,Bob\n", encoding="utf-8")
    for part in ("graded 2 in", "2 unchanged"):
        said = grade("class", ".", "--roster", "list.csv")
        assert part in said.out
        assert "left out" not in said.out  # the results and the list are nobody's work


def test_who_forgets_the_secret_is_told(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    words = ("class", str(submit(tmp_path / "class", {"a": RIGHT})))
    assert "the key" not in grade(*words).out
    with Store(tmp_path, writing=True) as store:
        store.describe({"answers": "torch 2, fresh cases (key 0123abcd)"})
    said = " ".join(grade(*words).out.split())
    assert (
        "the earlier results are of the key 0123abcd; this run regrades with published cases; add `--secret` for others"
        in said
    )
    assert "the key" not in grade(*words).out


def test_who_is_not_on_the_roster_is_said(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    submit(tmp_path / "class", {f"s{i:02}": RIGHT for i in range(13)})
    (tmp_path / "list.csv").write_text("id,name\ns00,Ann\ns99,Zoe\n", encoding="utf-8")
    said = grade("class", "class", "--roster", "list.csv").out
    assert "submitted nothing:\n  Zoe (s99)\nnot on the roster:\n  s01\n" in said
    assert "  s10\n  … and 2 more\n" in said


def test_a_drive_that_goes_away_is_nobodys_nought(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    folder = submit(tmp_path / "class", {f"s{i:02}": f"# {i}\n{RIGHT}" for i in range(8)})
    real = reading.reason

    def lose(report: Report) -> str:
        folder.rename(tmp_path / "elsewhere")
        monkeypatch.setattr(run, "reason", real)
        return real(report)

    monkeypatch.setattr(run, "reason", lose)
    said = grade("class", "class", "--exercise", "ex0", "--jobs", "1")
    assert said.code == 3
    assert "has disappeared since the run began" in said.err
    assert ask(tmp_path, "SELECT DISTINCT score FROM marks WHERE score IS NOT NULL") == [(10.0,)]
    (tmp_path / "elsewhere").rename(folder)
    assert grade("class", "class", "--exercise", "ex0", "--jobs", "1").code == 0
    assert ask(tmp_path, "SELECT count(*), min(score) FROM marks") == [(8, 10.0)]


def test_the_class_to_play_with(tmp_path: Path) -> None:
    make = str(ROOT / "demo" / "make_class.py")
    subprocess.run([sys.executable, make, tmp_path / "hw3"], check=True)
    with read_class(
        tmp_path / "hw3" / "submissions.zip", ["ex3"], ["ex3"], roster=tmp_path / "hw3" / "gradebook.csv"
    ) as found:
        assert len(found.entries) == 296
        assert len(found.absent) == 4
    asked = subprocess.run([sys.executable, make], capture_output=True, check=False)
    assert (asked.returncode, b"make_class.py FOLDER" in asked.stderr) == (1, True)


def test_an_empty_class(grade: Grade, tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    said = grade("class", "class", "--exercise", "ex0")
    assert said.code == 0
    assert "one folder per student: 0 folders" in said.out
    assert grade("report").out == "nothing is graded here\n"


def test_a_misspelt_exercise_is_said_at_once(grade: Grade, tmp_path: Path) -> None:
    submit(tmp_path / "class", {"anna": RIGHT})
    said = grade("class", "class", "--exercise", "exO")
    assert said.code == 2
    assert "there is no exercise `exO`" in said.err
    assert not (tmp_path / NAME).exists()


def test_untrusted_programs_are_not_run_without_a_sandbox(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    submit(tmp_path / "class", {"anna": RIGHT})
    said = grade("class", "class", "--exercise", "ex0", "--isolation", "process")
    assert said.code == 2
    assert "`--isolation process` is not a sandbox" in said.err
    said = grade("class", "class", "--exercise", "ex0", "--isolation", "process", "--trusted")
    assert said.code == 0
    assert "isolation: own process with limits" in said.out
    said = grade("class", "class", "--exercise", "ex0", "--isolation", "strict", "--again", "--jobs", "1")
    assert said.code == 0
    assert "isolation: sandboxed" in said.out


def test_where_no_sandbox_works_a_class_is_refused(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.classroom import executors
    from grader.errors import EnvironmentTrouble, Problem
    from grader.sandbox import fork_server, probe

    whole = fork_server.ForkServer

    def none(level: str, allow: tuple[str, ...] = ()) -> object:
        if level == "process":
            return whole(level, allow)
        raise EnvironmentTrouble(
            Problem(f"isolation level `{level}` is not available: no such call (errno 38)", "a newer one")
        )

    monkeypatch.setattr(probe, "ForkServer", none)
    monkeypatch.setattr(executors, "local", one_thread)
    submit(tmp_path / "class", {"anna": RIGHT})
    said = grade("class", "class", "--exercise", "ex0")
    assert said.code == 3
    for words in ("no sandbox is available on this machine", "`namespaces`", "`landlock`", "errno 38", "a newer one"):
        assert words in said.err
    assert ask(tmp_path, "SELECT count(*) FROM results") == [(0,)]
    said = grade("class", "class", "--exercise", "ex0", "--trusted")
    assert said.code == 0
    assert "own process" in said.out

    (tmp_path / "class" / "anna" / "ex0.py").write_text(WRONG, encoding="utf-8")
    assert grade("class", "class", "--exercise", "ex0").code == 3
    assert ask(tmp_path, "SELECT score FROM marks") == [(10.0,)]  # until there is a new result
    assert "1 right" in " ".join(grade("report").out.split())


def test_those_that_hang_crash_and_flood_stop_nobody(grade: Grade, tmp_path: Path, quick: Path) -> None:
    bad = {"hangs": HANGS, "crashes": CRASHES, "floods": FLOODS, "leaves": LEAVES}
    programs = {f"student{i:03}": f"# {i}\n{RIGHT}" for i in range(30)}
    programs |= {f"{kind}{i:02}": f"# {i}\n{source}" for kind, source in bad.items() for i in range(2)}
    submit(tmp_path / "class", programs)
    said = grade("class", "class", "--exercise", "ex0")
    assert said.code == 0, said
    found = reasons(tmp_path)
    assert len(found) == len(programs)
    assert {why for student, why in found.items() if str(student).startswith("student")} == {"all right"}
    expected = {"hangs": "time limit", "floods": "output limit", "leaves": "runtime error", "crashes": "runtime error"}
    for student, why in found.items():
        kind = re.sub(r"\d", "", str(student))
        if kind in expected:
            assert str(why).startswith((expected[kind], "time limit")), (student, why)


NAMES = (
    "Ána Ñandú", "a,b", 'quo"te', "semi;colon", "new\nline", "=1+1", "@at", "‮right to left", "ni̇", "dots..",
    "%0A::error::x",
)  # fmt: skip


def test_names_of_every_kind(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    submit(tmp_path / "class", {name: f"# {name!r}\n{RIGHT}" for name in NAMES})
    said = grade("class", "class", "--exercise", "ex0")
    assert said.code == 0, said
    rows = ask(tmp_path, "SELECT count(DISTINCT student), min(score) FROM marks")
    assert rows == [(len(NAMES), 10.0)]
    assert not re.search(r"(?m)^::", said.out)
    assert "‮" not in said.out


def test_killed_at_random_moments_and_resumed(tmp_path: Path) -> None:
    random = Random(6)
    programs = {f"student{i:02}": f"# {i}\n{RIGHT if i % 3 else WRONG}" for i in range(60)}
    folder = submit(tmp_path / "class", programs)
    out = tmp_path / "killed.sqlite"
    words = grade_class(folder, "--exercise", "ex0", "--jobs", "1")
    for kills in range(20 if os.environ.get("TEST_LONG") else 8):
        run = subprocess.Popen([*words, "--out", str(out)], cwd=ROOT, stdout=subprocess.DEVNULL)
        wanted = graded(out) + random.randrange(6)  # 0 is before the first result, perhaps before the tables
        while run.poll() is None and graded(out) < wanted:
            time.sleep(0.01)
        run.kill()
        if run.wait() == 0:  # it had graded everybody
            break
        if graded(out) and kills % 3 == 2:  # what is there is true, and complete as far as it goes
            for student, score, reason in ask(out, "SELECT student, score, reason FROM marks WHERE score IS NOT NULL"):
                right = int(str(student)[-2:]) % 3 != 0
                assert (score == 10.0) == right == (reason == "all right"), student
    subprocess.run([*words, "--out", str(out)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    clean = tmp_path / "clean.sqlite"
    subprocess.run([*words, "--out", str(clean)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    assert ask(out) == ask(clean)
    assert len(ask(out)) == 60
    assert reports(out) == reports(clean)


def graded(path: Path) -> int:
    """Return how many results a file holds; none while it has no tables."""
    try:
        return len(ask(path, "SELECT id FROM results")) if path.exists() else 0
    except sqlite3.OperationalError:
        return 0


def reports(path: Path) -> list[object]:
    """Return the reports of a store without what differs between two runs of the same: the time they took."""
    found: list[object] = []
    for student, text in ask(path, "SELECT student, report FROM results JOIN entries USING (id) ORDER BY student"):
        report = json.loads(str(text))
        del report["seconds"]
        found.append((student, report))
    return found


def test_a_killed_run_leaves_no_process(tmp_path: Path) -> None:
    folder = submit(tmp_path / "class", {f"s{i}": f"# {i}\n{RIGHT}" for i in range(120)})
    words = grade_class(folder, "--exercise", "ex0", "--jobs", "2", "--out", tmp_path)
    run = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    wait_for_results(run, tmp_path)
    family = offspring(run.pid)
    assert family
    run.kill()
    run.wait()
    for _ in range(2_000):
        if not any(Path(f"/proc/{pid}/stat").exists() and state(pid) not in "ZX" for pid in family):
            break
        time.sleep(0.05)
    assert [pid for pid in family if Path(f"/proc/{pid}").exists() and state(pid) not in "ZX"] == []


def test_what_a_killed_run_left_unpacked_is_swept_by_the_next(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, others = tmp_path / f"grade-class-{ended.pid}-x", tmp_path / f"grade-class-{os.getppid()}-x"
    for folder in (left, others):
        submit(folder, {"anna": RIGHT})
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    submit(tmp_path / "class", {"anna": RIGHT})
    assert grade("class", "class", "--exercise", "ex0", "--jobs", "1").code == 0
    assert not left.exists()
    assert (others / "anna").exists()


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode()
    except OSError:
        return ""


def offspring(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(Path(f"/proc/{entry}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found += [int(entry), *offspring(int(entry))]
    return found


def wait_for_results(run: subprocess.Popen[Any], folder: Path) -> None:
    for _ in range(15_000):  # some minutes: a busy machine takes its time
        try:
            if ask(folder, "SELECT count(*) FROM results")[0] > (3,):
                return
        except sqlite3.Error:
            pass
        assert run.poll() is None
        time.sleep(0.02)
    raise AssertionError("no results came")


def under_way(words: list[str], out: Path) -> subprocess.Popen[bytes]:
    """Start a run in a session of its own, and return it when its first results are there."""
    pipe = subprocess.PIPE
    run = subprocess.Popen(words, cwd=ROOT, stdout=pipe, stderr=pipe, start_new_session=True, preexec_fn=interruptible)
    wait_for_results(run, out)
    return run


def test_ctrl_c_finishes_what_runs_and_the_rest_is_graded_later(tmp_path: Path) -> None:
    folder = submit(tmp_path / "class", {f"s{i:03}": f"# {i}\n{RIGHT}" for i in range(150)})
    words = grade_class(folder, "--exercise", "ex0", "--jobs", "2", "--out", tmp_path)
    run = under_way(words, tmp_path)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=300)
    assert run.returncode == 130, err
    assert err == b""
    left = re.search(rb"stopped: (\d+) are not graded yet", out)
    assert left
    [(graded,)] = ask(tmp_path, "SELECT count(*) FROM results")
    assert graded == 150 - int(left[1])
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
    assert b" unchanged" in done.stdout
    assert ask(tmp_path, "SELECT count(*), min(score) FROM marks") == [(150, 10.0)]


def test_ctrl_c_while_workers_begin_ends_none() -> None:
    with executors.local(1) as pool:
        future = pool.submit(abs, -1)
        for worker in multiprocessing.active_children():
            assert worker.pid
            os.kill(worker.pid, signal.SIGINT)  # Python itself is not up there yet
        assert future.result() == 1


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    programs = {f"s{i:03}": f"# {i}\n{RIGHT if i < 8 else HANGS}" for i in range(40)}
    folder = submit(tmp_path / "class", programs)
    run = under_way(grade_class(folder, "--exercise", "ex0", "--jobs", "2", "--out", tmp_path), tmp_path)
    started = [(pid, command(pid)) for pid in offspring(run.pid)]
    for _ in range(2):
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(1)  # Python takes two signals for one if it has not looked at the first; the programs take longer
    out, err = run.communicate(timeout=300)
    assert (run.returncode, err) == (130, b"")
    assert b"stopped at once: what was being graded has no new result" in out
    assert not [pid for pid, was in started if "spawn_main" in was and command(pid) == was]
    assert ask(tmp_path, "SELECT DISTINCT score FROM marks WHERE score IS NOT NULL") == [(10.0,)]


def test_a_closed_terminal_stops_a_run_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = submit(tmp_path / "class", {f"s{i:03}": f"# {i}\n{RIGHT}" for i in range(150)})
    shutil.make_archive(str(tmp_path / "class"), "zip", folder)
    (tmp_path / "tmp").mkdir()
    run = subprocess.Popen(
        grade_class(tmp_path / "class.zip", "--exercise", "ex0", "--jobs", "1", "--out", tmp_path),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=interruptible,
    )
    wait_for_results(run, tmp_path)
    os.killpg(run.pid, signal.SIGHUP)
    assert run.wait(timeout=300) == 130
    assert os.listdir(tmp_path / "tmp") == []
    assert ask(tmp_path, "SELECT DISTINCT score FROM marks WHERE score IS NOT NULL") == [(10.0,)]


def interruptible() -> None:
    """Undo what a shell and nohup do to jobs in the background: they make them deaf to Ctrl-C and to hanging up."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_a_worker_that_dies_costs_nobody_the_result(tmp_path: Path) -> None:
    folder = submit(tmp_path / "class", {f"s{i:03}": f"# {i}\n{RIGHT}" for i in range(150)})
    words = grade_class(folder, "--exercise", "ex0", "--jobs", "2", "--out", tmp_path)
    run = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    wait_for_results(run, tmp_path)
    workers = [pid for pid in offspring(run.pid) if "spawn_main" in command(pid)]
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    assert run.wait(300) == 0
    assert ask(tmp_path, "SELECT count(*), min(score), max(reason) FROM marks") == [(150, 10.0, "all right")]


FULL = """
import resource, sys
from grader.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
main()
"""


def test_a_full_disk_keeps_what_was_graded(tmp_path: Path) -> None:
    folder = submit(tmp_path / "class", {f"s{i:03}": f"# {i}\n{WRONG}" for i in range(30)})
    words = ["class", str(folder), "--exercise", "ex0", "--jobs", "1", "--out", str(tmp_path)]
    run = subprocess.run(python("-c", FULL, *words), cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 3, run
    assert "cannot be written" in run.stderr
    assert "Traceback" not in run.stderr
    assert "the same command continues from there" in run.stderr
    [(before,)] = ask(tmp_path, "SELECT count(*) FROM results")
    done = subprocess.run(python("-m", "grader", *words), cwd=ROOT, capture_output=True, text=True, check=True)
    assert ask(tmp_path, "SELECT count(*) FROM results") == [(30,)]
    assert f"{before} unchanged" in done.stdout or before == 0


def test_two_runs_at_once_on_one_store(tmp_path: Path) -> None:
    folder = submit(tmp_path / "class", {f"s{i:03}": f"# {i}\n{RIGHT}" for i in range(100)})
    words = grade_class(folder, "--exercise", "ex0", "--jobs", "1", "--out", tmp_path)
    first = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    wait_for_results(first, tmp_path)
    second = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert "another command is writing" in second.stderr
    assert first.wait(300) == 0
    assert ask(tmp_path, "SELECT count(*), min(score) FROM marks") == [(100, 10.0)]


class Cluster(NamedTuple):
    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Start a real Dask scheduler and two real workers on loopback."""
    dask = [*python("-m", "dask")]
    file = tmp_path / "scheduler.json"
    log = (tmp_path / "log").open("wb")
    here = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    keys = {"stdout": log, "stderr": log, "cwd": tmp_path, "env": environment, "start_new_session": True}
    scheduler = subprocess.Popen(["timeout", "600", *dask, "scheduler", "--port", "0", *here], **keys)  # type: ignore[call-overload]
    while not file.exists():
        assert scheduler.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.05)
    own = ["--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path)]
    workers = [subprocess.Popen([*dask, "worker", *here, *own], **keys) for _ in range(2)]  # type: ignore[call-overload]
    yield Cluster(json.loads(file.read_text(encoding="utf-8"))["address"], scheduler, workers)
    for process in (*workers, scheduler):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(120)
    log.close()


@pytest.mark.torch
def test_a_cluster_of_which_one_worker_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    address, _, workers = cluster
    programs = {f"s{i:03}": f"# {i}\n{RIGHT if i % 4 else WRONG}" for i in range(80)}
    folder = submit(tmp_path / "class", programs)
    there, here = tmp_path / "there.sqlite", tmp_path / "here.sqlite"
    run = subprocess.Popen(grade_class(folder, "--exercise", "ex0", "--cluster", address, "--out", there), cwd=ROOT)
    wait_for_results(run, there)
    os.killpg(workers[0].pid, signal.SIGKILL)
    assert run.wait(300) == 0
    subprocess.run(grade_class(folder, "--exercise", "ex0", "--out", here), cwd=ROOT, check=True)
    assert len(reports(there)) == 80
    assert reports(there) == reports(here)


@pytest.mark.torch
def test_a_cluster_whose_scheduler_is_killed_ends_in_a_sentence(cluster: Cluster, tmp_path: Path) -> None:
    programs = {f"s{i:03}": f"# {i}\n{RIGHT}" for i in range(80)}
    folder, there = submit(tmp_path / "class", programs), tmp_path / "there.sqlite"
    words = grade_class(folder, "--exercise", "ex0", "--cluster", cluster.address, "--out", there)
    run = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_results(run, there)
    os.killpg(cluster.scheduler.pid, signal.SIGKILL)
    _, said = run.communicate(timeout=300)
    assert run.returncode == 3
    kept = len(reports(there))
    assert 0 < kept < 80
    assert len(said.splitlines()) == 2, said
    problem, help = said.splitlines()
    assert problem.startswith(f"the run has lost its workers (there is no Dask scheduler at `{cluster.address}`")
    assert problem.endswith(f"{kept} of 80 have results, which are kept")
    assert help == "help: start it again: the same command continues from here"
    assert (
        subprocess.run(grade_class(folder, "--exercise", "ex0", "--out", there), cwd=ROOT, check=False).returncode == 0
    )
    assert len(reports(there)) == 80


@pytest.mark.torch
def test_a_cluster_that_is_not_there(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.classroom.executors.PATIENCE", 1)
    submit(tmp_path / "class", {"anna": RIGHT})
    said = grade("class", "class", "--exercise", "ex0", "--cluster", "tcp://127.0.0.1:9")
    assert said.code == 3
    assert "there is no Dask scheduler at `tcp://127.0.0.1:9`" in said.err


def test_without_dask_it_says_what_to_install(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    submit(tmp_path / "class", {"anna": RIGHT})
    said = grade("class", "class", "--exercise", "ex0", "--cluster", "tcp://127.0.0.1:9")
    assert said.code == 2
    assert "pip install distributed` (the extra `cluster` of torch-grader)" in " ".join(said.err.split())


def test_what_a_busy_machine_did_not_run_is_graded_once_more_alone(
    grade: Grade, tmp_path: Path, quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = f"import time\ntime.sleep(0.3)\n{RIGHT}"
    submit(tmp_path / "class", {"anna": slow, "berta": RIGHT})
    again = run._Grading.grade_overruns

    def idle(grading: run._Grading, pool: Executor) -> None:
        monkeypatch.setattr(own_time, "LAST_STOP", 10)
        again(grading, pool)

    monkeypatch.setattr(executors, "local", one_thread)
    monkeypatch.setattr(own_time, "LAST_STOP", 0.15)  # of 1.5 s
    monkeypatch.setattr(run._Grading, "grade_overruns", idle)
    assert grade("class", "class", "--exercise", "ex0").code == 0
    assert [row[:3] for row in ask(tmp_path)] == [("anna", "ex0", 10.0), ("berta", "ex0", 10.0)]
    texts = ask(tmp_path, "SELECT report FROM results JOIN entries USING (id) ORDER BY student")
    anna, berta = (report_from_json(str(text).encode()) for (text,) in texts)
    assert anna.notes == (run.AGAIN,)
    assert not berta.notes
