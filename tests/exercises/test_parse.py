"""What a spec comes to: its digests, its generated cases, its points, and the torch answers that belong to it."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import GradeError
from grader.exercises.cases import case_digest, case_operator, draw_sweep
from grader.exercises.lock import lock_text, read_lock, stored_lock
from grader.exercises.pack import exercise_ids, pack_folder
from grader.exercises.parse import parse, read
from grader.exercises.points import shares
from grader.judging.prepare import call_arguments
from grader.model.exercise import EXACT, Case, Exercise, Limits, Sweep, Tolerance
from grader.ops import OPS, Op, Sample

PACK = ROOT / "exercises"
IDS = exercise_ids(PACK)
SPEC = (PACK / "ex3.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str, text: str = SPEC, count: int = 1) -> str:
    assert old in text
    return text.replace(old, new, count)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of one exercise, to be spoilt."""
    for name in ("ex3.yaml", "ex3.ref.json"):
        shutil.copy(PACK / name, tmp_path / name)
    return tmp_path


def trouble(folder: Path, name: str = "ex3") -> str:
    with pytest.raises(GradeError) as caught:
        read_lock(folder, name)
    assert caught.value.exit_code == 2
    assert all(problem.help for problem in caught.value.problems)
    return str(caught.value)


# digests


@pytest.mark.parametrize("id", IDS)
def test_every_exercise_of_the_course_is_read(id: str) -> None:
    exercise, _ = read(PACK / f"{id}.yaml")
    assert exercise.id == id
    assert len({case.name for case in exercise.cases}) == len(exercise.cases)
    assert all(set(call_arguments(exercise, case)) == set(exercise.parameters) for case in exercise.cases)


@pytest.mark.parametrize(
    "old, new",
    [
        ("name: stride 1", "name: another"),
        ("title: Stride", "title: Step"),
        ("where: Stride / 1 (1x1)", "where: elsewhere"),
        ("    stride: 1\n", "    stride: [1, 1]\n"),
        ("    stride: 1\n", ""),
        ("    stride: 1\n", "    points: 2\n    hidden: true\n"),
        ("bias: 1", "bias: 1.0"),
        ("points: 10", "points: 20"),
        ("kernel, bias, padding, stride)", "kernel, bias, stride, padding)"),
        ("sweep: {count: 60, seed: 3}", "limits: {time_limit: 1}"),
    ],
)
def test_a_digest_is_that_of_the_question_only(old: str, new: str) -> None:
    before, after = parse("ex3.yaml", SPEC), parse("ex3.yaml", changed(old, new))
    assert case_digest(before, before.cases[0]) == case_digest(after, after.cases[0])


@pytest.mark.parametrize(
    "old, new",
    [
        ("bias: 1", "bias: 2"),
        ("stride: 1\n", "stride: 2\n"),
        ("[[1, 0, 1, 3", "[[1, 0, 1, 4"),
        ("[0, 1, 0]]", "[0, 1, 1]]"),
    ],
)
def test_another_question_has_another_digest(old: str, new: str) -> None:
    before, after = parse("ex3.yaml", SPEC), parse("ex3.yaml", changed(old, new))
    assert case_digest(before, before.cases[0]) != case_digest(after, after.cases[0])


def test_another_operator_has_another_digest() -> None:
    exercise = parse("ex3.yaml", SPEC)
    other = msgspec.structs.replace(exercise, op="conv1d")
    assert case_digest(exercise, exercise.cases[0]) != case_digest(other, exercise.cases[0])


@pytest.mark.parametrize("id", IDS)
def test_a_case_gives_its_operator_back(id: str) -> None:
    exercise, _ = read(PACK / f"{id}.yaml")
    for case in exercise.cases:
        op = case_operator(exercise, case)
        shapes = [np.shape(case.inputs[name]) for name in op.names]
        resolved = msgspec.json.decode(msgspec.json.encode(op.resolved(*shapes)))
        assert case.fields.items() <= resolved.items()


# sweeps


def drawn(exercise: Exercise) -> list[Case]:
    return [case for case in exercise.cases if case.generated]


@pytest.mark.parametrize("id", IDS)
def test_a_sweep_is_the_same_each_time_and_never_asks_twice(id: str) -> None:
    exercise, _ = read(PACK / f"{id}.yaml")
    again, _ = read(PACK / f"{id}.yaml")
    assert drawn(exercise) == drawn(again)
    assert exercise.sweep
    if exercise.sweep.count != "all":
        assert len(drawn(exercise)) == exercise.sweep.count
    assert len({case_digest(exercise, case) for case in drawn(exercise)}) == len(drawn(exercise))


def test_a_sweep_does_not_depend_on_the_interpreters_hash_seed() -> None:
    program = (
        "from pathlib import Path; from grader.exercises.cases import case_digest; "
        "from grader.exercises.parse import read; "
        f"e, _ = read(Path({str(PACK / 'ex3.yaml')!r})); print([case_digest(e, c) for c in e.cases])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_a_shorter_sweep_is_the_beginning_of_a_longer_one_and_a_seed_makes_another() -> None:
    long, short = parse("ex3.yaml", SPEC), parse("ex3.yaml", changed("count: 60", "count: 7"))
    assert drawn(long)[:7] == drawn(short)
    other = parse("ex3.yaml", changed("seed: 3", "seed: 4"))
    assert drawn(other) != drawn(long)


def test_a_sweep_varies_only_what_the_function_is_given() -> None:
    exercise, _ = read(PACK / "ex1.yaml")
    assert all(not case.fields for case in drawn(exercise))
    assert any(case.inputs["bias"] for case in drawn(exercise))
    silent = parse(
        "ex1.yaml",
        (PACK / "ex1.yaml")
        .read_text()
        .replace(", bias)", ")")
        .replace("    bias: 1\n", "")
        .replace("    bias: 2\n", ""),
    )
    assert all(case.inputs["bias"] == 0 for case in silent.cases)


class Half(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """n // 2: an operator without arrays, with a field that has no default, whose cases can be listed."""

    names: ClassVar[Any] = ()
    formula: ClassVar[Any] = "⌊n / 2⌋"
    n: int

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return ()

    def __call__(self, *inputs: Any) -> Any:
        return np.array(self.n // 2)

    @classmethod
    def every(cls, vary: Collection[str]) -> Iterator[Sample]:
        assert list(vary) == ["n"]
        return (Sample(cls(n=n), ()) for n in (3, 1, 2, 1))


class Both(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The input and its negative: an operator with two outputs."""

    names: ClassVar[Any] = ("input",)
    outputs: ClassVar[Any] = ("plus", "minus")
    formula: ClassVar[Any] = "±x"

    def shape(self, *shapes: tuple[int, ...]) -> Any:
        return shapes * 2

    def __call__(self, *inputs: Any) -> Any:
        return inputs[0], -inputs[0]


def spec_of(op: str, function: str, rest: str) -> str:
    return f"format: 1\nid: t\ntitle: T\nop: {op}\nfunction: {function}\npoints: 1\n{rest}"


@pytest.fixture
def half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPS, "half", Half)
    monkeypatch.setitem(OPS, "both", Both)


@pytest.mark.usefixtures("half")
def test_a_sweep_of_all_lists_every_sample_once_and_in_order() -> None:
    exercise = parse("t.yaml", spec_of("half", "half(n)", "sweep: {count: all}"))
    assert [case.fields["n"] for case in exercise.cases] == [3, 1, 2]
    assert [case.name for case in exercise.cases] == ["sweep 1", "sweep 2", "sweep 3"]
    assert [type(case_operator(exercise, case)) for case in exercise.cases] == [Half] * 3


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize(
    "rest, says",
    [
        ("sweep: {count: 2}", "7:16: `count`: `half` cannot draw cases at random"),
        ("cases:\n  - name: a\n", "8:5: item 1 of `cases` has no `n`"),
        ("cases:\n  - name: a\n    n: x\n", "9:8: `n`: `x` is not valid"),
    ],
)
def test_what_is_wrong_with_the_use_of_an_operator_without_inputs(rest: str, says: str) -> None:
    with pytest.raises(GradeError) as caught:
        parse("t.yaml", spec_of("half", "half(n)", rest))
    assert str(caught.value).startswith(f"t.yaml:{says}")


@pytest.mark.usefixtures("half")
def test_a_slide_may_show_some_of_several_outputs() -> None:
    case = "cases:\n  - name: a\n    input: [1, 2]\n    slide: {where: here, answer: "
    exercise = parse("t.yaml", spec_of("both", "both(input)", case + "[~, [-1, ~]]}"))
    assert exercise.outputs == ("plus", "minus")
    assert exercise.cases[0].slide
    assert exercise.cases[0].slide.answer == [None, [-1, None]]
    for answer in ("[[1, 2]]", "5", "~"):
        with pytest.raises(GradeError, match=r"t.yaml:10:34: `answer` must list `plus`, `minus`"):
            parse("t.yaml", spec_of("both", "both(input)", case + answer + "}"))


def test_more_cases_than_there_are_is_an_error_at_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    class Few(Half, frozen=True, kw_only=True):
        @classmethod
        def draw(cls, random: Any, vary: Collection[str]) -> Sample:
            return Sample(cls(n=random.randint(1, 3)), ())

    monkeypatch.setitem(OPS, "few", Few)
    with pytest.raises(GradeError, match=r"t\.yaml:7:16: `count`: only 3 different cases can be drawn\nhelp: "):
        parse("t.yaml", spec_of("few", "few(n)", "sweep: {count: 4}"))


def test_no_operators_field_takes_the_name_of_a_cases_own() -> None:
    own = {"name", "points", "hidden", "slide"}
    assert all(own.isdisjoint((*op.names, *op.__struct_fields__)) for op in OPS.values())


@pytest.mark.parametrize("id", IDS)
def test_only_counts_are_asked_for_exactly(id: str) -> None:
    exercise, _ = read(PACK / f"{id}.yaml")
    assert (exercise.tolerance == EXACT) is (id in ("ex4", "ex13", "ex14")) is OPS[exercise.op].counts


@pytest.mark.parametrize(
    "fields, tolerance",
    [
        ("", Tolerance()),
        ("exact: true\n", EXACT),
        ("exact: false\n", Tolerance()),
        ("tolerance: {rtol: 0.01}\n", Tolerance(rtol=0.01)),
        ("tolerance: {rtol: 0, atol: 0.5}\n", Tolerance(rtol=0.0, atol=0.5)),
        ("exact: false\ntolerance: {atol: 0}\n", Tolerance(atol=0.0)),
    ],
)
def test_a_spec_may_state_how_far_off_an_answer_may_be(fields: str, tolerance: Tolerance) -> None:
    cases = "cases:\n  - {name: a, a: [[1]], b: [[1]]}\n"
    assert parse("t.yaml", spec_of("mul", "f(a, b)", fields + cases)).tolerance == tolerance


# points


def exercise_of(points: float, written: list[float | None], generated: int, asked: float | None = None) -> Exercise:
    cases = [Case(f"{i}", {}, points=stated) for i, stated in enumerate(written)]
    cases += [Case(f"sweep {i}", {}, generated=True) for i in range(generated)]
    swept = Sweep(generated, points=asked) if generated else None
    return Exercise("t", "T", "mul", "f(a, b)", points, tuple(cases), sweep=swept)


TOTALS = st.floats(0.5, 100)
COUNTS = st.integers(0, 40)


@given(TOTALS, COUNTS, COUNTS)
def test_half_is_for_the_written_cases_and_half_for_the_sweep(total: float, written: int, generated: int) -> None:
    if not written + generated:
        return
    exercise = exercise_of(total, [None] * written, generated)
    given_to = shares(exercise)
    assert math.isclose(math.fsum(given_to), total, abs_tol=1e-9)
    assert len(given_to) == written + generated
    if written and generated:
        assert math.isclose(math.fsum(given_to[:written]), total / 2, abs_tol=1e-9)
    assert len(set(given_to[:written])) <= 1
    assert len(set(given_to[written:])) <= 1


@given(
    TOTALS,
    st.lists(st.one_of(st.none(), st.floats(0, 30)), max_size=12),
    COUNTS,
    st.one_of(st.none(), st.floats(0, 60)),
)
def test_points_add_up_or_are_refused(
    total: float, written: list[float | None], generated: int, asked: float | None
) -> None:
    if not written and not generated:
        return
    exercise = exercise_of(total, written, generated, asked)
    try:
        given_to = shares(exercise)
    except ValueError:
        return
    assert math.isclose(math.fsum(given_to), total, abs_tol=1e-9)
    assert min(given_to) >= -1e-9
    assert all(mine == stated for mine, stated in zip(given_to, written, strict=False) if stated is not None)


@given(st.lists(st.floats(0.5, 30), min_size=1, max_size=12))
def test_stated_points_that_make_up_the_whole_are_kept(written: list[float]) -> None:
    total = math.fsum(written)
    assert shares(exercise_of(total, [*written], 0)) == written
    with pytest.raises(ValueError, match="do not add up"):
        shares(exercise_of(total + 1, [*written], 0))


# references


@pytest.mark.parametrize("id", IDS)
def test_references_are_written_as_they_are_read(id: str, tmp_path: Path) -> None:
    lock = read_lock(PACK, id)
    shutil.copy(PACK / f"{id}.yaml", tmp_path)
    (tmp_path / f"{id}.ref.json").write_bytes(lock_text(lock))
    assert read_lock(tmp_path, id) == lock
    assert lock_text(read_lock(tmp_path, id)) == lock_text(lock)


@pytest.mark.parametrize("id", IDS)
def test_the_compiled_form_is_what_the_spec_says(id: str) -> None:
    exercise, spec = read(PACK / f"{id}.yaml")
    lock = stored_lock(PACK, id)
    assert lock
    assert (lock.exercise, lock.spec) == (exercise, spec)
    assert [reference.digest for reference in lock.references] == [
        case_digest(exercise, case) for case in exercise.cases
    ]


def test_a_head_with_everything_set_is_written_as_it_is_read(pack: Path) -> None:
    lock = read_lock(pack, "ex3")
    head = {"limits": Limits(time_limit=1, memory_limit=64), "allow": (), "task": 'a "quoted"\n{"cases": [],\n}  ] }'}
    odd = msgspec.structs.replace(lock, exercise=msgspec.structs.replace(lock.exercise, **head))
    (pack / "ex3.ref.json").write_bytes(lock_text(odd))
    assert read_lock(pack, "ex3") == odd


def test_an_edited_case_is_named_with_what_to_run(pack: Path) -> None:
    (pack / "ex3.yaml").write_text(changed("stride: 1\n", "stride: 3\n"), encoding="utf-8")
    said = trouble(pack)
    assert "`stride 1`" in said
    assert "`stride 2`" not in said
    assert "grade verify ex3 --write" in said


def test_what_to_run_is_quoted_where_a_name_has_a_space(pack: Path) -> None:
    folder = pack / "my course"
    folder.mkdir()
    (folder / "ex3.yaml").write_text(SPEC, encoding="utf-8")
    assert f"`grade verify ex3 --write --pack '{folder}'`" in trouble(folder)


def test_another_seed_makes_the_whole_sweep_stale(pack: Path) -> None:
    (pack / "ex3.yaml").write_text(changed("seed: 3", "seed: 4"), encoding="utf-8")
    assert "`sweep 1`, `sweep 2`, `sweep 3` and 57 more" in trouble(pack)


@pytest.mark.parametrize(
    "old, new",
    [("cases:", "# a comment\ncases:"), ("name: stride 1", "name: step 1"), ("title: Stride", "title: Step")],
)
def test_an_edit_beside_the_questions_keeps_the_answers(pack: Path, old: str, new: str) -> None:
    before = read_lock(pack, "ex3")
    (pack / "ex3.yaml").write_text(changed(old, new), encoding="utf-8")
    after = read_lock(pack, "ex3")
    assert after.spec != before.spec
    assert [r.value for r in after.references] == [r.value for r in before.references]
    assert [r.case for r in after.references] == [case.name for case in after.exercise.cases]


def test_a_broken_spec_is_told_with_its_place_however_fresh_its_answers_were(pack: Path) -> None:
    (pack / "ex3.yaml").write_text(changed("stride: 1\n", "strides: 1\n"), encoding="utf-8")
    line = SPEC[: SPEC.index("    stride: 1\n")].count("\n") + 1
    place = f"{pack / 'ex3.yaml'}:{line}:5"
    assert trouble(pack).startswith(f"{place}: item 1 of `cases` has an unknown field `strides`")


@pytest.mark.parametrize("name", ["ex3.yaml", "ex3.ref.json"])
def test_a_file_that_is_there_and_cannot_be_read_is_told(pack: Path, name: str) -> None:
    (pack / name).unlink()
    (pack / name).mkdir()
    assert trouble(pack).startswith(f"{pack / name}: the file cannot be read: ")


def test_without_a_file_of_references_every_case_lacks_its_answer(pack: Path) -> None:
    (pack / "ex3.ref.json").unlink()
    assert "missing or stale for `stride 1`, `stride 2`" in trouble(pack)


@pytest.mark.parametrize("kind", ["truncated", "empty", "other", "list", "format", "binary"])
def test_a_spoilt_file_of_references_is_told(pack: Path, kind: str) -> None:
    path = pack / "ex3.ref.json"
    data = path.read_bytes()
    spoilt = {
        "truncated": data[: len(data) // 2],
        "empty": b"",
        "other": b'{"a": 1}',
        "list": b"[]",
        "format": json.dumps({**json.loads(data), "format": 99}).encode(),
        "binary": b"\xff\xfe\x00",
    }
    path.write_bytes(spoilt[kind])
    said = trouble(pack)
    assert said.startswith(f"{path}: ")
    assert "grade verify ex3 --write" in said
    assert ("this version reads format 1, not 99" in said) == (kind == "format")


def test_an_unknown_exercise_is_answered_with_the_nearest(pack: Path) -> None:
    said = trouble(pack, "ex33")
    assert "there is no exercise `ex33`" in said
    assert "did you mean `ex3`?" in said
    assert "there are ex3" in trouble(pack, "something")


def test_an_empty_pack_and_a_pack_that_is_not_there_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert exercise_ids(tmp_path) == []
    assert "holds no specs" in trouble(tmp_path)
    monkeypatch.setenv("GRADE_PACK", str(tmp_path / "nowhere"))
    with pytest.raises(GradeError, match=r"there is no folder `.*nowhere` with exercises\nhelp: .*GRADE_PACK"):
        pack_folder()
    assert pack_folder(str(tmp_path)) == tmp_path


def test_a_spec_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(GradeError, match=r"cannot be read: .*\nhelp: "):
        read(tmp_path)


def test_exercises_are_listed_as_people_count(tmp_path: Path) -> None:
    for name in ("ex10", "ex2", "ex1", "intro"):
        (tmp_path / f"{name}.yaml").touch()
    assert exercise_ids(tmp_path) == ["ex1", "ex2", "ex10", "intro"]


@given(st.integers(-(2**70), 2**70), st.integers(1, 20))
def test_any_seed_draws_as_many_as_asked(seed: int, count: int) -> None:
    exercise = msgspec.structs.replace(parse("ex3.yaml", SPEC), sweep=Sweep(count, seed))
    cases = list(draw_sweep(exercise, OPS["conv2d"]))
    assert len({case_digest(exercise, case) for case in cases}) == count
