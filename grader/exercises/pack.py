"""Packs: the folders of exercise specs, the ids in them, and the command that renews their reference answers."""

from __future__ import annotations

import os
import re
from pathlib import Path

from grader.errors import GradeError, Problem


def pack_folder(folder: str | None = None) -> Path:
    """Return the folder of specs to use: the given one, `GRADE_PACK`, or the course that comes with the grader."""
    chosen = folder or os.environ.get("GRADE_PACK")
    if chosen:
        path = Path(chosen)
        if not path.is_dir():
            raise GradeError(Problem(f"there is no folder `{chosen}` with exercises", "check `--pack` or GRADE_PACK"))
        return path
    return course_folder()


def course_folder() -> Path:
    package = Path(__file__).parent.parent
    installed = package / "packs" / "deck"
    return installed if installed.is_dir() else package.parent / "exercises"


def renewal(folder: Path, name: str) -> str:
    """Return the command that asks torch anew for an exercise of `folder`."""
    known = folder == course_folder() or str(folder) == os.environ.get("GRADE_PACK")
    return f"grade verify {_word(name)} --write" + ("" if known else f" --pack {_word(str(folder))}")


def _word(text: str) -> str:
    """Write a name as one word of a command, for sh and for Windows."""
    return f'"{text}"' if " " in text else text


def exercise_ids(folder: Path) -> list[str]:
    """Return the ids of a pack's exercises, `ex2` before `ex10`."""
    return sorted((entry.stem for entry in folder.glob("*.yaml")), key=natural_order)


def natural_order(id: str) -> list[int | str]:
    """Return what puts `ex2` before `ex10`."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", id)]
