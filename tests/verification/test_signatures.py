"""Functions with the signature of their course: every form is held to torch, and wrong ones to their cause."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, ForkServers, Grade
from hypothesis import given
from hypothesis import strategies as st

from grader.exercises.parse import parse
from grader.judging.explain import cell
from grader.judging.grade import grade, grade_with
from grader.model.exercise import Exercise, Lock, View
from grader.model.report import Report, Verdict
from grader.model.signature import as_student, as_torch, shown_arguments, student_index, torch_index
from grader.model.submission import Submission
from grader.notebook import Direct
from grader.numbers import Numbers, from_nested, indices, to_nested
from grader.sandbox.process import Process
from grader.verification.mutation import mutate
from grader.verification.torch_reference import answers
from grader.verification.verify import _template

pytestmark = pytest.mark.torch

# ---- the student's order and torch's


@st.composite
def viewed(draw: st.DrawFn) -> tuple[View, Numbers]:
    """Draw an array, and a way in which a student may have it."""
    letters = draw(st.sampled_from(["NCHW", "OIHW", "FCHW", "CHW", "HW", "NF", "NCL"]))
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=len(letters), max_size=len(letters))))
    array = from_nested(np.arange(np.prod(shape), dtype=float).reshape(shape).tolist())
    if draw(st.booleans()):
        return View("input", "".join(draw(st.permutations(letters)))), array
    return View("input", shape=draw(st.sampled_from([(-1,), (1, -1), (1, 1, 1, -1), (-1, 1)]))), array


@given(viewed())
def test_there_and_back_is_the_identity(drawn: tuple[View, Numbers]) -> None:
    view, array = drawn
    mine = as_student(view, array)
    assert as_torch(view, mine, array.shape) == array
    grid, own = np.array(to_nested(array)), np.array(to_nested(mine))
    for at in indices(array.shape):
        there = student_index(view, at, array.shape)
        assert own[there] == grid[at]
        assert torch_index(view, there, array.shape) == at


@given(viewed())
def test_axes_are_those_of_numpys_transpose(drawn: tuple[View, Numbers]) -> None:
    view, array = drawn
    torch_axes = {"NCHW": "NCHW", "HIOW": "OIHW", "CFHW": "FCHW", "CHW": "CHW", "HW": "HW", "FN": "NF", "CLN": "NCL"}
    if view.axes:
        usual = next(a for a in torch_axes.values() if sorted(a) == sorted(view.axes))
        wanted = np.transpose(np.array(to_nested(array)), [usual.index(letter) for letter in view.axes])
        assert to_nested(as_student(view, array)) == wanted.tolist()


def test_what_has_other_axes_comes_back_as_it_is() -> None:
    grid = from_nested([[1, 2], [3, 4]])
    assert as_student(View("input", "NHWC"), grid) == as_torch(View("input", "NHWC"), grid, (1, 1, 2, 2)) == grid
    assert as_torch(View("bias", shape=(1, -1)), grid, (4,)) == grid


# ---- every form of a call


def locked(spec: str, torch: Any) -> Lock:
    exercise = parse("t.yaml", spec)
    return Lock(1, "", "torch", exercise, answers(torch, exercise, Path()).references)


def called(lock: Lock, function: Any, earlier: Any = None) -> Report:
    """Grade a function in this process."""

    def caller() -> Direct:
        made = Direct(lock.exercise, function)
        made.earlier = earlier
        return made

    return grade_with(lock, Submission("", "", "t", "python", "t.py", ()), caller(), caller)


def program(lock: Lock, source: str, start: Callable[[], Process] | None = None) -> Report:
    """Grade a program in the sandbox."""
    return grade(lock, Submission("", "", "t", "python", "t.py", (("t.py", source),)), start=start)


HEAD = "format: 1\nid: t\ntitle: T\npoints: 10\n"
AXES = {"NCHW": (0, 1, 2, 3), "NHWC": (0, 3, 1, 2), "CHWN": (3, 0, 1, 2)}  # torch's axis of each letter of NCHW
KERNEL = {"OIHW": (0, 1, 2, 3), "HWIO": (3, 2, 0, 1)}
FORMS = list(
    itertools.product(
        AXES, KERNEL, ("plain", "number", "keys"), ("by name", "by position"), ("", "float32", "float64"),
        ("plain", "tuple", "keys"),
    )
)  # fmt: skip


def spec_of(axes: str, kernel: str, fields: str, call: str, tensors: str, returns: str) -> str:
    packed = {
        "plain": "  s: stride\n  p: padding\n",
        "number": "  s: {is: stride, as: number}\n  p: {is: padding, as: number}\n",
        "keys": "  param: {keys: {stride: stride, pad: {is: padding, as: number}, mode: {value: zeros}}}\n",
    }[fields]
    result = f"{{is: output, axes: {axes}}}"
    where = {"plain": result, "tuple": f"[~, {result}, ~]", "keys": f"{{keys: {{out: {result}, other: ~}}}}"}
    return (
        f"{HEAD}op: conv2d\nfunction: conv(x, w, b, {'param' if fields == 'keys' else 's, p'})\ncall: {call}\n"
        f"{f'tensors: {tensors}' if tensors else ''}\nallow: [numpy, torch]\narguments:\n"
        f"  x: {{is: input, axes: {axes}}}\n  w: {{is: kernel, axes: {kernel}}}\n"
        f"  b: {{is: bias, shape: [1, F, 1]}}\n{packed}returns: {where[returns]}\nsweep: {{count: 3, seed: 4}}\n"
    )


def own_conv(
    torch: Any, axes: str, kernel: str, fields: str, call: str, tensors: str, returns: str, stride: int = 0
) -> Callable[..., Any]:
    """Return a function of this form, with a stride of its own where one is given."""

    def convolve(image: Any, weights: Any, bias: Any, given: dict[str, Any]) -> Any:
        assert isinstance(image, torch.Tensor if tensors else np.ndarray)
        assert str(image.dtype) == (f"torch.{tensors}" if tensors else "float64")
        assert bias.shape == (1, weights.shape[kernel.index("O")], 1)
        steps = given["stride"]
        assert isinstance(steps, int if fields == "number" else tuple)
        assert isinstance(given["pad"], tuple if fields == "plain" else int)
        make = torch.as_tensor
        there = torch.nn.functional.conv2d(
            make(image).permute(AXES[axes]),
            make(weights).permute(KERNEL[kernel]),
            make(bias).flatten(),
            stride=stride or steps,
            padding=given["pad"],
        ).permute(tuple(np.argsort(AXES[axes])))
        out = there if tensors else there.numpy()
        return {"plain": out, "tuple": (None, out, "cache"), "keys": {"out": out}}[returns]

    if fields == "keys":

        def conv(x: Any, w: Any, b: Any, param: dict[str, Any]) -> Any:
            assert set(param) == {"stride", "pad", "mode"}
            assert param["mode"] == "zeros"
            return convolve(x, w, b, param)

        return conv if call == "by name" else lambda image, kernels, biases, how: conv(image, kernels, biases, how)

    def separate(x: Any, w: Any, b: Any, s: Any, p: Any) -> Any:
        return convolve(x, w, b, {"stride": s, "pad": p})

    return separate if call == "by name" else lambda a, b, c, d, e: separate(a, b, c, d, e)


@pytest.mark.parametrize("form", FORMS[::7], ids="/".join)
def test_every_form_of_a_call_is_torchs(form: tuple[Any, ...], torch: Any) -> None:
    lock = locked(spec_of(*form), torch)
    report = called(lock, own_conv(torch, *form))
    assert report.passed, report.checks[0].text


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS, ids="/".join)
def test_all_forms_of_a_call_are_torchs(form: tuple[Any, ...], torch: Any) -> None:
    test_every_form_of_a_call_is_torchs(form, torch)


COURSE = ("NHWC", "HWIO", "keys", "by position", "", "tuple")
CASE = """cases:
  - name: one
    input: [[[[1, 2, 0], [3, 4, 1]], [[0, 1, 5], [1, 0, 2]]]]
    kernel: [[[[1, 2]], [[0, 1]]], [[[1, 1]], [[2, 0]]], [[[0, 1]], [[1, 1]]]]
    bias: [1, -1, 0]
    stride: [1, 2]
"""


def test_cells_and_misconceptions_are_in_the_students_order(torch: Any) -> None:
    lock = locked(spec_of(*COURSE).replace("sweep: {count: 3", f"{CASE}sweep: {{count: 40"), torch)
    report = called(lock, own_conv(torch, *COURSE, stride=1))
    assert report.diagnosis
    assert report.diagnosis.misconceptions == (("stride-ignored",),)
    assert report.diagnosis.smallest
    assert np.shape(report.diagnosis.smallest.expected)[::3] == (1, 1)  # one image, one filter, channels last
    first = report.checks[0].mismatch
    assert first
    assert (first.expected_shape, first.given_shape) == ((1, 2, 1, 3), (1, 2, 2, 3))

    def shifted(x: Any, w: Any, b: Any, param: Any) -> Any:
        _, out, _ = own_conv(torch, *COURSE)(x, w, b, param)
        out[0, 1, 0, 2] += 1
        return None, out, None

    wrong = called(lock, shifted).checks[0]
    assert wrong.mismatch
    assert wrong.mismatch.worst == (0, 1, 0, 2)
    assert wrong.diagnosis
    assert wrong.diagnosis.cell
    # filter 2, row 1, column 0: 3·0 + 4·1 of channel 0, 1·1 + 0·1 of channel 1
    assert wrong.diagnosis.cell.value == wrong.mismatch.expected == 5
    x = np.array(wrong.diagnosis.cell.input["x"])
    assert x.shape == (1, 2, 3, 2)
    assert sorted(x[at] for at in wrong.diagnosis.cell.reads) == [0, 1, 3, 4]


def test_a_cell_is_explained_by_the_students_index(torch: Any) -> None:
    lock = locked(spec_of(*COURSE).replace("sweep: {count: 3, seed: 4}\n", CASE), torch)
    page = cell(lock.exercise, lock.exercise.cases[0], (0, 1, 0, 2))
    assert page.place == "output[0, 1, 0, 2]"
    assert np.array(page.answer).shape == (1, 2, 1, 3)
    assert page.axes == {"x": "NHWC", "w": "HWIO", "output": "NHWC"}
    assert list(page.inputs) == ["x", "w", "b"]
    assert page.fields == {"param": {"stride": [1, 2], "pad": 0, "mode": "zeros"}}


def test_sweeps_draw_what_the_signature_can_express(torch: Any) -> None:
    exercise = parse(
        "t.yaml", spec_of("NHWC", "HWIO", "number", "by name", "", "plain").replace("count: 3", "count: 40")
    )
    assert len(exercise.cases) == 40
    assert {len(np.shape(case.inputs["input"])) for case in exercise.cases} == {4}
    assert all(len(set(case.fields["stride"])) == len(set(case.fields["padding"])) == 1 for case in exercise.cases)
    assert {case.fields["stride"][0] for case in exercise.cases} > {1, 2}


@pytest.mark.parametrize(
    "function, says",
    [
        (lambda x, w, b, p: x, "it returned `ndarray`; return a tuple of 3"),
        (lambda x, w, b, p: (x, x), "it returned 2 results; return a tuple of 3"),
        (lambda x, w, b, p: (x, None, x), "it returned None: was it never computed?"),
        (lambda x, w, b, p: None, "it returned None; return a tuple of 3"),
        (lambda x, w, b: (x, x, x), "called as `conv(x, w, b, param)`, with arguments by position"),
    ],
)
def test_other_results_have_a_reason(function: Any, says: str, torch: Any) -> None:
    report = called(locked(spec_of(*COURSE), torch), function)
    assert report.score == 0
    assert says in report.checks[0].text


@pytest.mark.parametrize(
    "result, says", [(3, "return a dictionary with 'out'"), ({"o": 1}, "the dictionary that it returned has no 'out'")]
)
def test_other_dictionaries_have_a_reason(result: Any, says: str, torch: Any) -> None:
    report = called(locked(spec_of(*COURSE[:-1], "keys"), torch), lambda *_: result)
    assert says in report.checks[0].text


# ---- a class


LAYER = (
    f"{HEAD}op: max_pool2d\nfunction: Pool(kernel_size, stride).forward(x)\narguments: {{x: input}}\n"
    "tensors: float64\nallow: [numpy, torch]\nsweep: {count: 4, channels: [2]}\n"
)
MODULE = """
import torch

class Pool(torch.nn.Module):
    def __init__(self, kernel_size, stride):
        super().__init__()
        self.inner = torch.nn.MaxPool2d(kernel_size, stride)

    def forward(self, x):
        return self.inner(x)
"""


def test_a_class_is_made_and_its_method_called(torch: Any, fork_server: ForkServers) -> None:
    lock = locked(LAYER, torch)
    start = fork_server(lock)
    assert program(lock, MODULE, start).passed
    assert "stride-ignored" not in str(
        program(lock, MODULE.replace("(kernel_size, stride)\n\n", "(2, 1)\n\n"), start).checks[0]
    )
    lacking = program(lock, MODULE.replace("def forward", "def run"), start)
    assert "AttributeError" in lacking.checks[0].text or "forward" in lacking.checks[0].text
    other = program(lock, MODULE.replace("__init__(self, kernel_size, stride)", "__init__(self, size)"), start)
    assert "a class `Pool` with `__init__(self, kernel_size, stride)` and `forward(self, x)`" in other.checks[0].text
    assert _template(lock, start).score == 0


# ---- a function that runs first


BACK = f"""{HEAD}op: avg_pool2d
function: back(cache, scale)
call: by position
arguments:
  scale: {{value: 1}}
  cache:
    from: front(x, pool_param)
    op: max_pool2d
    arguments:
      x: input
      pool_param: {{keys: {{size: kernel_size, stride: stride}}}}
returns: {{name: dx}}
cases:
  - name: one
    input: [[1, -4, 2, 0], [-3, 5, -1, 2], [0, 1, -6, 4], [2, 2, 3, -5]]
    kernel_size: 2
    stride: 2
  - name: two
    input: [[1, -4, 2], [-3, 5, -1]]
    kernel_size: [1, 2]
    stride: 1
    hidden: true
sweep: {{count: 20, seed: 1}}
"""
PROGRAM = """
import numpy as np

def windows(x, size, stride):
    return np.lib.stride_tricks.sliding_window_view(x, size, (-2, -1))[..., :: stride[0], :: stride[1], :, :]

def front(x, pool_param):
    out = windows(x, pool_param["size"], pool_param["stride"]).max((-2, -1))
    return out, lambda reduce: reduce(windows(x, pool_param["size"], pool_param["stride"]))

def back(cache, scale):
    return cache(lambda seen: scale * seen.mean((-2, -1)))
"""


@pytest.fixture(scope="module")
def back(torch: Any) -> Lock:
    return locked(BACK, torch)


def test_a_cache_of_any_kind_is_passed_on(back: Lock, fork_server: ForkServers) -> None:
    assert program(back, PROGRAM).passed
    assert _template(back, fork_server(back)).checks[0].text.startswith("not begun: write `front`")


def test_where_the_first_function_is_wrong_the_second_is_not_judged(back: Lock) -> None:
    report = program(back, PROGRAM.replace(".max((", ".min(("))
    first = report.checks[0]
    assert first.text.startswith("not judged, because `front` is wrong in this case: 4 of 4 cells differ")
    assert (first.verdict, first.score, first.mismatch) == (Verdict.wrong_answer, 0, None)
    assert report.diagnosis is None
    assert 0 < sum(check.score > 0 for check in report.checks) < 10  # windows of one cell have one maximum and minimum
    assert "front" not in report.checks[1].text  # the hidden one


def test_a_misconception_is_found_in_the_cases_where_the_first_function_is_right(back: Lock) -> None:
    report = program(back, PROGRAM.replace("seen.mean(", "seen.sum("))
    assert report.diagnosis
    assert report.diagnosis.misconceptions == (("sum-for-mean",),)
    both = PROGRAM.replace("seen.mean(", "seen.sum(").replace("return out,", "return out + (x.shape[0] > 6),")
    mixed = program(back, both)
    assert mixed.diagnosis
    assert mixed.diagnosis.misconceptions == (("sum-for-mean",),)
    assert any("not judged" in check.text for check in mixed.checks)


@pytest.mark.parametrize(
    "old, new, says",
    [
        (
            "return out,",
            "return 1 / 0, out[0],",
            "not judged, because `front` is wrong in this case: ZeroDivisionError",
        ),
        (
            "return out, lambda",
            "return lambda",
            "`front` is wrong in this case: it returned `function`; return a tuple of 2",
        ),
        ("def front(x, pool_param)", "def front(x)", "`front` is wrong in this case: it cannot be called like that"),
        ("def front(", "def forward(", "its `cache` is what `front` returns, and there is no such function"),
        ("return cache(", "return 1 / 0, cache(", "ZeroDivisionError"),
        ("def back(cache, scale)", "def back(cache)", "called as `back(cache, scale)`"),
        ("def front(", "def front(*a): raise MemoryError\ndef fr(", "MemoryError"),
    ],
)
def test_what_keeps_either_from_being_judged_is_said(back: Lock, old: str, new: str, says: str) -> None:
    report = program(back, PROGRAM.replace(old, new))
    assert report.score == 0
    assert says in report.checks[0].text


FRONT_AND_BACK = (
    ("return out,", "return out + 1,", "front` is wrong in this case: 4 of 4 cells differ"),
    ("return out,", "return out[:1],", "front` is wrong in this case: the result is 1×2, but it should be 2×2"),
    ("return out,", "return out,", ""),
)


@pytest.mark.parametrize("broken", ["return 1 / 0, cache(", "return None, cache(", "raise SystemExit; cache("])
@pytest.mark.parametrize("old, new, says", FRONT_AND_BACK)
def test_a_second_function_that_fails_after_a_wrong_first_one_is_not_judged(
    back: Lock, old: str, new: str, says: str, broken: str
) -> None:
    source = PROGRAM.replace("return cache(", broken).replace(old, new)
    space: dict[str, Any] = {}
    exec(source, space)
    for report in (program(back, source), called(back, space["back"], space["front"])):
        text = report.checks[0].text
        assert says in text
        assert text.startswith("not judged, because") is bool(says)


def test_changing_the_first_functions_results_later_changes_nothing(back: Lock) -> None:
    inplace = PROGRAM.replace("return out, lambda", "state.append(out); return out, lambda").replace(
        "return cache(", "state[-1][...] = 7; return cache("
    )
    assert program(back, f"state = []\n{inplace}").passed


def test_nothing_expected_crosses_the_process_boundary(back: Lock) -> None:
    from grader.sandbox import wire

    exercise: Exercise = back.exercise
    frame = wire.load(Submission("", "", "t", "python", "t.py", (("t.py", ""),)), exercise, ("numpy",))
    assert b"max_pool2d" not in frame
    assert b"avg_pool2d" not in frame
    assert exercise.results == 2


def test_people_see_the_first_functions_arguments(back: Lock) -> None:
    inputs, others = shown_arguments(back.exercise, back.exercise.cases[0])
    assert list(inputs) == ["x"]
    assert others == {"scale": 1, "pool_param": {"size": [2, 2], "stride": [2, 2]}}


def test_grids_are_rows_and_columns_whatever_the_order_of_the_axes(grade: Grade, tmp_path: Path, torch: Any) -> None:
    spec = spec_of(*COURSE).replace("sweep: {count: 3, seed: 4}\n", CASE)
    (tmp_path / "t.yaml").write_text(spec, encoding="utf-8")
    assert grade("verify", "--write", "--pack", ".").code == 2  # it has no model solution
    shown = grade("show", "t", "--pack", ".").out
    assert "x[0, :, :, 0]    x[0, :, :, 1]    w[:, :, 0, 0]" in shown
    assert "1  2  0          0  1  5          1  2" in shown
    explained = grade("explain", "t", "one", "0", "1", "0", "2", "--pack", ".").out
    assert "output[0, 1, 0, 2] = 3×0 + 4×1 + 1×1 + 0×1 = 5" in explained
    assert "[3][4] 1" in explained
    program = "import torch\ndef conv(x, w, b, param):\n    return None, torch.zeros(1, 2, 1, 3), 0\n"
    (tmp_path / "t.py").write_text(program, encoding="utf-8")
    report = grade("t", "--pack", ".").out
    assert "yours[0, :, :, 0]" in report
    assert "6 of 6 cells differ, worst at" in report


# ---- packs and whole files


def test_packs_are_found_by_name(grade: Grade, tmp_path: Path) -> None:
    listed = grade("list", "--pack", "d2l")
    assert "corr2d_multi_in_out(X, K)" in listed.out
    (tmp_path / "d2l").mkdir()  # a folder of that name does not replace the pack
    shutil.copy(ROOT / "packs" / "d2l" / "corr2d.yaml", "d2l")
    assert grade("list", "--pack", "d2l").out == listed.out
    assert "`grade verify corr2d --write --pack ./d2l`" in " ".join(grade("list", "--pack", "./d2l").out.split())
    assert "did you mean `d2l`?" in grade("list", "--pack", "d2").err
    assert "check `--pack` or GRADE_PACK" in grade("list", "--pack", "some/d2l").err


WHOLE = """
import torch
from d2l import torch as d2l
from .helpers import *

def corr2d(X, K):
    return torch.nn.functional.conv2d(X[None, None], K[None, None])[0, 0]

print(corr2d(torch.ones(3, 3), torch.ones(2, 2)))

def corr2d_multi_in(X, K):
    return torch.stack([corr2d(x, k) for x, k in zip(X, K)]).sum(0)

def corr2d_multi_in_out(X, K):
    return torch.stack([corr2d_multi_in(X, k) for k in K[:1]], 0)

def train(net):
    d2l.train_ch6(net)
"""


def test_a_whole_file_is_graded_function_by_function(grade: Grade, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(WHOLE, encoding="utf-8")
    done = grade("mine.py", "--pack", "d2l", "--format", "csv")
    assert done.code == 1, done.err
    rows = {line.split(",")[0] for line in done.out.splitlines()[1:]}
    assert len({word for word in ("corr2d", "corr2d_multi_in", "corr2d_multi_in_out") if word in done.out}) == 3
    assert "pool2d" not in done.out
    assert rows
    assert grade("mine.py", "--pack", "d2l", "--html").code == 2


ARRAYS = """
from d2l import torch as d2l
import numpy as np

def corr2d(X, K):
    return np.einsum("ijkl,kl->ij", np.lib.stride_tricks.sliding_window_view(X, K.shape), K)
"""


def test_the_courses_file_is_found_by_its_name(grade: Grade, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(ROOT / "packs" / "d2l", pack)
    for spec in pack.glob("*.yaml"):
        text = re.sub("file: .*", "file: conv.py", spec.read_text(encoding="utf-8"))
        text = text.replace("tensors: float32\n", "").replace("allow: [numpy, torch]\n", "")  # torch takes long to load
        spec.write_text(text, encoding="utf-8")
    (tmp_path / "class" / "amir").mkdir(parents=True)
    (tmp_path / "class" / "amir" / "conv.py").write_text(ARRAYS, encoding="utf-8")
    (tmp_path / "conv.py").write_text(ARRAYS, encoding="utf-8")
    assert "10 / 10" in grade("corr2d", "--pack", "pack").out
    done = grade("class", "class", "--one-student", "--pack", "pack", "--exercise", "corr2d", "--jobs", "1")
    assert done.code == 0, done.err
    rows = json.loads(grade("report", "--format", "json").out)["students"]["rows"]
    assert {row["student"]: row["marks"]["corr2d"]["score"] for row in rows} == {"amir": 10}


# ---- fixed fields

FIXED = {
    "conv2d": ("conv(input, kernel)", "{stride: 2, padding: [2, 1]}"),
    "avg_pool2d": ("pool(input, kernel_size)", "{stride: 1}"),
}
USES = """
import numpy as np

def conv(input, kernel, stride=2, rows=2, columns=1):
    input = np.pad(input, ((rows, rows), (columns, columns)))
    seen = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)[::stride, ::stride]
    return (seen * kernel).sum((-2, -1))

def pool(input, kernel_size, stride=(1, 1), reduce=np.mean):
    s, t = stride or kernel_size
    return reduce(np.lib.stride_tricks.sliding_window_view(input, kernel_size)[::s, ::t], (-2, -1))
"""


@pytest.mark.parametrize(
    "op, old, new, misconception",
    [
        ("conv2d", "stride=2", "stride=1", "stride-ignored"),
        ("conv2d", "rows=2, columns=1", "rows=0, columns=0", "padding-ignored"),
        ("conv2d", "columns=1", "columns=2", "padding-rows-for-both"),
        ("avg_pool2d", "stride=(1, 1)", "stride=()", "stride-is-kernel-size"),
        (
            "avg_pool2d",
            "reduce=np.mean",
            "reduce=np.sum",
            "sum-for-mean",
        ),  # with stride 1, `divisor-stride` is the same
    ],
)
def test_a_function_that_does_not_have_a_fixed_value_is_named(
    op: str, old: str, new: str, misconception: str, torch: Any
) -> None:
    function, fixed = FIXED[op]
    lock = locked(f"{HEAD}op: {op}\nfunction: {function}\nfixed: {fixed}\nsweep: {{count: 40, seed: 1}}\n", torch)
    assert program(lock, USES).passed
    assert not mutate(lock.exercise).survived
    diagnosis = program(lock, USES.replace(old, new)).diagnosis
    assert diagnosis
    assert diagnosis.misconceptions == ((misconception,),)


# ---- results that no operator has

BATCH_NORM = f"""{HEAD}op: batch_norm2d
function: batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum)
arguments:
  X: {{is: input, axes: NCHW}}
  gamma: {{is: weight, shape: [1, C, 1, 1]}}
  beta: {{is: bias, shape: [1, C, 1, 1]}}
  moving_mean: {{is: running_mean, shape: [1, C, 1, 1]}}
  moving_var: {{is: running_var, shape: [1, C, 1, 1]}}
  momentum: {{value: 0.1}}
returns: [output, ~, ~]
fixed: {{training: true}}
sweep: {{count: 30, seed: 1}}
"""
NORMALISED = """
import numpy as np

def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    mean, var = X.mean((0, 2, 3), keepdims=True), X.var((0, 2, 3), keepdims=True)
    moving_mean = (1.0 - momentum) * moving_mean + momentum * mean
    moving_var = (1.0 - momentum) * moving_var + momentum * var
    return gamma * (X - mean) / np.sqrt(var + eps) + beta, moving_mean, moving_var
"""


def test_a_batch_normalisation_with_moving_statistics_is_graded_by_its_output(torch: Any) -> None:
    lock = locked(BATCH_NORM, torch)
    assert program(lock, NORMALISED).passed
    assert not mutate(lock.exercise).survived
    wrong = program(
        lock, NORMALISED.replace("X.mean((0, 2, 3)", "X.mean((2, 3)").replace("X.var((0, 2, 3)", "X.var((2, 3)")
    )
    assert wrong.diagnosis
    assert wrong.diagnosis.misconceptions == (("statistics-of-each-image",),)
