"""What the platforms' files look like: which rows are students, which column takes the mark, what stays untouched.

Canvas: lib/gradebook_exporter.rb and gradebook_importer.rb of canvas-lms. Moodle: mod/assign/feedback/offline and the
language packs. Gradescope: the header of "Download Grades".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from grader.errors import GradeError, Problem, listed, near
from grader.gradebooks.marks import Book, Filled, Key, Mark, column, fill, same
from grader.gradebooks.sheet import Row, Sheet, read
from grader.text import one_line

_CANVAS = ("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account")
_POSTING = re.compile(r"(?:Muted|Manual Posting.*)?", re.IGNORECASE | re.DOTALL)  # so is no student
_EXCUSED = "EX"
# Header words of the worksheet by language: English, German, French, Spanish, Vietnamese (whose pack leaves the rest of
# the header in English). Further languages: `columns`.
_MOODLE = {
    "Identifier": ("Identifier", "ID", "Identifiant", "Identificador"),
    "Grade": ("Grade", "Bewertung", "Note", "Calificación", "Điểm", "Điểm số"),
    "Maximum Grade": ("Maximum Grade", "Bestwertung", "Note maximale", "Calificación máxima"),
    "Last modified (grade)": (
        *("Last modified (grade)", "Zuletzt geändert (Bewertung)", "Dernière modification (note)"),
        "Última modificación (calificación)",
    ),
    "Grade can be changed": (
        *("Grade can be changed", "Bewertung kann geändert werden", "La note peut être modifiée"),
        *("La calificación puede ser cambiada", "La calificación puede cambiarse"),
    ),
    "Full name": ("Full name", "Vollständiger Name", "Nom complet", "Nombre completo", "Họ và tên", "Tên đầy đủ"),
}
_OPTIONAL = ("Grade can be changed", "Full name")
_NO = {same(word) for word in ("No", "Nein", "Non", "Không")}


def canvas(data: bytes, marks: Iterable[Mark], title: str, where: str) -> Filled:
    """Fill in one assignment of a gradebook that Canvas exported. `title` is the column's, without its id or with it.

    Raise GradeError where the column, a student or the points are not certain: a title that matches nothing would make
    a new assignment.
    """
    sheet = read(data, where)
    known = [same(name) for name in _CANVAS]
    info = len(list(takewhile(lambda name: same(name) in known, sheet.header))) + 1
    ids = column(sheet, "ID")
    sis, login = column(sheet, "SIS User ID"), column(sheet, "SIS Login ID")
    names = [i for name in _CANVAS[:3] if (i := column(sheet, name)) is not None]
    if info > len(sheet.header) or "Section" not in sheet.header[info - 1] or ids is None or not names:
        says = f"this is not the header of a Canvas gradebook: {_begins(sheet)}"
        help = "it begins with `Student`, `ID` and ends the columns about a student with `Section`; export it again"
        raise GradeError(Problem(says, help, f"{where}:1"))
    full = next((i for i, row in enumerate(sheet.rows) if "Points Possible" in row.text(0)), None)
    if full is None:
        raise GradeError(Problem("there is no row `Points Possible`", "export the gradebook from Canvas again", where))
    points = sheet.rows[full]
    chosen = _assignment(sheet, points, range(info, len(sheet.header)), title, where)
    rows = [row for row in (*sheet.rows[:full], *sheet.rows[full + 1 :]) if not _is_posting(row)]

    def name(row: Row) -> str:
        return ", ".join(row.text(i) for i in names)

    def left(row: Row) -> str:
        if name(row) == "Student, Test":
            return "it is the test student of Canvas"
        return "it is excused" if row.text(chosen).upper() == _EXCUSED else ""

    keys = [Key(ids, ("id",))]
    keys += [Key(sis, ("id", "login"))] if sis is not None else []
    keys += [Key(login, ("login", "id", "email"))] if login is not None else []
    return fill(Book(sheet, where, rows, chosen, keys, name, lambda _: points.text(chosen), left), marks)


def moodle(data: bytes, marks: Iterable[Mark], where: str, columns: Mapping[str, str] = {}) -> Filled:
    """Fill in an offline grading worksheet. `columns` names its columns where the language is none that is known here.

    Its keys are the English names (`{"Grade": "Cijfer"}`).
    """
    sheet = read(data, where)
    found = _worksheet(sheet, columns, where)
    changeable, names = found.get("Grade can be changed"), found.get("Full name")

    def left(row: Row) -> str:
        locked = changeable is not None and same(row.text(changeable)) in _NO
        return "its grade cannot be changed in Moodle" if locked else ""

    def name(row: Row) -> str:
        return row.text(names) if names is not None else ""

    keys = [Key(found["Identifier"], ("id",), _last_number)]
    most = found["Maximum Grade"]
    return fill(
        Book(sheet, where, sheet.rows, found["Grade"], keys, name, lambda row: row.text(most), left, strict=True), marks
    )


def gradescope(data: bytes, marks: Iterable[Mark], where: str) -> Filled:
    """Fill in `Total Score` of the grades that Gradescope exported, by SID, then by address."""
    sheet = read(data, where)
    score, most, sid, email = (column(sheet, name) for name in ("Total Score", "Max Points", "SID", "Email"))
    if score is None or most is None or (sid is None and email is None):
        says = f"this is not the header of Gradescope's grades: {_begins(sheet)}"
        help = "it has `Total Score`, `Max Points` and `SID` or `Email`, each once; choose Download Grades, CSV"
        raise GradeError(Problem(says, help, f"{where}:1"))
    keys = [Key(sid, ("id", "login"))] if sid is not None else []
    keys += [Key(email, ("email", "login", "id"))] if email is not None else []
    names = [i for i in (column(sheet, name) for name in ("First Name", "Last Name", "Name")) if i is not None]

    def name(row: Row) -> str:
        return " ".join(row.text(i) for i in names or [key.column for key in keys[:1]])

    return fill(Book(sheet, where, sheet.rows, score, keys, name, lambda row: row.text(most), lambda _: ""), marks)


def _begins(sheet: Sheet) -> str:
    return listed(one_line(title, 40) for title in sheet.header[:6])


def _is_posting(row: Row) -> bool:
    return all(_POSTING.fullmatch(cell.text.strip()) for cell in row.cells)


def _assignment(sheet: Sheet, points: Row, columns: Iterable[int], title: str, where: str) -> int:
    """Return the one column that `title` names: its whole header, or that without the id, or the id."""
    open_ = [i for i in columns if not any(_read_only(text) for text in (sheet.header[i], points.text(i)))]
    wanted = " ".join(title.split())
    whole = [i for i in open_ if sheet.header[i] == wanted]
    part = [i for i in open_ if wanted and wanted in _title_and_id(sheet.header[i])]
    found = whole or part
    if len(found) == 1:
        return found[0]
    titles = [one_line(sheet.header[i]) for i in open_]
    if found:
        both = listed(one_line(sheet.header[i]) for i in found)
        raise GradeError(Problem(f"`{one_line(title)}` names several assignments: {both}", "give the id", where))
    bare = {_title_and_id(t)[0]: t for t in titles}
    guess = near(one_line(title), [*bare, *titles])
    help = guess or f"there are {listed(titles[:10]) or 'no assignments'}."
    says = f"no assignment of the gradebook is called `{one_line(title)}`"
    raise GradeError(Problem(says, f"{help} What is not there yet is to be made in Canvas first", where))


def _title_and_id(header: str) -> tuple[str, ...]:
    found = re.fullmatch(r"(.*\S)\s*\((\d+)\)", header)
    return (found[1], found[2]) if found else (header,)


def _read_only(text: str) -> bool:
    """Return whether Canvas says of a column that it is computed: `(read only)`, in the language of the export."""
    return text.strip().casefold().endswith("(read only)") or bool(re.fullmatch(r"\(\D+\)", text.strip()))


def _worksheet(sheet: Sheet, columns: Mapping[str, str], where: str) -> dict[str, int]:
    """Return where the columns are, by their English names."""
    problems = []
    roles = {same(role): role for role in _MOODLE}
    named: dict[str, str] = {}
    for key, value in columns.items():
        if same(key) in roles:
            named[roles[same(key)]] = value
        else:
            says = f"`{one_line(key)}` is no column of the worksheet"
            problems.append(Problem(says, near(key, _MOODLE) or f"there are {listed(_MOODLE)}", where))
    found: dict[str, int] = {}
    for role, words in _MOODLE.items():
        asked: Sequence[str] = [named[role]] if role in named else words
        places = [i for i, title in enumerate(sheet.header) if same(title) in map(same, asked)]
        if len(places) == 1:
            found[role] = places[0]
        elif places:
            both = listed(one_line(sheet.header[i], 40) for i in places)
            says = f"several columns could be `{role}`: {both}"
            problems.append(Problem(says, f"say which with `{role}=…`, and leave one of that name", f"{where}:1"))
        elif role in named or role not in _OPTIONAL:
            what = f"there is no column `{one_line(named.get(role, role), 40)}` in this worksheet"
            help = near(asked[0], sheet.header) or f"its header begins with {_begins(sheet)}."
            more = "; a scale has no maximum, and is not filled in" if role == "Maximum Grade" else ""
            other = f"If it is there in another language, name it with `{role}=…`{more}"
            problems.append(Problem(what, f"{one_line(help, 400)} {other}", f"{where}:1"))
    if problems:
        raise GradeError(*problems)
    return found


def _last_number(text: str) -> str:
    """Return the number that an Identifier ends with, whatever the word before it."""
    found = re.search(r"(\d+)\s*$", text)
    return str(int(found[1])) if found else ""
