"""A function of the author's own as the reference: what it may be, and what is wrong with it, at its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import DATA, Grade

from grader.errors import GradeError
from grader.exercises.lock import read_lock
from grader.exercises.parse import read
from grader.model.exercise import Exercise
from grader.verification import own_process, own_reference, secret_cases, torch_reference
from grader.verification.mutation import mutate
from grader.verification.verify import verify

FAULTS = sorted((DATA / "references").glob("*.py"))
EXPECTED = re.compile(r"# (\S+?)(?:: | )(.+) \| (.+)")
DIRECTIVE = re.compile(r"# (outputs|choose): (.+)")
SPEC = """\
format: 1
id: ex1
title: Scale
op: torch
reference: reference.py:scale
function: scale(input, weight, power)
points: 10
draw:
  C: [1, 3]
  H: [2, 4]
  input: {shape: [C, H]}
  weight: {shape: [C], values: [1, 5]}
  power: {choose: [1, 2]}
misconceptions:
  first-weight: {run: first, says: You use the first weight., why: Each row has one., instead: Use all.}
cases:
  - name: one
    input: [[1, 2], [3, 4]]
    weight: [1, 2]
    power: 2
sweep: {count: 9}
"""
SOLUTION = "import numpy as np\n\n\ndef scale(input, weight, power):\n    return weight[:, None] * input**power\n"


@pytest.fixture
def in_process(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the functions run in this process: starting one, with torch, takes seconds."""

    def answers(exercise: Exercise, pack: Path) -> Any:
        frame = own_process.outcome(torch, exercise, pack, lambda _: None)
        if frame.trouble:
            raise own_reference.error_of(pack, frame.trouble)
        return frame.references, frame.single

    monkeypatch.setattr(torch_reference, "own_answers", answers)


def written(folder: Path, functions: str, spec: str = SPEC, solution: str = SOLUTION) -> Path:
    """Write a pack with one exercise."""
    (folder / "ex1.yaml").write_text(spec, encoding="utf-8")
    (folder / "reference.py").write_text(functions, encoding="utf-8")
    (folder / "solutions").mkdir(exist_ok=True)
    (folder / "solutions" / "ex1.py").write_text(solution, encoding="utf-8")
    return folder


def test_there_are_faults() -> None:
    assert len(FAULTS) > 25


@pytest.mark.torch
@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
def test_a_fault_of_the_authors_function_has_a_place_and_a_remedy(path: Path, torch: Any, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = EXPECTED.match(text)
    assert expected, "the file must begin with `# place message | remedy`"
    place, says, help = expected.groups()
    stated = dict(DIRECTIVE.findall(text))
    spec = SPEC.replace("points: 10\n", f"points: 10\noutputs: {stated['outputs']}\n") if "outputs" in stated else SPEC
    spec = spec.replace("power: {choose: [1, 2]}", f"power: {{choose: {stated.get('choose', '[1, 2]')}}}")
    if "def second" in text:
        spec = spec.replace("cases:", "  second: {run: second, says: a, why: b, instead: c}\ncases:")
    [proof] = verify(written(tmp_path, text, spec), ["ex1"], torch, write=True)
    [found] = proof.problems
    assert found.place.removeprefix(f"{tmp_path}/") == place
    assert says in found.says
    assert help in found.help
    assert "\n" not in found.says + found.help


GOOD = """\
def scale(input, weight, power):
    return weight[:, None] * input**power


def first(input, weight, power):
    return weight[0] * input**power
"""


@pytest.mark.torch
@pytest.mark.usefixtures("in_process")
def test_grading_names_the_packs_misconception_and_never_runs_its_python(grade: Grade, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    written(tmp_path, f"from pathlib import Path\n\nPath({str(ran)!r}).touch()\n\n\n{GOOD}")
    said = grade("verify", "--pack", ".", "--write")
    assert said.code == 0, said.out
    assert "10/10      0/10  1 of 1" in said.out
    assert ran.exists()
    ran.unlink()
    Path("wrong.py").write_text(SOLUTION.replace("weight[:, None]", "weight[0]"), encoding="utf-8")
    wrong = grade("ex1", "wrong.py", "--pack", ".")
    assert wrong.code == 1
    assert "You use the first weight.  (grade explain first-weight --pack .)" in wrong.out
    assert "output[1, 1] = 32" in wrong.out
    explained = grade("explain", "first-weight", "--pack", ".").out
    assert "Each row has one." in explained
    assert "scale(power=2)" in explained
    shown = grade("show", "ex1", "--pack", ".").out
    assert "computed by `scale`, the author's function; the arithmetic of a cell is not known" in shown
    cell = " ".join(grade("explain", "ex1", "--pack", ".").out.split())
    assert (
        "output[0, 0] = 1 (computed by `scale`, the author's function; the arithmetic of a cell is not known)" in cell
    )
    pages = grade("site", "pages", "--pack", ".")
    assert pages.code == 0, pages.err
    assert "You use the first weight." in Path("pages/misconceptions.html").read_text(encoding="utf-8")
    assert grade("ex1", "wrong.py", "--pack", ".", "--html", "report.html").code == 1
    assert not ran.exists()


AXES = {
    "returns: [{is: output, axes: NHW}, ~]": (
        "7:30: case `one`: the answer of `scale` must have 3 axes for `axes: NHW`, but it has 2",
        "write one letter for each axis, in the student's order, or omit `axes`",
    ),
    "returns: {axes: H}": ("7:17: case `one`: the answer of `scale` must have 1 axis for `axes: H`, but it has 2", ""),
    "returns: {keys: {out: {is: output, shape: [3, K]}}}": (
        "7:43: case `one`: the answer of `scale` does not fit `shape: [3, -1]`",
        "write a shape of as many cells, or omit `shape`",
    ),
}


@pytest.mark.torch
@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("returns", AXES)
def test_axes_that_do_not_fit_the_answers_are_an_authors_error(returns: str, grade: Grade, tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    assert grade("verify", "--pack", ".", "--write").code == 0
    spec = SPEC.replace("points: 10", f"{returns}\npoints: 10")
    Path("ex1.yaml").write_text(spec, encoding="utf-8")
    says, help = AXES[returns]
    for command in (("verify",), ("show", "ex1"), ("ex1", "solutions/ex1.py")):
        said = grade(*command, "--pack", ".")
        text = " ".join(f"{said.out}{said.err}".split())
        assert said.code == 2, text
        assert f"ex1.yaml:{says}" in text
        assert help in text


@pytest.mark.torch
@pytest.mark.usefixtures("in_process")
def test_another_file_makes_the_answers_stale_and_none_is_needed_to_grade(grade: Grade, tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    assert grade("verify", "--pack", ".", "--write").code == 0
    Path("reference.py").write_text(GOOD.replace("**power", "**(power + 1)"), encoding="utf-8")
    stale = grade("ex1", "solutions/ex1.py", "--pack", ".")
    assert stale.code == 2
    assert "ex1.yaml: torch's answers are missing or stale for `one`, `sweep 1`, `sweep 2` and 7 more" in stale.err
    assert "10 reference answers are stale" in grade("verify", "--pack", ".").out.replace("\n", " ")
    Path("reference.py").unlink()
    assert grade("ex1", "solutions/ex1.py", "--pack", ".").code == 0
    assert "`reference`: there is no file `reference.py`" in grade("verify", "--pack", ".").out.replace("\n", " ")


@pytest.mark.torch
@pytest.mark.usefixtures("in_process")
def test_a_comment_in_the_spec_keeps_the_answers(grade: Grade, tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    assert grade("verify", "--pack", ".", "--write").code == 0
    Path("ex1.yaml").write_text(f"# a comment\n{SPEC}", encoding="utf-8")
    Path("wrong.py").write_text(SOLUTION.replace("weight[:, None]", "weight[0]"), encoding="utf-8")
    assert "(grade explain first-weight --pack .)" in grade("ex1", "wrong.py", "--pack", ".").out


MANY = """\
format: 1
id: ex1
title: Look up
op: torch
reference: reference.py:LookUp
function: look_up(table, indices, mode, both, step)
points: 10
outputs: [rows, sum]
draw:
  N: [2, 5]
  K: [1, 4]
  table: {shape: [N, 2], values: [-1.5, 1.5], whole: false}
  indices: {shape: [K], values: [0, 1], dtype: int64}
  mode: {choose: [plain, negative]}
  both: {choose: [true, false]}
  step: {choose: [[1, 1], [1, 2]]}
cases:
  - name: one
    table: table.npy
    indices: [1, 0, 1]
    mode: negative
    both: true
    step: [1, 2]
    time_limit: 5
sweep: {count: 20}
"""
MODULE = """\
from torch import nn


class LookUp(nn.Module):
    def __init__(self, mode, both, step):
        super().__init__()
        self.sign, self.both, self.step = -1 if mode == "negative" else 1, both, step

    def forward(self, table, indices):
        rows = self.sign * table[indices][:: self.step[0], :: self.step[1]]
        return rows, rows.sum() if self.both else rows.sum() * 0
"""
LOOKED_UP = """\
def look_up(table, indices, mode, both, step):
    rows = table[indices][:: step[0], :: step[1]]
    if mode is "negative":
        rows = -rows
    return rows, rows.sum() if both is True else 0
"""


@pytest.mark.torch
@pytest.mark.usefixtures("in_process")
def test_a_module_gets_the_fields_when_it_is_made_and_a_function_every_kind_of_value(
    grade: Grade, tmp_path: Path
) -> None:
    written(tmp_path, MODULE, MANY, LOOKED_UP)
    np.save("table.npy", np.array([[1.5, 2.0], [-0.25, 3.0]], dtype=np.float32))
    said = grade("verify", "--pack", ".", "--write")
    assert said.code == 0, said.out
    lock = read_lock(tmp_path, "ex1")
    assert lock.exercise.cases[0].inputs["table"] == [[1.5, 2], [-0.25, 3]]
    assert lock.references[0].value == ([[0.25], [-1.5], [0.25]], -1)
    drawn = [case for case in lock.exercise.cases if case.generated]
    assert {case.fields["mode"] for case in drawn} == {"plain", "negative"}
    assert any(cell % 1 for case in drawn for row in case.inputs["table"] for cell in row)
    Path("table.npy").unlink()
    assert grade("ex1", "solutions/ex1.py", "--pack", ".").code == 0


@pytest.mark.torch
@pytest.mark.usefixtures("in_process")
def test_secret_cases_are_answered_too_and_catch_the_same(torch: Any, tmp_path: Path) -> None:
    pack = written(tmp_path, GOOD)
    [proof] = verify(pack, ["ex1"], torch, write=True)
    assert not proof.problems
    published = read_lock(pack, "ex1")
    secret = secret_cases.derive(published, bytes(range(32)), torch, pack)
    drawn = [case for case in secret.exercise.cases if case.generated]
    assert len(drawn) == 9
    assert drawn != [case for case in published.exercise.cases if case.generated]
    for case, reference in zip(secret.exercise.cases, secret.references, strict=True):
        weight, power = np.array(case.inputs["weight"]), case.fields["power"]
        assert np.array_equal(reference.value[0], weight[:, None] * np.array(case.inputs["input"]) ** power)
        first = reference.mistaken["first-weight"]
        assert first
        assert np.array_equal(first[0], weight[0] * np.array(case.inputs["input"]) ** power)
    assert not mutate(secret.exercise).survived


def test_functions_that_do_not_end_or_end_python_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    exercise, _ = read(written(tmp_path, GOOD) / "ex1.yaml")
    begin = """print('{"case": "one"}', flush=True); """

    def said(program: str) -> str:
        monkeypatch.setattr(own_reference, "PROGRAM", program)
        with pytest.raises(GradeError) as caught:
            own_reference.own_answers(exercise, tmp_path)
        return str(caught.value).removeprefix(f"{tmp_path}/")

    monkeypatch.setattr(own_reference, "LAST_STOP", 10)
    assert said(f"{begin}import time; time.sleep(100)").startswith(
        "reference.py: no end after 10 s, in case `one`\nhelp: "
    )
    loop = f"import resource as r; {begin}r.setrlimit(r.RLIMIT_CPU, (1, 2))\nwhile True: pass"
    assert said(loop).startswith("reference.py: no end after 60 s, in case `one`\nhelp: ")
    assert said(f"{begin}import os; os._exit(3)").startswith(
        "reference.py: it ended Python in case `one` (exit code 3)\nhelp: "
    )


@pytest.mark.torch
def test_what_the_functions_print_stays_out_of_the_answers(tmp_path: Path) -> None:
    """This one starts the process itself."""
    pack = written(tmp_path, f"import os\n\nprint('hello')\nos.write(1, b'{{}}')\n\n\n{GOOD}")
    exercise, _ = read(pack / "ex1.yaml")
    references, single = own_reference.own_answers(exercise, pack)
    assert references[0].value == ([[1, 4], [18, 32]],)
    assert references[0].mistaken == {"first-weight": ([[1, 4], [9, 16]],)}
    assert len(references) == len(single) == 10
    assert not list(pack.glob("__pycache__"))
