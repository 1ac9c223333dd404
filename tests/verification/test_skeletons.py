"""What `grade new` writes for each operator is a proved exercise, except that it lacks a model solution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.exercises.templates import skeletons
from grader.model.exercise import OWN
from grader.ops import OPS
from grader.verification.verify import verify


@pytest.mark.torch
@pytest.mark.parametrize("op", [*OPS, OWN])
def test_a_skeleton_is_proved(op: str, torch: Any, tmp_path: Path) -> None:
    for name, text in skeletons("mine", op).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    [proof] = verify(tmp_path, ["mine"], torch, write=True)
    problems = [problem.says for problem in proof.problems]
    assert problems == ["there is no model solution `solutions/mine.py`"]
    assert proof.mutation
    assert proof.mutation.tried > 0
