"""An unchanged file is not read again, and whatever changes a submission is noticed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Grade, one_thread
from programs import lock

from grader.classroom import executors, unchanged
from grader.classroom.store import Store
from grader.classroom.unchanged import Changes, compare, signature

RIGHT = "import numpy as np\n\n\ndef elementwise_product(a, b):\n    return a * b\n"
WRONG = RIGHT.replace("*", "+")  # of the same size


@pytest.fixture
def graded(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class of one, graded; its file is old enough to be trusted."""
    monkeypatch.setattr(executors, "local", one_thread)
    monkeypatch.setattr(unchanged, "SETTLED", 0)
    (tmp_path / "class" / "ann").mkdir(parents=True)
    file = tmp_path / "class" / "ann" / "ex0.py"
    file.write_text(RIGHT, encoding="utf-8")
    assert grade("class", "class", "--exercise", "ex0").code == 0
    return file


def compared(tmp_path: Path) -> Changes:
    with Store(tmp_path, writing=True) as store:
        return compare({"ex0": lock("ex0")}, store, [1])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no time of the last change")
def test_an_unchanged_file_is_not_read_again(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(unchanged, "read", refuse)
    assert compared(tmp_path) == Changes(frozenset({1}), ())


def rewrite(file: Path) -> None:
    """Write another program of the same size and give the file its old time, as a student's archive could."""
    before = file.stat()
    while file.stat().st_ctime_ns == before.st_ctime_ns:
        file.write_text(WRONG, encoding="utf-8")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def exchange(file: Path) -> None:
    other = file.with_name("other.py")
    other.write_text(WRONG, encoding="utf-8")
    other.replace(file)


def exchange_folder(file: Path) -> None:
    file.parent.rename(file.parent.with_name("old"))
    file.parent.mkdir()
    file.write_text(WRONG, encoding="utf-8")


def add_module(file: Path) -> None:
    file.with_name("numpy.py").write_text("x = 1\n", encoding="utf-8")


@pytest.mark.parametrize("change", [rewrite, exchange, exchange_folder, add_module])
def test_every_change_is_noticed(change: Callable[[Path], None], graded: Path, tmp_path: Path) -> None:
    change(graded)
    assert compared(tmp_path) == Changes(frozenset(), (1,))


def test_a_package_beside_it_is_searched_each_time(graded: Path, tmp_path: Path) -> None:
    """A module that appears in a folder beside the program changes no time of the program's own folder."""
    inner = graded.parent / "numpy"
    inner.mkdir()
    assert compared(tmp_path) == Changes(frozenset({1}), ())
    (inner / "__init__.py").write_text("x = 1\n", encoding="utf-8")
    assert compared(tmp_path) == Changes(frozenset(), (1,))


def test_a_file_that_changed_just_now_has_no_signature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "ex0.py"
    file.write_text(RIGHT, encoding="utf-8")
    monkeypatch.setattr(unchanged, "SETTLED", 1 << 62)
    assert signature(str(file)) == ""
    monkeypatch.setattr(unchanged, "SETTLED", 0)
    assert bool(signature(str(file))) is (os.name != "nt")
    link = tmp_path / "link.py"
    link.symlink_to(file)
    assert [signature(str(path)) for path in (link, tmp_path, tmp_path / "none.py", "")] == [""] * 4
