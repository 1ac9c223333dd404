"""Filling in a gradebook: every cell that is replaced is shown, and no mark of somebody else is lost without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Grade, one_thread

from grader.classroom import executors

RIGHT = "def elementwise_product(a, b):\n    return a * b\n"
ADDS = "def elementwise_product(a, b):\n    return a + b\n"
CANVAS = ("--canvas", "book.csv", "--title", "HW")


def book(folder: Path, *marks: str) -> None:
    head = (
        "Student,ID,SIS User ID,SIS Login ID,Section,HW (7),Final Grade,Current Score\n    Points Possible,,,,,10,,\n"
    )
    rows = "".join(f'"S{id}, A",{id},,l{id},A,{mark},,\n' for id, mark in enumerate(marks, 1))
    (folder / "book.csv").write_text(head + rows, encoding="utf-8")


def cells(folder: Path) -> list[str]:
    lines = (folder / "book.filled.csv").read_text("utf-8").splitlines()[2:]
    return [line.split(",")[6] for line in lines]


@pytest.fixture
def graded(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grade:
    monkeypatch.setattr(executors, "local", one_thread)
    (tmp_path / "class").mkdir()
    for id, source in enumerate((RIGHT, ADDS, RIGHT, RIGHT), 1):
        (tmp_path / "class" / f"as{id}_{id}_9_ex0.py").write_text(source, encoding="utf-8")
    assert grade("class", "class", "--exercise", "ex0").code == 0
    return grade


def test_marks_of_others_are_not_replaced_without_being_asked(graded: Grade, tmp_path: Path) -> None:
    book(tmp_path, "7.50", "-", "", "10.00")
    refused = graded("report", *CANVAS)
    assert refused.code == 2
    assert "a cell holds a mark that `grade report` did not write:\n  `S1, A` (1): 7.50 → 10.00\n" in refused.err
    assert "`--overwrite` replaces them" in refused.err
    assert not (tmp_path / "book.filled.csv").exists()
    kept = graded("report", *CANVAS, "--without", "1")
    assert "2 marks in `HW (7)`, nothing else changed" in kept.out
    assert cells(tmp_path) == ["7.50", "0.00", "10.00", "10.00"]
    done = graded("report", *CANVAS, "--overwrite")
    assert "3 marks in `HW (7)`, 1 of them in place of earlier ones\n  `S1, A` (1): 7.50 → 10.00\n" in done.out
    assert "nothing else changed" not in done.out
    assert cells(tmp_path) == ["10.00", "0.00", "10.00", "10.00"]


def test_what_this_tool_wrote_last_may_be_replaced_and_is_shown(graded: Grade, tmp_path: Path) -> None:
    book(tmp_path, "", "", "", "")
    assert graded("report", *CANVAS).code == 0
    (tmp_path / "class" / "as1_1_9_ex0.py").write_text(ADDS, encoding="utf-8")
    assert graded("class", "class", "--exercise", "ex0").code == 0
    book(tmp_path, "10.0", "0", "10", "10.00")  # as Canvas exports the same numbers
    done = graded("report", *CANVAS)
    assert "1 mark in `HW (7)`, 1 of them in place of earlier ones\n  `S1, A` (1): 10.0 → 0.00\n" in done.out
    book(tmp_path, "10.0", "0", "10", "10.00")  # the last fill was not imported: its 0 is not in the gradebook
    (tmp_path / "class" / "as1_1_9_ex0.py").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "class" / "as3_3_9_ex0.py").write_text(ADDS, encoding="utf-8")
    assert graded("class", "class", "--exercise", "ex0").code == 0
    book(tmp_path, "10.0", "0", "9", "10.00")
    assert "`S3, A` (3): 9 → 0.00" in graded("report", *CANVAS).err


def test_a_dry_run_shows_every_cell_and_writes_nothing(graded: Grade, tmp_path: Path) -> None:
    book(tmp_path, "7.50", "", "EX", "N/A")
    shown = graded("report", *CANVAS, "--overwrite", "--dry-run").out
    assert "`S1, A` (1): 7.50 → 10.00\n  `S2, A` (2): (empty) → 0.00\n" in shown
    assert "`as3` (3) keeps `EX`" in shown
    assert "keeps `N/A`: the work is not assigned" in " ".join(shown.split())
    assert not (tmp_path / "book.filled.csv").exists()
    assert graded("report", *CANVAS).code == 2  # it was not remembered either


@pytest.mark.parametrize("title", ["Final Grade", "Current Score"])
def test_a_column_that_canvas_ignores_is_refused(graded: Grade, tmp_path: Path, title: str) -> None:
    book(tmp_path, "", "", "", "")
    refused = graded("report", "--canvas", "book.csv", "--title", title)
    assert f"Canvas ignores the column `{title}` when it imports the gradebook" in refused.err
    assert "name an assignment: `HW (7)`" in refused.err


def test_options_of_gradebooks_need_one(graded: Grade) -> None:
    assert graded("report", "--dry-run").code == 2
    assert graded("report", "--overwrite").code == 2
