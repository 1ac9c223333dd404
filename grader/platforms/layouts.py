"""Recognise how a class is laid out, and draw from it who handed in what, one student at a time."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.errors import GradeError, Problem, near
from grader.model.class_ import Entry, Person
from grader.platforms import archive, canvas, gradescope, moodle
from grader.platforms.class_folder import Found, Place, look
from grader.platforms.matching import ARCHIVES, PROGRAMS, Desk, utf8
from grader.platforms.repositories import FOLDERS, REPOSITORIES
from grader.platforms.roster import Roster
from grader.platforms.roster import read as read_roster
from grader.submissions.plain import Refused
from grader.text import one_line

LAYOUTS = {layout.name: layout for layout in (gradescope.LAYOUT, moodle.LAYOUT, canvas.LAYOUT, REPOSITORIES, FOLDERS)}
ROOM = "grade-class-"  # what the folder for unpacked work is called, with the number of the process
MOST_AROUND = 4  # folders and zips, each alone in the one around it
RARE = 10  # what at most one in so many handed in, and was not asked for, may be a slip: nobody else has to have it


class Intake:
    """A class that handed something in. `left_out`, `absent` and `unlisted` are filled while the entries are drawn.

    With a roster, `absent` are those on it who handed in nothing, and `unlisted` those who did and are not on it.

    `rare` are exercises that next to nobody handed in, and by how many: there are entries of those few alone.
    """

    def __init__(self, known: Sequence[str], people: Roster, temp: Path, own: Collection[str] = ()) -> None:
        self.layout = self.says = ""
        self.left_out: list[tuple[str, str]] = []
        self.absent: list[Person] = []
        self.unlisted: list[Person] = []
        self.rare: dict[str, int] = {}
        self._before: list[tuple[str, str]] = []
        self._exercises: tuple[str, ...] = ()
        self._named = False
        self._known, self._roster, self._temp, self._own = known, people, temp, own
        self._desk = Desk(temp, known, self._leave_out)
        self._found = Found("", lambda _: iter(()))

    def entries(self) -> Iterator[Entry]:
        """Yield an entry for each student and exercise, in the order of the names of what was handed in."""
        self.left_out[:], self.absent[:], self.unlisted[:] = self._before, [], []
        seen: set[Person] = set()
        for handed in self._found.handed(self._leave_out):
            for person in handed.people:
                if found := self._roster.find(person):
                    seen.add(found)
                else:
                    self.unlisted.append(person)
            people = tuple(self._roster.known(person) for person in handed.people)
            yield from self._desk.entries(handed._replace(people=people), self._exercises, self._named, self.rare)
        if self.unlisted and self._roster.people and not seen:
            self._leave_out(self._roster.file, "nobody of those who handed something in is on it: its ids are others")
        else:
            self.absent[:] = [person for person in self._roster.people if person not in seen]
        if not seen:
            self.unlisted.clear()

    def _leave_out(self, name: str, why: str) -> None:
        self.left_out.append((one_line(name), why))

    def _recognise(self, path: str, layout: str) -> None:
        """Find the layout of a folder or zip, or of what is alone in it. Raise GradeError where none fits."""
        wanted = list(LAYOUTS.values()) if layout == "auto" else [LAYOUTS[layout]]
        places: list[Place] = []
        found: Found | None
        for place in self._around(path):
            places.append(place)
            for one in wanted:
                if one is not FOLDERS and (found := one.read(place, layout != "auto")):
                    self.layout, self._found = one.name, found
                    return
        if FOLDERS in wanted:
            outer = [place for place in places[1:] if not self._one_students(place)]
            for place in (*reversed(outer), places[0]):
                if found := FOLDERS.read(place, layout != "auto"):
                    self.layout, self._found = FOLDERS.name, found
                    return
        if layout == "auto":
            says = f"`{one_line(path)}` holds no class that can be recognised"
            help = "give what the platform gave you, as it is; or put each student's work into a folder named by an id"
            raise GradeError(Problem(says, help))
        raise GradeError(Problem(f"`{one_line(path)}` is not laid out as `{layout}`", f"expected: {wanted[0].expects}"))

    def _around(self, path: str) -> Iterator[Place]:
        """Yield the place at a path and, where a folder or zip is alone in it, that one, and so on."""
        for depth in range(MOST_AROUND):
            try:
                place = look(self._folder(path), self._known, self._roster, self._leave_out)
            except Refused as refusal:
                if depth:
                    return
                raise GradeError(Problem(str(refusal), "give the folder, or the zip as it was downloaded")) from None
            real = os.path.realpath(place.path)
            place = place._replace(files=tuple(n for n in place.files if os.path.join(real, n) not in self._own))
            yield place
            inside = [*place.folders, *place.files]
            if len(inside) != 1 or (place.files and not place.files[0].lower().endswith(ARCHIVES)):
                return
            path = place.at(inside[0])

    def _folder(self, path: str) -> str:
        """Return a folder as it is, and a zip unpacked."""
        if os.path.isdir(path):
            return path
        name = os.path.basename(path)
        with archive.room():
            into = Path(tempfile.mkdtemp(dir=self._temp)) / os.path.splitext(name)[0]
            into.mkdir()
        try:
            with open(path, "rb") as file:
                left = archive.unpack(file, name, into, archive.CLASS)
        except OSError as error:
            raise Refused(f"{one_line(name)} cannot be read: {error.strerror}") from None
        for member, why in left.items():
            self._leave_out(member, why)
            parts = [part for part in member.split("/") if part not in ("", ".")]
            self._desk.refused[os.path.join(into, *parts)] = why  # a `..` stays: it is nobody else's file
        return str(into)

    def _one_students(self, place: Place) -> bool:
        """Tell whether a folder looks like one student's work rather than like a class."""
        known = {id.casefold() for id in self._known}
        programs = any(name.lower().endswith(PROGRAMS) for name in place.files)
        return programs or not place.folders or any(name.casefold() in known for name in place.folders)

    def _choose(self, exercises: Sequence[str]) -> None:
        """Settle what is graded: the exercises asked for, or else all that a file is named for."""
        self._exercises, self._named = tuple(exercises), len(exercises) == 1
        if exercises:
            return
        wanted, seen, students = {id.casefold() for id in self._known}, Counter[str](), 0
        for handed in self._found.handed(self._leave_out):
            students += 1
            seen.update(wanted.intersection(self._desk.ids(handed)))
        most = max(seen.values(), default=0)
        self._exercises = tuple(id for id in self._known if id.casefold() in seen)
        by = {id: seen[id.casefold()] for id in self._exercises}
        self.rare = {id: number for id, number in by.items() if RARE * number <= students and number < most}
        if students and not seen:
            says = "no file here is named for an exercise, so it cannot be told which was handed in"
            raise GradeError(Problem(says, f"name it: `--exercise {next(iter(self._known), 'ex1')}`"))

    def _open(self, path: str, exercises: Sequence[str], layout: str) -> None:
        self._recognise(path, layout)
        self.says = self._found.says
        self._before = list(self.left_out)
        self._choose(exercises)
        self.left_out[:] = self._before


@contextmanager
def opened(
    path: Path,
    exercises: Sequence[str],
    known: Sequence[str],
    layout: str = "auto",
    roster: Path | None = None,
    own: Iterable[Path] = (),
) -> Iterator[Intake]:
    """Recognise the class in a folder or zip; what is unpacked for it is gone when this is left.

    `exercises` are those asked for, or none for all of `known` that a file is named for. `own` files may lie among the
    work: nobody handed them in. Raise GradeError where there is no class, or not one of this layout, where the roster
    is broken, or the exercise cannot be told.
    """
    if layout != "auto" and layout not in LAYOUTS:
        help = near(layout, LAYOUTS) or f"known: {', '.join(LAYOUTS)}"
        raise GradeError(Problem(f"there is no layout `{one_line(layout)}`", help))
    if not path.exists():
        beside = os.listdir(path.parent) if path.parent.is_dir() else []
        help = near(path.name, beside) or "give a folder, or a zip as it was downloaded"
        raise GradeError(Problem(f"there is no `{one_line(str(path))}`", one_line(help)))
    whole = os.path.abspath(path)
    if not utf8(whole):
        raise GradeError(Problem(f"the name `{one_line(whole)}` is no UTF-8", "rename it"))
    people = read_roster(roster) if roster else Roster()
    with archive.room():
        _sweep()
        temp = tempfile.TemporaryDirectory(prefix=f"{ROOM}{os.getpid()}-", ignore_cleanup_errors=True)
    with temp as folder:
        intake = Intake(known, people, Path(folder), {os.path.realpath(file) for file in own})
        intake._open(whole, exercises, layout)
        yield intake


def _sweep() -> None:
    """Remove what killed runs of this user have left unpacked: it is students' work."""
    place = Path(tempfile.gettempdir())
    for folder in place.glob(f"{ROOM}*-*"):
        pid = folder.name[len(ROOM) :].partition("-")[0]
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
