"""Read the roster of a class: a CSV file that Canvas, Moodle, Gradescope or Classroom 50 exports, or a plain one.

It adds names and emails to the submissions, and shows who submitted nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.errors import GradeError, Problem, listed
from grader.model.class_ import Person
from grader.model.marks import Submitted
from grader.platforms.names import participant, same
from grader.platforms.table import decoded, first_row, rows, word
from grader.platforms.worksheet_times import worksheet_time
from grader.text import one_line

# Column titles by meaning, best first. Moodle's are translated; others can be renamed to `id,name,email`.
_IDS = (
    *("github username", "id", "sid", "student id", "user id", "username", "user name", "login"),
    *("identifier", "identifiant", "identificador", "identificativo", "identificatore", "identificatie"),
    *("identificator", "định danh"),
)
_LOGINS = ("github username", "sis login id", "login", "username", "user name")
_EMAILS = (
    *("email", "email address", "e mail", "e mail address", "e mail adresse", "adresse de courriel"),
    *("dirección de correo", "indirizzo email", "e mailadres"),
)
_NAMES = (
    *("student", "full name", "name", "student name", "vollständiger name", "nom complet"),
    *("nombre completo", "nome completo", "cognome nome", "volledige naam", "họ và tên", "tên đầy đủ"),
)
_FIRST = ("first name", "firstname", "given name", "vorname", "prénom", "nombre", "nome", "voornaam")
_LAST = ("last name", "lastname", "surname", "family name", "nachname", "nom", "apellido(s)", "cognome", "achternaam")
_SECTIONS = ("section", "sections", "group", "gruppe", "grupo", "groupe", "gruppo", "groep", "nhóm")
_STATUS = ("status", "estado", "statut", "stato", "trạng thái")
_MODIFIED = (  # when a participant submitted, in Moodle's worksheet
    *("last modified (submission)", "zuletzt geändert (abgabe)", "dernière modification (travail remis)"),
    *("dernière modification (remise)", "última modificación (entrega)", "última modificación (envío)"),
    *("última modificação (envio)", "última modificação (trabalho)", "ultima modifica (consegna)"),
    *("laatst gewijzigd (inzending)", "sửa lần cuối (bài nộp)"),
)
_OTHER = ("identifier", "roster identifier")  # GitHub Classroom's, for those without an account yet
_PEOPLE = {"name": _NAMES, "first": _FIRST, "last": _LAST}
_ROLES = (
    "role",
    "roles",
    "rolle",
    "rollen",
    "rol",
    "roles del curso",
    "rôle",
    "rôles",
    "papel",
    "papéis",
    "ruolo",
    "ruoli",
)
_MEANINGS = {"id": _IDS, "login": _LOGINS, "email": _EMAILS, "other": _OTHER, "role": _ROLES, **_PEOPLE}
_MORE = {"section": _SECTIONS, "status": _STATUS, "modified": _MODIFIED}  # which a file may have or not
_MEANINGS |= _MORE
_FIELDS = ("name", "email", "login", "section")
_NOBODY = ("Points Possible", "Student, Test", "Test Student")  # rows of Canvas' gradebook without a student
_STAFF = (  # parts of the roles that submit nothing; whoever is a student too is not one of them
    *("instructor", "teacher", "assistant", "grader", "reader", "observer", "designer", "admin", "manager", "staff"),
    *("lehrer", "trainer", "tutor", "betreuer", "profes", "enseignant", "docent", "creator", "test"),
)
_STUDENT = ("student", "learner", "teilnehmer", "estudiante", "étudiant", "etudiant", "aluno", "estudante", "leerling")


class Roster(msgspec.Struct, frozen=True):
    """The people of a class, by id, login and email, in the form of `names.same`; `staff` submits nothing.

    `times` are those of submissions, by the person's id, where the file is Moodle's worksheet.
    """

    file: str = ""
    people: tuple[Person, ...] = ()
    by: dict[str, dict[str, Person]] = {}
    staff: frozenset[Person] = frozenset()
    times: dict[str, Submitted] = {}

    def find(self, person: Person) -> Person | None:
        """Return the person on the roster with the same id, or else the same login, or else the same email."""
        for kind, keys in self.by.items():
            found = keys.get(same(getattr(person, kind)))
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
        fields = {kind: getattr(found, kind) or getattr(person, kind) for kind in _FIELDS}
        if person.id == person.login:
            fields["id"] = found.id
        return msgspec.structs.replace(person, **fields)

    def login_at_end(self, name: str) -> str:
        """Return the longest login that a repository's name ends with, after a hyphen, in the name's spelling."""
        logins = self.by.get("login", {})
        at = [i + 1 for i, letter in enumerate(name) if letter == "-"]
        return next((name[i:] for i in at if same(name[i:]) in logins), "")


def read(path: Path) -> Roster:
    """Read a roster. Raise GradeError, with the line, where it is broken or contradicts itself."""
    file = one_line(str(path))
    text = decoded(path, file, "the roster")
    separator = max(",;\t", key=lambda mark: len(_columns(first_row(text, mark, file))))
    lines_of = rows(text, separator, file)
    line, header = next(lines_of, (1, []))
    columns = _columns(header)
    if not columns.keys() & {"id", "login", "email"}:
        help = f"begin the file with `id,name,email`; the id may also be titled {listed(_IDS[:6])}"
        raise GradeError(Problem("no column identifies the person of a line", help, f"{file}:{line}"))
    _check_header(header, columns, file)
    by: dict[str, dict[str, Person]] = {"id": {}, "login": {}, "email": {}}
    lines: dict[Person, int] = {}
    staff: set[Person] = set()
    times: dict[str, Submitted] = {}
    for line, row in lines_of:
        is_staff = _is_staff(row, columns)
        person = _person(row, columns, len(header), f"{file}:{line}", is_staff)
        if person:
            if is_staff:
                staff.add(person)
            for kind, keys in by.items():
                key = same(getattr(person, kind))
                if key in keys:
                    says = f"the {kind} `{one_line(key, 60)}` is in line {lines[keys[key]]} too"
                    raise GradeError(Problem(says, "keep one line for each person", f"{file}:{line}"))
                if key:
                    keys[key] = person
            lines[person] = line
            if "modified" in columns:
                cells = (row[columns[name]] if name in columns else "" for name in ("status", "modified"))
                times[person.id] = worksheet_time(*cells)
    return Roster(file, tuple(lines), by, frozenset(staff), times)


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Return the columns that are known, by meaning."""
    words = [word(cell) for cell in header]
    best = {meaning: next((word for word in known if word in words), None) for meaning, known in _MEANINGS.items()}
    return {meaning: words.index(word) for meaning, word in best.items() if word}


def _check_header(header: Sequence[str], columns: dict[str, int], file: str) -> None:
    words = [word(cell) for cell in header]
    for meaning, column in columns.items():
        if meaning not in _MORE and words.count(words[column]) > 1:
            says = f"two columns are named `{one_line(header[column], 60)}`"
            raise GradeError(Problem(says, "rename one of them", f"{file}:1"))


def _is_staff(row: Sequence[str], columns: dict[str, int]) -> bool:
    """Tell whether a row's role is one that submits nothing: an instructor's, an assistant's, the test student's."""
    place = columns.get("role", len(row))
    role = same(row[place]) if place < len(row) else ""
    test = "test" in role
    staff = role == "ta" or any(word in role for word in _STAFF) or role.startswith(("ta ", "taenrollment"))
    return staff and (test or not any(word in role for word in _STUDENT))


def _person(row: Sequence[str], columns: dict[str, int], width: int, at: str, is_staff: bool) -> Person | None:
    """Return the person of a row; None for rows without a student. Raise GradeError where a student has no id."""
    if any(cell.strip() for cell in row[width:]):
        help = "put names that contain the separator in quotes"
        raise GradeError(Problem(f"there are {len(row)} cells, but {width} columns", help, at))
    cells = {meaning: row[column].strip() if column < len(row) else "" for meaning, column in columns.items()}
    login, email = cells.get("login", ""), cells.get("email", "")
    id = participant(cells.get("id", "")) or cells.get("id") or login or cells.get("other") or email
    name = cells.get("name") or f"{cells.get('first', '')} {cells.get('last', '')}".strip()
    if not name and not participant(cells.get("other", "")):  # which hides the name
        name = cells.get("other", "")
    if name in _NOBODY or (not id and (is_staff or not name)):
        return None
    if not id:
        raise GradeError(Problem(f"`{one_line(name, 60)}` has no id", "fill it in, or remove the line", at))
    last, comma, first = name.partition(", ")
    name = f"{first} {last}" if comma and "," not in first else name
    return Person(id, one_line(name), one_line(email), one_line(login), one_line(cells.get("section", "")))
