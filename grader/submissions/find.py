"""Find a student's program and read it without trusting it: nothing in it is run."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from grader.errors import GradeError, Problem, near
from grader.model.submission import Submission
from grader.submissions.folder import Cells, imported_modules
from grader.submissions.plain import Refused, read_bytes, read_text
from grader.text import one_line, shell_word, some

_FUNCTION = re.compile(r"\bdef |\blambda\b")
MOST_INNER = 50  # folders in a folder, to be searched for a single file


def find(
    exercise: str,
    path: str | None = None,
    student: str = "",
    own: bool = True,
    folder: Path | None = None,
    file: str = "",
    pack: str = "",
) -> Submission:
    """Read the submission for an exercise: `path`, or `<exercise>.py`, `.ipynb` or a folder of that name in `folder`.

    The `file` that holds all of a course's functions counts after these. If there is none, a single file of such a name
    one folder down is read. `pack` ends the commands in messages, where the exercise was found with ` --pack NAME`.
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
        names = [f"{exercise}.py", f"{exercise}.ipynb", exercise, *filter(None, [file])]
        folder = folder or Path()
        found = [folder / name for name in names if os.path.lexists(folder / name)]
        found = found or _below(folder, [*names[:2], *names[3:]])
        if not found:
            return _refusal(exercise, student, file or names[0], _nothing_in(folder, exercise, file, pack))
        chosen = found[0]
    try:
        if not own and not chosen.is_absolute() and any(map(Path.is_symlink, chosen.parents)):
            raise Refused(f"{one_line(str(chosen))} is behind a link; submit the folder itself")
        submission = _read(exercise, chosen, student, own, file)
    except Refused as refusal:
        return _refusal(exercise, student, one_line(str(chosen)), str(refusal))
    except OSError as error:  # a folder without permission to list it
        says = f"{one_line(str(chosen))} cannot be read: {error.strerror}"
        return _refusal(exercise, student, one_line(str(chosen)), says)
    notes = [f"{one_line(str(other))} is here too; {one_line(str(chosen))} is graded" for other in found[1:]]
    if found and chosen.parent != folder and not notes:
        notes = [f"{one_line(str(chosen))} is graded"]
    return msgspec.structs.replace(submission, notes=(*notes, *submission.notes))


def locate(submission: Submission, function: str) -> tuple[str, int]:
    """Return the file and the line where a function is defined, as far as its text shows; line 0 where it does not.

    Nothing is parsed, because untrusted text can crash a parser. The line of a notebook is that of its file, which is
    JSON.
    """
    main = submission.cells[0][0].partition(" cell ")[0] if submission.cells else ""
    file = submission.path if submission.path.endswith((".py", ".ipynb")) else os.path.join(submission.path, main)
    if submission.kind == "notebook":
        index, line = _last_cell(submission, function)
        start = submission.lines[index] if 0 <= index < len(submission.lines) else 0
        return file, start and start + line
    folder = os.path.dirname(file)
    name = re.escape(function)
    definition = re.compile(rf"^(?:async +)?def +{name}\b|^{name} *=(?!=)", re.MULTILINE)
    for path, text in (*submission.cells, *submission.modules):
        if found := list(definition.finditer(text)):  # the last definition is the one in force
            line = text.count("\n", 0, found[-1].start()) + 1
            return os.path.join(folder, path), line
    return file, 0


def cell_of(submission: Submission, function: str) -> int:
    """Return the number of the last cell of a notebook that defines a function; 0 if there is none."""
    index, _ = _last_cell(submission, function) if submission.kind == "notebook" else (-1, 0)
    number = submission.cells[index][0].rpartition(" cell ")[2] if index >= 0 else ""
    return int(number) if number.isdecimal() else 0


def _last_cell(submission: Submission, function: str) -> tuple[int, int]:
    """Return the index of the last cell that defines a function, and the lines above it there; -1 if there is none."""
    definition = re.compile(rf"^(?:async +)?def +{re.escape(function)}\b", re.MULTILINE)
    for index in reversed(range(len(submission.cells))):
        text = submission.cells[index][1]
        if found := list(definition.finditer(text)):
            return index, text.count("\n", 0, found[-1].start())
    return -1, 0


def here(exercises: list[str], files: Mapping[str, str] | None = None) -> list[str]:
    """Return those of `exercises` for which the working folder has a file or folder, or one below it has a file.

    `files` are the course's own names of files, by exercise.
    """
    below = set(_names_below(Path()))

    def is_here(exercise: str) -> bool:
        names = {f"{exercise}.py", f"{exercise}.ipynb", *filter(None, [(files or {}).get(exercise)])}
        return any(map(os.path.lexists, (*names, exercise))) or not below.isdisjoint(names)

    return list(filter(is_here, exercises))


def _below(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return the files of these names one folder down, if one folder alone holds some."""
    found = [[folder / inner / name for name in names if (folder / inner / name).is_file()] for inner in _inner(folder)]
    found = [files for files in found if files]
    return found[0] if len(found) == 1 else []


def _names_below(folder: Path) -> list[str]:
    return [name for inner in _inner(folder) for name in _names(folder / inner)]


def _inner(folder: Path) -> list[str]:
    """Return the folders in a folder, but not that of the model solutions of a pack.

    No link is followed, and in a very large folder nothing is searched.
    """
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return []
    folders = (e.name for e in entries if not e.name.startswith((".", "__")) and e.is_dir(follow_symlinks=False))
    inner = sorted(name for name in folders if name != "solutions")
    return inner if len(inner) <= MOST_INNER else []


def _nothing_in(folder: Path, exercise: str, file: str, pack: str) -> str:
    """Return the message for a folder without this exercise, with what may be meant if there is such a file."""
    wanted = f"{file} and no {exercise}.py" if file else f"{exercise}.py"
    says = f"there is no {wanted} (or .ipynb) in {one_line(os.path.abspath(folder))}"
    several = [
        f"{i}/{n}" for i in _inner(folder) for n in _names(folder / i) if n in (f"{exercise}.py", f"{exercise}.ipynb")
    ]
    bearing = re.compile(rf"{re.escape(exercise)}(?![0-9a-z]).*(\.py|\.ipynb)\b", re.IGNORECASE)  # not `ex11.py`
    alike = several or [name for name in _names(folder) if bearing.match(name)]
    if alike:
        names = some([f"`{one_line(name)}`" for name in alike], 4)
        return f"{says}, but there is {names}: `{_command(exercise, alike[0])}{pack}` grades it"
    number = re.findall(r"\d+", exercise)[:1]  # `ex11.py` is another exercise, not a misspelt `ex1.py`
    programs = [name for name in _names(folder) if name.endswith((".py", ".ipynb"))]
    help = near(f"{exercise}.py", [name for name in programs if re.findall(r"\d+", name)[:1] == number])
    if not help and len(programs) == 1:
        help = f"`{_command(exercise, programs[0])}{pack}` grades {one_line(programs[0])}"
    return f"{says}; {one_line(help) or f'`grade start {exercise}{pack}` writes a template'}"


def _command(exercise: str, name: str) -> str:
    return f"grade {exercise} {shell_word(name)}"


def _names(folder: Path) -> list[str]:
    """Return the names in a folder; none where it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _refusal(exercise: str, student: str, path: str, why: str) -> Submission:
    return Submission("", student, exercise, "python", path, (), refused=why)


def _read(exercise: str, path: Path, student: str, own: bool, file: str) -> Submission:
    kind: Literal["python", "notebook", "folder"]
    folder = path.is_dir() and (own or not path.is_symlink())
    main = _main_file(exercise, path, file) if folder else path
    cells: Cells
    written: Cells = ()
    aside: Cells = ()
    lines: tuple[int, ...] = ()
    pair: tuple[str, ...] = ()
    if main.suffix.lower() == ".ipynb":
        from grader.submissions.notebook import MOST_FILE, read_notebook  # only for notebooks: it takes milliseconds

        kind = "notebook"
        cells, written, aside, lines = read_notebook(one_line(main.name), read_bytes(main, own, MOST_FILE))
        exported = main.with_suffix(".py")
        if (folder or not own) and main.stem.casefold() != exercise.casefold() and exported.is_file():
            without = not any(_FUNCTION.search(text) for _, text in cells)
            main, other = (exported, main) if without else (main, exported)
            why = " but defines no function" if without else ""
            pair = (f"{one_line(other.name)} is here too{why}; {one_line(main.name)} is graded",)
    if main.suffix.lower() != ".ipynb":
        kind, cells = ("folder" if folder else "python"), ((one_line(main.name), read_text(main, own)),)
    modules, notes = imported_modules(main, "\n".join(source for _, source in (*cells, *written)), own)
    modules = tuple(sorted((dict(modules) | dict(written)).items()))
    content = hashlib.sha256()
    for file, source in (*cells, *modules):
        content.update(f"{file}\0{len(source)}\0{source}".encode())
    id = content.hexdigest()[:16]
    return Submission(
        id, student, exercise, kind, one_line(str(path)), cells, modules, (*pair, *notes), aside=aside, lines=lines
    )


def _main_file(exercise: str, folder: Path, file: str) -> Path:
    for name in (f"{exercise}.py", f"{exercise}.ipynb", file):
        if name and (folder / name).exists():
            return folder / name
    names = _names(folder)
    programs = [folder / name for name in names if name.lower().endswith((".py", ".ipynb"))]
    if len(programs) == 1:
        return programs[0]
    if len(programs) == 2 and programs[0].stem == programs[1].stem:  # a notebook and what was exported from it
        return next(path for path in programs if path.suffix.lower() == ".ipynb")
    where = one_line(folder.name) or "this folder"
    found = ", ".join(one_line(path.name) for path in programs[:5])
    if programs:
        raise Refused(f"{where} holds several programs ({found}); name the one to grade {file or f'{exercise}.py'}")
    there = ", ".join(map(one_line, names[:5])) or "nothing"
    raise Refused(f"{where} holds no program: no .py file and no notebook (found: {there})")
