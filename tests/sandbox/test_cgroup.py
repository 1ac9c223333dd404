"""A cgroup per program. Few machines that run tests delegate one, so a folder of plain files stands in for the tree."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import msgspec
import pytest
from conftest import Grade, solution

from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging.grade import grade as judged
from grader.model.exercise import Lock
from grader.model.report import Verdict
from grader.model.submission import Submission
from grader.sandbox import cgroup, fork_server
from grader.sandbox.cgroup import Undelegated, delegated
from grader.sandbox.fork_server import ForkServer


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree of which one part, `user/own`, is ours, with this process in it."""
    for folder in (tmp_path, tmp_path / "user", tmp_path / "user" / "own"):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.controllers").write_text("cpu memory pids\n")
        (folder / "cgroup.subtree_control").write_text("")
        (folder / "cgroup.procs").write_text("")
    own = tmp_path / "user" / "own"
    (own / "cgroup.type").write_text("domain\n")
    (own / "cgroup.procs").write_text(f"{os.getpid()}\n")
    (tmp_path / "self").write_text("1:pids:/elsewhere\n0::/user/own\n")
    return tmp_path


@pytest.fixture
def given(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, marked as delegated; removing a folder of plain files takes more than a cgroup's."""
    marks = {str(tree / "user" / "own"): b"1"}

    def getxattr(path: Path, name: str) -> bytes:
        if name == "user.delegate" and str(path) in marks:
            return marks[str(path)]
        raise OSError(61, "No data available", str(path))

    monkeypatch.setattr(os, "getxattr", getxattr)
    monkeypatch.setattr(Path, "rmdir", shutil.rmtree)
    return tree / "user" / "own"


def test_a_delegated_part_is_taken_and_kept(tree: Path, given: Path) -> None:
    assert delegated(tree, tree / "self") == given
    assert (given / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert (given / "grader" / "cgroup.procs").read_text() == str(os.getpid())
    assert sorted(entry.name for entry in given.iterdir() if entry.is_dir()) == ["grader"]
    (tree / "self").write_text("0::/user/own/grader\n")  # as the kernel says it from now on
    (given / "cgroup.subtree_control").write_text("kept")
    assert delegated(tree, tree / "self") == given
    assert (given / "cgroup.subtree_control").read_text() == "kept"


def test_what_is_not_ours_is_left_alone(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tree / "user" / "own"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    before = sorted(str(path) for path in tree.rglob("*"))
    with pytest.raises(Undelegated, match="is not delegated"):
        delegated(tree, tree / "self")
    (own / "cgroup.controllers").write_text("cpu pids\n")
    with pytest.raises(Undelegated, match="no controller for memory"):
        delegated(tree, tree / "self")
    (tree / "self").write_text("4:memory:/\n")
    with pytest.raises(Undelegated, match="no cgroup v2 tree"):
        delegated(tree, tree / "self")
    with pytest.raises(Undelegated, match=r"No such file or directory \(errno 2\)"):
        delegated(tree, tree / "nowhere")
    assert sorted(str(path) for path in tree.rglob("*")) == before


def test_a_folder_of_ones_own_counts_as_delegated(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "rmdir", shutil.rmtree)
    for path in (tree / "user" / "own", *(tree / "user" / "own").iterdir()):
        os.chown(path, 1234, -1) if os.getuid() == 0 else None
    monkeypatch.setattr(os, "geteuid", lambda: (tree / "user" / "own").stat().st_uid)
    assert delegated(tree, tree / "self") == tree / "user" / "own"


def test_a_door_that_closes_half_way_is_a_reason(tree: Path, given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "memory.max")

    monkeypatch.setattr(cgroup.Leaf, "limit", refuse)
    with pytest.raises(Undelegated, match=r"memory.max: Permission denied \(errno 13\)"):
        delegated(tree, tree / "self")
    assert [entry.name for entry in given.iterdir() if entry.is_dir()] == ["grader"]


def lock() -> Lock:
    lock = read_lock(pack_folder(None), "ex1")
    exercise = msgspec.structs.replace(lock.exercise, cases=lock.exercise.cases[:2], sweep=None)
    return msgspec.structs.replace(lock, exercise=exercise)


def test_each_program_gets_a_leaf_that_is_gone_afterwards(
    tree: Path, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "self").write_text("0::/user/own/grader\n")
    (given / "grader").mkdir()
    monkeypatch.setattr(cgroup.delegated, "__defaults__", (tree, tree / "self"))
    leaves: list[dict[str, str]] = []

    def take(leaf: cgroup.Leaf, pid: int) -> None:
        assert Path(f"/proc/{pid}/status").exists()
        leaf._write("cgroup.procs", pid)
        (leaf.folder / "memory.events").write_text("low 0\noom 0\noom_kill 0\n")
        (leaf.folder / "memory.peak").write_text("12345678\n")
        leaves.append({path.name: path.read_text() for path in leaf.folder.iterdir()})

    monkeypatch.setattr(cgroup.Leaf, "add", take)
    with ForkServer("process") as server:
        assert server.cgroups == given
        report = judged(
            lock(), Submission("", "", "", "python", "a.py", (("a.py", solution("ex1")),)), start=server.process
        )
        assert report.passed
        assert report.isolation.memory_peak == 12345678
        assert leaves[0]["memory.max"] == str(1024 << 20)
        assert (leaves[0]["pids.max"], leaves[0]["memory.swap.max"]) == ("1", "0")
        assert sorted(entry.name for entry in given.iterdir() if entry.is_dir()) == ["grader"]

        real = fork_server._Forked._end_of_process

        def killed(process: fork_server._Forked) -> object:
            assert process.leaf
            (process.leaf.folder / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")
            return real(process)

        monkeypatch.setattr(fork_server._Forked, "_end_of_process", killed)
        source = f"import os\n\n\ndef conv2d(input, kernel, bias):\n    os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
        report = judged(lock(), Submission("", "", "", "python", "a.py", (("a.py", source),)), start=server.process)
        assert {check.verdict for check in report.checks} == {Verdict.memory_limit}
        assert "used more memory than allowed" in report.checks[0].text
        assert sorted(entry.name for entry in given.iterdir() if entry.is_dir()) == ["grader"]


def test_a_leaf_that_cannot_be_made_costs_nothing(tree: Path, given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ForkServer("process") as server:
        server.cgroups = tree / "nowhere"
        report = judged(
            lock(), Submission("", "", "", "python", "a.py", (("a.py", solution("ex1")),)), start=server.process
        )
    assert report.passed
    assert not report.isolation.memory_peak


def test_the_number_of_a_process_is_read_from_its_descriptor() -> None:
    handle = os.pidfd_open(os.getpid())
    try:
        assert fork_server.pid_of(handle) == os.getpid()
    finally:
        os.close(handle)


def test_the_doctor_says_which(grade: Grade, tree: Path, given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup.delegated, "__defaults__", (tree, tree / "nowhere"))
    assert "not delegated" in " ".join(grade("doctor").out.split())
    (tree / "self").write_text("0::/user/own\n")
    monkeypatch.setattr(cgroup.delegated, "__defaults__", (tree, tree / "self"))
    assert "delegated (" in " ".join(grade("doctor").out.split())
