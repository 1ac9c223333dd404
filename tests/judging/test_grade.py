"""Judging is pure: outcomes in, checks out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from programs import judged

from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.exercises.points import shares
from grader.judging.compare import compare, kept
from grader.judging.grade import explain, grade, grade_with
from grader.judging.prepare import call_arguments, prepare
from grader.model.exercise import EXACT, Case, Exercise, Lock, Reference, Slide, Tolerance
from grader.model.report import Isolation, Report, Verdict, report_from_json, to_json
from grader.model.submission import Outcome, Submission
from grader.numbers import Numbers, as_points, exact_points, from_nested
from grader.sandbox.wire import Request

FILE = Submission("id", "", "ex", "python", "ex.py", (("ex.py", ""),))

TOLERANCE = Tolerance()


def lock(*values: Any, tolerance: Tolerance = TOLERANCE, **extra: Any) -> Lock:
    """Make an exercise with one case per value, the value being its answer."""
    cases = tuple(Case(f"case {i}", {"x": 1}, **extra) for i in range(len(values)))
    exercise = Exercise("ex", "Title", "op", "f(x)", 10, cases, tolerance=tolerance)
    references = tuple(Reference(f"case {i}", "", (value,)) for i, value in enumerate(values))
    return Lock(1, "", "torch", exercise, references)


def value(nested: Any, **extra: Any) -> Outcome:
    return Outcome(value=(from_nested(nested),), **extra)


def told(it: Lock, *outcomes: Outcome, again: dict[str, Outcome] | None = None) -> list[tuple[Verdict, str]]:
    return [(check.verdict, check.text) for check in judged(it, FILE, outcomes, again)]


@pytest.mark.parametrize(
    "rows, words",
    [
        ([1, 2, 3, 4], "but it should be 2×2; the numbers are right: put those of each row into a list of its own"),
        ([[1, 2, 3, 4]] * 2, "but it should be 2×2; each row holds all numbers: begin its list anew, inside the loop"),
        ([[3, 4]] * 2, "worst at [0, 0]: 1 expected, 3 given; all rows show the last one: `[[0] * n] * m` is one list"),
        ([1, 2, 4, 3], "but it should be 2×2"),
        (1, "the result is a single number, but it should be 2×2"),
        ([[1, 2]] * 2, "worst at [1, 0]: 3 expected, 1 given"),
        ([[3, 4]] * 3, "but it should be 2×2"),
    ],
)
def test_rows_that_are_one_list(rows: Any, words: str) -> None:
    (_, text), (_, other) = told(lock([[1, 2], [3, 4]], [[1, 2], [1, 2]]), value(rows), value(rows))
    assert words in text
    assert ";" in text if ";" in words else ";" not in text
    assert ";" not in other


@pytest.mark.parametrize(
    "outcome, verdict, words",
    [
        (value([[1, 2]]), Verdict.correct, ""),
        (value([[1, 3]]), Verdict.wrong_answer, "1 of 2 cells differs, at [0, 1]: 2 expected, 3 given"),
        (value([[2, 9]]), Verdict.wrong_answer, "2 of 2 cells differ, worst at [0, 1]: 2 expected, 9 given"),
        (value([1, 2]), Verdict.wrong_shape, "the result is a row of 2, but it should be 1×2"),
        (value([[[1, 2]]]), Verdict.wrong_shape, "the result is 1×1×2, but it should be 1×2; drop the extra axis"),
        (value([[[1, 2]], [[1, 2]]]), Verdict.wrong_shape, "the result is 2×1×2, but it should be 1×2"),
        (value([[[1], [2]]]), Verdict.wrong_shape, "the result is 1×2×1, but it should be 1×2"),
        (value([]), Verdict.wrong_shape, "the result is empty, but it should be 1×2"),
        (value([[], []]), Verdict.wrong_shape, "the result is empty (2×0), but it should be 1×2"),
        (value(1), Verdict.wrong_shape, "the result is a single number, but it should be 1×2"),
        (
            Outcome(failure="raised", text="ValueError: no", file="ex.py", line=3),
            Verdict.runtime_error,
            "ValueError: no (ex.py, line 3)",
        ),
        (Outcome(failure="crashed", text="it left"), Verdict.runtime_error, "it left"),
        (Outcome(failure="timeout", text="no answer"), Verdict.time_limit, "no answer"),
        (Outcome(failure="memory", text="MemoryError"), Verdict.memory_limit, "MemoryError"),
        (Outcome(failure="output", text="too much"), Verdict.output_limit, "too much"),
        (
            Outcome(failure="missing", names=("F",)),
            Verdict.missing,
            "there is no function `f` in ex.py; did you mean `F`?",
        ),
        (
            Outcome(failure="missing", text="it is not a function"),
            Verdict.missing,
            "`f` exists, but it is not a function",
        ),
        (
            Outcome(failure="signature", names=("y",)),
            Verdict.missing,
            "rename the parameter `y` of `f` to `x`: arguments are passed by name",
        ),
        (
            Outcome(failure="signature", names=("x", "y")),
            Verdict.missing,
            "your function is `f(x, y)`, and arguments are passed by name: remove `y`, or give a default value",
        ),
        (
            Outcome(failure="not_allowed", text="torch"),
            Verdict.not_allowed,
            "this exercise allows NumPy but not `torch`",
        ),
        (
            Outcome(failure="forbidden", text="conv2d"),
            Verdict.not_allowed,
            "this exercise does not allow torch's `conv2d`",
        ),
        (
            Outcome(failure="not_allowed", text="helpers"),
            Verdict.not_allowed,
            "this exercise allows NumPy but not `helpers`; if it is your own file, submit `helpers.py` too",
        ),
        (
            Outcome(failure="not_allowed", text="numppy"),
            Verdict.not_allowed,
            "this exercise allows NumPy but not `numppy`; did you mean `numpy`?",
        ),
        (Outcome(failure="not_numeric", text="it returned None"), Verdict.wrong_answer, "it returned None"),
    ],
)
def test_every_outcome_has_its_verdict_and_sentence(outcome: Outcome, verdict: Verdict, words: str) -> None:
    assert told(lock([[1, 2]]), outcome) == [(verdict, words)]


@pytest.mark.parametrize("text", ["class A:\n    def f(self, x): ...", "if True:\n\tasync def f(x): ..."])
def test_a_function_that_is_set_in_is_told_where_it_belongs(text: str) -> None:
    inside = msgspec.structs.replace(FILE, cells=(("ex.py", text),))
    [check] = judged(lock(1), inside, [Outcome(failure="missing", names=("fun",))])
    help = "one is indented inside another block: begin `def f` at the left margin"
    assert check.text == f"there is no function `f` in ex.py; {help}"


@pytest.mark.parametrize(
    "due, got, words",
    [
        (3, 3.5, "3 expected, 3.5 given"),
        (0.5, 0.6, "0.5 expected, 0.6 given"),
        (0.5, 0.5001, "0.5 expected, 0.5001 given; a difference of up to 1.1e-05 is accepted"),
        (0.5, 0.500011, "0.5 expected, 0.500011 given; a difference of up to 1.1e-05 is accepted"),
        (1000, 1000.0123, "1000 expected, 1000.01 given; a difference of up to 0.011 is accepted"),
        (100000, 100002.3, "100000 expected, 100002 given; a difference of up to 1.1 is accepted"),
        (1000000, 1000012, "1000000 expected, 1000012 given; a difference of up to 11 is accepted"),
        (1.0000004, 1.0001004, "1 expected, 1.0001 given; a difference of up to 1.1e-05 is accepted"),
        (
            2 / 3,
            0.67,
            "0.666667 expected, 0.67 given; your answer is rounded to 2 decimals: return it with all its digits",
        ),
    ],
)
def test_the_tolerance_is_told_where_the_difference_is_near_it(due: float, got: float, words: str) -> None:
    assert told(lock(due), value(got)) == [(Verdict.wrong_answer, words)]


@pytest.mark.parametrize(
    "due, got, words",
    [
        (28, 27.99, "28 expected, 27.99 given"),
        (1234567, 1234568, "1234567 expected, 1234568 given"),
        (
            3,
            3.0000000000000004,
            "3 expected, 3.0000000000000004 given; the answer must be exact, and this difference is rounding noise",
        ),
    ],
)
def test_where_an_answer_must_be_exact_rounding_noise_is_called_so(due: float, got: float, words: str) -> None:
    assert told(lock(due, tolerance=EXACT), value(got)) == [(Verdict.wrong_answer, words)]
    assert told(lock(due, tolerance=EXACT), value(float(due))) == [(Verdict.correct, "")]


def test_the_largest_number_of_the_whole_answer_sets_the_scale() -> None:
    two = msgspec.structs.replace(lock(0).exercise, outputs=("large", "small"))
    it = Lock(1, "", "torch", two, (Reference("case 0", "", ([1000, -2000], 0.001)),))
    given = Outcome(value=(from_nested([1000, -2000]), from_nested(0.011)))
    assert told(it, given) == [(Verdict.correct, "")]


def test_one_wrong_case_leaves_the_others_graded() -> None:
    raised = Outcome(failure="raised", text="ValueError")
    checks = judged(lock(1, 2, 3), FILE, (value(1), raised, value(3)))
    assert [check.verdict for check in checks] == [Verdict.correct, Verdict.runtime_error, Verdict.correct]
    assert [check.score for check in checks] == [3.333333333, 0, 3.333333333]
    assert {check.max_score for check in checks} == {3.333333333}


def test_a_second_call_must_be_right_too() -> None:
    [(verdict, text)] = told(lock(1), value(1), again={"case 0": value(2)})
    assert verdict is Verdict.wrong_answer
    assert text.startswith("right on the first call, but not on a second call with the same input: ")


def test_a_second_call_that_was_never_made_is_not_held_against_anyone() -> None:
    not_run = Outcome(failure="timeout", text="not run: all calls together took 30 s", ran=False)
    assert told(lock(1), value(1), again={"case 0": not_run})[0][0] is Verdict.correct


def test_a_changed_input_is_told_and_costs_nothing() -> None:
    it = lock(1)
    program = Told([0.0], 0.0, "process")
    program.changed = ("x",)
    report = grade_with(it, FILE, program, lambda: program)
    assert report.score == 10
    assert report.notes == ("Your function changes `x`: work on a copy (`x = x.copy()`)",)


def test_who_reproduces_a_wrong_slide_is_told_so() -> None:
    it = lock([1, 2], slide=Slide("here", [1, 3], "it was added wrongly"))
    assert told(it, value([1, 3]))[0][1].endswith(
        ". The slide prints the same, but the slide is wrong: it was added wrongly"
    )
    assert "slide" not in told(it, value([1, 4]))[0][1]
    assert told(it, value([1, 2])) == [(Verdict.correct, "")]


@pytest.mark.parametrize(
    "secret",
    [
        Outcome(value=(from_nested([1, 3]),), printed="the input is 7"),
        Outcome(value=(from_nested([[1, 3]]),)),
        Outcome(failure="raised", text="ValueError: the input is 7", file="ex.py", line=7),
        Outcome(failure="timeout", text="no answer"),
    ],
)
def test_a_hidden_check_tells_that_it_is_wrong_and_nothing_else(secret: Outcome) -> None:
    it = lock([1, 2], hidden=True)
    [check] = explain(prepare(it), judged(it, FILE, (secret,)))
    assert check.verdict is Verdict.wrong_answer
    assert (check.text, check.printed, check.mismatch, check.diagnosis) == ("", "", None, None)


def test_of_a_large_answer_of_a_wrong_shape_only_the_shape_is_kept() -> None:
    large, small = Numbers((256, 256), (1.5,) * 65536), Numbers((70, 71), (1.5,) * 4970)
    right = Numbers((256, 256), (2.0,) * 65536)
    assert kept(large, small) == Numbers((256, 256), (1.5,))
    assert kept(small, large) == small  # a misconception may give it
    assert kept(large, right) == large
    found = compare(kept(large, small), right, EXACT)  # such a pair is compared nowhere, and never fails
    assert found
    assert found.given_shape == (256, 256)


def test_arguments_are_arrays_floats_and_tuples() -> None:
    case = Case("", {"x": [[1, 2]], "y": 3, "z": [4]}, {"n": [1, 2], "rows": [{"size": [3, 3]}]})
    exercise = Exercise("ex", "", "op", "f(x, y, z, n, rows)", 1, (case,))
    found = call_arguments(exercise, case)
    assert found == {
        "x": Numbers((1, 2), (1.0, 2.0)),
        "y": 3.0,
        "z": Numbers((1,), (4.0,)),
        "n": (1, 2),
        "rows": ({"size": (3, 3)},),
    }
    assert list(found) == ["x", "y", "z", "n", "rows"]
    assert type(found["y"]) is float


class Told:
    """A program that answers everything with 1, and takes its time for it."""

    printed = ""
    changed: tuple[str, ...] = ()
    overrun = False
    stopped: tuple[Any, ...] = ()

    def __init__(self, clock: list[float], seconds: float, level: str) -> None:
        self.clock, self.seconds, self.calls = clock, seconds, []  # type: tuple[list[float], float, list[float]]
        self.versions, self.isolation = {"python": level}, Isolation(level, "", ())

    def __enter__(self) -> Told:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def begin(self) -> None:
        return

    def outcomes(self, requests: Sequence[Request], known: object = None) -> Iterator[Outcome]:
        for request in requests:
            self.clock[0] += self.seconds
            self.calls.append(request.arguments["x"])
            yield value(1, changed=self.changed)


@pytest.mark.parametrize("visible, seconds, level", [(1, 2.0, "shown"), (0, 0.0, "secret")])
def test_a_report_does_not_tell_how_long_hidden_cases_took(
    visible: int, seconds: float, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that waits as many milliseconds as an input has cells would tell hidden inputs so."""
    clock = [0.0]
    monkeypatch.setattr("grader.judging.grade.time", SimpleNamespace(monotonic=lambda: clock[0]))
    it = lock(*[1] * (visible + 2))
    cases = tuple(msgspec.structs.replace(c, hidden=i >= visible) for i, c in enumerate(it.exercise.cases))
    it = msgspec.structs.replace(it, exercise=msgspec.structs.replace(it.exercise, cases=cases))
    report = grade_with(it, FILE, Told(clock, 1.0, "shown"), lambda: Told(clock, 7.0, "secret"))
    assert report.passed
    assert clock[0] > 20
    assert report.seconds == seconds
    assert (report.isolation.level, report.versions["python"]) == (level, level)


def test_written_cases_run_again_after_all_others_and_generated_ones_do_not() -> None:
    it = lock(1, 1, 1)
    cases = [msgspec.structs.replace(c, inputs={"x": i}, generated=i == 2) for i, c in enumerate(it.exercise.cases)]
    program = Told([0.0], 0.0, "shown")
    exercise = msgspec.structs.replace(it.exercise, cases=tuple(cases))
    grade_with(msgspec.structs.replace(it, exercise=exercise), FILE, program, lambda: program)
    assert program.calls == [0, 1, 2, 0, 1]


POINTS = st.integers(0, 4000).map(lambda thousandths: thousandths / 1000)  # as people state them


@given(st.lists(st.one_of(st.none(), POINTS), min_size=1, max_size=6), st.integers(0, 9), POINTS.map(lambda p: p + 1))
@example([5.0, 4.9995], 0, 10.0)
def test_points_add_up_or_the_spec_is_refused(stated: list[float | None], drawn: int, points: float) -> None:
    written = [Case(str(i), {}, points=p) for i, p in enumerate(stated)]
    sweep = [Case(f"sweep {i}", {}, generated=True) for i in range(drawn)]
    exercise = Exercise("ex", "", "op", "f(x)", points, (*written, *sweep))
    try:
        parts = shares(exercise)
    except ValueError:
        assert sum(p or 0 for p in stated) != pytest.approx(points / 2 if drawn and None in stated else points)
        return
    assert sum(parts) == pytest.approx(points)
    assert all(part >= -1e-9 for part in parts)
    if drawn and None in stated:
        assert sum(parts[len(written) :]) == pytest.approx(points / 2)


@pytest.mark.parametrize(
    "points, text, exact",
    [
        (10.0, "10", "10"),
        (0.1 + 0.2, "0.3", "0.3"),
        (3.5833333, "3.58", "3.583333"),
        (9.999999, "10", "9.999999"),
        (0.0, "0", "0"),
        (100.0, "100", "100"),
    ],
)
def test_points_are_shown_without_noise_and_nearly_all_is_not_all(points: float, text: str, exact: str) -> None:
    assert (as_points(points), exact_points(points)) == (text, exact)


def test_full_marks_are_whole_though_the_parts_are_not() -> None:
    program = Told([0.0], 0.0, "shown")
    report = grade_with(lock(1, 1, 1), FILE, program, lambda: program)
    assert sum(check.score for check in report.checks) < 10
    assert report.score == report.max_score == 10
    report = grade(read_lock(pack_folder(), "ex1"), _model("ex1"))
    assert report.score == report.max_score == 10
    assert all(check.verdict is Verdict.correct for check in report.checks)


def test_a_report_survives_json() -> None:
    report = grade(read_lock(pack_folder(), "ex0"), _model("ex0"))
    assert report_from_json(to_json(report)) == report
    assert isinstance(report, Report)
    assert report.versions.keys() >= {"grader", "python", "numpy", "references"}
    assert msgspec.json.decode(to_json(report))["isolation"].keys() == {"level", "says", "weaknesses"}


def _model(name: str) -> Submission:
    from conftest import ROOT

    from grader.submissions.find import find

    return find(name, str(ROOT / "solutions" / f"{name}.py"))


def test_numbers_that_json_cannot_hold_are_words() -> None:
    nan = Outcome(value=(Numbers((2,), (float("nan"), 1.0)),))
    [check] = judged(lock([1, 1]), FILE, (nan,))
    assert check.mismatch
    assert check.mismatch.given == "nan"
    assert msgspec.json.decode(msgspec.json.encode(check))["mismatch"]["given_value"] == ["nan", 1]


def test_a_case_can_have_a_time_limit_of_its_own() -> None:
    """The program takes half a second for each case; the limit of the exercise is two."""
    whole = read_lock(pack_folder(), "ex0")
    first, second = (case for case in whole.exercise.cases if case.generated and case.name in ("sweep 1", "sweep 2"))
    cases = (msgspec.structs.replace(first, time_limit=0.2), second)
    it = msgspec.structs.replace(whole, exercise=msgspec.structs.replace(whole.exercise, cases=cases))
    slow = "import time\n\n\ndef elementwise_product(a, b):\n    time.sleep(0.5)\n    return a * b\n"
    program = Submission("id", "", "ex0", "python", "ex0.py", (("ex0.py", slow),))
    late, right = grade(it, program).checks
    assert late.verdict is Verdict.time_limit
    assert late.text.startswith("no answer after 0.2 s, the limit of a call")
    assert right.verdict is Verdict.correct
