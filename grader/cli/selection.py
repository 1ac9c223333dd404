"""Which part of a graded class a command is about: exercises, a section, some students, and under which names."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader.errors import GradeError, Problem, near
from grader.model.class_ import Assigned, Entry, Person, Result, Row, Summary
from grader.text import one_line, some

if TYPE_CHECKING:
    from grader.classroom.store import Store

KEY = "pseudonyms"  # in the store: without it nobody can tell who a pseudonym stands for
_BETWEEN = re.compile(r"\s*[,;|]\s*|\s+and\s+")  # Canvas names the sections of one student so


class Selection(NamedTuple):
    """The results of some exercises of a class; `unfinished` are the entries for them without a result.

    `assigned` has their titles and points. `section` and `only` (ids, logins, emails) select students; with a `key`
    pseudonyms stand for them.
    """

    store: Store
    exercises: tuple[str, ...]
    unfinished: tuple[Entry, ...]
    assigned: Mapping[str, Assigned] = {}
    section: str = ""
    only: tuple[str, ...] = ()
    key: str = ""

    @property
    def part(self) -> bool:
        """Whether it is of some students only."""
        return bool(self.section or self.only)

    def has(self, entry: Entry) -> bool:
        """Tell whether it is about a submission."""
        from grader.platforms.names import same

        if self.only and not {same(word) for word in self.only} & {same(word) for word in entry.words}:
            return False
        return not self.section or any(same(self.section) in _sections(person) for person in entry.people)

    def results(self) -> Iterator[Result]:
        from grader.classroom.details import anonymous

        for result in self.store.results(self.exercises):
            if not self.part or self.has(result.entry):
                yield anonymous(result, self.key) if self.key else result

    def ids(self) -> set[str]:
        """Return the ids of the submissions, whether they have a result or not."""
        return {entry.student for id in self.exercises for entry in self.store.entries(id) if self.has(entry)}

    def absent(self) -> list[Person]:
        """Return who of these students submitted nothing."""
        return [one for one in self.store.absent() if not self.part or self.has(Entry(one.id, "", "", (one,)))]

    def counted(self) -> Selection:
        """Return the selection without the optional exercises, which count in nobody's total."""
        ids = tuple(id for id in self.exercises if not (id in self.assigned and self.assigned[id].optional))
        return self._replace(exercises=ids, unfinished=tuple(e for e in self.unfinished if e.exercise in ids))


def select(
    store: Store, exercises: Sequence[str], section: str = "", only: Sequence[str] = (), anonymous: bool = False
) -> Selection:
    """Select the requested exercises and students, or all. Raise GradeError for what the class does not have."""
    known = store.exercises()
    for id in exercises:
        if id not in known:
            says = f"`{one_line(str(store.path))}` has no results for `{one_line(id)}`"
            raise GradeError(Problem(says, f"it has {', '.join(known) or 'none at all'}"))
    wanted = tuple(dict.fromkeys(exercises)) or tuple(known)
    assigned = {id: known for id, known in store.assigned().items() if id in wanted}
    if exercises:
        assigned = {id: msgspec.structs.replace(known, optional=False) for id, known in assigned.items()}
    if section or only:
        _check_students(store, known, section, only)
    key = _key(store) if anonymous else ""
    whole = Selection(store, wanted, (), assigned, section, tuple(only), key)
    unfinished = tuple(entry for entry in store.unfinished(wanted) if not whole.part or whole.has(entry))
    return whole._replace(unfinished=unfinished)


def _check_students(store: Store, exercises: Iterable[str], section: str, only: Sequence[str]) -> None:
    """Raise GradeError for a section or a student that the class does not have."""
    from grader.platforms.names import same

    entries = [entry for id in exercises for entry in store.entries(id)]
    entries += [Entry(one.id, "", "", (one,)) for one in store.absent()]
    words = {same(word): word for entry in entries for word in entry.words}
    problems = []
    for id in only:
        if same(id) not in words:
            help = near(id, words.values()) or f"`grade report{store.word} --students` shows everybody's id in brackets"
            problems.append(Problem(f"`--only {one_line(id)}`: the class has nobody with this id", help))
    sections = {person.section for entry in entries for person in entry.people if person.section}
    if section and not any(same(section) in _sections(Person("", section=one)) for one in sections):
        help = "`grade class PATH --roster CSV` reads them from a column `Section`"
        if sections:
            help = (
                near(section, sections) or f"the sections are {some([f'`{one_line(it)}`' for it in sorted(sections)])}"
            )
        problems.append(Problem(f"nobody is in the section `{one_line(section)}`", help))
    if problems:
        raise GradeError(*problems)


def _sections(person: Person) -> set[str]:
    """Return the sections of a student, each alone and as they are written together."""
    from grader.platforms.names import same

    return {same(person.section), *(same(one) for one in _BETWEEN.split(person.section))}


def _key(store: Store) -> str:
    """Return the key of the class's pseudonyms; the first time, make one and keep it with the results."""
    from grader.classroom.store import Store as Stored

    key = store.about().get(KEY, "")
    if not key:
        key = secrets.token_hex(16)
        with Stored(store.path, writing=True) as writable:
            writable.describe({KEY: key})
    return key


def summary(selection: Selection, sort: str) -> Summary:
    """Return everybody's marks, in the order of names, of scores (the best first) or of lateness (the latest first)."""
    from grader.classroom import details, statistics

    found = statistics.summary(selection.results(), selection.unfinished, selection.assigned)
    if selection.key:
        found = details.anonymous_summary(found, {entry.student for entry in selection.unfinished}, selection.key)
    if sort == "name":
        return found

    def rank(row: Row) -> float:
        if sort == "score":
            return -1.0 if row.total is None else row.total
        return max((mark.late.days + mark.late.late / 2 for mark in row.marks.values()), default=0.0)

    return msgspec.structs.replace(found, rows=tuple(sorted(found.rows, key=rank, reverse=True)))
