"""Reports as Classroom 50's `result.json`: a test per exercise, and whole points only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Group

from grader.model.report import Report
from grader.output import Context
from grader.output.plain import plain
from grader.output.terminal import body
from grader.text import one_line

SCHEMA = "classroom50/result/v1"
VARIABLES = {  # what the runner tells through its environment; the first that is set counts
    "classroom": ("CLASSROOM",),
    "assignment": ("ASSIGNMENT",),
    "assignment_type": ("ASSIGNMENT_TYPE",),
    "owner": ("OWNER", "USERNAME"),
    "submission": ("SUBMISSION_TAG",),
    "commit": ("COMMIT_URL",),
    "release": ("RELEASE_URL",),
    "review": ("REVIEW_URL", "COMMIT_URL"),
}


def document(results: Sequence[Report], context: Context) -> str:
    """Return the result. A test is an exercise (a case has no whole point); the score is the tests' sum.

    Where the grader failed there are no points to be had; the exit code tells the runner so.
    """
    tests: list[dict[str, Any]] = []
    for result in results:
        score, most = whole(result.score, result.max_score)
        name = f"{one_line(result.exercise)} · {one_line(result.title)}"
        test = {"test-name": name, "passed": result.passed and score == most, "score": score, "max-score": most}
        tests.append(test | {"output": plain(Group(*body(result)))})
    told = {key: next((context.env[n] for n in names if context.env.get(n)), "") for key, names in VARIABLES.items()}
    whole_result = {
        "schema": SCHEMA,
        **{key: one_line(value, 1000) for key, value in told.items()},
        "datetime": context.when,
        "graded_at": context.when,
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }
    return msgspec.json.format(msgspec.json.encode(whole_result), indent=2).decode() + "\n"


def whole(score: float, most: float) -> tuple[int, int]:
    """Return whole points: halves are rounded up, but only full marks stay full."""
    best = math.ceil(most - 1e-6)
    if score >= most - 1e-6:
        return best, best
    return max(0, min(best - 1, math.floor(score + 0.5))), best
