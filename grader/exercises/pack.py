"""Packs: folders of exercise specs, the ids in them, and the command that renews their reference answers."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from grader.errors import GradeError, Problem, listed, near
from grader.text import shell_word

PACKAGE = Path(__file__).parent.parent
LARGEST = 1 << 20  # bytes of a file that a spec names
_FILE = re.compile(rb"^file[ \t]*:[ \t]*[\"']?([^\"'#\n]+)", re.MULTILINE)
_SPEC = re.compile(rb"^op[ \t]*:", re.MULTILINE)  # what tells a spec from another YAML file


def pack_folder(folder: str | None = None) -> Path:
    """Return the folder of specs to grade with: the given one, `GRADE_PACK`, or the course's own.

    A name such as `d2l` is the pack that comes with the grader, also where there is a folder `d2l`: a student's
    repository must not replace the exercises.
    """
    chosen = folder or os.environ.get("GRADE_PACK")
    if chosen:
        if chosen in (known := packs()):
            return known[chosen]
        path = Path(chosen)
        try:
            found = path.is_dir()
        except PermissionError as error:
            says = f"the folder `{chosen}` cannot be read: {error.strerror}"
            raise GradeError(Problem(says, "check its permissions and those of the folders around it")) from None
        if not found:
            help = f"check `--pack` or GRADE_PACK; packs that come with the grader: {listed(known)}"
            help = near(chosen, known) or help if os.path.basename(chosen) == chosen else "check `--pack` or GRADE_PACK"
            raise GradeError(Problem(f"there is no folder `{chosen}` with exercises", help))
        return path
    return course_folder()


def packs() -> dict[str, Path]:
    """Return the packs for other courses that come with the grader, by name."""
    home = PACKAGE / "packs" if (PACKAGE / "packs").is_dir() else PACKAGE.parent / "packs"
    return {path.name: path for path in sorted(home.glob("*")) if path.is_dir() and path.name != "deck"}


def pack_words(pack: str | None) -> str:
    """Return the ` --pack NAME` that a command needs at its end to find the same exercises, or nothing."""
    return f" --pack {shell_word(pack)}" if pack else ""


def pack_name(folder: Path) -> str:
    """Return the name of a pack that comes with the grader, by its folder; an empty string for another folder."""
    return next((name for name, path in packs().items() if path.resolve() == folder.resolve()), "")


def other_packs(name: str) -> str:
    """Return the advice to use a pack that has an exercise, or the course's file, of this name without an ending."""
    owners = {pack: {*exercise_ids(folder), *course_files(folder).values()} for pack, folder in packs().items()}
    words = [f"`--pack {pack}`" for pack, names in owners.items() if name in {Path(own).stem for own in names}]
    return f"{' or '.join(words)} knows `{name}`" if words else ""


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
    shown = f"./{folder}" if str(folder) in packs() else str(folder)
    return f"run `grade verify {shell_word(name)} --write{'' if is_default else pack_words(shown)}`"


def short_path(path: Path) -> str:
    """Return a path for a message: relative where it lies below the working folder."""
    try:
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    except OSError:  # the working folder is gone
        return str(path)


def exercise_ids(folder: Path) -> list[str]:
    """Return the ids of a pack's exercises, `ex2` before `ex10`."""
    return sorted((entry.stem for entry in folder.glob("*.yaml")), key=natural_order)


def course_files(folder: Path) -> dict[str, str]:
    """Return the names that students' files have in the course, by exercise, where they are not the exercises' own.

    The specs are not parsed: that takes much longer.
    """
    found: dict[str, str] = {}
    for id in exercise_ids(folder):
        try:
            name = _FILE.search((folder / f"{id}.yaml").read_bytes())
        except OSError:  # whoever reads the exercise says so
            continue
        if name:
            found[id] = name[1].decode("utf-8", "replace").strip()
    return found


def model_solution(folder: Path, id: str, file: str = "") -> Path | None:
    """Return the model solution of an exercise, if there is one.

    It is in `solutions/` in the pack or beside it, or in a folder of the pack's name there. The `file` that holds all
    functions of a course may hold those of several exercises.
    """
    around = folder.resolve().parent
    places = (folder / "solutions", around / "solutions", around.parent / "solutions" / folder.resolve().name)
    found = (place / name for place in places for name in (f"{id}.py", file) if name)
    return next(filter(Path.exists, found), None)


def natural_order(id: str) -> list[int | str]:
    """Return what puts `ex2` before `ex10`."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", id)]


def digest(path: Path) -> str:
    """Return the digest of a file's bytes, shortened; an empty string where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


def file_of(folder: Path, name: str) -> Path:
    """Return a file of a pack by the name that a spec gives it. Raise ValueError, with why, where it is not one."""
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts or "\\" in name:
        raise ValueError(f"`{name}` is not in the folder of the pack")
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ValueError(f"`{name}` is a link to a file outside of the folder of the pack")
        if not path.is_file():
            raise ValueError(f"there is no file `{name}` in the folder of the pack")
        size = path.stat().st_size
    except OSError as error:
        raise ValueError(f"`{name}` cannot be read: {error.strerror}") from None
    if size > LARGEST:
        raise ValueError(f"`{name}` has more than {LARGEST >> 10} KiB")
    return path
