"""One generic test holds every operator to the real torch.nn module; another shows that each misconception differs."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

from grader.ops import OPS, Bug, Op, OpError, Sample
from grader.ops.base import each_output

ALL = [(name, i, sample) for name, op in OPS.items() for i, sample in enumerate(op.samples())]
SAMPLES = [pytest.param(sample, id=f"{name}-{i}") for name, i, sample in ALL]
BUGS = [pytest.param(op, bug, id=f"{name}-{bug.id}") for name, op in OPS.items() for bug in op.bugs]


def same(op: Op, mine: Any, right: Any, inputs: tuple[Any, ...]) -> None:
    """Hold an answer to torch's: bit for bit where whole numbers go in and out, else to 1e-12."""
    pairs = list(zip(each_output(mine), each_output(right), strict=True))
    whole = op.exact and all(bool((a == np.rint(a)).all()) for a in (*inputs, *(r for _, r in pairs)))
    for got, expected in pairs:
        assert got.shape == expected.shape
        if whole:
            np.testing.assert_array_equal(got, expected)
        else:
            np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


def differs(op: Op, bug: Bug, sample: Sample) -> bool:
    right = each_output(sample.op(*sample.inputs))
    try:
        wrong = each_output(bug.run(sample.op, *sample.inputs))
    except (ValueError, IndexError):
        return True
    return len(wrong) != len(right) or not all(
        w.shape == r.shape and np.array_equal(w, r) for w, r in zip(wrong, right, strict=True)
    )


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("sample", SAMPLES)
def test_equals_torch(sample: Sample, torch: Any) -> None:
    op, inputs = sample
    same(op, op(*inputs), op.reference(torch, *inputs), inputs)


@pytest.mark.torch
@pytest.mark.parametrize("name", OPS)
def test_drawn_cases_equal_torch(name: str, torch: Any) -> None:
    cls, random = OPS[name], Random(7)
    for vary in (set(), set(cls.__struct_fields__), set(cls.__struct_fields__[:1])):
        for _ in range(60):
            op, inputs = cls.draw(random, vary)
            same(op, op(*inputs), op.reference(torch, *inputs), inputs)


@pytest.mark.parametrize("name", OPS)
def test_only_what_may_vary_is_drawn(name: str) -> None:
    cls, random = OPS[name], Random(11)
    needed = {f for f, d in zip(cls.__struct_fields__, _defaults(cls), strict=True) if d is _NONE}
    for _ in range(40):
        op, _inputs = cls.draw(random, ())
        for field, default in zip(cls.__struct_fields__, _defaults(cls), strict=True):
            if field not in needed:
                each = getattr(op, field)
                assert each in (default, (default, default)), f"{field} left its default"


_NONE = object()


def _defaults(cls: type[Op]) -> list[Any]:
    lacking = len(cls.__struct_fields__) - len(cls.__struct_defaults__)
    import msgspec

    return [_NONE] * lacking + [_NONE if d is msgspec.NODEFAULT else d for d in cls.__struct_defaults__]


@pytest.mark.parametrize("sample", SAMPLES)
def test_shape_is_the_shape_of_the_answer(sample: Sample) -> None:
    op, inputs = sample
    shape = op.shape(*(np.shape(i) for i in inputs))
    shapes = tuple(a.shape for a in each_output(op(*inputs)))
    assert shape in (shapes[0], shapes) if len(shapes) == 1 else shape == shapes


@pytest.mark.parametrize("sample", SAMPLES)
def test_cell_by_cell_it_is_the_answer(sample: Sample) -> None:
    op, inputs = sample
    answer = each_output(op(*inputs))[0]
    for at in np.ndindex(*answer.shape):
        cell = op.cell(at, *inputs)
        assert cell.value == pytest.approx(float(answer[at]), rel=1e-9, abs=1e-9)
        assert cell.text
        for place in cell.reads:  # every place it names is one of the first input
            assert np.shape(inputs[0][place]) == ()


@pytest.mark.parametrize("sample", SAMPLES)
def test_there_is_no_cell_outside(sample: Sample) -> None:
    op, inputs = sample
    shape = each_output(op(*inputs))[0].shape
    for at in (shape, (*shape, 0), tuple(-1 for _ in shape) or (0,)):
        with pytest.raises(OpError):
            op.cell(at, *inputs)


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_operator_leaves_its_inputs_alone(sample: Sample) -> None:
    op, inputs = sample
    before = [np.array(i) for i in inputs]
    op(*inputs)
    for bug in op.bugs:
        try:
            bug.run(op, *inputs)
        except (ValueError, IndexError):
            continue
    for array, copy in zip(inputs, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("op, bug", BUGS)
def test_each_misconception_is_wrong_somewhere(op: type[Op], bug: Bug) -> None:
    assert any(differs(sample.op, bug, sample) for sample in op.samples())


@pytest.mark.parametrize("op, bug", BUGS)
def test_each_misconception_is_told_in_whole_sentences(op: type[Op], bug: Bug) -> None:
    assert bug.id == bug.id.lower()
    assert " " not in bug.id
    for sentence in (bug.says, bug.why, bug.instead):
        assert (
            sentence[0].isupper()
            or sentence[0] in "`⌊"
            or sentence.split()[0].rstrip("].").isidentifier()
            or "[" in sentence
        )
        assert sentence.endswith(".")
        assert len(sentence) < 200
    known = (*op.names, *op.__struct_fields__, "channels")
    assert set(bug.about) <= set(known)


@pytest.mark.parametrize("name", OPS)
def test_bug_ids_are_unique_within_an_operator(name: str) -> None:
    ids = [bug.id for bug in OPS[name].bugs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", OPS)
def test_samples_grow(name: str) -> None:
    sizes = [sum(np.size(i) for i in sample.inputs) for sample in OPS[name].samples()]
    assert len(sizes) >= 5
    assert sizes[0] <= sorted(sizes)[len(sizes) // 2]


@pytest.mark.torch
@pytest.mark.parametrize("name", ["conv1d", "conv2d"])
def test_params_are_what_the_module_learns(name: str, torch: Any) -> None:
    for op, inputs in OPS[name].samples():
        _, kernel, bias = op.lift(*inputs)  # type: ignore[attr-defined]
        module = getattr(
            torch.nn, f"Conv{op.axes}d"
        )(  # type: ignore[attr-defined]
            kernel.shape[1] * op.groups,
            kernel.shape[0],
            kernel.shape[2:],
            groups=op.groups,  # type: ignore[attr-defined]
        )
        assert op.params(*(i.shape for i in inputs)) == sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    "name, fields, inputs",
    [
        ("conv2d", {"stride": 0}, ()),
        ("conv2d", {"padding": -1}, ()),
        ("conv2d", {"padding": "same", "stride": 2}, ()),
        ("conv2d", {"groups": 0}, ()),
        ("conv2d", {}, ((2, 2), (3, 3), ())),
        ("conv2d", {}, ((2, 2), (1, 1, 2, 2), ())),
        ("conv2d", {}, ((2, 4, 4), (3, 3, 2, 2), (3,))),
        ("conv2d", {}, ((2, 4, 4), (3, 2, 2, 2), (4,))),
        ("conv2d", {}, ((1, 2, 4, 4, 4), (3, 2, 2, 2), (3,))),
        ("conv1d", {"dilation": 3}, ((4,), (3,), ())),
        ("mul", {}, ((2, 2), (2, 3))),
    ],
)
def test_what_does_not_fit_is_refused(name: str, fields: dict[str, Any], inputs: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(OpError):
        OPS[name](**fields)(*(np.ones(shape) for shape in inputs))
