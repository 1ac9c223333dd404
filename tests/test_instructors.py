"""docs/instructors.md shows a class of 300: its commands are run in their order, and print what stands there.

Times and speeds differ from run to run, and are compared as `…`. Run as a program, this file writes the output anew.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import ROOT

PAGE = ROOT / "docs" / "instructors.md"
BLOCK = re.compile(r"```console\n\$ ([^\n]*)\n(.*?)```", re.DOTALL)
TIMES = re.compile(r"\b\d+(\.\d+)? s\b|\b\d+/s")


def said(command: str, folder: Path) -> str:
    words = shlex.split(command)
    if words[0] == "grade":
        words = [sys.executable, "-I", "-m", "grader", *words[1:]]
    elif words[0] == "python":
        words = [sys.executable, str(ROOT / words[1]), *words[2:]]
    environment = {name: value for name, value in os.environ.items() if name != "GRADE_PACK"}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    lines = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
    return "".join(f"{line}\n" for line in lines if not line.startswith("graded: "))  # the progress of a slow run


def timeless(text: str) -> str:
    return TIMES.sub("…", text)


@pytest.mark.once
@pytest.mark.torch
def test_the_class_of_300_is_as_shown(tmp_path: Path) -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) >= 6
    for command, shown in blocks:
        assert timeless(said(command, tmp_path)) == timeless(shown), command


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        text = PAGE.read_text(encoding="utf-8")
        text = BLOCK.sub(lambda m: f"```console\n$ {m[1]}\n{said(m[1], Path(name))}```", text)
        PAGE.write_text(text, encoding="utf-8")
