"""The modules beside a program that it imports, directly or through each other: they are part of the submission.

So are the notebooks that it names, for `%run other.ipynb`: each as one text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.submissions.plain import Refused, read_bytes, read_text
from grader.text import one_line

MOST_MODULES = 100
MOST_TOTAL = 4 << 20  # characters of a program and its modules, which all go to its process
MOST_NOTES = 10
MOST_DEPTH = 4
MOST_SEEN = 10_000  # files beside a program: its folder may be a whole class
Cells = tuple[tuple[str, str], ...]
_WORD = re.compile(r"[^\x00-/:-@\[-^`{-\x7f]+")  # not `\w+`, which lacks the combining marks in names of some languages


def imported_modules(main: Path, text: str, own: bool) -> tuple[Cells, tuple[str, ...]]:
    """Return the modules beside a program that its text, or one of them, names; and a note for each left out.

    Any word counts as a name: more modules than necessary do no harm, and nothing has to be parsed.
    """
    waiting: dict[str, dict[str, Path]] = {}
    for file, path in _neighbours(main):
        waiting.setdefault(_top(file), {})[file] = path
    taken: list[tuple[str, str]] = []
    left: list[str] = []
    texts, total = [text], len(text)
    while texts:
        text = texts.pop()
        words = set(_WORD.findall(text))  # once for all names: there may be thousands of them
        named = [n for n in waiting if (n in text if n.endswith(".ipynb") else n in words)]
        for file, path in [item for name in named for item in waiting.pop(name).items()]:
            if len(taken) == MOST_MODULES:
                left.append(f"{one_line(file)} and more: the limit is {MOST_MODULES} modules")
                return tuple(sorted(taken)), _left_out(left)
            try:
                source = _source(path, own)
            except Refused as refusal:
                left.append(str(refusal))
                continue
            total += len(source)
            if total > MOST_TOTAL:
                left.append(f"{one_line(file)} and more: the limit is {MOST_TOTAL >> 20} MiB for all modules")
                return tuple(sorted(taken)), _left_out(left)
            taken.append((file, source))
            texts.append(source)
    return tuple(sorted(taken)), _left_out(left)


def _source(path: Path, own: bool) -> str:
    if path.suffix != ".ipynb":
        return read_text(path, own)
    from grader.submissions.notebook import MOST_FILE, read_notebook  # only for notebooks: it takes milliseconds

    name = one_line(path.name)
    return "\n".join(text for _, text in read_notebook(name, read_bytes(path, own, MOST_FILE)).cells)


def _left_out(left: Sequence[str]) -> tuple[str, ...]:
    """Return a note for each of the first modules that were left out."""
    more = [f"and {len(left) - MOST_NOTES} more files"] if len(left) > MOST_NOTES else []
    return tuple(f"left out: {why}" for why in [*left[:MOST_NOTES], *more])


def _top(file: str) -> str:
    return file.partition("/")[0].removesuffix(".py")


def _neighbours(main: Path) -> Iterator[tuple[str, Path]]:
    """Yield what is beside a program: .py files, those of packages (folders with an `__init__.py`), and notebooks."""
    count = 0
    folders = [(main.parent, "", 1)]
    while folders:
        folder, prefix, depth = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            module = entry.name.endswith(".py") and entry.name[:-3].isidentifier()
            notebook = entry.name.endswith(".ipynb") and not prefix
            if (module or notebook) and (prefix or entry.name != main.name):
                count += 1
                if count > MOST_SEEN:
                    return
                yield f"{prefix}{entry.name}", Path(entry.path)
            elif depth < MOST_DEPTH and entry.name.isidentifier() and _is_package(entry):
                folders.append((Path(entry.path), f"{prefix}{entry.name}/", depth + 1))


def _is_package(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and os.path.exists(os.path.join(entry.path, "__init__.py"))
