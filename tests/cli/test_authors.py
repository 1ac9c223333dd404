"""Which exercises `grade verify` proves, and that a broken exercise costs no other one anything."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Grade, solution
from venvs import make_venv, run_grade


def lay_out(folder: Path, *names: str) -> Path:
    """Copy exercises of the course with their answers into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for suffix in (".yaml", ".ref.json", ".misconceptions"):
            shutil.copy(ROOT / "exercises" / f"{name}{suffix}", folder)
    return folder


def lay_out_solutions(folder: Path, *names: str) -> None:
    (folder / "solutions").mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(ROOT / "solutions" / f"{name}.py", folder / "solutions")


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment in which the grader is installed."""
    return make_venv(tmp_path_factory.mktemp("installed") / "venv")


# which exercises


@pytest.mark.torch
@pytest.mark.parametrize("folder", ["exercises", "."])
def test_verify_proves_the_exercises_here(grade: Grade, folder: str) -> None:
    lay_out(Path(folder), "ex0")
    lay_out_solutions(Path(), "ex0")
    Path("workflow.yaml").write_text("on: push\n", encoding="utf-8")
    if folder == ".":
        Path("workflow.yaml").unlink()
    said = grade("verify")
    assert said.code == 0, said.out
    assert said.out.splitlines()[0] == f"Verifying exercises in `{folder}/` …"
    assert re.findall(r"(?m)^[✓✗] (\w+)", said.out) == ["ex0"]


@pytest.mark.torch
@pytest.mark.parametrize("by_option", [True, False])
def test_verify_proves_the_named_folder_not_the_one_here(
    grade: Grade, monkeypatch: pytest.MonkeyPatch, by_option: bool
) -> None:
    lay_out(Path("exercises"), "ex0")
    lay_out(Path("mine"), "ex10")
    lay_out_solutions(Path("mine"), "ex10")
    if not by_option:
        monkeypatch.setenv("GRADE_PACK", "mine")
    said = grade("verify", *(["--pack", "mine"] if by_option else []))
    assert said.code == 0, said.out
    assert said.out.splitlines()[0] == "Verifying exercises in `mine/` …"
    assert re.findall(r"(?m)^[✓✗] (\w+)", said.out) == ["ex10"]


@pytest.mark.parametrize("write", [True, False])
def test_verify_without_exercises_here(grade: Grade, write: bool) -> None:
    Path("workflow.yaml").write_text("on: push\njobs:\n  op: x\n", encoding="utf-8")
    before = contents(ROOT / "exercises")
    said = grade("verify", *(["--write"] if write else []))
    assert said.code == 2
    assert "there is nothing to verify" in said.err
    assert "`grade verify --pack DIR`" in said.err
    assert contents(ROOT / "exercises") == before


def test_an_installed_course_is_never_written_to(installed: Path, tmp_path: Path) -> None:
    [deck] = (installed.parent.parent / "lib").glob("python*/site-packages/grader/packs/deck")
    before = contents(deck)
    nothing = run_grade(installed, "verify", "--write", cwd=tmp_path)
    assert (nothing.returncode, "there is nothing to verify" in nothing.stderr) == (2, True)
    refused = run_grade(installed, "verify", "--write", "--pack", str(deck), cwd=tmp_path)
    assert (refused.returncode, "never written to" in refused.stderr) == (2, True)
    (deck / "ex0.ref.json").write_bytes(b"{")
    assert "pip install --force-reinstall" in run_grade(installed, "ex0", cwd=tmp_path).stderr
    (deck / "ex0.ref.json").write_bytes(before[deck / "ex0.ref.json"])
    assert contents(deck) == before


@pytest.mark.torch
def test_an_installed_grader_proves_the_course_of_a_checkout(installed: Path) -> None:
    said = run_grade(installed, "verify", cwd=ROOT)
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.splitlines()[0] == "Verifying exercises in `exercises/` …"
    rows = [line for line in said.stdout.splitlines() if re.match(r"[✓✗] ex\d", line)]
    assert len(rows) == len(list((ROOT / "exercises").glob("*.yaml"))) == 17
    for row in rows:
        assert row.startswith("✓")
        caught, of = re.findall(r"(\d+) of (\d+)", row)[0]
        assert caught == of


def test_new_names_the_command_that_finds_the_spec(grade: Grade) -> None:
    assert "`grade verify mine --write`" in grade("new", "mine", "--op", "conv2d").out
    Path("pack").mkdir()
    assert "`grade verify mine --write --pack pack`" in grade("new", "mine", "--op", "conv2d", "--pack", "pack").out


# a broken exercise and its neighbours


@pytest.fixture
def broken(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a pack of one sound, one stale and one broken exercise. Return the broken one's place."""
    pack = lay_out(Path("exercises"), "ex0", "ex1", "ex10")
    stale = (pack / "ex1.yaml").read_text(encoding="utf-8")
    (pack / "ex1.yaml").write_text(stale.replace("bias: 1", "bias: 2"), encoding="utf-8")
    (pack / "ex10.yaml").write_text("format: 1\nstrides: 2\n", encoding="utf-8")
    lay_out_solutions(Path(), "ex0", "ex1", "ex10")
    monkeypatch.setenv("GRADE_PACK", "exercises")
    return "exercises/ex10.yaml:2:1: "


def test_list_shows_broken_exercises_beside_the_others(grade: Grade, broken: str) -> None:
    said = grade("list")
    assert said.code == 0
    assert "Element-wise product" in said.out
    assert "✗ ex1 cannot be graded\nexercises/ex1.yaml: torch's answers are missing or stale for" in said.out
    assert "`grade verify ex1 --write`" in said.out
    assert f"\n{broken}the exercise has an unknown field `strides`\n" in said.out


def test_grade_grades_the_others(grade: Grade, broken: str) -> None:
    Path("ex0.py").write_text(solution("ex0"), encoding="utf-8")
    said = grade()
    assert said.code == 0  # what nobody has begun costs nobody anything
    assert "✓ ex0" in said.out
    assert broken in said.out
    Path("ex1.py").write_text(solution("ex1"), encoding="utf-8")
    said = grade("--output", "json=all.json")
    assert said.code == 2
    assert "✓ ex0" in said.out
    assert "✗ ex1 cannot be graded\nexercises/ex1.yaml: " in said.out
    right, stale = json.loads(Path("all.json").read_bytes())
    assert right["score"] == right["max_score"]
    assert stale["checks"][0]["verdict"] == "internal_error"
    assert "not graded, through no fault of the program" in stale["checks"][0]["text"]


@pytest.mark.torch
def test_verify_proves_the_others(grade: Grade, broken: str) -> None:
    Path("solutions/ex1.py").write_bytes(b"\xff")  # and a solution that cannot be read
    said = grade("verify")
    assert said.code == 2
    assert "✓ ex0" in said.out
    assert "✗ ex1" in said.out
    assert "stale" in said.out
    assert broken in said.out
