"""Moodle: its "Download all submissions" (folders or flat), grading worksheet and names of feedback files.

In `Jane Doe_123_assignsubmission_file`, 123 is the participant's number, or the group's where groups submit. Moodle
removes underscores from the name before it, so nothing that a student types can pass for the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from grader.errors import GradeError, Problem, listed, near
from grader.model.class_ import LeftOut, Person
from grader.platforms.class_folder import ClassFolder, Found, Layout, count, enough
from grader.platforms.gradebook import Book, Filled, Key, Mark, begins, fill, same
from grader.platforms.sheet import Row, Sheet, read
from grader.platforms.student_files import File, StudentFiles
from grader.text import one_line

_NAME = re.compile(r"(?P<name>[^_]*)_(?P<id>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL)
_NOBODY = ("participant", "participante", "participant(e)", "partecipante", "teilnehmer/in", "teilnehmer", "deelnemer")
# Column titles of the worksheet in English, German, French, Spanish and Vietnamese (which has the rest in English).
# For other languages use `columns`.
_WORDS = {
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
_FEEDBACK = re.compile(r"([^_]*)_([0-9]+)_assign[a-z]+_[a-z]+", re.DOTALL)


def _match(name: str, folder: bool) -> re.Match[str] | None:
    """Match a name; a folder's ends after the plugin, up to Moodle 4.0 with an underscore."""
    found = _NAME.fullmatch(name)
    return found if found and bool(found["file"]) != folder else None


def _read(folder: ClassFolder, forced: bool) -> Found | None:
    folders = sum(1 for name in folder.folders if _match(name, folder=True))
    files = sum(1 for name in folder.files if _match(name, folder=False))
    if not enough(folders + files, folder, forced):
        return None
    parts = [count(number, what) for number, what in ((folders, "folder"), (files, "file")) if number]
    students, left_out = _students(folder)
    return Found(f"Moodle download: {' and '.join(parts)}", students, left_out)


def _students(folder: ClassFolder) -> tuple[list[StudentFiles], list[LeftOut]]:
    by_id: dict[str, list[tuple[str, bool]]] = {}
    left_out: list[LeftOut] = []
    for names, is_folder in ((folder.folders, True), (folder.files, False)):
        for name in names:
            if found := _match(name, is_folder):
                by_id.setdefault(found["id"], []).append((name, is_folder))
            else:
                left_out.append(LeftOut(name, "is not named as Moodle names a submission"))
    students = []
    for id, given in by_id.items():
        student, beside = _student(folder, id, given)
        students.append(student)
        left_out += beside
    return students, left_out


def _student(
    class_folder: ClassFolder, id: str, given: Sequence[tuple[str, bool]]
) -> tuple[StudentFiles, list[LeftOut]]:
    """Return what a participant submitted, and what does not count beside their first folder."""
    files, folder, original, instead, person = list[File](), "", "", "", Person(id)
    left_out: list[LeftOut] = []
    for name, is_folder in given:
        found = _match(name, is_folder)
        assert found
        if found["name"].casefold() not in _NOBODY:
            person = Person(id, name=found["name"])
        if found["plugin"] != "file":
            instead = "a text typed into Moodle"
        elif is_folder and folder:
            left_out.append(LeftOut(name, f"is a second folder of {id}: {original} counts"))
        elif is_folder:
            folder, original = class_folder.at(name), name
        else:
            files.append(File(str(found["file"]), class_folder.at(name), name))
    if folder:
        left_out += [LeftOut(file.original, f"lies beside the folder of {id}, which counts") for file in files]
        files = []
    return StudentFiles(id, (person,), original or given[0][0], tuple(files), folder, instead), left_out


LAYOUT = Layout("moodle", "names as Moodle makes them: `Jane Doe_123_assignsubmission_file`, folders or files", _read)


def fill_gradebook(data: bytes, marks: Iterable[Mark], where: str, columns: Mapping[str, str] = {}) -> Filled:
    """Fill in an offline grading worksheet. `columns` names its columns in an unknown language.

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


def _worksheet(sheet: Sheet, columns: Mapping[str, str], where: str) -> dict[str, int]:
    """Return the index of each column, by its English name."""
    problems = []
    roles = {same(role): role for role in _WORDS}
    named: dict[str, str] = {}
    for key, value in columns.items():
        if same(key) in roles:
            named[roles[same(key)]] = value
        else:
            says = f"`{one_line(key)}` is not a column of the worksheet"
            problems.append(Problem(says, near(key, _WORDS) or f"known columns: {listed(_WORDS)}", where))
    found: dict[str, int] = {}
    for role, words in _WORDS.items():
        asked: Sequence[str] = [named[role]] if role in named else words
        places = [i for i, title in enumerate(sheet.header) if same(title) in map(same, asked)]
        if len(places) == 1:
            found[role] = places[0]
        elif places:
            both = listed(one_line(sheet.header[i], 40) for i in places)
            says = f"several columns could be `{role}`: {both}"
            problems.append(Problem(says, f"name one with `{role}=…`, and rename the others", f"{where}:1"))
        elif role in named or role not in _OPTIONAL:
            what = f"this worksheet has no column `{one_line(named.get(role, role), 40)}`"
            help = near(asked[0], sheet.header) or f"its columns begin with {begins(sheet)}."
            more = "; scales have no maximum and cannot be filled in" if role == "Maximum Grade" else ""
            other = f"If it has a name in another language, give that with `{role}=…`{more}"
            problems.append(Problem(what, f"{one_line(help, 400)} {other}", f"{where}:1"))
    if problems:
        raise GradeError(*problems)
    return found


def _last_number(text: str) -> str:
    """Return the number that an Identifier ends with, whatever the word before it."""
    found = re.search(r"(\d+)\s*$", text)
    return str(int(found[1])) if found else ""


def feedback_name(original: str) -> str:
    """Return the part by which Moodle finds the participant, `…_<participant id>_…`: no `_` before the number's own."""
    found = _FEEDBACK.match(original)
    return f"{found[1].lstrip('.~ ') or 'student'}_{found[2]}_assignsubmission_file" if found else ""
