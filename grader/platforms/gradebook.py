"""Whose mark goes into which row: found by the platform's own ids, and refused wherever that is not certain.

A mark in a stranger's row is the worst that can happen here, so nothing at all is written as long as one mark has no
place, or two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from grader.errors import GradeError, Problem, listed
from grader.model.class_ import Person
from grader.numbers import as_points
from grader.platforms.sheet import Cell, Row, Sheet, replaced
from grader.text import named, one_line, some

MOST_PROBLEMS = 20
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"\d+,\d+", re.ASCII)


class Mark(NamedTuple):
    """What one student or one group has earned, of `max_score` points; everyone of `people` gets it.

    Where the work has no mark although it was handed in, `open` says why, and nothing is written.
    """

    people: tuple[Person, ...]
    score: float
    max_score: float
    open: str = ""


class Filled(NamedTuple):
    """The file filled in, how many of its cells are new, their column, and what the instructor should know."""

    data: bytes
    changed: int
    column: str
    notes: tuple[str, ...]


class Key(NamedTuple):
    """A column that tells who a row is, how its cells read, and which words about a person may stand in it."""

    column: int
    fields: tuple[Literal["id", "login", "email"], ...]
    reads: Callable[[str], str] = str


class Book(NamedTuple):
    """A platform's file, understood: `most` is a row's full mark as written; `left` says why a row stays as it is."""

    sheet: Sheet
    where: str
    rows: Sequence[Row]
    column: int
    keys: Sequence[Key]
    name: Callable[[Row], str]
    most: Callable[[Row], str]
    left: Callable[[Row], str]
    strict: bool = False  # whether people's names come from where the file comes from, so that another is a stranger


def fill(book: Book, marks: Iterable[Mark]) -> Filled:
    """Write each mark into its row. Raise GradeError where one has no certain place, with a problem for each."""
    marks = list(marks)
    title = book.sheet.header[book.column]
    places, problems = _places(book, marks)
    problems += _points(book, places)
    strangers = dict(_strangers(book, places))
    if book.strict:
        help = "a team's number is no participant's; otherwise download work and file again, at one time"
        problems += [Problem(says, help, book.where) for says in strangers.values()]
    if problems:
        more = len(problems) - MOST_PROBLEMS
        rest = [Problem(f"and {more} more of this kind; nothing is written", "", book.where)] if more > 0 else []
        raise GradeError(*problems[:MOST_PROBLEMS], *rest)
    comma = _decimal_comma(book)
    changes: dict[Cell, str] = {}
    notes = []
    unmarked: dict[str, list[str]] = {}
    for index, (person, mark) in sorted(places.items()):
        row = book.rows[index]
        if reason := book.left(row):
            notes.append(f"{named(person.id, person.name)} keeps `{one_line(row.text(book.column))}`: {reason}")
            continue
        if mark.open:
            unmarked.setdefault(mark.open, []).append(person.name or person.id)
            continue
        if index in strangers:
            notes.append(f"{strangers[index]}: is that the same person?")
        new = f"{mark.score:.2f}"
        if _number(row.text(book.column)) != float(new):
            changes[row.cells[book.column]] = new.replace(".", ",") if comma else new
    notes += [f"{why}, and nothing filled in: {some([*map(named, names)])}" for why, names in unmarked.items()]
    idle = [row for index, row in enumerate(book.rows) if index not in places and not book.left(row)]
    without = [book.name(row) or f"line {row.line}" for row in idle]
    if without:
        notes.append(f"no work, and nothing filled in: {some([*map(named, without)])}")
    return Filled(replaced(book.sheet, changes), len(changes), title, tuple(notes))


def column(sheet: Sheet, name: str) -> int | None:
    """Return the place of the one column of that name; letters' case and form do not count."""
    found = [i for i, title in enumerate(sheet.header) if same(title) == same(name)]
    return found[0] if len(found) == 1 else None


def same(text: str) -> str:
    """Return a text in the form in which equal ones are equal."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _places(book: Book, marks: Sequence[Mark]) -> tuple[dict[int, tuple[Person, Mark]], list[Problem]]:
    """Return which row each person's mark goes into, and what stands in the way."""
    indexes = [_index(book.rows, key) for key in book.keys]
    places: dict[int, tuple[Person, Mark]] = {}
    problems = []
    unknown = []
    for mark in marks:
        if not mark.people:
            problems.append(Problem("there is a mark that belongs to nobody", "name its student", book.where))
        for person in mark.people:
            rows = _rows_of(book, indexes, person)
            if not rows:
                unknown.append(named(person.id, person.name))
            elif len(rows) > 1:
                lines = ", ".join(str(book.rows[row].line) for row in sorted(rows))
                says = f"{named(person.id, person.name)} could be one of {len(rows)} rows (lines {lines})"
                problems.append(Problem(says, "leave one row per student in the file", book.where))
            elif (row := rows.pop()) in places:
                one, other = named(places[row][0].id, places[row][0].name), named(person.id, person.name)
                says = f"{one} has two marks" if one == other else f"{one} and {other} are one student in the file"
                problems.append(Problem(says, "leave one of the marks out", f"{book.where}:{book.rows[row].line}"))
            else:
                places[row] = (person, mark)
    if unknown:
        columns = ", ".join(f"`{book.sheet.header[key.column]}`" for key in book.keys)
        says = f"{some(unknown, MOST_PROBLEMS)} {'is' if len(unknown) == 1 else 'are'} not in the file"
        help = f"{columns} would tell; is this the file of this course, and does it hold all of its students?"
        help += " Who has left the course is left out with `--without ID`; nothing is written"
        problems.insert(0, Problem(says, help, book.where))
    return places, problems


def _index(rows: Sequence[Row], key: Key) -> dict[str, set[int]]:
    index: dict[str, set[int]] = {}
    for number, row in enumerate(rows):
        word = same(key.reads(row.text(key.column)))
        if word:
            index.setdefault(word, set()).add(number)
    return index


def _rows_of(book: Book, indexes: Sequence[dict[str, set[int]]], person: Person) -> set[int]:
    """Return the rows that the first telling column gives, and those that login or address give if they are others."""
    rows: set[int] = set()
    for key, index in zip(book.keys, indexes, strict=True):
        fields = [field for field in key.fields if not rows or field != "id"]
        found = {row for field in fields for row in index.get(same(getattr(person, field)), ())}
        rows = rows if found & rows else rows | found
    return rows


def _points(book: Book, places: dict[int, tuple[Person, Mark]]) -> list[Problem]:
    """Say where the file's full mark is not the marks' own, and which marks are out of range."""
    title = book.sheet.header[book.column]
    differ: dict[tuple[str, float], int] = {}
    problems = []
    for index, (person, mark) in places.items():
        if mark.open:
            continue
        row = book.rows[index]
        if not 0 <= mark.score <= mark.max_score + 1e-9:
            says = f"{named(person.id, person.name)} has {as_points(mark.score)} of {as_points(mark.max_score)} points"
            problems.append(Problem(says, "a mark lies between nothing and all", book.where))
        most = _number(book.most(row))
        if (most is None or abs(most - mark.max_score) > 1e-6) and not book.left(row):
            differ.setdefault((one_line(book.most(row), 20), mark.max_score), row.line)
    for (most_written, max_score), line in differ.items():
        says = f"`{one_line(title)}` is out of `{most_written or 'nothing'}` in the file, and the work out of"
        help = f"give it {as_points(max_score)} points on the platform and export again, or choose with `--exercise`"
        problems.append(Problem(f"{says} {as_points(max_score)}", help, f"{book.where}:{line}"))
    return problems


def _strangers(book: Book, places: dict[int, tuple[Person, Mark]]) -> Iterator[tuple[int, str]]:
    """Yield the rows whose name is not at all that of the person who is to get a mark there, and say so."""
    for index, (person, _) in places.items():
        name = book.name(book.rows[index])
        if not _akin(person.name, name):
            yield (
                index,
                f"{named(person.id, person.name)} is `{one_line(name)}` in the file (line {book.rows[index].line})",
            )


def _number(text: str) -> float | None:
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _decimal_comma(book: Book) -> bool:
    """Return whether the file writes its marks with a decimal comma."""
    written = [text for row in book.rows for text in (row.text(book.column), book.most(row))]
    commas = any(_DECIMAL_COMMA.fullmatch(text) for text in written)
    return commas and not any("." in text for text in written if _NUMBER.fullmatch(text))


def _akin(one: str, other: str) -> bool:
    """Return whether two spellings of a name have a word in common; platforms turn, join and shorten them."""
    squeezed, words = "".join(_words(one)), list(_words(other))
    words = [word for word in words if len(word) > 1] or words
    return not words or not squeezed or any(word in squeezed for word in words)


def _words(name: str) -> Iterator[str]:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return (word.casefold() for word in re.findall(r"\w+", plain))


def begins(sheet: Sheet) -> str:
    """Return how a file's header begins, for a message."""
    return listed(one_line(title, 40) for title in sheet.header[:6])
