"""The pages show real output: what they tell people to type is run, and must print what stands there.

The blocks of a page are taken in their order, in a folder of its own that begins with a copy of what the commands name
(`demo/right/ex1.py`). A block with a file's name behind its language (```python ex1.py) is that file: it is written
there. A ```console block is one `grade …` (or `python demo/…`) and its output. Times and speeds differ from run to run,
and count as equal. Run as a program, this file writes anew what is no longer true.
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

import click
import pytest

from grader.cli.app import grade as _grade
from grader.cli.grading import grade_exercise as _run

ROOT = Path(__file__).parent.parent
PAGES = sorted(path for pattern in ("*.md", "docs/*.md", "grader/**/*.md") for path in ROOT.glob(pattern))
GUIDES = [path for path in PAGES if path.parent == ROOT / "docs" or path == ROOT / "README.md"]
BLOCK = re.compile(r"^```(console|\w+ [^\s`]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"\$ ((?:grade|python demo/)[^\n]*)\n(.*)", re.DOTALL)
MARKS = {"docs/authors.md": ["torch"], "docs/instructors.md": ["torch", "once"]}
TIMES = re.compile(r"\b\d+(\.\d+)? s\b|\b\d+/s")


class Shown(NamedTuple):
    """A command and its output: as the page has it, and as it is."""

    command: str
    there: str
    printed: str
    place: tuple[int, int]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def commands(text: str) -> list[str]:
    return [found[1] for kind, body in BLOCK.findall(text) if kind == "console" and (found := COMMAND.match(body))]


def play(text: str, folder: Path) -> Iterator[Shown]:
    """Do what a page says, in `folder`; yield each command with its output."""
    for word in (word for command in commands(text) for word in shlex.split(command) if "/" in word):
        if (ROOT / word).is_file():
            (folder / word).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / word, folder / word)
    for block in BLOCK.finditer(text):
        file, found = block[1].partition(" ")[2], COMMAND.match(block[2])
        if file:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(block[2], encoding="utf-8")
        elif found:
            there = (block.start(2) + found.start(2), block.end(2))
            yield Shown(found[1], found[2], said(found[1], folder), there)


def said(command: str, folder: Path = ROOT) -> str:
    program, *words = shlex.split(command)
    grade = [str(Path(sys.executable).parent / "grade")]
    words = [*grade, *words] if program == "grade" else [sys.executable, str(ROOT / words[0]), *words[1:]]
    environment = {k: v for k, v in os.environ.items() if k != "GRADE_PACK"}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    lines = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
    return "".join(f"{line}\n" for line in lines if not line.startswith("graded: "))  # the progress of a slow run


def timeless(text: str) -> str:
    return TIMES.sub("…", text)


def params() -> list[object]:
    shown = [page for page in GUIDES if commands(page.read_text(encoding="utf-8"))]
    marks = {page: [getattr(pytest.mark, mark) for mark in MARKS.get(name(page), ())] for page in shown}
    return [pytest.param(page, id=name(page), marks=marks[page]) for page in shown]


@pytest.mark.parametrize("page", params())
def test_the_output_shown_is_the_output_printed(page: Path, tmp_path: Path) -> None:
    for command, there, printed, _ in play(page.read_text(encoding="utf-8"), tmp_path):
        assert timeless(printed) == timeless(there), command


def test_there_are_blocks() -> None:
    assert len([c for page in GUIDES for c in commands(page.read_text(encoding="utf-8"))]) >= 20


def doors(command: click.Command, called: str) -> Iterator[tuple[str, click.Command]]:
    """Yield all commands with the words that call them."""
    yield called, command
    if isinstance(command, click.Group):
        for each, below in command.commands.items():
            yield from doors(below, f"{called} {each}")


DOORS = dict([*doors(_grade, "grade"), ("grade EXERCISE", _run)])


@pytest.mark.parametrize("called", DOORS)
def test_every_command_and_option_is_in_its_help_and_in_the_docs(called: str) -> None:
    with click.Context(DOORS[called], info_name=called) as ctx:
        help = DOORS[called].get_help(ctx)
    docs = "\n".join(page.read_text(encoding="utf-8") for page in GUIDES)
    assert called == "grade EXERCISE" or re.search(rf"\b{called}\b", docs)
    for option in (p for p in DOORS[called].params if isinstance(p, click.Option)):
        assert option.help, f"{called} {option.opts[-1]} has no help"
        assert option.opts[-1] in help
        assert re.search(rf"(?<![\w-]){re.escape(option.opts[-1])}(?![\w-])", docs), f"{called} {option.opts[-1]}"


def test_the_help_lists_every_command_once() -> None:
    with click.Context(_grade) as ctx:
        assert sorted(_grade.list_commands(ctx)) == sorted(_grade.commands)


def anchor(heading: str) -> str:
    """Return the name by which GitHub lets a heading be linked."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, place = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if place:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert place in map(anchor, headings), link


def test_make_commands_in_the_readme_exist() -> None:
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^    make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE):
        assert f"\n{target}:" in targets


if __name__ == "__main__":
    for page in GUIDES:
        text = page.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            stale = [it for it in play(text, Path(folder)) if timeless(it.printed) != timeless(it.there)]
        for it in reversed(stale):
            text = text[: it.place[0]] + it.printed + text[it.place[1] :]
        page.write_text(text, encoding="utf-8")
