"""Packs: folders of exercise specs, the ids in them, and the command that renews their reference answers."""

from __future__ import annotations

import os
import re
from pathlib import Path

from grader.errors import GradeError, Problem

PACKAGE = Path(__file__).parent.parent
_SPEC = re.compile(rb"^op[ \t]*:", re.MULTILINE)  # what tells a spec from another YAML file


def pack_folder(folder: str | None = None) -> Path:
    """Return the folder of specs to grade with: the given one, `GRADE_PACK`, or the course's own."""
    chosen = folder or os.environ.get("GRADE_PACK")
    if chosen:
        path = Path(chosen)
        try:
            found = path.is_dir()
        except PermissionError as error:
            says = f"the folder `{chosen}` cannot be read: {error.strerror}"
            raise GradeError(Problem(says, "check its permissions and those of the folders around it")) from None
        if not found:
            raise GradeError(Problem(f"there is no folder `{chosen}` with exercises", "check `--pack` or GRADE_PACK"))
        return path
    return course_folder()


def course_folder() -> Path:
    """Return the folder of the course's own exercises: in the package, or beside it in a checkout."""
    installed = PACKAGE / "packs" / "deck"
    return installed if installed.is_dir() else PACKAGE.parent / "exercises"


def local_pack() -> Path | None:
    """Return the folder of the specs that an author keeps here: `exercises/`, or the working folder itself."""
    return next((folder for folder in (Path("exercises"), Path()) if any(map(_is_spec, folder.glob("*.yaml")))), None)


def _is_spec(path: Path) -> bool:
    try:
        return bool(_SPEC.search(path.read_bytes()))
    except OSError:
        return False


def is_installed(folder: Path) -> bool:
    """Tell whether a pack belongs to the installed package: only installing it again may change it."""
    return PACKAGE / "packs" in folder.resolve().parents


def renewal(folder: Path, name: str) -> str:
    """Return the advice for an exercise of `folder` whose reference answers are missing, stale or broken."""
    if is_installed(folder):
        return "install the grader's file again, with `pip install --force-reinstall FILE`"
    chosen = os.environ.get("GRADE_PACK") or local_pack()
    is_default = chosen is not None and Path(chosen).resolve() == folder.resolve()
    return f"run `grade verify {_word(name)} --write{'' if is_default else f' --pack {_word(str(folder))}'}`"


def _word(text: str) -> str:
    """Write a name as one word of a command line."""
    return f'"{text}"' if " " in text else text


def short_path(path: Path) -> str:
    """Return a path for a message: relative where it lies below the working folder."""
    try:
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    except OSError:  # the working folder is gone
        return str(path)


def exercise_ids(folder: Path) -> list[str]:
    """Return the ids of a pack's exercises, `ex2` before `ex10`."""
    return sorted((entry.stem for entry in folder.glob("*.yaml")), key=natural_order)


def model_solution(folder: Path, id: str) -> Path | None:
    """Return the model solution of an exercise, which is in `solutions/` in the pack or beside it, if there is one."""
    found = (place / "solutions" / f"{id}.py" for place in (folder, folder.parent))
    return next(filter(Path.exists, found), None)


def natural_order(id: str) -> list[int | str]:
    """Return what puts `ex2` before `ex10`."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", id)]
