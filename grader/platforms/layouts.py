"""Read a class: recognise how a folder or zip is laid out, and settle who submitted what for which exercise.

The names at the top of PATH alone decide the layout and whose work it is: the platform or the instructor wrote them.
What lies in a student's folder decides neither.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from grader.errors import GradeError, Problem, near
from grader.files import sweep
from grader.model.class_ import Entry, LeftOut, Person
from grader.platforms import archive, canvas, gradescope, moodle
from grader.platforms.class_folder import ClassFolder, Found, Layout, list_class_folder
from grader.platforms.matching import Matcher, exercise_names
from grader.platforms.repositories import FOLDERS, REPOSITORIES
from grader.platforms.roster import Roster
from grader.platforms.roster import read as read_roster
from grader.platforms.student_files import ARCHIVES, PROGRAMS, File, StudentFiles, is_utf8, list_files
from grader.submissions.plain import Refused
from grader.text import one_line

LAYOUTS = {layout.name: layout for layout in (gradescope.LAYOUT, moodle.LAYOUT, canvas.LAYOUT, REPOSITORIES, FOLDERS)}
TEMP = "grade-class-"  # begins the name of the folder for unpacked work, before the number of the process
RARE = 10  # an exercise that at most one student in ten submitted may be there by accident


class ClassSubmissions(NamedTuple):
    """What a class submitted: an entry for each student and exercise, in the order of the names of the submissions.

    With a roster, `absent` are the people on it who submitted nothing, and `unlisted` those who did and are not on it.
    `rare` are exercises that nobody requested and hardly anybody submitted, with the number of students: only those few
    have an entry for them.
    """

    layout: str
    summary: str
    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    absent: tuple[Person, ...]
    unlisted: tuple[Person, ...]
    rare: Mapping[str, int]

    def submitted(self) -> dict[str, int]:
        """Return how many students submitted a file for each exercise that has an entry."""
        counts = dict.fromkeys((entry.exercise for entry in self.entries), 0)
        for entry in self.entries:
            counts[entry.exercise] += bool(entry.path)
        return counts


class _Context(NamedTuple):
    """What recognising a class needs to know."""

    known: Sequence[str]  # ids of exercises
    roster: Roster
    temp: Path
    own: Collection[str]  # paths of files that nobody submitted


@contextmanager
def read_class(
    path: Path,
    exercises: Sequence[str],
    known: Sequence[str],
    layout: str = "auto",
    roster: Path | None = None,
    own: Iterable[Path] = (),
    one_student: bool = False,
) -> Iterator[ClassSubmissions]:
    """Read the class in a folder or zip, or in a folder of a zip (`class.zip/hw3`).

    What is unpacked for it is removed at the end of the `with` block.

    `exercises` are the requested ones; when empty, all of `known` that a file is named for. `own` files may lie among
    the submissions: nobody submitted them. With `one_student`, the only folder in `path` is a student's, whatever it
    holds. Raise GradeError where there is no class, where it has another layout than this, where it is unclear whether
    the only folder is a student's or the class, where the roster is broken, or where no file shows which exercise it is
    for.
    """
    if layout != "auto" and layout not in LAYOUTS:
        help = near(layout, LAYOUTS) or f"known layouts: {', '.join(LAYOUTS)}"
        raise GradeError(Problem(f"there is no layout `{one_line(layout)}`", help))
    inside = () if path.exists() else _inside(path)
    if not path.exists() and not inside:
        beside = os.listdir(path.parent) if path.parent.is_dir() else []
        help = near(path.name, beside) or "give a folder, or a zip as it was downloaded"
        raise GradeError(Problem(f"there is no `{one_line(str(path))}`", one_line(help)))
    whole = os.path.abspath(path)
    if not is_utf8(whole):
        raise GradeError(Problem(f"the name `{one_line(whole)}` is not UTF-8", "rename it"))
    people = read_roster(roster) if roster else Roster()
    with archive.room():
        sweep(tempfile.gettempdir(), TEMP)
        temp = tempfile.TemporaryDirectory(prefix=f"{TEMP}{os.getpid()}-", ignore_cleanup_errors=True)
    with temp as folder:
        context = _Context(known, people, Path(folder), {os.path.realpath(file) for file in own})
        folders = _folders(whole, len(inside), context)
        name, found, folders = _recognise(whole, folders, layout, one_student, context)
        yield _read(name, found, folders, exercises, context)


def _inside(path: Path) -> tuple[str, ...]:
    """Return the parts of a path that are inside a zip: `("hw3",)` for `class.zip/hw3`."""
    zipped = next((around for around in path.parents if around.is_file()), None)
    return path.relative_to(zipped).parts if zipped and zipped.name.lower().endswith(ARCHIVES) else ()


def _read(
    name: str, found: Found, folders: Sequence[ClassFolder], exercises: Sequence[str], context: _Context
) -> ClassSubmissions:
    left_out = [*(item for folder in folders for item in folder.left_out), *found.left_out]
    students: list[tuple[StudentFiles, list[File]]] = []
    for student in found.students:
        files, unread = list_files(student)
        students.append((student, files))
        left_out += unread
    chosen, rare = (exercises, {}) if exercises else _choose(context.known, [files for _, files in students])
    refused = {path: why for folder in folders for path, why in folder.refused.items()}
    matcher = Matcher(context.temp, {id.casefold() for id in context.known}, refused)
    entries: list[Entry] = []
    for student, files in students:
        known = student._replace(people=tuple(map(context.roster.known, student.people)))
        entries += matcher.entries(known, files, chosen, len(exercises) == 1, rare)
    absent, unlisted, mismatch = _compare(context.roster, found.students)
    left_out = [LeftOut(one_line(item.name), one_line(item.why)) for item in (*left_out, *mismatch)]
    return ClassSubmissions(name, found.summary, tuple(entries), tuple(left_out), tuple(absent), tuple(unlisted), rare)


def _folders(path: str, inside: int, context: _Context) -> list[ClassFolder]:
    """List the folder or zip at a path; its last `inside` parts are in a zip. The last of the folders is the one meant.

    Raise GradeError where one cannot be read.
    """
    names: list[str] = []
    for _ in range(inside):
        path, name = os.path.split(path)
        names.insert(0, name)
    try:
        folders = [_folder(path, context)]
        for name in names:
            if name not in (*folders[-1].folders, *folders[-1].files):
                help = near(name, folders[-1].folders) or "give the folder, or the zip as it was downloaded"
                raise GradeError(Problem(f"there is no `{one_line(name)}` in `{one_line(path)}`", one_line(help)))
            folders.append(_folder(folders[-1].at(name), context))
    except Refused as refusal:
        raise GradeError(Problem(str(refusal), "give the folder, or the zip as it was downloaded")) from None
    return folders


def _recognise(
    path: str, folders: list[ClassFolder], layout: str, one_student: bool, context: _Context
) -> tuple[str, Found, list[ClassFolder]]:
    """Return the layout of the last of the folders, what was found, and the folders listed for it.

    Raise GradeError where no layout fits, or where two readings do.
    """
    folder, forced = folders[-1], layout != "auto"
    wanted = [LAYOUTS[layout]] if forced else list(LAYOUTS.values())
    if one_student:
        if len(folder.folders) != 1 or FOLDERS not in wanted:
            says = f"`--one-student`: `{one_line(path)}` does not hold exactly one folder, named by the student's id"
            raise GradeError(Problem(says, "give the folder around the student's folder, and no `--layout`"))
        found = FOLDERS.read(folder, True)
        assert found
        return FOLDERS.name, found, folders
    for one in wanted:
        if one is not FOLDERS and (found := one.read(folder, forced)):
            return one.name, found, folders
    alone = folder.folders if len(folder.folders) == 1 else () if folder.folders else folder.files
    if len(alone) == 1 and (folder.folders or alone[0].lower().endswith(ARCHIVES)):
        inner = _inner(folder.at(alone[0]), context)
        exported = inner and gradescope.EXPORT.fullmatch(alone[0]) and gradescope.LAYOUT in wanted
        if inner and exported and (found := gradescope.LAYOUT.read(inner, forced)):
            return gradescope.LAYOUT.name, found, [*folders, inner]
        if inner is None or not folder.folders or _looks_like_a_class(inner, wanted, forced):
            raise _unclear(path, alone[0], bool(folder.folders) and FOLDERS in wanted)
    if FOLDERS in wanted and (found := FOLDERS.read(folder, forced)):
        return FOLDERS.name, found, folders
    if forced:
        says = f"`{one_line(path)}` is not laid out as `{layout}`"
        raise GradeError(Problem(says, f"expected: {wanted[0].expects}"))
    says = f"`{one_line(path)}` is not a class in any known layout"
    help = "give the platform's download as it is, or put each student's work into a folder named by an id"
    raise GradeError(Problem(says, help))


def _inner(path: str, context: _Context) -> ClassFolder | None:
    """List a folder that is alone in PATH; None for a zip, which is not unpacked to find out what it is."""
    return _folder(path, context) if os.path.isdir(path) else None


def _looks_like_a_class(folder: ClassFolder, wanted: Sequence[Layout], forced: bool) -> bool:
    """Tell whether the only folder in PATH could be the class itself, wrapped by a zip, rather than one student's."""
    try:
        if any(one.read(folder, forced and one is not FOLDERS) for one in wanted if one is not FOLDERS):
            return True
    except GradeError:  # the metadata of an export, and broken
        return True
    return FOLDERS in wanted and not _one_students(folder)


def _unclear(path: str, name: str, student: bool) -> GradeError:
    """Return the error for a folder or zip alone in PATH that may be the class or one student's work."""
    inside = shlex.quote(one_line(os.path.join(path, name)))
    says = f"`{one_line(path)}` holds only `{one_line(name)}`, and it is unclear whether that is the class"
    help = f"`grade class {inside}` if it is"
    if student:
        help += f", `grade class {shlex.quote(one_line(path))} --one-student` if it is one student's work"
    else:
        help += "; otherwise put each student's work into a folder named by an id"
    return GradeError(Problem(says, help))


def _folder(path: str, context: _Context) -> ClassFolder:
    """List a folder, or a zip unpacked."""
    unpacked: dict[str, str] = {}
    if not os.path.isdir(path):
        path, unpacked = _unpacked(path, context.temp)
    folder = list_class_folder(path, context.known, context.roster)
    real = os.path.realpath(path)
    refused = {os.path.join(path, *_parts(member)): why for member, why in unpacked.items()}
    return folder._replace(
        files=tuple(name for name in folder.files if os.path.join(real, name) not in context.own),
        left_out=(*(LeftOut(member, why) for member, why in unpacked.items()), *folder.left_out),
        refused=refused,
    )


def _unpacked(path: str, temp: Path) -> tuple[str, dict[str, str]]:
    """Unpack a zip of a class. Return the folder, and the members that are left out with the reason."""
    name = os.path.basename(path)
    with archive.room():
        into = Path(tempfile.mkdtemp(dir=temp)) / os.path.splitext(name)[0]
        into.mkdir()
    try:
        with open(path, "rb") as file:
            return str(into), archive.unpack(file, name, into, archive.CLASS)
    except OSError as error:
        raise Refused(f"{one_line(name)} cannot be read: {error.strerror}") from None


def _parts(member: str) -> list[str]:
    """Return the folders and the file of a member's name. A `..` stays, so that it cannot be another student's file."""
    return [part for part in member.split("/") if part not in ("", ".")]


def _one_students(folder: ClassFolder) -> bool:
    """Tell whether a folder looks like one student's work rather than like a class."""
    known = {id.casefold() for id in folder.known}
    programs = any(name.lower().endswith(PROGRAMS) for name in folder.files)
    return programs or not folder.folders or any(name.casefold() in known for name in folder.folders)


def _choose(known: Sequence[str], students: Sequence[Sequence[File]]) -> tuple[tuple[str, ...], dict[str, int]]:
    """Return the exercises that files are named for, and how many students submitted the rare ones among them."""
    ids, counts = {id.casefold() for id in known}, Counter[str]()
    for files in students:
        counts.update(ids.intersection(exercise_names(files)))
    if students and not counts:
        says = "no file is named for an exercise, so it is unclear which exercise the class submitted"
        raise GradeError(Problem(says, f"name it: `--exercise {next(iter(known), 'ex1')}`"))
    most = max(counts.values(), default=0)
    by_id = {id: counts[id.casefold()] for id in known if id.casefold() in counts}
    rare = {id: number for id, number in by_id.items() if number < most and few(number, len(students))}
    return tuple(by_id), rare


def few(number: int, students: int) -> bool:
    """Tell whether so few students cannot require an exercise of everyone: one, or at most one in ten."""
    return number == 1 or RARE * number <= students


def _compare(
    roster: Roster, students: Sequence[StudentFiles]
) -> tuple[Sequence[Person], Sequence[Person], Sequence[LeftOut]]:
    """Return who on the roster submitted nothing, who submitted and is not on it, and whether it is another class's."""
    people = [(person, roster.find(person)) for student in students for person in student.people]
    seen = {found for _, found in people if found}
    unlisted = [person for person, found in people if not found]
    if unlisted and roster.people and not seen:
        why = "none of its ids, logins and emails is one of those who submitted: is it another class's roster?"
        return [], [], [LeftOut(roster.file, why)]
    return [person for person in roster.people if person not in seen], unlisted if seen else [], []
