"""The pages as documents: valid, self-contained, safe, small, and without what nobody may see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import ROOT, Grade, python
from holds import elements, hold_page, name, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from made import GRADED, REPORTS, channels, every_lock, graded, lock_of, page_of, program

from grader.judging.grade import grade as grade_program
from grader.judging.illustrate import exercise_page, student_page
from grader.model.exercise import Lock, Reference
from grader.model.page import StudentPage
from grader.model.report import Check, Crash, Diagnosis, Report, Verdict
from grader.output.html import student
from grader.output.html.document import data, fragment, h, is_ours, page, prose, render
from grader.sandbox.levels import NOTHING_RUN
from grader.submissions.find import find

KB = 1000
WRONG = "import numpy as np\ndef conv2d(input, kernel, bias):\n    return np.zeros((2, 2))\n"


def plain(report: Report) -> StudentPage:
    return student_page(report, None)


@pytest.mark.parametrize("name", GRADED)
def test_pages_of_graded_programs(name: str) -> None:
    text = page_of(name)
    hold_page(text)
    assert len(text.encode()) < 200 * KB


@pytest.mark.parametrize("name", REPORTS)
def test_pages_of_stored_reports(name: str) -> None:
    hold_page(student.document([plain(REPORTS[name])]))


def test_several_reports_are_one_page_with_a_table() -> None:
    pages = [plain(report) for report in REPORTS.values()]
    found = hold_page(student.document(pages, "Feedback for <b>Ada</b>", ["ex9: `nothing` was there"]))
    assert [element.text for element in found if name(element) == "h1"] == ["Feedback for <b>Ada</b>"]
    assert sum(name(element) == "article" for element in found) == len(REPORTS)


def test_the_glance_says_score_and_next_step() -> None:
    words = " ".join(texts(elements(page_of("flipped"))))
    assert "1.5 " in words
    assert "1 of 6 written cases, 8 of 60 generated cases" in words
    assert "You turn the kernel around (both axes) before you multiply." in words
    assert "Nothing: everything is right." in page_of("right")


def test_every_case_has_its_points() -> None:
    report = graded("flipped")
    rows = [e for e in elements(page_of("flipped")) if name(e) == "th" and e.get("scope") == "row"]
    assert {row.text for row in rows} >= {check.case for check in report.checks}


def test_a_crash_is_explained(tmp_path: Path) -> None:
    report = program(lock_of("ex1"), tmp_path, "def conv2d(input, kernel, bias):\n    return input[99, 99]\n")
    text = student.document([student_page(report, lock_of("ex1"))])
    hold_page(text)
    assert "Repair the IndexError in line 2 of ex1.py." in text
    assert "return input[99, 99]" in text


def test_a_megabyte_of_prints_is_cut(tmp_path: Path) -> None:
    loud = "def conv2d(input, kernel, bias):\n    print('<script>alert(1)</script>' * 9000)\n    return [[0]]\n"
    report = program(lock_of("ex1"), tmp_path, loud)
    long = msgspec.structs.replace(report, printed="<b>x\n" * 2_000_000, notes=("y" * 5_000_000,))
    text = student.document([student_page(long, lock_of("ex1"))])
    assert not [e for e in hold_page(text) if name(e) == "b" and e.text == "x"]
    assert len(text.encode()) < 200 * KB


SECRET = 918273


def hidden_lock() -> Lock:
    """Ex1 with a hidden case that nobody may see, a number in it and one in its answer."""
    lock = lock_of("ex1")
    exercise = lock.exercise
    one = exercise.cases[0]
    inputs = {"input": [[SECRET, 1], [1, 1]], "kernel": [[1]], "bias": 0}
    secret = msgspec.structs.replace(one, name="the secret one", hidden=True, inputs=inputs, slide=None)
    visible = [msgspec.structs.replace(case, points=None) for case in exercise.cases]
    cases = (*visible, secret)
    references = (*lock.references, Reference("the secret one", "", ([[SECRET, 1], [1, 1]],)))
    return msgspec.structs.replace(lock, exercise=msgspec.structs.replace(exercise, cases=cases), references=references)


def test_hidden_cases_never_get_into_a_page(tmp_path: Path) -> None:
    lock = hidden_lock()
    report = program(lock, tmp_path, WRONG)
    assert any(check.hidden and check.verdict is not Verdict.correct for check in report.checks)
    text = student.document([student_page(report, lock)])
    hold_page(text, str(SECRET), "the secret one")
    assert "hidden 1" in text
    shown = msgspec.json.encode(exercise_page(lock)).decode()
    assert str(SECRET) not in shown
    assert "the secret one" not in shown
    forged = tuple(msgspec.structs.replace(check, case="the secret one") for check in report.checks)
    told = student_page(msgspec.structs.replace(report, checks=forged), lock)
    assert "the secret one" not in told.pictures


def test_secret_generated_cases_are_counted_only(tmp_path: Path) -> None:
    """A report made with other references than the published: its generated cases were drawn from a key."""
    lock = lock_of("ex1")
    path = tmp_path / "ex1.py"
    path.write_text(WRONG, encoding="utf-8")
    secret = msgspec.structs.replace(lock, by=f"{lock.by}, fresh cases (key 01234567)")
    report = grade_program(secret, find("ex1", str(path), own=True))
    drawn = [check for check in report.checks if check.generated and check.mismatch]
    assert drawn
    numbers = [check.text for check in drawn if check.text]
    text = student.document([student_page(report, lock)])
    words = re.sub(r"\s+", " ", " ".join(texts(hold_page(text))))
    assert not [number for number in numbers if number in words and number not in written(report)]
    assert not [case for case in student_page(report, lock).pictures if case.startswith("sweep")]


def test_a_program_cannot_tell_secret_cases_by_its_errors_and_prints() -> None:
    """Its exception and its prints hold what it was called with."""
    crash = Crash("ValueError", "input 424242", "ex1.py", 2, case="sweep 1", arguments={"input": [[424242, 1]]})
    checks = tuple(
        Check(f"sweep {i}", False, Verdict.runtime_error, 0, 1, text=f"424242 {i}", printed="424242", generated=True)
        for i in range(1, 4)
    )
    report = Report(1, "ex1", "", "", "", checks, 0, 3, 0, {}, NOTHING_RUN, diagnosis=Diagnosis(crash=crash))
    hold_page(student.document([student_page(report, lock_of("ex1"))]), "424242")


def written(report: Report) -> str:
    return " ".join(check.text for check in report.checks if not check.generated)


def test_a_report_of_another_version_of_the_exercise_has_grids_alone() -> None:
    lock = lock_of("ex1")
    moved = tuple(msgspec.structs.replace(r, value=([[1]],)) for r in lock.references)
    told = student_page(graded("flipped"), msgspec.structs.replace(lock, references=moved))
    assert told.pictures == {}
    hold_page(student.document([told]))


def test_what_an_attribute_may_hold() -> None:
    for attributes in (
        {"href": "javascript:alert(1)"},
        {"href": "//evil.example"},
        {"href": "https://evil.example"},
        {"src": "data:text/html,x"},
        {"onclick": "x"},
        {"style": "color"},
        {"class_": 'a" onclick="x'},
        {"class_": "<b>"},
        {"title": "café"},
        {"a b": "c"},
    ):
        with pytest.raises(ValueError, match=r"cannot be|leaves the page"):
            h("a", **attributes)
    assert render(h("a", "x", href="#part", class_="b c", data_at=3)) == '<a href="#part" class="b c" data-at="3">x</a>'


def test_data_cannot_end_its_script() -> None:
    text = render(data({"a": "</script><!--\u2028&"}))
    assert text.count("<") == 2
    assert "\\u003c/script\\u003e\\u003c!--" in text


def test_prose_makes_code_of_backticks() -> None:
    assert render(h("p", prose("use `a[i]`, not `b`"))) == "<p>use <code>a[i]</code>, not <code>b</code></p>"
    assert render(h("p", prose("one ` only <b>"))) == "<p>one ` only &lt;b&gt;</p>"


@given(st.text(max_size=300), st.text(max_size=50))
@settings(max_examples=60, deadline=None)
def test_any_text_is_inert(text: str, title: str) -> None:
    check = Check(text, False, Verdict.wrong_answer, 0, 1, text=text, printed=text)
    report = Report(1, title, title, text, text, (check,), 0, 1, 0, {"a": text}, NOTHING_RUN, (text,), printed=text)
    hold_page(student.document([plain(report)], title, [text]))


def test_whose_a_file_is() -> None:
    assert is_ours(page("x").encode())
    assert not is_ours(b"import numpy")
    assert not is_ours(b'# <meta name="generator" content="torch-grader">')


def test_a_fragment_has_no_frame() -> None:
    text = fragment(h("p", "x"))
    assert "<html" not in text
    assert '<div class="tg tg-notebook"><p>x</p></div>' in text


@pytest.mark.parametrize("lock", [channels()], ids=["channels"])
def test_exercises_made_here_have_pictures(lock: Lock) -> None:
    assert len(exercise_page(lock).pictures) == 1
    assert every_lock()


def test_the_command_writes_a_page(grade: Grade, tmp_path: Path, monkeypatch: Any) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "ex1.py").write_text(WRONG, encoding="utf-8")
    said = grade("ex1", "--html", "page.html", "--open")
    assert said.code == 1
    assert said.err.splitlines()[0] == "wrote page.html"
    assert said.err.splitlines()[1].startswith("no browser was found: open file://")
    hold_page((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert grade("ex1", "--html", "page.html", "--format", "json").out.startswith("{")
    assert grade("ex1", "--open").code == 1
    assert (tmp_path / "ex1.html").exists()


def test_a_browser_is_opened(grade: Grade, tmp_path: Path, monkeypatch: Any) -> None:
    import webbrowser

    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")

    def note(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", note)
    (tmp_path / "ex1.py").write_text(WRONG, encoding="utf-8")
    assert "no browser" not in grade("ex1", "--open").err
    assert opened == [(tmp_path / "ex1.html").as_uri()]


def test_only_our_pages_are_overwritten(grade: Grade, tmp_path: Path) -> None:
    program = tmp_path / "ex1.py"
    program.write_text(WRONG, encoding="utf-8")
    said = grade("ex1", "--html", "ex1.py")
    assert (said.code, said.out) == (2, "")
    assert "`ex1.py` exists and is not a page that `grade` wrote" in said.err
    assert program.read_text(encoding="utf-8") == WRONG
    assert grade("ex1", "--html", ".").code == 2
    assert "cannot be written" in grade("ex1", "--html", "no/such/folder.html").err


def test_grading_without_a_page_loads_nothing_of_it() -> None:
    import json
    import subprocess

    run = "from grader.cli.app import run; run(['ex1', 'demo/wrong/ex1.py'])"
    report = "import json, sys; print('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run(python("-c", f"{run}\n{report}"), capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not [module for module in loaded if module.startswith("grader.output.html")]
    pages = {"webbrowser", "importlib.resources", "grader.judging.illustrate", "grader.model.page"}
    assert not loaded & pages
