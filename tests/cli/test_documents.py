"""`--format` and `--output`: every document that was asked for is written, whole, and also when grading fails."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from conftest import ROOT, Grade, solution
from wellformed import RULES, SCHEMAS, schema

from grader.cli import documents
from grader.errors import EnvironmentTrouble, Problem
from grader.model.report import Report, Verdict
from grader.output import FORMATS, csv
from grader.sandbox.process import chain

ALL = [word for name in FORMATS for word in ("--output", f"{name}={name}.out")]


def written(folder: Path) -> list[Report]:
    """Hold all documents in a folder to their laws, but for the random word, and return the reports that they show."""
    value = json.loads((folder / "json.out").read_bytes())
    reports = msgspec.convert(value if isinstance(value, list) else [value], list[Report])
    for name in sorted(set(FORMATS) - {"github"}):
        RULES[name](reports, (folder / f"{name}.out").read_text(encoding="utf-8"))
    assert sorted(path.name for path in folder.glob("*.out*")) == sorted(f"{name}.out" for name in FORMATS)
    return reports


def test_several_at_once_and_the_terminal_too(grade: Grade, tmp_path: Path) -> None:
    shutil.copy(ROOT / "demo" / "wrong" / "ex1.py", "ex1.py")
    said = grade("ex1", *ALL)
    assert (said.code, said.err) == (1, "")
    assert "3.58 / 10" in said.out
    (report,) = written(tmp_path)
    assert (report.file, report.line, report.score) == ("ex1.py", 6, 3.583333)
    shown = [line.rstrip() for line in said.out.splitlines()]
    assert Path("terminal.out").read_text(encoding="utf-8").splitlines() == shown


def test_one_to_standard_output_takes_the_terminal_s_place(grade: Grade) -> None:
    Path("ex1.py").write_text(solution("ex1"), encoding="utf-8")
    said = grade("--output", "csv", "ex1", "--output", "junit=r.xml")
    assert said.out.startswith("exercise,title,")
    assert ElementTree.parse("r.xml").getroot().get("failures") == "0"
    assert grade("ex1", "--format", "csv").out == said.out
    assert grade("ex1", "--output", "csv=-").out == said.out


def test_all_that_are_here(grade: Grade, tmp_path: Path) -> None:
    for name in ("ex0", "ex1"):
        Path(f"{name}.py").write_text(solution(name), encoding="utf-8")
    said = grade(*ALL)
    assert said.code == 0
    assert "total" in said.out
    assert [report.exercise for report in written(tmp_path)] == ["ex0", "ex1"]


def test_the_runner_s_files_are_appended_to(grade: Grade, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Path("ex1.py").write_text(solution("ex1"), encoding="utf-8")
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        (tmp_path / name).write_text("before\n", encoding="utf-8")
        monkeypatch.setenv(name, str(tmp_path / name))
    said = grade("ex1", "--format", "github")
    assert said.out.startswith("::notice title=Right::10 of 10 points\n::stop-commands::")
    assert Path("GITHUB_OUTPUT").read_text(encoding="utf-8") == "before\nscore=10\nmax_score=10\npassed=true\n"
    assert Path("GITHUB_STEP_SUMMARY").read_text(encoding="utf-8").startswith("before\n**Right.** 10 of 10 points.\n")
    words = {grade("ex1", "--format", "github").out.splitlines()[-1] for _ in range(2)}
    assert len(words) == 2


def test_a_name_of_white_space_is_in_no_workflow_command(grade: Grade) -> None:
    Path("\n").mkdir()
    shutil.copy(ROOT / "demo" / "wrong" / "ex1.py", "\n")
    for path, place in (("\n", "file=ex1.py,line=6,"), ("\n/ex1.py", "")):  # the second would be read as `/ex1.py`
        second = grade("ex1", path, "--format", "github").out.splitlines()[1]
        assert second.startswith(f"::error {place}title=ex1%3A bias 1::wrong answer: ")


FAULTS = {
    "a word": (["ex99", *ALL], 2, "there is no exercise `ex99`"),
    "a path": (["ex1", "nowhere.py", *ALL], 2, "there is no `nowhere.py`"),
    "a pack": (["--pack", "nowhere", "ex1", *ALL], 2, "there is no folder `nowhere`"),
    "nothing here": (ALL, 2, "there is no exercise file in this folder"),
}


@pytest.mark.parametrize("words, code, says", FAULTS.values(), ids=FAULTS)
def test_a_call_that_is_wrong(grade: Grade, tmp_path: Path, words: list[str], code: int, says: str) -> None:
    said = grade(*words)
    assert said.code == code
    assert says in said.err
    (report,) = written(tmp_path)
    (check,) = report.checks
    assert (check.verdict, report.score, report.max_score) == (Verdict.internal_error, 0, 0)
    assert says in check.text
    assert "score" not in json.loads(Path("gradescope.out").read_text(encoding="utf-8"))


def test_an_environment_that_fails_after_a_mark(grade: Grade, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ex0", "ex1", "ex2"):
        Path(f"{name}.py").write_text(solution(name), encoding="utf-8")
    from grader.judging.grade import grade as real

    def fails_once(lock, *more):  # type: ignore[no-untyped-def]
        if lock.exercise.id == "ex1":
            raise EnvironmentTrouble(Problem("no process", "make room"))
        return real(lock, *more)

    monkeypatch.setattr("grader.judging.grade.grade", fails_once)
    said = grade(*ALL)
    assert (said.code, said.err) == (3, "no process\nhelp: make room\n")
    first, second = written(tmp_path)
    assert (first.exercise, first.score, second.exercise, second.title) == ("ex0", 10, "ex1", "not graded")


def test_a_fault_of_ours(grade: Grade, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Path("ex1.py").write_text(solution("ex1"), encoding="utf-8")
    monkeypatch.setattr("grader.judging.grade.grade", lambda *_: FAULTS["no such fault"])
    with pytest.raises(KeyError):
        grade("ex1", *ALL)  # `__main__` says so, and leaves with 3
    (report,) = written(tmp_path)
    assert "the grader failed, not your program (KeyError at test_documents.py:" in report.checks[0].text


def test_a_format_that_fails_takes_no_report_away(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ex1.py").write_text(solution("ex1"), encoding="utf-8")
    real = csv.document
    monkeypatch.setattr(csv, "document", lambda r, c: real(r, c) if r[0].title == "not graded" else str(1 // 0))
    said = grade("ex1", "--output", "csv=a.csv", "--output", "junit=b.xml")
    assert said.code == 3
    assert "10 / 10" in said.out
    assert "ZeroDivisionError" in said.err
    assert "internal_error" in Path("a.csv").read_text(encoding="utf-8")
    assert ElementTree.parse("b.xml").getroot().get("errors") == "0"


@pytest.mark.parametrize("place", ["nowhere/r.xml", ".", "ex1.py/r.xml", "r" * 300, "full"])
def test_a_file_that_cannot_be_written(grade: Grade, place: str) -> None:
    Path("ex1.py").write_text(solution("ex1"), encoding="utf-8")
    os.mkfifo("full")  # nobody reads it, and nobody waits
    said = grade("ex1", "--output", f"junit={place}", "--output", "csv=r.csv")
    assert said.code == 3
    assert f"`{place}` cannot be written: " in said.err
    assert "help: " in said.err
    assert Path("r.csv").exists()
    assert sorted(os.listdir()) == ["ex1.py", "full", "r.csv"]


def test_a_file_that_is_there_is_replaced_and_a_device_is_not(grade: Grade) -> None:
    Path("ex1.py").write_text(solution("ex1"), encoding="utf-8")
    Path("target").write_text("keep", encoding="utf-8")
    Path("r.csv").symlink_to("target")
    said = grade("ex1", "--output", "csv=r.csv", "--output", "junit=/dev/null")
    assert (said.code, said.err) == (0, "")
    assert not Path("r.csv").is_symlink()
    assert Path("target").read_text(encoding="utf-8") == "keep"
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize(
    "words, says",
    [
        (["--format", "json", "--output", "csv"], "two outputs go to standard output; name a file: --output json=FILE"),
        (["--output", "json=a", "--output", "csv=a"], "two outputs go to `a`"),
        (["--output", "json=a", "--output", "csv=./a"], "two outputs go to `a`"),
        (["--output", "json=ex1.py"], "`ex1.py` is a program; name another file for the result"),
        (["--output", "json=Work.IPYNB"], "`Work.IPYNB` is a program"),
        (["--output", "xml=a"], "'xml' is not one of terminal, json, junit"),
        (["--output", "=a"], "'' is not one of"),
    ],
)
def test_a_call_that_names_no_places(grade: Grade, words: list[str], says: str) -> None:
    said = grade("ex1", *words)
    assert said.code == 2
    assert says in " ".join(said.err.split())
    assert os.listdir() == []


def test_strict_is_always_a_sandbox() -> None:
    assert chain("strict") == ("namespaces", "landlock")
    assert "process" in chain("auto")


def test_names_are_completed() -> None:
    assert documents._complete(None, None, "j") == ["json", "junit"]  # type: ignore[arg-type]


@pytest.mark.parametrize("program", ["def conv2d(input, kernel, bias):\n    return 0\n", "", "def"])
def test_junit_of_the_command_is_what_jenkins_takes(grade: Grade, program: str) -> None:
    import xmlschema

    Path("ex1.py").write_text(program, encoding="utf-8")
    text = grade("ex1", "--format", "junit").out
    xmlschema.XMLSchema(SCHEMAS / "junit.xsd").validate(text)
    if program in ("", "def"):
        assert [case.get("name") for case in ElementTree.fromstring(text).iter("testcase")] == ["all cases"]


def test_json_of_several_exercises_is_one_document(grade: Grade) -> None:
    for name in ("ex0", "ex1"):
        Path(f"{name}.py").write_text(solution(name), encoding="utf-8")
    value = json.loads(grade("--format", "json").out)
    schema("report").validate(value)
    assert [report["exercise"] for report in value] == ["ex0", "ex1"]
    one = json.loads(grade("ex1", "--format", "json").out)
    schema("report").validate(one)
    assert one["versions"]["exercise"] == value[1]["versions"]["exercise"]
    assert sum(check["score"] for check in one["checks"]) == pytest.approx(one["score"])


def test_an_external_grader_of_prairielearn(grade: Grade, tmp_path: Path) -> None:
    """Run the documented command on the platform's folders."""
    (tmp_path / "grade" / "student").mkdir(parents=True)
    (tmp_path / "grade" / "results").mkdir()
    shutil.copy(ROOT / "demo" / "wrong" / "ex1.py", tmp_path / "grade" / "student" / "ex1.py")
    results = tmp_path / "grade" / "results" / "results.json"
    said = grade(
        "ex1", str(tmp_path / "grade" / "student"), "--isolation", "strict", f"--output=prairielearn={results}"
    )
    assert said.code == 1, said
    value = json.loads(results.read_bytes())
    schema("prairielearn").validate(value)
    assert value["score"] == pytest.approx(0.3583333)
    assert [test["name"] for test in value["tests"]][:2] == ["ex1: misconception", "ex1: without bias"]
