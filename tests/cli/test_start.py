"""What `grade start` writes: a program, a notebook, or a script that names its packages."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from conftest import Grade, solution

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest needs it there

METADATA = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")  # from PEP 723


def test_a_notebook_is_valid_earns_nothing_and_is_graded_when_filled_in(grade: Grade) -> None:
    said = grade("start", "ex1", "--notebook")
    assert (said.code, said.out) == (0, "wrote ex1.ipynb; fill in the function, then run `grade ex1`\n")
    path = Path("ex1.ipynb")
    notebook = json.loads(path.read_bytes())
    assert [cell["cell_type"] for cell in notebook["cells"]] == ["markdown", "code", "code"]
    assert len({cell["id"] for cell in notebook["cells"]}) == 3
    assert "0 / 10" in grade("ex1").out
    assert grade("start", "ex1", "--notebook").code == 2  # it is not overwritten
    notebook["cells"][1]["source"] = solution("ex1").splitlines(keepends=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    said = grade("ex1")
    assert (said.code, "10 / 10" in said.out) == (0, True), said.out


def test_the_next_command_names_the_pack(grade: Grade) -> None:
    said = grade("start", "relu_forward", "--pack", "cs231n")
    assert said.code == 0
    words = said.out.rpartition("run `grade ")[2].rstrip("`\n").split()
    assert "not begun" in grade(*words).out


@pytest.mark.torch
def test_jupyter_takes_the_notebook(grade: Grade) -> None:
    nbformat = pytest.importorskip("nbformat")
    grade("start", "ex3", "--notebook")
    nbformat.validate(nbformat.read("ex3.ipynb", as_version=4))


def test_a_script_names_its_packages_as_runners_read_them(grade: Grade) -> None:
    assert grade("start", "ex1", "--script").code == 0
    [found] = METADATA.finditer(Path("ex1.py").read_text(encoding="utf-8"))
    lines = found["content"].splitlines()
    metadata = tomllib.loads("\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines))
    assert (found["type"], metadata) == ("script", {"requires-python": ">=3.10", "dependencies": ["numpy"]})
    assert "not begun: write `conv2d` in ex1.py" in grade("ex1").out


def test_a_notebook_is_not_a_script(grade: Grade) -> None:
    said = grade("start", "ex1", "--script", "--notebook")
    assert (said.code, "--script goes with a .py file" in said.err) == (2, True)
    assert not list(Path().iterdir())


def test_a_template_of_a_pack_is_checked_with_that_pack(grade: Grade, capsys: pytest.CaptureFixture[str]) -> None:
    assert grade("start", "relu_forward", "--pack", "cs231n").code == 0
    assert "Check it with: grade relu_forward --pack cs231n\n" in Path("relu_forward.py").read_text().replace(
        '"""', "\n"
    )
    assert grade("start", "relu_forward", "--notebook", "--pack", "cs231n").code == 0
    *_, last = json.loads(Path("relu_forward.ipynb").read_text())["cells"]
    capsys.readouterr()
    exec("".join(last["source"]), {"relu_forward": lambda x: (abs(x), x)})
    assert "(grade explain relu-magnitude --pack cs231n)" in " ".join(capsys.readouterr().out.split())
