"""Reports as Classroom 50's `result.json`: a test per exercise, and whole points only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
from rich.console import Group

from grader.model.report import Report, to_json
from grader.output import Context
from grader.output.plain_text import plain
from grader.output.terminal import body
from grader.text import one_line


class Test(msgspec.Struct, frozen=True, rename="kebab"):
    """An exercise: a single case is not worth a whole point."""

    test_name: str
    passed: bool
    score: int
    max_score: int
    output: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file; the score is the sum of the tests' scores."""

    schema: str = "classroom50/result/v1"
    classroom: str
    assignment: str
    assignment_type: str
    owner: str
    submission: str
    commit: str
    release: str
    review: str
    datetime: str
    graded_at: str
    score: int
    max_score: int = msgspec.field(name="max-score")
    tests: tuple[Test, ...]


def document(reports: Sequence[Report], context: Context) -> str:
    """Return the file. If the grader failed there are no points in it, and the exit code tells the runner."""
    tests = tuple(_test(report, context.pack) for report in reports)
    result = Result(
        classroom=_variable(context.env, "CLASSROOM"),
        assignment=_variable(context.env, "ASSIGNMENT"),
        assignment_type=_variable(context.env, "ASSIGNMENT_TYPE"),
        owner=_variable(context.env, "OWNER", "USERNAME"),
        submission=_variable(context.env, "SUBMISSION_TAG"),
        commit=_variable(context.env, "COMMIT_URL"),
        release=_variable(context.env, "RELEASE_URL"),
        review=_variable(context.env, "REVIEW_URL", "COMMIT_URL"),
        datetime=context.when,
        graded_at=context.when,
        score=sum(test.score for test in tests),
        max_score=sum(test.max_score for test in tests),
        tests=tests,
    )
    return to_json(result).decode() + "\n"


def whole(score: float, most: float) -> tuple[int, int]:
    """Return whole points: halves are rounded up, but only full marks stay full."""
    best = math.ceil(most - 1e-6)
    if score >= most - 1e-6:
        return best, best
    return max(0, min(best - 1, math.floor(score + 0.5))), best


def _test(report: Report, pack: str) -> Test:
    score, most = whole(report.score, report.max_score)
    name = f"{one_line(report.exercise)} · {one_line(report.title)}"
    return Test(name, report.passed and score == most, score, most, plain(Group(*body(report, pack))))


def _variable(env: Mapping[str, str], *names: str) -> str:
    """Return the first of the runner's variables that is set, or an empty string."""
    return one_line(next((env[name] for name in names if env.get(name)), ""), 1000)
