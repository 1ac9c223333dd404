"""Read a small CSV file that a person wrote: its rows with their lines, and its columns by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.errors import GradeError, Problem
from grader.text import one_line

MOST_BYTES = 16 << 20
_ENCODINGS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # what Excel calls Unicode text


class Table(NamedTuple):
    """A file: the line of its header, the header's words, and the rows, each with as many cells as the header."""

    file: str
    line: int
    header: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]

    def column(self, names: Sequence[str]) -> int | None:
        """Return the column that has the first of these names."""
        return next((self.header.index(name) for name in names if name in self.header), None)


def read_table(path: Path, what: str) -> Table:
    """Read a file. Raise GradeError, with the line, for what is not CSV in UTF-8 or has cells beyond the header."""
    file = one_line(str(path))
    text = decoded(path, file, what)
    separator = max(",;\t", key=lambda mark: len(first_row(text, mark, file)))
    found = list(rows(text, separator, file))
    if not found:
        raise GradeError(Problem("the file is empty", "write a line of column names first", file))
    (line, header), *rest = found
    for at, row in rest:
        if any(cell.strip() for cell in row[len(header) :]):
            says = f"there are {len(row)} cells, but {len(header)} columns"
            raise GradeError(Problem(says, "put texts that contain the separator in quotes", f"{file}:{at}"))
    full = tuple((at, row + [""] * (len(header) - len(row))) for at, row in rest)
    return Table(file, line, tuple(map(word, header)), full)


def decoded(path: Path, file: str, what: str) -> str:
    """Return a file's text. Raise GradeError where it cannot be read or is not UTF-8."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise GradeError(Problem(f"{what} cannot be read: {error.strerror}", "name a CSV file", file)) from None
    if len(data) > MOST_BYTES:
        raise GradeError(Problem(f"{what} is larger than {MOST_BYTES >> 20} MiB", "name a CSV file", file))
    try:
        text = data.decode(_ENCODINGS.get(data[:2], "utf-8-sig"))
    except UnicodeDecodeError as error:
        at = f"{file}:{data[: error.start].count(bytes([10])) + 1}"
        raise GradeError(Problem("it is not UTF-8", "save it as `CSV UTF-8`", at)) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise GradeError(Problem("this is not CSV: it contains NUL bytes", "save it as `CSV UTF-8`", f"{file}:{line}"))
    return text


def rows(text: str, separator: str, file: str, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, with the lines that they begin in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        help = "export it again from the program that it comes from"
        raise GradeError(Problem(f"this is not CSV: {error}", help, f"{file}:{line}")) from None


def first_row(text: str, separator: str, file: str) -> list[str]:
    """Return the first row, also where it is not quite CSV."""
    return next(rows(text, separator, file, strict=False), (1, []))[1]


def word(cell: str) -> str:
    """Return a column's name in a form for comparing."""
    return " ".join(cell.casefold().replace("_", " ").replace("-", " ").split())
