"""Find a student's program and read it without trusting it: nothing in it is run."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Literal

import msgspec

from grader.errors import GradeError, Problem, near
from grader.model.submission import Submission
from grader.submissions.folder import Cells, imported_modules
from grader.submissions.plain import Refused, read_bytes, read_text
from grader.text import one_line


def find(
    exercise: str, path: str | None = None, student: str = "", own: bool = True, folder: Path | None = None
) -> Submission:
    """Read the submission for an exercise: `path`, or `<exercise>.py`, `.ipynb` or a folder of that name in `folder`.

    Where there is no readable program, the Submission is `refused` with the reason. Raise GradeError when `path` does
    not exist. Links are followed only in the user's `own` work: an untrusted one could lead to other students' work or
    to the reference answers. All of a relative `path` is untrusted, and the last part of an absolute one.
    """
    found: list[Path] = []
    if path is not None:
        chosen = Path(path)
        if not os.path.lexists(path):
            help = near(chosen.name, _names(chosen.parent)) or "give the path of a .py file, a notebook or a folder"
            raise GradeError(Problem(f"there is no `{one_line(path)}`", one_line(help)))
    else:
        names = (f"{exercise}.py", f"{exercise}.ipynb", exercise)
        folder = folder or Path()
        found = [folder / name for name in names if os.path.lexists(folder / name)]
        if not found:
            return _refusal(exercise, student, names[0], _nothing_in(folder, exercise))
        chosen = found[0]
    try:
        if not own and not chosen.is_absolute() and any(map(Path.is_symlink, chosen.parents)):
            raise Refused(f"{one_line(str(chosen))} is behind a link; submit the folder itself")
        submission = _read(exercise, chosen, student, own)
    except Refused as refusal:
        return _refusal(exercise, student, one_line(str(chosen)), str(refusal))
    except OSError as error:  # a folder without permission to list it
        says = f"{one_line(str(chosen))} cannot be read: {error.strerror}"
        return _refusal(exercise, student, one_line(str(chosen)), says)
    others = tuple(f"{other} is here too; {chosen} is graded" for other in found if other != chosen)
    return msgspec.structs.replace(submission, notes=submission.notes + others)


def locate(submission: Submission, function: str) -> tuple[str, int]:
    """Return the file and the line where a function is defined, as far as its text shows; line 0 where it does not.

    Nothing is parsed, because untrusted text can crash a parser. For a notebook, the line is 0.
    """
    main = submission.cells[0][0].partition(" cell ")[0] if submission.cells else ""
    file = submission.path if submission.path.endswith((".py", ".ipynb")) else os.path.join(submission.path, main)
    if submission.kind == "notebook":
        return file, 0
    folder = os.path.dirname(file)
    name = re.escape(function)
    definition = re.compile(rf"^(?:async +)?def +{name}\b|^{name} *=(?!=)", re.MULTILINE)
    for path, text in (*submission.cells, *submission.modules):
        if found := list(definition.finditer(text)):  # the last definition is the one in force
            line = text.count("\n", 0, found[-1].start()) + 1
            return os.path.join(folder, path), line
    return file, 0


def here(exercises: list[str]) -> list[str]:
    """Return those of `exercises` for which the working folder has a file or folder."""
    return [e for e in exercises if any(os.path.lexists(n) for n in (f"{e}.py", f"{e}.ipynb", e))]


def _nothing_in(folder: Path, exercise: str) -> str:
    """Return the message for a folder without this exercise, with the nearest file name if there is one."""
    number = re.findall(r"\d+", exercise)[:1]  # `ex11.py` is another exercise, not a misspelt `ex1.py`
    programs = [name for name in _names(folder) if name.endswith((".py", ".ipynb"))]
    files = [name for name in programs if re.findall(r"\d+", name)[:1] == number]
    help = near(f"{exercise}.py", files) or f"`grade start {exercise}` writes a template"
    return f"there is no {exercise}.py (or .ipynb) in {one_line(os.path.abspath(folder))}; {one_line(help)}"


def _names(folder: Path) -> list[str]:
    """Return the names in a folder; none where it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _refusal(exercise: str, student: str, path: str, why: str) -> Submission:
    return Submission("", student, exercise, "python", path, (), refused=why)


def _read(exercise: str, path: Path, student: str, own: bool) -> Submission:
    kind: Literal["python", "notebook", "folder"]
    folder = path.is_dir() and (own or not path.is_symlink())
    main = _main_file(exercise, path) if folder else path
    name = one_line(main.name)
    cells: Cells
    written: Cells = ()
    aside: Cells = ()
    if main.suffix.lower() == ".ipynb":
        from grader.submissions.notebook import MOST_FILE, read_notebook  # only for notebooks: it takes milliseconds

        kind = "notebook"
        cells, written, aside = read_notebook(name, read_bytes(main, own, MOST_FILE))
    else:
        kind, cells = ("folder" if folder else "python"), ((name, read_text(main, own)),)
    modules, notes = imported_modules(main, "\n".join(source for _, source in (*cells, *written)), own)
    modules = tuple(sorted((dict(modules) | dict(written)).items()))
    content = hashlib.sha256()
    for file, source in (*cells, *modules):
        content.update(f"{file}\0{len(source)}\0{source}".encode())
    id = content.hexdigest()[:16]
    return Submission(id, student, exercise, kind, one_line(str(path)), cells, modules, notes, aside=aside)


def _main_file(exercise: str, folder: Path) -> Path:
    for name in (f"{exercise}.py", f"{exercise}.ipynb"):
        if (folder / name).exists():
            return folder / name
    names = _names(folder)
    programs = [folder / name for name in names if name.lower().endswith((".py", ".ipynb"))]
    if len(programs) == 1:
        return programs[0]
    where = one_line(folder.name) or "this folder"
    found = ", ".join(one_line(path.name) for path in programs[:5])
    if programs:
        raise Refused(f"{where} holds several programs ({found}); name the one to grade {exercise}.py")
    there = ", ".join(map(one_line, names[:5])) or "nothing"
    raise Refused(f"{where} holds no program: no .py file and no notebook (found: {there})")
