"""The steps of action.yml as the runner takes them, in a clone of one of `data/repositories`.

One of these repositories is hostile: its files have the names of all that Python, pip, pytest or a shell might load.
"""

from __future__ import annotations

import ast
import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from conftest import ROOT
from wellformed import COMMAND, check_markdown

REPOSITORIES = Path(__file__).parent / "data" / "repositories"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step.get("id") or step["name"]: step for step in ACTION["runs"]["steps"]}
DEFAULTS = {name: value["default"] for name, value in ACTION["inputs"].items()}
EXAMPLES = {path.name: path for path in sorted((ROOT / "docs" / "ci").iterdir())}


class Job(NamedTuple):
    """The result of a run of the steps: exit code, log, summary, outputs, and the clone."""

    code: int
    log: str
    summary: str
    outputs: str
    clone: Path

    @property
    def commands(self) -> list[str]:
        """Return the commands that the runner obeys, as it reads them."""
        found, stopped = [], ""
        for line in map(str.strip, self.log.splitlines()):
            if stopped:
                stopped = "" if line == f"::{stopped}::" else stopped
            elif COMMAND.match(line):
                stopped = line.removeprefix("::stop-commands::") if line.startswith("::stop-commands::") else ""
                found += [] if stopped else [line]
        assert not stopped
        return found


def environment(step: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """Return the variables of a step, with each `${{ … }}` replaced as the runner does."""
    return {key: re.sub(r"\$\{\{ (.+?) \}\}", lambda m: given[m[1]], str(value)) for key, value in step["env"].items()}


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the grader once, as the action does, with a hostile repository as the working folder."""
    folder = tmp_path_factory.mktemp("runner")
    step = STEPS["Install the grader"]
    given = {"steps.python.outputs.python-path": sys.executable, "github.action_path": str(ROOT)}
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_", "COVERAGE_"))}
    variables |= {"RUNNER_TEMP": str(folder)} | environment(step, given)
    subprocess.run(["sh", "-c", step["run"]], cwd=clone("hostile", folder), env=variables, check=True)
    return folder


def clone(name: str, folder: Path) -> Path:
    """Commit one of the examples, and return a fresh clone of it."""
    origin, target = folder / f"{name}-origin", folder / f"{name}-{len(os.listdir(folder))}"
    if not origin.exists():
        files = made(name, folder / f"{name}-files")
        who = ["-c", "user.name=s", "-c", "user.email=s@example.edu", "-c", "init.defaultBranch=main"]
        for words in (["init", "-q", str(origin)], ["add", "-f", "."], ["commit", "-q", "-m", "submission"]):
            place = ["--git-dir", f"{origin}/.git", "--work-tree", str(files)]
            subprocess.run(["git", *who, *([] if words[0] == "init" else place), *words], check=True)
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{origin}", str(target)], check=True)
    return target


def made(name: str, folder: Path) -> Path:
    """Return the files of an example: the stored ones, only a README, or wrong programs for eleven exercises."""
    if name in ("empty", "eleven"):
        folder.mkdir()
        (folder / "README.md").write_text("My homework\n", encoding="utf-8")
    if name == "eleven":
        for number in range(11):
            (folder / f"ex{number}.py").write_text("print(1)\n", encoding="utf-8")
    return folder if folder.exists() else REPOSITORIES / name


def graded(runner: Path, name: str, **inputs: str) -> Job:
    """Run the action's grading step in a clone, with its default inputs and these."""
    folder = clone(name, runner)
    given = {f"inputs.{key}": value for key, value in (DEFAULTS | {"exercise": "ex1"}).items()}
    given |= {f"inputs.{key.replace('_', '-')}": value for key, value in inputs.items()}
    given["github.action_path"] = str(ROOT)
    files = {key: runner / f"{folder.name}.{key}" for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.touch()
    variables = {"PATH": os.environ["PATH"], "HOME": str(runner), "RUNNER_TEMP": str(runner), "SECRET": "s3cret"}
    variables |= {"GITHUB_WORKSPACE": str(folder), "GITHUB_TOKEN": "t0ken"} | {k: str(v) for k, v in files.items()}
    variables |= environment(STEPS["grade"], given)
    words = ["sh", "-c", STEPS["grade"]["run"]]
    done = subprocess.run(
        words, cwd=folder, env=variables, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    summary, outputs = (files[key].read_text(encoding="utf-8") for key in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"))
    return Job(done.returncode, done.stdout, summary, outputs, folder)


pytestmark = pytest.mark.xdist_group("action")  # one worker installs the grader
titles = re.compile(r"title=([^,:]*)")


def test_set_up_needs_no_torch(runner: Path) -> None:
    words = [str(runner / "grader" / "bin" / "python"), "-I", "-m", "pip", "list", "--format=json"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    names = {item["name"].lower() for item in json.loads(done.stdout)}
    assert {"torch-grader", "numpy", "rich", "click", "msgspec", "pyyaml"} <= names
    assert not [name for name in names if name == "torch" or name.startswith(("nvidia", "triton"))]


def test_right(runner: Path) -> None:
    job = graded(runner, "right")
    assert (job.code, job.outputs) == (0, "score=10\nmax_score=10\nsweep=1.0000\npassed=true\n")
    assert job.commands == ["::notice title=Right::10 of 10 points"]
    assert job.summary.startswith("**Right.** 10 of 10 points.\n\n## ex1 · Convolution: 10 / 10\n")


def test_wrong(runner: Path) -> None:
    job = graded(runner, "wrong")
    assert (job.code, job.outputs) == (1, "score=3.583333\nmax_score=10\nsweep=0.2167\npassed=false\n")
    first, *errors = job.commands
    assert [line.split(",title")[0] for line in errors] == ["::error file=ex1.py,line=6"] * 4
    assert errors[0].endswith("%0AYou add the bias to every product, so it counts once for each kernel cell.")
    assert first == "::error title=Wrong or unfinished::3.58 of 10 points"
    assert job.summary.startswith("**Wrong or unfinished.** 3.58 of 10 points.\n\n## ex1 · Convolution: 3.58 / 10\n")
    assert "bias 1" in job.log


def test_a_pack_is_the_graders_own(runner: Path) -> None:
    """A folder of the pack's name in the student's repository does not replace it."""
    job = graded(runner, "pack", exercise="relu_forward", pack="cs231n")
    assert (job.code, job.outputs.split()[:2]) == (1, ["score=0.5", "max_score=10"])
    assert "(grade explain relu-magnitude --pack cs231n)" in " ".join(job.log.split())


def test_broken(runner: Path) -> None:
    job = graded(runner, "broken")
    assert (job.code, job.outputs) == (1, "score=0\nmax_score=10\nsweep=0.0000\npassed=false\n")
    assert len(job.commands) == 2
    assert job.commands[1].startswith(
        "::error file=ex1.py,line=4,title=ex1%3A all cases::syntax error in ex1.py, line 5"
    )
    assert job.summary.startswith("**Wrong or unfinished.** 0 of 10 points.\n")


def test_hostile(runner: Path) -> None:
    job = graded(runner, "hostile")
    assert (job.code, job.outputs) == (1, "score=0\nmax_score=10\nsweep=0.0000\npassed=false\n")
    assert {line.split(" ")[0] for line in job.commands} == {"::error"}
    assert titles.findall("\n".join(job.commands)) == ["Wrong or unfinished", "ex1%3A all cases"]
    assert not [line for line in job.commands if re.search(r"::\w+::", line[2:].partition("::")[2])]
    section = job.summary.removeprefix("**Wrong or unfinished.** 0 of 10 points.\n\n")
    assert section.startswith("## ex1 · Convolution: 0 / 10\n")
    assert section.count("\n## ") == 0
    assert not re.search("s3cret|t0ken|GITHUB_|\x1b", job.log + job.summary)
    assert re.search(r"│ environment: [\w ]*LC_ALL", job.log)
    status = subprocess.run(["git", "status", "--porcelain"], cwd=job.clone, capture_output=True, text=True, check=True)
    assert status.stdout == ""
    assert not [*runner.glob("**/pwned")]


def test_only_the_graded_file_of_a_repository_runs(runner: Path) -> None:
    """A right program among the hostile files stays right, and none of them is loaded."""
    folder = clone("hostile", runner)
    (folder / "ex1.py").write_bytes((REPOSITORIES / "right" / "ex1.py").read_bytes())
    job = graded(runner, "hostile", path=str(folder / "ex1.py"))
    assert (job.code, job.outputs) == (0, "score=10\nmax_score=10\nsweep=1.0000\npassed=true\n")
    assert not [*runner.glob("**/pwned")]


@pytest.mark.parametrize(
    "inputs, says",
    [
        ({"exercise": "ex99"}, "there is no exercise `ex99`"),
        ({"path": "nowhere.py"}, "there is no `nowhere.py`"),
        ({"isolation": "stone"}, "'stone'"),
        ({"minimum_score": "ten"}, "`minimum-score` must be a number"),
        ({"minimum_sweep": "all"}, "`minimum-sweep` must be a number"),
        ({"exercise": "$(touch pwned)"}, "there is no exercise"),
    ],
)
def test_nothing_to_grade_is_not_a_failure_of_the_grader(runner: Path, inputs: dict[str, str], says: str) -> None:
    job = graded(runner, "right", **inputs)
    assert (job.code, job.outputs) == (2, "")
    assert says in job.log
    assert titles.findall("\n".join(job.commands)) == ["Nothing was graded"]
    assert job.summary.startswith("**Nothing was graded.**")
    assert not re.search(r"grader failed|\? · not graded|0 / 0", job.log + job.summary)
    assert not [*runner.glob("**/pwned")]


def test_an_empty_repository_shows_what_is_missing(runner: Path) -> None:
    for exercise, code, says in (("", 2, "there is no exercise file in this folder"), ("ex1", 1, "there is no ex1.py")):
        job = graded(runner, "empty", exercise=exercise)
        assert job.code == code
        assert says in job.commands[-1]
        assert says in job.summary
        assert not re.search(r"grader failed|\? · not graded|0 / 0", job.log + job.summary)


def test_eleven_exercises_make_ten_annotations(runner: Path) -> None:
    job = graded(runner, "eleven", exercise="", minimum_score="50")
    assert (job.code, len(job.commands)) == (1, 10)
    assert job.commands[0] == "::error title=Not enough points::0 of 110 points, but the minimum is 50"
    assert job.commands[-1] == "::notice title=More annotations::3 more are in the job summary"


def test_a_missing_grader_costs_no_points(runner: Path, tmp_path: Path) -> None:
    job = graded(tmp_path, "right")
    assert (job.code, job.outputs) == (3, "")
    assert job.summary.startswith("**The grader failed, not the program.** No mark: exit code 127;")
    assert len(job.commands) == 1


@pytest.mark.parametrize(
    "least, code, title, says",
    [
        ("3.5", 0, "Enough points", "Passed with 3.58 of 10 points (minimum 3.5)"),
        ("3.6", 1, "Not enough points", "3.58 of 10 points, but the minimum is 3.6"),
    ],
)
def test_minimum_score(runner: Path, least: str, code: int, title: str, says: str) -> None:
    job = graded(runner, "wrong", minimum_score=least)
    assert job.code == code
    assert job.commands[0] == f"::{'error' if code else 'notice'} title={title}::{says}"
    assert job.summary.startswith(f"**{title}.** {says}.\n\n")
    assert "Wrong or unfinished" not in job.summary + "".join(job.commands)


@pytest.mark.parametrize("least, code", [("", 0), ("0.5", 1)])
def test_written_answers_by_heart_are_not_enough(runner: Path, least: str, code: int) -> None:
    job = graded(runner, "by_heart", minimum_score="5", minimum_sweep=least)
    assert job.code == code
    passed = "false" if code else "true"
    assert job.outputs == f"score=5\nmax_score=10\nsweep=0.0000\npassed={passed}\n"
    assert any("almost no others" in line for line in job.commands)
    assert ("title=Not enough generated cases::0.0000 of" in job.commands[0]) == bool(code)


def test_all_exercises_that_are_here(runner: Path) -> None:
    job = graded(runner, "right", exercise="")
    assert (job.code, job.outputs) == (0, "score=10\nmax_score=10\nsweep=1.0000\npassed=true\n")
    check_markdown([None], job.summary.partition("\n\n")[2])  # type: ignore[list-item]


def test_a_run_without_a_sandbox_is_a_warning(runner: Path) -> None:
    job = graded(runner, "right", isolation="process", trusted="true")
    assert job.code == 0
    assert job.commands[1].startswith("::warning title=The program ran without a sandbox::")
    assert "**The program ran without a sandbox:**" in job.summary


def test_inputs_are_never_part_of_a_script() -> None:
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")
    used = " ".join(str(step.get("env", "")) for step in STEPS.values())
    assert {f"inputs.{name}" for name in DEFAULTS} == set(re.findall(r"inputs\.[\w-]+", used))


def schemas() -> Iterator[tuple[str, Path]]:
    yield "github-actions", ROOT / "action.yml"
    for name in ("github.yml", "protected.yml"):
        yield "github-workflows", EXAMPLES[name]
    yield "github-workflows", ROOT / ".github" / "workflows" / "test.yml"
    yield "gitlab-ci", EXAMPLES["gitlab.yml"]


@pytest.mark.torch
@pytest.mark.parametrize("schema, path", [*schemas()], ids=lambda value: str(getattr(value, "name", value)))
def test_the_published_schema_accepts(schema: str, path: Path) -> None:
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    more = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
    done = subprocess.run([*words, *more, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_foreign_action_is_pinned() -> None:
    for path in (ROOT / "action.yml", *EXAMPLES.values(), *(ROOT / ".github" / "workflows").iterdir()):
        for used in re.findall(r"uses: (actions/\S+)", path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", used)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_shows_the_examples_as_they_are(name: str) -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    text = EXAMPLES[name].read_text(encoding="utf-8")
    language = "python" if name.endswith(".py") else "yaml"
    assert f"```{language}\n{text}```\n" in page
    if language == "python":
        ast.parse(text)


@pytest.mark.parametrize("code, left", [(0, 0), (1, 0), (3, 3), (2, 2)])
def test_classroom_50_sees_only_faults_of_the_grader_as_failures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int, left: int
) -> None:
    """Run the example with this grader in place of the one that it would install."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ex1.py").write_bytes((REPOSITORIES / ("right" if code == 0 else "wrong") / "ex1.py").read_bytes())
    real = subprocess.run

    def run(words: list[str], **more: Any) -> Any:
        if words[3] != "grader":
            return subprocess.CompletedProcess(words, 0)
        found = real([sys.executable, "-m", *words[3:]], **more, env=os.environ | {"PYTHONPATH": str(ROOT)})
        assert found.returncode == min(code, 1)
        return subprocess.CompletedProcess(words, code)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(EXAMPLES["autograder.py"]))
    assert end.value.code == left
    score = {0: 10, 1: 4}[min(code, 1)]
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["score"] == score
    assert (tmp_path / "release-body.md").read_text(encoding="utf-8").startswith("## ex1 · Convolution: ")


def test_the_script_for_classroom_50_imports_nothing_of_the_students(tmp_path: Path) -> None:
    names = ("tempfile", "subprocess", "pathlib", "random", "signal", "shutil")
    for name in names:
        (tmp_path / f"{name}.py").write_text("open('pwned', 'w').close()\n", encoding="utf-8")
    (tmp_path / "autograder.py").write_bytes(EXAMPLES["autograder.py"].read_bytes())
    variables = {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1"}  # so that nothing is installed, and it ends
    words = [sys.executable, "autograder.py"]
    done = subprocess.run(words, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "CalledProcessError" in done.stderr
    assert not (tmp_path / "pwned").exists()


def test_least_permissions_and_no_credentials_kept() -> None:
    for name in ("github.yml", "protected.yml"):
        workflow = yaml.safe_load(EXAMPLES[name].read_text(encoding="utf-8"))
        assert workflow["permissions"] in ({"contents": "read"}, {})
        for job in workflow["jobs"].values():
            checkouts = [step for step in job["steps"] if step["uses"].startswith("actions/checkout@")]
            assert [step["with"]["persist-credentials"] for step in checkouts] == [False]
