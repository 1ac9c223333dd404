"""Reports as JSON: an object for one exercise, a list for all that are here."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.report import Report, to_json
from grader.output import Context


def document(results: Sequence[Report], context: Context) -> str:
    """Return one report as an object, or all of them as a list."""
    return to_json(results[0] if context.single else results).decode() + "\n"
