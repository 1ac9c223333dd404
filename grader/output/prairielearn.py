"""One submission as the `results.json` of an external grader of PrairieLearn.

The file may have 1 MB. Hidden cases are one test, which shows only how many are right: PrairieLearn shows students all
tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

import msgspec
from msgspec import UNSET, UnsetType
from rich.console import Group

from grader.model.report import Report, Verdict, to_json
from grader.output import Context
from grader.output.graded_tests import GradedTest, graded_tests
from grader.output.plain_text import plain
from grader.output.report_text import GRADER_FAILED, failed, outcome
from grader.output.terminal import body
from grader.text import one_line

MOST_PAGES = 400_000  # characters of all pages together; in JSON most take a byte, and few more than two
TOO_LONG = "This page is too long to be shown here.\n"


class Test(msgspec.Struct, frozen=True):
    """A test with its points, a sentence and a page."""

    name: str
    points: float
    max_points: float
    message: str
    output: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file; not gradable, and without a score, if the grader failed: that costs no points and no attempt."""

    gradable: bool
    score: float | UnsetType = UNSET
    message: str
    output: str
    tests: tuple[Test, ...]
    format_errors: tuple[str, ...] | UnsetType = UNSET


def document(reports: Sequence[Report], context: Context) -> str:
    """Return the file; its score is a number from 0 to 1."""
    tests = [(report, test) for report in reports for test in graded_tests(report)]
    total, most = (sum(values, Decimal()) for values in zip(*((t.score, t.max_score) for _, t in tests), strict=True))
    own = [_page(report, context.pack) for report in reports]
    pages = _fitting([*own, *("" if test.hidden else test.page for _, test in tests)])
    fault = failed(reports)
    result = Result(
        gradable=not fault,
        score=UNSET if fault else float(total / most) if most else 0.0,
        message=f"{outcome(reports)}.",
        output="\n".join(pages[: len(reports)]),
        tests=tuple(
            _test(report, test, page) for (report, test), page in zip(tests, pages[len(reports) :], strict=True)
        ),
        format_errors=(f"{GRADER_FAILED}: submit again, or tell your teacher.",) if fault else UNSET,
    )
    return to_json(result).decode() + "\n"


def _page(report: Report, pack: str) -> str:
    visible = msgspec.structs.replace(report, checks=tuple(c for c in report.checks if not c.hidden))
    return plain(Group(*body(visible, pack)))


def _test(report: Report, test: GradedTest, page: str) -> Test:
    right = test.verdict is Verdict.correct
    name = f"{one_line(report.exercise)}: {one_line(test.name)}"
    return Test(name, float(test.score), float(test.max_score), "" if right else one_line(test.text, 1000), page)


def _fitting(pages: Sequence[str]) -> list[str]:
    """Return the pages, those for which there is no room replaced by a line."""
    sums = accumulate(map(len, pages))
    return [page if total <= MOST_PAGES else TOO_LONG for page, total in zip(pages, sums, strict=True)]
