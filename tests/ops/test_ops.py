"""One generic test holds every operator to the real torch.nn module; another shows that each misconception differs."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest

from grader.judging.misconceptions import attempt
from grader.ops import OPS, Misconception, Op, OpError, Sample
from grader.ops.base import each_output

SAMPLES = {name: list(op.samples()) for name, op in OPS.items()}
TRAITS = {n: {t for op, inputs in SAMPLES[n] for t in op.traits(*(i.shape for i in inputs))} for n in OPS}
FEW = 15  # samples, where every misconception is run on each


def same(op: Op, mine: Any, right: Any, inputs: tuple[Any, ...]) -> None:
    """Hold an answer to torch's: bit for bit where whole numbers go in and out, else to 1e-12."""
    pairs = list(zip(each_output(mine), each_output(right), strict=True))
    whole = all(bool((a == np.rint(a)).all()) for a in (*inputs, *(r for _, r in pairs)))
    for got, expected in pairs:
        assert got.shape == expected.shape
        if whole:
            np.testing.assert_array_equal(got, expected)
        else:
            np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


def differs(misconception: Misconception, sample: Sample) -> bool:
    right = each_output(sample.op(*sample.inputs))
    wrong = attempt(misconception.run, sample.op, sample.inputs)
    return wrong is None or [w.tolist() for w in wrong] != [r.tolist() for r in right]


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("name", OPS)
def test_equals_torch(name: str, torch: Any) -> None:
    for op, inputs in SAMPLES[name]:
        same(op, op(*inputs), op.reference(torch, *inputs), inputs)


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("name", OPS)
def test_drawn_cases_equal_torch(name: str, torch: Any) -> None:
    cls, random = OPS[name], Random(7)
    traits = sorted(TRAITS[name] - {"channels", "batch"})
    axes = {"lead": (0, 1, 2), "channels": (1, 2, 4), "batch": (1, 3)} if cls.lead is not Op.lead else {}
    fields = cls.__struct_fields__
    plans: list[tuple[str, ...]] = [(), fields, fields[:1], (*fields, *traits)]
    for vary in plans:
        for leading in (axes, {}):
            for _ in range(30):
                op, inputs = cls.draw(random, dict.fromkeys(vary, ()) | leading)
                same(op, op(*inputs), op.reference(torch, *inputs), inputs)


@pytest.mark.parametrize("name", OPS)
def test_whatever_may_vary_is_drawn(name: str) -> None:
    """A field, a trait, or a leading axis that sweeps never vary would let code pass that ignores it."""
    cls, random = OPS[name], Random(5)
    axes = {"lead": (2,), "channels": (2, 4), "batch": (2,)} if cls.lead is not Op.lead else {}
    drawn = []
    for traits in (sorted(TRAITS[name]), []):
        vary = dict.fromkeys((*cls.__struct_fields__, *traits), ()) | axes
        drawn += [(op, [i.shape for i in inputs]) for op, inputs in (cls.draw(random, vary) for _ in range(60))]
    for field, default in zip(cls.__struct_fields__, _defaults(cls), strict=True):
        if default is not _NONE:
            assert any(_leaves(op, field, default, shapes) for op, shapes in drawn), field
    assert TRAITS[name] == {trait for op, shapes in drawn for trait in op.traits(*shapes)}


def _leaves(op: Op, field: str, default: Any, shapes: list[tuple[int, ...]]) -> bool:
    """Tell whether a field has another value than its default, as the student's function sees it."""
    try:
        return bool(op.resolved(*shapes)[field] != op.changed(**{field: default}).resolved(*shapes)[field])
    except OpError:
        return True


@pytest.mark.parametrize("name", OPS)
def test_only_what_may_vary_is_drawn(name: str) -> None:
    cls, random = OPS[name], Random(11)
    needed = {f for f, d in zip(cls.__struct_fields__, _defaults(cls), strict=True) if d is _NONE}
    for _ in range(40):
        op, _inputs = cls.draw(random, {})
        for field, default in zip(cls.__struct_fields__, _defaults(cls), strict=True):
            if field not in needed:
                each = getattr(op, field)
                assert each in (default, (default, default)), f"{field} left its default"


_NONE = object()


def _defaults(cls: type[Op]) -> list[Any]:
    lacking = len(cls.__struct_fields__) - len(cls.__struct_defaults__)
    return [_NONE] * lacking + [_NONE if d is msgspec.NODEFAULT else d for d in cls.__struct_defaults__]


@pytest.mark.parametrize("name", OPS)
def test_shape_is_the_shape_of_the_answer(name: str) -> None:
    for op, inputs in SAMPLES[name]:
        shape = op.shape(*(np.shape(i) for i in inputs))
        shapes = tuple(answer.shape for answer in each_output(op(*inputs)))
        assert shape == (shapes if len(op.outputs) > 1 else shapes[0]), (op, inputs)


@pytest.mark.parametrize("name", OPS)
def test_cell_by_cell_it_is_the_answer(name: str) -> None:
    for op, inputs in SAMPLES[name]:
        for output, answer in enumerate(each_output(op(*inputs))):
            which: dict[str, Any] = {"output": output} if len(op.outputs) > 1 else {}
            for at in np.ndindex(*answer.shape):
                cell = op.cell(at, *inputs, **which)
                assert cell.value == pytest.approx(float(answer[at]), rel=1e-9, abs=1e-9), (op, inputs, output, at)
                assert cell.text
                for place in cell.reads:  # every place it names is one of the first input
                    assert np.shape(inputs[0][place]) == ()


@pytest.mark.parametrize("name", OPS)
def test_there_is_no_cell_outside(name: str) -> None:
    for op, inputs in SAMPLES[name]:
        shape = each_output(op(*inputs))[0].shape
        for at in (shape or (0,), (*shape, 0), tuple(-1 for _ in shape) or (0,)):
            with pytest.raises(OpError):
                op.cell(at, *inputs)


@pytest.mark.parametrize("name", OPS)
def test_inputs_are_left_alone(name: str) -> None:
    for op, inputs in SAMPLES[name][:FEW]:
        before = [np.array(i) for i in inputs]
        op(*inputs)
        for misconception in op.misconceptions:
            attempt(misconception.run, op, inputs)
        for array, copy in zip(inputs, before, strict=True):
            np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("name", OPS)
def test_each_misconception_is_wrong_somewhere(name: str) -> None:
    for misconception in OPS[name].misconceptions:
        assert any(differs(misconception, sample) for sample in SAMPLES[name]), misconception.id


@pytest.mark.parametrize("name", OPS)
def test_each_misconception_is_told_in_whole_sentences(name: str) -> None:
    op = OPS[name]
    for misconception in op.misconceptions:
        assert misconception.id == misconception.id.lower()
        assert " " not in misconception.id
        for sentence in (misconception.says, misconception.why, misconception.instead):
            assert sentence.endswith("."), (misconception.id, sentence)
            assert len(sentence) < 200, (misconception.id, sentence)
        assert misconception.says[0].isupper(), misconception.id
        assert set(misconception.about) <= {*op.names, *op.__struct_fields__, *TRAITS[name]}, misconception.id


@pytest.mark.parametrize("name", OPS)
def test_bug_ids_are_unique_within_an_operator(name: str) -> None:
    ids = [misconception.id for misconception in OPS[name].misconceptions]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", OPS)
def test_samples_grow(name: str) -> None:
    sizes = [sum(np.size(i) for i in sample.inputs) for sample in SAMPLES[name]]
    assert len(sizes) >= 5
    assert sizes[0] <= sorted(sizes)[len(sizes) // 2]


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
        ("conv2d", {"padding": ((1, 0), (0, -1))}, ()),
        ("conv2d", {"padding": 3, "padding_mode": "reflect"}, ((3, 4), (2, 2), ())),
        ("conv2d", {"padding": ((0, 4), 0), "padding_mode": "circular"}, ((3, 4), (2, 2), ())),
        ("conv_transpose2d", {"output_padding": 1}, ()),
        ("conv_transpose2d", {"padding": 2}, ((2, 2), (2, 2), ())),
        ("conv_transpose2d", {}, ((2, 3, 3), (3, 2, 2, 2), (2,))),
        ("adaptive_avg_pool2d", {"output_size": 0}, ()),
        ("batch_norm2d", {"eps": -1.0}, ()),
        ("batch_norm2d", {"training": True}, ((3, 1, 1), (3,), (3,), (3,), (3,))),
        ("batch_norm2d", {}, ((3, 2, 2), (2,), (3,), (3,), (3,))),
        ("output_shape", {"input_size": (4, 4), "kernel_size": (2, 2), "dilation": (4, 1)}, ()),
        ("output_shape", {"input_size": (4, 4), "kernel_size": (2, 2), "padding": (2, 0), "ceil_mode": True}, ()),
    ],
)
def test_what_does_not_fit_is_refused(name: str, fields: dict[str, Any], inputs: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(OpError):
        OPS[name](**fields)(*(np.ones(shape) for shape in inputs))
