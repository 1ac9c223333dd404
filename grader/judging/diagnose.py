"""Say why: from wrong answers to the idea behind them. Pure; it reaches the student's program only through a `call`.

Nothing is guessed. A misconception is named when it gives every answer that was seen, wrong and right ones alike; a
condition when it parts the cases without exception. Hidden cases are not looked at.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from grader.exercises.cases import case_arrays, case_cell, case_operator, make_case, only_or_list, plain_nested
from grader.judging.condition import Facts, condition, facts_of
from grader.judging.misconceptions import Asked, Fit, Seen, Values, explain, right, runner, same
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise
from grader.model.report import CellArithmetic, Check, Crash, Diagnosis, Example, Verdict
from grader.model.submission import Outcome
from grader.numbers import extent
from grader.ops import OPS, Misconception, OpError, Sample
from grader.ops.base import each_output
from grader.text import one_line

Call = Callable[[Case], Outcome]
MOST_CELLS = 5000  # of one answer; a larger one has no idea behind it that could be named
PATIENCE = 0.15  # seconds of computing for the search; whoever waits for a grade misses nothing that takes longer
SAMPLES = 0.05  # seconds more for running the program on small samples
FIRST = 4  # samples that are run however slow the machine is: they show what is wrong best
ENOUGH = 12  # samples, where there is nothing left to tell apart
LARGEST = 36  # cells of an input that is repeated where a program crashes
HINTS = (  # the first that occurs in an exception's text; the words for the student are in output/
    ("environment", r"only 0-dimensional arrays can be conv|module 'numpy' has no attribute"),
    ("sequence", r"setting an array element"),
    ("no-return", r"NoneType"),
    ("float-size", r"float(64)?' object cannot be interpreted|must be integers|non-integer"),
    ("beyond", r"index .*out of (bounds|range)"),
    ("empty", r"zero-size array|arg is an empty|empty sequence|iterable argument is empty"),
    ("negative-size", r"negative dimensions"),
    ("shapes", r"broadcast|not aligned|mismatch in its core dimension|inhomogeneous|cannot reshape|must match exactly"),
    ("name", r"^(NameError|UnboundLocalError)"),
    ("read-only", r"read-only|does not support item assignment"),
)


def diagnose(
    exercise: Exercise,
    checks: Sequence[Check],
    outcomes: Sequence[Outcome],
    call: Call | None = None,
    sources: Sequence[tuple[str, str]] = (),
) -> Diagnosis | None:
    """Return what can be said of a submission's wrong answers, or None where nothing can.

    `outcomes` belong to the exercise's cases, in order. `call` runs the student's function on one more case. `sources`
    are the program's files, with their names.
    """
    deadline = time.process_time() + PATIENCE
    shown = [row for row in zip(exercise.cases, checks, outcomes, strict=True) if not row[0].hidden]
    rows = [row for row in shown if row[2].value is not None or row[2].failure == "raised"]
    wrong = [check.verdict is not Verdict.correct for _, check, _ in rows]
    if not any(wrong):
        return None
    crash = _crash(exercise, rows, sources)
    if any(_large(outcome) for _, _, outcome in rows):
        return Diagnosis(crash=crash) if crash else None
    asked = _asked(exercise)
    seen = [
        Seen(asked[case.name], _values(outcome), bad, outcome.text)
        for (case, _, outcome), bad in zip(rows, wrong, strict=True)
    ]
    strange = len(rows) < sum(outcome.ran for _, _, outcome in shown)  # no misconception runs out of time or memory
    found = [] if strange else explain(exercise, seen, lambda: time.process_time() > deadline)
    smallest = None
    for count, (case, extra) in enumerate(_more(exercise, call, time.monotonic() + SAMPLES) if call else ()):
        found = [misconceptions for misconceptions in found if extra.fit(runner(misconceptions)) is not Fit.contradicts]
        if extra.wrong and not smallest:
            smallest = _example(exercise, case, extra)
        if smallest and len(found) <= 1 and count >= ENOUGH:
            break
    if len(found) > 1:
        found.sort(key=lambda misconceptions: (len(misconceptions), _breadth(exercise, misconceptions)))
    return Diagnosis(
        misconceptions=tuple(tuple(misconception.id for misconception in misconceptions) for misconceptions in found),
        says={misconception.id: misconception.says for misconceptions in found for misconception in misconceptions},
        apart=_apart(exercise, found[0], found[1]) if len(found) > 1 else None,
        condition=condition(*_parted(exercise, shown)),
        smallest=smallest,
        crash=crash,
        fingerprint="" if found else _fingerprint(seen),
    )


@memoise
def _asked(exercise: Exercise) -> dict[str, Asked]:
    """Return the cases as a misconception is asked them."""
    return {c.name: Asked(op := case_operator(exercise, c), case_arrays(c, op)) for c in exercise.cases}


@memoise
def _facts(exercise: Exercise) -> dict[str, Facts]:
    """Return what is known of the cases."""
    return {case.name: facts_of(case) for case in exercise.cases}


def _parted(exercise: Exercise, rows: Sequence[tuple[Case, Check, Outcome]]) -> tuple[list[Facts], list[bool]]:
    """Return what is known of all cases that were run, whatever came of them, and which of them are wrong."""
    ran = [(case, check.verdict is not Verdict.correct) for case, check, outcome in rows if outcome.ran]
    return [_facts(exercise)[case.name] for case, _ in ran], [bad for _, bad in ran]


def _crash(
    exercise: Exercise, rows: Sequence[tuple[Case, Check, Outcome]], sources: Sequence[tuple[str, str]]
) -> Crash | None:
    """Return the exception that is raised most, on the smallest case that raises it."""
    raised = [(case, outcome) for case, _, outcome in rows if outcome.failure == "raised"]
    if not raised:
        return None
    kinds = [(outcome.text.partition(":")[0], outcome.file, outcome.line) for _, outcome in raised]
    usual = max(kinds, key=kinds.count)
    same_kind = [row for row, kind in zip(raised, kinds, strict=True) if kind == usual]
    case, outcome = min(same_kind, key=lambda row: sum(np.size(value) for value in row[0].inputs.values()))
    kind, _, message = outcome.text.partition(": ")
    lines = dict(sources).get(outcome.file, "").split("\n")
    source = one_line(lines[outcome.line - 1]) if 0 < outcome.line <= len(lines) else ""
    arguments = exercise.arguments(case)
    sizes = {name: np.shape(value) for name, value in arguments.items() if name in case.inputs}
    return Crash(
        type=kind,
        message=message.partition("\n")[0],
        file=outcome.file,
        line=outcome.line,
        source=source,
        hint=_hint(outcome.text, source),
        case=case.name,
        cases=len(same_kind),
        arguments={name: value for name, value in arguments.items() if np.prod(sizes.get(name, ())) <= LARGEST},
        shapes={name: shape for name, shape in sizes.items() if shape},
    )


def _hint(text: str, source: str) -> str:
    """Return the kind of advice that an exception calls for; none where the program itself raises or returns."""
    if source.startswith(("return", "raise")):
        return ""
    return next((name for name, pattern in HINTS if re.search(pattern, text)), "")


def cell(exercise: Exercise, case: Case, at: tuple[int, ...], output: str = "output") -> CellArithmetic:
    """Return the arithmetic of an output cell: where, its terms as the deck writes them, the input cells it reads."""
    known = _cells(exercise)
    if (case.name, at, output) not in known:
        known[case.name, at, output] = _cell(exercise, case, at, output)
    return known[case.name, at, output]


@memoise
def _cells(_: Exercise) -> dict[tuple[str, tuple[int, ...], str], CellArithmetic]:
    """Return where worked out cells are kept: in a class the worst cell is often the same."""
    return {}


def _cell(exercise: Exercise, case: Case, at: tuple[int, ...], output: str) -> CellArithmetic:
    worked = case_cell(exercise, case, at, output)
    first = OPS[exercise.op].names[:1]  # an operator may have fields alone
    image = {name: case.inputs[name] for name in first}
    return CellArithmetic(output, at, worked.text, worked.value, worked.reads, image)


def _values(outcome: Outcome) -> Values:
    if outcome.value is None:
        return None
    return tuple(np.array(v.cells, dtype=v.dtype).reshape(v.shape) for v in outcome.value)


@memoise
def form(exercise: Exercise) -> list[tuple[Case, Sample]]:
    """Return the operator's small samples that the exercise could ask, smallest first, as cases."""
    return list(_form(exercise))


def _form(exercise: Exercise) -> Iterator[tuple[Case, Sample]]:
    op = OPS[exercise.op]
    shown = [case for case in exercise.cases if not case.hidden]
    axes = {name: {np.ndim(case.inputs[name]) for case in shown} for name in op.names}
    fields = msgspec.structs.fields(op)
    hidden = {f.name: f.default for f in fields if f.name not in exercise.parameters and not f.required}
    for sample in op.samples():
        fixed = {n: np.array(d) for n, d in op.defaults.items() if n not in exercise.parameters}
        inputs = tuple(fixed.get(n, value) for n, value in zip(op.names, sample.inputs, strict=True))
        if any(value.ndim not in axes[name] for name, value in zip(op.names, inputs, strict=True)):
            continue
        try:
            values = {n: plain_nested(v.tolist()) for n, v in zip(op.names, inputs, strict=True)}
            case = make_case(exercise.parameters, sample.op, values, name="small")
        except OpError:
            continue
        if not any(getattr(sample.op, f) != default for f, default in hidden.items()):
            yield case, Sample(case_operator(exercise, case), inputs)


def _more(exercise: Exercise, call: Call, deadline: float) -> Iterator[tuple[Case, Seen]]:
    """Run the program on the small samples too, while there is time; what it says there confirms or refutes."""
    for count, (case, sample) in enumerate(form(exercise)):
        if count >= FIRST and time.monotonic() > deadline:
            return
        outcome = call(case)
        if (outcome.value is None and outcome.failure != "raised") or _large(outcome):
            return
        given = _values(outcome)
        extra = Seen(Asked(sample.op, sample.inputs), given, False, outcome.text)
        extra.wrong = not right(given, extra.expected, case)
        yield case, extra


def _large(outcome: Outcome) -> bool:
    return any(extent(value.shape) > MOST_CELLS for value in outcome.value or ())


def _example(exercise: Exercise, case: Case, seen: Seen) -> Example:
    given = None if seen.given is None else _shown(seen.given)
    return Example(exercise.arguments(case), _shown(seen.expected), given, seen.text if given is None else "")


def _shown(values: Sequence[Any]) -> Any:
    return only_or_list([plain_nested(_finite(np.asarray(v).tolist())) for v in values])


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value if np.isfinite(value) else str(value)


def _differing(
    exercise: Exercise, a: tuple[Misconception, ...], b: tuple[Misconception, ...]
) -> Iterator[tuple[Case, Sample]]:
    first, second = runner(a), runner(b)
    for case, sample in form(exercise):
        if not same(first(sample.op, sample.inputs), second(sample.op, sample.inputs)):
            yield case, sample


def _breadth(exercise: Exercise, misconceptions: tuple[Misconception, ...]) -> int:
    """Count the samples that a misconception spoils: the fewer, the more specific it is."""
    run = runner(misconceptions)
    return sum(not same(run(s.op, s.inputs), each_output(s.op(*s.inputs))) for _, s in form(exercise))


def _apart(exercise: Exercise, a: tuple[Misconception, ...], b: tuple[Misconception, ...]) -> Example | None:
    for case, sample in _differing(exercise, a, b):
        given = runner(a)(sample.op, sample.inputs)
        return _example(exercise, case, Seen(Asked(sample.op, sample.inputs), given, True))
    return None


def _fingerprint(seen: Sequence[Seen]) -> str:
    """Return a digest of the wrong answers, so that equal ones of different students can be put together."""
    with np.errstate(all="ignore"):  # the largest numbers cannot be rounded; a warning would be in our name
        wrong = [
            s.given and [(v.shape, np.round(v.astype(float), 6).tolist()) for v in s.given] for s in seen if s.wrong
        ]
    return hashlib.sha256(msgspec.json.encode(_plain(wrong))).hexdigest()[:12]


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else repr(value)
