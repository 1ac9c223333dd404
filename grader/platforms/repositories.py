"""Folders side by side, one for each student: plain ones, and git repositories as GitHub Classroom clones them.

A repository is `<assignment>-<user>`, and what all of them begin with is the assignment. git is never run: a student's
repository could make it run programs.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import takewhile

from grader.model.class_ import LeftOut, Person
from grader.platforms.archive import GIT
from grader.platforms.class_folder import ClassFolder, Found, Layout, count, enough
from grader.platforms.commits import committed
from grader.platforms.names import same
from grader.platforms.student_files import StudentFiles
from grader.text import one_line

_CLONES = "-submissions"  # `gh classroom clone student-repos` makes `<assignment>-submissions/`


def _folders(folder: ClassFolder, forced: bool) -> Found | None:
    if not folder.folders and (folder.files or forced):
        return None
    summary = f"one folder per student: {count(len(folder.folders), 'folder')}"
    marked = len(_marked(folder))
    if marked > 1:
        summary += f" (`--layout repositories` reads {marked} as git repositories)"
    students = [_of(folder, name, name) for name in folder.folders]
    return Found(summary, students, _others(folder, folder.folders))


def _repositories(folder: ClassFolder, forced: bool) -> Found | None:
    slug = os.path.basename(folder.path)
    slug = slug.removesuffix(_CLONES) + "-" if slug.endswith(_CLONES) else ""
    repositories = [name for name in folder.folders if slug and name.startswith(slug) and name != slug]
    known = bool(repositories)  # also downloaded as archives, without `.git`
    if not known:
        repositories = _marked(folder)
        if not forced and not 1 < len(repositories) == len(folder.folders):
            return None  # a student can put a `.git` into a folder: some of them make no layout, and nor does one alone
    if not enough(len(repositories), folder, forced):
        return None
    prefix = slug if known else _common(repositories)
    summary = f"git repositories: {len(repositories)}"
    if prefix:
        summary += f" of the assignment `{one_line(prefix[:-1])}`"
    students, unclear = _owners(folder, repositories, prefix, known)
    return Found(summary, students, [*_others(folder, repositories), *unclear])


def _marked(folder: ClassFolder) -> list[str]:
    """Return the folders that hold a `.git`."""
    return [name for name in folder.folders if os.path.lexists(os.path.join(folder.path, name, GIT))]


def _common(names: Sequence[str]) -> str:
    """Return what all names begin with, up to a hyphen; nothing for a single name, which shows no assignment."""
    if len(names) < 2:
        return ""
    before_last = (name.split("-")[:-1] for name in names)
    shared = takewhile(lambda parts: len(set(parts)) == 1, zip(*before_last, strict=False))
    return "".join(f"{parts[0]}-" for parts in shared)


def _owners(
    folder: ClassFolder, names: Sequence[str], prefix: str, known: bool
) -> tuple[list[StudentFiles], list[LeftOut]]:
    """Return each repository as its owner's, and those whose owner is unclear.

    The owner is the roster's login that the name ends with, or else what follows the prefix; where the prefix is
    `known`, always what follows it. Owners choose their logins, so a login must not pass for another person's: not for
    an id on the roster and not, by its end (`x-ann`), for another login (`ann`).
    """
    roster, owners = folder.roster, dict[str, list[str]]()
    users = {name: ("" if known else roster.login_at_end(name)) or name[len(prefix) :] for name in names}
    for name, user in users.items():
        owners.setdefault(user.casefold(), []).append(name)
    logins = roster.by.get("login", {})
    students: list[StudentFiles] = []
    unclear: list[LeftOut] = []
    for name, user in users.items():
        claims = owners[user.casefold()]
        exact = [other for other in claims if other[len(prefix) :].casefold() == user.casefold()]
        if len(claims) > 1 and exact != [name]:
            why = f"ends with the login `{one_line(user)}` as other repositories do: its owner is unclear"
            unclear.append(LeftOut(name, why))
        elif logins and same(user) not in logins and roster.find(Person(user, email=user)):
            why = f"`{one_line(user)}` is not a login on the roster but somebody's id there: its owner is unclear"
            unclear.append(LeftOut(name, why))
        else:
            students.append(_of(folder, name, user)._replace(submitted=committed(folder.at(name))))
    return students, unclear


def _of(folder: ClassFolder, name: str, user: str) -> StudentFiles:
    return StudentFiles(user, (Person(user, login=user),), name, folder=folder.at(name))


def _others(folder: ClassFolder, names: Sequence[str]) -> list[LeftOut]:
    """Return what lies beside the students' folders."""
    taken = set(names)
    return [
        LeftOut(name, "is not a student's folder") for name in (*folder.folders, *folder.files) if name not in taken
    ]


FOLDERS = Layout("folders", "one folder for each student, named by the student's id", _folders)
REPOSITORIES = Layout("repositories", "git repositories side by side, each `<assignment>-<user>`", _repositories)
