"""Reports as a table for spreadsheets: a row per case, and no cell that one would calculate."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from grader.model.report import Report
from grader.numbers import exact_points
from grader.output import Context
from grader.text import defused, one_line

HEADER = ("exercise", "title", "student", "case", "generated", "hidden", "verdict", "score", "max_score", "text")


def document(results: Sequence[Report], _: Context) -> str:
    """Return the table, its header first."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    for result in results:
        whose = [_cell(text) for text in (result.exercise, result.title, result.student)]
        for check in result.checks:
            kind = [str(check.generated).lower(), str(check.hidden).lower(), check.verdict.value]
            score = [exact_points(check.score), exact_points(check.max_score)]
            writer.writerow([*whose, _cell(check.case), *kind, *score, _cell(check.text, 2000)])
    return file.getvalue()


def _cell(text: str, limit: int = 200) -> str:
    return defused(one_line(text, limit))
