"""The code cells of a notebook, without IPython's magics and shell commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.submissions.plain import Refused

_PYTHON_CELLS = ("%%time", "%%capture", "%%prun")
_ASKS = re.compile(r"(\s*)(?=\S)(?:[\w.]+\?{1,2}|[\w, ]+=\s*[!%][A-Za-z].*)\s*$")  # `conv2d?` and `files = !ls`
_MAGIC = re.compile(r"(\s*)(%{1,2}[A-Za-z_]|!(?!=)|\?)")  # not `% 4` and `!= 4` in a continuation line


def notebook_cells(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the code cells of a notebook, in order, without magics and shell commands; lines keep their numbers."""
    import json

    try:
        cells = json.loads(text)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        texts = [source if isinstance(source, str) else "".join(source) for source in sources]
        texts = [text.encode("utf-8", "replace").decode() for text in texts]  # JSON can hold half a character
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(f"{name} is not a readable notebook: save it again from Jupyter (format 4)") from None
    for number, source in enumerate(texts, 1):
        lines = source.split("\n")
        if lines[0].startswith("%%") and not lines[0].startswith(_PYTHON_CELLS):
            continue
        yield f"{name} cell {number}", "\n".join(_without_magics(lines))


def _without_magics(lines: list[str]) -> Iterator[str]:
    """Yield the lines with `pass` for each magic or shell command and its continuation lines."""
    continued = False
    for line in lines:
        found = re.match(r"(\s*)", line) if continued else _MAGIC.match(line) or _ASKS.match(line)
        continued = bool(found) and line.rstrip().endswith("\\")
        yield f"{found[1]}pass" if found else line
