"""The packs for other courses: proved, and whole files of their courses graded exercise by exercise.

A file begins with the exercises that it solves, and those that it gets wrong, each with its misconception.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from conftest import DATA, ROOT, Grade

from grader.exercises.lock import read_lock
from grader.exercises.pack import course_files, exercise_ids, packs
from grader.judging.grade import grade as grade_submission
from grader.model.report import Report, Verdict
from grader.submissions.find import find

PACKS = packs()
COURSES = DATA / "courses"
FILES = sorted(path for path in COURSES.iterdir() if path.suffix in (".py", ".cells"))
BRIEF = {"d2l"}  # the others belong to `make test-long`: each takes some ten seconds of a processor


def pack_of(file: Path) -> Path:
    return PACKS[file.stem.partition("_")[0]]


def declared(file: Path) -> tuple[list[str], dict[str, str]]:
    """Return the exercises that a file solves, and the misconceptions of those that it gets wrong."""
    head = [
        line for line in file.read_text(encoding="utf-8").split("\n") if line.startswith(("# right: ", "# wrong: "))
    ]
    solved = [id for line in head for id in line.removeprefix("# right: ").split() if line.startswith("# right")]
    return solved, dict(line.removeprefix("# wrong: ").split() for line in head if line.startswith("# wrong"))


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


def graded(pack: Path, id: str, path: Path) -> Report:
    return grade_submission(read_lock(pack, id), find(id, str(path), own=True))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_whole_file_of_a_course_is_graded_exercise_by_exercise(file: Path, tmp_path: Path) -> None:
    path = submitted(file, tmp_path)
    solved, wrong = declared(file)
    for id in solved:
        report = graded(pack_of(file), id, path)
        assert report.score == report.max_score, f"{id}: {[c.text for c in report.checks if c.text][:3]}"
    for id, misconception in wrong.items():
        report = graded(pack_of(file), id, path)
        assert report.score < report.max_score
        if misconception == "missing":
            assert {check.verdict for check in report.checks} == {Verdict.missing}
        else:
            assert report.diagnosis
            assert report.diagnosis.misconceptions == ((misconception,),)


@pytest.mark.parametrize("pack", PACKS)
def test_model_solutions_earn_everything_and_answers_are_fresh(pack: str) -> None:
    folder = PACKS[pack]
    assert exercise_ids(folder)
    for id in exercise_ids(folder):
        files = (ROOT / "solutions" / pack / name for name in (f"{id}.py", course_files(folder).get(id, "")))
        path = next(path for path in files if path.is_file())
        report = graded(folder, id, path)  # reading a stale lock fails
        assert report.score == report.max_score, id


@pytest.mark.torch
@pytest.mark.parametrize("pack", [pack for pack in PACKS if pack in BRIEF or os.environ.get("TEST_LONG")])
def test_a_pack_is_proved(pack: str, grade: Grade) -> None:
    assert grade("verify", "--pack", str(ROOT / "packs" / pack)).code == 0


def test_a_pack_lists_which_function_each_exercise_asks_for(grade: Grade) -> None:
    rows = grade("list", "--pack", "cs231n").out
    assert re.search(r"conv_backward .* conv_backward_naive\(dout, cache\)", rows)
    assert re.search(r"max_pool_forward .* max_pool_forward_naive\(x, pool_param\)", rows)
