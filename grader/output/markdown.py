"""Reports as GitHub-flavoured Markdown: job summaries, comments, platforms that render it.

What a student wrote stands in fenced blocks and code spans only, where no renderer sees a tag, a link or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.console import Group

from grader.model.report import Report
from grader.numbers import as_points
from grader.output import Context
from grader.output.plain import plain
from grader.output.terminal import body
from grader.output.words import right_of, score
from grader.text import one_line

_MEANS_SOMETHING = re.compile(r"[\\`*_{}\[\]<>()#|~!&@:]")


def document(results: Sequence[Report], _: Context) -> str:
    """Return all of them as one document."""
    return reports(results)


def reports(results: Sequence[Report]) -> str:
    """Return all of them as one document: where there are several, a table first."""
    return "\n".join(parts(results))


def parts(results: Sequence[Report]) -> list[str]:
    """Return the table, where there are several, and their sections: a document can be cut between any of them."""
    sections = [report(result) for result in results]
    return [_table(results), *sections] if len(sections) > 1 else sections


def report(result: Report) -> str:
    """Return one submission as a section of its own, from its `##` heading to the notes."""
    whose = f"{code(result.student)}\n\n" if result.student else ""
    return f"## {_heading(result)}: {score(result)}\n\n{whose}{fenced(plain(Group(*body(result))))}"


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


def escaped(text: str, limit: int = 200) -> str:
    """Return an author's text of one line as it is to be read, whatever its signs mean in Markdown."""
    return _MEANS_SOMETHING.sub(r"\\\g<0>", one_line(text, limit))


def _heading(result: Report) -> str:
    return f"{escaped(result.exercise)} · {escaped(result.title)}"


def _table(results: Sequence[Report]) -> str:
    rows = ["| | exercise | cases | points |", "|---|---|---|---:|"]
    for result in results:
        mark, cases = "✓" if result.passed else "✗", f"{right_of(result.checks)} right"
        rows.append(f"| {mark} | {_heading(result)} | {cases} | {score(result)} |")
    total = [as_points(sum(r.score for r in results)), as_points(sum(r.max_score for r in results))]
    return "\n".join([*rows, f"| | total | | {' / '.join(total)} |", ""])
