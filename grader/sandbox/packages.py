"""Which installed packages must be readable for an exercise: the allowed packages and those that they import.

The trusted side works this out from the installer's metadata, and only for exercises that allow more than NumPy.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from grader.errors import EnvironmentTrouble, Problem, to_install


@functools.cache
def readable(allow: tuple[str, ...]) -> tuple[str, ...]:
    """Return the top-level names of the packages in `allow` and of all their installed dependencies.

    NumPy is among them, because inputs are its arrays. Extras are ignored; markers for a system or a Python version are
    not evaluated. Raise EnvironmentTrouble if an allowed package is not installed.
    """
    if set(allow) <= {"numpy"}:
        return allow
    names, known, todo = {"numpy", *allow}, set(), [*allow]
    while todo:
        package = todo.pop()
        key = re.sub(r"[-_.]+", "-", package).lower()
        if key not in known:
            known.add(key)
            contents, needs = _installed(package, must=package in allow)
            names.update(contents)
            todo += needs
    return tuple(sorted(names))


def _installed(package: str, must: bool) -> tuple[list[str], list[str]]:
    """Return the names under which a package is imported, and the packages that it needs."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(package)
    except PackageNotFoundError:
        if not must:
            return [], []
        says = f"this exercise needs `{package}`, which is not installed"
        raise EnvironmentTrouble(Problem(says, _install(package))) from None
    needs = [need for need in found.requires or () if not re.search(r";.*\bextra\b", need)]
    listing = found.read_text("top_level.txt")
    names = listing.split() if listing else _tops(str(file) for file in found.files or ())
    return [name for name in names if name.isidentifier()], [
        m[0] for need in needs if (m := re.match(r"[A-Za-z0-9._-]+", need))
    ]


def _tops(files: Iterator[str]) -> set[str]:
    """Return the top-level folders and modules in a package's list of files."""
    tops = {file.partition("/")[0] for file in files if "/" in file or file.endswith(".py")}
    return {top.removesuffix(".py") for top in tops} - {"__pycache__"}


def _install(package: str) -> str:
    return to_install(package, extra="torch" if package == "torch" else "")
