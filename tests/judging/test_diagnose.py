"""The diagnosis names the misconception of each program that has one, no other, and nothing of hidden cases."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
import pytest
from programs import (
    MISCONCEPTIONS,
    ROOT,
    Program,
    bases,
    edited,
    examined,
    judged,
    lock,
    misconceptions,
    outcomes,
    parse,
    program,
    remembering,
    student,
    submission,
    unnamed,
)
from rich.console import Console

from grader.exercises.cases import case_arrays, case_operator
from grader.exercises.lock import read_lock
from grader.exercises.pack import exercise_ids
from grader.judging.answers import same
from grader.judging.diagnose import diagnose
from grader.judging.grade import grade
from grader.judging.misconceptions import Values, answer, attempt, numbers, pair, plain, relevant, runner
from grader.judging.samples import form
from grader.model.exercise import Exercise, Lock
from grader.model.report import Check, Diagnosis, Isolation, Report, Verdict, to_json
from grader.model.submission import Outcome
from grader.ops import Misconception
from grader.ops.base import each_output
from grader.output.terminal import report as in_terminal

EXERCISES = exercise_ids(ROOT / "exercises")
NAMED = [it for id in EXERCISES for it in misconceptions(id)]
UNNAMED = [it for id in EXERCISES for it in unnamed(id)]
SOLUTIONS = [Program(id, "solution", (ROOT / "solutions" / f"{id}.py").read_text(encoding="utf-8")) for id in EXERCISES]
RIGHT = [*SOLUTIONS, *(it for id in EXERCISES for it in bases(id))]
# misconceptions that no program is named for: such programs only raise exceptions, unless a comment says more
NOT_WRITTEN = {
    "ex3": {"stride-not-in-size"},
    "ex5": {"loop-past-last-window"},
    "ex6": {"loop-past-last-window"},
    "ex7": {"loop-past-last-window"},
    "ex8": {"loop-past-last-window"},
    "ex9": {"loop-past-last-window"},
    "ex11": {"pool-size-one-more", "only-divisible-sizes", "window-end-fixed"},
    "ex12": {
        "only-divisible-sizes",
        "window-end-fixed",
        "pooled-alone",  # one grid is not a tuple of two: the sandbox rejects it, so no answer can be compared
    },
    "ex14": {"pooling-repeats"},  # who keeps the count through two poolings gets another answer than the model
}
WHOLE = ("ex0", "ex3", "ex4", "ex5", "ex6", "ex7", "ex8", "ex9", "ex10", "ex11", "ex12", "ex13", "ex14", "ex15", "ex16")
SAMPLED = ("ex3", "ex4", "ex5", "ex7", "ex10", "ex16")  # with the small samples too; the others are quick without
AT_LEAST = {"ex1": 20, "ex2": 20}
PAIR = remembering(pair)
pytestmark = pytest.mark.xdist_group("diagnose")  # one worker memoises the answers of pairs


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let searches share the answers of pairs of misconceptions."""
    monkeypatch.setattr("grader.judging.misconceptions.pair", PAIR)


def named(found: Diagnosis | None) -> list[str]:
    """Return what is named, each item one misconception or two with a plus between."""
    return [" + ".join(sorted(misconceptions)) for misconceptions in found.misconceptions] if found else []


@pytest.mark.parametrize("it", NAMED, ids=lambda it: it.id)
def test_a_misconception_is_named(it: Program) -> None:
    _, found = examined(lock(it.exercise), it.source, samples=it.exercise in SAMPLED)
    assert named(found) == [it.misconception]
    assert found
    assert found.says.keys() >= {it.misconception}
    assert not found.fingerprint


@pytest.mark.parametrize("id", EXERCISES)
def test_there_is_a_program_for_every_misconception(id: str) -> None:
    possible = {misconception.id for misconception in relevant(lock(id).exercise)}
    written = {it.misconception for it in misconceptions(id)}
    assert written <= possible
    if id in WHOLE:
        assert possible - written == NOT_WRITTEN.get(id, set())
    else:
        assert len(written) >= AT_LEAST[id]


def test_no_file_of_programs_is_left_out() -> None:
    assert {path.stem for path in MISCONCEPTIONS.iterdir()} == set(EXERCISES)


BASE = "def f(a):\n    if a:\n        a += 1\n    b = a\n    a += 1\n    return b\n"


def test_an_edit_keeps_the_indentation_of_its_place() -> None:
    assert edited(BASE, ["b = a", "b = [\n    a\n]"]) == BASE.replace("b = a", "b = [\n        a\n    ]")
    assert edited(BASE, ["return b", "    return b"]) == BASE.replace("return b", "    return b")
    assert edited(BASE, [["b = a", ""], ["return b", "return a"]]) == BASE.replace("    b = a\n", "").replace(
        "return b", "return a"
    )


@pytest.mark.parametrize("old", ["a += 1", "a += 2", "b", "    b = a", "if a:\na += 1", ""])
def test_an_edit_that_does_not_occur_exactly_once_fails(old: str) -> None:
    with pytest.raises(AssertionError, match=r"^\d times in the program instead of once"):
        edited(BASE, [["b = a", "b = 2"], [old, "pass"]])


def test_programs_have_different_names() -> None:
    text = "x:\n  program: 'a = 1'\n  misconceptions: {m: [a = 1, a = 2]}\n  unnamed: {%s: [a = 1, a = 3]}\n"
    assert [[it.name for it in group] for group in parse("ex0", text % "n")] == [["m"], ["n"], ["x"]]
    for name in ("m", "x"):
        with pytest.raises(AssertionError, match="two programs of ex0"):
            parse("ex0", text % name)


COMMON = (
    "kernel-flipped",
    "bias-missing",
    "bias-per-product",
    "padding-ignored",
    "padding-before-only",
    "stride-ignored",
    "window-not-moved",
    "size-ceil",
    "kernel-transposed",
    "fraction-cut",
)
ONE_ALONE = {  # pairs of which one leaves the other nothing to be wrong about
    ("bias-missing", "bias-per-product"): "bias-per-product",  # it is added wrongly or not at all
    ("padding-ignored", "padding-before-only"): "padding-ignored",  # who does not pad has no side to forget
    ("stride-ignored", "window-not-moved"): "stride-ignored",  # with stride 1 the window moves by 1
    ("stride-ignored", "size-ceil"): "stride-ignored",  # 1 divides every size
}
TIES = {  # the same program in other words: it moves by 1, and its size is that of the stride, rounded up
    ("window-not-moved", "size-ceil"): "size-ceil + stride-ignored",
}
SWITCHES = """
import numpy as np

WRONG = {wrong!r}


def conv2d(input, kernel, bias, padding, stride):
    p, q = padding
    s, t = stride
    if "stride-ignored" in WRONG:
        s, t = 1, 1
    if "kernel-flipped" in WRONG:
        kernel = kernel[::-1, ::-1]
    if "kernel-transposed" in WRONG:
        kernel = kernel.T
    if "padding-ignored" in WRONG:
        padded = input
    elif "padding-before-only" in WRONG:
        padded = np.pad(input, ((p, 0), (q, 0)))
    else:
        padded = np.pad(input, ((p, p), (q, q)))
    k, o = kernel.shape
    rows = (padded.shape[0] - k) // s + 1
    columns = (padded.shape[1] - o) // t + 1
    if "size-ceil" in WRONG:
        rows = -(-(padded.shape[0] - k) // s) + 1
        columns = -(-(padded.shape[1] - o) // t) + 1
        padded = np.pad(padded, ((0, s), (0, t)))
    output = np.zeros((rows, columns), dtype=int if "fraction-cut" in WRONG else float)
    for i in range(rows):
        for j in range(columns):
            top, left = (i, j) if "window-not-moved" in WRONG else (i * s, j * t)
            total = 0
            for u in range(k):
                for v in range(o):
                    total += padded[top + u, left + v] * kernel[u, v]
                    if "bias-per-product" in WRONG:
                        total += bias
            if "bias-missing" not in WRONG and "bias-per-product" not in WRONG:
                total += bias
            output[i, j] = total
    return output
"""


@pytest.mark.parametrize("pair", list(combinations(COMMON, 2)), ids="+".join)
def test_two_misconceptions_at_once_are_named(pair: tuple[str, str]) -> None:
    _, found = examined(lock("ex3"), SWITCHES.format(wrong=pair))
    alone = ONE_ALONE.get(pair)
    if alone:
        assert named(found) == [alone]
    else:
        assert set(named(found)) == {" + ".join(sorted(pair)), *([TIES[pair]] if pair in TIES else [])}


@pytest.mark.parametrize("it", RIGHT, ids=lambda it: it.id)
def test_what_is_right_gets_no_diagnosis(it: Program) -> None:
    checks, found = examined(lock(it.exercise), it.source)
    assert all(check.verdict is Verdict.correct for check in checks)
    assert found is None


def test_there_are_many_programs_outside_the_library() -> None:
    assert len(UNNAMED) >= 30


@pytest.mark.parametrize("it", UNNAMED, ids=lambda it: it.id)
def test_what_is_not_in_the_library_gets_no_name(it: Program) -> None:
    checks, found = examined(lock(it.exercise), it.source)
    assert any(check.verdict is not Verdict.correct for check in checks)
    assert found
    assert found.misconceptions == ()
    assert found.says == {}
    assert len(found.fingerprint) == 12


def test_equal_wrong_answers_have_equal_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.judging.diagnose.PAIRS", 0)
    vectorised = program("ex3", "halved-output").source
    lists = program("ex3", "lists").source
    halves = lists.replace("line.append(total + bias)", "line.append((total + bias) / 2)")
    thirds = lists.replace("line.append(total + bias)", "line.append((total + bias) / 3)")
    prints = [_fingerprint(source) for source in (vectorised, halves, thirds)]
    assert prints[0] == prints[1] != prints[2]


def test_the_largest_numbers_have_a_fingerprint_and_make_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.judging.diagnose.PAIRS", 0)
    lists = program("ex3", "lists").source
    assert _fingerprint(lists.replace("line.append(total + bias)", "line.append(-1.7e308)"))


def _fingerprint(source: str) -> str:
    _, found = examined(lock("ex3"), source)
    assert found
    return found.fingerprint


# ---- nothing that a case contradicts


def answers(exercise: Exercise, misconception: Misconception) -> list[Values]:
    """Return what a misconception answers to each case."""
    return [attempt(misconception.run, op, inputs) for op, inputs in _asked(exercise)]


def _asked(exercise: Exercise) -> list[tuple[Any, Any]]:
    ops = [case_operator(exercise, case) for case in exercise.cases]
    return [(op, case_arrays(case, op)) for op, case in zip(ops, exercise.cases, strict=True)]


def told(it: Lock, values: list[Values]) -> Diagnosis | None:
    """Diagnose given answers; None is an exception."""
    given = [
        Outcome(failure="raised", text="IndexError: index 9 is out of bounds")
        if value is None
        else Outcome(value=tuple(numbers(v) for v in value))
        for value in values
    ]
    checks = judged(it, submission(it.exercise.id, ""), given)
    return diagnose(it.exercise, checks, given)


@pytest.mark.parametrize("id", EXERCISES)
def test_one_cell_that_does_not_fit_takes_a_name_away(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.judging.diagnose.PAIRS", 0)  # no pairs
    it, dice = lock(id), random.Random(id)
    for misconception in dice.sample(relevant(it.exercise), 8):
        values = answers(it.exercise, misconception)
        found = told(it, values)
        assert found
        assert (misconception.id,) in found.misconceptions
        case = dice.choice([i for i, value in enumerate(values) if value and sum(v.size for v in value)])
        wrong = [np.array(v, dtype=float) for v in values[case] or ()]
        output = dice.choice([v for v in wrong if v.size])
        output[np.unravel_index(dice.randrange(output.size), output.shape)] += dice.choice((-1.0, 0.25, 100.0))
        values[case] = tuple(wrong)
        again = told(it, values)
        assert again is None or all(
            misconception.id not in misconceptions for misconceptions in again.misconceptions
        ), misconception.id


@pytest.mark.parametrize("id", ["ex3", "ex5", "ex10"])
def test_who_is_right_where_a_misconception_crashes_does_not_have_it(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.judging.diagnose.PAIRS", 0)  # no pairs
    it, count = lock(id), 0
    right = [each_output(op(*inputs)) for op, inputs in _asked(it.exercise)]
    for misconception in relevant(it.exercise):
        values = answers(it.exercise, misconception)
        if 0 < values.count(None) < len(values) / 2:
            found = told(it, [good if value is None else value for value, good in zip(values, right, strict=True)])
            assert found is None or all(
                misconception.id not in misconceptions for misconceptions in found.misconceptions
            ), misconception.id
            count += 1
    assert count


def test_a_tie_is_told_with_an_input_that_breaks_it() -> None:
    it = lock("ex3")
    few = msgspec.structs.replace(it.exercise, cases=tuple(c for c in it.exercise.cases if not c.generated)[:1])
    one = msgspec.structs.replace(it, exercise=few)
    run = student(one, program("ex3", "padding-ignored").source)
    assert diagnose(few, _judged(one, outcomes(one, run)), outcomes(one, run)) is None  # it is right there
    run = student(one, program("ex3", "bias-missing").source)
    given = outcomes(one, run)
    found = diagnose(few, _judged(one, given), given)
    assert found
    assert len(found.misconceptions) > 1
    assert ("bias-missing",) in found.misconceptions
    assert found.apart
    assert found.apart.expected != found.apart.given
    with_samples = diagnose(few, _judged(one, given), given, run)
    assert with_samples
    assert with_samples.misconceptions == (("bias-missing",),)  # the small samples tell them apart


def test_of_a_tie_the_idea_that_spoils_less_comes_first() -> None:
    it = lock("ex3")
    one = msgspec.structs.replace(it, exercise=msgspec.structs.replace(it.exercise, cases=it.exercise.cases[:1]))
    whole, half = (b for b in relevant(one.exercise) if b.id in ("kernel-flipped", "kernel-flipped-rows"))
    assert _spoilt(one.exercise, half) < _spoilt(one.exercise, whole)
    found = told(one, answers(one.exercise, whole))  # its kernel's columns are symmetric
    assert found
    assert found.misconceptions == (("kernel-flipped-rows",), ("kernel-flipped",))


def _spoilt(exercise: Exercise, misconception: Misconception) -> int:
    """Count the small samples that a misconception answers wrongly."""
    run = runner([misconception])
    samples = [(answer(run, s.op, s.inputs), plain(each_output(s.op(*s.inputs)))) for _, s in form(exercise)]
    return sum(not same(wrong, good) for wrong, good in samples)


def _judged(it: Lock, given: list[Outcome]) -> tuple[Check, ...]:
    return judged(it, submission(it.exercise.id, ""), given)


def test_a_program_that_returns_nothing_now_and_then_has_no_misconception() -> None:
    it = lock("ex3")
    misconception = next(
        misconception for misconception in relevant(it.exercise) if misconception.id == "kernel-flipped"
    )
    values = answers(it.exercise, misconception)
    given = [Outcome(value=tuple(numbers(v) for v in value or ())) for value in values]
    given[5] = Outcome(failure="not_numeric", text="it returned None: is a `return` missing?")
    found = diagnose(it.exercise, _judged(it, given), given)
    assert found
    assert found.misconceptions == ()


def test_answers_far_too_large_are_not_searched() -> None:
    it = lock("ex10")
    given = [Outcome(value=(numbers(np.zeros(6000)),)) for _ in it.exercise.cases]
    assert diagnose(it.exercise, _judged(it, given), given) is None


def test_large_answers_have_a_condition_and_a_smallest_case() -> None:
    all_axes = "import numpy as np\ndef zero_pad(X, pad):\n    return np.pad(X, pad)\n"
    _, found = examined(read_lock(ROOT / "packs" / "coursera", "zero_pad"), all_axes)
    assert found
    assert found.condition
    assert found.smallest
    assert (found.condition.when, found.misconceptions, found.fingerprint) == ("pad larger than 0", (), "")


def test_the_smallest_case_keeps_the_axes_of_the_answer() -> None:
    not_added = "def corr2d_multi_in(X, K):\n    return X[:, :1, :1] * K[:, :1, :1]\n"
    _, found = examined(read_lock(ROOT / "packs" / "d2l", "corr2d_multi_in"), not_added)
    assert found
    assert found.smallest
    assert (found.smallest.expected, found.smallest.given) == ([[2]], [[[2]]])


def test_noise_around_the_middle_between_two_whole_numbers_is_no_difference() -> None:
    """One program adds up to 0.49999999, another to 0.5: rounded, they differ by 1."""
    it = lock("ex3")
    lists = program("ex3", "rounded").source
    misconception = next(misconception for misconception in relevant(it.exercise) if misconception.id == "rounded")
    given = [outcome.value for outcome in outcomes(it, student(it, lists))]
    modelled = [numbers((value or ())[0]) for value in answers(it.exercise, misconception)]
    assert any(value and value[0].cells != model.cells for value, model in zip(given, modelled, strict=True))


# ---- the condition, the smallest case, the crash


def test_the_condition_and_the_smallest_case() -> None:
    _, found = examined(lock("ex3"), program("ex3", "window-not-moved").source)
    assert found
    assert found.smallest
    arguments = found.smallest.arguments
    assert (arguments["input"], arguments["stride"]) == ([[1, 2, 3]], [1, 2])
    assert (found.smallest.expected, found.smallest.given) == ([[5, 9]], [[5, 7]])
    _, found = examined(lock("ex2"), program("ex2", "padding-ignored").source)
    assert found
    assert found.condition
    assert (found.condition.when, found.condition.otherwise) == ("padding larger than 0", "padding 0")
    assert found.condition.wrong + found.condition.right == len(lock("ex2").exercise.cases)


LOOPS = program("ex3", "loops").source
POOL = program("ex5", "slices").source


@pytest.mark.parametrize(
    "id, source, change, type, hint, line",
    [
        ("ex3", LOOPS, ("i * S + u,", "i * S + u + 1,"), "IndexError", "beyond", "total += padded"),
        ("ex3", LOOPS, ("// S + 1", "/ S + 1"), "TypeError", "float-size", "output = np.zeros"),
        ("ex3", LOOPS, ("K, O = kernel.shape", "K, O = print(kernel.shape)"), "TypeError", "no-return", "K, O ="),
        ("ex3", LOOPS, ("K, O = kernel.shape", "K, O = None"), "TypeError", "none-left", "K, O ="),
        ("ex3", LOOPS, ("total + bias", "kernel"), "ValueError", "sequence", "output[i, j] ="),
        ("ex3", LOOPS, ("(rows, columns)", "(-rows, columns)"), "ValueError", "negative-size", "output ="),
        ("ex3", LOOPS, ("total += padded", "total += paded"), "NameError", "name", "total += paded"),
        ("ex3", LOOPS, ("total + bias", "np.float(total)"), "AttributeError", "environment", "output[i, j] ="),
        ("ex3", LOOPS, ("S, T = stride", "stride[0] = 1"), "TypeError", "read-only", "stride[0] = 1"),
        ("ex3", LOOPS, ("total = 0", "total = padded[:2, :2] * np.ones((3, 3))"), "ValueError", "shapes", "total ="),
        ("ex3", LOOPS, ("total = 0", "total = 1 / 0"), "ZeroDivisionError", "", "total = 1 / 0"),
        ("ex3", LOOPS, ("total = 0", "raise IndexError('out of range')"), "IndexError", "", "raise IndexError"),
        ("ex3", LOOPS, ("return output", "return output[99]"), "IndexError", "beyond", "return output[99]"),
        ("ex3", LOOPS, ("((rows, columns))", "(rows, columns)"), "TypeError", "shape-as-tuple", "output = np.zeros"),
        ("ex3", LOOPS, ("total = 0", "total = 1 - kernel.shape"), "TypeError", "pair", "total = 1 -"),
        (
            "ex3",
            LOOPS,
            ("total = 0", "total = np.ones((1, 2)) @ np.ones((1, 2))"),
            "ValueError",
            "matrix-product",
            "total =",
        ),
        ("ex3", LOOPS, ("total = 0", "total = {kernel: 0}"), "TypeError", "hashable", "total ="),
        (
            "ex3",
            LOOPS,
            ("P : P + M, Q : Q + N", "P:-P, Q:-Q"),
            "ValueError",
            "empty-slice",
            "padded[P:-P, Q:-Q] = input",
        ),
        (
            "ex3",
            LOOPS,
            ("total + bias", "np.uint8(int(total) + 300)"),
            "OverflowError",
            "byte",
            "output[i, j] = np.uint8",
        ),
        ("ex5", POOL, ("y * s : y * s + k", "9 + y : 9"), "ValueError", "empty", "out[y, x] ="),
    ],
)
def test_a_crash_is_told_with_its_line_its_case_and_a_hint(
    id: str, source: str, change: tuple[str, str], type: str, hint: str, line: str
) -> None:
    assert change[0] in source
    it, wrong = lock(id), source.replace(*change)
    given = outcomes(it, student(it, wrong))
    found = diagnose(it.exercise, _judged(it, given), given, None, ((f"{id}.py", wrong),))
    assert found
    assert found.crash
    crash = found.crash
    assert (crash.type, crash.hint, crash.file) == (type, hint, f"{id}.py")
    assert crash.source.startswith(line)
    assert wrong.splitlines()[crash.line - 1].strip() == crash.source
    sizes = {case.name: np.size(case.inputs["input"]) for case in it.exercise.cases}
    assert sizes[crash.case] <= 12
    assert crash.shapes["input"] == np.shape(crash.arguments["input"])
    assert "stride" in crash.arguments
    shown = _terminal(found)
    assert type in shown
    assert "^" * len(crash.source) in shown


def test_a_hint_is_found_in_linear_time() -> None:
    """A pattern that begins again at each of half a million blank lines, and reads to the last, would take hours."""
    it, blank = lock("ex1"), "\n" * 500_000
    lines = ("def conv2d(input, kernel, bias):", "    C, H, W = input.shape, 1, 2", "    return input.reshape(7, 7)")
    wrong = blank.join(lines)
    given = outcomes(it, student(it, wrong))
    found = diagnose(it.exercise, _judged(it, given), given, None, (("ex1.py", wrong),))
    assert found
    assert found.crash
    assert found.crash.hint == "shapes"


def test_what_only_a_recent_numpy_refuses_is_told_as_that() -> None:
    it = lock("ex3")
    text = "TypeError: only 0-dimensional arrays can be converted to Python scalars"
    given = [Outcome(failure="raised", text=text, file="ex3.py", line=1) for _ in it.exercise.cases]
    found = diagnose(it.exercise, _judged(it, given), given, None, (("ex3.py", "output[i, j] = float(total)"),))
    assert found
    assert found.crash
    assert found.crash.hint == "environment"
    assert "NumPy has changed; your idea may be right." in _terminal(found)


def test_of_several_exceptions_the_usual_one_is_told() -> None:
    it = lock("ex3")
    given = [Outcome(failure="raised", text="KeyError: 1", file="ex3.py", line=3) for _ in it.exercise.cases]
    given[5:] = [Outcome(failure="raised", text="ValueError: no", file="ex3.py", line=4) for _ in given[5:]]
    found = diagnose(it.exercise, _judged(it, given), given)
    assert found
    assert found.crash
    assert (found.crash.type, found.crash.line, found.crash.cases) == ("ValueError", 4, len(given) - 5)
    assert found.crash.case in {case.name for case in it.exercise.cases[5:]}


def test_large_inputs_are_told_by_their_shape() -> None:
    it = lock("ex3")
    cases = tuple(case for case in it.exercise.cases if np.size(case.inputs["input"]) > 36)
    assert cases
    large = msgspec.structs.replace(it, exercise=msgspec.structs.replace(it.exercise, cases=cases))
    given = [Outcome(failure="raised", text="KeyError: 1", file="ex3.py", line=3) for _ in cases]
    found = diagnose(large.exercise, _judged(large, given), given)
    assert found
    assert found.crash
    assert "input" not in found.crash.arguments
    assert len(found.crash.shapes["input"]) == 2
    assert found.crash.source == ""


def _terminal(found: Diagnosis) -> str:
    """Return a report with nothing but a diagnosis as a terminal shows it."""
    checks = (Check("a", False, Verdict.runtime_error, 0, 1), Check("b", False, Verdict.correct, 1, 1))
    it = Report(1, "ex", "", "", "", checks, 0, 1, 0, {}, Isolation("none", "", ()), diagnosis=found)
    console = Console(width=200, color_system=None)
    with console.capture() as captured:
        console.print(in_terminal(it))
    return captured.get()


# ---- hidden cases


@pytest.mark.parametrize("name", ["kernel-flipped", "loops-square-by-rows", "size-ceil"])
def test_nothing_of_a_hidden_case_is_told(name: str) -> None:
    it = lock("ex3")
    cases = tuple(
        msgspec.structs.replace(case, hidden=True) if case.generated and i % 2 else case
        for i, case in enumerate(it.exercise.cases)
    )
    secret = msgspec.structs.replace(it, exercise=msgspec.structs.replace(it.exercise, cases=cases))
    source = program("ex3", name).source
    told = to_json(grade(secret, submission("ex3", source))).decode()
    found = msgspec.json.decode(told)
    words = told.replace("\n", "").replace(" ", "")
    answers = {reference.case: reference.value for reference in it.references}
    visible = [case for case in cases if not case.hidden]
    for case in cases:
        if case.hidden:
            for value in (*(v for v in case.inputs.values() if np.size(v) > 4), *answers[case.name]):
                assert np.size(value) <= 4 or msgspec.json.encode(value).decode() not in words
    assert found["diagnosis"]["misconceptions"] == [[name]]
    for part in ("condition", "crash"):
        if found["diagnosis"][part]:
            facts = found["diagnosis"][part]
            assert facts.get("wrong", 0) + facts.get("right", 0) <= len(visible)
            assert facts.get("case", visible[0].name) in {case.name for case in visible}
    if found["diagnosis"]["condition"]:
        counts = found["diagnosis"]["condition"]
        assert counts["wrong"] + counts["right"] == len(visible)


def test_who_is_wrong_in_hidden_cases_alone_is_told_nothing() -> None:
    it = lock("ex3")
    misconception = next(
        misconception for misconception in relevant(it.exercise) if misconception.id == "kernel-flipped"
    )
    values = answers(it.exercise, misconception)
    right = [each_output(op(*inputs)) for op, inputs in _asked(it.exercise)]
    cases = tuple(
        msgspec.structs.replace(case, hidden=wrong is None or not same(plain(wrong), plain(good)))
        for case, wrong, good in zip(it.exercise.cases, values, right, strict=True)
    )
    secret = msgspec.structs.replace(it, exercise=msgspec.structs.replace(it.exercise, cases=cases))
    assert told(secret, values) is None


# ---- through the real door


@pytest.mark.parametrize(
    "id, name",
    [
        ("ex0", "matrix-product"),
        ("ex3", "kernel-flipped"),
        ("ex3", "window-not-moved-loops"),
        ("ex3", "padding-in-size-only"),
        ("ex3", "fraction-cut-lists"),
        ("ex4", "size-one-inside"),
        ("ex5", "zero-as-first-max"),
        ("ex7", "size-ceil"),
        ("ex10", "flatten-square-only"),
        ("ex11", "pool-by-kernel"),
        ("ex12", "outputs-exchanged"),
        ("ex14", "channels-uncounted"),
        ("ex15", "logarithm-base-two"),
        ("ex16", "gradient-ascent"),
    ],
)
def test_through_the_real_grade(id: str, name: str) -> None:
    it = program(id, name)
    result = grade(lock(id), submission(id, it.source))
    assert result.score < result.max_score
    assert named(result.diagnosis) == [it.misconception]
    assert result.notes == ()


def test_a_right_program_imports_no_diagnosis(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise AssertionError("a right program was diagnosed")

    monkeypatch.setattr("grader.judging.diagnose.diagnose", refuse)
    result = grade(lock("ex3"), submission("ex3", LOOPS))
    assert result.passed
    assert result.diagnosis is None
    assert result.notes == ()
