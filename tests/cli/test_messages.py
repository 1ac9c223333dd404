"""What `grade ex1` says about programs as students write them: each declares it in its first lines.

# code: 1                        the exit code (1 by default)
# shows: not begun               must be printed; `\\n` stands for a line break, and folded lines count as one
# not: runtime error             must not be printed
# once: no answer                must be printed exactly once
# first: Your function           must begin the first line below the title
# lines: 2                       the number of lines
# limits: time_limit=0.2         the limits that differ from those of the exercise
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
from conftest import DATA, ROOT, Grade, python, solution
from rich.console import Console

from grader.cli import grading
from grader.exercises.lock import read_lock
from grader.model.exercise import Lock
from grader.model.report import Report, report_from_json
from grader.output import terminal

PROGRAMS = sorted((DATA / "messages").glob("*.py"))
KEYS = {"code", "shows", "not", "once", "first", "lines", "limits"}


def declared(program: Path) -> list[tuple[str, str]]:
    head = []
    for line in program.read_text(encoding="utf-8").splitlines():
        found = re.fullmatch(r"# (\w+): (.+)", line)
        if not found:
            break
        head.append((found[1], found[2].replace("\\n", "\n")))
    return head


def limited(limits: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `grade` use other limits."""
    values = {name: float(value) for name, _, value in (word.partition("=") for word in limits.split())}

    def read(pack: Path, exercise: str) -> Lock:
        lock = read_lock(pack, exercise)
        replaced = msgspec.structs.replace(lock.exercise.limits, **values)
        return msgspec.structs.replace(lock, exercise=msgspec.structs.replace(lock.exercise, limits=replaced))

    monkeypatch.setattr(grading, "read_lock", read)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_message(program: Path, grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    head = declared(program)
    assert {key for key, _ in head} <= KEYS
    Path("ex1.py").write_bytes(program.read_bytes())
    limited(" ".join(value for key, value in head if key == "limits"), monkeypatch)
    reports: list[Report] = []
    monkeypatch.setattr(grading, "_print", lambda _, report: reports.append(report))
    assert grade("ex1").code == int(dict(head).get("code", "1"))
    out = printed(reports[0], 100)
    without_bars = re.sub(r"(?m)^( *)│ ", r"\1", out)  # before each line of a sentence that has several
    unfolded = re.sub(r"\n *", " ", without_bars)
    for key, text in head:
        if key == "shows":
            assert text in out or text in without_bars or text in unfolded, out
        elif key == "not":
            assert text not in out, out
        elif key == "once":
            assert (out if "│" in text else unfolded).count(text) == 1, out
        elif key == "first":
            assert out.splitlines()[1].strip().startswith(text), out
        elif key == "lines":
            assert len(out.splitlines()) == int(text), out
    lines = [line.strip() for line in printed(reports[0], 1000).splitlines()]
    sentences = [line for line in lines if len(re.findall(r"[a-z]{2,} ", line)) > 3]
    assert len(sentences) == len(set(sentences)), "the same sentence twice"
    for columns in (60, 80, 120):
        assert max(map(len, printed(reports[0], columns).splitlines())) <= columns


def printed(report: Report, columns: int) -> str:
    console = Console(file=io.StringIO(), width=columns, color_system=None, highlight=False, markup=False)
    console.print(terminal.report(report))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_an_untouched_template_is_not_begun_in_the_overview(grade: Grade) -> None:
    grade("start", "ex1")
    Path("ex0.py").write_text(solution("ex0"), encoding="utf-8")
    said = grade()
    assert re.search(r"^✓ ex0 .* right +10 / 10$", said.out, re.MULTILINE)
    assert re.search(r"^· ex1 .* not begun +0 / 10$", said.out, re.MULTILINE)


def test_a_number_has_no_place_in_an_answer(grade: Grade) -> None:
    Path("ex15.py").write_text(solution("ex15").replace("return ", "return 1 + "), encoding="utf-8")
    said = grade("ex15")
    assert "[]" not in said.out
    assert re.search(r"^ +output = ", said.out, re.MULTILINE)


def test_a_report_that_is_short_shows_its_score_once(grade: Grade) -> None:
    Path("ex1.py").write_text(solution("ex1"), encoding="utf-8")
    assert grade("ex1").out.count("10 / 10") == 1


def test_equal_programs_get_equal_reports(grade: Grade) -> None:
    """The README's wrong answer, several times: only times differ."""
    Path("ex1.py").write_bytes((ROOT / "demo" / "wrong" / "ex1.py").read_bytes())
    reports = [report_from_json(grade("ex1", "--format", "json").out.encode()) for _ in range(4)]
    alike = [msgspec.structs.replace(report, seconds=0, isolation=reports[0].isolation) for report in reports]
    assert alike == alike[:1] * 4


def test_a_call_that_takes_longer_is_shown_in_a_terminal(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pack").mkdir()
    spec = (ROOT / "exercises" / "ex1.yaml").read_text(encoding="utf-8")
    Path("pack/ex1.yaml").write_text(f"{spec}\nlimits: {{total_limit: 2}}\n", encoding="utf-8")  # one such call
    shutil.copy(ROOT / "exercises" / "ex1.ref.json", "pack")
    monkeypatch.setenv("GRADE_PACK", "pack")
    Path("ex1.py").write_bytes((DATA / "messages" / "endless_loop.py").read_bytes())
    ours, theirs = pty.openpty()
    done = subprocess.run(python("-m", "grader", "ex1"), stdout=subprocess.PIPE, stderr=theirs, check=False)
    os.close(theirs)
    text = ""
    with contextlib.suppress(OSError):  # which says that everything has been read
        while True:
            text += os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.returncode == 1
    assert "ex1: call 1, 1 s" in text
    assert text.endswith("\r\x1b[K")
