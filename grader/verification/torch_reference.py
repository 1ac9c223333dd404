"""THE ONLY MODULE THAT IMPORTS TORCH.

Torch computes the answers when an exercise is written or verified, never when a submission is graded.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, NamedTuple

from grader.errors import EnvironmentTrouble, Problem, to_install
from grader.exercises.cases import case_arrays, case_digest, case_operator, earlier_operator, plain_nested
from grader.model.exercise import OWN, Case, Exercise, Nested, Reference
from grader.ops.base import each_output
from grader.verification.own_reference import own_answers


def load_torch() -> Any:
    """Import torch, with one thread. Raise EnvironmentTrouble when it is not installed."""
    try:
        import torch
    except ImportError:
        help = f"{to_install('torch', extra='torch')}; a CPU-only torch: https://pytorch.org/get-started/locally/"
        raise EnvironmentTrouble(
            Problem("torch, which computes and verifies reference answers, is not installed", help)
        ) from None
    torch.set_num_threads(1)
    return torch


def version(torch: Any) -> str:
    """Return the name that torch's answers are stored with: ``torch 2.13.0``, without the build."""
    return f"torch {str(torch.__version__).partition('+')[0]}"


class _SinglePrecision:
    """torch, with float32 wherever an operator asks for float64."""

    def __init__(self, torch: Any) -> None:
        self._torch, self.float64 = torch, torch.float32

    def __getattr__(self, name: str) -> Any:
        return getattr(self._torch, name)


class Answers(NamedTuple):
    """The answers to an exercise's cases, and those in float32, the precision in which students use torch."""

    references: tuple[Reference, ...]
    single: tuple[Reference, ...]


def answers(torch: Any, exercise: Exercise, pack: Path) -> Answers:
    """Return torch's answer to every case. Raise GradeError where a function of the pack cannot give it."""
    if exercise.op == OWN:
        return Answers(*own_answers(exercise, pack))
    return Answers(_answers(torch, exercise), _answers(_SinglePrecision(torch), exercise))


def _answers(torch: Any, exercise: Exercise) -> tuple[Reference, ...]:
    found = []
    for case in exercise.cases:
        op = case_operator(exercise, case)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # torch warns of copies that it makes for `padding="same"`
            answer = op.reference(torch, *case_arrays(case, op))
            earlier = _earlier(torch, exercise, case) if exercise.earlier else ()
        found.append(Reference(case.name, case_digest(exercise, case), _nested(answer), earlier))
    return tuple(found)


def _earlier(torch: Any, exercise: Exercise, case: Case) -> tuple[Nested, ...]:
    """Return torch's answer to what the function computes that runs before the student's own."""
    op, inputs = earlier_operator(exercise, case)
    return _nested(op.reference(torch, *inputs))


def _nested(answer: Any) -> tuple[Nested, ...]:
    return tuple(plain_nested(output.tolist()) for output in each_output(answer))
