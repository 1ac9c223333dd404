"""Say why a value is wrong: so far, the arithmetic of its worst cell. Loads the operators for wrong answers only."""

from __future__ import annotations

from typing import Any

from grader.model import Case, Exercise, Mismatch


def cell(exercise: Exercise, case: Case, at: tuple[int, ...], output: str = "output") -> dict[str, Any]:
    """Return the arithmetic of an output cell: where, its terms as the deck writes them, the input cells it reads."""
    from grader import exercise as specs

    op = specs.operator(exercise, case)
    worked = op.cell(at, *specs.arrays(case, op))
    return {"output": output, "at": list(at), "text": worked.text, "value": worked.value, "reads": worked.reads}


def diagnose(exercise: Exercise, case: Case, mismatch: Mismatch) -> dict[str, Any] | None:
    """Return what can be said of a wrong answer as data; output/ makes the words."""
    if mismatch.worst is None:
        return None
    return {"cell": cell(exercise, case, mismatch.worst, mismatch.output)}
