"""The zip for Gradescope, unpacked and run as the platform does: its layout, its scripts, a venv of its own."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from decimal import Decimal
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Grade
from venvs import make_venv

from grader.platforms import gradescope_package

WRONG = ROOT / "demo" / "wrong" / "ex1.py"
FIRST_CELL = "2×1 + 2×1 + 1×0 + 0×1 + 4×1 + 0×0 + 0×1 + 4×0 + 1×1"  # of the slide: input times kernel


def built(grade: Grade, *words: str) -> zipfile.ZipFile:
    """Build a zip with the command."""
    said = grade("gradescope", *words, "-o", "a.zip")
    assert (said.code, said.err) == (0, "")
    return zipfile.ZipFile("a.zip")


def test_what_is_in_it(grade: Grade) -> None:
    names = built(grade, "ex1", "ex3").namelist()
    [wheel] = [name for name in names if name.endswith(".whl")]
    specs = [f"exercises/{id}{suffix}" for id in ("ex1", "ex3") for suffix in (".yaml", ".ref.json", ".misconceptions")]
    assert sorted(names) == sorted(["setup.sh", "run_autograder", "autograder.json", wheel, *specs])


def test_scripts_can_be_run_and_end_their_lines_as_unix_does(grade: Grade) -> None:
    archive = built(grade, "ex1")
    for name in ("setup.sh", "run_autograder"):
        assert archive.getinfo(name).external_attr >> 16 == 0o100755
        script = archive.read(name)
        assert script.startswith(b"#!/bin/sh\n")
        assert b"\r" not in script
        subprocess.run(["sh", "-n"], input=script, check=True)


def test_it_says_what_was_built(grade: Grade) -> None:
    said = grade("gradescope", "ex1", "ex3", "ex1", "-o", "a.zip")
    assert said.out == "wrote a.zip: ex1, ex3, 20 points; upload it under `Configure Autograder`\n"
    assert json.loads(zipfile.ZipFile("a.zip").read("autograder.json")) == {
        "exercises": ["ex1", "ex3"],
        "trusted": False,
        "pack": "",
    }
    assert json.loads(built(grade, "relu_forward", "--pack", "cs231n").read("autograder.json"))["pack"] == "cs231n"


def test_hidden_cases_hide_the_total_and_it_says_so(grade: Grade, tmp_path: Path) -> None:
    for suffix in (".yaml", ".ref.json"):
        shutil.copy(ROOT / "exercises" / f"ex1{suffix}", tmp_path)
    spec = tmp_path / "ex1.yaml"
    spec.write_text(
        spec.read_text(encoding="utf-8").replace("- name: bias 1\n", "- name: bias 1\n    hidden: true\n"),
        encoding="utf-8",
    )
    said = grade("gradescope", "ex1", "--pack", str(tmp_path), "-o", "a.zip")
    assert said.out.endswith("`ex1` has hidden cases: students will not see their total score\n")
    assert "nor the total score" in " ".join(grade("gradescope", "--help").out.split())


@pytest.mark.parametrize(
    "words, says",
    [
        (("ex1", "ex99"), "there is no exercise `ex99`"),
        (("ex1", "-o", "no/where.zip"), "`no/where.zip` cannot be written: No such file or directory"),
        ((), "Missing argument"),
    ],
)
def test_wrong_words(grade: Grade, words: tuple[str, ...], says: str) -> None:
    said = grade("gradescope", *words)
    assert (said.code, says in said.err) == (2, True), said


def test_the_same_zip_each_time(grade: Grade) -> None:
    built(grade, "ex1")
    first = Path("a.zip").read_bytes()
    built(grade, "ex1")
    assert Path("a.zip").read_bytes() == first


def test_where_the_grader_is_not_installed(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(gradescope_package, "distribution", nothing)
    said = grade("gradescope", "ex1")
    assert said.code == 2
    assert "the grader is not installed as a package" in said.err
    assert "pip install" in said.err


def test_the_wheel_holds_the_grader_and_no_answers() -> None:
    name, data = gradescope_package.wheel()
    assert name.startswith("torch_grader-")
    assert name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    for path in (ROOT / "grader").rglob("*.py"):
        assert path.relative_to(ROOT).as_posix() in names
    assert "grader/py.typed" in names
    assert not [name for name in names if name.endswith((".yaml", ".json", ".pyc"))]


class Platform:
    """The platform's folders, with an autograder installed in them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.submission, self.results = root / "submission", root / "results" / "results.json"

    def upload(self, archive: zipfile.ZipFile) -> None:
        """Take a zip as the platform does: into `source`, with `run_autograder` beside it."""
        shutil.rmtree(self.root / "source", ignore_errors=True)
        archive.extractall(self.root / "source")
        shutil.copy(self.root / "source" / "run_autograder", self.root)
        (self.root / "submission_metadata.json").write_text("{}", encoding="utf-8")
        (self.root / "results").mkdir(exist_ok=True)

    def sh(self, script: str) -> str:
        environment = {**os.environ, "AUTOGRADER": str(self.root)}
        words = ["sh", str(self.root / script)]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True, cwd=self.root)
        return done.stdout

    def run(self, **files: str | bytes) -> tuple[dict[str, Any], str]:
        """Hand in files (`__` for a slash, names without `.py`); returns the result and what the staff see."""
        shutil.rmtree(self.submission, ignore_errors=True)
        for name, text in files.items():
            path = self.submission / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.submission.mkdir(exist_ok=True)
        said = self.sh("run_autograder")
        return json.loads(self.results.read_bytes()), said


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Return the platform with the grader installed, as `setup.sh` would but without pip and a network."""
    it = Platform(tmp_path_factory.mktemp("autograder"))
    make_venv(it.root / "venv")
    return it


Upload = Callable[..., Platform]


@pytest.fixture
def upload(platform: Platform) -> Upload:
    """Give the platform another zip; its environment stays."""

    def give(*exercises: str, trusted: bool = False, pack: str = "exercises") -> Platform:
        data = gradescope_package.autograder(ROOT / pack, exercises, trusted)
        platform.upload(zipfile.ZipFile(io.BytesIO(data)))
        return platform

    return give


SPY = """
import os
def conv2d(input, kernel, bias):
    found = []
    for path in {paths!r}:
        try:
            found.append(open(path).read()[:20] if os.path.isfile(path) else str(os.listdir(path)))
        except OSError:
            pass
    try:
        open({results!r}, "w").write('{{"score": 10}}')
        found.append("written")
    except OSError:
        pass
    raise RuntimeError(f"found {{len(found)}}")
"""


def test_on_the_platform(upload: Upload) -> None:
    it = upload("ex1")
    right, said = it.run(my_homework=(ROOT / "solutions" / "ex1.py").read_text(encoding="utf-8"))
    assert right["score"] == 10
    assert {test["status"] for test in right["tests"]} == {"passed"}
    assert [test["name"] for test in right["tests"]][-2:] == ["ex1: practice 1, bias 2", "ex1: sweep"]
    assert len(right["tests"]) == 7  # six written cases and the sweep
    assert said.startswith("ex1: 10 of 10; sandboxed")

    wrong, _ = it.run(hw__ex1=WRONG.read_text(encoding="utf-8"))  # in a folder, as in a zip of one
    assert wrong["score"] == pytest.approx(3.583333)
    assert wrong["tests"][0]["name"] == "ex1: misconception"
    assert wrong["tests"][0]["output"].startswith("You add the bias to every product")
    assert sum(Decimal(str(test["score"])) for test in wrong["tests"]) == Decimal(str(wrong["score"]))
    assert "generated cases right" in wrong["tests"][-1]["output"]
    head, _, picture = wrong["output"].partition("### The cell `output[0, 0]` of `bias 1`")
    assert head.count("You add the bias to every product") == 1
    assert picture.splitlines()[2:] == [
        f"- The right answer reads rows 0–2, columns 0–2 of the input: `{FIRST_CELL} + 1 = 10`",
        f"- A program with this misconception reads the same cells: `{FIRST_CELL} + 9 = 18`",
    ]
    assert "### The cell" not in right["output"]

    for folder in ("ex1__ex1", "ex1__main", "hw__ex1__main"):  # which may be called as the exercise is
        right, _ = it.run(**{folder: (ROOT / "solutions" / "ex1.py").read_text(encoding="utf-8")})
        assert right["score"] == 10

    nothing, _ = it.run()
    assert nothing["score"] == 0
    assert "submission holds no program" in json.dumps(nothing)

    two, _ = it.run(a="", b="")
    assert "several programs (a.py, b.py)" in json.dumps(two)

    paths = [str(it.root / name) for name in ("source", "source/exercises/ex1.ref.json", "submission", "results")]
    spied, _ = it.run(ex1=SPY.format(paths=paths, results=str(it.results)))
    assert spied["score"] == 0
    assert "RuntimeError: found 0 (ex1.py" in json.dumps(spied)
    assert (it.root / "source").stat().st_mode & 0o077 == 0

    (it.submission / "ex1.py").unlink()
    (it.submission / "ex1.py").symlink_to(it.root / "source" / "exercises" / "ex1.ref.json")
    it.sh("run_autograder")
    linked = it.results.read_text(encoding="utf-8")
    assert "ex1.py is a link; submit the file itself" in linked
    assert "digest" not in linked


def test_what_is_shown_names_the_pack(upload: Upload) -> None:
    relu = "def relu_forward(x):\n    return abs(x), x\n"
    it = upload("relu_forward", "softmax_loss", pack="packs/cs231n")
    for name in ("layers", "assignment2"):  # all exercises are in one file, so any name does
        result, _ = it.run(**{name: relu})
        assert "(grade explain relu-magnitude --pack cs231n)" in result["output"]
    result, _ = it.run(a=relu, b=relu)
    assert "name the one to grade layers.py" in " ".join(result["output"].split())


def test_several_exercises_go_by_their_names(upload: Upload) -> None:
    it = upload("ex0", "ex1")
    result, _ = it.run(ex1=WRONG.read_text(encoding="utf-8"), other="")
    assert result["score"] == pytest.approx(3.583333)
    assert [test["name"] for test in result["tests"]][:2] == ["ex0: all cases", "ex1: misconception"]
    assert json.dumps(result["tests"]).count("there is no ex0.py") == 1  # not once for each case


def test_a_fault_of_ours_gives_a_result_and_no_mark(upload: Upload) -> None:
    it = upload("ex0", "ex1")
    (it.root / "source" / "exercises" / "ex1.ref.json").write_text("{", encoding="utf-8")
    result, said = it.run(ex0=(ROOT / "solutions" / "ex0.py").read_text(encoding="utf-8"))
    assert "score" not in result
    assert "through no fault of the program" in json.dumps(result)
    assert "ex0: 10 of 10" in said
    assert "the file does not hold reference answers" in " ".join(said.split())

    (it.root / "source" / "autograder.json").write_text("{", encoding="utf-8")
    result, said = it.run()
    assert "score" not in result
    assert "The grader failed, not the program" in result["output"]
    assert "exit code 1" in said


def test_where_no_wall_holds(upload: Upload) -> None:
    for trusted in (False, True):
        it = upload("ex1", trusted=trusted)
        site = next((it.root / "venv" / "lib").glob("python*/site-packages"))
        walls = site / "no_walls.pth"  # a machine without walls
        hook = "lambda e, a: e == 'os.posix_spawn' and 'forking' in str(a) and open('/no/sandbox')"
        walls.write_text(f"import sys; sys.addaudithook({hook})", encoding="utf-8")
        spy = SPY.format(paths=[str(it.root / "source" / "exercises" / "ex1.ref.json")], results=str(it.results))
        result, said = it.run(ex1=spy)
        walls.unlink()
        if trusted:
            assert (result["score"], len(result["tests"])) == (0, 1)
            assert "own process with limits on time" in said
            assert "RuntimeError: found 2 (ex1.py" in json.dumps(result)  # it can read and write; ours comes last
            assert "including the stored answers" in json.dumps(result["extra_data"])
        else:
            assert "score" not in result
            assert "this autograder needs a sandbox" in said


def test_an_installed_grader_packs_itself_too(platform: Platform) -> None:
    code = "import sys; from grader.platforms.gradescope_package import wheel; sys.stdout.buffer.write(wheel()[1])"
    python = str(platform.root / "venv" / "bin" / "python")
    again = subprocess.run([python, "-I", "-c", code], capture_output=True, check=True).stdout
    assert again == gradescope_package.wheel()[1]


@pytest.mark.long
def test_setup_installs_all_that_the_grader_needs(tmp_path: Path) -> None:
    """Run `setup.sh`, which fetches the grader's dependencies with pip."""
    it = Platform(tmp_path)
    it.upload(zipfile.ZipFile(io.BytesIO(gradescope_package.autograder(ROOT / "exercises", ["ex1"], False))))
    it.sh("source/setup.sh")
    result, _ = it.run(ex1=(ROOT / "solutions" / "ex1.py").read_text(encoding="utf-8"))
    assert result["score"] == 10
    pip = [str(it.root / "venv" / "bin" / "python"), "-m", "pip", "check"]
    checked = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
