"""A report as a list of tests, for platforms that show tests.

There is one for each written case, one for the sweep and one for the hidden cases; above them stands what the program
does wrong. A test per generated case would be sixty lines that say the same thing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace
from rich.console import Group

from grader.model.report import Check, Report, Verdict
from grader.output import terminal
from grader.output.plain_text import plain
from grader.output.report_text import common_check, is_own, misconceptions, parts, quoted_text, right_of, simplest_first
from grader.text import clean, one_line, quoted

MISCONCEPTION = "misconception"  # the name of the test without points


class GradedTest(NamedTuple):
    """One test: the checks in it, one sentence on what is wrong, and a page for it.

    The scores of a report's tests are decimal numbers that add up exactly to its score, and so do the maximum scores.
    """

    name: str
    checks: tuple[Check, ...]
    verdict: Verdict
    text: str = ""
    page: str = ""
    score: Decimal = Decimal()
    max_score: Decimal = Decimal()

    @property
    def hidden(self) -> bool:
        """Whether only the staff may see it."""
        return any(check.hidden for check in self.checks)

    @property
    def generated(self) -> bool:
        """Whether it sums up generated cases."""
        return bool(self.checks) and all(check.generated for check in self.checks)


def graded_tests(report: Report) -> list[GradedTest]:
    """Return the tests of a report. What all visible cases have in common, such as a missing function, is one test."""
    tests = [*_tests(report)]
    right = [[c.score for c in test.checks] for test in tests]
    lost = [[c.max_score - c.score for c in test.checks] for test in tests]
    points = _exactly([math.fsum(values) for values in (*right, *lost)])
    scores, rest = points[: len(tests)], points[len(tests) :]
    marked = [t._replace(score=s, max_score=s + r) for t, s, r in zip(tests, scores, rest, strict=True)]
    if says := misconceptions(report):
        page = "".join(f"{clean(sentence)}\n" for sentence in says)
        marked.insert(0, GradedTest(MISCONCEPTION, (), Verdict.wrong_answer, " ".join(says), page))
    return marked


def _exactly(points: Sequence[float]) -> list[Decimal]:
    """Round each number to millionths so that the results add up to their rounded sum, without any remainder."""
    sums = [0.0]
    for value in points:
        sums.append(sums[-1] + value)
    millionths = [round(value * 1_000_000) for value in sums]
    return [Decimal(after - before) / 1_000_000 for before, after in pairwise(millionths)]


def _tests(report: Report) -> Iterator[GradedTest]:
    """Yield the tests without their points, in the order of a report's page."""
    written, generated, hidden = parts(report)
    if same := common_check([*written, *generated]):
        visible = (*written, *generated)
        page = plain(Group(*terminal.body(replace(report, checks=visible))))
        yield GradedTest("all cases", visible, visible[0].verdict, quoted_text(same), page)
    else:
        yield from map(_of_written, written)
        if generated:
            yield _of_sweep(generated)
    if hidden:
        lines = [f"{one_line(check.case)}: {check.verdict.value.replace('_', ' ')}" for check in hidden]
        text = f"{right_of(hidden)} hidden cases right"
        yield GradedTest("hidden", tuple(hidden), _verdict(hidden), text, "\n".join([text, *lines, ""]))


def _of_written(check: Check) -> GradedTest:
    right = check.verdict is Verdict.correct
    page = quoted(clean(check.text)) if right else plain(Group(*terminal.case(check, points=False)))
    return GradedTest(check.case, (check,), check.verdict, check.text if is_own(check) else quoted(check.text), page)


def _of_sweep(checks: Sequence[Check]) -> GradedTest:
    """Return one test for all generated cases; its page shows the simplest wrong one."""
    text = f"{right_of(checks)} generated cases right"
    wrong = simplest_first(checks)
    if wrong:
        text += f"; {wrong[0].case}: {quoted_text(wrong[0])}"
    shown = plain(Group(*terminal.case(wrong[0], points=False))) if wrong else ""
    head = f"{right_of(checks)} generated cases right\n"
    return GradedTest("sweep", tuple(checks), _verdict(checks), text, head + shown)


def _verdict(checks: Sequence[Check]) -> Verdict:
    """Return the verdict on several cases: that of the simplest wrong one, or a failure of the grader."""
    if any(check.verdict is Verdict.internal_error for check in checks):
        return Verdict.internal_error
    return next((check.verdict for check in simplest_first(checks)), Verdict.correct)
