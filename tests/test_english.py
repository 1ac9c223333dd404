"""The words of this project's early drafts stay out of code and pages: plain English has a usual word for each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT

WORDS = {  # what not to write, and what to write instead
    r"\bwall(s|ed)?\b(?! time)": "sandbox, isolation level",
    r"\bstrangers?\b": "untrusted program, another user",
    r"\bzygotes?\b": "fork server",
    r"\bshut in\b": "in a sandbox",
    r"\bleav(e|es|ing)( \w+)? away\b": "omit",
    r"(?<!there )\b(is|are) no (?!longer\b|more\b)": "is not a",
    r"\bunless (it is )?said\b": "by default",
    r"\b(is|are|was|were|be) (said|told)\b": "name who reports what",
    r"\bof one's own\b": "your own",
}
FILES = sorted(
    path
    for pattern in ("*.md", "*.toml", "docs/**/*.md", "docs/**/*.py", "docs/ci/*", "grader/**/*.py", "grader/**/*.md")
    for path in ROOT.glob(pattern)
)


def found(text: str) -> list[str]:
    """Return each of these words with its line and what to write instead."""
    return [
        f"line {number}: `{match[0]}`; write: {better}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, better in WORDS.items()
        for match in re.finditer(pattern, line, re.IGNORECASE)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_plain_words(path: Path) -> None:
    assert not found(path.read_text(encoding="utf-8"))


def test_private_words_are_found() -> None:
    text = "behind a wall\nIt is no file.\nThere is no file.\nauto unless said\nleave it away\nwalltime, is no longer"
    assert [line.partition(":")[0] for line in found(text)] == ["line 1", "line 2", "line 4", "line 5"]
