"""`check` in a real kernel, in a plain Python, where no process can be started; and that it says what `grade` says."""

from __future__ import annotations

import importlib
import subprocess
import threading
import warnings
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import DATA, ROOT, python, solution
from test_layers import modules_after

from grader import check
from grader.exercises.lock import read_lock
from grader.judging.grade import grade
from grader.model.report import Report, Verdict, report_from_json, to_json
from grader.notebook import Checked
from grader.sandbox.fork_server import ForkServer
from grader.submissions.find import find

WRONG = (ROOT / "demo" / "wrong" / "ex1.py").read_text(encoding="utf-8")
THREADS_ONLY = """
import sys
def refuse(event, arguments):
    if event in ("os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system", "subprocess.Popen"):
        raise RuntimeError(event)
"""
SAMPLE = (  # the harmless ones of tests/data/hostile: right, wrong in value or shape, wrong in kind, failing
    *(
        "right_backwards",
        "right_big_endian_i2",
        "right_call_method",
        "right_decorated",
        "right_kwargs",
        "right_partial",
    ),
    *("right_list_of_lists", "right_positional_only", "right_masked", "right_zero_axis_arrays", "ufunc"),
    *("changes_inputs", "whole_numbers_unsigned", "nan_in_one_cell", "extra_axis", "missing_axis", "scalar"),
    *("returns_none", "ragged", "strings", "booleans", "complex", "parameters_wrong"),
    *("raises_in_one_case", "raises_when_called_again", "raises_stopiteration", "exit_in_call", "exception_str_raises"),
    "array_large",
)
EX1 = read_lock(ROOT / "exercises", "ex1")
LIMITS = msgspec.structs.replace(EX1.exercise.limits, time_limit=60.0, load_limit=60.0, total_limit=600.0)
PATIENT = msgspec.structs.replace(EX1, exercise=msgspec.structs.replace(EX1.exercise, limits=LIMITS))  # as `check` is
HOSTILE = DATA / "hostile"


def told(report: Report) -> tuple[object, ...]:
    """Return what a report says, less where and how long it ran, and what a first call gives: none is here."""
    found = report.diagnosis
    if found and found.smallest:
        found = msgspec.structs.replace(found, smallest=msgspec.structs.replace(found.smallest, alone=""))
    return report.exercise, report.title, report.checks, report.score, report.max_score, found


def checked(source: str, name: str = "conv2d") -> Checked:
    """Check a function of a program that stands here as ex1.py."""
    Path("ex1.py").write_text(source, encoding="utf-8")
    module: dict[str, Any] = {"__name__": "submission"}
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        exec(compile(source, "ex1.py", "exec", dont_inherit=True), module)
        return check("ex1", module[name])


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADE_PACK", raising=False)


ALL_CHECKED = """
import os, pathlib, sys
from grader import check
from grader.model.report import to_json
home, out, *names = sys.argv[1:]
for name in names:
    source = pathlib.Path(home, f"{name}.py").read_text(encoding="utf-8")
    pathlib.Path("ex1.py").write_text(source, encoding="utf-8")
    module = {"__name__": "submission"}
    exec(compile(source, "ex1.py", "exec", dont_inherit=True), module)
    pathlib.Path(out, name).write_bytes(to_json(check("ex1", module["conv2d"]).report))
"""


def test_it_says_what_grade_says(tmp_path: Path) -> None:
    words = python("-c", ALL_CHECKED, str(HOSTILE), str(tmp_path), *SAMPLE)
    subprocess.run(words, check=True, capture_output=True)  # without pytest, which catches warnings
    with ForkServer("process") as server:
        for name in SAMPLE:
            here = report_from_json((tmp_path / name).read_bytes())
            Path("ex1.py").write_bytes((HOSTILE / f"{name}.py").read_bytes())
            there = grade(PATIENT, find("ex1"), start=server.process)
            assert told(here) == told(report_from_json(to_json(there))), name


@pytest.mark.pythons
def test_a_wrong_function(capsys: pytest.CaptureFixture[str]) -> None:
    result = checked(WRONG)
    out = capsys.readouterr().out
    assert (result.passed, repr(result)) == (False, "ex1: 3.58 of 10 points")
    assert result.report
    assert result.report.isolation.level == "none"
    assert out.count("called in this process") == 1
    assert "You add the bias to every product" in out


def test_what_a_function_prints_is_shown_and_cannot_go_on_for_ever() -> None:
    result = checked("def conv2d(input, kernel, bias):\n    while True:\n        print('x' * 1000)")
    assert result.report
    assert {c.verdict for c in result.report.checks} == {Verdict.output_limit}
    result = checked("import sys\ndef conv2d(input, kernel, bias):\n    print('hello', file=sys.stderr)")
    assert result.report
    assert result.report.checks[0].printed == "hello\n"


def test_an_interrupt_is_the_students_own() -> None:
    with pytest.raises(KeyboardInterrupt):
        checked("def conv2d(input, kernel, bias):\n    raise KeyboardInterrupt")


def test_hidden_cases_stay_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    for suffix in (".yaml", ".ref.json"):
        text = (ROOT / "exercises" / f"ex1{suffix}").read_text(encoding="utf-8")
        text = text.replace("  - name: bias 1\n", "  - name: bias 1\n    hidden: true\n")
        (tmp_path / f"ex1{suffix}").write_text(text, encoding="utf-8")
    monkeypatch.setenv("GRADE_PACK", str(tmp_path))
    result = checked(WRONG)
    assert result.report
    assert [c.case for c in result.report.checks if c.hidden] == ["hidden 1"]
    assert "bias 1" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, says",
    [(("ex99",), "there is no exercise `ex99`"), ((len,), "the first argument must be the exercise's name")],
)
def test_wrong_words_are_said_and_raise_nothing(words: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = check(*words)
    assert (result.passed, result.report, repr(result)) == (False, None, "not graded")
    assert says in capsys.readouterr().out


class Odd:
    """Wraps itself, and lies about itself."""

    def __init__(self) -> None:
        self.__wrapped__ = self

    def __call__(self, input: Any, kernel: Any, bias: Any) -> Any:
        raise ValueError(self)

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


@pytest.mark.pythons
@pytest.mark.parametrize("function", [Odd(), Odd, None, 7, print, type, lambda: 0, max])
def test_whatever_is_given_raises_nothing(function: Any) -> None:
    assert not check("ex1", function).passed


def test_a_result_given_for_the_function(capsys: pytest.CaptureFixture[str]) -> None:
    """`check("ex1", conv2d(a, b, 0))`, where conv2d ends without `return`."""
    check("ex1", None)
    assert "without parentheses" in " ".join(capsys.readouterr().out.split())


def test_a_function_that_waits_to_be_awaited(capsys: pytest.CaptureFixture[str]) -> None:
    async def conv2d(input: Any, kernel: Any, bias: Any) -> int:
        return 1

    check("ex1", conv2d)
    said = capsys.readouterr()
    assert "write `def`, not `async def`" in said.out
    assert said.err == ""


def test_nothing_is_loaded_until_asked_for() -> None:
    assert modules_after("import grader") - modules_after("pass") == {"grader"}
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        _ = __import__("grader").chekc


@pytest.mark.pythons
@pytest.mark.parametrize("source, code", [(solution("ex1"), 0), (WRONG, 1)], ids=["right", "wrong"])
def test_a_program_where_no_process_can_be_started(source: str, code: int) -> None:
    asks = """
from grader import check
sys.addaudithook(refuse)
result = check("ex1")
assert result.report is not None and not {"torch", "IPython"} & set(sys.modules)
sys.exit(not result.passed)
"""
    Path("program.py").write_text(f"{source}\n{THREADS_ONLY}\n{asks}", encoding="utf-8")
    done = subprocess.run(python("program.py"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, "")
    assert "ex1 · Convolution" in done.stdout


@pytest.mark.pythons
def test_from_a_thread() -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(checked(solution("ex1")).passed))
    thread.start()
    thread.join()
    assert found == [True]


CRASH = "def conv2d(input, kernel, bias):\n    # as far as I came\n    return input[99]"


def execute(folder: Path, *texts: str) -> list[Any]:
    """Run cells in a real kernel and return them with their outputs."""
    nbformat = importlib.import_module("nbformat")
    client = importlib.import_module("nbclient")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in texts])
    resources = {"metadata": {"path": folder}}
    client.NotebookClient(book, timeout=120, kernel_name="python3", resources=resources).execute()
    return list(book.cells)


def test_in_a_real_kernel(tmp_path: Path) -> None:
    texts = [
        f"{THREADS_ONLY}\nimport grader, numpy\nsys.addaudithook(refuse)",
        f'{WRONG}\nfrom grader import check\ncheck("ex1", conv2d)\nNone',
        solution("ex1"),
        'result = check("ex1")',
        CRASH,
        'check("ex1")',
        'print(result.passed, "torch" in sys.modules)',
    ]
    cells = execute(tmp_path, *texts)
    shown = [[output.get("data", {}) for output in cell.outputs] for cell in cells]
    [wrong], [right], [crash, out] = shown[1], shown[3], shown[5]

    assert "✗ bias 1" in wrong["text/plain"]
    assert "16 of 16 cells differ" in wrong["text/plain"]
    assert '<div class="tg tg-notebook">' in wrong["text/html"]
    assert "You add the bias to every product" in wrong["text/html"]
    assert wrong["text/html"].count("<script>") == 1  # that of the pages: it moves the window
    assert "10 / 10" in right["text/plain"]
    assert "60 of 60 generated cases right" in right["text/html"]
    assert "(cell In[5], line 3)" in " ".join(crash["text/plain"].split())
    assert "3 │ return input[99]" in crash["text/plain"]
    assert out["text/plain"] == "ex1: 0 of 10 points"
    assert cells[-1].outputs[0].text == "True False\n"


PLOTTING = """
from IPython.display import display
import sys, types
opened = []
plots = types.ModuleType("matplotlib.pyplot")
plots.get_fignums = lambda: list(opened)
plots.close = opened.remove
sys.modules["matplotlib.pyplot"] = plots
def conv2d(input, kernel, bias):
    opened.append(len(opened) + 100)
    display({"text/plain": "a plot"}, raw=True)
    return input
"""


def test_a_plot_is_shown_once_and_closed(tmp_path: Path) -> None:
    cells = execute(tmp_path, PLOTTING, 'from grader import check\ncheck("ex1")\nNone', "print(len(opened))")
    shown = [o["data"]["text/plain"] for o in cells[1].outputs if o.output_type == "display_data"]
    assert shown.count("a plot") == 1
    assert cells[2].outputs[0].text == "1\n"
