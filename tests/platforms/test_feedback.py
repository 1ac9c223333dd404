from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import EnvironmentTrouble, GradeError
from grader.model.class_ import Entry, Person
from grader.model.report import Check, Crash, Diagnosis, Isolation, Report, Verdict
from grader.platforms import feedback
from grader.platforms.feedback import Written

HOSTILE = "<script>alert(1)</script> `x` ![](http://e/) \x1b[2J\u202e|"


def report(exercise: str = "ex1", score: float = 5, **more: Any) -> Report:
    checks = (
        Check("small case", False, Verdict.correct, score, 5),
        Check("hidden 1", True, Verdict.wrong_answer, 0, 5, text="the secret input"),
    )
    return Report(
        1, exercise, f"Title of {exercise}", "", "", checks, score, 10, 0.1, {}, Isolation("none", "", ()), **more
    )


def entry(student: str, name: str = "", original: str = "", **more: Any) -> Entry:
    return Entry(student, "ex1", "x.py", (Person(student, name),), original, **more)


def write(tmp_path: Path, *entries: Entry, layout: str = "canvas") -> Written:
    return feedback.write([(one, [report()]) for one in entries], tmp_path / "out", layout)


def in_zip(written: Written) -> list[str]:
    assert written.archive
    with zipfile.ZipFile(written.archive) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_each_student_gets_one_page_of_each_kind_with_all_exercises(tmp_path: Path) -> None:
    jane = entry("1042", "Jane Doe", "doejane_1042_99_ex1.py")
    results = [(jane, [report("ex10")]), (entry("7", "Kim"), [report()]), (jane, [report("ex2", 2.5)])]
    written = feedback.write(results, tmp_path / "new" / "out", "folders")
    assert [path.name for path in written.files] == ["Kim_7.md", "Kim_7.html", "Jane-Doe_1042.md", "Jane-Doe_1042.html"]
    assert (written.archive, written.notes) == (None, ())
    for path in written.files[2:]:
        text = path.read_text(encoding="utf-8")
        assert text.index("Title of ex2") < text.index("Title of ex10")
        assert "7.5 / 20" in text
        assert "Jane Doe" in text
        assert "Kim" not in text
        assert "small case" in text


def test_hidden_cases_are_not_shown(tmp_path: Path) -> None:
    for path in write(tmp_path, entry("1")).files[:2]:
        text = path.read_text(encoding="utf-8")
        assert ("0 of 1 hidden cases" if path.suffix == ".html" else "0 of 1 right") in text
        assert "secret" not in text


def test_inputs_of_secret_generated_cases_are_not_shown(tmp_path: Path) -> None:
    """Other references than the published mean that the generated cases were drawn from a key."""
    crash = Crash("ValueError", "424242", "x.py", 2, case="sweep 1", arguments={"input": [[424242]]})
    drawn = [
        Check(f"sweep {i}", False, Verdict.runtime_error, 0, 1, None, None, "424242", "424242", True) for i in (1, 2)
    ]
    work = msgspec.structs.replace(report(), checks=(*report().checks, *drawn), diagnosis=Diagnosis(crash=crash))
    for path in feedback.write([(entry("1"), [work])], tmp_path / "out", "canvas").files[:2]:
        text = path.read_text(encoding="utf-8")
        assert "424242" not in text
        assert "0 of 2 generated cases" in text
        assert "ValueError" in text


def test_why_nothing_was_graded_is_said(tmp_path: Path) -> None:
    lost, bare = entry("1", "A", problem=f"no program {HOSTILE}"), entry("2", "B")
    written = feedback.write([(lost, []), (bare, [])], tmp_path, "folders")
    said = {path.name: path.read_text(encoding="utf-8") for path in written.files}
    assert "ex1: no program" in said["A_1.md"]
    assert "ex1: no program" in said["A_1.html"]
    assert "Nothing was graded." in said["B_2.md"]
    assert "Nothing was graded." in said["B_2.html"]


def test_what_a_student_wrote_is_text(tmp_path: Path) -> None:
    one = entry("1", HOSTILE, problem=HOSTILE)
    markdown, html = (path.read_text(encoding="utf-8") for path in write(tmp_path, one).files)
    assert "<script>alert" not in html
    assert "Content-Security-Policy" in html
    for text in (markdown, html):
        assert "\x1b" not in text
        assert "\u202e" not in text
    for line in markdown.splitlines():
        if "<script" in line:
            assert line.startswith(("ex1: ", "# Feedback for `` "))


CANVAS = re.compile(r"^(?P<name>.+?)(?P<late>_LATE)?_(?P<user_id>\d+)_(?P<att>\d+)_(?P<file>.+)$")


@pytest.mark.parametrize(
    ("original", "due"),
    [
        ("doejane_1042_99120_conv.py", "doejane_1042_99120_feedback.html"),
        ("doejane_LATE_1042_99120_conv-1.py", "doejane_LATE_1042_99120_feedback.html"),
        ("doejane_1042_99120_LATE_7_8_conv.py", "doejane_1042_99120_feedback.html"),
        ("nguyễnhồng_1042_99120_a b.ipynb", "nguyễnhồng_1042_99120_feedback.html"),
        ("doejane_1042_99120_text.html", "doejane_1042_99120_feedback.html"),
        ("x/doejane_1042_99120_conv.py", "doejane_1042_99120_feedback.html"),
        ("anon_1042_99120_5_6_x.py", "anon_1042_99120_feedback.html"),
        ("a*b_1042_99120_x.py", "a-b_1042_99120_feedback.html"),
    ],
)
def test_canvas_finds_the_student_in_the_name(tmp_path: Path, original: str, due: str) -> None:
    (name,) = in_zip(write(tmp_path, entry("1042", "Jane", original)))
    assert name == due
    found = CANVAS.match(name)
    assert found
    assert (found["user_id"], found["att"], found["file"]) == ("1042", "99120", "feedback.html")


@pytest.mark.parametrize("late", ["", "LATE_"])
def test_canvas_finds_an_anonymous_student(tmp_path: Path, late: str) -> None:
    assert in_zip(write(tmp_path, entry("aB3x9", "", f"{late}anon_aB3x9_99120_ex1.py"))) == [
        f"{late}anon_aB3x9_99120_feedback.html"
    ]


@pytest.mark.parametrize(
    ("original", "name"),
    [
        ("Jane Doe_123_assignsubmission_file", "Jane Doe"),
        ("Jane Doe_123_assignsubmission_file_", "Jane Doe"),
        ("Jane Doe_123_assignsubmission_file_ex1_9_x_y.py", "Jane Doe"),
        ("Jane Doe_123_assignsubmission_file/ex1.py", "Jane Doe"),
        ("Jane Doe_123_assignsubmission_onlinetext", "Jane Doe"),
        ("Participant_123_assignsubmission_file", "Participant"),
        (".hidden_123_assignsubmission_file", "hidden"),
        ("~_123_assignsubmission_file", "student"),
        ("Đỗ Thị 5_123_assignsubmission_file", "Đỗ Thị 5"),
    ],
)
def test_moodle_finds_the_participant_in_the_name(tmp_path: Path, original: str, name: str) -> None:
    (given_back,) = in_zip(write(tmp_path, entry("123", "Jane", original), layout="moodle"))
    info = given_back.split("_", 4)  # PHP's explode('_', …, 5)
    assert info == [name, "123", "assignsubmission", "file", "feedback.html"]
    assert not given_back.startswith((".", "~"))  # Moodle takes those for hidden


def test_who_cannot_be_in_the_zip_is_named(tmp_path: Path) -> None:
    known = entry("1", "Ann", "ann_1_2_x.py")
    written = write(tmp_path, known, entry("2", "Bob", "bob.py"), entry("3", "Cy", "ann_1_2_y.py"))
    assert in_zip(written) == ["ann_1_2_feedback.html"]
    assert [note.split(" is ")[0] for note in written.notes] == ["`Bob`", "`Cy`"]
    assert len(written.files) == 7


def test_there_is_no_zip_without_a_name_that_is_known(tmp_path: Path) -> None:
    written = write(tmp_path, entry("2", "Bob", "bob.py"), layout="moodle")
    assert written.archive is None
    assert len(written.notes) == 1
    assert sorted(os.listdir(tmp_path / "out")) == ["Bob_2.html", "Bob_2.md"]


def test_equal_feedback_is_equal_bytes_in_whatever_order_it_comes(tmp_path: Path) -> None:
    entries = [entry(f"{i}", name, f"n_{i}_5_x.py") for i, name in enumerate(["Ö", "o\u0308", "ann", "Ann", "ANN"])]
    first = write(tmp_path / "1", *entries)
    second = write(tmp_path / "2", *entries[::-1])
    assert [path.name for path in first.files] == [path.name for path in second.files]
    for one, other in zip(first.files, second.files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.tex").write_text("years of work")
    (out / ".DS_Store").write_text("")
    with pytest.raises(GradeError, match=r"holds other files than this feedback: `thesis\.tex`\n"):
        write(tmp_path, entry("1", "Ann", "ann_1_2_x.py"))
    assert sorted(os.listdir(out)) == [".DS_Store", "thesis.tex"]
    (out / "thesis.tex").unlink()
    first = write(tmp_path, entry("1", "Ann", "ann_1_2_x.py"))
    assert write(tmp_path, entry("1", "Ann", "ann_1_2_x.py")) == first  # its own are written anew
    with pytest.raises(GradeError, match=r"holds other files .*: `Ann_1\.html`, `Ann_1\.md`, `feedback-canvas\.zip`"):
        write(tmp_path, entry("2", "Bob"))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(GradeError, match="is not a folder"):
        write(tmp_path, entry("1"))


def test_what_cannot_be_written_is_not_the_callers_fault(tmp_path: Path) -> None:
    (tmp_path / "out" / "Ann_1.md").mkdir(parents=True)
    with pytest.raises(EnvironmentTrouble, match="feedback cannot be written"):
        write(tmp_path, entry("1", "Ann"))


@pytest.mark.parametrize(
    "name", ["con", "NUL", "com1", "Lpt9", "../../etc/passwd", "a/b\\c:d", "..", "x" * 500, "漢" * 300]
)
def test_no_system_refuses_the_name(tmp_path: Path, name: str) -> None:
    for path in write(tmp_path, entry(name)).files:
        assert path.parent == tmp_path / "out"
        assert len(path.name.encode()) < 250
        assert path.stem.casefold() not in ("con", "nul", "com1", "lpt9", "")
        assert re.fullmatch(r"[\w-]+\.(md|html)", path.name)


@given(
    st.lists(
        st.tuples(st.text("aAäÄßſK.-_/ \u0308\u212a１1", max_size=3), st.text("abAB1_-. ", min_size=1, max_size=3)),
        max_size=8,
    )
)
def test_no_system_takes_two_names_for_one(people: list[tuple[str, str]]) -> None:
    works = dict(feedback._gathered([(entry(student, name), []) for name, student in people]))
    stems = list(feedback._stems(works).values())
    assert len(stems) == len(works)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert len({unicodedata.normalize(form, stem).casefold() for stem in stems}) == len(stems)
    assert len({stem.upper() for stem in stems}) == len(stems)
