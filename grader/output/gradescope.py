"""One submission as Gradescope's `results.json`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Group

from grader.model.report import Check, Report, Verdict
from grader.output import Context
from grader.output.markdown import escaped, fenced
from grader.output.plain import pages, plain
from grader.output.terminal import body
from grader.output.words import failed
from grader.text import one_line

HIDDEN = "There are hidden tests: Gradescope shows their results to the staff only, and with them the total score."
FAILED = "**The grader failed, not the program.** No mark is given here; hand it in again, or tell the staff."


def document(results: Sequence[Report], _: Context) -> str:
    """Return all tests, one per case. Without a score where the grader failed: that is no mark of 0."""
    result: dict[str, Any] = {"execution_time": round(math.fsum(r.seconds for r in results), 3)}
    if not failed(results):
        result = {"score": round(math.fsum(r.score for r in results), 6)} | result
    result |= {
        "output": "\n".join(_output(results)),
        "output_format": "md",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            _test(report, check, page, f"{i}.{j}")
            for i, report in enumerate(results, 1)
            for j, (check, page) in enumerate(zip(report.checks, pages(report), strict=True), 1)
        ],
        "extra_data": {"isolation": [r.isolation for r in results], "versions": [r.versions for r in results]},
    }
    return msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n"


def _test(report: Report, check: Check, page: str, number: str) -> dict[str, Any]:
    right = check.verdict is Verdict.correct
    test: dict[str, Any] = {
        "name": f"{one_line(report.exercise)}: {one_line(check.case)}",
        "number": number,
        "output": page,
        "visibility": "hidden" if check.hidden else "visible",
        "tags": [one_line(report.exercise), *(["generated"] if check.generated else [])],
    }
    if check.verdict is not Verdict.internal_error:
        points = {"score": round(check.score, 6), "max_score": round(check.max_score, 6)}
        test |= {**points, "status": "passed" if right else "failed"}
    return test


def _output(results: Sequence[Report]) -> list[str]:
    """Return what stands above the tests, and tell nothing of hidden ones: no count, no total."""
    lines = [FAILED, ""] if failed(results) else []
    if any(check.hidden for result in results for check in result.checks):
        lines += [HIDDEN, ""]
    for result in results:
        seen = msgspec.structs.replace(result, checks=tuple(c for c in result.checks if not c.hidden))
        lines += [f"## {escaped(result.exercise)} · {escaped(result.title)}", "", fenced(plain(Group(*body(seen))))]
    return lines
