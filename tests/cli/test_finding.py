"""Which file is graded, and what is said where none is: through the command."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from conftest import Grade, python, solution

from grader.exercises.pack import pack_folder
from grader.platforms import archive

RIGHT = solution("ex1")


def write(name: str, text: str = RIGHT) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def notebook(name: str, source: str = RIGHT) -> None:
    write(name, json.dumps({"cells": [{"cell_type": "code", "source": source}], "nbformat": 4}))


@pytest.mark.parametrize("name", ["hw1/ex1.py", "hw1/ex1.ipynb"])
def test_a_single_file_one_folder_down(name: str, grade: Grade) -> None:
    write(name) if name.endswith(".py") else notebook(name)
    said = grade("ex1")
    assert said.code == 0
    assert said.out.splitlines()[1] == f"  {name} is graded"
    assert "✓ ex1" in grade().out


def test_two_files_one_folder_down_are_named(grade: Grade) -> None:
    write("hw1/ex1.py")
    write("hw2/ex1.py")
    said = grade("ex1")
    assert said.code == 1
    assert "`hw1/ex1.py`, `hw2/ex1.py`" in " ".join(said.out.split())
    assert "`grade ex1 hw1/ex1.py` grades it" in " ".join(said.out.split())


@pytest.mark.parametrize(
    "name, command",
    [
        ("EX1.py", "grade ex1 EX1.py"),
        ("ex1.py.txt", "grade ex1 ex1.py.txt"),
        ("ex1_solution.py", "grade ex1 ex1_solution.py"),
        ("ex1 (1).py", "grade ex1 'ex1 (1).py'"),
        ("mysolution.py", "grade ex1 mysolution.py"),
    ],
)
def test_a_file_with_almost_the_name(name: str, command: str, grade: Grade) -> None:
    write(name)
    said = grade("ex1")
    assert said.code == 1
    assert f"`{command}` grades" in " ".join(said.out.split())
    assert grade("ex1", name).code == 0


def test_another_exercise_has_not_almost_the_name(grade: Grade) -> None:
    write("ex11.py")
    write("ex12.py")
    assert "`grade start ex1` writes a template" in " ".join(grade("ex1").out.split())


@pytest.mark.parametrize(
    "name, text, exercise",
    [
        ("mysolution.py", RIGHT, "ex1"),
        ("mine.py", solution("ex10"), "ex10"),
        ("solution_ex3.py", RIGHT, "ex3"),
        ("notes.py", "", "ex1"),
    ],
)
def test_a_file_without_its_exercise(name: str, text: str, exercise: str, grade: Grade) -> None:
    write(name, text)
    said = grade(name)
    assert said.code == 2
    assert f"help: `grade {exercise} {name}` grades it" in said.err


def test_commands_take_a_files_name_for_its_exercise(grade: Grade) -> None:
    assert grade("start", "ex1.py").code == 0
    assert Path("ex1.py").exists()
    assert grade("show", "ex1.py").out.startswith("ex1 · Convolution")
    assert grade("explain", "ex1.py").out.startswith("ex1 · without bias")


@pytest.mark.parametrize(
    "py, ipynb, graded",
    [
        (RIGHT, "x = 1", "conv.ipynb is here too but defines no function; conv.py is graded"),
        ("x = 1", RIGHT, "conv.py is here too; conv.ipynb is graded"),
        (RIGHT, RIGHT, "conv.py is here too; conv.ipynb is graded"),
    ],
)
def test_a_notebook_and_its_export(py: str, ipynb: str, graded: str, grade: Grade) -> None:
    write("ex1/conv.py", py)
    notebook("ex1/conv.ipynb", ipynb)
    said = grade("ex1")
    assert said.code == 0
    assert said.out.splitlines()[1] == f"  {graded}"


def test_the_program_that_is_named_as_the_exercise_is_graded(grade: Grade) -> None:
    write("ex1.py")
    notebook("ex1.ipynb", "x = 1")
    said = grade("ex1")
    assert said.code == 0
    assert said.out.splitlines()[1] == "  ex1.ipynb is here too; ex1.py is graded"


def test_a_class_with_a_notebook_and_its_export_and_a_zip_with_backslashes(grade: Grade) -> None:
    for name, py, ipynb in (("ann", RIGHT, "x = 1"), ("bob", "x = 1", RIGHT)):
        Path("class", name).mkdir(parents=True)
        write(f"class/{name}/conv.py", py)
        notebook(f"class/{name}/conv.ipynb", ipynb)
    Path("class/eva").mkdir()
    with zipfile.ZipFile("class/eva/work.zip", "w") as zipped:
        info = zipfile.ZipInfo("x")
        info.filename = info.orig_filename = "hw\\ex1.py"
        zipped.writestr(info, RIGHT)
    assert grade("class", "class", "--exercise", "ex1").code == 0
    rows = list(csv.DictReader(grade("report", "--format", "csv").out.splitlines()))
    assert [(row["student"], row["ex1"]) for row in rows] == [("ann", "10"), ("bob", "10"), ("eva", "10")]


def test_a_name_with_backslashes_cannot_lead_elsewhere() -> None:
    info = zipfile.ZipInfo("x")
    info.orig_filename = "..\\..\\ex1.py"
    assert archive._name(info) == "../../ex1.py"  # and is checked as such: test_archive.py


@pytest.mark.parametrize(
    "head, right",
    [
        (b"# -*- coding: latin-1 -*-\n", True),
        (b"# -*-coding:utf-8-*-\n", True),
        (b"# vim: set fileencoding=cp1252 :\n", True),
        (b"# -*- coding: cp037 -*-\n", False),
        (b"# -*- coding: rot13 -*-\n", False),
        (b"# -*- coding: latin-1 -*-\n# \xc3\xb6\n", False),
    ],
)
def test_a_coding_comment(head: bytes, right: bool, grade: Grade) -> None:
    Path("ex1.py").write_bytes(head + RIGHT.encode())
    said = grade("ex1")
    assert (said.code == 0) is right, said.out
    assert right or "declares the encoding" in said.out


@pytest.mark.parametrize("line", ["help(sum)", "exit()", "quit()", "print(copyright)"])
def test_what_every_python_has(line: str, grade: Grade) -> None:
    write("ex1.py", f"{RIGHT}\n\n{line}\n")
    assert grade("ex1").code == 0


def test_watch_says_that_it_watches_and_ends_quietly(tmp_path: Path) -> None:
    (tmp_path / "ex1.py").write_text(RIGHT, encoding="utf-8")
    with subprocess.Popen(
        python("-m", "grader", "watch", "ex1.py"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # even if these tests ignore interrupts
    ) as process:
        assert process.stdout
        assert process.stderr
        seen = ""
        while "Watching" not in seen:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            seen += line
        assert "10 / 10" in seen
        time.sleep(0.5)  # until it waits for the file; the signal is as good before that
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=300)
        assert errors == ""
        assert process.returncode in (0, 130)


# ---- grade explain


def test_explain_needs_no_quotes(grade: Grade) -> None:
    quoted = grade("explain", "ex1", "bias 1", "0", "2")
    assert quoted.out.startswith("ex1 · bias 1 · output[0, 2]")
    assert grade("explain", "ex1", "bias", "1", "0", "2") == quoted
    assert grade("explain", "ex1", "practice", "1,", "bias", "2").out.startswith(
        "ex1 · practice 1, bias 2 · output[0, 0]"
    )
    assert grade("explain", "ex1", "0", "2").out.startswith("ex1 · without bias · output[0, 2]")
    wrong = grade("explain", "ex1", "bais", "1")
    assert (wrong.code, "did you mean `bias 1`?" in wrong.err) == (2, True)
    assert grade("explain", "ex1", "bias", "1", "0", "b").code == 2


def test_explain_takes_an_exercise_or_a_near_word(grade: Grade) -> None:
    of_ex1 = grade("explain", "ex1").out
    assert "kernel-flipped " in of_ex1
    assert "stride-ignored" not in of_ex1
    assert "kernel-flipped-rows" in grade("explain", "flip").out
    assert grade("explain", "kernel", "flipped").out == grade("explain", "kernel-flipped").out
    unknown = grade("explain", "kernl-fliped")
    assert (unknown.code, "did you mean `kernel-flipped`?" in unknown.err) == (2, True)


def test_a_command_that_is_shown_names_the_pack_that_was_given(grade: Grade) -> None:
    def shown(*words: str) -> str:
        said = grade(*words, "--pack", "cs231n")
        return " ".join(f"{said.out} {said.err}".split())

    assert "`grade list --pack cs231n` lists the exercises" in shown()
    assert "`grade list --pack cs231n` lists the exercises" in shown("conv", "conv.py")
    assert "`grade start relu_forward --pack cs231n` writes a template" in shown("relu_forward")
    write("mine.py", "def relu_forward(x):\n    return abs(x)\n")
    assert "`grade relu_forward mine.py --pack cs231n` grades" in shown("relu_forward")
    write("layers.py", "def relu_forward(x):\n    return abs(x), x\n")
    assert "(grade explain relu-magnitude --pack cs231n)" in shown("relu_forward")
    assert "`grade relu_forward layers.py --pack cs231n` shows" in shown("layers.py")


def test_no_word_of_a_command_reaches_a_terminal_or_a_runner_as_a_command(grade: Grade) -> None:
    hostile = "x\x1b[31m\n::error::x"
    shutil.copytree(pack_folder(), hostile)
    write("ex1.py", "def conv2d(input, kernel, bias):\n    return input\n")
    for words in (["ex1", "--pack", hostile], ["--pack", hostile], ["show", hostile], ["ex1", "--pack", hostile + "y"]):
        said = grade(*words)
        assert "x\\x1b[31m" in said.out + said.err
        assert "\x1b" not in said.out + said.err
        assert "::error" not in said.out + said.err
