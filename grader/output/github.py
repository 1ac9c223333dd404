"""Reports for GitHub Actions: annotations on the lines of code, a job summary, and outputs for later steps.

The runner obeys commands in what a step prints. Ours are escaped. The pages, which hold a student's text, are printed
while commands are stopped, until a random word that the student's program cannot know.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from grader.model.report import Isolation, Report
from grader.numbers import exact_points
from grader.output import Context, markdown, plain_text
from grader.output.report_text import (
    GRADER_FAILED,
    NO_SANDBOX,
    failed,
    faults,
    misconceptions,
    outcome,
    score,
    unsandboxed,
)
from grader.text import clean, one_line, quoted

MOST = 10  # annotations of a kind that GitHub shows for a step
MOST_BYTES = 1_000_000  # of a summary; GitHub takes 1 MiB, and shows nothing of a longer one


def document(reports: Sequence[Report], context: Context) -> str:
    """Return what the step prints: the annotations, then the page of each report while commands are stopped."""
    errors = [[*_errors(result, context)] for result in reports]
    each_exercise_first = [line for rank in zip_longest(*errors) for line in rank if line]
    lines = [*each_exercise_first[:MOST], *[*_warnings(reports, context)][:MOST], *[*_notices(reports)][:MOST]]
    pages = plain_text.document(reports, context).rstrip("\n")
    return "\n".join([*lines, f"::stop-commands::{context.token}", pages, f"::{context.token}::", ""])


def summary(reports: Sequence[Report], _: Context) -> str:
    """Return the job summary, cut between two reports if it would be too long."""
    text = f"**{outcome(reports)}.**\n\n"
    if isolation := unsandboxed(reports):
        text += f"**{NO_SANDBOX}:** {_weaknesses(isolation)}\n\n"
    sections = markdown.sections(reports)
    for number, section in enumerate(sections):
        if len((text + section).encode()) > MOST_BYTES:
            return f"{text}\n{len(sections) - number} more do not fit here: see the job log.\n"
        text += f"{section}\n"
    return text


def outputs(reports: Sequence[Report], _: Context) -> str:
    """Return the step's outputs: only numbers, and nothing if the grader failed."""
    if failed(reports):
        return ""
    total, most = (math.fsum(points) for points in ([r.score for r in reports], [r.max_score for r in reports]))
    sweep = min(result.sweep for result in reports)
    return f"score={exact_points(total)}\nmax_score={exact_points(most)}\nsweep={sweep:.4f}\n"


FILES = {"GITHUB_STEP_SUMMARY": summary, "GITHUB_OUTPUT": outputs}  # variables that name files to append to


def _errors(result: Report, context: Context) -> Iterator[str]:
    why = "".join(f"\n{sentence}" for sentence in misconceptions(result))
    for fault in faults(result):
        if fault.ours:
            yield _command("error", GRADER_FAILED, quoted(clean(fault.says)))
        else:
            yield _command(
                "error",
                f"{result.exercise}: {fault.case}",
                f"{quoted(clean(fault.says))}{why}",
                _place(result, context),
            )
        why = ""


def _warnings(reports: Sequence[Report], context: Context) -> Iterator[str]:
    if isolation := unsandboxed(reports):
        yield _command("warning", NO_SANDBOX, _weaknesses(isolation))
    for result in reports:
        for note in result.notes:
            yield _command("warning", result.exercise, quoted(clean(note)), _place(result, context))


def _notices(reports: Sequence[Report]) -> Iterator[str]:
    for result in reports:
        if result.passed:
            yield _command("notice", f"{result.exercise} · {result.title}", f"{outcome([result])}: {score(result)}")


def _weaknesses(isolation: Isolation) -> str:
    return one_line("; ".join(isolation.weaknesses), 1000)


def _place(result: Report, context: Context) -> dict[str, str]:
    """Return where the student's function is, from the root of the repository; nothing for a file outside of it."""
    if not result.file:
        return {}
    root = context.env.get("GITHUB_WORKSPACE") or context.here
    try:
        file = os.path.relpath(os.path.join(context.here, result.file), root).replace(os.sep, "/")
    except ValueError:  # on another drive
        return {}
    file = one_line(file, 1000)
    if not file or file.startswith("../"):  # nothing is left of a name of spaces
        return {}
    return {"file": file, **({"line": str(result.line)} if result.line else {})}


def _command(kind: str, title: str, text: str, place: dict[str, str] | None = None) -> str:
    values = {**(place or {}), "title": title}
    properties = ",".join(f"{key}={_property(one_line(value, 1000))}" for key, value in values.items())
    return f"::{kind} {properties}::{_data(clean(text))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
