"""Clean text that a student can write: messages, printed text, names of types, files and folders.

Clean text cannot move a cursor, change a colour, reverse the reading direction or command a CI runner.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

BAR = "│ "  # before each line of a program's text
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
# CI runners obey `::command …::` at the start of a line, which a fold may make of any place, and `##name[command]`.
# `x[::s, ::t]` is a slice and stays.
_COMMAND = re.compile(
    r"(?i)::(?=(?:error|warning|notice|debug|group|endgroup|echo|add-|remove-|set-|save-|stop-)|[\w-]+::)|##(?=[a-z]*\[)"
)
_FORMULA = re.compile(r"[\s\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?", re.ASCII)


def clean(text: str, limit: int = 2000) -> str:
    """Make a student's text harmless to terminals, markup and CI logs, and at most `limit` characters long."""
    cut = text[: limit + 1]
    cut = _CONTROL.sub(_visible, cut.replace("\r\n", "\n"))
    cut = _COMMAND.sub(lambda m: ": :" if m[0] == "::" else "# #", cut)
    return cut if len(text) <= limit and len(cut) <= 4 * limit else cut[:limit] + " … (cut)"


def one_line(text: str, limit: int = 200) -> str:
    """Clean a text and put it on one line."""
    return " ".join(clean(text, limit).split())


def shell_word(path: object) -> str:
    """Write a path, on one line, as one word of a command that can be pasted."""
    import shlex

    return shlex.quote(one_line(str(path), 1000))


def quoted(text: str) -> str:
    """Return a text of several lines with a bar before each, so that none can pass for a line of the grader's."""
    lines = text.splitlines()
    return "\n".join(f"{BAR}{line}" for line in lines) if len(lines) > 1 else text


def defused(text: str) -> str:
    """Return a text that no spreadsheet runs: one that begins like a formula gets a quote; numbers stay."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def some(names: Sequence[str], limit: int = 10) -> str:
    """Join the first names with commas, and count the others: ``a, b and 3 more``."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def named(id: str, name: str = "") -> str:
    """Write who somebody is: `name` in backticks and the id in brackets, or the id alone where there is no name."""
    shown, id = one_line(name, 80), one_line(id, 80)
    return f"`{shown}` ({id})" if shown and shown != id else f"`{id}`"
