"""The one cleaner for text that a student can write: messages, prints, names of types, files and folders.

What leaves it cannot move a cursor, change a colour, reverse the reading direction or command a CI runner.
"""

from __future__ import annotations

import re

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
# CI runners obey `::command …::` at the start of a line, which a fold may make of any place, and `##name[command]`.
# `x[::s, ::t]` is a slice and stays.
_COMMAND = re.compile(
    r"(?i)::(?=(?:error|warning|notice|debug|group|endgroup|echo|add-|remove-|set-|save-|stop-)|[\w-]+::)|##(?=[a-z]*\[)"
)


def clean(text: str, limit: int = 2000) -> str:
    """Make a student's text harmless to terminals, markup and CI logs, and at most `limit` characters long."""
    cut = text[: limit + 1]
    cut = _CONTROL.sub(_visible, cut.replace("\r\n", "\n"))
    cut = _COMMAND.sub(lambda m: ": :" if m[0] == "::" else "# #", cut)
    return cut if len(text) <= limit and len(cut) <= 4 * limit else cut[:limit] + " … (cut)"


def one_line(text: str, limit: int = 200) -> str:
    """Clean a text and put it on one line."""
    return " ".join(clean(text, limit).split())


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
