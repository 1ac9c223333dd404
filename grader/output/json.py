"""Reports as JSON: an object if one exercise was requested, a list for `grade` alone."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.report import Report, to_json
from grader.output import Context


def document(reports: Sequence[Report], context: Context) -> str:
    """Return one report as an object, or all of them as a list."""
    return to_json(reports[0] if context.single else reports).decode() + "\n"
