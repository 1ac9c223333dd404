"""`grade verify` on sound, broken and weak packs: each fault is reported separately, with its place, in one run."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Grade, solution

from grader.exercises.lock import read_lock
from grader.exercises.templates import skeletons

pytestmark = pytest.mark.torch

WEAK = """format: 1
id: weak
title: Weak
op: conv2d
function: conv2d(input, kernel, bias)
points: 10
cases:
  - name: ones
    input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    kernel: [[1, 1], [1, 1]]
"""


def pack(*names: str) -> Path:
    """Copy some exercises with their answers into a pack here."""
    folder = Path("pack")
    (folder / "solutions").mkdir(parents=True)
    for name in names:
        for suffix in (".yaml", ".ref.json", ".misconceptions"):
            shutil.copy(ROOT / "exercises" / f"{name}{suffix}", folder)
        shutil.copy(ROOT / "solutions" / f"{name}.py", folder / "solutions")
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def flat(text: str) -> str:
    """Undo the wrapping of a terminal."""
    return " ".join(text.split())


def test_a_sound_pack_stays_as_it_is(grade: Grade) -> None:
    folder = pack("ex0")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert grade("verify", "--pack", "pack", "--write").code == 0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_wrong_reference(grade: Grade) -> None:
    folder = pack("ex0")
    lock = folder / "ex0.ref.json"
    edit(lock, '"value":[[[1,4,3]', '"value":[[[1,4,4]')
    said = grade("verify", "--pack", "pack")
    assert said.code == 2
    assert "pack/ex0.ref.json: case `slide`: torch 2.13.0 answers ([[1, 4, 3]" in flat(said.out)
    fixed = grade("verify", "--pack", "pack", "--write")
    assert fixed.code == 0
    assert "ex0: wrote answer changed: slide" in flat(fixed.out)


def test_an_answer_by_another_torch_is_told(grade: Grade) -> None:
    folder = pack("ex0")
    edit(folder / "ex0.ref.json", '"by": "torch ', '"by": "torch 1.')
    said = grade("verify", "--pack", "pack")
    assert said.code == 0
    assert "answered by torch 1.2.13.0, proved with torch 2.13.0" in flat(said.out)


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("[1, 2, 3], [1, 1, 2]", "[1, 2, 3], [1, 1, 3]", "1 reference answer is stale: `slide`"),
        ("title: Element", "title: The element", "the compiled form is older than the spec"),
        ("sweep: {count: 40, seed: 0}", "sweep: {count: 40, seed: 1}", "40 reference answers are stale"),
        ("answer: [[1, 4, 3]", "answer: [[1, 4, 4]", "the slide prints [[1, 4, 4]"),
        ("[4, 3, 1]]\n", "[4, 3, 1]]\n      erratum: it is wrong\n", "has an `erratum`, but the slide is right"),
    ],
)
def test_what_an_edit_breaks(grade: Grade, old: str, new: str, said: str) -> None:
    edit(pack("ex0") / "ex0.yaml", old, new)
    found = grade("verify", "--pack", "pack")
    assert found.code == 2
    assert said in flat(found.out)
    assert "pack/ex0" in found.out
    assert "help:" in found.out


def test_write_says_what_changed_and_never_touches_the_spec(grade: Grade) -> None:
    folder = pack("ex0")
    spec = folder / "ex0.yaml"
    edit(spec, "  - name: slide\n", "  - name: new\n    a: [[2]]\n    b: [[3]]\n  - name: slide\n")
    edit(spec, "[[1, 2, 3], [1, 1, 2], [2, 3, 1]]", "[[1, 2, 3], [1, 1, 2], [2, 3, 7]]")
    edit(spec, "[4, 3, 1]]", "[4, 3, 7]]")
    edit(spec, "count: 40", "count: 42")
    text = spec.read_text(encoding="utf-8")
    said = grade("verify", "--pack", "pack", "--write")
    assert said.code == 0, said.out
    assert "case added: new" in said.out
    assert "case added: 2 of the sweep" in said.out
    assert "question and answer changed: slide" in said.out
    assert spec.read_text(encoding="utf-8") == text
    assert "wrote" not in grade("verify", "--pack", "pack", "--write").out


@pytest.mark.parametrize(
    "break_it, said",
    [
        (lambda folder: (folder / "solutions" / "ex0.py").unlink(), "there is no model solution `solutions/ex0.py`"),
        (lambda folder: (folder / "ex0.ref.json").unlink(), "there are no reference answers"),
        (
            lambda folder: ((folder / "ex0.ref.json").unlink(), (folder / "ex0.ref.json").mkdir()),
            "pack/ex0.ref.json: the file cannot be read",
        ),
        (lambda folder: (folder / "ex0.ref.json").write_text("{"), "the file does not hold reference answers"),
        (
            lambda folder: (folder / "solutions" / "ex0.py").write_text(
                "def elementwise_product(a, b):\n    return a @ b"
            ),
            "the model solution earns",
        ),
    ],
)
def test_a_file_that_is_missing_or_wrong(grade: Grade, break_it: object, said: str) -> None:
    folder = pack("ex0")
    break_it(folder)  # type: ignore[operator]
    found = grade("verify", "--pack", "pack")
    assert found.code == 2
    assert said in flat(found.out)


def test_answers_that_cannot_be_stored_are_told(grade: Grade) -> None:
    folder = pack("ex0", "ex10")
    (folder / "ex0.ref.json").unlink()
    (folder / "ex0.ref.json").mkdir()
    said = grade("verify", "--pack", "pack", "--write")
    assert said.code == 2
    assert "pack/ex0.ref.json: the file cannot be written: " in flat(said.out)
    assert "✓ ex10" in said.out


def test_a_weak_exercise_is_shown_its_gaps_and_the_cases_that_close_them(grade: Grade) -> None:
    folder = pack()
    (folder / "weak.yaml").write_text(WEAK, encoding="utf-8")
    (folder / "solutions" / "weak.py").write_text(solution("ex1"), encoding="utf-8")
    said = grade("verify", "--pack", "pack", "--write")
    assert said.code == 2
    assert "`kernel-flipped`," in said.out
    assert "pass every case" in flat(said.out)
    suggested = re.findall(r"(?m)^  - name: odd .*\n(?:    .*\n?)*", said.out)
    assert suggested
    cases = "".join(suggested)
    (folder / "weak.yaml").write_text(WEAK + cases, encoding="utf-8")
    again = grade("verify", "--pack", "pack", "--write")
    assert again.code == 0, again.out
    assert cases.count("- name:") <= 6


def test_a_parameter_that_never_leaves_its_default_is_a_fault(grade: Grade) -> None:
    folder = pack()
    (folder / "weak.yaml").write_text(WEAK.replace("bias)", "bias, dilation, stride)"), encoding="utf-8")
    said = flat(grade("verify", "--pack", "pack", "--write").out)
    assert "weak.yaml: `bias`, `dilation`, `stride` have their defaults in every case" in said
    cured = WEAK.replace("bias)", "bias, dilation, stride)") + "    bias: 2\nsweep: {count: 9}\n"
    (folder / "weak.yaml").write_text(cured, encoding="utf-8")
    assert "in every case" not in flat(grade("verify", "--pack", "pack", "--write").out)


def test_a_case_that_float32_cannot_answer_is_a_fault_of_the_exercise(grade: Grade) -> None:
    """A nearly flat image under a kernel whose sum is zero: the answer is a tiny difference of large numbers."""
    folder = pack("ex1")
    case = (
        "  - name: flat\n    input: [[10000.1, 10000.2, 10000.3], [10000.2, 10000.4, 10000.5]]\n    kernel: [[1, -1]]\n"
    )
    edit(folder / "ex1.yaml", "sweep:", f"{case}sweep:")
    said = grade("verify", "--pack", "pack", "--write")
    assert said.code == 2
    assert "case `flat`: torch's own float32 answer is outside the tolerance" in flat(said.out)
    edit(folder / "ex1.yaml", "sweep:", "tolerance: {atol: 0.01}\nsweep:")
    assert "float32" not in grade("verify", "--pack", "pack", "--write").out


def test_every_exercise_of_a_broken_pack_is_told_in_one_run(grade: Grade) -> None:
    folder = pack("ex0", "ex10")
    spec = (folder / "ex0.yaml").read_text(encoding="utf-8")
    broken = {
        "tagged": (spec.replace("[[1, 2, 3]", "!!python/object:os.system [[1, 2, 3]"), "has the tag"),
        "aliased": (spec.replace("points: 10", "points: &p 10").replace("count: 40", "count: *p"), "alias"),
        "tabbed": (spec.replace("    a:", "\ta:"), "tabs"),
        "unknown": (spec.replace("op: mul", "op: mull"), "did you mean `mul`?"),
        "ragged": (spec.replace("[1, 1, 2]", "[1, 1]"), "rows must be equally long"),
        "nans": (spec.replace("[1, 1, 2]", "[1, 1, .nan]"), "number is expected"),
        "double": (spec.replace("id: ex0", "id: ex10"), "`id` is `ex10`, but the file is named `double.yaml`"),
    }
    for name, (text, _) in broken.items():
        (folder / f"{name}.yaml").write_text(text.replace("id: ex0", f"id: {name}"), encoding="utf-8")
    said = grade("verify", "--pack", "pack")
    assert said.code == 2
    assert "✓ ex0" in said.out
    assert "✓ ex10" in said.out
    for name, (_, words) in broken.items():
        found = [block for block in said.out.split("\n\n") if f"pack/{name}.yaml:" in block]
        assert any(words in flat(block) for block in found), (name, words, found)
        assert all(re.search(rf"pack/{name}\.yaml:\d+:\d+: ", block) for block in found)


def test_empty_and_unknown(grade: Grade) -> None:
    pack()
    said = grade("verify", "--pack", "pack")
    assert said.code == 2
    assert "holds no specs" in said.err
    assert "did you mean `ex1`?" in grade("verify", "ex1x", "--pack", str(ROOT / "exercises")).err


def test_details_of_one_exercise(grade: Grade) -> None:
    said = grade("verify", "ex3", "--pack", str(ROOT / "exercises"))
    assert said.code == 0
    assert "only the sweep catches" in said.out
    assert "stride-swapped" in said.out


def test_new_writes_a_spec_that_torch_can_answer(grade: Grade) -> None:
    folder = pack()
    assert grade("new", "mine", "--op", "conv2d", "--pack", "pack").code == 0
    found = grade("verify", "mine", "--pack", "pack", "--write")
    problems = [line for line in found.out.splitlines() if line.startswith(("mine:", "pack/mine"))]
    assert any("there is no model solution" in line for line in problems)
    assert read_lock(folder, "mine").exercise.op == "conv2d"


@pytest.mark.parametrize(
    "op", ["conv2d", "mul", "max_pool2d", "output_shape", "edge_map", "activation_shape", "sgd_step"]
)
def test_new_writes_the_skeleton_of_an_operator_once(grade: Grade, op: str) -> None:
    """That every skeleton is proved, test_skeletons.py says."""
    folder = pack()
    assert grade("new", "mine", "--op", op, "--pack", "pack").code == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}
    assert written == skeletons("mine", op)
    assert re.search(rf"(?m)^op: {op}\b", written["mine.yaml"])
    again = grade("new", "mine", "--op", op, "--pack", "pack")
    assert again.code == 2
    assert "exists already" in again.err


def test_new_refuses_what_it_cannot_write(grade: Grade) -> None:
    assert "did you mean `conv2d`?" in grade("new", "mine", "--op", "conv2").err
    assert "cannot be the id" in grade("new", "../x", "--op", "conv2d").err
    assert "it is a command" in grade("new", "list", "--op", "conv2d").err
    assert not any(Path().iterdir())


def test_of_an_exercise_with_hidden_cases_only_none_is_explained(grade: Grade) -> None:
    folder = pack()
    text = WEAK.replace("    input:", "    hidden: true\n    input:")
    (folder / "weak.yaml").write_text(text, encoding="utf-8")
    grade("verify", "--pack", "pack", "--write")
    for words in (["explain", "weak"], ["explain", "weak", "ones"]):
        said = grade("--pack", "pack", *words)
        assert said.code == 2
        assert "weak has hidden cases only" in said.err
    assert grade("--pack", "pack", "show", "weak").code == 0


def test_hidden_cases_are_graded_and_stay_hidden(grade: Grade) -> None:
    folder = pack("ex0")
    secret = "  - name: the secret case\n    hidden: true\n    a: [[4711, -815]]\n    b: [[0.125, 1234]]\n"
    edit(folder / "ex0.yaml", "sweep:", f"{secret}sweep:")
    assert grade("verify", "--pack", "pack", "--write").code == 0
    program = (
        "seen = []\n"
        "def elementwise_product(a, b):\n"
        "    print(len(seen) > 60, seen[-9:] if len(seen) % 7 == 0 else '')\n"
        "    seen.append((a.tolist(), b.tolist()))\n"
        "    if a.shape == (1, 2) and a[0, 0] > 4000:\n"
        "        print('printed', a)\n"
        "        raise ValueError(f'raised {a} {b}')\n"
        "    return a * b\n"
    )
    Path("ex0.py").write_text(program, encoding="utf-8")
    for words in (["ex0"], ["ex0", "--format", "json"], ["show", "ex0"], []):
        said = grade("--pack", "pack", *words)
        for leak in ("4711", "815", "1234", "raised", "printed [", "-1005710", "the secret"):
            assert leak not in said.out + said.err, (words, leak)
    said = grade("--pack", "pack", "ex0")
    assert said.code == 0  # all visible checks pass
    assert "hidden  0 of 1 right" in said.out
    assert "7.5 / 10" in said.out
    assert "has no case `the secret case`" in grade("--pack", "pack", "explain", "ex0", "the secret case").err
    report = json.loads(grade("--pack", "pack", "ex0", "--format", "json").out)
    [check] = [check for check in report["checks"] if check["hidden"]]
    assert (check["case"], check["text"], check["printed"], check["mismatch"]) == ("hidden 1", "", "", None)
    assert check["verdict"] == "wrong_answer"
