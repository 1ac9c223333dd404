"""A table in a text file with the position of every cell, so that a cell can be changed and every other byte kept.

`csv` reads a cell's text, but not how it was written: quotes, line ends, encoding.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from grader.errors import GradeError, Problem
from grader.text import defused, one_line

MOST_BYTES = 8 << 20  # twice a gradebook of 2000 students and 300 columns
MOST_COLUMNS = 5000
MOST_ROWS = 20_000
MOST_HEADER = 100_000
_QUOTED = re.compile('"[^"]*"')
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_EXPORT = "download the file from the platform again, and do not edit it"


class Cell(NamedTuple):
    """A cell's text, and its position with its quotes."""

    start: int
    end: int
    text: str


class Row(NamedTuple):
    """A row, the line that it begins in, and its cells."""

    line: int
    cells: tuple[Cell, ...]

    def text(self, column: int) -> str:
        """Return the text in a column, without spaces around it."""
        return self.cells[column].text.strip()


class Sheet(NamedTuple):
    """A whole file: its text after the byte order mark `bom`, and its rows, each with as many cells as the header."""

    text: str
    bom: bytes
    encoding: str
    separator: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read(data: bytes, where: str) -> Sheet:
    """Read a table with a header, without blank lines. Raise GradeError with file and line for anything else."""
    text, bom, encoding = _decoded(data, where)
    separator = _separator(text, where)
    rows: list[Row] = []
    for row in tokens(text, separator, where):
        if len(row.cells) == 1 and not row.cells[0].text.strip():
            continue
        if rows and len(row.cells) != len(rows[0].cells):
            says = f"this row has {len(row.cells)} cells, and the header has {len(rows[0].cells)}"
            raise GradeError(Problem(says, f"correct the row, or {_EXPORT}", f"{where}:{row.line}"))
        if len(rows) > MOST_ROWS:
            raise GradeError(Problem(f"the file has more than {MOST_ROWS} rows", _EXPORT, where))
        rows.append(row)
    header = tuple(" ".join(cell.text.split()) for cell in rows[0].cells)
    return Sheet(text, bom, encoding, separator, header, tuple(rows[1:]))


def replaced(sheet: Sheet, changes: Mapping[Cell, str]) -> bytes:
    """Return the file with some cells changed; quoted cells stay quoted, and every other byte is kept."""
    parts, at = [], 0
    for cell in sorted(changes):
        parts += [sheet.text[at : cell.start], _written(sheet, cell, defused(changes[cell]))]
        at = cell.end
    parts.append(sheet.text[at:])
    return sheet.bom + "".join(parts).encode(sheet.encoding)


def tokens(text: str, separator: str, where: str) -> Iterator[Row]:
    """Yield the rows as `csv.reader` reads them, with positions. Raise GradeError where a quote is never closed."""
    unquoted = re.compile(f"[^{re.escape(separator)}\r\n]*")
    at, line = 0, 1
    while at < len(text):
        first, cells = line, list[Cell]()
        while True:
            start, value = at, ""
            if text.startswith('"', at):
                at = _after_quotes(text, at, f"{where}:{line}")
                value = text[start + 1 : at - 1].replace('""', '"')
                line += _line_ends(text, start, at)
            end = unquoted.match(text, at).end()  # type: ignore[union-attr]  # it matches an empty text too
            cells.append(Cell(start, end, value + text[at:end]))
            at = end
            if len(cells) > MOST_COLUMNS:
                raise GradeError(Problem(f"a row has more than {MOST_COLUMNS} cells", _EXPORT, f"{where}:{line}"))
            if not text.startswith(separator, at):
                break
            at += 1
        yield Row(first, tuple(cells))
        at += 2 if text.startswith("\r\n", at) else 1
        line += 1


def _after_quotes(text: str, at: int, place: str) -> int:
    close = text.find('"', at + 1)
    while close >= 0 and text.startswith('"', close + 1):
        close = text.find('"', close + 2)
    if close < 0:
        raise GradeError(Problem('a cell begins with `"` and does not end', f"close it, or {_EXPORT}", place))
    return close + 1


def _line_ends(text: str, start: int, end: int) -> int:
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)


def _decoded(data: bytes, where: str) -> tuple[str, bytes, str]:
    """Return the text, its byte order mark and an encoding that gives the same bytes back."""
    if len(data) > MOST_BYTES:
        says = f"the file has {len(data) >> 20} MiB; a gradebook may have at most {MOST_BYTES >> 20} MiB"
        raise GradeError(Problem(says, _EXPORT, where))
    if not data.strip():
        raise GradeError(Problem("the file is empty", _EXPORT, where))
    if data.startswith(b"PK\3\4"):
        raise GradeError(
            Problem("this is an Excel workbook or a zip, not a CSV file", "use the platform's CSV file", where)
        )
    bom, encodings = b"", ("utf-8", "cp1252", "latin-1")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            bom, encodings = mark, (encoding,)  # type: ignore[assignment]
    for encoding in encodings:
        try:
            text = data[len(bom) :].decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            line = _line_ends(text, 0, text.index("\0")) + 1
            help = "save it as CSV in UTF-8, or use the platform's own file"
            raise GradeError(Problem("this is not text: it contains a NUL character", help, f"{where}:{line}"))
        return text, bom, encoding
    says = f"the file begins as {encodings[0].upper()}, but not all of it is"
    raise GradeError(Problem(says, _EXPORT, where))


def _separator(text: str, where: str) -> str:
    """Return the first separator in the header, whose first cell is one word on every platform."""
    header = _QUOTED.sub("", text[:MOST_HEADER].lstrip()).partition("\n")[0]
    found = re.search("[,;\t]", header)
    if not found:
        says = f"there are no column titles: the file begins with `{one_line(text.lstrip()[:80], 60)}`"
        raise GradeError(Problem(says, f"the separator must be `,`, `;` or a tab; {_EXPORT}", f"{where}:1"))
    return found[0]


def _written(sheet: Sheet, cell: Cell, value: str) -> str:
    if sheet.text.startswith('"', cell.start, cell.end) or any(sign in value for sign in (sheet.separator, *'"\r\n')):
        return '"' + value.replace('"', '""') + '"'
    return value
