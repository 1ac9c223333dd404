"""`grade EXERCISE` starts one process, before it imports anything, at exactly the requested isolation level."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click
import pytest
from conftest import python, solution

from grader.__main__ import FLAGS, VALUED, requested_isolation
from grader.cli.app import grade
from grader.cli.commands import ISOLATION
from grader.cli.grading import grade_exercise
from grader.sandbox.process import LEVELS, STRICT, chain

AUTO = ",".join(LEVELS)
COUNTING = """
import sys
from grader.sandbox import process

spawn = process.spawn
def counted(module, ends, arguments):
    print("STARTED", module, arguments[1], "late" if "click" in sys.modules else "early", file=sys.stderr)
    return spawn(module, ends, arguments)
process.spawn = counted
sys.argv[1:] = {words!r}

from grader.__main__ import main
main()
"""


def starts(folder: Path, *words: str) -> list[str]:
    """Return the processes that `grade …` starts: module, levels, and whether before the command was imported."""
    program = python("-c", COUNTING.format(words=list(words)))
    done = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return [line.removeprefix("STARTED ") for line in done.stderr.splitlines() if line.startswith("STARTED")]


@pytest.mark.parametrize(
    "words, levels",
    [
        ("ex1", AUTO),
        ("ex1 --isolation auto", AUTO),
        ("ex1 --isolation landlock", "landlock"),
        ("--isolation landlock ex1", "landlock"),
        ("--isolation=strict ex1", ",".join(STRICT)),
        ("ex1 --isolation=strict", ",".join(STRICT)),
        ("--isolation process ex1 --isolation landlock", "landlock"),
        ("--no-color --format json ex1 --isolation process", "process"),
        ("ex1 landlock", AUTO),
        ("--isolation landlock -- ex1", "landlock"),
    ],
)
def test_one_process_is_started_at_the_requested_level(words: str, levels: str, tmp_path: Path) -> None:
    (tmp_path / "landlock").mkdir()
    for folder in (tmp_path, tmp_path / "landlock"):
        (folder / "ex1.py").write_text(solution("ex1"), encoding="utf-8")
    assert starts(tmp_path, *words.split()) == [f"child {levels} early"]


@pytest.mark.parametrize(
    "words",
    ["list", "ex1 --help", "--version", "--isolation moat ex1", "ex1 --isolation", "ex1 --wrong", "--format json list"],
)
def test_no_process_is_started_for_nothing(words: str, tmp_path: Path) -> None:
    assert starts(tmp_path, *words.split()) == []


def test_each_option_is_read_as_the_command_reads_it() -> None:
    options = [o for command in (grade, grade_exercise) for o in command.params if isinstance(o, click.Option)]
    assert {name for option in options if not option.is_flag for name in option.opts} == {*VALUED}
    assert {name for option in options if option.is_flag for name in option.opts} == {*FLAGS, "--version"}
    assert requested_isolation(["--format", "json", "ex1"]) == "auto"
    assert requested_isolation(["--format", "ex1"]) is None


def test_every_value_of_the_option_names_levels() -> None:
    assert {*ISOLATION} == {"auto", "strict", *LEVELS}
    assert {level for value in ISOLATION for level in chain(value)} == {*LEVELS}
