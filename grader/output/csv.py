"""Tables for spreadsheets: reports with a row per case, a class with a row per student. No cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.model.class_ import Mark, Summary
from grader.model.marks import Adjustment
from grader.model.report import Report
from grader.numbers import as_points, exact_points
from grader.output import Context
from grader.output.class_text import adjustment_text, late_text
from grader.text import defused, one_line

HEADER = ("exercise", "title", "student", "case", "generated", "hidden", "verdict", "score", "max_score", "text")


def document(reports: Sequence[Report], _: Context) -> str:
    """Return a row per case, below the header."""
    rows: list[Sequence[str]] = [HEADER]
    for report in reports:
        whose = [_cell(text) for text in (report.exercise, report.title, report.student)]
        for check in report.checks:
            traits = [str(check.generated).lower(), str(check.hidden).lower(), check.verdict.value]
            score = [exact_points(check.score), exact_points(check.max_score)]
            rows.append([*whose, _cell(check.case), *traits, *score, _cell(check.text, 2000)])
    return _table(rows)


def students(summary: Summary) -> str:
    """Return a row per student: id, name, email, points per exercise, total, what is late or adjusted, reasons.

    An empty cell is an exercise that was not submitted; `internal_error` means that the grader failed, `not_graded`
    that the run has not reached it. In these two cases the total is unknown, and empty.
    """
    ids = list(summary.exercises)
    most = "" if summary.max_score is None else as_points(summary.max_score)
    rows = [["student", "name", "email", *(_cell(id) for id in ids), "total", "of", "late", "adjustments", "reason"]]
    for row in summary.rows:
        total = "" if row.total is None else as_points(row.total)
        marks = [_mark(row.marks.get(id)) for id in ids]
        own = [(id, row.marks[id]) for id in ids if id in row.marks]
        late = "; ".join(f"{id}: {text}" for id, mark in own if (text := late_text(mark.late)))
        by_hand = "; ".join(f"{id}: {_adjustment(one)}" for id, mark in own for one in mark.adjustments)
        reasons = "; ".join(f"{id}: {mark.reason}{_older(mark)}" for id, mark in own if mark.reason)
        who = [_cell(row.student), _cell(row.name), _cell(row.email)]
        rows.append([*who, *marks, total, most, _cell(late, 2000), _cell(by_hand, 2000), _cell(reasons, 2000)])
    return _table(rows)


def _adjustment(one: Adjustment) -> str:
    return f"{adjustment_text(one)} ({one.who}: {one.why})"


def _older(mark: Mark) -> str:
    return f" (an older version of the {mark.older})" if mark.older else ""


def _mark(mark: Mark | None) -> str:
    if mark is None or mark.state == "missing":
        return ""
    return mark.state if mark.score is None or mark.state != "graded" else as_points(mark.score)


def _cell(text: str, limit: int = 200) -> str:
    return defused(one_line(text, limit))


def _table(rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()
