"""`pytest --grade` from outside: each case is a test, faults of ours are errors, students' files are not loaded."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from conftest import ROOT, Grade, solution
from test_layers import modules_after

EXERCISES = ROOT / "exercises"
DEMO = ROOT / "demo" / "wrong" / "ex1.py"
EVIL = "import os, sys\nopen({!r}, 'a').write(__file__)\nos._exit(0)\n"


def run(folder: Path, *words: object, **environment: str) -> tuple[int, str]:
    """Run pytest in a folder that is not on `sys.path`, as its command does; returns exit code and output."""
    command = [sys.executable, "-I", "-m", "pytest", "-p", "no:cacheprovider", *map(str, words)]
    ours = ("PYTEST", "GRADE", "CI", "BUILD_NUMBER")  # in a CI pytest says more
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=kept | environment)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return a copy of ex0 and ex1, in a folder of exercises beside one of submissions, `in`."""
    folder = tmp_path / "exercises"
    folder.mkdir()
    for name in ("ex0", "ex1"):
        for suffix in (".yaml", ".ref.json"):
            shutil.copy(EXERCISES / f"{name}{suffix}", folder)
    (tmp_path / "in").mkdir()
    return folder


def test_cases_are_tests_and_a_wrong_one_says_what_the_terminal_says(tmp_path: Path, pack: Path, grade: Grade) -> None:
    shutil.copy(DEMO, tmp_path / "in")
    code, out = run(tmp_path, "--grade", "exercises/", "--grade-submissions=in", "-v", "-k", "ex1 and not sweep")
    assert code == 1
    assert "exercises/ex1.yaml::without bias PASSED" in out
    assert "exercises/ex1.yaml::bias 1 FAILED" in out
    assert "3 failed, 3 passed" in out
    assert "Traceback" not in out
    assert ".py:" not in out
    said = grade("ex1", str(DEMO)).out.splitlines()
    start = next(i for i, line in enumerate(said) if "bias 1" in line)
    for line in said[start + 1 : start + 10]:  # its sentence, its grids, its arithmetic
        assert line[2:].rstrip() in out
    for line in said[-6:]:  # the idea, the smallest case
        assert line[2:].rstrip() in out


@pytest.mark.once
def test_the_first_failure_can_be_the_last(tmp_path: Path, pack: Path) -> None:
    shutil.copy(DEMO, tmp_path)  # where nothing is said of submissions, they are here
    code, out = run(tmp_path, "--grade", "exercises/ex1.yaml", "-x", "-q")
    assert (code, "1 failed, 1 passed" in out) == (1, True)


def test_nobody_handed_in(tmp_path: Path, pack: Path) -> None:
    code, out = run(tmp_path, "--grade", pack, "--grade-submissions=in", "-q", "-x")
    assert code == 1
    assert "missing: there is no ex0.py (or .ipynb) in" in out
    assert "1 failed" in out


@pytest.mark.once
def test_results_and_points_reach_junit_files_through_xdist(tmp_path: Path, pack: Path) -> None:
    shutil.copy(DEMO, tmp_path / "in")
    shutil.copy(ROOT / "solutions" / "ex0.py", tmp_path / "in")
    words = ("--grade", "exercises", "--grade-submissions=in", "-n", "2", "--dist", "loadfile", "--junitxml=j.xml")
    code, _ = run(tmp_path, *words, "-q")
    assert code == 1
    cases = list(ElementTree.parse(tmp_path / "j.xml").iter("testcase"))
    assert len(cases) == 41 + 66
    failed = [case for case in cases if case.find("failure") is not None]
    assert {case.get("classname") for case in failed} == {"exercises.ex1.yaml"}
    assert not [case for case in cases if case.find("error") is not None]
    points: dict[str, float] = {"score": 0, "max_score": 0}
    for prop in (prop for case in cases for prop in case.iter("property")):
        points[str(prop.get("name"))] += float(str(prop.get("value")))
    assert points["max_score"] == pytest.approx(20)
    assert points["score"] == pytest.approx(13.75)


@pytest.mark.once
def test_what_failed_last_can_be_run_again(tmp_path: Path, pack: Path) -> None:
    shutil.copy(DEMO, tmp_path / "in")
    words = ("--grade=exercises/ex1.yaml", "--grade", "exercises/ex1.yaml", "--grade-submissions=in", "-q")
    cache = ("-p", "cacheprovider", "-k", "bias or look")
    assert "2 failed, 2 passed" in run(tmp_path, *words, *cache)[1]
    assert re.search(r"2 failed, .*deselected", run(tmp_path, *words, *cache, "--lf")[1])


@pytest.mark.once
def test_one_case_by_its_name(tmp_path: Path, pack: Path) -> None:
    shutil.copy(DEMO, tmp_path / "in")
    words = ("--grade", "exercises", "--grade-submissions=in", "exercises/ex1.yaml::quick look", "-q")
    assert "1 passed" in run(tmp_path, *words)[1]


@pytest.mark.once
def test_a_broken_spec_is_an_error_with_its_place(tmp_path: Path, pack: Path) -> None:
    (pack / "ex1.yaml").write_text(
        (pack / "ex1.yaml").read_text(encoding="utf-8").replace("title:", "titel:"), encoding="utf-8"
    )
    code, out = run(tmp_path, "--grade", "exercises", "-q")
    assert code == 2
    assert re.search(r"exercises/ex1.yaml:\d+:\d+: unknown field `titel`|ex1.yaml:\d+:\d+: .*`titel`", out)
    assert "did you mean `title`?" in out
    assert "Traceback" not in out
    assert ".py:" not in out


@pytest.mark.once
@pytest.mark.parametrize(
    "words, says",
    [
        (("--grade", "ex9.yaml"), "`ex9.yaml` does not exist"),
        (("--grade", "in"), "`in` holds no specs"),
        (("--grade", "exercises", "--grade-submissions=out"), "there is no folder `out`"),
        (("--grade=exercises", "--grade-submissions", "in"), "with `=`: --grade-submissions=in"),
    ],
)
def test_wrong_words(tmp_path: Path, pack: Path, words: tuple[str, ...], says: str) -> None:
    code, out = run(tmp_path, *words)
    assert (code, says in out) == (4, True), out
    assert "Traceback" not in out


@pytest.mark.once
def test_what_is_the_graders_fault_is_an_error_and_no_failure(tmp_path: Path, pack: Path) -> None:
    shutil.copy(ROOT / "solutions" / "ex1.py", tmp_path / "in")
    nowhere = str(tmp_path / "nowhere")
    words = ("--grade", "exercises/ex1.yaml", "--grade-submissions=in", "-q", "-k", "bias")
    code, out = run(tmp_path, *words, TMPDIR=nowhere)
    assert code == 1
    assert re.search(r"\b3 errors", out)
    assert not re.search(r"\bfailed in|\d+ failed", out)
    assert "the grader failed, not the program: no folder can be made in" in out
    assert "Traceback" not in out


@pytest.mark.once
def test_a_hidden_case_shows_its_verdict_and_nothing_else(tmp_path: Path, pack: Path) -> None:
    spec = pack / "ex1.yaml"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("  - name: bias 1\n", "  - name: bias 1\n    hidden: true\n"), encoding="utf-8")
    assert "hidden: true" in spec.read_text(encoding="utf-8")
    shutil.copy(DEMO, tmp_path / "in")
    code, out = run(tmp_path, "--grade", "exercises/ex1.yaml", "--grade-submissions=in", "-k", "hidden", "-v")
    assert code == 1
    assert "ex1.yaml::hidden 1 FAILED" in out
    assert "✗ hidden  0 of 1 right" in out
    for secret in ("bias 1", "expected", "10", "every product"):
        assert secret not in out.partition("FAILURES")[2].partition("short test summary")[0]


def hostile(folder: Path, touched: Path) -> None:
    """Fill a folder with what would take over a pytest, or a Python, that starts there or collects it."""
    evil = EVIL.format(str(touched))
    for name in ("conftest.py", "numpy.py", "sitecustomize.py", "test_all_pass.py", "pluggy.py", "evil.py"):
        (folder / name).write_text(evil, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = -p evil\n", encoding="utf-8")
    shutil.copy(DEMO, folder)


@pytest.mark.once
@pytest.mark.parametrize("form", ["from beside", "with all there is", "from inside"])
def test_nothing_in_the_students_folder_is_loaded(tmp_path: Path, pack: Path, form: str) -> None:
    touched = tmp_path / "touched"
    hostile(tmp_path / "in", touched)
    words: list[Any] = ["--grade", "exercises", "--grade-submissions=in"]
    if form == "with all there is":
        words.append(".")
    if form == "from inside":
        words = ["--grade", pack]
    code, out = run(tmp_path / "in" if form == "from inside" else tmp_path, *words, "-q", "-k", "ex1 and not sweep")
    assert not touched.exists(), touched.read_text(encoding="utf-8")
    assert code == 1
    assert "3 failed, 3 passed" in out


def test_it_costs_nothing_until_asked_for(tmp_path: Path) -> None:
    pytests = modules_after("import pytest")
    assert modules_after("import pytest, grader.pytest_plugin") - pytests == {"grader", "grader.pytest_plugin"}
    (tmp_path / "test_it.py").write_text(
        "import sys\ndef test_it(): assert not {'grader.model', 'grader.errors', 'msgspec'} & set(sys.modules)\n",
        encoding="utf-8",
    )
    code, out = run(tmp_path, "-q", "test_it.py")
    assert (code, "1 passed" in out) == (0, True)


def test_a_right_answer_passes(tmp_path: Path, pack: Path) -> None:
    (tmp_path / "in" / "ex1.py").write_text(solution("ex1"), encoding="utf-8")
    code, out = run(tmp_path, "--grade", "exercises/ex1.yaml", "--grade-submissions=in", "-q")
    assert (code, "66 passed" in out) == (0, True)


@pytest.mark.parametrize("ci", ["", "true"])
def test_the_summary_has_a_line_for_each_failure_where_ci_is_set_too(tmp_path: Path, pack: Path, ci: str) -> None:
    shutil.copy(DEMO, tmp_path / "in")
    words = ["--grade", "exercises/", "--grade-submissions=in", "-k", "bias or look", "--junitxml=it.xml"]
    _, out = run(tmp_path, *words, COLUMNS="80", CI=ci)
    summary = out.partition("short test summary info")[2].splitlines()[1:-1]
    assert [line.partition(" - ")[0] for line in summary if "::bias 1" in line] == ["FAILED exercises/ex1.yaml::bias 1"]
    assert all(line.startswith(("FAILED", "ERROR")) for line in summary)
    messages = [found.get("message") for found in ElementTree.parse(tmp_path / "it.xml").iter("failure")]
    assert "16 of 16 cells differ, worst at [0, 0]: 10 expected, 18 given" in messages


@pytest.mark.once
def test_the_place_of_a_failure_is_the_students_function(tmp_path: Path, pack: Path) -> None:
    shutil.copy(DEMO, tmp_path / "in")
    _, out = run(tmp_path, "--grade=exercises", "--grade-submissions=in", "--tb=line", "-q", "-k", "slide or bias")
    places = [line.partition(": ")[0] for line in out.splitlines() if re.match(r"/.*:\d+: ", line)]
    assert places == [f"{pack / 'ex0.yaml'}:1", *[f"{tmp_path / 'in' / 'ex1.py'}:6"] * 2]
    assert "pytest_plugin.py" not in out
