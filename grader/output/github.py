"""Reports for GitHub Actions: annotations on the lines of code, a job summary, and outputs for later steps.

The runner obeys commands in what a step prints. Ours are escaped. The pages, which hold a student's text, are printed
while commands are stopped, until a random word that the student's program cannot know.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

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
    unsandboxed,
)
from grader.text import clean, one_line, quoted

MOST = 10  # annotations that GitHub shows for a step
MOST_BYTES = 1_000_000  # of a summary; GitHub takes 1 MiB, and shows nothing of a longer one
MINIMUM = "GRADE_MINIMUM_SCORE"  # the variable with the points at which the job passes
MINIMUM_SWEEP = "GRADE_MINIMUM_SWEEP"  # and with the share of generated cases that must be right
NOTHING_GRADED = "Nothing was graded"


class Decision(NamedTuple):
    """Whether the job passes, and why."""

    passed: bool
    title: str
    says: str


def document(reports: Sequence[Report], context: Context) -> str:
    """Return what the step prints: the annotations, then the page of each report while commands are stopped.

    The first annotation says what decides, the last how many more there are.
    """
    lines = [*_annotations(reports, context)]
    if len(lines) > MOST:
        more = f"{len(lines) - MOST + 1} more are in the job summary"
        lines = [*lines[: MOST - 1], _command("notice", "More annotations", more)]
    pages = "" if context.problem else plain_text.document(reports, context).rstrip("\n")
    return "\n".join([*lines, f"::stop-commands::{context.token}", pages, f"::{context.token}::", ""])


def summary(reports: Sequence[Report], context: Context) -> str:
    """Return the job summary, cut between two reports if it would be too long."""
    decision = _decide(reports, context)
    if context.problem:
        return f"**{decision.title}.**\n\n{markdown.fenced(clean(context.problem))}"
    text = f"**{decision.title}.** {'' if failed(reports) else f'{decision.says}.'}".rstrip() + "\n\n"
    if isolation := unsandboxed(reports):
        text += f"**{NO_SANDBOX}:** {_weaknesses(isolation)}\n\n"
    sections = markdown.sections(reports, context.pack)
    for number, section in enumerate(sections):
        if len((text + section).encode()) > MOST_BYTES:
            return f"{text}\n{len(sections) - number} more do not fit here: see the job log.\n"
        text += f"{section}\n"
    return text


def outputs(reports: Sequence[Report], context: Context) -> str:
    """Return the step's outputs: no student's text, and nothing if there is no mark."""
    if failed(reports) or context.problem:
        return ""
    total, most = _points(reports)
    passed = "true" if _decide(reports, context).passed else "false"
    sweep = min(result.sweep for result in reports)
    numbers = f"score={exact_points(total)}\nmax_score={exact_points(most)}\nsweep={sweep:.4f}\n"
    return f"{numbers}passed={passed}\n"


FILES = {"GITHUB_STEP_SUMMARY": summary, "GITHUB_OUTPUT": outputs}  # variables that name files to append to


def _decide(reports: Sequence[Report], context: Context) -> Decision:
    """Return whether the job passes: with enough points if a minimum is given, otherwise with all visible cases."""
    if context.problem:
        return Decision(False, NOTHING_GRADED, context.problem)
    if failed(reports):
        ours = [fault.says for result in reports for fault in faults(result) if fault.ours]
        return Decision(False, GRADER_FAILED, f"no mark: {quoted(clean(ours[0]))}")
    total, most = _points(reports)
    points = f"{exact_points(math.floor(total * 100 + 1e-4) / 100)} of {exact_points(most)}"  # never rounded up
    if (share := context.env.get(MINIMUM_SWEEP)) and (sweep := min(result.sweep for result in reports)) < float(share):
        says = f"{sweep:.4f} of the generated cases are right, but the minimum is {share}"
        return Decision(False, "Not enough generated cases", says)
    if least := context.env.get(MINIMUM):
        if round(total, 6) >= float(least):
            return Decision(True, "Enough points", f"Passed with {points} points (minimum {least})")
        return Decision(False, "Not enough points", f"{points} points, but the minimum is {least}")
    return Decision(all(result.passed for result in reports), outcome(reports), f"{points} points")


def _points(reports: Sequence[Report]) -> tuple[float, float]:
    return math.fsum(result.score for result in reports), math.fsum(result.max_score for result in reports)


def _annotations(reports: Sequence[Report], context: Context) -> Iterator[str]:
    """Yield what decides, then what weakens the sandbox, then what is wrong, each exercise once before any twice."""
    decision = _decide(reports, context)
    yield _command("notice" if decision.passed else "error", decision.title, decision.says)
    if context.problem:
        return
    if isolation := unsandboxed(reports):
        yield _command("warning", NO_SANDBOX, _weaknesses(isolation))
    kind = "warning" if decision.passed else "error"
    wrong = [[*_faults(result, kind, context)] for result in reports]
    yield from (line for rank in zip_longest(*wrong) for line in rank if line)
    for result in reports:
        for note in result.notes:
            yield _command("warning", result.exercise, quoted(clean(note)), _place(result, context))


def _faults(result: Report, kind: str, context: Context) -> Iterator[str]:
    why = "".join(f"\n{sentence}" for sentence in misconceptions(result))
    where = f", cell {result.cell}" if result.cell else ""
    for fault in faults(result):
        if not fault.ours:
            title = f"{result.exercise}{where}: {fault.case}"
            yield _command(kind, title, f"{clean(fault.says)}{why}", _place(result, context))
            why = ""


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
