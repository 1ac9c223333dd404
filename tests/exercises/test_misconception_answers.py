"""Stored answers of misconceptions give the diagnosis that computed ones give; what is not usable is not used."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs import ROOT, judged, lock, outcomes, program, student, submission

from grader.exercises import misconception_answers as stored
from grader.exercises.lock import read_lock
from grader.exercises.misconception_answers import Answer, MisconceptionAnswers, StoredSample, stored_case
from grader.exercises.pack import packs
from grader.judging.diagnose import diagnose
from grader.judging.grade import grade
from grader.judging.modelled import Known
from grader.judging.prepare import Load, nothing, stored_in
from grader.model.exercise import OWN, Case
from grader.model.report import Diagnosis, Report
from grader.numbers import Numbers
from grader.verification.stored_misconceptions import compute, outdated

PACK = ROOT / "exercises"
TWO = program("ex3", "kernel-flipped").source.replace(" + bias", "")


def deck(id: str) -> MisconceptionAnswers:
    found = stored.load(PACK, lock(id).exercise)
    assert found
    return found


@pytest.mark.parametrize(
    "id, source",
    [
        ("ex3", program("ex3", "kernel-flipped").source),
        ("ex3", program("ex3", "rounded").source),  # noise decides some of its cells
        ("ex3", TWO),
        ("ex3", program("ex3", "kernel-sorted").source),
        ("ex3", program("ex3", "size-ceil-crash").source),
        ("ex4", program("ex4", "size-one-inside").source),
        ("ex12", program("ex12", "outputs-exchanged").source),
        ("ex16", program("ex16", "gradient-ascent").source),
    ],
)
def test_stored_and_computed_answers_give_one_diagnosis(id: str, source: str) -> None:
    it = lock(id)
    run = student(it, source)
    outcome = outcomes(it, run)
    checks = judged(it, submission(id, source), outcome)

    def found(answers: MisconceptionAnswers | None) -> Diagnosis | None:
        return diagnose(it.exercise, checks, outcome, run, misconceptions=Known(it.exercise, answers))

    assert found(deck(id)) == found(None) is not None


def test_the_arithmetic_of_each_cell_is_stored() -> None:
    it = lock("ex12").exercise
    with_file, without = Known(it, deck("ex12")), Known(it, None)
    for case in it.cases[:3]:
        for output in it.outputs:
            assert with_file.cell(case, (0, 0), output) == without.cell(case, (0, 0), output)


# A function with axes and names of its own, and one with several outputs after a forward pass; both are wrong.
SIGNATURES = {
    ("coursera", "zero_pad"): """
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (2 * pad, 0), (pad, pad), (0, 0)))
""",
    ("cs231n", "affine_backward"): """
import numpy as np

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout[0]
""",
}


@pytest.mark.parametrize("pack, id", SIGNATURES, ids=str)
def test_so_do_those_of_a_function_with_a_signature(pack: str, id: str) -> None:
    it = read_lock(packs()[pack], id)
    answers = stored.decode(stored.encode(compute(it.exercise)), it.exercise)

    def report(load: Load) -> Report:
        again = msgspec.structs.replace(it)  # whose answers are not known yet
        return grade(again, submission(id, SIGNATURES[pack, id]), load=load)

    with_file, without = report(lambda: answers), report(nothing)
    assert with_file.diagnosis == without.diagnosis is not None
    assert with_file.checks == without.checks
    assert any(check.diagnosis and check.diagnosis.cell for check in with_file.checks)


def test_equal_answers_give_equal_files() -> None:
    it = lock("ex0").exercise
    assert stored.encode(compute(it)) == stored.encode(compute(it))
    assert stored.decode(stored.encode(compute(it)), it) == compute(it)


def test_nothing_of_a_hidden_case_is_stored() -> None:
    it = lock("ex0").exercise
    secret, *others = it.cases
    hidden = msgspec.structs.replace(it, cases=(msgspec.structs.replace(secret, hidden=True), *others))
    assert compute(hidden).cases.keys() == {case.name for case in others}
    assert compute(hidden) == compute(msgspec.structs.replace(it, cases=tuple(others)))


def test_the_misconceptions_of_a_pack_are_stored_with_the_reference_answers(tmp_path: Path) -> None:
    own = msgspec.structs.replace(lock("ex0").exercise, op=OWN)
    assert outdated(tmp_path, own) == ""


cells = st.floats(width=64) | st.integers(-(2**60), 2**60)
outputs = st.lists(cells, max_size=4).map(lambda found: Numbers((len(found),), tuple(found)))
answers = st.none() | st.lists(outputs, min_size=1, max_size=2).map(tuple)


@given(answers)
def test_an_answer_comes_back_as_it_was(answer: Answer) -> None:
    back = stored_case([answer], [0], {0: [answer, None]}, []).answer(0)
    assert (back is None) == (answer is None)
    for mine, theirs in zip(answer or (), back or (), strict=True):
        assert (mine.shape, mine.dtype) == (theirs.shape, theirs.dtype)
        assert all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(mine.cells, theirs.cells, strict=True))


# ---- files that cannot be used


def digested(content: bytes) -> bytes:
    return hashlib.sha256(content).digest() + content


def changed(id: str = "ex3", **fields: object) -> bytes:
    return stored.encode(msgspec.structs.replace(deck(id), **fields))


def wrong(id: str) -> dict[str, stored.StoredCase]:
    """Answer every case as nobody does, so that a diagnosis that reads it names nothing."""
    it = deck(id)
    nobodys = stored_case([(Numbers((1, 1), (0.5,)),)], [0] * len(it.misconceptions), {}, [])
    return dict.fromkeys(it.cases, nobodys)


@pytest.mark.parametrize(
    "content, says",
    [
        (lambda: None, "they are not stored yet"),
        (lambda: b"", "the file is broken"),
        (lambda: changed()[:-1], "the file is broken"),
        (
            lambda: changed(by="torch-grader 0.0.1", cases=wrong("ex3")),
            "the file was written by torch-grader 0.0.1, not by",
        ),
        (lambda: changed(question="0" * 16, cases=wrong("ex3")), "the file is older than the spec"),
        (lambda: digested(b"no zlib"), "the file is of another format"),
    ],
    ids=["missing", "empty", "cut", "another version", "another question", "another format"],
)
def test_what_cannot_be_used_is_computed_and_reported(
    tmp_path: Path, content: Callable[[], bytes | None], says: str
) -> None:
    it, data = lock("ex3"), content()
    if data is not None:
        stored.path(tmp_path, "ex3").write_bytes(data)
    assert stored.load(tmp_path, it.exercise) is None
    assert outdated(tmp_path, it.exercise).startswith(says)
    again = msgspec.structs.replace(it)  # not the exercise whose answers are known already
    result = grade(again, submission("ex3", program("ex3", "kernel-flipped").source), load=stored_in(tmp_path, again))
    assert result.diagnosis
    assert result.diagnosis.misconceptions == (("kernel-flipped",),)


@pytest.mark.parametrize(
    "fields",
    [
        lambda: {"cases": wrong("ex0")},
        lambda: {"cases": {}},
        lambda: {"samples": ()},
        lambda: {"samples": (StoredSample(Case("small", {}), next(iter(wrong("ex0").values()))),)},
        lambda: {"misconceptions": (("kernel-flipped", "You turn the kernel."),)},
    ],
    ids=["answers", "no cases", "no samples", "samples", "misconceptions"],
)
def test_answers_of_other_misconceptions_are_reported(tmp_path: Path, fields: Callable[[], dict[str, object]]) -> None:
    it = lock("ex0").exercise
    file = stored.path(tmp_path, "ex0")
    file.write_bytes(changed("ex0"))
    assert outdated(tmp_path, it) == ""
    file.write_bytes(changed("ex0", **fields()))
    assert outdated(tmp_path, it) == "the misconceptions of this version give others"
