"""The command as a student meets it: what it prints, what it writes, and its exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import ROOT, Grade, python, solution
from programs import program

from grader.judging import explain
from grader.model.report import report_from_json

RIGHT = solution("ex1")
WRONG = (ROOT / "demo" / "wrong" / "ex1.py").read_text(encoding="utf-8")


def write(name: str, text: str = RIGHT) -> None:
    Path(name).write_text(text, encoding="utf-8")


@pytest.mark.pythons
def test_a_right_answer(grade: Grade) -> None:
    write("ex1.py")
    said = grade("ex1")
    assert said.code == 0
    first, *lines = said.out.splitlines()
    assert first.split() == ["ex1", "·", "Convolution", "10", "/", "10"]
    assert ["✓", "bias", "1", "0.83", "/", "0.83"] in map(str.split, lines)
    assert ["✓", "sweep", "all", "60", "generated", "cases", "right", "5", "/", "5"] in map(str.split, lines)
    assert "✗" not in said.out


def test_a_wrong_answer_shows_the_cell(grade: Grade) -> None:
    write("ex1.py", WRONG)
    said = grade("ex1")
    assert said.code == 1
    lines = said.out.splitlines()
    assert any(line.startswith("  ✓ without bias  ") for line in lines)
    at = next(i for i, line in enumerate(lines) if line.startswith("  ✗ 2×3 kernel  "))
    assert lines[at + 1].strip() == "wrong answer: 20 of 20 cells differ, worst at [0, 0]: 8 expected, 13 given"
    assert lines[at + 2].split() == ["input", "expected", "yours"]
    assert lines[at + 3].split() == [
        "[2][2][1]",
        "4",
        "1",
        "0",
        "[8][10]",
        "[9][12]",
        "[13][15][14][17]",
    ]  # with the window
    assert lines[at + 9].strip() == "output[0, 0] = 2×1 + 2×0 + 1×1 + 0×0 + 4×1 + 0×1 + 1 = 8"


@pytest.mark.parametrize("words", [["ex1", "mine.py"], ["ex1", "folder"], ["ex1", "folder/mine.py"]])
def test_another_path(grade: Grade, words: list[str]) -> None:
    write("mine.py")
    Path("folder").mkdir()
    write("folder/mine.py")
    assert grade(*words).code == 0


def test_a_file_name_is_enough(grade: Grade) -> None:
    write("ex1.py")
    assert grade("ex1.py").code == 0


@pytest.mark.pythons
def test_a_notebook(grade: Grade) -> None:
    cells = [
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import numpy as np"]},
        {"cell_type": "code", "source": RIGHT},
    ]
    write("ex1.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    assert grade("ex1").code == 0


def test_json_is_one_report(grade: Grade) -> None:
    write("ex1.py", WRONG)
    said = grade("ex1", "--format", "json")
    assert said.code == 1
    raw = json.loads(said.out)
    assert {"score", "max_score", "checks", "versions", "isolation"} <= raw.keys()
    assert {"case", "verdict", "score", "max_score", "mismatch", "text"} <= raw["checks"][0].keys()
    report = report_from_json(said.out.encode())
    assert 0 < report.score < report.max_score == 10
    assert report.score == pytest.approx(sum(check.score for check in report.checks), abs=1e-4)


@pytest.mark.pythons
def test_all_that_is_here(grade: Grade) -> None:
    write("ex1.py")
    write("ex0.py", "def elementwise_product(a, b):\n    return a + b\n")
    said = grade()
    assert said.code == 1
    rows = {line.split()[1]: line for line in said.out.splitlines() if line.startswith(("✓", "✗", "·"))}
    assert "66 of 66 right" in rows["ex1"]
    assert rows["ex1"].endswith("10 / 10")
    assert rows["ex0"].startswith("✗")
    assert "not started" in rows["ex2"]
    assert "`grade ex0` shows what is wrong there" in said.out
    reports = json.loads(grade("--format", "json").out)
    assert [report["exercise"] for report in reports] == ["ex0", "ex1"]


def test_the_first_that_is_wrong_is_pointed_to(grade: Grade) -> None:
    write("ex0.py", solution("ex0"))
    write("ex1.py", WRONG)
    write("ex2.py", "")
    assert "`grade ex1` shows what is wrong there" in grade().out


@pytest.mark.parametrize("words", [("--isolation", "process", "ex1"), ("ex1", "--isolation", "process")])
def test_the_isolation_may_stand_before_the_exercise_and_behind_it(grade: Grade, words: tuple[str, ...]) -> None:
    write("ex1.py")
    assert json.loads(grade(*words, "--format", "json").out)["isolation"]["level"] == "process"


def test_links_of_untrusted_programs_are_not_followed(grade: Grade) -> None:
    write("elsewhere.py")
    Path("ex1.py").symlink_to("elsewhere.py")
    assert grade("ex1").code == 0
    said = grade("ex1", "--isolation", "strict")
    assert said.code == 1
    assert "ex1.py is a link; submit the file itself" in said.out


def test_every_misconception_is_explained_by_an_example_that_shows_it() -> None:
    for id, says in explain.misconceptions().items():
        page = explain.misconception(id)
        assert page.right != page.wrong, id
        assert all((says, page.says, page.why, page.instead)), id


def test_nothing_here(grade: Grade) -> None:
    said = grade()
    assert said.code == 2
    assert "there is no exercise file in this folder" in said.err
    assert "grade start ex0" in said.err


@pytest.mark.parametrize(
    "words, code, text",
    [
        (["ex99"], 2, "there is no exercise `ex99`"),
        (["help"], 2, "there is no exercise `help`\nhelp: `grade --help` lists the commands"),
        (["ex1x"], 2, "did you mean `ex1`?"),
        (["ex", "1"], 2, "did you mean `ex1`?"),
        (["explane"], 2, "did you mean `explain`?"),
        (["ex1", "gone.py"], 2, "there is no `gone.py`"),
        (["ex1", "--fromat", "json"], 2, "Did you mean"),
        (["ex1", "--format", "xml"], 2, "'xml' is not"),
        (["--pack", "nowhere", "list"], 2, "there is no folder `nowhere`"),
        (["explain", "kernel-fliped"], 2, "did you mean `kernel-flipped`?"),
        (["explain", "ex1", "bias1"], 2, "did you mean `bias 1`?"),
        (["explain", "ex1", "bias 1", "9", "9"], 2, "there is no cell [9, 9]"),
        (["show", "ex1x"], 2, "did you mean `ex1`?"),
        (["ex1.py", "other.py"], 2, "help: `grade ex1 other.py` grades `other.py` as ex1"),
        (["--format", "json", "list"], 2, "`grade list` does not take --format: it goes with an exercise (`grade ex1"),
        (["--isolation", "process", "watch", "ex1"], 2, "`grade watch` does not take --isolation"),
        (["--output", "json=a", "show", "ex1"], 2, "`grade show` does not take --output"),
        (["--format", "csv", "report"], 2, "--format goes after the command: `grade report --format …`"),
        (["--pack", ".", "doctor"], 2, "`grade doctor` does not take --pack"),
        (["explain", "kernel-flipped", "--output", "x"], 2, "--output goes with an exercise"),
        (["explain", "kernel-flipped", "bias 1"], 2, "`bias 1` goes with an exercise"),
    ],
)
def test_a_wrong_word_is_answered_with_a_remedy(grade: Grade, words: list[str], code: int, text: str) -> None:
    said = grade(*words)
    assert said.code == code
    assert text in said.err
    assert "Traceback" not in said.err + said.out


def test_a_missing_file_is_unfinished_work(grade: Grade) -> None:
    write("ex_1.py")
    said = grade("ex1")
    assert said.code == 1
    assert "there is no ex1.py (or .ipynb)" in said.out
    assert "did you mean `ex_1.py`?" in said.out.replace("\n", " ").replace("    ", " ").replace("  ", " ")


def test_start_writes_a_stub_that_earns_nothing_and_never_overwrites(grade: Grade) -> None:
    assert grade("start", "ex3").code == 0
    text = Path("ex3.py").read_text(encoding="utf-8")
    assert "def conv2d(input, kernel, bias, padding, stride):" in text
    said = grade("ex3")
    assert said.code == 1
    assert "0 / 10" in said.out
    assert "· not begun: write `conv2d` in ex3.py, instead of line 10" in said.out
    again = grade("start", "ex3")
    assert again.code == 2
    assert "exists already" in again.err
    assert Path("ex3.py").read_text(encoding="utf-8") == text


def test_start_says_where_it_cannot_write(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ex1.py").mkdir()
    assert grade("start", "ex1").code == 2


@pytest.mark.pythons
def test_list_and_show(grade: Grade) -> None:
    rows = grade("list").out
    assert "conv2d(input, kernel, bias, padding, stride)" in rows
    page = grade("show", "ex3")
    assert page.code == 0
    for words in (
        "Move the window by the stride",
        "def conv2d(",
        "stride 2 with padding 1",
        "60 generated cases",
        "the slide is wrong here",
    ):
        assert words in page.out


def test_explain_a_cell(grade: Grade) -> None:
    said = grade("explain", "ex3", "stride 2", "1", "1")
    assert said.code == 0
    assert "output[1, 1] = 0×1 + 3×1 + 3×1 + 1×1 + 3×1 + 2×1 + 0×0 + 3×1 + 1×0 + 1 = 16" in said.out
    window = [line for line in said.out.splitlines() if "[" in line and "×" not in line and "stride" not in line]
    assert len(window) == 4  # three rows of the input, and the cell of the output
    assert grade("explain", "ex3").code == 0


def test_explain_a_cell_of_a_second_output(grade: Grade) -> None:
    said = grade("explain", "ex12", "the convolution, pooled", "1", "1", "--output", "pooled")
    assert said.code == 0
    assert "pooled[1, 1] = " in said.out
    assert " = 44" in said.out
    assert "has no output `poled`" in grade("explain", "ex12", "the convolution", "--output", "poled").err


@pytest.mark.parametrize("misconception", ["kernel-flipped", "stride-not-in-size", "second-transposed"])
def test_explain_a_misconception(grade: Grade, misconception: str) -> None:
    said = grade("explain", misconception)
    assert said.code == 0
    for title in ("What it does", "Why it is wrong", "Example", "Instead"):
        assert title in said.out


def test_explain_lists_all(grade: Grade) -> None:
    assert len(grade("explain").out.splitlines()) > 80


@pytest.mark.pythons
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(grade: Grade, shell: str) -> None:
    assert "_GRADE_COMPLETE" in grade("completion", shell).out


@pytest.mark.pythons
def test_completion_offers_exercises_and_commands() -> None:
    environment = os.environ | {"_GRADE_COMPLETE": "bash_complete", "COMP_WORDS": "grade ex", "COMP_CWORD": "1"}
    done = subprocess.run(_command(), env=environment, capture_output=True, text=True, check=False)
    offered = {line.partition(",")[2] for line in done.stdout.splitlines()}
    assert {"ex1", "explain"} <= offered


def _command() -> list[str]:
    return [str(Path(sys.executable).parent / "grade")]


def in_terminal(words: list[str], **environment: str) -> str:
    """Run the command in a pseudo-terminal and return what it showed there."""
    main, other = pty.openpty()
    with subprocess.Popen(_command() + words, stdout=other, stderr=other, env=os.environ | environment) as process:
        os.close(other)
        shown = b""
        while True:
            try:
                data = os.read(main, 4096)
            except OSError:
                break
            if not data:
                break
            shown += data
        process.wait()
    os.close(main)
    return shown.decode()


def test_colours_in_a_terminal_and_none_when_not_wanted(tmp_path: Path) -> None:
    file = str(ROOT / "demo" / "wrong" / "ex1.py")
    assert "\x1b[" in in_terminal(["ex1", file], TERM="xterm-256color")
    assert "\x1b[" not in in_terminal(["ex1", file], TERM="xterm-256color", NO_COLOR="1")
    assert "\x1b[" not in in_terminal(["ex1", file, "--no-color"], TERM="xterm-256color")
    assert "\x1b[" not in in_terminal(["--no-color", "ex1", file], TERM="xterm-256color")


@pytest.mark.pythons
def test_the_installed_command(tmp_path: Path) -> None:
    write(str(tmp_path / "ex1.py"))
    done = subprocess.run([*_command(), "ex1"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "10 / 10" in done.stdout
    assert not list(tmp_path.glob("__pycache__"))


def test_a_reader_that_leaves_early_gets_no_traceback(tmp_path: Path) -> None:
    command = f"{_command()[0]} explain | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("program, code", [(RIGHT, 0), (WRONG, 1)])
@pytest.mark.parametrize("reader", ["| true", ">&-"])
def test_the_exit_code_is_the_work_s_whoever_reads(tmp_path: Path, program: str, code: int, reader: str) -> None:
    write(str(tmp_path / "ex1.py"), program)
    script = f"{_command()[0]} ex1 {reader}; echo code ${{PIPESTATUS[0]}} >&2"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == f"code {code}\n"


def test_json_is_utf8_whatever_the_terminal_speaks(tmp_path: Path) -> None:
    write(str(tmp_path / "ex1.py"), WRONG)
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*_command(), "ex1", "--format", "json"], cwd=tmp_path, capture_output=True, env=environment, check=False
    )
    assert done.returncode == 1
    assert report_from_json(done.stdout).title == "Convolution"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_right_and_wrong_are_told_apart_whatever_the_terminal_speaks(tmp_path: Path, encoding: str) -> None:
    write(str(tmp_path / "ex1.py"), WRONG)
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run([*_command(), "ex1"], cwd=tmp_path, capture_output=True, env=environment, check=False)
    said = done.stdout.decode(encoding)
    assert (done.returncode, done.stderr) == (1, b"")
    assert "  + without bias" in said
    assert "  x bias 1" in said
    assert "?" not in said


def test_a_sign_that_nothing_stands_for_is_a_question_mark(tmp_path: Path) -> None:
    write(str(tmp_path / "ex1.py"), f"print('ŷ')\n{RIGHT}")
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*_command(), "ex1"], cwd=tmp_path, capture_output=True, env=environment, check=False)
    assert b"| ?\n" in done.stdout


@pytest.mark.parametrize("words", ["ex1", "ex1 --format json", "ex1 --output csv", "list"])
def test_a_full_disk_is_the_machine_s_fault(tmp_path: Path, words: str) -> None:
    write(str(tmp_path / "ex1.py"), WRONG)
    script = f"{_command()[0]} {words} > /dev/full"
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    says = "standard output cannot be written: No space left on device\nhelp: is the disk full?\n"
    assert (done.returncode, done.stderr) == (3, says)


def test_a_fault_that_cannot_even_be_told_blames_nobody(tmp_path: Path) -> None:
    script = f"{_command()[0]} nope 2> /dev/full"
    assert subprocess.run(["sh", "-c", script], cwd=tmp_path, check=False).returncode == 3


def test_answers_that_differ_in_their_axes_alone_do_not_look_alike(grade: Grade) -> None:
    write("ex5.py", program("ex5", "axes-by-size").source)
    said = grade("ex5")
    shown = said.out.partition("Smallest case that shows it:")[2].split("\n")
    assert [line.split() for line in shown[1:3]] == [["input", "expected", "yours"], ["1", "[[1]]", "[1]"]]


def test_only_the_file_that_is_named_is_graded(grade: Grade) -> None:
    write("ex1.py")
    write("other.py", WRONG)
    said = grade("ex1.py", "other.py")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("`ex1.py` and `other.py` are two paths, and only one can be graded at a time\n")


def test_no_colour_may_stand_before_any_command(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert grade("--no-color", "list").code == 0
    assert os.environ["NO_COLOR"] == "1"


def test_the_format_may_stand_first(grade: Grade) -> None:
    write("ex1.py")
    assert json.loads(grade("--format", "json", "ex1").out)["score"] == 10


def test_no_line_begins_with_a_command_however_it_is_folded(grade: Grade) -> None:
    printed = "x" * 92 + " " + "y" * 94 + "::error::pwned ##vso[task.complete] ##[error]x"
    write("ex1.py", f"print({printed!r})\n{RIGHT}")
    said = grade("ex1")
    assert not any(line.strip().startswith("::") for line in said.out.splitlines())
    assert "##vso[" not in said.out
    assert "##[" not in said.out


def test_rounding_noise_is_told_apart_from_a_wrong_number(grade: Grade) -> None:
    write("ex1.py", RIGHT.replace("+ bias", "* 0.1 * 10 + bias"))
    assert "10 / 10" in grade("ex1").out
    write("ex1.py", RIGHT.replace("+ bias", "* 1.0001 + bias"))
    said = grade("ex1")
    assert said.code == 1
    assert not re.search(r"(?<![\d.])(\d+) expected, \1 given", said.out)


def test_prints_are_shown_where_every_case_ends_the_same_way(grade: Grade) -> None:
    write("ex1.py", "def conv2d(input, kernel, bias):\n    print('got', input.shape)\n    raise ValueError('no')\n")
    said = grade("ex1")
    assert "printed in the first case:" in said.out
    assert "│ got (6, 6)" in said.out


@pytest.mark.pythons
def test_no_utf8_is_no_traceback(tmp_path: Path) -> None:
    write(str(tmp_path / "ex1.py"), WRONG)
    environment = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "ascii", "HOME": str(tmp_path)}
    done = subprocess.run(
        [*_command(), "ex1"], cwd=tmp_path, capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 1
    assert done.stderr == ""


def start(words: list[str], folder: Path) -> subprocess.Popen[str]:
    """Start the command so that it can be interrupted, even where these tests run with interrupts ignored."""
    return subprocess.Popen(
        [*_command(), *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def seconds_of_children(pid: int) -> float:
    """Return how much of a processor the children of a process have used."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += (int(fields[11]) + int(fields[12])) * (int(fields[1]) == pid)
    return ticks / os.sysconf("SC_CLK_TCK")


@pytest.mark.pythons
def test_interrupted(tmp_path: Path) -> None:
    write(str(tmp_path / "ex1.py"), "while True: pass\n")
    with start(["ex1"], tmp_path) as process:
        while seconds_of_children(process.pid) < 1:  # far more than it takes to load NumPy: it runs the program
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_watch_grades_again_on_save(tmp_path: Path) -> None:
    file, seen = tmp_path / "ex1.py", threading.Event()
    write(str(file), WRONG)

    def save() -> None:  # again and again: it says nowhere from when on it watches
        while not seen.wait(0.5):
            write(str(file))

    saver = threading.Thread(target=save)
    with start(["watch", "ex1"], tmp_path) as process:
        try:
            assert process.stdout
            assert re.search(r" 3\.\d+ / 10$", process.stdout.readline())
            saver.start()
            assert any("10 / 10" in line for line in process.stdout)
            seen.set()
            saver.join()
            process.send_signal(signal.SIGINT)
            assert process.wait(300) in (0, 130)
        finally:
            seen.set()
            process.kill()


def test_a_spec_with_errors_shows_them_all(grade: Grade) -> None:
    shutil.copytree(ROOT / "exercises", "pack")
    spec = Path("pack/ex3.yaml")
    spec.write_text(
        spec.read_text(encoding="utf-8").replace("stride: 2", "strides: 2").replace("title:", "titel:"),
        encoding="utf-8",
    )
    write("ex3.py", solution("ex3"))
    said = grade("--pack", "pack", "ex3")
    assert said.code == 2
    assert said.err.count("unknown field `strides`") == 2
    assert "did you mean `stride`?" in said.err
    assert "did you mean `title`?" in said.err
    assert "pack/ex3.yaml:" in said.err
    assert grade("ex3", "--pack", "pack") == said
    assert grade("show", "ex3", "--pack", "pack").err == said.err


def test_a_pack_of_ones_own_is_chosen_before_the_command_or_behind_it(grade: Grade) -> None:
    Path("mine").mkdir()
    assert grade("--pack", "mine", "new", "own", "--op", "relu").code == 0
    assert Path("mine/own.yaml").exists()
    said = grade("--pack", "mine", "own")
    assert "run `grade verify own --write --pack mine`" in said.err
    assert grade("own", "--pack", "mine") == said
    assert str(said.err) in grade("list", "--pack", "mine").out


def test_the_help_begins_with_what_students_need(grade: Grade) -> None:
    out = grade("--help").out
    assert out.index("grade ex1 ") < out.index("Options:") < out.index("  start ") < out.index("  class ")


@pytest.mark.pythons
def test_module_form() -> None:
    done = subprocess.run(python("-m", "grader", "--version"), capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("grade, version ")


@pytest.mark.pythons
def test_an_exception_that_all_cases_share_is_told_once(grade: Grade) -> None:
    Path("ex1.py").write_text("def conv2d(input, kernel, bias):\n    return input.no_such_thing\n", encoding="utf-8")
    said = grade("ex1")
    assert said.code == 1
    assert said.out.count("has no attribute 'no_such_thing'") == 1
    assert "in 66 cases, the smallest is `" in said.out
    assert "return input.no_such_thing   ex1.py" in said.out


def test_a_folder_that_is_gone(tmp_path: Path, grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    said = grade("ex1")
    assert said.code == 2
    assert "the current folder no longer exists" in said.err
