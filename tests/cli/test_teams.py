"""Marks of teams, and of people whose names and ids are written in several ways: never in another student's row."""

from __future__ import annotations

import unicodedata
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from conftest import Grade, one_thread

from grader.classroom import executors

Form = Literal["NFC", "NFD"]
RIGHT = "def elementwise_product(a, b):\n    return a * b\n"
WORKSHEET = "Identifier,Full name,Grade,Maximum Grade,Last modified (grade)\n"


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "local", one_thread)


def lay(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / "class" / name / "ex0.py"
        path.parent.mkdir(parents=True)
        path.write_text(RIGHT, encoding="utf-8")


def worksheet(folder: Path, people: dict[int, str]) -> None:
    rows = "".join(f"Participant {id},{name},,10.00,-\n" for id, name in people.items())
    (folder / "sheet.csv").write_text(WORKSHEET + rows, encoding="utf-8")


@pytest.mark.parametrize("roster", [True, False])
@pytest.mark.parametrize("team", ["Group", "Die Löwen", "Team Kim"])
def test_a_teams_number_is_not_taken_for_a_participants(grade: Grade, tmp_path: Path, roster: bool, team: str) -> None:
    lay(tmp_path, f"{team}_501_assignsubmission_file", "Ann Roe_30_assignsubmission_file")
    worksheet(tmp_path, {501: "Kim Lee", 30: "Ann Roe"})
    done = grade("class", "class", "--exercise", "ex0", *(["--roster", "sheet.csv"] if roster else []))
    assert done.code == 0, done
    if roster:
        assert "submitted nothing:\n  Kim Lee (501)" in done.out
    filled = grade("report", "--moodle", "sheet.csv")
    assert filled.code == 2
    assert f"`{team}` (" in filled.err
    assert not (tmp_path / "sheet.filled.csv").exists()


def test_a_list_of_groups_brings_a_teams_mark_to_its_members(grade: Grade, tmp_path: Path) -> None:
    lay(tmp_path, "Group_501_assignsubmission_file", "Ann Roe_30_assignsubmission_file")
    worksheet(tmp_path, {501: "Kim Lee", 30: "Ann Roe", 41: "Jo Ek", 42: "Mia Ono", 43: "Al Old"})
    (tmp_path / "groups.csv").write_text("group,student\ngroup,41\ngroup,42\n", encoding="utf-8")
    done = grade("class", "class", "--exercise", "ex0", "--roster", "sheet.csv", "--groups", "groups.csv")
    assert "submitted nothing:\n  Kim Lee (501)\n  Al Old (43)\n" in done.out
    assert grade("report", "--moodle", "sheet.csv").code == 0
    marks = [line.split(",")[:3] for line in (tmp_path / "sheet.filled.csv").read_text("utf-8").splitlines()[1:]]
    assert [mark for _, _, mark in marks] == ["", "10.00", "10.00", "10.00", ""]
    assert grade("report", "--feedback", "pages").code == 0
    names = zipfile.ZipFile(tmp_path / "pages" / "feedback-moodle.zip").namelist()
    assert sorted(name.split("_")[1] for name in names) == ["30", "41", "42"]


def test_moodle_gives_each_member_the_teams_files_and_they_count_once(grade: Grade, tmp_path: Path) -> None:
    lay(tmp_path, "Owls-Jo Ek_41_assignsubmission_file", "Owls-Mia Ono_42_assignsubmission_file")
    worksheet(tmp_path, {41: "Jo Ek", 42: "Mia Ono"})
    (tmp_path / "groups.csv").write_text("group,student\nOwls,41\nOwls,42\n", encoding="utf-8")
    done = grade("class", "class", "--exercise", "ex0", "--roster", "sheet.csv", "--groups", "groups.csv")
    assert "Owls-Mia Ono_42_assignsubmission_file: is of the same group as Owls-Jo Ek" in " ".join(done.out.split())
    assert grade("report", "--moodle", "sheet.csv").code == 0
    assert (tmp_path / "sheet.filled.csv").read_text("utf-8").count("10.00,10.00") == 2


def test_a_group_in_canvas_is_submitted_by_one_of_its_members(grade: Grade, tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "leekim_1_9_ex0.py").write_text(RIGHT, encoding="utf-8")
    rows = "".join(f'"{name}",{id},,l{id},A,\n' for id, name in ((1, "Lee, Kim"), (2, "Ek, Jo"), (3, "Roe, Ann")))
    book = "Student,ID,SIS User ID,SIS Login ID,Section,HW (7)\n    Points Possible,,,,,10\n" + rows
    (tmp_path / "book.csv").write_text(book, encoding="utf-8")
    (tmp_path / "groups.csv").write_text("name,canvas_user_id,group_name\nKim,1,Owls\nJo,2,Owls\nAnn,3,\n", "utf-8")
    done = grade("class", "class", "--exercise", "ex0", "--groups", "groups.csv")
    assert done.code == 0, done
    assert grade("report", "--canvas", "book.csv", "--title", "HW").code == 0
    filled = (tmp_path / "book.filled.csv").read_text("utf-8").splitlines()[2:]
    assert [line.rpartition(",")[2] for line in filled] == ["10.00", "10.00", ""]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "groups.csv: the file is empty"),
        ("team,name\n", "groups.csv:1: there is no column `student`"),
        ("group,student\na,41\nb,42\nb,41\n", "groups.csv:4: `41` is in line 2 too"),
        ("group,student\na,41\na,77\n", "groups.csv:3: `77` is not on the roster"),
        ("group,student\na,\n", "groups.csv:2: `a` has a member without an id"),
        ("group,student\na,41,x\n", "groups.csv:2: there are 3 cells, but 2 columns"),
    ],
)
def test_a_broken_list_of_groups_is_refused_with_its_line(grade: Grade, tmp_path: Path, text: str, says: str) -> None:
    lay(tmp_path, "Group_501_assignsubmission_file")
    worksheet(tmp_path, {41: "Jo Ek", 42: "Mia Ono"})
    (tmp_path / "groups.csv").write_text(text, encoding="utf-8")
    done = grade("class", "class", "--exercise", "ex0", "--roster", "sheet.csv", "--groups", "groups.csv")
    assert done.code == 2
    assert says in done.err
    assert "help: " in done.err
    assert not (tmp_path / "results.sqlite").exists()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_in_two_forms_are_one_person(grade: Grade, tmp_path: Path, form: Form) -> None:
    other: Form = "NFD" if form == "NFC" else "NFC"
    lay(tmp_path, unicodedata.normalize(form, "Jürgen"), "ann")
    roster = unicodedata.normalize(other, "id,name\njürgen,J\nANN,Ann\n")
    (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
    done = grade("class", "class", "--exercise", "ex0", "--roster", "roster.csv")
    assert "submitted nothing" not in done.out
    assert "not on the roster" not in done.out


@pytest.mark.parametrize(
    ("word", "stripped"),
    [("Teilnehmer/in", "Teilnehmerin"), ("Participante", "Participante"), ("Deelnemer ", "Deelnemer")],
)
def test_hidden_names_in_other_languages(grade: Grade, tmp_path: Path, word: str, stripped: str) -> None:
    lay(tmp_path, f"{stripped}_41_assignsubmission_file")
    sheet = f"Identifier,Grade,Maximum Grade,Last modified (grade)\n{word}41,,10,-\n{word}43,,10,-\n"
    (tmp_path / "sheet.csv").write_text(sheet, encoding="utf-8")
    done = grade("class", "class", "--exercise", "ex0", "--roster", "sheet.csv")
    assert "submitted nothing:\n  43\n" in done.out
    assert grade("report", "--moodle", "sheet.csv").code == 0
    assert f"{word}41,10.00,10" in (tmp_path / "sheet.filled.csv").read_text("utf-8")


def test_staff_is_not_absent(grade: Grade, tmp_path: Path) -> None:
    lay(tmp_path, "7", "9")
    people = ("A,B,7,Student", "C,D,8,Student", "T,T,,Instructor", "U,U,5,TA", "Test,Student,6,StudentView (test)")
    (tmp_path / "roster.csv").write_text("\n".join(["First Name,Last Name,SID,Role", *people, "V,W,4,Student;TA"]))
    done = grade("class", "class", "--exercise", "ex0", "--roster", "roster.csv")
    assert "submitted nothing:\n  C D (8)\n  V W (4)\n" in done.out


def test_a_gradescope_entry_of_nobody_is_named_and_can_be_left_out(grade: Grade, tmp_path: Path) -> None:
    lay(tmp_path, "submission_1001", "submission_1004")
    metadata = 'submission_1001:\n  :submitters:\n  - :name: A B\n    :sid: "7"\nsubmission_1004:\n  :submitters: []\n'
    (tmp_path / "class" / "submission_metadata.yml").write_text(metadata, encoding="utf-8")
    (tmp_path / "grades.csv").write_text("First Name,Last Name,SID,Total Score,Max Points\nA,B,7,,10\n", "utf-8")
    assert grade("class", "class", "--exercise", "ex0").code == 0
    done = grade("report", "--gradescope", "grades.csv")
    assert "names nobody who submitted `1004`" in done.out
    assert "A,B,7,10.00,10" in (tmp_path / "grades.filled.csv").read_text("utf-8")
    assert "1004" not in grade("report", "--gradescope", "grades.csv", "--without", "1004").out
