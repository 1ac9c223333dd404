"""Cases: the operator and arrays of a case, its digest, and the cases that a sweep draws."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import msgspec
import numpy as np

from grader.exercises.operators import operator, own_functions
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise, Sweep
from grader.numbers import plain
from grader.ops import Cell, Op, OpError
from grader.ops.base import Vary

LEADING = 16  # channels or images of a generated case
CELLS = 5000  # of one grid: a student's loops finish these within the limits


def case_operator(exercise: Exercise, case: Case) -> Op:
    """Return the operator of a case, with its fields."""
    return msgspec.convert(case.fields, operator(exercise))


def case_arrays(case: Case, op: type[Op] | Op) -> tuple[Any, ...]:
    """Return a case's inputs as arrays, in the operator's order."""
    return tuple(np.array(case.inputs[name], dtype=np.float64) for name in op.names)


def case_cell(exercise: Exercise, case: Case, at: tuple[int, ...], output: str) -> Cell:
    """Return the arithmetic of a cell of one of a case's outputs. Raise OpError when there is no such cell."""
    op = case_operator(exercise, case)
    which = {"output": exercise.outputs.index(output)} if len(exercise.outputs) > 1 else {}
    return op.cell(at, *case_arrays(case, op), **which)


def case_digest(exercise: Exercise, case: Case) -> str:
    """Return the digest of a case's question: operator, fields and inputs, nothing else.

    An author's own functions belong to the operator, as they were when they answered.
    """
    asked: list[Any] = [exercise.op, *own_functions(exercise)]
    question = [*asked, sorted(case.fields.items()), sorted(case.inputs.items())]
    return hashlib.sha256(msgspec.json.encode(question)).hexdigest()[:16]


@memoise
def traits(exercise: Exercise) -> frozenset[str]:
    """Return the traits of an exercise's cases (see `Op.traits`)."""
    found: set[str] = set()
    for case in exercise.cases:
        op = case_operator(exercise, case)
        found |= op.traits(*(np.shape(case.inputs[name]) for name in op.names))
    return frozenset(found)


def draw_sweep(exercise: Exercise, op: type[Op]) -> Iterator[Case]:
    """Draw the generated cases, the same ones on every machine. Raise OpError when there are too few.

    `count: all` yields every sample that the operator lists, in its order.
    """
    if exercise.sweep is None:
        return
    count, parameters = exercise.sweep.count, exercise.parameters
    random, vary = Random(f"{exercise.sweep.seed} {exercise.op}"), varied(exercise)
    seen: set[bytes] = set()
    if count == "all":
        samples = iter(op.every(vary))  # type: ignore[attr-defined]
    else:
        samples = (op.draw(random, _stratum(op, vary, len(seen))) for _ in range(50 * count))
    fixed = {name: value for name, value in op.defaults.items() if name not in parameters}
    while len(seen) != count:
        drawn, inputs = next(samples, (None, ()))
        if drawn is None:
            if count == "all" and seen:
                return
            raise OpError(f"only {len(seen)} different cases can be drawn")
        values = {name: plain_nested(v.tolist()) for name, v in zip(op.names, inputs, strict=True)} | fixed
        case = make_case(parameters, drawn, values, name=f"sweep {len(seen) + 1}", generated=True)
        key = msgspec.json.encode((case.inputs, case.fields))
        if key not in seen:
            seen.add(key)
            yield case


def varied(exercise: Exercise) -> Vary:
    """Return what generated cases vary: the parameters, and the traits and leading axes of the written cases.

    The sweep's own `channels` and `batch` replace the written cases' axes.
    """
    op, sweep = operator(exercise), exercise.sweep or Sweep(1)
    vary: dict[str, tuple[int, ...]] = dict.fromkeys([*exercise.parameters, *sorted(traits(exercise))], ())
    shapes = [(c, [np.shape(c.inputs[name]) for name in op.names]) for c in exercise.cases if not c.generated]
    leads = tuple(sorted({case_operator(exercise, case).lead(*given) for case, given in shapes})) or (0,)
    if sweep.batch:
        leads = (2,)
    elif sweep.channels:
        leads = tuple(lead for lead in leads if lead) or (1,)
    if leads != (0,):
        vary["lead"] = leads
        vary["channels"] = sweep.channels or ((2, 3, 4) if "groups" in vary else (2, 3, 1))
        vary["batch"] = sweep.batch or (2, 1)
    return vary


def _stratum(op: type[Op], vary: Vary, number: int) -> Vary:
    """Return what generated case `number` varies, so that each value occurs in a fixed share of the cases."""
    chosen, step = {}, 1
    for i, (name, sizes) in enumerate(vary.items()):
        if name in op.strata and (number + i) % op.strata[name] == 0:
            continue
        chosen[name] = sizes and (sizes[number // step % len(sizes)],)
        step *= len(sizes) or 1
    return chosen


def make_case(parameters: tuple[str, ...], op: Op, inputs: dict[str, Any], **extra: Any) -> Case:
    """Make a case of an operator and its inputs. Raise OpError when they do not fit."""
    values = [np.array(inputs[name], dtype=np.float64) for name in op.names]
    shapes = [value.shape for value in values]
    op.check(CELLS, *values)
    resolved = {name: value for name, value in op.resolved(*shapes).items() if name in parameters}
    fields = msgspec.json.decode(msgspec.json.encode(resolved))  # as the compiled form has them: pairs are lists
    return Case(inputs={name: inputs[name] for name in op.names}, fields=fields, **extra)


def plain_nested(value: Any) -> Any:
    """Return nested lists with whole numbers as ints."""
    return [plain_nested(item) for item in value] if isinstance(value, list) else plain(value)


def only_or_list(values: Sequence[Any]) -> Any:
    """Return the value of a single output, or the list of several."""
    return values[0] if len(values) == 1 else list(values)
