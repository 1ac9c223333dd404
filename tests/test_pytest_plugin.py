"""`pytest --grade`: each case is a test, faults of the grader are errors, students' files are not loaded.

Most runs are in this process, by pytester. Real processes run where a process is the point: xdist's workers, files that
would take over the interpreter that loads them, the modules of a fresh interpreter, and the command that the docs show.
"""

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
import xmlschema
from conftest import ROOT, Grade, solution
from programs import lock, submission
from test_layers import modules_after
from wellformed import SCHEMAS

from grader.judging.grade import grade as grade_submission
from grader.output import terminal
from grader.output.plain_text import plain

pytest_plugins = ["pytester"]
EXERCISES = ROOT / "exercises"
DEMO = ROOT / "demo" / "wrong" / "ex1.py"
VARIABLES = ("PYTEST", "GRADE", "CI", "BUILD_NUMBER")
EVIL = "import os, sys\nopen({!r}, 'a').write(__file__)\nos._exit(0)\n"


def run(pytester: pytest.Pytester, *words: object) -> tuple[int, str]:
    """Run pytest in this process, in pytester's folder; return exit code and output."""
    pytester.chdir()
    done = pytester.runpytest_inprocess("-p", "no:cacheprovider", *map(str, words))
    return int(done.ret), done.stdout.str() + done.stderr.str()


def run_process(folder: Path, *words: object, **environment: str) -> tuple[int, str]:
    """Run pytest as a command, in a folder that is not on `sys.path`; return exit code and output."""
    command = [sys.executable, "-I", "-m", "pytest", "-p", "no:cacheprovider", *map(str, words)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(VARIABLES)}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=kept | environment)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    """Import what a run imports: pytester unloads the rest after each run, and NumPy cannot be imported twice."""
    report = grade_submission(lock("ex1"), submission("ex1", DEMO.read_text(encoding="utf-8")))
    assert "bias 1" in plain(terminal.report(report))


@pytest.fixture(autouse=True)
def not_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the variables that make pytest print more, or other options."""
    for name in [name for name in os.environ if name.startswith(VARIABLES) and name != "PYTEST_CURRENT_TEST"]:
        monkeypatch.delenv(name)


@pytest.fixture
def folder(pytester: pytest.Pytester) -> Path:
    """Return pytester's folder, with a copy of ex0 and ex1 in `exercises` and an empty folder of submissions, `in`."""
    exercises = pytester.mkdir("exercises")
    for name in ("ex0", "ex1"):
        for suffix in (".yaml", ".ref.json"):
            shutil.copy(EXERCISES / f"{name}{suffix}", exercises)
    return pytester.mkdir("in").parent


@pytest.mark.pythons
def test_cases_are_tests_and_a_wrong_one_shows_what_the_terminal_shows(
    pytester: pytest.Pytester, folder: Path, grade: Grade
) -> None:
    shutil.copy(DEMO, folder / "in")
    code, out = run(pytester, "--grade", "exercises/", "--grade-submissions=in", "-v", "-k", "ex1 and not sweep")
    assert code == 1
    assert "exercises/ex1.yaml::without bias PASSED" in out
    assert "exercises/ex1.yaml::bias 1 FAILED" in out
    assert "4 failed, 3 passed" in out
    assert "Traceback" not in out
    assert ".py:" not in out
    shown = grade("ex1", str(DEMO)).out.splitlines()
    start = next(i for i, line in enumerate(shown) if "bias 1" in line)
    for line in shown[start + 1 : start + 10]:  # its sentence, its grids, its arithmetic
        assert line[2:].rstrip() in out
    for line in shown[-7:-1]:  # the misconception, the smallest case
        assert line[2:].rstrip() in out


def test_the_first_failure_can_be_the_last(pytester: pytest.Pytester, folder: Path) -> None:
    shutil.copy(DEMO, folder)  # without --grade-submissions they are here
    code, out = run(pytester, "--grade", "exercises/ex1.yaml", "-x", "-q")
    assert (code, "1 failed in" in out, "bias-per-product" in out) == (1, True, True)


def test_nobody_submitted(pytester: pytest.Pytester, folder: Path) -> None:
    code, out = run(pytester, "--grade", folder / "exercises", "--grade-submissions=in", "-q", "-x")
    assert code == 1
    assert "missing: there is no ex0.py (or .ipynb) in" in out
    assert "1 failed" in out
    code, out = run(pytester, "--grade", folder / "exercises/ex1.yaml", "--grade-submissions=in", "-q")
    assert (code, "7 failed, 1 passed" in out) == (1, True)
    assert out.count("missing: there is no ex1.py") == 1  # not once for each case
    assert out.partition("short test summary")[2].count("the same as in `without bias`") == 6
    code, out = run(pytester, "--grade", folder / "exercises/ex1.yaml", "--grade-submissions=in", "-q", "-k", "bias")
    assert (out.count("missing: there is no ex1.py"), "3 failed" in out) == (1, True)


def test_results_and_points_reach_junit_files_through_xdist(folder: Path) -> None:
    shutil.copy(DEMO, folder / "in")
    shutil.copy(ROOT / "solutions" / "ex0.py", folder / "in")
    words = ("--grade", "exercises", "--grade-submissions=in", "-n", "2", "--dist", "loadfile", "--junitxml=j.xml")
    code, _ = run_process(folder, *words, "-q")
    assert code == 1
    text = (folder / "j.xml").read_text(encoding="utf-8")
    xmlschema.XMLSchema(SCHEMAS / "junit.xsd").validate(text)
    suites = ElementTree.fromstring(text)
    cases = list(suites.iter("testcase"))
    assert len(cases) == 2 + 7 + 2  # the written cases, and a sweep and a misconception for each exercise
    failed = [case for case in cases if case.find("failure") is not None]
    assert {case.get("classname") for case in failed} == {"exercises.ex1.yaml"}
    assert not [case for case in cases if case.find("error") is not None]
    points: dict[str, float] = {"score": 0, "max_score": 0}
    for prop in suites.findall("./testsuite/properties/property"):
        points[str(prop.get("name")).partition(" of ")[0]] += float(str(prop.get("value")))
    assert points["max_score"] == pytest.approx(20)
    assert points["score"] == pytest.approx(13.583333, abs=1e-5)


def test_the_older_family_of_junit_files_keeps_the_points_of_each_test(pytester: pytest.Pytester, folder: Path) -> None:
    shutil.copy(DEMO, folder / "in")
    words = (
        "--grade=exercises/ex1.yaml",
        "--grade-submissions=in",
        "-q",
        "--junitxml=j.xml",
        "-o",
        "junit_family=xunit1",
    )
    run(pytester, *words)
    points = [
        p.get("value") for p in ElementTree.parse(folder / "j.xml").iter("property") if p.get("name") == "max_score"
    ]
    assert sum(float(str(value)) for value in points) == pytest.approx(10)


def test_the_sweep_is_one_test_and_with_detail_each_case_is(pytester: pytest.Pytester, folder: Path) -> None:
    shutil.copy(DEMO, folder / "in")
    words = ("--grade=exercises/ex1.yaml", "--grade-submissions=in", "-q", "-k", "sweep")
    code, out = run(pytester, *words)
    assert (code, "1 failed" in out) == (1, True)
    assert re.search(r"^\d+ of 60 generated cases right\n.*sweep \d+", out, re.MULTILINE)
    assert re.search(r"FAILED exercises/ex1.yaml::sweep - \d+ of 60 generated cases right", out)
    assert re.search(r"\d+ failed, \d+ passed", run(pytester, *words, "--grade-detail")[1])
    assert "60/67" in run(pytester, *words, "--grade-detail", "--collect-only")[1]


def test_the_misconception_is_a_test_and_is_shown_once(pytester: pytest.Pytester, folder: Path) -> None:
    shutil.copy(DEMO, folder / "in")
    words = ("--grade=exercises/ex1.yaml", "--grade-submissions=in", "-q", "--junitxml=j.xml")
    says = "You add the bias to every product, so it counts once for each kernel cell."
    _, out = run(pytester, *words)
    assert out.partition("short test summary")[0].count(says) == 1
    suite = ElementTree.parse(folder / "j.xml")
    failed = {str(case.get("name")): case.find("failure") for case in suite.iter("testcase")}
    assert next(iter(failed)) == "misconception"
    found = failed["misconception"]
    assert found is not None
    assert found.get("message") == says
    assert "misconception" not in " ".join(str(p.get("name")) for p in suite.iter("property"))  # it has no points
    _, out = run(pytester, *words, "-k", "bias or kernel")  # without that test, each case shows it
    assert (out.count(says), "3 failed" in out) == (3, True)
    (folder / "in" / "ex1.py").write_text("def conv2d(input, kernel, bias=0): return [[7]]\n", encoding="utf-8")
    code, out = run(pytester, *words, "-k", "misconception")
    assert (code, "1 passed" in out) == (0, True)  # wrong, but no known misconception explains it


def test_a_pack_by_its_name(pytester: pytest.Pytester, folder: Path) -> None:
    (folder / "in" / "layers.py").write_text("def relu_forward(x):\n    return abs(x), x\n", encoding="utf-8")
    _, out = run(pytester, "--grade=cs231n", "--grade-submissions=in", "-q", "-k", "relu_forward")
    assert "(grade explain relu-magnitude --pack cs231n)" in " ".join(out.split())


def test_what_failed_last_can_be_run_again(pytester: pytest.Pytester, folder: Path) -> None:
    shutil.copy(DEMO, folder / "in")
    words = ("--grade=exercises/ex1.yaml", "--grade", "exercises/ex1.yaml", "--grade-submissions=in", "-q")
    cache = ("-p", "cacheprovider", "-k", "bias or look")
    assert "2 failed, 2 passed" in run(pytester, *words, *cache)[1]
    assert re.search(r"2 failed, .*deselected", run(pytester, *words, *cache, "--lf")[1])


def test_one_case_by_its_name(pytester: pytest.Pytester, folder: Path) -> None:
    shutil.copy(DEMO, folder / "in")
    words = ("--grade", "exercises", "--grade-submissions=in", "exercises/ex1.yaml::quick look", "-q")
    assert "1 passed" in run(pytester, *words)[1]


def test_a_broken_spec_is_an_error_with_its_place(pytester: pytest.Pytester, folder: Path) -> None:
    (folder / "exercises" / "ex1.yaml").write_text(
        (folder / "exercises" / "ex1.yaml").read_text(encoding="utf-8").replace("title:", "titel:"), encoding="utf-8"
    )
    code, out = run(pytester, "--grade", "exercises", "-q")
    assert code == 2
    assert re.search(r"exercises/ex1.yaml:\d+:\d+: unknown field `titel`|ex1.yaml:\d+:\d+: .*`titel`", out)
    assert "did you mean `title`?" in out
    assert "Traceback" not in out
    assert ".py:" not in out


@pytest.mark.parametrize(
    "words, says",
    [
        (("--grade", "ex9.yaml"), "`ex9.yaml` does not exist"),
        (("--grade", "in"), "`in` holds no specs"),
        (("--grade", "exercises", "--grade-submissions=out"), "there is no folder `out`"),
        (("--grade=exercises", "--grade-submissions", "in"), "write `--grade-submissions=in`, with `=`"),
    ],
)
def test_wrong_words(pytester: pytest.Pytester, folder: Path, words: tuple[str, ...], says: str) -> None:
    code, out = run(pytester, *words)
    assert (code, says in out) == (4, True), out
    assert "Traceback" not in out


def test_a_fault_of_the_grader_is_an_error_not_a_failure(
    pytester: pytest.Pytester, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "solutions" / "ex1.py", folder / "in")
    monkeypatch.setenv("TMPDIR", str(folder / "nowhere"))
    words = ("--grade", "exercises/ex1.yaml", "--grade-submissions=in", "-q", "-k", "bias")
    code, out = run(pytester, *words)
    assert code == 1
    assert re.search(r"\b3 errors", out)
    assert not re.search(r"\bfailed in|\d+ failed", out)
    assert "the grader failed, not the program: cannot make a working folder" in out
    assert "Traceback" not in out


def test_a_hidden_case_shows_its_verdict_and_nothing_else(pytester: pytest.Pytester, folder: Path) -> None:
    spec = folder / "exercises" / "ex1.yaml"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("  - name: bias 1\n", "  - name: bias 1\n    hidden: true\n"), encoding="utf-8")
    assert "hidden: true" in spec.read_text(encoding="utf-8")
    shutil.copy(DEMO, folder / "in")
    code, out = run(pytester, "--grade", "exercises/ex1.yaml", "--grade-submissions=in", "-k", "hidden", "-v")
    assert code == 1
    assert "ex1.yaml::hidden FAILED" in out
    assert "0 of 1 right" in out
    for secret in ("bias 1", "expected", "10", "every product"):
        assert secret not in out.partition("FAILURES")[2].partition("short test summary")[0]


def hostile(folder: Path, touched: Path) -> None:
    """Fill a folder with what would take over a pytest, or a Python, that starts there or collects it."""
    evil = EVIL.format(str(touched))
    for name in ("conftest.py", "numpy.py", "sitecustomize.py", "test_all_pass.py", "pluggy.py", "evil.py"):
        (folder / name).write_text(evil, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = -p evil\n", encoding="utf-8")
    shutil.copy(DEMO, folder)


@pytest.mark.parametrize("form", ["from beside", "with all there is", "from inside"])
def test_nothing_in_the_students_folder_is_loaded(folder: Path, form: str) -> None:
    touched = folder / "touched"
    hostile(folder / "in", touched)
    words: list[Any] = ["--grade", "exercises", "--grade-submissions=in"]
    if form == "with all there is":
        words.append(".")
    if form == "from inside":
        words = ["--grade", folder / "exercises"]
    code, out = run_process(folder / "in" if form == "from inside" else folder, *words, "-q", "-k", "ex1 and not sweep")
    assert not touched.exists(), touched.read_text(encoding="utf-8")
    assert code == 1
    assert "4 failed, 3 passed" in out


@pytest.mark.pythons
def test_it_costs_nothing_until_asked_for(tmp_path: Path) -> None:
    pytests = modules_after("import pytest")
    assert modules_after("import pytest, grader.pytest_plugin") - pytests == {"grader", "grader.pytest_plugin"}
    (tmp_path / "test_it.py").write_text(
        "import sys\ndef test_it(): assert not {'grader.model', 'grader.errors', 'msgspec'} & set(sys.modules)\n",
        encoding="utf-8",
    )
    code, out = run_process(tmp_path, "-q", "test_it.py")
    assert (code, "1 passed" in out) == (0, True)


def test_a_right_answer_passes(pytester: pytest.Pytester, folder: Path) -> None:
    (folder / "in" / "ex1.py").write_text(solution("ex1"), encoding="utf-8")
    code, out = run(pytester, "--grade", "exercises/ex1.yaml", "--grade-submissions=in", "-q")
    assert (code, "8 passed" in out) == (0, True)


@pytest.mark.parametrize("ci", ["", "true"])
def test_the_summary_has_a_line_for_each_failure_with_ci_set_too(
    pytester: pytest.Pytester, folder: Path, monkeypatch: pytest.MonkeyPatch, ci: str
) -> None:
    shutil.copy(DEMO, folder / "in")
    words = ["--grade", "exercises/", "--grade-submissions=in", "-k", "bias or look", "--junitxml=it.xml"]
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("CI", ci)
    _, out = run(pytester, *words)
    summary = out.partition("short test summary info")[2].splitlines()[1:-1]
    assert [line.partition(" - ")[0] for line in summary if "::bias 1" in line] == ["FAILED exercises/ex1.yaml::bias 1"]
    assert all(line.startswith(("FAILED", "ERROR")) for line in summary)
    messages = [found.get("message") for found in ElementTree.parse(folder / "it.xml").iter("failure")]
    assert "16 of 16 cells differ, worst at [0, 0]: 10 expected, 18 given" in messages


def test_the_place_of_a_failure_is_the_students_function(pytester: pytest.Pytester, folder: Path) -> None:
    shutil.copy(DEMO, folder / "in")
    _, out = run(pytester, "--grade=exercises", "--grade-submissions=in", "--tb=line", "-q", "-k", "slide or bias")
    places = [line.partition(": ")[0] for line in out.splitlines() if re.match(r"/.*:\d+: ", line)]
    assert places == [f"{folder / 'exercises' / 'ex0.yaml'}:1", *[f"{folder / 'in' / 'ex1.py'}:6"] * 2]
    assert "pytest_plugin.py" not in out
