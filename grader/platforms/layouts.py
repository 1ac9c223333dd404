"""Read a class: recognise how a folder or zip is laid out, and settle who submitted what for which exercise."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from grader.errors import GradeError, Problem, near
from grader.model.class_ import Entry, LeftOut, Person
from grader.platforms import archive, canvas, gradescope, moodle
from grader.platforms.class_folder import ClassFolder, Found, list_class_folder
from grader.platforms.groups import Groups, once_per_group
from grader.platforms.groups import read as read_groups
from grader.platforms.matching import Matcher, exercise_names
from grader.platforms.names import composed
from grader.platforms.repositories import FOLDERS, REPOSITORIES
from grader.platforms.roster import Roster
from grader.platforms.roster import read as read_roster
from grader.platforms.student_files import ARCHIVES, PROGRAMS, File, StudentFiles, is_utf8, list_files
from grader.submissions.plain import Refused
from grader.text import one_line

LAYOUTS = {layout.name: layout for layout in (gradescope.LAYOUT, moodle.LAYOUT, canvas.LAYOUT, REPOSITORIES, FOLDERS)}
TEMP = "grade-class-"  # begins the name of the folder for unpacked work, before the number of the process
MOST_AROUND = 4  # folders and zips, each alone in the one around it
RARE = 10  # an exercise that fewer than one student in ten submitted may be there by accident


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
    groups: Groups

    def identified(self, student: StudentFiles) -> StudentFiles:
        """Return a submission with its people as the roster and the list of groups know them."""
        people = (replace(person, id=composed(person.id)) for person in student.people)
        known = student._replace(
            student=composed(student.student), people=tuple(self.roster.known(person) for person in people)
        )
        return self.groups.joined(known)


@contextmanager
def read_class(
    path: Path,
    exercises: Sequence[str],
    known: Sequence[str],
    layout: str = "auto",
    roster: Path | None = None,
    own: Iterable[Path] = (),
    groups: Path | None = None,
) -> Iterator[ClassSubmissions]:
    """Read the class in a folder or zip. What is unpacked for it is removed at the end of the `with` block.

    `exercises` are the requested ones; when empty, all of `known` that a file is named for. `own` files may lie among
    the submissions: nobody submitted them. Raise GradeError where there is no class, where it has another layout than
    this, where the roster is broken, or where no file shows which exercise it is for.
    """
    if layout != "auto" and layout not in LAYOUTS:
        help = near(layout, LAYOUTS) or f"known layouts: {', '.join(LAYOUTS)}"
        raise GradeError(Problem(f"there is no layout `{one_line(layout)}`", help))
    if not path.exists():
        beside = os.listdir(path.parent) if path.parent.is_dir() else []
        help = near(path.name, beside) or "give a folder, or a zip as it was downloaded"
        raise GradeError(Problem(f"there is no `{one_line(str(path))}`", one_line(help)))
    whole = os.path.abspath(path)
    if not is_utf8(whole):
        raise GradeError(Problem(f"the name `{one_line(whole)}` is not UTF-8", "rename it"))
    people = read_roster(roster) if roster else Roster()
    teams = read_groups(groups, people) if groups else Groups()
    with archive.room():
        _sweep()
        temp = tempfile.TemporaryDirectory(prefix=f"{TEMP}{os.getpid()}-", ignore_cleanup_errors=True)
    with temp as folder:
        context = _Context(known, people, Path(folder), {os.path.realpath(file) for file in own}, teams)
        yield _read(whole, exercises, layout, context)


def _read(path: str, exercises: Sequence[str], layout: str, context: _Context) -> ClassSubmissions:
    name, found, folders = _recognise(path, layout, context)
    left_out = [*(item for folder in folders for item in folder.left_out), *found.left_out]
    students: list[tuple[StudentFiles, list[File]]] = []
    identified, doubled = once_per_group(map(context.identified, found.students))
    left_out += doubled
    for student in identified:
        files, unread = list_files(student)
        students.append((student, files))
        left_out += unread
    chosen, rare = (exercises, {}) if exercises else _choose(context.known, [files for _, files in students])
    refused = {path: why for folder in folders for path, why in folder.refused.items()}
    matcher = Matcher(context.temp, {id.casefold() for id in context.known}, refused)
    entries: list[Entry] = []
    for student, files in students:
        entries += matcher.entries(student, files, chosen, len(exercises) == 1, rare)
    absent, unlisted, mismatch = _compare(context.roster, identified)
    left_out = [LeftOut(one_line(item.name), one_line(item.why)) for item in (*left_out, *mismatch)]
    return ClassSubmissions(name, found.summary, tuple(entries), tuple(left_out), tuple(absent), tuple(unlisted), rare)


def _recognise(path: str, layout: str, context: _Context) -> tuple[str, Found, list[ClassFolder]]:
    """Return the layout of a folder or zip, or of what is alone in it, what was found, and the folders listed for it.

    Raise GradeError where no layout fits.
    """
    wanted, forced = list(LAYOUTS.values()) if layout == "auto" else [LAYOUTS[layout]], layout != "auto"
    folders: list[ClassFolder] = []
    for folder in _nested(path, context):
        folders.append(folder)
        for one in wanted:
            if one is not FOLDERS and (found := one.read(folder, forced)):
                return one.name, found, folders
    if FOLDERS in wanted:
        inner = [folder for folder in folders[1:] if not _one_students(folder)]
        for folder in (*reversed(inner), folders[0]):
            if found := FOLDERS.read(folder, forced):
                return FOLDERS.name, found, folders
    if forced:
        says = f"`{one_line(path)}` is not laid out as `{layout}`"
        raise GradeError(Problem(says, f"expected: {wanted[0].expects}"))
    says = f"`{one_line(path)}` is not a class in any known layout"
    help = "give the platform's download as it is, or put each student's work into a folder named by an id"
    raise GradeError(Problem(says, help))


def _nested(path: str, context: _Context) -> Iterator[ClassFolder]:
    """Yield the folder at a path and, where a folder or zip is alone in it, that one, and so on."""
    for depth in range(MOST_AROUND):
        try:
            folder = _folder(path, context)
        except Refused as refusal:
            if depth:
                return
            raise GradeError(Problem(str(refusal), "give the folder, or the zip as it was downloaded")) from None
        yield folder
        inside = [*folder.folders, *folder.files]
        if len(inside) != 1 or (folder.files and not folder.files[0].lower().endswith(ARCHIVES)):
            return
        path = folder.at(inside[0])


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
    rare = {id: number for id, number in by_id.items() if RARE * number <= len(students) and number < most}
    return tuple(by_id), rare


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
    return [person for person in roster.people if person not in seen | roster.staff], unlisted if seen else [], []


def _sweep() -> None:
    """Remove what killed runs of this user have left unpacked: it is students' work."""
    for folder in Path(tempfile.gettempdir()).glob(f"{TEMP}*-*"):
        pid = folder.name[len(TEMP) :].partition("-")[0]
        with suppress(OSError):
            if pid.isdigit() and os.name == "posix" and folder.lstat().st_uid == os.geteuid() and not _alive(int(pid)):
                shutil.rmtree(folder)  # which follows no links


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True
