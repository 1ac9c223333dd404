"""The packs for other courses: proved, and whole files of their courses graded exercise by exercise.

A file begins with the exercises that it solves, and those that it gets wrong, each with its misconception (`-` for
none), and with parts of what their reports say.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import DATA, ROOT, ForkServers, Grade

from grader.exercises.lock import read_lock
from grader.exercises.pack import course_files, exercise_ids, packs
from grader.judging.grade import grade as grade_submission
from grader.judging.illustrate import student_page
from grader.model.report import Report, Verdict
from grader.submissions.find import find

PACKS = packs()
COURSES = DATA / "courses"
FILES = sorted(path for path in COURSES.iterdir() if path.suffix in (".py", ".cells"))
BRIEF = {"d2l"}  # the others belong to `make test-long`: each takes some ten seconds of a processor


def pack_of(file: Path) -> Path:
    return PACKS[file.stem.partition("_")[0]]


class Declared(NamedTuple):
    """The exercises that a file solves, the misconceptions of those that it gets wrong, and what reports say."""

    solved: list[str]
    wrong: dict[str, str]
    says: list[tuple[str, str]]


def declared(file: Path) -> Declared:
    found = Declared([], {}, [])
    for kind, id, rest in re.findall(r"(?m)^# (right|wrong|says): (\S+) ?(.*)$", file.read_text(encoding="utf-8")):
        if kind == "right":
            found.solved.extend([id, *rest.split()])
        elif kind == "wrong":
            found.wrong[id] = rest
        else:
            found.says.append((id, rest))
    return found


def text_of(report: Report) -> str:
    """Return all sentences of a report."""
    found = report.diagnosis
    why = [*found.says.values(), found.condition.when if found.condition else ""] if found else []
    why += [found.crash.hint] if found and found.crash else []
    return "\n".join([*report.notes, *(check.text for check in report.checks), *why])


def submitted(file: Path, folder: Path) -> Path:
    """Copy a course's file, a notebook where it holds cells."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        copy = folder / next(iter(course_files(pack_of(file)).values()), file.name)
        copy.write_text(text, encoding="utf-8")
        return copy
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "source": cell.strip("\n"), "outputs": [], "execution_count": None}
        for cell in re.split(r"(?m)^# %%$", text)[1:]
    ]
    copy = folder / f"{file.stem}.ipynb"
    copy.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return copy


def graded(pack: Path, id: str, path: Path, fork_server: ForkServers) -> Report:
    lock = read_lock(pack, id)
    return grade_submission(lock, find(id, str(path), own=True), start=fork_server(lock))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_whole_file_of_a_course_is_graded_exercise_by_exercise(
    file: Path, tmp_path: Path, fork_server: ForkServers
) -> None:
    path = submitted(file, tmp_path)
    expected = declared(file)
    reports = {id: graded(pack_of(file), id, path, fork_server) for id in (*expected.solved, *expected.wrong)}
    for id in expected.solved:
        report = reports[id]
        assert report.score == report.max_score, f"{id}: {[c.text for c in report.checks if c.text][:3]}"
    for id, misconception in expected.wrong.items():
        report = reports[id]
        assert report.score < report.max_score
        if misconception == "missing":
            assert {check.verdict for check in report.checks} == {Verdict.missing}
        elif misconception == "-":
            assert not (report.diagnosis and report.diagnosis.misconceptions), id
        else:
            assert report.diagnosis
            assert report.diagnosis.misconceptions == ((misconception,),), id
    for id, words in expected.says:
        assert words in text_of(reports[id]), id


def test_a_module_of_the_course_s_package_may_lie_beside_the_file(tmp_path: Path, fork_server: ForkServers) -> None:
    (tmp_path / "helpers.py").write_text("def positive(x):\n    return x * (x > 0)\n", encoding="utf-8")
    file = tmp_path / "layers.py"
    file.write_text(
        "from cs231n.helpers import *\n\ndef relu_forward(x):\n    return positive(x), x\n", encoding="utf-8"
    )
    report = graded(PACKS["cs231n"], "relu_forward", file, fork_server)
    assert report.score == report.max_score


def test_a_table_says_what_keeps_exercises_of_a_file_from_being_graded(grade: Grade, tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text("def relu_forward(x):\n    return (x\n", encoding="utf-8")
    rows = grade("layers.py", "--pack", str(PACKS["cs231n"])).out
    assert len(re.findall(r"✗ .* syntax error +0 / 10", rows)) == len(exercise_ids(PACKS["cs231n"]))


@pytest.mark.parametrize("pack", PACKS)
def test_model_solutions_earn_everything_and_answers_are_fresh(pack: str, fork_server: ForkServers) -> None:
    folder = PACKS[pack]
    assert exercise_ids(folder)
    for id in exercise_ids(folder):
        files = (ROOT / "solutions" / pack / name for name in (f"{id}.py", course_files(folder).get(id, "")))
        path = next(path for path in files if path.is_file())
        report = graded(folder, id, path, fork_server)  # reading a stale lock fails
        assert report.score == report.max_score, id


@pytest.mark.torch
@pytest.mark.parametrize("pack", [pack for pack in PACKS if pack in BRIEF or os.environ.get("TEST_LONG")])
def test_a_pack_is_proved(pack: str, grade: Grade) -> None:
    assert grade("verify", "--pack", str(ROOT / "packs" / pack)).code == 0


def test_a_pack_lists_which_function_each_exercise_asks_for(grade: Grade) -> None:
    rows = grade("list", "--pack", "cs231n").out
    assert re.search(r"conv_backward .* conv_backward_naive\(dout, cache\)", rows)
    assert re.search(r"max_pool_forward .* max_pool_forward_naive\(x, pool_param\)", rows)


def test_pictures_have_the_names_of_the_course(tmp_path: Path, fork_server: ForkServers) -> None:
    path = submitted(COURSES / "cs231n.py", tmp_path)
    page = student_page(
        graded(PACKS["cs231n"], "max_pool_backward", path, fork_server), read_lock(PACKS["cs231n"], "max_pool_backward")
    )
    picture = page.pictures["windows that overlap"]
    assert picture.notation == (("pool_height", "3"), ("pool_width", "3"), ("stride", "1"))
    assert [grid.title for grid in (*picture.inputs, *picture.more)] == [
        *("dout, image 0, channel 0", "dout, image 0, channel 1", "x, image 0, channel 0", "x, image 0, channel 1"),
    ]
