"""Folders side by side, one for each student: plain ones, and git repositories as GitHub Classroom clones them.

A repository is `<assignment>-<user>`, and what all of them begin with is the assignment. git is never run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import takewhile

from grader.intake.archive import GIT
from grader.intake.handed import Handed
from grader.intake.place import Found, Layout, LeftOut, Place, count, enough
from grader.model import Person
from grader.text import one_line

_CLONES = "-submissions"  # `gh classroom clone student-repos` makes `<assignment>-submissions/`


def _folders(place: Place, forced: bool) -> Found | None:
    if not place.folders and (place.files or forced):
        return None
    says = f"one folder per student: {count(len(place.folders), 'folder')}"
    return Found(says, lambda left_out: _handed(place, place.folders, 0, left_out))


def _repositories(place: Place, forced: bool) -> Found | None:
    slug = os.path.basename(place.path)
    slug = slug.removesuffix(_CLONES) + "-" if slug.endswith(_CLONES) else ""
    repositories = [name for name in place.folders if os.path.lexists(os.path.join(place.path, name, GIT))]
    if not repositories and slug:  # downloaded as archives, they come without it
        repositories = [name for name in place.folders if name.startswith(slug)]
    if not enough(len(repositories), place, forced):
        return None
    prefix = slug if all(name.startswith(slug) and name != slug for name in repositories) else ""
    prefix = prefix or _common(repositories)
    says = f"git repositories: {len(repositories)}"
    if prefix:
        says += f" of the assignment `{one_line(prefix[:-1])}`"
    return Found(says, lambda left_out: _handed(place, repositories, len(prefix), left_out))


def _common(names: Sequence[str]) -> str:
    """Return what all names begin with, up to a hyphen; nothing for a single one, which tells no assignment."""
    if len(names) < 2:
        return ""
    before_last = (name.split("-")[:-1] for name in names)
    shared = takewhile(lambda parts: len(set(parts)) == 1, zip(*before_last, strict=False))
    return "".join(f"{parts[0]}-" for parts in shared)


def _handed(place: Place, names: Sequence[str], prefix: int, left_out: LeftOut) -> Iterator[Handed]:
    """Yield each folder as its owner's: the roster's login that its name ends with, or what follows the prefix."""
    taken = set(names)
    for name in (*place.folders, *place.files):
        if name not in taken:
            left_out(name, "is no student's folder")
    for name in names:
        user = (place.roster.login_at_end(name) if names is not place.folders else "") or name[prefix:]
        yield Handed(user, (Person(user, login=user),), name, folder=place.at(name))


FOLDERS = Layout("folders", "one folder for each student, named by the student's id", _folders)
REPOSITORIES = Layout("repositories", "git repositories side by side, each `<assignment>-<user>`", _repositories)
