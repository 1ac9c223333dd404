"""Canvas: its "Download submissions", gradebook and names of feedback files.

A download is one flat folder. `doejane_LATE_1042_99120_conv.py` is user 1042's attachment 99120; the student chose only
what follows. A student can choose a name that looks like another's, so the leftmost match counts: it is Canvas' own. Of
a file uploaded again (`conv-1.py`) the highest number counts, then the highest attachment: the latest, late or not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple

from grader.errors import GradeError, Problem, listed, near
from grader.model.class_ import LeftOut, Person
from grader.platforms.class_folder import ClassFolder, Found, Layout, count, enough
from grader.platforms.gradebook import Book, Filled, Key, Mark, begins, column, fill
from grader.platforms.names import same
from grader.platforms.sheet import Row, Sheet, read
from grader.platforms.student_files import File, StudentFiles
from grader.text import one_line

_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?!LATE_)(?P<id>[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL
)
_FILE = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL)
_ANONYMOUS_TEXT = re.compile(r"(?P<late>LATE_)?anon_(?!LATE_)(?P<id>[A-Za-z0-9]+)_(?P<kind>text|link)\.html")
_TEXT = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?P<kind>text|link)\.html", re.DOTALL)
_AGAIN = re.compile(r"(?P<stem>.+)-(?P<number>\d{1,6})", re.DOTALL)
_KINDS = {"text": "a text typed into Canvas", "link": "a link to a website"}
_COLUMNS = ("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account")
_POSTING = re.compile(
    r"(?:Muted|Manual Posting.*)?", re.IGNORECASE | re.DOTALL
)  # a row of such cells is not a student's
_LEFT = {"EX": "it is excused", "N/A": "the work is not assigned to this student"}  # cells that are not marks
_LEFT |= dict.fromkeys(("NOT ASSIGNED", "UNASSIGNED"), _LEFT["N/A"])
_COMPUTED = re.compile(  # which Canvas' importer ignores, also where the export does not mark it `(read only)`
    r"(?:.* )?(?:(?:unposted )?(?:current|final) (?:score|grade|points)|override status)", re.IGNORECASE
)
_FEEDBACK = re.compile(r"(.+?_[0-9]+_[0-9]+|(?:LATE_)?anon_[A-Za-z0-9]+_[0-9]+)_.", re.DOTALL)  # the leftmost match


class _Upload(NamedTuple):
    """A file as Canvas names it: the student's name for it without the number of a repeated upload, and that number."""

    name: str
    number: int
    attachment: int
    file: File


def _match(name: str) -> re.Match[str] | None:
    for pattern in (_ANONYMOUS, _FILE, _ANONYMOUS_TEXT, _TEXT):
        if found := pattern.fullmatch(name):
            return found
    return None


def _read(folder: ClassFolder, forced: bool) -> Found | None:
    fitting = sum(1 for name in folder.files if _match(name))
    if not enough(fitting, folder, forced):
        return None
    students, left_out = _students(folder)
    return Found(f"Canvas download: {count(fitting, 'file')}", students, left_out)


def _students(folder: ClassFolder) -> tuple[list[StudentFiles], list[LeftOut]]:
    by_id: dict[str, list[str]] = {}
    left_out: list[LeftOut] = []
    for name in folder.files:
        if found := _match(name):
            by_id.setdefault(found["id"], []).append(name)
        else:
            left_out.append(LeftOut(name, "is not named as Canvas names a submission"))
    left_out += [LeftOut(name, "is a folder; a Canvas download has none") for name in folder.folders]
    students = []
    for id, names in by_id.items():
        students.append(_student(folder, id, names))
    return students, left_out


def _student(folder: ClassFolder, id: str, names: Sequence[str]) -> StudentFiles:
    uploads, instead, late, person = list[_Upload](), "", False, Person(id)
    for name in names:
        found = _match(name)
        assert found
        late = late or bool(found["late"])
        if not person.name:
            person = Person(id, name=found.groupdict().get("name") or "")
        if "kind" in found.groupdict():
            instead = _KINDS[found["kind"]]
        else:
            file = File(found["file"], folder.at(name), name, late=bool(found["late"]))
            uploads.append(_upload(file, int(found["attachment"])))
    files, replaced = _latest(uploads, {id.casefold() for id in folder.known})
    return StudentFiles(id, (person,), names[0], files, instead=instead, late=late, flagged=True, replaced=replaced)


def _upload(file: File, attachment: int) -> _Upload:
    stem, suffix = os.path.splitext(file.name)
    again = _AGAIN.fullmatch(stem)
    if again:
        return _Upload(f"{again['stem']}{suffix}", int(again["number"]), attachment, file)
    return _Upload(file.name, 0, attachment, file)


def _latest(uploads: Sequence[_Upload], known: set[str]) -> tuple[tuple[File, ...], tuple[LeftOut, ...]]:
    """Return the latest upload of each file, and those that it replaces.

    `part-2.py` is an upload of `part.py` only if that was uploaded too, or is named for an exercise.
    """
    plain = {upload.name.casefold() for upload in uploads if not upload.number}
    best: dict[str, _Upload] = {}
    replaced: list[LeftOut] = []
    for upload in sorted(uploads, key=lambda upload: (upload.number, upload.attachment)):
        stem = os.path.splitext(upload.name)[0].casefold()
        if upload.number and stem not in known and upload.name.casefold() not in plain:
            upload = upload._replace(name=upload.file.name)
        if before := best.get(upload.name.casefold()):
            replaced.append(LeftOut(before.file.original, f"was uploaded again: {upload.file.original} counts"))
        best[upload.name.casefold()] = upload
    return tuple(upload.file._replace(name=upload.name) for upload in best.values()), tuple(replaced)


LAYOUT = Layout(
    "canvas", "files named as Canvas names them: `doejane_1042_99120_conv.py` (name, user id, attachment, file)", _read
)


def fill_gradebook(data: bytes, marks: Iterable[Mark], title: str, where: str) -> Filled:
    """Fill in one assignment of a gradebook that Canvas exported. `title` is the column's, without its id or with it.

    Raise GradeError where the column, a student or the points are not certain: Canvas would create a new assignment
    for an unknown title.
    """
    sheet = read(data, where)
    known = [same(name) for name in _COLUMNS]
    info = len(list(takewhile(lambda name: same(name) in known, sheet.header))) + 1
    ids = column(sheet, "ID")
    sis, login = column(sheet, "SIS User ID"), column(sheet, "SIS Login ID")
    names = [i for name in _COLUMNS[:3] if (i := column(sheet, name)) is not None]
    if info > len(sheet.header) or "Section" not in sheet.header[info - 1] or ids is None or not names:
        says = f"this is not the header of a Canvas gradebook: {begins(sheet)}"
        help = "it should begin with `Student`, `ID`, … `Section`; export the gradebook from Canvas again"
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
            return "it is Canvas' test student"
        return _LEFT.get(row.text(chosen).upper(), "")

    keys = [Key(ids, ("id",))]
    keys += [Key(sis, ("id", "login"))] if sis is not None else []
    keys += [Key(login, ("login", "id", "email"))] if login is not None else []
    return fill(Book(sheet, where, rows, chosen, keys, name, lambda _: points.text(chosen), left), marks)


def _is_posting(row: Row) -> bool:
    return all(_POSTING.fullmatch(cell.text.strip()) for cell in row.cells)


def _assignment(sheet: Sheet, points: Row, columns: Iterable[int], title: str, where: str) -> int:
    """Return the only column that `title` names: by its whole header, the header without the id, or the id."""
    columns = list(columns)
    open_ = [
        i
        for i in columns
        if not any(_read_only(text) for text in (sheet.header[i], points.text(i)))
        and not _COMPUTED.fullmatch(sheet.header[i])
    ]
    wanted = " ".join(title.split())
    if wanted and any(sheet.header[i] == wanted for i in columns if i not in open_):
        says = f"Canvas ignores the column `{one_line(wanted)}` when it imports the gradebook"
        help = f"name an assignment: {listed(one_line(sheet.header[i]) for i in open_[:10]) or 'create one in Canvas'}"
        raise GradeError(Problem(says, help, where))
    whole = [i for i in open_ if sheet.header[i] == wanted]
    part = [i for i in open_ if wanted and wanted in _title_and_id(sheet.header[i])]
    found = whole or part
    if len(found) == 1:
        return found[0]
    titles = [one_line(sheet.header[i]) for i in open_]
    if found:
        both = listed(one_line(sheet.header[i]) for i in found)
        raise GradeError(
            Problem(f"`{one_line(title)}` names several assignments: {both}", "give its id instead", where)
        )
    bare = {_title_and_id(t)[0]: t for t in titles}
    guess = near(one_line(title), [*bare, *titles])
    help = guess or f"there are {listed(titles[:10]) or 'no assignments'}."
    says = f"no assignment of the gradebook is named `{one_line(title)}`"
    raise GradeError(Problem(says, f"{help} A new assignment must be created in Canvas first", where))


def _title_and_id(header: str) -> tuple[str, ...]:
    found = re.fullmatch(r"(.*\S)\s*\((\d+)\)", header)
    return (found[1], found[2]) if found else (header,)


def _read_only(text: str) -> bool:
    """Return whether Canvas marks a column as computed: `(read only)`, in the language of the export."""
    return text.strip().casefold().endswith("(read only)") or bool(re.fullmatch(r"\(\D+\)", text.strip()))


def feedback_name(original: str) -> str:
    """Return the part of a name by which Canvas finds the submission: `…_<user id>_<attachment id>`."""
    found = _FEEDBACK.match(original)
    return found[1] if found else ""
