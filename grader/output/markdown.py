"""Reports and classes as GitHub-flavoured Markdown: job summaries, feedback files, platforms that render it.

A student's text appears only in fenced blocks and code spans, where renderers ignore tags, links and mentions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rich.console import Group

from grader.model.class_ import ClassView, ExerciseView, Marks, Unnamed
from grader.model.report import Report
from grader.numbers import as_points
from grader.output import Context
from grader.output.class_text import (
    MOST_LINES,
    SIMILAR,
    counts,
    crash,
    failed_cases,
    mean,
    misconception,
    people,
    same_answers,
    similar_programs,
    stopped,
    unmarked,
)
from grader.output.plain_text import plain
from grader.output.report_text import parts as parts_of
from grader.output.report_text import right_of, score
from grader.output.terminal import body
from grader.text import one_line

MOST_TEXT = 100_000  # characters of one line, which may hold the names of a whole class
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>()#|~!&@:]")


def document(reports: Sequence[Report], context: Context) -> str:
    """Return all reports as one document, below a table of them if there are several."""
    return "\n".join(sections(reports, context.pack))


def sections(reports: Sequence[Report], pack: str = "") -> list[str]:
    """Return the parts between which a document can be cut: a table if there are several reports, and each report."""
    parts = [report(result, pack=pack) for result in reports]
    return [_table(reports, {}), *parts] if len(parts) > 1 else parts


def student_page(reports: Sequence[Report], marks: Mapping[str, float], pack: str) -> str:
    """Return a student's reports with the points of each case; `marks`, by exercise, are those other than the score."""
    parts = [f"{report(result, marks.get(result.exercise), pack)}\n{_cases(result)}" for result in reports]
    return "\n".join([_table(reports, marks), *parts] if len(parts) > 1 else parts)


def report(result: Report, mark: float | None = None, pack: str = "") -> str:
    """Return one report as a section, from its `##` heading to the notes."""
    student = f"{code(result.student)}\n\n" if result.student else ""
    return f"## {_heading(result)}: {_points(result, mark)}\n\n{student}{fenced(plain(Group(*body(result, pack))))}"


def _cases(result: Report) -> str:
    """Return the points of each case as a table; the generated ones are one row."""
    written, generated, hidden = parts_of(result)
    rows = [(escaped(check.case), [check]) for check in (*written, *hidden)]
    rows += [(f"{right_of(generated)} generated cases right", generated)] if generated else []
    sums = ((name, sum(c.score for c in checks), sum(c.max_score for c in checks)) for name, checks in rows)
    lines = [f"| {name} | {as_points(points)} / {as_points(most)} |" for name, points, most in sums]
    return "\n".join(["| case | points |", "|---|---:|", *lines, ""])


def _points(result: Report, mark: float | None) -> str:
    """Return the points: the mark, and the score where it is another."""
    if mark is None:
        return score(result)
    return f"{as_points(mark)} of {as_points(result.max_score)} points (the program: {as_points(result.score)})"


def class_report(view: ClassView) -> str:
    """Return a class, exercise by exercise."""
    lines = [line for exercise in view.exercises for line in _exercise(exercise)]
    lines += [f"Answers: {escaped(view.answers)}.", ""] if view.secret else []
    for title, found in people(view):
        lines += [f"## {title.capitalize()}", "", *(f"- {escaped(line)}" for line in found), ""]
    return "\n".join(lines)


def fenced(text: str) -> str:
    """Return text as a code block that no text can end."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}\n"


def code(text: str) -> str:
    """Return a text of one line as a code span that no text can end, not even in a table."""
    text = one_line(text).replace("|", "¦")  # in a table `|` ends the cell, and outside of one `\|` is two characters
    longest = max(map(len, re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks} {text} {ticks}" if "`" in text else f"`{text}`"


def escaped(text: str, limit: int = 200) -> str:
    """Return text on one line, with every character escaped that means something in Markdown."""
    return _SPECIAL.sub(r"\\\g<0>", one_line(text, limit))


def _heading(result: Report) -> str:
    return f"{escaped(result.exercise)} · {escaped(result.title)}"


def _table(reports: Sequence[Report], marks: Mapping[str, float]) -> str:
    rows = ["| | exercise | cases | points |", "|---|---|---|---:|"]
    for result in reports:
        mark, cases = "✓" if result.passed else "✗", f"{right_of(result.checks)} right"
        rows.append(f"| {mark} | {_heading(result)} | {cases} | {_points(result, marks.get(result.exercise))} |")
    sums = sum(marks.get(r.exercise, r.score) for r in reports), sum(r.max_score for r in reports)
    total = [as_points(points) for points in sums]
    return "\n".join([*rows, f"| | total | | {' / '.join(total)} |", ""])


def _exercise(view: ExerciseView) -> list[str]:
    of = view.graded
    lines = [f"## {escaped(view.exercise)} · {escaped(view.title)}", "", f"{counts(view)}.", ""]
    lines += _marks(view.marks)
    lines += _list("Misconceptions", [_counted(m.students, of, misconception(m)) for m in view.misconceptions])
    lines += _list("Wrong answers that no known misconception explains", [_example(group) for group in view.unnamed])
    lines += _list("Exceptions", [_counted(c.students, of, crash(c)) for c in view.crashes])
    lines += _list("Stopped or not run", [_counted(count, of, why) for count, why in stopped(view.verdicts)])
    lines += _list("Cases failed most often", [escaped(line) for line in failed_cases(view.cases)])
    lines += _list(SIMILAR, [escaped(line, MOST_TEXT) for line in similar_programs(view)])
    for title, found in unmarked(view):
        lines += _list(title, [escaped(line, MOST_TEXT) for line in found])
    return lines


def _marks(marks: Marks | None) -> list[str]:
    if marks is None:
        return []
    most, size = marks.max_score, len(marks.buckets)
    lines = [f"M{mean(marks)[1:]}.", ""]
    lines += ["| points | students |", "|---|---:|"]
    for number, count in enumerate(marks.buckets):
        lines.append(f"| {as_points(most * number / size)} – {as_points(most * (number + 1) / size)} | {count} |")
    return [*lines, ""]


def _counted(count: int, of: int, what: str) -> str:
    return f"**{count} of {of}** {escaped(what)}"


def _example(group: Unnamed) -> str:
    students, who = same_answers(group)
    head = f"**{students}**, {escaped(who)}: "
    if group.example is None:
        return head + escaped(f"{group.case}: {group.text}")
    arguments = ", ".join(f"{name} = {value}" for name, value in group.example.arguments.items())
    given = group.example.text or group.example.given
    return head + escaped(f"{arguments}: {group.example.expected} expected, {given} given", MOST_TEXT)


def _list(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    more = [f"- … and {len(items) - MOST_LINES} more"] if len(items) > MOST_LINES else []
    return [f"### {title}", "", *(f"- {item}" for item in items[:MOST_LINES]), *more, ""]
