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
MOST_OBJECTS = 1 << 19  # in that, saved outputs included: each can be a cell
MOST_CELLS = 10_000
MOST_ASIDE = 1 << 16  # characters of the text cells that are kept
ESCAPED = 6  # bytes that JSON may have for a character: `\u0041`
MOST_LENIENT = 32 << 20  # bytes of a notebook that is nearly JSON
MOST_TOKENS = 1 << 20  # strings and such numbers in it
_TOKEN = re.compile(rb'"[^"]*"?|-?Infinity|NaN')
_HALF = re.compile(rb"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]..", re.DOTALL)


class Notebook(NamedTuple):
    """`cells` pair a name with Python, `written` a file's name with its text; `aside` are text cells with a `def`.

    `lines` has for each of `cells` the line of the file in which its first line is stored, or 0.
    """

    cells: tuple[tuple[str, str], ...]
    written: tuple[tuple[str, str], ...]
    aside: tuple[tuple[str, str], ...]
    lines: tuple[int, ...] = ()


class _Stored(msgspec.Struct):
    cell_type: str
    source: msgspec.Raw


class _File(msgspec.Struct):
    cells: list[_Stored]


class _Cell(NamedTuple):
    cell_type: str
    source: str
    line: int


def read_notebook(name: str, data: bytes) -> Notebook:
    """Read a notebook (format 4). Raise Refused where it is not one, or holds more code than a program may."""
    cells: list[tuple[str, str]] = []
    lines: list[int] = []
    written: dict[str, str] = {}
    aside: list[tuple[str, str]] = []
    size = room = 0
    number = 0
    for place, cell in enumerate(_decoded(name, data), 1):
        source = cell.source
        if cell.cell_type != "code":
            room += len(source)
            if "def " in source and room <= MOST_ASIDE:
                aside.append((f"cell {place}", source))
            continue
        number += 1
        size += len(source)
        if size > MOST_BYTES:
            raise _too_long(name)
        source = source.encode("utf-8", "replace").decode().replace("\r\n", "\n")  # JSON can hold half a character
        head = magic(source)
        if head is None or head.name not in NOT_PYTHON:
            cells.append((f"{name} cell {number}", python(source)))
            lines.append(cell.line)
        elif head.name in ("writefile", "file") and head.words:
            *options, file = head.words.split()
            file = one_line(file.strip("\"'").removeprefix("./"))
            written[file] = (written.get(file, "") if options else "") + head.body  # the option is `-a`
    modules = tuple((file, text) for file, text in written.items() if file.endswith(".py"))
    return Notebook(tuple(cells), modules, tuple(aside), tuple(lines))


def _too_long(name: str) -> Refused:
    return Refused(f"the code of {name} has more than {MOST_BYTES >> 10} KiB; a program may have at most that")


def _decoded(name: str, data: bytes) -> list[_Cell]:
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    if data.count(b"{") > MOST_OBJECTS:
        raise Refused(f"{name} holds more than {MOST_OBJECTS} objects: clear its outputs and save it")
    try:
        try:
            return _cells(name, data, start)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:  # NaN in an output, or half a character: Jupyter writes both, and JSON has neither
            return _cells(name, _strict(name, data[start:]), 0)
    except UnicodeDecodeError:
        raise not_utf8(name, data) from None
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        raise Refused(f"{name} is not a readable notebook: save it again from Jupyter (format 4)") from None


def _cells(name: str, data: bytes, start: int) -> list[_Cell]:
    """Decode the cells, each with the line of the file in which its first line is stored.

    Jupyter stores each line of a cell on a line of its own. Where a program that saved the file did not, the line is 0.
    """
    cells: list[_Cell] = []
    at, line, size = start, 1, 0
    decoded = msgspec.json.decode(memoryview(data)[start:], type=_File).cells
    if len(decoded) > MOST_CELLS:
        raise Refused(f"{name} has more than {MOST_CELLS} cells")
    for cell in decoded:
        stored = memoryview(cell.source)
        size += len(stored) if cell.cell_type == "code" else 0
        if size > ESCAPED * MOST_BYTES:
            raise _too_long(name)
        aside = cell.cell_type != "code" and len(stored) > ESCAPED * MOST_ASIDE  # such as a picture in the text
        source = "" if aside else msgspec.json.decode(cell.source, type=str | list[str])
        begun = data.find(stored, at)
        newlines = data.count(b"\n", begun, begun + len(stored))
        line += data.count(b"\n", at, begun)
        alone = isinstance(source, list) and newlines == len(source) + 1
        alone = alone and all("\n" not in item[:-1] for item in source)
        cells.append(_Cell(cell.cell_type, "".join(source), line + 1 if alone else 0))
        at, line = begun + len(stored), line + newlines
    return cells


def _strict(name: str, data: bytes) -> bytes:
    """Replace what Jupyter writes and JSON has not: numbers that are not finite, and halves of characters in strings.

    Python's own decoder would take both, but makes objects of all outputs: 27 times the size of a hostile file.
    """
    too_large = Refused(f"{name} is not valid JSON and too large to repair: clear its outputs and save it")
    if len(data) + 4 * data.count(b"\\") > MOST_LENIENT:
        raise too_large
    # Without another escape of a quote or a backslash, each quote begins or ends a string. A pattern that steps over
    # escapes takes a hundred bytes for each, and begins again at each quote of a string that does not end.
    text = data.replace(rb"\\", rb"\u005c").replace(rb"\"", rb"\u0022")
    made, end = bytearray(), 0
    for count, found in enumerate(_TOKEN.finditer(text)):
        if count == MOST_TOKENS:
            raise too_large
        if text[found.start()] != ord('"'):
            made += text[end : found.start()] + b"null"
            end = found.end()
    return _HALF.sub(b"?", made + text[end:])
