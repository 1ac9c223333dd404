"""The code of a notebook: its code cells as Python, and the files that `%%writefile` makes.

Saved pictures are often a hundred times as large as the code, so they are skipped while the file is decoded: besides
the file's bytes (at most MOST_FILE), only the cells' sources are kept.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from grader.submissions.cells import NOT_PYTHON, magic, python
from grader.submissions.plain import MOST_BYTES, Refused, not_utf8
from grader.text import one_line

MOST_FILE = 256 << 20  # bytes of a notebook with its saved outputs
MOST_ASIDE = 1 << 16  # characters of the text cells that are kept
MOST_LENIENT = 32 << 20  # bytes of a notebook that is nearly JSON
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN', re.DOTALL)
_HALVES = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>\\u[dD][89a-fA-F]..)|\\.")


class Notebook(NamedTuple):
    """`cells` pair a name with Python, `written` a file's name with its text; `aside` are text cells with a `def`."""

    cells: tuple[tuple[str, str], ...]
    written: tuple[tuple[str, str], ...]
    aside: tuple[tuple[str, str], ...]


class _Cell(msgspec.Struct):
    cell_type: str
    source: str | list[str]


class _File(msgspec.Struct):
    cells: list[_Cell]


def read_notebook(name: str, data: bytes) -> Notebook:
    """Read a notebook (format 4). Raise Refused where it is not one, or holds more code than a program may."""
    cells: list[tuple[str, str]] = []
    written: dict[str, str] = {}
    aside: list[tuple[str, str]] = []
    size = room = 0
    number = 0
    for place, cell in enumerate(_decoded(name, data), 1):
        source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
        if cell.cell_type != "code":
            room += len(source)
            if "def " in source and room <= MOST_ASIDE:
                aside.append((f"cell {place}", source))
            continue
        number += 1
        size += len(source)
        if size > MOST_BYTES:
            raise Refused(f"the code of {name} has more than {MOST_BYTES >> 10} KiB; a program may have at most that")
        source = source.encode("utf-8", "replace").decode().replace("\r\n", "\n")  # JSON can hold half a character
        head = magic(source)
        if head is None or head.name not in NOT_PYTHON:
            cells.append((f"{name} cell {number}", python(source)))
        elif head.name in ("writefile", "file") and head.words:
            *options, file = head.words.split()
            file = one_line(file.strip("\"'").removeprefix("./"))
            written[file] = (written.get(file, "") if options else "") + head.body  # the option is `-a`
    return Notebook(tuple(cells), tuple((f, text) for f, text in written.items() if f.endswith(".py")), tuple(aside))


def _decoded(name: str, data: bytes) -> list[_Cell]:
    body = memoryview(data)[3:] if data.startswith(b"\xef\xbb\xbf") else memoryview(data)
    try:
        try:
            return msgspec.json.decode(body, type=_File).cells
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:  # NaN in an output, or half a character: Jupyter writes both, and JSON has neither
            return msgspec.json.decode(_strict(name, bytes(body)), type=_File).cells
    except UnicodeDecodeError:
        raise not_utf8(name, data) from None
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        raise Refused(f"{name} is not a readable notebook: save it again from Jupyter (format 4)") from None


def _strict(name: str, data: bytes) -> bytearray:
    """Replace what Jupyter writes and JSON has not: numbers that are not finite, and halves of characters in strings.

    Python's own decoder would take both, but makes objects of all outputs: 27 times the size of a hostile file.
    """
    if len(data) > MOST_LENIENT:
        raise Refused(
            f"{name} has more than {MOST_LENIENT >> 20} MiB and is not valid JSON: clear its outputs and save it"
        )
    text, end = bytearray(), 0
    for found in _TOKEN.finditer(data):
        token = found[0]
        text += data[end : found.start()]
        text += _HALVES.sub(_whole, token) if token[:1] == b'"' else b"null"
        end = found.end()
    return text + data[end:]


def _whole(found: re.Match[bytes]) -> bytes:
    """Return an escape as it is, unless it is one half of a character without the other."""
    return b"?" if found["half"] else found[0]
