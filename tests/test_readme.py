"""The README shows real output: each console block is run and must print what stands there.

Run as a program, this file writes the blocks anew.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/gradescope.md")
BLOCK = re.compile(r"```console\n\$ (grade [^\n]*)\n(.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str, str]]:
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        found += [(page, command, shown) for command, shown in BLOCK.findall(text)]
    return found


def said(command: str) -> str:
    words = [str(Path(sys.executable).parent / "grade"), *shlex.split(command)[1:]]
    environment = {k: v for k, v in os.environ.items() if k != "GRADE_PACK"}
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    return "".join(f"{line.rstrip()}\n" for line in (done.stdout + done.stderr).splitlines())


def needs_torch(command: str) -> bool:
    return command.split()[1] == "verify"


def params() -> list[object]:
    return [
        pytest.param(command, shown, id=f"{page}: {command}", marks=[pytest.mark.torch] if needs_torch(command) else [])
        for page, command, shown in blocks()
    ]


@pytest.mark.parametrize("command, shown", params())
def test_the_output_shown_is_the_output_printed(command: str, shown: str) -> None:
    assert said(command) == shown


def test_there_are_blocks() -> None:
    assert len(blocks()) >= 5


@pytest.mark.parametrize(
    "option", ["--format", "--output", "--isolation", "--no-color", "--pack", "--write", "NO_COLOR"]
)
def test_every_option_is_in_the_help(option: str) -> None:
    helps = said("grade --help") + said("grade ex1 --help") + said("grade verify --help")
    assert option in helps


def test_make_commands_in_the_readme_exist() -> None:
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^    make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE):
        assert f"\n{target}:" in targets


if __name__ == "__main__":
    for page in PAGES:
        path = ROOT / page
        text = path.read_text(encoding="utf-8")
        path.write_text(BLOCK.sub(lambda m: f"```console\n$ {m[1]}\n{said(m[1])}```", text), encoding="utf-8")
