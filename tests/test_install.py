"""Installing the grader as people do: the wheel and the source archive, each into an empty environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

from grader.errors import to_install

COPIED = ("grader", "exercises", "packs", "pyproject.toml", "README.md", "LICENSE")
RUNS = (("grade",), ("torch-grader",), ("python", "-m", "grader"))


def run(*words: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GRADE", "COVERAGE"))}
    command = [str(word) for word in words]
    return subprocess.run(command, cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False)


def empty(root: Path, pip: bool = True) -> Path:
    """Make an environment, and return the folder of its commands."""
    venv.EnvBuilder(symlinks=True, with_pip=pip).create(root)
    return root / "bin"


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Build the source archive and the wheel from a copy of the repository."""
    home = tmp_path_factory.mktemp("build")
    source, bin = home / "source", empty(home / "builder")
    source.mkdir()
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    for words in (("pip", "install", "--quiet", "hatchling>=1.25"), ("hatchling", "build", "-d", str(home))):
        done = run(bin / "python", "-m", *words, cwd=source)
        assert done.returncode == 0, done.stderr
    return [*home.glob("*.tar.gz"), *home.glob("*.whl")]


@pytest.mark.long
def test_both_archives_hold_the_course(archives: list[Path]) -> None:
    sdist, wheel = archives
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    assert {"exercises/ex1.yaml", "packs/cs231n/relu_forward.yaml", "grader/py.typed"} <= {
        name.partition("/")[2] for name in names
    }
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {"grader/packs/deck/ex1.yaml", "grader/packs/deck/ex1.ref.json", "grader/packs/cs231n/relu_forward.yaml"}
    assert {*shipped, "grader/py.typed"} <= {*names}


@pytest.mark.long
@pytest.mark.parametrize("number", [0, 1], ids=["sdist", "wheel"])
def test_an_installed_archive_grades(archives: list[Path], tmp_path: Path, number: int) -> None:
    bin, here = empty(tmp_path / "env"), tmp_path / "homework"
    here.mkdir()
    done = run(bin / "python", "-m", "pip", "install", "--quiet", archives[number], cwd=here)
    assert done.returncode == 0, done.stderr
    shutil.copy(ROOT / "solutions" / "ex1.py", here)
    for words in RUNS:
        done = run(bin / words[0], *words[1:], "ex1", cwd=here)
        assert (done.returncode, "10 / 10" in done.stdout) == (0, True), done.stderr
    done = run(bin / "grade", "verify", "ex1", "--pack", ROOT / "exercises", cwd=here)
    assert done.returncode == 3
    assert f"{bin / 'python'} -m pip install torch` (the extra `torch`" in " ".join(done.stderr.split())


@pytest.mark.pythons
@pytest.mark.parametrize("words", [["ex1"], ["list"], [], ["ex1", "--format", "json"]])
def test_without_its_packages_it_says_that_it_is_not_installed(tmp_path: Path, words: list[str]) -> None:
    bin = empty(tmp_path / "env", pip=False)
    done = run(bin / "python", "-m", "grader", *words, cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert done.returncode == 3
    assert re.match(
        r"torch-grader is not installed in this Python \(.*env/bin/python\): it has no `\w+`\n", done.stderr
    )
    assert "grader failed" not in done.stderr


def test_no_message_installs_our_name_from_an_index() -> None:
    named = re.compile(r"pip install[^`\n]*torch-grader")
    files = [*ROOT.glob("grader/**/*.py"), *ROOT.glob("docs/**/*.*"), ROOT / "README.md"]
    texts = {path: path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".md", ".yml")}
    assert len(texts) > 50
    assert not [f"{path.relative_to(ROOT)}: {m[0]}" for path, text in texts.items() for m in named.finditer(text)]


def test_a_command_that_adds_a_package_names_this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/my envs/bin/python")
    expected = "`'/my envs/bin/python' -m pip install torch` (the extra `torch` of torch-grader)"
    assert to_install("torch", extra="torch") == expected
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert to_install("a", "b") == "`uv pip install --python '/my envs/bin/python' a b`"
