"""Run the console blocks of the pages, so that the pages show what the program really prints.

The blocks of a page run in order, in a folder of their own that starts with a copy of each file and folder that a
command names (`demo/right/ex1.py`). A block with a file name after its language (```python ex1.py) is written to that
file. A ```console block is one command and its output. `tests/test_readme.py` compares the output with the page, and
`python docs/generate.py --outputs` writes it into the page. Times, speeds and the order of gradings (`#17`) differ
between runs, and digests between versions, so they count as equal.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(console|\w+ [^\s`]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"\$ ((?:grade|python demo/|pytest )[^\n]*)\n(.*)", re.DOTALL)
TIMES = re.compile(
    r"\b\d+(\.\d+)? ?s\b|\b\d+/s|#\d+\b|\b20\d\d-\d\d-\d\d \d\d:\d\d(?= )|\b(program|exercise) [0-9a-f]{8}\b"
)
USER = "kim"  # who decides, in a journal
PROGRESS = re.compile(r"graded: |(report|(reading|writing|checking|comparing) .+): \d+ s$")  # of slow runs
AMBIENT = ("GRADE_", "GITHUB_", "PYTEST", "CI", "BUILD_NUMBER", "FORCE_COLOR", "CLICOLOR", "PY_COLORS", "COLUMNS")


class Shown(NamedTuple):
    """A command, its output on the page and where that is in the text, and its output now."""

    command: str
    on_page: str
    printed: str
    place: slice


def name(page: Path) -> str:
    """Return the path of a page within the repository."""
    return page.relative_to(ROOT).as_posix()


def commands(text: str) -> list[str]:
    """Return the commands that a page shows with their output."""
    return [found[1] for kind, body in BLOCK.findall(text) if kind == "console" and (found := COMMAND.match(body))]


def play(text: str, folder: Path) -> Iterator[Shown]:
    """Run what a page shows, in `folder`; yield each command with its output."""
    for word in (word for command in commands(text) for word in shlex.split(command) if "/" in word):
        if (ROOT / word).is_dir():
            shutil.copytree(ROOT / word, folder / word, dirs_exist_ok=True)
        elif (ROOT / word).is_file():
            (folder / word).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / word, folder / word)
    for block in BLOCK.finditer(text):
        file, found = block[1].partition(" ")[2], COMMAND.match(block[2])
        if file:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(block[2], encoding="utf-8")
        elif found:
            place = slice(block.start(2) + found.start(2), block.end(2))
            yield Shown(found[1], found[2], output(found[1], folder), place)


def output(command: str, folder: Path = ROOT) -> str:
    """Return what a command prints in `folder`; pytest, which needs specs and submissions, runs in the repository."""
    program, *words = shlex.split(command)
    if program == "python":
        words = [sys.executable, str(ROOT / words[0]), *words[1:]]
    else:
        words = [str(Path(sys.executable).parent / program), *words]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
    environment["LOGNAME"] = USER
    cwd = ROOT if program == "pytest" else folder
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False, env=environment)
    return shown(done.stdout + done.stderr)


def shown(printed: str) -> str:
    """Return what a page shows of what a command printed."""
    lines = [line.rstrip() for line in printed.splitlines()]
    return "".join(f"{line}\n" for line in lines if not PROGRESS.match(line))


def timeless(text: str) -> str:
    """Replace times and speeds, which differ between runs."""
    return TIMES.sub("…", text)


def refreshed(text: str) -> str:
    """Return a page with the output that its commands print now; where only a time differs, nothing changes."""
    with tempfile.TemporaryDirectory() as folder:
        stale = [shown for shown in play(text, Path(folder)) if timeless(shown.printed) != timeless(shown.on_page)]
    for shown in reversed(stale):
        text = text[: shown.place.start] + shown.printed + text[shown.place.stop :]
    return text
