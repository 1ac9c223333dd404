"""Reports for GitHub Actions: annotations on the lines of code, a job summary, and outputs for later steps.

The runner obeys commands in what a step prints. Ours are escaped; the page with the student's words is printed while
commands are stopped, until a random word that no program can know.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from grader.model.report import Report
from grader.numbers import exact_points
from grader.output import Context, markdown, plain
from grader.output.words import GRADER_FAILED, NO_WALL, failed, faults, ideas, outcome, score, unwalled
from grader.text import clean, one_line

MOST = 10  # annotations of a kind that GitHub shows for a step
MOST_BYTES = 1_000_000  # of a summary; GitHub takes 1 MiB, and shows nothing of a longer one


def document(results: Sequence[Report], context: Context) -> str:
    """Return what the step prints: the annotations, then the page of each report while commands are stopped."""
    errors = [[*_errors(result, context)] for result in results]
    first_ones_first = [line for rank in zip_longest(*errors) for line in rank if line]
    lines = [*first_ones_first[:MOST], *[*_warnings(results, context)][:MOST], *[*_notices(results)][:MOST]]
    pages = plain.document(results, context).rstrip("\n")
    return "\n".join([*lines, f"::stop-commands::{context.token}", pages, f"::{context.token}::", ""])


def summary(results: Sequence[Report], _: Context) -> str:
    """Return the job summary, cut between two reports where it would be too long."""
    text = f"**{outcome(results)}.**\n\n"
    if unwalled(results):
        text += f"**{NO_WALL}:** {_remedy(results)}\n\n"
    parts = markdown.parts(results)
    for number, part in enumerate(parts):
        if len((text + part).encode()) > MOST_BYTES:
            return f"{text}\n{len(parts) - number} more did not fit in here; the log shows them.\n"
        text += f"{part}\n"
    return text


def outputs(results: Sequence[Report], _: Context) -> str:
    """Return the step's outputs: numbers alone, and none where the grader failed."""
    if failed(results):
        return ""
    total, most = (math.fsum(points) for points in ([r.score for r in results], [r.max_score for r in results]))
    return f"score={exact_points(total)}\nmax_score={exact_points(most)}\n"


FILES = {"GITHUB_STEP_SUMMARY": summary, "GITHUB_OUTPUT": outputs}  # where the runner wants more, appended


def _errors(result: Report, context: Context) -> Iterator[str]:
    why = "".join(f"\n{idea}" for idea in ideas(result))
    for fault in faults(result):
        if fault.ours:
            yield _command("error", GRADER_FAILED, fault.says)
        else:
            yield _command("error", f"{result.exercise}: {fault.case}", f"{fault.says}{why}", _place(result, context))
        why = ""


def _warnings(results: Sequence[Report], context: Context) -> Iterator[str]:
    if unwalled(results):
        yield _command("warning", NO_WALL, _remedy(results))
    for result in results:
        for note in result.notes:
            yield _command("warning", result.exercise, note, _place(result, context))


def _notices(results: Sequence[Report]) -> Iterator[str]:
    for result in results:
        if result.passed:
            yield _command("notice", f"{result.exercise} · {result.title}", f"{outcome([result])}: {score(result)}")


def _remedy(results: Sequence[Report]) -> str:
    weak = next(r.isolation for r in results if r.isolation.level == "process")
    return one_line("; ".join(weak.weaknesses), 1000)


def _place(result: Report, context: Context) -> dict[str, str]:
    """Return where the student's function is, as seen from the root of the repository; nothing outside of it."""
    if not result.file:
        return {}
    root = context.env.get("GITHUB_WORKSPACE") or context.here
    try:
        file = os.path.relpath(os.path.join(context.here, result.file), root).replace(os.sep, "/")
    except ValueError:  # on another drive
        return {}
    if file.startswith("../"):
        return {}
    return {"file": file, **({"line": str(result.line)} if result.line else {})}


def _command(kind: str, title: str, says: str, place: dict[str, str] | None = None) -> str:
    words = {**(place or {}), "title": title}
    where = ",".join(f"{key}={_property(one_line(word, 1000))}" for key, word in words.items())
    return f"::{kind} {where}::{_data(clean(says))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
