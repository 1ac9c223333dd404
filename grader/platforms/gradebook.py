"""Find the row of each mark by the platform's own ids, and refuse wherever that is not certain.

A mark in another student's row is the worst possible outcome, so nothing is written while one mark has no row, or two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from grader.errors import GradeError, Problem, listed
from grader.model.class_ import Person
from grader.numbers import as_points
from grader.platforms.names import akin, contains, same
from grader.platforms.sheet import Cell, Row, Sheet, replaced
from grader.text import named, one_line, some

MOST_PROBLEMS = 20
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"\d+,\d+", re.ASCII)


class Mark(NamedTuple):
    """What one student or group earned of `max_score` points; everyone in `people` gets it.

    Where work was submitted and has no mark, `open` is the reason, and nothing is written. `student` is the id of the
    submission, for where the platform names nobody.
    """

    people: tuple[Person, ...]
    score: float
    max_score: float
    open: str = ""
    student: str = ""


class Change(NamedTuple):
    """A cell that changes: the id in its row, the student's name there, and what it holds before and after."""

    row: str
    name: str
    old: str
    new: str

    @property
    def replaces(self) -> bool:
        """Whether the cell holds something; a dash is how Canvas and Moodle write that it does not."""
        return self.old not in ("", "-")

    def holds(self, text: str) -> bool:
        """Tell whether the cell holds this mark, however it is written."""
        return self.old == text or (_number(self.old) is not None and _number(self.old) == _number(text))


class Filled(NamedTuple):
    """The filled-in file, the cells that changed, their column, and notes for the instructor."""

    data: bytes
    changes: tuple[Change, ...]
    column: str
    notes: tuple[str, ...]

    @property
    def changed(self) -> int:
        """The number of cells that changed."""
        return len(self.changes)


class Key(NamedTuple):
    """A column that identifies a row's student, how to read its cells, and which of a person's fields it can hold."""

    column: int
    fields: tuple[Literal["id", "login", "email"], ...]
    reads: Callable[[str], str] = str


class Book(NamedTuple):
    """A platform's gradebook: `most` returns a row's maximum as written, `left` why a row is not changed."""

    sheet: Sheet
    where: str
    rows: Sequence[Row]
    column: int
    keys: Sequence[Key]
    name: Callable[[Row], str]
    most: Callable[[Row], str]
    left: Callable[[Row], str]
    strict: bool = False  # whether names here and in the file have the same source, so that they must agree


def fill(book: Book, marks: Iterable[Mark]) -> Filled:
    """Write each mark into its row. Raise GradeError where the row of one is not certain, with a problem for each."""
    marks = list(marks)
    title = book.sheet.header[book.column]
    rows, problems = _rows(book, marks)
    problems += _points(book, rows)
    misnamed = dict(_misnamed(book, rows))
    if book.strict:
        help = "is it a team's number? otherwise download the submissions and the file again, at the same time"
        problems += [Problem(says, help, book.where) for says in misnamed.values()]
    if problems:
        more = len(problems) - MOST_PROBLEMS
        rest = [Problem(f"and {more} more of this kind; nothing was written", "", book.where)] if more > 0 else []
        raise GradeError(*problems[:MOST_PROBLEMS], *rest)
    comma = _decimal_comma(book)
    cells: dict[Cell, str] = {}
    changes = []
    notes = []
    unmarked: dict[str, list[str]] = {}
    for index, (person, mark) in sorted(rows.items()):
        row = book.rows[index]
        if reason := book.left(row):
            notes.append(f"{named(person.id, person.name)} keeps `{one_line(row.text(book.column))}`: {reason}")
            continue
        if mark.open:
            unmarked.setdefault(mark.open, []).append(person.name or person.id)
            continue
        if index in misnamed:
            notes.append(f"{misnamed[index]}: is that the same person?")
        new = f"{mark.score:.2f}"
        if _number(row.text(book.column)) != float(new):
            written = new.replace(".", ",") if comma else new
            cells[row.cells[book.column]] = written
            ids = [text for key in book.keys if (text := same(key.reads(row.text(key.column))))]
            changes.append(Change(ids[0], book.name(row), row.text(book.column), written))
    nobody = [named(mark.student) for mark in marks if not mark.people]
    if nobody:
        notes.append(f"the platform names nobody who submitted {some(nobody)}, so that mark reaches nobody")
    notes += [f"{why}, so nothing was filled in: {some([*map(named, names)])}" for why, names in unmarked.items()]
    idle = [row for index, row in enumerate(book.rows) if index not in rows and not book.left(row)]
    without = [book.name(row) or f"line {row.line}" for row in idle]
    if without:
        notes.append(f"nothing submitted, so nothing was filled in: {some([*map(named, without)])}")
    return Filled(replaced(book.sheet, cells), tuple(changes), title, tuple(notes))


def column(sheet: Sheet, name: str) -> int | None:
    """Return the index of the only column with that name, whatever its case."""
    found = [i for i, title in enumerate(sheet.header) if same(title) == same(name)]
    return found[0] if len(found) == 1 else None


def _rows(book: Book, marks: Sequence[Mark]) -> tuple[dict[int, tuple[Person, Mark]], list[Problem]]:
    """Return the person and mark for each row that gets one, and the problems."""
    indexes = [_index(book.rows, key) for key in book.keys]
    taken: dict[int, tuple[Person, Mark]] = {}
    problems = []
    unknown = []
    for mark in marks:
        for person in mark.people:
            rows = _rows_of(book, indexes, person)
            if not rows:
                unknown.append(named(person.id, person.name))
            elif len(rows) > 1:
                lines = ", ".join(str(book.rows[row].line) for row in sorted(rows))
                says = f"{named(person.id, person.name)} could be one of {len(rows)} rows (lines {lines})"
                problems.append(Problem(says, "keep one row per student in the file", book.where))
            elif (row := rows.pop()) in taken:
                first = taken[row][0]
                one, other = named(first.id, first.name), named(person.id, person.name)
                says = f"{one} has two marks" if one == other else f"{one} and {other} are the same student in the file"
                problems.append(Problem(says, "remove one of the marks", f"{book.where}:{book.rows[row].line}"))
            else:
                taken[row] = (person, mark)
    if unknown:
        columns = ", ".join(f"`{book.sheet.header[key.column]}`" for key in book.keys)
        says = f"{some(unknown, MOST_PROBLEMS)} {'is' if len(unknown) == 1 else 'are'} not in the file"
        help = f"the grader looked in {columns}; is this the file of this course, with all of its students?"
        help += " For those who left the course use `--without ID`"
        if any("_" in person for person in unknown):
            help += ", for a team `grade class … --groups FILE` (`group,student`)"
        help += "; nothing was written"
        problems.insert(0, Problem(says, help, book.where))
    return taken, problems


def _index(rows: Sequence[Row], key: Key) -> dict[str, set[int]]:
    index: dict[str, set[int]] = {}
    for number, row in enumerate(rows):
        word = same(key.reads(row.text(key.column)))
        if word:
            index.setdefault(word, set()).add(number)
    return index


def _rows_of(book: Book, indexes: Sequence[dict[str, set[int]]], person: Person) -> set[int]:
    """Return the rows that the first matching column gives, and those that login or email give if they differ."""
    rows: set[int] = set()
    for key, index in zip(book.keys, indexes, strict=True):
        fields = [field for field in key.fields if not rows or field != "id"]
        found = {row for field in fields for row in index.get(same(getattr(person, field)), ())}
        rows = rows if found & rows else rows | found
    return rows


def _points(book: Book, rows: dict[int, tuple[Person, Mark]]) -> list[Problem]:
    """Return where the file's maximum is not that of the marks, and which marks are out of range."""
    title = book.sheet.header[book.column]
    differ: dict[tuple[str, float], int] = {}
    problems = []
    for index, (person, mark) in rows.items():
        if mark.open:
            continue
        row = book.rows[index]
        if not 0 <= mark.score <= mark.max_score + 1e-9:
            says = f"{named(person.id, person.name)} has {as_points(mark.score)} of {as_points(mark.max_score)} points"
            problems.append(Problem(says, "a mark must lie between 0 and the maximum", book.where))
        most = _number(book.most(row))
        if (most is None or abs(most - mark.max_score) > 1e-6) and not book.left(row):
            differ.setdefault((one_line(book.most(row), 20), mark.max_score), row.line)
    for (most_written, max_score), line in differ.items():
        says = f"`{one_line(title)}` is out of `{most_written or 'nothing'}` in the file, but the work is out of"
        help = f"give it {as_points(max_score)} points on the platform and export again, or choose with `--exercise`"
        problems.append(Problem(f"{says} {as_points(max_score)}", help, f"{book.where}:{line}"))
    return problems


def _misnamed(book: Book, rows: dict[int, tuple[Person, Mark]]) -> Iterator[tuple[int, str]]:
    """Yield the rows whose name is not that of the person who gets a mark there, with a message.

    Where both names have one source all words must agree, else a word in common is enough.
    """
    for index, (person, _) in rows.items():
        name = book.name(book.rows[index])
        if not (contains if book.strict else akin)(person.name, name) and person.name:
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


def begins(sheet: Sheet) -> str:
    """Return how a file's header begins, for a message."""
    return listed(one_line(title, 40) for title in sheet.header[:6])
