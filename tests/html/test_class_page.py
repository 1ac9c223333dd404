"""The class page: counts and names, the heat map of a thousand students, pseudonyms, links."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from conftest import Grade, one_thread
from holds import hold_page, name, texts
from made import GRADED, REPORTS, class_html, graded, result, students

from grader.classroom import details, executors, statistics
from grader.classroom.store import Store
from grader.model.class_ import Entry, LeftOut, Listed, Marks, Person, Similar
from grader.model.submission import Submission
from grader.output.html.charts import histogram, strip
from grader.output.html.document import render

HOSTILE = "<script>alert(1)</script>\u202e"


def test_three_hundred_students_are_one_small_page() -> None:
    text = class_html([*students(300)])
    found = hold_page(text)
    assert len(text.encode()) < 2_000_000 / 4
    words = " ".join(texts(found))
    assert "You turn the kernel around (both axes) before you multiply." in words
    assert "100 of 200" in words
    rows = [e for e in found if name(e) == "tr"]
    assert len(rows) > 300


def test_who_is_behind_a_misconception() -> None:
    results = [*students(9)]
    found = details.details(results)["ex1"]
    assert [one.student for one in found.behind["kernel-flipped"]] == ["1001", "1004", "1007"]
    assert found.smallest["kernel-flipped"].expected is not None
    matrix = found.matrix
    assert matrix.cases[0] == "without bias"
    assert matrix.rows[0] == "...xxx"  # the best on the left
    assert matrix.generated.count(True) == 60


def test_a_thousand_students_are_few_lines() -> None:
    row = "." * 400 + "x" * 300 + "-" * 100 + "x" * 200
    drawn = render(strip([row, row], 16))
    assert 'd="M400 0.5h300M800 0.5h200M400 1.5h300M800 1.5h200"' in drawn
    assert 'd="M700 0.5h100M700 1.5h100"' in drawn
    assert 'viewbox="0 0 1000 2"' in drawn.lower()


def test_marks_are_a_picture_and_a_table() -> None:
    drawn = render(histogram(Marks(10.0, 6.1, (1.0, 7.5, 10.0), (5, 0, 0, 0, 0, 0, 0, 3, 0, 9))))
    assert drawn.count('class="column"') == 3
    assert "median 7.5" in drawn
    assert re.findall(r'scope="row">([^<]*)</th><td class="number">(\d+)', drawn)[-1] == ("9 – 10", "9")
    assert "nan" not in render(histogram(Marks(0.0, 0.0, (0.0, 0.0, 0.0), (0,) * 10)))


def test_hostile_names_and_reports_do_nothing() -> None:
    results = [result(i, report, HOSTILE) for i, report in enumerate(REPORTS.values())]
    results.append(result(90, graded("flipped"), HOSTILE, problem=HOSTILE))
    view = statistics.with_the_rest(
        statistics.view(results), [], [LeftOut(HOSTILE, HOSTILE)], [Person("9", HOSTILE)], HOSTILE
    )
    hold_page(class_html(results, view=view))


def test_everybody_else_is_listed() -> None:
    results = [*students(3)]
    view = statistics.view(results)
    first = msgspec.structs.replace(
        view.exercises[0],
        similar=(Similar((("1000", "1001"),), "text", 9, 9, 9, 20, 40.0, names={"1000": "Ann"}),),
        missing=(Listed("7", "Missing one", "no file"),),
        internal_errors=(Listed("8", "Our fault"),),
    )
    view = msgspec.structs.replace(
        view, exercises=(first, *view.exercises[1:]), left_out=(LeftOut("a.txt", "not a program"),)
    )
    text = class_html(results, view=view, links={"1000": "fb/Ann_1000.html"})
    words = " ".join(texts(hold_page(text)))
    for wanted in ("Ann (1000)", "equal byte for byte", "Missing one", "Our fault", "a.txt: not a program"):
        assert wanted in words
    assert '<a href="fb/Ann_1000.html">Person 0 (1000)</a>' in text


def store(folder: Path) -> Path:
    """Write a class of two exercises, Vietnamese names and all."""
    path = folder / "results.sqlite"
    with Store(path, writing=True) as made:
        results = [result(i, graded(kind), f"Đỗ Thị {i}") for i, kind in enumerate(GRADED)]
        ids = made.expect(r.entry for r in results)
        for id, one in zip(ids, results, strict=True):
            report = one.report
            made.save(id, "k", Submission("abc", "", report.exercise, "python", "", (("x.py", ""),)), report, "new")
        made.expect([Entry("2000", "ex1", "y.py", (Person("2000", "Waiting Student"),))])
        made.leave_out([LeftOut("Named Person.zip", "not a program")], [Person("3000", "Absent Person")])
        made.describe({"layout": "folders"})
    return path


def test_the_command_writes_the_class_with_links(grade: Grade, tmp_path: Path) -> None:
    store(tmp_path)
    said = grade("report", "--html", "class.html", "--feedback", "pages")
    assert said.code == 0, said.err
    text = (tmp_path / "class.html").read_text(encoding="utf-8")
    found = hold_page(text)
    links = [e.get("href", "") for e in found if name(e) == "a" and ".html" in e.get("href", "")]
    assert links
    from urllib.parse import unquote

    for link in links:
        hold_page((tmp_path / unquote(link)).read_text(encoding="utf-8"))
    assert "Waiting Student" in text
    assert grade("report", "--html", "class.html").code == 0
    assert (tmp_path / "class.html").read_text(encoding="utf-8") != text  # no links without the pages
    assert grade("report", "--open").code == 0


def test_pseudonyms_are_stable_and_hold_no_name(grade: Grade, tmp_path: Path) -> None:
    store(tmp_path)
    assert grade("report", "--html", "a.html", "--anonymous").code == 0
    assert grade("report", "--html", "b.html", "--anonymous").code == 0
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert text == (tmp_path / "b.html").read_text(encoding="utf-8")
    numbers = [f"{1000 + i}" for i in range(len(GRADED))]
    hold_page(text, "Đỗ", "Waiting", "Named Person", "Absent", "2000", "3000", *(f">{n}<" for n in numbers))
    assert len(set(re.findall(r"student [0-9a-f]{8}", text))) == len(GRADED) + 2


def test_pseudonyms_of_two_classes_differ() -> None:
    assert details.pseudonym("1", "a") == details.pseudonym("1", "a") != details.pseudonym("1", "b")


def test_options_that_do_not_go_together(grade: Grade, tmp_path: Path) -> None:
    store(tmp_path)
    refused = grade("report", "--anonymous", "--html", "a.html", "--feedback", "f").err
    assert "gradebooks, programs and feedback have names" in refused
    assert grade("report", "--html", "results.sqlite").code == 2
    assert grade("report", "--html", "a.html", "--format", "csv").code == 2


def test_what_the_last_run_or_policy_changed(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "local", one_thread)
    right = "def elementwise_product(a, b):\n    return a * b\n"
    adds = right.replace("*", "+")
    roster = "id,name,section\nann,Ann Roe,A\nbob,Bob Ek,B\ncay,Cay Lee,A\n"
    (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")

    def page(*words: str) -> str:
        assert grade("report", "--html", "class.html", *words).code == 0
        return (tmp_path / "class.html").read_text(encoding="utf-8")

    def run(**programs: str) -> None:
        for student, source in programs.items():
            path = tmp_path / "class" / student / "ex0.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        assert grade("class", "class", "--exercise", "ex0", "--roster", "roster.csv").code == 0

    run(ann=adds, bob=right, cay=right)
    assert "Changed since" not in page()
    run(ann=right, bob=adds, cay=right)
    assert changed(page()) == [
        ["Ann Roe (ann)", "ex0", "0", "10", "+10", "new program"],
        ["Bob Ek (bob)", "ex0", "10", "0", "-10", "new program"],
    ]
    assert "2 marks changed: 1 went up and 1 went down (2 new program)" in page()
    assert changed(page("--section", "A")) == [["Ann Roe (ann)", "ex0", "0", "10", "+10", "new program"]]
    text = page("--anonymous", "--sort", "score")
    hold_page(text, "Ann Roe", "Bob Ek", "(ann)", ">ann<", "(bob)")
    assert [line[1:] for line in changed(text)] == [
        ["ex0", "0", "10", "+10", "new program"],
        ["ex0", "10", "0", "-10", "new program"],
    ]
    assert all(re.fullmatch(r"student [0-9a-f]{8}", line[0]) for line in changed(text))
    grade("mark", "cay", "ex0", "--set", "7", "--why", "Cay asked", "--as", "Kim")
    assert ["Cay Lee (cay)", "ex0", "10", "7", "-3", "adjustment"] in changed(page())
    run(ann=right)
    assert "Changed since" not in page()


def changed(text: str) -> list[list[str]]:
    """Return the rows of the table of changed marks."""
    table = text.partition("Changed since the last run")[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.findall(r">([^<>]+)</t[hd]>", row) for row in table.split("</tr>")[:-1]]
