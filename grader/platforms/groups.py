"""Read who works together: a CSV file `group,student`, so that a team's mark reaches all of its members."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from grader.errors import GradeError, Problem, listed
from grader.model.class_ import LeftOut, Person
from grader.platforms.names import same
from grader.platforms.roster import Roster
from grader.platforms.student_files import StudentFiles
from grader.platforms.table import read_table
from grader.text import one_line

_GROUPS = ("group", "group name", "team")
_STUDENTS = ("student", "canvas user id", "id", "sid", "user id", "login", "username", "email", "identifier")
_HELP = "begin the file with `group,student`; a student is named by id, login or email"


class Groups(msgspec.Struct, frozen=True):
    """The members of each group, and the group of each member; keys are in the form of `names.same`."""

    members: dict[str, tuple[Person, ...]] = {}
    group: dict[str, str] = {}

    def joined(self, student: StudentFiles) -> StudentFiles:
        """Return a submission with all members of its group, if it is one's own or that of one of its members.

        Moodle names a team's submission by the group, Canvas by one member.
        """
        ids = student.words
        names = [*ids, *(p.name for p in student.people if p.name)]  # a person's name must not pass for another's id
        named = next((key for name in names if (key := same(name)) in self.members), "")
        group = named or next((self.group[key] for id in ids if (key := same(id)) in self.group), "")
        return student._replace(people=self.members[group]) if group else student


def once_per_group(students: Iterable[StudentFiles]) -> tuple[list[StudentFiles], list[LeftOut]]:
    """Return the submissions without further ones of the same people: Moodle gives each member the group's files."""
    kept: dict[tuple[str, ...], StudentFiles] = {}
    alone: list[StudentFiles] = []
    left_out = []
    for student in students:
        people = tuple(person.id for person in student.people)
        if len(people) < 2 or people not in kept:
            kept.setdefault(people, student)
            alone.append(student)
        else:
            why = f"is of the same group as {one_line(kept[people].original)}, which counts"
            left_out.append(LeftOut(student.original, why))
    return alone, left_out


def read(path: Path, roster: Roster) -> Groups:
    """Read a list of groups. Raise GradeError, with the line, where it is broken or somebody is in two groups."""
    table = read_table(path, "the list of groups")
    columns = [table.column(names) for names in (_GROUPS, _STUDENTS)]
    if None in columns:
        missing = [name for name, found in zip(("group", "student"), columns, strict=True) if found is None]
        raise GradeError(Problem(f"there is no column {listed(missing)}", _HELP, f"{table.file}:{table.line}"))
    members: dict[str, list[Person]] = {}
    group: dict[str, str] = {}
    lines: dict[str, int] = {}
    problems = []
    for line, row in table.rows:
        name, student = (row[column].strip() for column in columns if column is not None)
        at = f"{table.file}:{line}"
        if not name:  # Canvas lists those without a group too
            continue
        if not student:
            problems.append(Problem(f"`{one_line(name, 60)}` has a member without an id", _HELP, at))
            continue
        person = _known(student, roster)
        if roster.people and person is None:
            help = "name the student by an id, login or email of the roster"
            problems.append(Problem(f"`{one_line(student, 60)}` is not on the roster", help, at))
            continue
        person = person or Person(student)
        if (key := same(person.id)) in lines:
            says = f"`{one_line(student, 60)}` is in line {lines[key]} too"
            problems.append(Problem(says, "keep one group for each student", at))
            continue
        lines[key] = line
        members.setdefault(same(name), []).append(person)
        group.update((same(word), same(name)) for word in _words(person))
    if problems:
        raise GradeError(*problems[:20])
    return Groups({name: tuple(people) for name, people in members.items()}, group)


def _known(student: str, roster: Roster) -> Person | None:
    return roster.find(Person(student, email=student, login=student))


def _words(person: Person) -> Iterable[str]:
    return filter(None, (person.id, person.login, person.email))
