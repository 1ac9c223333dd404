"""Folders side by side, one for each student: plain ones, and git repositories as GitHub Classroom clones them.

A repository is `<assignment>-<user>`, and what all of them begin with is the assignment. git is never run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import takewhile

from grader.model.class_ import Person
from grader.platforms.archive import GIT
from grader.platforms.class_folder import Found, Layout, LeftOut, Place, count, enough
from grader.platforms.matching import Handed
from grader.text import one_line

_CLONES = "-submissions"  # `gh classroom clone student-repos` makes `<assignment>-submissions/`


def _folders(place: Place, forced: bool) -> Found | None:
    if not place.folders and (place.files or forced):
        return None
    says = f"one folder per student: {count(len(place.folders), 'folder')}"
    return Found(says, lambda left_out: _handed(place, place.folders, left_out))


def _repositories(place: Place, forced: bool) -> Found | None:
    slug = os.path.basename(place.path)
    slug = slug.removesuffix(_CLONES) + "-" if slug.endswith(_CLONES) else ""
    repositories = [name for name in place.folders if os.path.lexists(os.path.join(place.path, name, GIT))]
    if not repositories and slug:  # downloaded as archives, they come without it
        repositories = [name for name in place.folders if name.startswith(slug)]
    if not enough(len(repositories), place, forced):
        return None
    prefix = slug if all(name.startswith(slug) and name != slug for name in repositories) else ""
    told = bool(prefix)
    prefix = prefix or _common(repositories)
    says = f"git repositories: {len(repositories)}"
    if prefix:
        says += f" of the assignment `{one_line(prefix[:-1])}`"
    return Found(says, lambda left_out: _cloned(place, repositories, prefix, told, left_out))


def _common(names: Sequence[str]) -> str:
    """Return what all names begin with, up to a hyphen; nothing for a single one, which tells no assignment."""
    if len(names) < 2:
        return ""
    before_last = (name.split("-")[:-1] for name in names)
    shared = takewhile(lambda parts: len(set(parts)) == 1, zip(*before_last, strict=False))
    return "".join(f"{parts[0]}-" for parts in shared)


def _handed(place: Place, names: Sequence[str], left_out: LeftOut) -> Iterator[Handed]:
    """Yield each of the folders as its owner's, who it is named by."""
    _say_the_others(place, names, left_out)
    for name in names:
        yield _of(place, name, name)


def _cloned(place: Place, names: Sequence[str], prefix: str, told: bool, left_out: LeftOut) -> Iterator[Handed]:
    """Yield each repository as its owner's: the roster's login that its name ends with, or what follows the prefix.

    Where the prefix was `told` it is what follows. A login is chosen by its owner, so it must not stand for another's:
    not for the id of somebody on the roster, and not, by its end (`x-ann`), for a login (`ann`).
    """
    _say_the_others(place, names, left_out)
    roster, owners = place.roster, dict[str, list[str]]()
    users = {name: ("" if told else roster.login_at_end(name)) or name[len(prefix) :] for name in names}
    for name, user in users.items():
        owners.setdefault(user.casefold(), []).append(name)
    logins = roster.by.get("login", {})
    for name, user in users.items():
        claims = owners[user.casefold()]
        exact = [other for other in claims if other[len(prefix) :].casefold() == user.casefold()]
        if len(claims) > 1 and exact != [name]:
            left_out(name, f"ends with the login `{one_line(user)}`, as others do: it cannot be told whose it is")
        elif logins and user.casefold() not in logins and roster.find(Person(user, email=user)):
            left_out(name, f"`{one_line(user)}` is no login on the roster but somebody's id there: whose is it?")
        else:
            yield _of(place, name, user)


def _of(place: Place, name: str, user: str) -> Handed:
    return Handed(user, (Person(user, login=user),), name, folder=place.at(name))


def _say_the_others(place: Place, names: Sequence[str], left_out: LeftOut) -> None:
    taken = set(names)
    for name in (*place.folders, *place.files):
        if name not in taken:
            left_out(name, "is no student's folder")


FOLDERS = Layout("folders", "one folder for each student, named by the student's id", _folders)
REPOSITORIES = Layout("repositories", "git repositories side by side, each `<assignment>-<user>`", _repositories)
