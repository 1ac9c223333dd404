"""A class as files: a CSV with a row per student, and the class view in Markdown. JSON is `model.to_json`."""

from __future__ import annotations

import csv as csvs
import io
from collections.abc import Sequence
from typing import Any

from grader.numbers import as_points
from grader.output.classes import (
    MOST_LINES,
    alike,
    cases,
    copies,
    counts,
    crash,
    idea,
    stopped,
    unmarked,
    who,
    without,
)
from grader.output.markdown import escaped
from grader.text import defused, one_line

MOST_TEXT = 100_000  # of one line: the names of a whole class may stand in it


def csv(summary: Any) -> str:
    """Return a row per student: id, name, points per exercise, total, and for which exercises the work was late.

    An empty cell is an exercise that was not handed in; `internal_error` stands where the grader failed, `not_graded`
    where a run has yet to come to it. Then the total is empty: it is not known.
    """
    text = io.StringIO()
    writer = csvs.writer(text, lineterminator="\n")
    ids = list(summary.exercises)
    writer.writerow(["student", "name", *(_cell(id) for id in ids), "total", "of", "late"])
    for row in summary.rows:
        total = "" if row.total is None else as_points(row.total)
        late = " ".join(id for id in ids if id in row.marks and row.marks[id].late)
        marks = [_mark(row.marks.get(id)) for id in ids]
        most = "" if summary.max_score is None else as_points(summary.max_score)
        writer.writerow([_cell(row.student), _cell(row.name), *marks, total, most, _cell(late)])
    return text.getvalue()


def _cell(text: str) -> str:
    return defused(one_line(text))


def _mark(mark: Any) -> str:
    if mark is None or mark.state == "missing":
        return ""
    return as_points(mark.score) if mark.state == "graded" else str(mark.state)


def markdown(view: Any) -> str:
    """Return the class view in GitHub-flavoured Markdown."""
    lines = [line for exercise in view.exercises for line in _exercise(exercise)]
    lines += [f"Answers: {escaped(view.answers)}.", ""] if "fresh" in view.answers else []
    for title, those in without(view):
        lines += [f"## {title.capitalize()}", "", *(f"- {escaped(line)}" for line in those), ""]
    return "\n".join(lines)


def _exercise(seen: Any) -> list[str]:
    lines = [f"## {escaped(seen.exercise)} · {escaped(seen.title)}", ""]
    lines += [f"{counts(seen)}.", ""]
    if seen.marks:
        low, middle, high = (as_points(q) for q in seen.marks.quartiles)
        mean, most = as_points(seen.marks.mean), seen.marks.max_score
        lines += [f"Mean {mean} of {as_points(most)}; quartiles {low}, {middle}, {high}.", ""]
        lines += ["| points | students |", "|---|---:|"]
        size = len(seen.marks.buckets)
        for number, count in enumerate(seen.marks.buckets):
            lines.append(f"| {as_points(most * number / size)} – {as_points(most * (number + 1) / size)} | {count} |")
        lines.append("")
    lines += _list(
        "Misconceptions", [f"**{m.students} of {seen.graded}** {escaped(idea(m))}" for m in seen.misconceptions]
    )
    lines += _list("Wrong answers without a name", [_unnamed(group) for group in seen.unnamed])
    lines += _list("Exceptions", [f"**{c.students} of {seen.graded}** {escaped(crash(c))}" for c in seen.crashes])
    lines += _list("Stopped or never begun", [f"**{n} of {seen.graded}** {says}" for n, says in stopped(seen.verdicts)])
    lines += _list("Cases that were missed most", [escaped(line) for line in cases(seen.cases)])
    lines += _list("Equal programs", [escaped(line, MOST_TEXT) for line in copies(seen.copies)])
    for title, people in unmarked(seen):
        lines += _list(title, [escaped(line, MOST_TEXT) for line in people])
    return lines


def _list(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    more = [f"- … and {len(items) - MOST_LINES} more"] if len(items) > MOST_LINES else []
    return [f"### {title}", "", *(f"- {item}" for item in items[:MOST_LINES]), *more, ""]


def _unnamed(group: Any) -> str:
    head = f"**{alike(group)}**, for example {escaped(who(group.student, group.name))}: "
    if group.example is None:
        return head + escaped(f"{group.case}: {group.text}")
    given = ", ".join(f"{name} = {value}" for name, value in group.example.arguments.items())
    says = f"{given}: {group.example.expected} expected, {group.example.given} given {group.example.text}"
    return head + escaped(says, MOST_TEXT)
