"""The pages are true: their commands print what the pages show, their links lead somewhere, every option is in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import console
import pytest
from conftest import ROOT, Grade
from console import PAGES as GUIDES
from console import commands, name, play, refreshed, timeless

from grader.cli.app import grade as _grade
from grader.cli.grading import grade_exercise as _run

PAGES = sorted(path for pattern in ("*.md", "docs/*.md", "grader/**/*.md") for path in ROOT.glob(pattern))
MARKS = {
    "docs/authors.md": ["torch"],
    "docs/signatures.md": ["torch"],
    "docs/gradients.md": ["torch"],
    "docs/instructors.md": ["torch"],
    "docs/students.md": ["pythons"],
}


def params() -> list[object]:
    shown = [page for page in GUIDES if commands(page.read_text(encoding="utf-8"))]
    marks = {page: [getattr(pytest.mark, mark) for mark in MARKS.get(name(page), ())] for page in shown}
    return [pytest.param(page, id=name(page), marks=marks[page]) for page in shown]


@pytest.mark.parametrize("page", params())
def test_the_output_shown_is_the_output_printed(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grade: Grade
) -> None:
    """Run the commands as processes, except those that would import torch again."""
    real = console.output

    def output(command: str, folder: Path) -> str:
        if not command.startswith("grade verify"):
            return real(command, folder)
        monkeypatch.chdir(folder)
        said = grade(*shlex.split(command)[1:])
        return console.shown(said.out + said.err)

    monkeypatch.setattr(console, "output", output)
    for command, on_page, printed, _ in play(page.read_text(encoding="utf-8"), tmp_path):
        assert timeless(printed) == timeless(on_page), command


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


def test_a_stale_block_is_found_and_rewritten() -> None:
    text = (
        "Before.\n\n```python ex0.py\ndef elementwise_product(a, b):\n    return a * b\n```\n\n"
        "```console\n$ grade ex0 --format csv\nold\n```\n\nAfter.\n"
    )
    new = refreshed(text)
    assert new.startswith(text.partition("old")[0])
    assert new.endswith("```\n\nAfter.\n")
    assert "\nex0,Element-wise product,,sweep 40,true," in new
    assert refreshed(new) == new
