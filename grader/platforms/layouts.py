"""Read a class: recognise how a folder or zip is laid out, and settle who submitted what for which exercise.

The names at the top of PATH alone decide the layout and whose work it is: the platform or the instructor wrote them.
What lies in a student's folder decides neither.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from grader.errors import GradeError, Problem, near
from grader.exercises.pack import other_packs
from grader.files import sweep
from grader.model.class_ import Entry, LeftOut, Person
from grader.model.marks import NO_POLICY, Policy
from grader.platforms import archive
from grader.platforms.class_folder import ClassFolder, Found
from grader.platforms.groups import Groups, once_per_group
from grader.platforms.groups import read as read_groups
from grader.platforms.matching import Matcher, exercise_names
from grader.platforms.names import composed
from grader.platforms.recognise import LAYOUTS, Place, inside_zip, list_folders, recognise
from grader.platforms.roster import Roster
from grader.platforms.roster import read as read_roster
from grader.platforms.student_files import File, StudentFiles, is_utf8, list_files, stem
from grader.platforms.versions import settled
from grader.text import one_line

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


@contextmanager
def read_class(
    path: Path,
    exercises: Sequence[str],
    known: Sequence[str],
    layout: str = "auto",
    roster: Path | None = None,
    own: Iterable[Path] = (),
    groups: Path | None = None,
    one_student: bool = False,
    files: Mapping[str, str] | None = None,
    policy: Policy = NO_POLICY,
) -> Iterator[ClassSubmissions]:
    """Read the class in a folder or zip, or in a folder of a zip (`class.zip/hw3`).

    What is unpacked for it is removed at the end of the `with` block.

    `exercises` are the requested ones; when empty, all of `known` that a file is named for; `files` are other names of
    files, by exercise. `own` files may lie among the submissions: nobody submitted them. With `one_student`, the only
    folder in `path` is a student's, whatever it holds. `policy` decides which of several submissions by the same people
    counts. Raise GradeError where PATH is not a class, where it has another layout than this, where it is unclear
    whether the only folder is a student's or the class, where the roster is broken, or where no file shows which
    exercise it is for.
    """
    if layout != "auto" and layout not in LAYOUTS:
        help = near(layout, LAYOUTS) or f"known layouts: {', '.join(LAYOUTS)}"
        raise GradeError(Problem(f"there is no layout `{one_line(layout)}`", help))
    inside = () if path.exists() else inside_zip(path)
    if not path.exists() and not inside:
        beside = os.listdir(path.parent) if path.parent.is_dir() else []
        help = near(path.name, beside) or "give a folder, or a zip as it was downloaded"
        raise GradeError(Problem(f"there is no `{one_line(str(path))}`", one_line(help)))
    whole = os.path.abspath(path)
    if not is_utf8(whole):
        raise GradeError(Problem(f"the name `{one_line(whole)}` is not UTF-8", "rename it"))
    people = read_roster(roster) if roster else Roster()
    teams = read_groups(groups, people) if groups else Groups()
    with archive.room():
        sweep(tempfile.gettempdir(), TEMP)
        temp = tempfile.TemporaryDirectory(prefix=f"{TEMP}{os.getpid()}-", ignore_cleanup_errors=True)
    with temp as folder:
        place = Place(known, people, Path(folder), {os.path.realpath(file) for file in own}, files or {})
        folders = list_folders(whole, len(inside), place)
        name, found, folders = recognise(whole, folders, layout, one_student, place)
        yield _read(name, found, folders, exercises, place, teams, policy)


def _read(
    name: str,
    found: Found,
    folders: Sequence[ClassFolder],
    exercises: Sequence[str],
    place: Place,
    groups: Groups,
    policy: Policy,
) -> ClassSubmissions:
    left_out = [*(item for folder in folders for item in folder.left_out), *found.left_out]
    students: list[tuple[StudentFiles, list[File]]] = []
    versions = [settled(_identified(student, place.roster, groups), policy) for student in found.students]
    left_out += [item for _, items in versions for item in items]
    identified, doubled = once_per_group(student for student, _ in versions)
    left_out += doubled
    identified, again = _once_each(identified)
    left_out += again
    for student in identified:
        files, unread = list_files(student)
        students.append((student, files))
        left_out += unread
    chosen, rare = (exercises, {}) if exercises else _choose(place, [files for _, files in students])
    refused = {path: why for folder in folders for path, why in folder.refused.items()}
    matcher = Matcher(place.temp, place.names, refused, place.files)
    entries: list[Entry] = []
    one_file = len({place.files.get(id, id) for id in exercises}) == 1
    for student, files in students:
        entries += matcher.entries(student, files, chosen, one_file, rare)
    absent, unlisted, mismatch = _compare(place.roster, identified)
    left_out = [LeftOut(one_line(item.name), one_line(item.why)) for item in (*left_out, *mismatch)]
    return ClassSubmissions(name, found.summary, tuple(entries), tuple(left_out), tuple(absent), tuple(unlisted), rare)


def _once_each(students: Iterable[StudentFiles]) -> tuple[list[StudentFiles], list[LeftOut]]:
    """Return the submissions without those of an id that had one: two spellings of an accent are one id."""
    kept: dict[str, StudentFiles] = {}
    again = [student for student in students if kept.setdefault(student.student, student) is not student]
    left_out = [LeftOut(it.original, f"has the id of {one_line(it.student)}, whose first one counts") for it in again]
    return list(kept.values()), left_out


def _identified(student: StudentFiles, roster: Roster, groups: Groups) -> StudentFiles:
    """Return a submission with its people as the roster and the list of groups know them."""
    people = (replace(person, id=composed(person.id)) for person in student.people)
    known = student._replace(student=composed(student.student), people=tuple(roster.known(person) for person in people))
    known = groups.joined(known)
    when = next((roster.times[person.id] for person in known.people if person.id in roster.times), None)
    return known._replace(submitted=when.at, late=bool(when.late)) if when else known


def _choose(place: Place, students: Sequence[Sequence[File]]) -> tuple[tuple[str, ...], dict[str, int]]:
    """Return the exercises that files are named for, and how many students submitted the rare ones among them."""
    names = {id: {id.casefold(), *filter(None, [stem(place.files.get(id, ""))])} for id in place.known}
    counts = Counter[str]()
    for files in students:
        submitted = set(exercise_names(files))
        counts.update(id for id, own in names.items() if own & submitted)
    if students and not counts:
        says = "no file is named for an exercise, so it is unclear which exercise the class submitted"
        help = f"name it: `--exercise {next(iter(names), 'ex1')}`"
        named = sorted({name for files in students for name in exercise_names(files)})
        if other := next(filter(None, map(other_packs, named)), ""):
            help = f"{other}; otherwise {help}"
        raise GradeError(Problem(says, help))
    most = max(counts.values(), default=0)
    by_id = {id: counts[id] for id in names if id in counts}
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
    return [person for person in roster.people if person not in seen | roster.staff], unlisted if seen else [], []
