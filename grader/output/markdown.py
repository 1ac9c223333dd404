"""Reports as GitHub-flavoured Markdown: job summaries, comments, platforms that render it.

What a student wrote stands in fenced blocks and code spans only, where no renderer sees a tag, a link or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.console import Group

from grader.model import Report, Verdict
from grader.output import terminal
from grader.output.plain import plain
from grader.points import shown
from grader.text import one_line

_MEANS_SOMETHING = re.compile(r"[\\`*_{}\[\]<>()#|~!&@:]")


def reports(results: Sequence[Report]) -> str:
    """Return all of them as one document: where there are several, a table first."""
    sections = [report(result) for result in results]
    return "\n".join([_table(results), *sections] if len(sections) > 1 else sections)


def report(result: Report) -> str:
    """Return one submission as a section of its own, from its `##` heading to the notes."""
    score = f"{shown(result.score)} / {shown(result.max_score)}"
    whose = f"{code(result.student)}\n\n" if result.student else ""
    return f"## {_heading(result)}: {score}\n\n{whose}{fenced(plain(Group(*terminal.body(result))))}\n"


def fenced(text: str) -> str:
    """Return text as a code block that nothing in it can end."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}\n"


def code(text: str) -> str:
    """Return a text of one line as a code span that nothing in it can end, in a table neither."""
    text = one_line(text).replace(
        "|", "¦"
    )  # a table takes `\|` for the end of a cell's text, a paragraph for two signs
    longest = max(map(len, re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks} {text} {ticks}" if "`" in text else f"`{text}`"


def escaped(text: str) -> str:
    """Return an author's text of one line as it is to be read, whatever its signs mean in Markdown."""
    return _MEANS_SOMETHING.sub(r"\\\g<0>", one_line(text))


def _heading(result: Report) -> str:
    return f"{escaped(result.exercise)} · {escaped(result.title)}"


def _table(results: Sequence[Report]) -> str:
    rows = ["| | exercise | cases | points |", "|---|---|---|---:|"]
    for result in results:
        right = sum(check.verdict is Verdict.correct for check in result.checks)
        cases = f"{right} of {len(result.checks)} right"
        score = f"{shown(result.score)} / {shown(result.max_score)}"
        rows.append(f"| {'✓' if result.passed else '✗'} | {_heading(result)} | {cases} | {score} |")
    total = [shown(sum(r.score for r in results)), shown(sum(r.max_score for r in results))]
    return "\n".join([*rows, f"| | total | | {' / '.join(total)} |", ""])
