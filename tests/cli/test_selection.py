"""A part of a class, in an order, and under pseudonyms: sections, some students, what may be projected."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from conftest import Grade, one_thread

from grader.classroom import executors

RIGHT = "def elementwise_product(a, b):\n    return a * b\n"
ADDS = "def elementwise_product(a, b):\n    return a + b\n"
CLASS = {
    7: ("Roe, Ann", "Mon 10"),
    8: ("Ek, Bob", "Tue 12"),
    9: ("Lee, Cay", "Mon 10 and Lab"),
    10: ("Ono, Dan", "Tue 12"),
}
NAMES = ("Roe", "Ann", "Ek", "Bob", "Lee", "Cay", "Ono", "Dan", "annroe", "bobek")
GRADESCOPE = (
    "submission_{0}:\n  :submitters:\n  - :name: {1}\n    :sid: {1}\n  :created_at: 2026-05-{2:02} 12:00:00 Z\n"
)


@pytest.fixture
def graded(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grade:
    """A Canvas class of four in two sections; the last one submitted nothing."""
    monkeypatch.setattr(executors, "local", one_thread)
    (tmp_path / "class").mkdir()
    for name, source in (("annroe_7", RIGHT), ("bobek_LATE_8", ADDS), ("caylee_9", RIGHT)):
        (tmp_path / "class" / f"{name}_1_ex0.py").write_text(source, encoding="utf-8")
    rows = "".join(f'"{name}",{id},,l{id}@x.edu,{section},\n' for id, (name, section) in CLASS.items())
    book = f"Student,ID,SIS User ID,SIS Login ID,Section,HW (7)\n    Points Possible,,,,,10\n{rows}"
    (tmp_path / "book.csv").write_text(book, encoding="utf-8")
    assert grade("class", "class", "--exercise", "ex0", "--roster", "book.csv").code == 0
    return grade


def students(grade: Grade, *words: str) -> list[str]:
    table = grade("report", "--format", "csv", *words)
    assert table.code == 0, table
    return [row["student"] for row in csv.DictReader(io.StringIO(table.out))]


def test_a_section(graded: Grade, tmp_path: Path) -> None:
    assert students(graded, "--section", "mon 10") == ["7", "9"]
    assert students(graded, "--section", "Lab") == ["9"]
    shown = graded("report", "--section", "Tue 12", "--students").out
    assert "1 student: 0 right, 1 wrong" in shown
    assert "submitted nothing:\n  Dan Ono (10)\n" in shown
    assert "Roe" not in shown
    filled = graded("report", "--section", "Tue 12", "--canvas", "book.csv", "--title", "HW").out
    assert "1 mark in" in filled
    assert graded("report", "--section", "Mon 10", "--feedback", "pages").code == 0
    assert sorted(path.stem for path in (tmp_path / "pages").glob("*.md")) == ["Ann-Roe_7", "Cay-Lee_9"]
    assert "2 programs" in graded("report", "--section", "Mon 10", "--dolos", "dolos.zip").out
    assert "there is 1 program for `ex0`" in graded("report", "--section", "Tue 12", "--dolos", "dolos.zip").err
    refused = graded("report", "--section", "Mon 11")
    assert refused.code == 2
    assert "nobody is in the section `Mon 11`\nhelp: did you mean `Mon 10`?" in refused.err


def test_some_students(graded: Grade) -> None:
    assert students(graded, "--only", "8", "--only", "L9@X.EDU") == ["8", "9"]
    refused = graded("report", "--only", "8", "--only", "88")
    assert refused.code == 2
    assert "`--only 88`: the class has nobody with this id\nhelp: did you mean `8`?" in refused.err
    assert graded("report", "--only", "8", "--changes").code == 2


def test_a_class_without_sections(graded: Grade, tmp_path: Path) -> None:
    (tmp_path / "other" / "ann").mkdir(parents=True)
    (tmp_path / "other" / "ann" / "ex0.py").write_text(RIGHT, encoding="utf-8")
    assert graded("class", "other", "--out", "other.sqlite").code == 0
    refused = graded("report", "other.sqlite", "--section", "A")
    assert "`grade class PATH --roster CSV` reads them from a column `Section`" in refused.err


def test_an_order(graded: Grade, tmp_path: Path) -> None:
    assert students(graded) == ["7", "8", "9"]
    assert students(graded, "--sort", "score") == ["7", "9", "8"]
    assert students(graded, "--sort", "late") == ["8", "7", "9"]
    for path in (tmp_path / "class").iterdir():
        path.unlink()
    days = {"amy": 3, "ben": 9, "cat": 6}
    for number in range(len(days)):
        (tmp_path / "class" / f"submission_{number}").mkdir()
        (tmp_path / "class" / f"submission_{number}" / "ex0.py").write_text(RIGHT, encoding="utf-8")
    text = "".join(GRADESCOPE.format(number, *item) for number, item in enumerate(days.items()))
    (tmp_path / "class" / "submission_metadata.yml").write_text(text, encoding="utf-8")
    (tmp_path / "policy.yaml").write_text("due: 2026-05-04 12:00 Z\npoints_per_day: 1\n", encoding="utf-8")
    assert graded("class", "class", "--exercise", "ex0", "--out", "scope.sqlite").code == 0
    assert students(graded, "scope.sqlite", "--sort", "late") == ["ben", "cat", "amy"]
    assert students(graded, "scope.sqlite", "--sort", "score") == ["amy", "cat", "ben"]
    assert graded("report", "--sort", "score").code == 2


def test_pseudonyms_are_stable_and_name_nobody(graded: Grade, tmp_path: Path) -> None:
    graded("mark", "8", "ex0", "--set", "5", "--why", "Bob asked", "--as", "Lee")
    formats = [
        ("--students",),
        ("--format", "csv"),
        ("--format", "json"),
        ("--format", "markdown"),
        ("--format", "junit"),
    ]
    for words in formats:
        shown = graded("report", "--anonymous", *words)
        assert shown.code == 0
        assert not [name for name in NAMES if name in shown.out], words
        assert "x.edu" not in shown.out
    first = students(graded, "--anonymous")
    assert first == students(graded, "--anonymous") == sorted(first)
    assert len(set(first)) == 3
    marks = json.loads(graded("report", "--anonymous", "--format", "json").out)["students"]["rows"]
    assert sorted(row["total"] for row in marks) == [5.0, 10.0, 10.0]
    assert graded("class", "class", "--exercise", "ex0", "--out", "again.sqlite").code == 0
    assert not set(students(graded, "again.sqlite", "--anonymous")) & set(
        first
    )  # a key of its own: no list of ids helps
    for line in ("--feedback f", "--student 7", "--changes", "--gradescope book.csv", "--similar", "--dolos z.zip"):
        assert graded("report", "--anonymous", *line.split()).code == 2


def test_nobody_else_can_read_what_has_marks(graded: Grade, tmp_path: Path) -> None:
    assert graded("report", "--html", "class.html", "--anonymous").code == 0
    assert graded("report", "--feedback", "pages").code == 0
    assert graded("report", "--canvas", "book.csv", "--title", "HW").code == 0
    written = [tmp_path / name for name in ("class.html", "book.filled.csv", "results.sqlite", "results.sqlite.lock")]
    written += (tmp_path / "pages").iterdir()
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []
