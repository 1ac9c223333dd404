"""One submission as Gradescope's `results.json`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType
from rich.console import Group

from grader.model.report import Isolation, Report, Verdict, to_json
from grader.output import Context
from grader.output.graded_tests import GradedTest, graded_tests
from grader.output.markdown import escaped, fenced
from grader.output.plain_text import plain
from grader.output.report_text import failed
from grader.output.terminal import body
from grader.text import one_line

HIDDEN = "This assignment has hidden tests: Gradescope shows their results, and the total score, to staff only."
FAILED = "**The grader failed, not the program.** You get no mark for this attempt: submit again, or tell your teacher."


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """A test, without a score and a status if the grader failed."""

    name: str
    number: str
    output: str
    visibility: str
    tags: tuple[str, ...]
    score: float | UnsetType = UNSET
    max_score: float | UnsetType = UNSET
    status: str | UnsetType = UNSET


class Extra(msgspec.Struct, frozen=True):
    """What instructors may want to look up."""

    isolation: tuple[Isolation, ...]
    versions: tuple[dict[str, str], ...]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file, without a score if the grader failed: a missing score is not a mark of 0."""

    score: float | UnsetType = UNSET
    execution_time: float
    output: str
    output_format: str = "md"
    test_output_format: str = "text"
    test_name_format: str = "text"
    visibility: str = "visible"
    stdout_visibility: str = "hidden"
    tests: tuple[Test, ...]
    extra_data: Extra


def document(reports: Sequence[Report], context: Context, pictures: Mapping[str, str] = {}) -> str:
    """Return the file: for each report one test per written case, one for the sweep and one for the hidden cases.

    The tests' scores add up to the score exactly. `pictures` are Markdown, by exercise.
    """
    tests = [(report, number, [*graded_tests(report)]) for number, report in enumerate(reports, 1)]
    total = sum((test.score for _, _, some in tests for test in some), Decimal())
    result = Result(
        score=UNSET if failed(reports) else float(total),
        execution_time=round(math.fsum(report.seconds for report in reports), 3),
        output="\n".join(_output(reports, pictures, context.pack)),
        tests=tuple(_test(report, test, f"{i}.{j}") for report, i, some in tests for j, test in enumerate(some, 1)),
        extra_data=Extra(tuple(r.isolation for r in reports), tuple(r.versions for r in reports)),
    )
    return to_json(result).decode() + "\n"


def _test(report: Report, graded: GradedTest, number: str) -> Test:
    exercise = one_line(report.exercise)
    test = Test(
        name=f"{exercise}: {one_line(graded.name)}",
        number=number,
        output=graded.page,
        visibility="hidden" if graded.hidden else "visible",
        tags=(exercise, "generated") if graded.generated else (exercise,),
    )
    if graded.verdict is Verdict.internal_error:
        return test
    status = "passed" if graded.verdict is Verdict.correct else "failed"
    return msgspec.structs.replace(test, score=float(graded.score), max_score=float(graded.max_score), status=status)


def _output(reports: Sequence[Report], pictures: Mapping[str, str], pack: str) -> Iterator[str]:
    """Yield the page above the tests. It shows nothing about hidden ones: no count, no total."""
    if failed(reports):
        yield f"{FAILED}\n"
    if any(check.hidden for report in reports for check in report.checks):
        yield f"{HIDDEN}\n"
    for report in reports:
        visible = msgspec.structs.replace(report, checks=tuple(c for c in report.checks if not c.hidden))
        yield f"## {escaped(report.exercise)} · {escaped(report.title)}\n"
        yield fenced(plain(Group(*body(visible, pack))))
        if picture := pictures.get(report.exercise):
            yield picture
