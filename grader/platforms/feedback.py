"""Write feedback files for every student, and the zip that Moodle and Canvas import.

Both platforms find the student by the numbers in the names of the files that they exported (Moodle:
mod/assign/feedback/file/importziplib.php; Canvas: infer_comment_context_from_filename), so those numbers are kept as
they are, and nothing that a student can type replaces them.
"""

from __future__ import annotations

import io
import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace as replaced

from grader.errors import EnvironmentTrouble, GradeError, Problem, listed
from grader.exercises.pack import natural_order
from grader.files import replace
from grader.judging.illustrate import student_page
from grader.model.class_ import Entry
from grader.model.exercise import Lock
from grader.model.page import StudentPage
from grader.model.report import Report
from grader.output import markdown
from grader.output.html.student import document
from grader.platforms import canvas, moodle
from grader.text import clean, one_line

MOST_BYTES = 90  # of a part of a name; file systems allow 255 for the whole
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)  # on Windows, whatever the ending
_SYSTEM_FILES = {".DS_Store", "Thumbs.db", "desktop.ini"}
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest in a zip: the same feedback gives the same file


class Written(NamedTuple):
    """The files that were written, the zip or None, notes about those missing from it, and each student's page."""

    files: tuple[Path, ...]
    archive: Path | None
    notes: tuple[str, ...]
    pages: dict[str, Path]


class _Work(NamedTuple):
    entries: list[Entry]
    reports: list[Report]
    remarks: Sequence[str]
    marks: Mapping[str, float]


def write(
    results: Iterable[tuple[Entry, Sequence[Report]]],
    folder: Path,
    layout: str,
    lock_of: Callable[[str], Lock | None] = lambda _: None,
    remarks: Mapping[str, Sequence[str]] = {},
    marks: Mapping[str, Mapping[str, float]] = {},
    pack: str = "",
) -> Written:
    """Write a Markdown and an HTML file for each student, and `feedback-<layout>.zip` where the platform takes one.

    `lock_of` returns an exercise by its id, for the pictures of wrong cases. All results of a student are in one file,
    after the `remarks` about them: adjustments and comments. `marks`, by student and exercise, are those that are not
    the score. `pack` ends the commands that are shown.
    Raise GradeError where the folder already holds other files.
    """
    works = dict(_gathered(results, remarks, marks))
    names = _in_zip(works, layout) if layout in _PLATFORMS else {}
    notes = []
    archive = folder / f"feedback-{layout}.zip" if names else None
    stems = _stems(works)
    files = [folder / f"{stem}{ending}" for stem in stems.values() for ending in (".md", ".html")]
    try:
        _claim(folder, [*files, *([archive] if archive else [])])
        pages: dict[str, bytes] = {}
        for student, work in works.items():
            shown = [
                replaced(student_page(report, lock_of(report.exercise)), mark=work.marks.get(report.exercise))
                for report in work.reports
            ]
            page = document(shown, f"Feedback for {one_line(work.entries[0].name)}", list(_problems(work))).encode()
            replace(folder / f"{stems[student]}.md", _markdown(work, shown, pack).encode(), private=True)
            replace(folder / f"{stems[student]}.html", page, private=True)
            pages.update(dict.fromkeys(names.get(student, ()), page))
            if layout in _PLATFORMS and student not in names:
                name = one_line(work.entries[0].name, 80)
                notes.append(f"`{name}` is not in the zip: {layout.title()} knows no participant of this submission")
        if archive:
            replace(archive, _zip(pages), private=True)
    except OSError as error:
        help = "free some space or choose another folder, and write the feedback again"
        raise EnvironmentTrouble(Problem(f"feedback cannot be written: {one_line(str(error))}", help)) from None
    of_students = {student: folder / f"{stem}.html" for student, stem in stems.items()}
    return Written((*files, *([archive] if archive else [])), archive, tuple(notes), of_students)


def _gathered(
    results: Iterable[tuple[Entry, Sequence[Report]]],
    remarks: Mapping[str, Sequence[str]] = {},
    marks: Mapping[str, Mapping[str, float]] = {},
) -> list[tuple[str, _Work]]:
    """Return each student's entries and reports, by id, in an order that does not depend on the results'."""
    works: dict[str, _Work] = {}
    for entry, reports in results:
        decided = remarks.get(entry.student, ()), marks.get(entry.student, {})
        work = works.setdefault(entry.student, _Work([], [], *decided))
        work.entries.append(entry)
        work.reports.extend(reports)
    for work in works.values():
        work.entries.sort(key=lambda entry: (entry.exercise, entry.original))
        work.reports.sort(key=lambda report: natural_order(report.exercise))
    return sorted(works.items(), key=lambda item: (natural_order(item[0]), item[0]))


def _markdown(work: _Work, shown: Sequence[StudentPage], pack: str) -> str:
    problems = "".join(f"{markdown.fenced(problem)}\n" for problem in _problems(work))
    name = markdown.code(work.entries[0].name)
    pages = markdown.student_page([page.report for page in shown], work.marks, pack)
    return f"# Feedback for {name}\n\n{problems}{pages}"


def _problems(work: _Work) -> Iterator[str]:
    """Yield why something could not be graded, then what people decided."""
    found = False
    for entry in work.entries:
        if entry.problem:
            found = True
            yield one_line(f"{entry.exercise}: {entry.problem}" if entry.exercise else entry.problem, 1000)
    if not found and not work.reports:
        yield "Nothing was graded."
    yield from work.remarks


def _stems(works: Mapping[str, _Work]) -> dict[str, str]:
    """Return a file name for each student that is valid and unique on every system."""
    stems: dict[str, str] = {}
    taken: set[str] = set()
    for student, work in works.items():
        parts = dict.fromkeys(filter(None, (_safe(work.entries[0].name), _safe(student))))
        stem = "_".join(parts) or "student"
        stem = f"{stem}_" if _RESERVED.fullmatch(stem) else stem
        unique, number = stem, 1
        while _folded(unique) in taken:
            number += 1
            unique = f"{stem}-{number}"
        taken.add(_folded(unique))
        stems[student] = unique
    return stems


def _safe(text: str) -> str:
    text = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", text)).strip("-_")
    return text.encode("utf-8", "ignore")[:MOST_BYTES].decode("utf-8", "ignore").strip("-_")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _claim(folder: Path, files: Sequence[Path]) -> None:
    """Create the folder. Raise GradeError where it holds anything but an earlier version of `files`."""
    if folder.exists() and not folder.is_dir():
        raise GradeError(Problem(f"`{one_line(str(folder))}` is not a folder", "name a new folder for the feedback"))
    folder.mkdir(parents=True, exist_ok=True)
    ours = {unicodedata.normalize("NFC", path.name) for path in files} | _SYSTEM_FILES
    others = sorted(name for name in os.listdir(folder) if unicodedata.normalize("NFC", name) not in ours)
    if others:
        some = listed(one_line(name, 80) for name in others[:5]) + (" and more" if len(others) > 5 else "")
        says = f"`{one_line(str(folder))}` holds other files than this feedback: {some}"
        raise GradeError(Problem(says, "name a new or empty folder; nothing was written"))


_PLATFORMS = {"canvas": canvas.feedback_name, "moodle": moodle.feedback_name}


def _in_zip(works: Mapping[str, _Work], layout: str) -> dict[str, list[str]]:
    """Return the names in the zip of each student whose platform's names are known, each name once.

    Moodle takes files for participants only, by their number: a team's page goes to each member.
    """
    names: dict[str, list[str]] = {}
    taken: set[str] = set()
    for student, work in works.items():
        for found in _names(work, layout):
            name = f"{_FORBIDDEN.sub('-', clean(found))}_feedback.html"
            if name not in taken:
                taken.add(name)
                names.setdefault(student, []).append(name)
    return names


def _names(work: _Work, layout: str) -> Iterable[str]:
    people = work.entries[0].people
    if layout == "moodle" and [person.id for person in people] != [work.entries[0].student]:
        return [moodle.feedback_name_of(one.name, one.id) for one in people if one.id.isascii() and one.id.isdigit()]
    if layout == "moodle" and not work.entries[0].student.isdigit():
        return []  # a team's number could be another student's
    parts = (part for entry in work.entries for part in re.split(r"[/\\]", entry.original))
    return [name for part in parts if (name := _PLATFORMS[layout](part))][:1]


def _zip(pages: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, page in pages.items():
            info = zipfile.ZipInfo(name, _FIRST_DAY)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, page)
    return data.getvalue()
