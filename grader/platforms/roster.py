"""Read the roster of a class: a CSV file that Canvas, Moodle, Gradescope or Classroom 50 exports, or a plain one.

It adds names and emails to the submissions, and shows who submitted nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader.errors import GradeError, Problem, listed
from grader.model.class_ import Person
from grader.text import one_line

MOST_BYTES = 16 << 20
# Column titles by meaning, best first. Moodle's are translated; others can be renamed to `id,name,email`.
_IDS = (
    *("github username", "id", "sid", "student id", "user id", "username", "user name", "login"),
    *("identifier", "identifiant", "identificador", "identificativo", "identificatore"),
)
_LOGINS = ("github username", "sis login id", "login", "username", "user name")
_EMAILS = (
    *("email", "email address", "e mail", "e mail address", "e mail adresse", "adresse de courriel"),
    *("dirección de correo", "indirizzo email", "e mailadres"),
)
_NAMES = (
    *("student", "full name", "name", "student name", "vollständiger name", "nom complet"),
    *("nombre completo", "nome completo", "volledige naam"),
)
_FIRST = ("first name", "firstname", "given name", "vorname", "prénom", "nombre", "nome", "voornaam")
_LAST = ("last name", "lastname", "surname", "family name", "nachname", "nom", "apellido(s)", "cognome", "achternaam")
_OTHER = ("identifier", "roster identifier")  # GitHub Classroom's, for those without an account yet
_PEOPLE = {"name": _NAMES, "first": _FIRST, "last": _LAST}
_MEANINGS = {"id": _IDS, "login": _LOGINS, "email": _EMAILS, "other": _OTHER, **_PEOPLE}
_NOBODY = ("Points Possible", "Student, Test")  # rows of Canvas' gradebook without a student
_PARTICIPANT = re.compile(r"\D+[ \u00a0](\d+)")  # Moodle's `Participant 123`, in any language
_ENCODINGS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # what Excel calls Unicode text


class Roster(msgspec.Struct, frozen=True):
    """The people of a class, by id, login and email; keys are in lower case."""

    file: str = ""
    people: tuple[Person, ...] = ()
    by: dict[str, dict[str, Person]] = {}

    def find(self, person: Person) -> Person | None:
        """Return the person on the roster with the same id, or else the same login, or else the same email."""
        for kind, keys in self.by.items():
            found = keys.get(getattr(person, kind).casefold())
            if found:
                return found
        return None

    def known(self, person: Person) -> Person:
        """Return a platform's person with the name, email and login of the roster.

        A person known by login alone gets the roster's id too, which is what gradebooks contain.
        """
        found = self.find(person)
        if not found:
            return person
        fields = {kind: getattr(found, kind) or getattr(person, kind) for kind in ("name", "email", "login")}
        if person.id == person.login:
            fields["id"] = found.id
        return msgspec.structs.replace(person, **fields)

    def login_at_end(self, name: str) -> str:
        """Return the longest login that a repository's name ends with, after a hyphen, in the name's spelling."""
        logins = self.by.get("login", {})
        at = [i + 1 for i, letter in enumerate(name) if letter == "-"]
        return next((name[i:] for i in at if name[i:].casefold() in logins), "")


def read(path: Path) -> Roster:
    """Read a roster. Raise GradeError, with the line, where it is broken or contradicts itself."""
    file = one_line(str(path))
    text = _text(path, file)
    separator = max(",;\t", key=lambda mark: len(_columns(_header(text, mark, file))))
    rows = _rows(text, separator, file)
    line, header = next(rows, (1, []))
    columns = _columns(header)
    if not columns.keys() & {"id", "login", "email"}:
        help = f"begin the file with `id,name,email`; the id may also be titled {listed(_IDS[:6])}"
        raise GradeError(Problem("no column identifies the person of a line", help, f"{file}:{line}"))
    _check_header(header, columns, file)
    by: dict[str, dict[str, Person]] = {"id": {}, "login": {}, "email": {}}
    lines: dict[Person, int] = {}
    for line, row in rows:
        person = _person(row, columns, len(header), f"{file}:{line}")
        if person:
            for kind, keys in by.items():
                key = getattr(person, kind).casefold()
                if key in keys:
                    says = f"the {kind} `{one_line(key, 60)}` is in line {lines[keys[key]]} too"
                    raise GradeError(Problem(says, "keep one line for each person", f"{file}:{line}"))
                if key:
                    keys[key] = person
            lines[person] = line
    return Roster(file, tuple(lines), by)


def _text(path: Path, file: str) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        help = "name the CSV file of the class"
        raise GradeError(Problem(f"the roster cannot be read: {error.strerror}", help, file)) from None
    if len(data) > MOST_BYTES:
        raise GradeError(
            Problem(f"the roster is larger than {MOST_BYTES >> 20} MiB", "name the CSV file of the class", file)
        )
    try:
        text = data.decode(_ENCODINGS.get(data[:2], "utf-8-sig"))
    except UnicodeDecodeError as error:
        at = f"{file}:{data[: error.start].count(bytes([10])) + 1}"
        raise GradeError(Problem("it is not UTF-8", "save it as `CSV UTF-8`", at)) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise GradeError(Problem("this is not CSV: it contains NUL bytes", "save it as `CSV UTF-8`", f"{file}:{line}"))
    return text


def _rows(text: str, separator: str, file: str, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
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


def _header(text: str, separator: str, file: str) -> list[str]:
    return next(_rows(text, separator, file, strict=False), (1, []))[1]


def _word(cell: str) -> str:
    return " ".join(cell.casefold().replace("_", " ").replace("-", " ").split())


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Return the columns that are known, by meaning."""
    words = [_word(cell) for cell in header]
    best = {meaning: next((word for word in known if word in words), None) for meaning, known in _MEANINGS.items()}
    return {meaning: words.index(word) for meaning, word in best.items() if word}


def _check_header(header: Sequence[str], columns: dict[str, int], file: str) -> None:
    words = [_word(cell) for cell in header]
    for column in columns.values():
        if words.count(words[column]) > 1:
            says = f"two columns are named `{one_line(header[column], 60)}`"
            raise GradeError(Problem(says, "rename one of them", f"{file}:1"))


def _person(row: Sequence[str], columns: dict[str, int], width: int, at: str) -> Person | None:
    """Return the person of a row; None for Canvas' rows without one. Raise GradeError where there is no id."""
    if any(cell.strip() for cell in row[width:]):
        help = "put names that contain the separator in quotes"
        raise GradeError(Problem(f"there are {len(row)} cells, but {width} columns", help, at))
    cells = {meaning: row[column].strip() if column < len(row) else "" for meaning, column in columns.items()}
    login, email = cells.get("login", ""), cells.get("email", "")
    participant = _PARTICIPANT.fullmatch(cells.get("id", ""))
    id = participant[1] if participant else cells.get("id") or login or cells.get("other") or email
    name = cells.get("name") or f"{cells.get('first', '')} {cells.get('last', '')}".strip() or cells.get("other", "")
    if name in _NOBODY or (not id and not name):
        return None
    if not id:
        raise GradeError(Problem(f"`{one_line(name, 60)}` has no id", "fill it in, or remove the line", at))
    last, comma, first = name.partition(", ")
    name = f"{first} {last}" if comma and "," not in first else name
    return Person(id, one_line(name), one_line(email), one_line(login))
