"""Which installed packages have to be opened for those that an exercise allows: they import others themselves.

Worked out here, on the trusted side, from what the installer wrote down; only for exercises that allow more than NumPy.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from grader.errors import EnvironmentTrouble, Problem


@functools.cache
def opened(allow: tuple[str, ...]) -> tuple[str, ...]:
    """Return the top-level names that may be imported where `allow` are: theirs, and those of all they depend on.

    NumPy is among them, as the inputs are its arrays. Extras do not count; a dependency that is installed and for
    another system or Python is opened too. Raise EnvironmentTrouble where an allowed package is not installed.
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
    """Return the names that a package can be imported by, and the packages that it needs."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(package)
    except PackageNotFoundError:
        if not must:
            return [], []
        says = f"this exercise is written with `{package}`, which is not installed here"
        raise EnvironmentTrouble(Problem(says, f"`{_install(package)}`")) from None
    needs = [need for need in found.requires or () if not re.search(r";.*\bextra\b", need)]
    listing = found.read_text("top_level.txt")
    names = listing.split() if listing else _tops(str(file) for file in found.files or ())
    return [name for name in names if name.isidentifier()], [
        m[0] for need in needs if (m := re.match(r"[A-Za-z0-9._-]+", need))
    ]


def _tops(files: Iterator[str]) -> set[str]:
    """Return the folders and modules that lie at the top of a package's list of files."""
    tops = {file.partition("/")[0] for file in files if "/" in file or file.endswith(".py")}
    return {top.removesuffix(".py") for top in tops} - {"__pycache__"}


def _install(package: str) -> str:
    return "pip install 'torch-grader[torch]'" if package == "torch" else f"pip install {package}"
