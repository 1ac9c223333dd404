"""Moodle: its "Download all submissions" (folders or flat), grading worksheet and names of feedback files.

In `Jane Doe_123_assignsubmission_file`, 123 is the participant's number, or the group's where groups submit. A group's
number may be that of a student who has nothing to do with it, so it counts only with the name of that student. Moodle
removes underscores from the name before it, so nothing that a student types can pass for the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from grader.errors import GradeError, Problem, listed, near
from grader.model.class_ import LeftOut, Person
from grader.platforms.class_folder import ClassFolder, Found, Layout, count, enough
from grader.platforms.gradebook import Book, Filled, Key, Mark, fill
from grader.platforms.names import contains, is_participant, participant, same
from grader.platforms.sheet import Row, Sheet, read
from grader.platforms.student_files import File, StudentFiles
from grader.text import one_line

_NAME = re.compile(r"(?P<name>[^_]*)_(?P<id>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL)
# Column titles of the worksheet by their English names; `moodle-<language>` packs have several of one language. For
# other languages use `columns`.
_WORDS = {
    "Identifier": (
        *("Identifier", "ID", "Identifiant", "Identificador", "Identificativo", "Número de identificação"),
        *("Identificatie", "Identificator", "Định danh"),
    ),
    "Grade": (
        *("Grade", "Bewertung", "Note", "Calificación", "Nota", "Avaliação", "Valutazione", "Voto", "Cijfer"),
        *("Beoordeling", "Điểm", "Điểm số"),
    ),
    "Maximum Grade": (
        *("Maximum Grade", "Bestwertung", "Note maximale", "Calificación máxima", "Nota máxima"),
        *("Valutazione massima", "Maximaal cijfer", "Điểm tối đa"),
    ),
    "Last modified (grade)": (
        *("Last modified (grade)", "Zuletzt geändert (Bewertung)", "Dernière modification (note)"),
        *("Dernière modification (évaluation)", "Última modificación (calificación)", "Última modificação (nota)"),
        *("Última modificação (avaliação)", "Ultima modifica (valutazione)", "Laatst gewijzigd (beoordeling)"),
        *("Laatst gewijzigd (cijfer)", "Sửa lần cuối (điểm)", "Chỉnh sửa lần cuối (điểm)"),
    ),
    "Grade can be changed": (
        *("Grade can be changed", "Bewertung kann geändert werden", "La note peut être modifiée"),
        *("La calificación puede ser cambiada", "La calificación puede cambiarse", "Nota pode ser alterada"),
        *("A nota pode ser alterada.", "A nota pode ser alterada", "La valutazione può essere cambiata"),
        *("Het cijfer kan gewijzigd worden", "Điểm có thể thay đổi"),
    ),
    "Full name": (
        *("Full name", "Vollständiger Name", "Nom complet", "Nombre completo", "Nome completo", "Nome"),
        *("Cognome Nome", "Volledige naam", "Họ và tên", "Tên đầy đủ"),
    ),
}
_OPTIONAL = ("Grade can be changed", "Full name")
_NO = {same(word) for word in ("No", "Nein", "Non", "Não", "Nee", "Không")}
_MARKER = re.compile(
    r"(marker|bewerter/in|beoordelaar|valutatore|évaluateur|corrector|avaliador)\s*\d+\b.*", re.IGNORECASE
)
_GROUP = re.compile(
    r"(default )?(group|groupe|gruppe|standardgruppe|grupo|equipo|equipe|équipe|gruppo|squadra|groep|team|nhóm)\b.*",
    re.IGNORECASE | re.DOTALL,
)
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
        if not is_participant(found["name"]):
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
    if _is_another(person, class_folder):
        person = Person(f"{person.name}_{id}", person.name)
    return StudentFiles(person.id, (person,), original or given[0][0], tuple(files), folder, instead), left_out


def _is_another(person: Person, folder: ClassFolder) -> bool:
    """Tell whether the number before `assignsubmission` is not a participant's of that name, but a team's.

    Then it may be the number of a student who has nothing to do with the work.
    """
    listed = folder.roster.by.get("id", {}).get(same(person.id))
    if listed and listed.name and person.name:
        return not contains(person.name, listed.name)
    return not listed and bool(_GROUP.fullmatch(person.name.strip()))


LAYOUT = Layout("moodle", "names as Moodle makes them: `Jane Doe_123_assignsubmission_file`, folders or files", _read)


def fill_gradebook(data: bytes, marks: Iterable[Mark], where: str, columns: Mapping[str, str] = {}) -> Filled:
    """Fill in an offline grading worksheet. `columns` names its columns in an unknown language.

    Its keys are the English names (`{"Grade": "Cijfer"}`).
    """
    sheet = read(data, where)
    marks = list(marks)
    named = any(person.name for mark in marks for person in mark.people)
    found = _worksheet(sheet, columns, where, _OPTIONAL[:1] if named else _OPTIONAL)
    changeable, names = found.get("Grade can be changed"), found.get("Full name")

    def left(row: Row) -> str:
        locked = changeable is not None and same(row.text(changeable)) in _NO
        return "its grade cannot be changed in Moodle" if locked else ""

    def name(row: Row) -> str:
        return row.text(names) if names is not None else ""

    keys = [Key(found["Identifier"], ("id",), _last_number)]
    most = found["Maximum Grade"]
    filled = fill(
        Book(sheet, where, sheet.rows, found["Grade"], keys, name, lambda row: row.text(most), left, strict=True), marks
    )
    markers = [one_line(title, 40) for title in sheet.header if _MARKER.fullmatch(title)]
    if markers:
        why = (
            f"the worksheet has {listed(markers)}: where several people mark, Moodle may compute the grade from theirs"
        )
        return filled._replace(notes=(why, *filled.notes))
    return filled


def _worksheet(sheet: Sheet, columns: Mapping[str, str], where: str, optional: Sequence[str]) -> dict[str, int]:
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
    missing = []
    for role, words in _WORDS.items():
        asked: Sequence[str] = [named[role]] if role in named else words
        places = [i for i, title in enumerate(sheet.header) if same(title) in map(same, asked)]
        if role == "Identifier" and role not in named and len(places) != 1:
            places = _identifiers(sheet) or places
        if len(places) == 1:
            found[role] = places[0]
        elif places:
            both = listed(one_line(sheet.header[i], 40) for i in places)
            says = f"several columns could be `{role}`: {both}"
            problems.append(Problem(says, f'name one with `--column "{role}=…"`, and rename the others', f"{where}:1"))
        elif role in named:
            what = f"this worksheet has no column `{one_line(named[role], 40)}`"
            problems.append(Problem(what, near(asked[0], sheet.header) or _has(sheet), f"{where}:1"))
        elif role not in optional:
            missing.append(role)
    if missing:
        problems.append(Problem(*_asked(sheet, missing), f"{where}:1"))
    if problems:
        raise GradeError(*problems)
    return found


def _identifiers(sheet: Sheet) -> list[int]:
    """Return the columns in which every cell is Moodle's word for a participant and a number, whatever their title."""
    columns = range(len(sheet.header)) if sheet.rows else ()
    return [i for i in columns if all(participant(row.text(i)) for row in sheet.rows)]


def _asked(sheet: Sheet, missing: Sequence[str]) -> tuple[str, str]:
    """Return what is missing, and the one command that names all of it."""
    says = f"this worksheet has no column{'s' * (len(missing) > 1)} {listed(missing)}"
    names = " ".join(f'--column "{role}=…"' for role in missing)
    scale = "; scales have no maximum and cannot be filled in" if "Maximum Grade" in missing else ""
    return says, f"{_has(sheet)}. If they have other names, add `{names}`{scale}"


def _has(sheet: Sheet) -> str:
    return one_line(f"its columns are {listed(one_line(title, 40) for title in sheet.header[:16])}", 600)


def _last_number(text: str) -> str:
    """Return the number that an Identifier ends with, whatever the word before it."""
    found = re.search(r"(\d+)\s*$", text)
    return str(int(found[1])) if found else ""


def feedback_name(original: str) -> str:
    """Return the part by which Moodle finds the participant, `…_<participant id>_…`: no `_` before the number's own."""
    found = _FEEDBACK.match(original)
    return feedback_name_of(found[1], found[2]) if found else ""


def feedback_name_of(name: str, id: str) -> str:
    """Return the name by which Moodle finds a participant of this number."""
    return f"{name.replace('_', ' ').lstrip('.~ ') or 'student'}_{id}_assignsubmission_file"
