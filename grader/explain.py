"""What `grade explain` tells, as data: a misconception with a computed example, or the arithmetic of a cell."""

from __future__ import annotations

from typing import Any

import msgspec

from grader import exercise as specs
from grader.errors import GradeError, Problem, listed, near
from grader.exercise import plain_nested
from grader.model import Case, Exercise
from grader.ops import OPS, Bug, Sample
from grader.ops.base import each_output


class BugPage(msgspec.Struct, frozen=True):
    """A misconception in the form *what it does / why it is wrong / example / instead*; the example is computed."""

    id: str
    ops: tuple[str, ...]
    says: str
    why: str
    instead: str
    call: str
    inputs: dict[str, Any]
    right: Any
    wrong: Any


class CellPage(msgspec.Struct, frozen=True):
    """One output cell: where, its arithmetic, and the inputs with the cells that it reads."""

    exercise: str
    case: str
    place: str
    at: tuple[int, ...]
    text: str
    inputs: dict[str, Any]
    fields: dict[str, Any]
    reads: tuple[tuple[int, ...], ...]
    answer: Any


def bugs() -> dict[str, str]:
    """Return what each misconception says, by id."""
    return dict(sorted({bug.id: bug.says for op in OPS.values() for bug in op.bugs}.items()))


def bug(id: str) -> BugPage:
    """Explain a misconception on the smallest example that shows it. Raise GradeError when there is none of that id."""
    owners = [(name, op, b) for name, op in OPS.items() for b in op.bugs if b.id == id]
    if not owners:
        help = near(id, bugs()) or "`grade explain` alone lists them all"
        raise GradeError(Problem(f"there is no misconception `{id}`", help))
    name, op, found = next((o for o in owners if not o[0].endswith("1d")), owners[0])  # grids teach more than rows
    (drawn, inputs), wrong = _example(op, found)
    values = [(field.name, getattr(drawn, field.name), field.default) for field in msgspec.structs.fields(op)]
    changed = ", ".join(f"{field}={value}" for field, value, default in values if value != default)
    return BugPage(
        id=id,
        ops=tuple(name for name, _, _ in owners),
        says=found.says,
        why=found.why,
        instead=found.instead,
        call=f"{name}({changed})",
        inputs={n: plain_nested(v.tolist()) for n, v in zip(op.names, inputs, strict=True)},
        right=_shown(drawn(*inputs)),
        wrong=wrong,
    )


def _example(op: Any, bug: Bug) -> tuple[Sample, Any]:
    """Return the smallest sample on which a misconception shows, and what comes of it (a sentence if it crashes)."""
    crash: tuple[Sample, Any] | None = None
    for sample in op.samples():
        right = sample.op(*sample.inputs)
        try:
            wrong = bug.run(sample.op, *sample.inputs)
        except (ValueError, IndexError) as error:
            crash = crash or (sample, f"{type(error).__name__}: {error}")
            continue
        if _shown(wrong) != _shown(right):
            return sample, _shown(wrong)
    assert crash, f"{bug.id} never differs; a test holds that it does"
    return crash


def _shown(answer: Any) -> Any:
    return specs.alone([plain_nested(output.tolist()) for output in each_output(answer)])


def find_case(exercise: Exercise, name: str | None) -> Case:
    """Return a visible case by name, or the first. Raise GradeError when there is none."""
    cases = {case.name: case for case in exercise.cases if not case.hidden}
    if not cases:
        raise GradeError(Problem(f"{exercise.id} has hidden cases only", "there is none that could be explained"))
    if name is None:
        return next(iter(cases.values()))
    if name not in cases:
        help = near(name, cases) or f"its cases: {', '.join(n for n, c in cases.items() if not c.generated)}"
        raise GradeError(Problem(f"{exercise.id} has no case `{name}`", help))
    return cases[name]


def cell(exercise: Exercise, case: Case, at: tuple[int, ...] | None, output: str | None = None) -> CellPage:
    """Work out a cell of a case's answer: of the first output and the first cell unless told.

    Raise GradeError when there is no such output or cell.
    """
    output = output or exercise.outputs[0]
    if output not in exercise.outputs:
        raise GradeError(Problem(f"{exercise.id} has no output `{output}`", f"it has {listed(exercise.outputs)}"))
    op = specs.operator(exercise, case)
    answer = each_output(op(*specs.arrays(case, op)))[exercise.outputs.index(output)]
    at = (0,) * answer.ndim if at is None else at
    try:
        worked = specs.cell(exercise, case, at, output)
    except ValueError as error:
        raise GradeError(Problem(str(error), "rows and columns count from 0")) from None
    shown = plain_nested(answer.tolist())
    place = f"{output}[{', '.join(map(str, at))}]" if at else output
    return CellPage(exercise.id, case.name, place, at, worked.text, case.inputs, case.fields, worked.reads, shown)
