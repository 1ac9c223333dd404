"""`grade report`: what an instructor sees of a class, and what goes back to the platform."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import stat
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from conftest import ROOT, Grade, one_thread

from grader.classroom import executors
from grader.classroom.store import Store
from grader.cli.app import run
from grader.model.class_ import Entry

RIGHT = "def elementwise_product(a, b):\n    return a * b\n"
ADDS = "def elementwise_product(a, b):\n    return a + b\n"
STRANGE = "def elementwise_product(a, b):\n    return eval('a * 3 - b * 0.5 + 17')\n"
LONGER = """import numpy as np


def elementwise_product(a, b):
    if a.shape != b.shape:
        raise ValueError("the shapes differ")
    rows, columns = a.shape
    product = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            left, right = a[row, column], b[row, column]
            product[row, column] = left * right
    return product
"""
RENAMED = LONGER.replace("row", "line").replace("column", "place").replace("left", "first").replace("right", "second")
CLASS = {  # by Canvas' user id
    1001: RIGHT,
    1002: ADDS,
    1003: ADDS.replace("a + b", "b + a"),
    1004: STRANGE,
    1005: LONGER,
    1006: RENAMED,
    1007: "raise ValueError('=1+1')\n",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded Canvas download, with the gradebook that belongs to it."""
    folder = tmp_path_factory.mktemp("class")
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for id, source in CLASS.items():
            late = "_LATE" if id == 1005 else ""
            archive.writestr(f"student{id}{late}_{id}_{id + 7000}_ex0.py", source)
    rows = ["Student,ID,SIS User ID,SIS Login ID,Section,Exercise 0 (77)", "    Points Possible,,,,,10.00"]
    rows += [f'"Ä, =Student {id}",{id},S{id},s{id},A,' for id in (*CLASS, 1008)]
    (folder / "gradebook.csv").write_bytes("\r\n".join([*rows, ""]).encode("utf-8-sig"))
    words = ["class", str(folder / "submissions.zip"), "--exercise", "ex0", "--out", str(folder)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executors, "local", one_thread)
        assert run([*words, "--roster", str(folder / "gradebook.csv")]) == 0
    return folder


@pytest.fixture
def report(grade: Grade, graded: Path, tmp_path: Path) -> Grade:
    """Call `grade report` on a copy of it."""
    shutil.copytree(graded, tmp_path, dirs_exist_ok=True)
    return lambda *words: grade("report", *words)


def test_the_class_in_the_terminal(report: Grade) -> None:
    said = report()
    assert said.code == 0
    flat = " ".join(said.out.split())
    assert "7 students: 3 right, 3 wrong, 1 without an answer, 1 late" in flat
    assert re.search(r"2 of 7 .*\(sum-for-product\)", flat), flat
    assert "1 student, =Student 1004 Ä (1004):" in flat
    assert "=Student 1005 Ä (1005), =Student 1006 Ä (1006): equal except for names" in flat
    assert "submitted nothing:" in said.out
    assert "(1008)" in said.out
    assert "1005" not in report("--students").out.partition("Similar programs")[0]


def test_equal_programs_are_stored_with_the_results(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report needs neither the pack of the run nor a sandbox; the template that everybody got is not compared."""
    monkeypatch.setattr(executors, "local", one_thread)
    shutil.copytree(ROOT / "exercises", tmp_path / "mine")
    for file in (tmp_path / "mine").iterdir():
        if file.name.startswith("ex0."):
            file.rename(file.with_name(file.name.replace("ex0", "own")))
        else:
            file.unlink()
    spec = tmp_path / "mine" / "own.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("id: ex0", "id: own"), encoding="utf-8")
    assert grade("start", "own", "--pack", "mine").code == 0
    template = (tmp_path / "own.py").read_text(encoding="utf-8")
    (tmp_path / "own.py").unlink()
    programs = {"1": LONGER, "2": RENAMED, "3": template, "4": template}
    for id, source in programs.items():
        (tmp_path / "class" / id).mkdir(parents=True)
        (tmp_path / "class" / id / "own.py").write_text(source, encoding="utf-8")
    said = grade("class", "class", "--pack", "mine")
    assert said.code == 0, said
    shutil.rmtree(tmp_path / "mine")
    monkeypatch.setattr("grader.sandbox.probe.ForkServer", None)
    [exercise] = json.loads(grade("report", "--format", "json").out)["class"]["exercises"]
    assert [(one["how"], one["parts"]) for one in exercise["similar"]] == [("form", [["1"], ["2"]])]


def test_results_of_an_unreleased_version_are_refused_in_a_sentence(report: Grade, tmp_path: Path) -> None:
    with Store(tmp_path, writing=True) as store:
        store.db.execute("DROP TABLE outlines")
    said = report()
    assert said.code == 2
    assert (
        "another version of the grader wrote it, without the table `outlines`\nhelp: grade the class again" in said.err
    )


def test_csv(report: Grade) -> None:
    rows = list(csv.DictReader(io.StringIO(report("--format", "csv").out)))
    marks = {row["student"]: row["ex0"] for row in rows}
    assert marks["1001"] == "10"
    assert marks["1007"] == "0"
    assert len(rows) == 7
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "@", "+")]


def test_json(report: Grade) -> None:
    found = json.loads(report("--format", "json").out)
    [exercise] = found["class"]["exercises"]
    assert (exercise["students"], exercise["right"]) == (7, 3)
    assert len(found["students"]["rows"]) == 7


def test_junit(report: Grade) -> None:
    root = ElementTree.fromstring(report("--format", "junit").out)
    assert len(root.findall("testsuite")) == 7
    tests = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len({*tests}) == len(tests)  # GitLab shows one test for each pair
    assert ("ex0 · 1001", "sweep") in tests


def test_markdown(report: Grade) -> None:
    assert report("--format", "markdown").out.startswith("## ex0 ")


def test_canvas(report: Grade, tmp_path: Path) -> None:
    before = (tmp_path / "gradebook.csv").read_bytes()
    said = report("--canvas", "gradebook.csv", "--title", "Exercise 0")
    assert said.code == 0, said
    assert "wrote gradebook.filled.csv: 7 marks in" in said.out
    twice = ("--exercise", "ex0", "--exercise", "ex0", "--out", "twice.csv")
    assert "7 marks in" in report("--canvas", "gradebook.csv", "--title", "Exercise 0", *twice).out
    assert (tmp_path / "gradebook.csv").read_bytes() == before
    after = (tmp_path / "gradebook.filled.csv").read_bytes()
    lines = zip(before.splitlines(keepends=True), after.splitlines(keepends=True), strict=True)
    for old, new in lines:
        assert re.sub(rb",[0-9.]*(?=\r\n)", b",", new) == re.sub(rb",[0-9.]*(?=\r\n)", b",", old)
    marks = {row["ID"]: row["Exercise 0 (77)"] for row in csv.DictReader(io.StringIO(after.decode("utf-8-sig")))}
    assert marks["1001"] == "10.00"
    assert marks["1007"] == "0.00"
    assert marks["1008"] == ""


def test_a_run_that_was_stopped_gives_no_marks_to_those_who_wait(report: Grade, tmp_path: Path) -> None:
    with Store(tmp_path, writing=True) as store:
        rows = {entry.student: (id, entry) for id in range(1, len(CLASS) + 1) for entry, _ in [store.row(id)]}
        store.db.execute("DELETE FROM results WHERE id = ?", (rows["1005"][0],))
        store.expect([msgspec.structs.replace(rows["1001"][1], exercise="ex1")])
    said = report("--canvas", "gradebook.csv", "--title", "77")
    assert said.code == 0
    assert "2 are not graded yet: this is not the whole class" in said.err
    flat = " ".join(said.out.split())
    assert "5 marks" in flat
    waiting = "not graded yet, so nothing was filled in: `=Student 1001 Ä`, `=Student 1005 Ä`"
    assert waiting in flat  # not half a mark for the one who has ex0 but not ex1
    assert "nothing submitted, so nothing was filled in: `Ä, =Student 1008`" in flat
    assert report("--format", "csv", "--exercise", "ex1").err.startswith("1 is")


def test_nothing_passes_for_a_whole_mark_while_a_part_of_it_is_open(report: Grade, tmp_path: Path) -> None:
    with Store(tmp_path, writing=True) as store:
        rows = {entry.student: (id, entry) for id in range(1, len(CLASS) + 1) for entry, _ in [store.row(id)]}
        store.db.execute("DELETE FROM results WHERE id = ?", (rows["1005"][0],))
        store.expect([msgspec.structs.replace(rows["1001"][1], exercise="ex1")])
    said = report("--format", "csv")
    assert "2 are not graded yet" in said.err
    marks = {row["student"]: row for row in csv.DictReader(io.StringIO(said.out))}
    cells = ("ex0", "ex1", "total", "of")  # what ex1 is worth is known when one is graded
    assert [marks["1001"][cell] for cell in cells] == ["10", "not_graded", "", ""]
    assert [marks["1005"][cell] for cell in cells] == ["not_graded", "", "", ""]
    assert [marks["1006"][cell] for cell in cells] == ["10", "", "10", ""]

    found = json.loads(report("--format", "json").out)
    totals = {row["student"]: row["total"] for row in found["students"]["rows"]}
    assert (totals["1001"], totals["1005"], totals["1006"]) == (None, None, 10.0)
    assert found["students"]["max_score"] is None
    waiting = next(row for row in found["students"]["rows"] if row["student"] == "1005")["marks"]["ex0"]
    assert (waiting["state"], waiting["score"]) == ("not_graded", None)
    assert [(one["student"], one["why"]) for one in found["class"]["unfinished"]] == [("1001", "ex1"), ("1005", "ex0")]

    shown = report("--students").out
    assert re.search(r"10 +\? +\? +=Student 1001 Ä \(1001\)", shown)
    assert "not graded yet:\n  =Student 1001 Ä (1001): ex1\n  =Student 1005 Ä (1005): ex0\n" in shown
    assert "## Not graded yet\n\n- =Student 1001" in report("--format", "markdown").out

    said = report("--feedback", "feedback")
    assert "not graded yet, and no page written: `=Student 1001 Ä` (1001), `=Student 1005 Ä` (1005)" in said.out
    assert len(list((tmp_path / "feedback").glob("*.html"))) == len(CLASS) - 2


def test_who_left_the_course_is_left_out_by_id(report: Grade, tmp_path: Path) -> None:
    book = tmp_path / "gradebook.csv"
    lines = book.read_bytes().splitlines(keepends=True)
    book.write_bytes(b"".join(line for line in lines if b",1004," not in line and b",1007," not in line))
    words = ("--canvas", "gradebook.csv", "--title", "77")
    said = report(*words)
    assert said.code == 2
    assert "`=Student 1004 Ä` (1004), `=Student 1007 Ä` (1007) are not in the file\n" in said.err
    assert "`--without ID`" in said.err
    assert not (tmp_path / "gradebook.filled.csv").exists()
    assert "5 marks in" in report(*words, "--without", "1004", "--without", "1007").out
    assert "the class has nobody with this id\nhelp: did you mean `1004`?" in report(*words, "--without", "10O4").err


def test_who_gets_no_points_for_a_file_that_cannot_be_read_is_named(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    for id, source in (("1", RIGHT.encode()), ("2", b"\xff\xfe")):
        (tmp_path / "class" / id).mkdir(parents=True)
        (tmp_path / "class" / id / "ex0.py").write_bytes(source)
    assert grade("class", "class").code == 0
    book = ["Student,ID,SIS User ID,SIS Login ID,Section,T (7)", "    Points Possible,,,,,10", "A,1,,,A,", "B,2,,,A,"]
    (tmp_path / "book.csv").write_text("\n".join(book) + "\n", encoding="utf-8")
    said = grade("report", "--canvas", "book.csv", "--title", "T")
    assert "no points for what could not be graded: `2`\n" in said.out
    assert "B,2,,,A,0.00" in (tmp_path / "book.filled.csv").read_text(encoding="utf-8")
    assert "2: ex0.py is not UTF-8 (line 1)" in grade("report").out


def test_a_title_that_is_not_there_writes_nothing(report: Grade, tmp_path: Path) -> None:
    said = report("--canvas", "gradebook.csv", "--title", "Exercise O")
    assert said.code == 2
    assert "Exercise 0" in said.err
    assert not (tmp_path / "gradebook.filled.csv").exists()
    assert report("--canvas", "gradebook.csv").code == 2


@pytest.mark.parametrize(
    "words",
    [
        "--canvas gradebook.csv",
        "--title 77",
        "--column Grade=Note",
        "--format csv --out marks.csv",
        "--feedback new --out marks.csv",
        "--canvas gradebook.csv --title 77 --gradescope gradebook.csv --out marks.csv",
        "--canvas gradebook.csv --title 77 --format csv",
        "--feedback new --students",
    ],
)
def test_an_option_that_would_do_nothing_is_refused(report: Grade, tmp_path: Path, words: str) -> None:
    before = sorted(tmp_path.iterdir())
    said = report(*words.split())
    assert said.code == 2
    assert "--" in said.err
    assert said.out == ""
    assert sorted(tmp_path.iterdir()) == before


def test_the_original_is_never_written_over(report: Grade, tmp_path: Path) -> None:
    before = (tmp_path / "gradebook.csv").read_bytes()
    said = report("--canvas", "gradebook.csv", "--title", "Exercise 0", "--out", "gradebook.csv")
    assert said.code == 2
    assert (tmp_path / "gradebook.csv").read_bytes() == before


def test_moodle_and_gradescope(report: Grade, tmp_path: Path) -> None:
    worksheet = ["Kennung;Vollständiger Name;Status;Punktzahl;Bestwertung;Zuletzt geändert (Bewertung)"]
    worksheet += [f"Teilnehmer/in {id};;abgegeben;;10,00;-" for id in CLASS]
    (tmp_path / "sheet.csv").write_text("\n".join(worksheet) + "\n", encoding="utf-8")
    names = ("Identifier=Kennung", "Grade=Punktzahl", "Maximum Grade=Bestwertung")
    said = report("--moodle", "sheet.csv", *(word for name in names for word in ("--column", name)))
    assert said.code == 0, said
    text = (tmp_path / "sheet.filled.csv").read_text(encoding="utf-8")
    assert "Teilnehmer/in 1001;;abgegeben;10,00;10,00;-\n" in text
    assert report("--moodle", "sheet.csv", "--column", "Grade").code == 2

    grades = ["First Name,Last Name,SID,Email,Total Score,Max Points", *(f",,{id},,,10.0" for id in CLASS)]
    (tmp_path / "grades.csv").write_text("\n".join(grades) + "\n", encoding="utf-8")
    said = report("--gradescope", "grades.csv")
    assert said.code == 0, said
    assert re.search(r"(?m)^,,1001,,10\.?0*,10.0$", (tmp_path / "grades.filled.csv").read_text(encoding="utf-8"))


def test_feedback(report: Grade, tmp_path: Path) -> None:
    said = report("--feedback", "feedback")
    assert said.code == 0, said
    files = sorted(path.name for path in (tmp_path / "feedback").iterdir())
    assert len(files) == 15
    with zipfile.ZipFile(tmp_path / "feedback" / "feedback-canvas.zip") as archive:
        assert {name.split("_")[-3] if "LATE" not in name else "1005" for name in archive.namelist()} >= {"1001"}
        assert len(archive.namelist()) == 7
    assert report("--feedback", ".").code == 2  # a folder that holds other things


def test_an_exercise_without_results(report: Grade) -> None:
    said = report("--exercise", "ex1")
    assert said.code == 2
    assert "has no results for `ex1`" in said.err
    assert "it has ex0" in said.err


def test_no_results(grade: Grade) -> None:
    said = grade("report")
    assert said.code == 2
    assert "there are no results at `results.sqlite`" in said.err


def test_a_fault_of_ours_is_no_mark(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.classroom import worker

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a misconception of ours")

    monkeypatch.setattr(executors, "local", one_thread)
    for id in ("1", "2"):
        (tmp_path / "class" / id).mkdir(parents=True)
        (tmp_path / "class" / id / "ex0.py").write_text(RIGHT, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(worker, "grade", broken)
        said = grade("class", "class", "--exercise", "ex0")
    assert said.code == 3
    assert "the grader failed on 2: they have no marks" in said.out
    book = ["Student,ID,SIS User ID,SIS Login ID,Section,T (7)", "    Points Possible,,,,,", "A,1,,,A,", "B,2,,,A,"]
    (tmp_path / "book.csv").write_text("\n".join(book) + "\n", encoding="utf-8")
    said = grade("report", "--canvas", "book.csv", "--title", "T")
    assert "0 marks" in said.out
    assert "the grader failed, so nothing was filled in: `1`, `2`" in said.out
    assert "no work" not in said.out
    said = grade("class", "class", "--exercise", "ex0")  # tried again, without --again
    assert said.code == 0
    assert "graded 2 in" in said.out


def test_students_stay_out_of_documents(report: Grade) -> None:
    for words in (("--format", "csv", "--students"), ("--feedback", "f", "--students")):
        refused = report(*words)
        assert refused.code == 2, words
        assert words[-1] in refused.err
        assert refused.out == ""


def test_similar_programs_stand_side_by_side(report: Grade, tmp_path: Path) -> None:
    said = report("--similar")
    assert said.code == 0
    assert "equal except for names, layout and unused code" in " ".join(said.out.split())
    assert re.search(r"for row in range\(rows\): +for line in range\(lines\):", said.out)
    assert report("--similar", "--html", "class.html").code == 2
    assert report("--html", "class.html").code == 0
    page = (tmp_path / "class.html").read_text(encoding="utf-8")
    assert "<code>    for row in range(rows):</code></td><td><code>    for line in range(lines):</code>" in page
    assert report("--html", "class.html", "--anonymous").code == 0
    assert "range(lines)" not in (tmp_path / "class.html").read_text(encoding="utf-8")


def test_dolos_gets_every_program(report: Grade, tmp_path: Path) -> None:
    said = report("--dolos", "dolos.zip")
    assert said.code == 0
    assert "wrote dolos.zip: 7 programs with the names of their students." in said.out
    assert stat.S_IMODE((tmp_path / "dolos.zip").stat().st_mode) == 0o600
    with zipfile.ZipFile(tmp_path / "dolos.zip") as made:
        rows = list(csv.DictReader(io.StringIO(made.read("info.csv").decode())))
        texts = {row["id"]: made.read(row["filename"]).decode() for row in rows}
    assert texts["1005"] == LONGER
    assert [row["full_name"] for row in rows if row["id"] == "1005"] == ["=Student 1005 Ä"]
    assert report("--dolos", "dolos.zip", "--format", "csv").code == 2
    assert "cannot be written" in report("--dolos", "nowhere/dolos.zip").err


def test_dolos_compares_one_exercise(report: Grade, tmp_path: Path) -> None:
    with Store(tmp_path, writing=True) as store:
        store.expect([Entry("1001", "ex1", "")])
    said = report("--dolos", "dolos.zip")
    assert said.code == 2
    assert said.err.endswith("Dolos compares the programs for one exercise\nhelp: name one: `--exercise ex0`\n")
    assert "there are 0 programs for `ex1`" in report("--dolos", "dolos.zip", "--exercise", "ex1").err
