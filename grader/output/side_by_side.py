"""Two programs side by side: lines that are the same but for names stand in one row.

Texts are scanned, not parsed: untrusted source can crash Python's parser. The lines of a program that are compared and
their length are bounded, because aligning takes the square of their number.
"""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from grader.model.page import Programs
from grader.output.class_text import similar_how, similar_people, who
from grader.text import clean

MOST_LINES = 150  # of one program
MOST_WIDTH = 200  # characters of one line
NARROW = 90  # columns of a terminal that is too narrow for two programs
_NAME = re.compile(r"[^\W\d]\w*")
_COMMENT = re.compile(r"\s*#.*")


class Row(NamedTuple):
    """A line of each program, or None beside a line that only the other one has; `same` but for names and layout."""

    left: str | None
    right: str | None
    same: bool = False


def rows(left: str, right: str) -> list[Row]:
    """Align two programs line by line."""
    one, two = _lines(left), _lines(right)
    found: list[Row] = []
    matcher = difflib.SequenceMatcher(None, [*map(_form, one)], [*map(_form, two)], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        length = max(b - a, d - c)
        pairs = ((_at(one, a + n, b), _at(two, c + n, d)) for n in range(length))
        found += [Row(*pair, same=tag == "equal" and bool(pair[0])) for pair in pairs]
    return found


def _lines(text: str) -> list[str]:
    lines = [clean(line.expandtabs(4).rstrip(), MOST_WIDTH) for line in text.splitlines()[: MOST_LINES + 1]]
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], "… (cut)"]


def _form(line: str) -> str:
    """Return a line without names, comment and blanks."""
    words = _NAME.sub(lambda found: found[0] if keyword.iskeyword(found[0]) else "x", _COMMENT.sub("", line))
    return "".join(words.split())


def _at(lines: Sequence[str], number: int, end: int) -> str | None:
    return lines[number] if number < end else None


class Pair:
    """A pair of programs for a terminal: two columns, or one below the other where it is narrow."""

    def __init__(self, programs: Programs) -> None:
        self.programs = programs

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        it = self.programs
        heads = [who(id, it.similar.names.get(id, id)) for id in it.shown]
        parts: list[RenderableType] = [Text(f"{similar_people(it.similar)}: {similar_how(it.similar)}", "bold")]
        aligned = rows(it.left, it.right)
        if len(heads) == 1:
            parts += [Text(f"  {line}") for line in _lines(it.left)]
        elif options.max_width < NARROW:
            for head, side in zip(heads, (0, 1), strict=True):
                parts += [Text(head, "cyan"), *(_text(row, side, "  ") for row in aligned if row[side] is not None)]
        else:
            table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
            for head in heads:
                table.add_column(head, header_style="cyan", ratio=1, overflow="fold")
            for row in aligned:
                table.add_row(_text(row, 0), _text(row, 1))
            parts.append(table)
        yield Group(*parts, Text())


def _text(row: Row, side: int, before: str = "") -> Text:
    line = row[side]
    return Text(f"{before}{line or ''}", "dim" if row.same else "")
