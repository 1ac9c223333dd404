"""Find a student's program and read it without trusting it: size, kind and encoding are checked, nothing is run."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from grader.errors import GradeError, Problem, near
from grader.model import Submission
from grader.text import one_line

MOST_BYTES = 1 << 20  # of one file; a program for this course has a thousandth of it
MOST_MODULES = 100
MOST_TOTAL = 4 << 20  # characters of a program and its modules; all of them go to its process
MOST_NOTES = 10
MOST_DEPTH = 4
MOST_SEEN = 10_000  # files beside a program; a folder may hold those of a whole class
Cells = tuple[tuple[str, str], ...]
_PYTHON_CELLS = ("%%time", "%%capture", "%%prun")
_WORD = re.compile(r"[^\x00-/:-@\[-^`{-\x7f]+")  # no `\w+`: names of some languages hold marks, which are not of it
_COOKIE = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # as PEP 263 has it
_ASKS = re.compile(r"(\s*)(?=\S)(?:[\w.]+\?{1,2}|[\w, ]+=\s*[!%][A-Za-z].*)\s*$")  # `conv2d?` and `files = !ls`
_MAGIC = re.compile(r"(\s*)(%{1,2}[A-Za-z_]|!(?!=)|\?)")  # not the `% 4` and `!= 4` of a line that goes on


class Refused(Exception):
    """A file that cannot be read as a program; the message tells the student why and what to do."""


def find(
    exercise: str, path: str | None = None, student: str = "", own: bool = True, folder: Path | None = None
) -> Submission:
    """Read the submission for an exercise: `path`, or `<exercise>.py`, `.ipynb` or a folder of that name in `folder`.

    A file that is no program gives a Submission that says so (`refused`). Raise GradeError when `path` does not exist.
    Links are followed in one's `own` work only: in a stranger's they could lead to other students' work, or to the key.
    Of a `path` from where we are all of it is theirs; of an absolute one, the last part.
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
            raise Refused(f"{one_line(str(chosen))} lies behind a link; hand in the folder itself")
        submission = _read(exercise, chosen, student, own)
    except Refused as refusal:
        return _refusal(exercise, student, one_line(str(chosen)), str(refusal))
    except OSError as error:  # a folder that is there, and may not be looked into
        says = f"{one_line(str(chosen))} cannot be read: {error.strerror}"
        return _refusal(exercise, student, one_line(str(chosen)), says)
    others = tuple(f"{other} is here too; {chosen} is graded" for other in found if other != chosen)
    return msgspec.structs.replace(submission, notes=submission.notes + others)


def place(submission: Submission, function: str) -> tuple[str, int]:
    """Return the file and the line where a function is made, as far as a look at the text tells; 0 where it does not.

    Nothing is parsed: a stranger's text can bring a parser down. In a notebook it is the file alone.
    """
    main = submission.cells[0][0].partition(" cell ")[0] if submission.cells else ""
    file = submission.path if submission.path.endswith((".py", ".ipynb")) else os.path.join(submission.path, main)
    if submission.kind == "notebook":
        return file, 0
    folder = os.path.dirname(file)
    name = re.escape(function)
    made = re.compile(rf"^(?:async +)?def +{name}\b|^{name} *=(?!=)", re.MULTILINE)
    for path, text in (*submission.cells, *submission.modules):
        if found := list(made.finditer(text)):  # the last one is the one that counts
            line = text.count("\n", 0, found[-1].start()) + 1
            return os.path.join(folder, path), line
    return file, 0


def here(exercises: list[str]) -> list[str]:
    """Return those of `exercises` for which there is a file or folder here."""
    return [e for e in exercises if any(os.path.lexists(n) for n in (f"{e}.py", f"{e}.ipynb", e))]


def _nothing_in(folder: Path, exercise: str) -> str:
    number = re.findall(r"\d+", exercise)[:1]  # another exercise's file is not meant
    programs = [name for name in _names(folder) if name.endswith((".py", ".ipynb"))]
    files = [name for name in programs if re.findall(r"\d+", name)[:1] == number]
    help = near(f"{exercise}.py", files) or f"`grade start {exercise}` writes one to begin with"
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
    text = read_text(main, own)
    name = one_line(main.name)
    cells: Cells
    if main.suffix.lower() == ".ipynb":
        kind, cells = "notebook", tuple(notebook_cells(name, text))
    else:
        kind, cells = ("folder" if folder else "python"), ((name, text),)
    modules, notes = _modules(main, "\n".join(source for _, source in cells), own)
    content = hashlib.sha256()
    for file, source in (*cells, *modules):
        content.update(f"{file}\0{len(source)}\0{source}".encode())
    return Submission(content.hexdigest()[:16], student, exercise, kind, one_line(str(path)), cells, modules, notes)


def _main_file(exercise: str, folder: Path) -> Path:
    for name in (f"{exercise}.py", f"{exercise}.ipynb"):
        if (folder / name).exists():
            return folder / name
    names = _names(folder)
    programs = [folder / name for name in names if name.lower().endswith((".py", ".ipynb"))]
    if len(programs) == 1:
        return programs[0]
    place = one_line(folder.name) or "this folder"
    found = ", ".join(one_line(path.name) for path in programs[:5])
    if programs:
        raise Refused(f"{place} holds several programs ({found}); call the one that is meant {exercise}.py")
    there = ", ".join(map(one_line, names[:5])) or "nothing"
    raise Refused(f"{place} holds no program, which is a .py file or a notebook (found: {there})")


def regular(path: Path, own: bool = True) -> BinaryIO:
    """Open a regular file for reading. Raise Refused, never block, on anything else, and on links in a stranger's."""
    name = one_line(path.name)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        fd = os.open(path, flags if own else flags | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        if not own and path.is_symlink():
            raise Refused(f"{name} is a link; hand in the file itself") from None
        raise Refused(f"{name} cannot be read: {error.strerror}") from None
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)  # `open` would not take a folder, and not close it
        raise Refused(f"{name} is no regular file, so it cannot hold a program")
    if not own and status.st_nlink > 1:
        os.close(fd)
        raise Refused(f"{name} is a hard link to another file; hand in a copy")
    return open(fd, "rb")


def read_text(path: Path, own: bool = True) -> str:
    """Return the text of a regular UTF-8 file of reasonable size. Raise Refused, never block, on anything else."""
    name = one_line(path.name)
    with regular(path, own) as file:
        size = os.fstat(file.fileno()).st_size
        if size > MOST_BYTES:
            raise Refused(f"{name} has {size >> 10} KiB; a program of at most {MOST_BYTES >> 10} KiB is read")
        data = file.read(MOST_BYTES + 1)
    if data.startswith(b"PK\3\4") and b"\0" in data:
        raise Refused(f"{name} is a zip archive: unpack it, and hand in the program that is in it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Refused(f"{name} is not UTF-8 (line {line}): open it in your editor and save it as UTF-8") from None
    if "\0" in text:
        raise Refused(f"{name} holds NUL bytes, so it is no text: save it as UTF-8")
    if path.suffix.lower() == ".py":
        _refuse_other_coding(name, text)
    return text


def _refuse_other_coding(name: str, text: str) -> None:
    """Raise Refused where a comment tells Python to read the file as something else, and code could hide from us."""
    lines = text.splitlines()[:2]
    if len(lines) == 2 and lines[0].strip() and not lines[0].lstrip().startswith("#"):
        del lines[1]  # it counts in the second line only if there is no code before it
    for number, line in enumerate(lines, 1):
        found = _COOKIE.match(line)
        if found and found[1].lower().replace("_", "-") not in ("utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii"):
            says = f"{name} says in line {number} that it is written in `{one_line(found[1], 40)}`"
            raise Refused(f"{says}: save it as UTF-8 and take that comment out")


def notebook_cells(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the code cells of a notebook, in order, without magics and shell commands; lines keep their numbers."""
    import json

    try:
        cells = json.loads(text)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        texts = [source if isinstance(source, str) else "".join(source) for source in sources]
        texts = [text.encode("utf-8", "replace").decode() for text in texts]  # JSON can hold half a character
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(f"{name} is no notebook that can be read: save it again from Jupyter (format 4)") from None
    for number, source in enumerate(texts, 1):
        lines = source.split("\n")
        if lines[0].startswith("%%") and not lines[0].startswith(_PYTHON_CELLS):
            continue
        yield f"{name} cell {number}", "\n".join(_without_magics(lines))


def _without_magics(lines: list[str]) -> Iterator[str]:
    """Yield the lines with `pass` for each magic or shell command, and for the lines that it goes on in."""
    going_on = False
    for line in lines:
        found = re.match(r"(\s*)", line) if going_on else _MAGIC.match(line) or _ASKS.match(line)
        going_on = bool(found) and line.rstrip().endswith("\\")
        yield f"{found[1]}pass" if found else line


def _modules(main: Path, text: str, own: bool) -> tuple[Cells, tuple[str, ...]]:
    """Return the neighbours that the program names, and the neighbours of those; and what was left out."""
    waiting: dict[str, dict[str, Path]] = {}
    for file, path in _neighbours(main):
        waiting.setdefault(_top(file), {})[file] = path
    taken: list[tuple[str, str]] = []
    left: list[str] = []
    texts, total = [text], len(text)
    while texts:
        words = set(_WORD.findall(texts.pop()))  # once for all names: there may be thousands, in a long text
        for file, path in [item for name in [n for n in waiting if n in words] for item in waiting.pop(name).items()]:
            if len(taken) == MOST_MODULES:
                left.append(f"{one_line(file)} and more; at most {MOST_MODULES} modules are read")
                return tuple(sorted(taken)), _left_out(left)
            try:
                source = read_text(path, own)
            except Refused as refusal:
                left.append(str(refusal))
                continue
            total += len(source)
            if total > MOST_TOTAL:
                left.append(f"{one_line(file)} and more; at most {MOST_TOTAL >> 20} MiB of modules are read")
                return tuple(sorted(taken)), _left_out(left)
            taken.append((file, source))
            texts.append(source)
    return tuple(sorted(taken)), _left_out(left)


def _left_out(left: Sequence[str]) -> tuple[str, ...]:
    """Return a note for each of the first modules that were left out."""
    more = [f"and {len(left) - MOST_NOTES} more files"] if len(left) > MOST_NOTES else []
    return tuple(f"left out: {why}" for why in [*left[:MOST_NOTES], *more])


def _top(file: str) -> str:
    return file.partition("/")[0].removesuffix(".py")


def _neighbours(main: Path) -> Iterator[tuple[str, Path]]:
    """Yield the modules beside a program: .py files, and those of packages (folders with an `__init__.py`)."""
    count = 0
    folders = [(main.parent, "", 1)]
    while folders:
        folder, prefix, depth = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith(".py") and entry.name[:-3].isidentifier() and (prefix or entry.name != main.name):
                count += 1
                if count > MOST_SEEN:
                    return
                yield f"{prefix}{entry.name}", Path(entry.path)
            elif depth < MOST_DEPTH and entry.name.isidentifier() and _is_package(entry):
                folders.append((Path(entry.path), f"{prefix}{entry.name}/", depth + 1))


def _is_package(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and os.path.exists(os.path.join(entry.path, "__init__.py"))
