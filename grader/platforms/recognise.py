"""Recognise how a class is laid out, by the names at the top of PATH alone: the platform or the instructor wrote them.

A folder that is alone in PATH is one student's work. If its contents look like a class, nobody can tell which it is,
and the run refuses.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.errors import GradeError, Problem, near
from grader.model.class_ import LeftOut
from grader.platforms import archive, canvas, gradescope, moodle
from grader.platforms.class_folder import ClassFolder, Found, Layout, list_class_folder
from grader.platforms.repositories import FOLDERS, REPOSITORIES
from grader.platforms.roster import Roster
from grader.platforms.student_files import ARCHIVES, PROGRAMS, stem
from grader.submissions.plain import Refused
from grader.text import one_line, shell_word

LAYOUTS = {layout.name: layout for layout in (gradescope.LAYOUT, moodle.LAYOUT, canvas.LAYOUT, REPOSITORIES, FOLDERS)}


class Place(NamedTuple):
    """What listing a folder needs to know."""

    known: Sequence[str]  # ids of exercises
    roster: Roster
    temp: Path
    own: Collection[str]  # paths of files that nobody submitted
    files: Mapping[str, str] = {}  # the course's own names of files, by exercise

    @property
    def names(self) -> set[str]:
        """Return the names, in lower case, of files and folders that answer an exercise."""
        return {*map(str.casefold, self.known), *map(stem, self.files.values())}


def inside_zip(path: Path) -> tuple[str, ...]:
    """Return the parts of a path that are inside a zip: `("hw3",)` for `class.zip/hw3`."""
    zipped = next((around for around in path.parents if around.is_file()), None)
    return path.relative_to(zipped).parts if zipped and zipped.name.lower().endswith(ARCHIVES) else ()


def list_folders(path: str, inside: int, place: Place) -> list[ClassFolder]:
    """List the folder or zip at a path; its last `inside` parts are in a zip. The last of the folders is the one meant.

    Raise GradeError where one cannot be read.
    """
    names: list[str] = []
    for _ in range(inside):
        path, name = os.path.split(path)
        names.insert(0, name)
    try:
        folders = [_folder(path, place)]
        for name in names:
            if name not in (*folders[-1].folders, *folders[-1].files):
                help = near(name, folders[-1].folders) or "give the folder, or the zip as it was downloaded"
                raise GradeError(Problem(f"there is no `{one_line(name)}` in `{one_line(path)}`", one_line(help)))
            folders.append(_folder(folders[-1].at(name), place))
    except Refused as refusal:
        raise GradeError(Problem(str(refusal), "give the folder, or the zip as it was downloaded")) from None
    return folders


def recognise(
    path: str, folders: list[ClassFolder], layout: str, one_student: bool, place: Place
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
        inner = _inner(folder.at(alone[0]), place)
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


def _inner(path: str, place: Place) -> ClassFolder | None:
    """List a folder that is alone in PATH; None for a zip, which is not unpacked to find out what it is."""
    return _folder(path, place) if os.path.isdir(path) else None


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
    inside = shell_word(os.path.join(path, name))
    says = f"`{one_line(path)}` holds only `{one_line(name)}`, and it is unclear whether that is the class"
    help = f"with the same options, `grade class {inside}` if it is"
    if student:
        help += f", `grade class {shell_word(path)} --one-student` if it is one student's work"
    else:
        help += "; otherwise put each student's work into a folder named by an id"
    return GradeError(Problem(says, help))


def _folder(path: str, place: Place) -> ClassFolder:
    """List a folder, or a zip unpacked."""
    unpacked: dict[str, str] = {}
    if not os.path.isdir(path):
        path, unpacked = _unpacked(path, place.temp)
    folder = list_class_folder(path, sorted(place.names), place.roster)
    real = os.path.realpath(path)
    refused = {os.path.join(path, *_parts(member)): why for member, why in unpacked.items()}
    return folder._replace(
        files=tuple(name for name in folder.files if os.path.join(real, name) not in place.own),
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
