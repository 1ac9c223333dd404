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
from grader.model.signature import formula_in_own_names, input_view, single_numbers, unfit
from grader.numbers import plain
from grader.ops import OPS, Cell, Op, OpError
from grader.ops.base import Vary
from grader.ops.tabulated import Tabulated

LEADING = 16  # channels or images of a generated case
CELLS = 5000  # of one grid: a student's loops finish these within the limits


def case_operator(exercise: Exercise, case: Case) -> Op:
    """Return the operator of a case, with its fields."""
    return msgspec.convert(case.fields, operator(exercise))


def case_arrays(case: Case, op: type[Op] | Op) -> tuple[Any, ...]:
    """Return a case's inputs as arrays, in the operator's order."""
    return tuple(np.array(case.inputs[name], dtype=np.float64) for name in op.names)


def earlier_operator(exercise: Exercise, case: Case) -> tuple[Op, tuple[Any, ...]]:
    """Return the operator of what runs before the student's function, and its inputs."""
    assert exercise.earlier
    op = OPS[exercise.earlier.op]
    fields = {name: value for name, value in case.fields.items() if name in op.__struct_fields__}
    return msgspec.convert(fields, op), case_arrays(case, op)


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
    question += [exercise.earlier.op] if exercise.earlier else []
    return hashlib.sha256(msgspec.json.encode(question)).hexdigest()[:16]


@memoise
def case_traits(exercise: Exercise) -> frozenset[frozenset[str]]:
    """Return the sets of traits that an exercise's cases have (see `Op.traits`)."""
    ops = [(case_operator(exercise, case), case) for case in exercise.cases]
    return frozenset(op.traits(*(np.shape(case.inputs[name]) for name in op.names)) for op, case in ops)


def traits(exercise: Exercise) -> frozenset[str]:
    """Return the traits of an exercise's cases."""
    return frozenset().union(*case_traits(exercise))


def formula(exercise: Exercise) -> str:
    """Return the formula of an exercise, in the student's names and order of axes, with the values of fixed fields."""
    neutral = {"padding": {0}, "stride": {1}, "dilation": {1}}
    active = {name for name, value in exercise.fixed.items() if {*np.ravel(value)} != neutral.get(name)}
    text = formula_in_own_names(exercise, operator(exercise).formula_of({*exercise.given, *active, *traits(exercise)}))
    return "; ".join([text, *(f"{name} is {value}" for name, value in exercise.fixed.items() if name in text)])


def draw_sweep(exercise: Exercise, op: type[Op]) -> Iterator[Case]:
    """Draw the generated cases, the same ones on every machine. Raise OpError when there are too few.

    `count: all` yields every sample that the operator lists, in its order.
    """
    if exercise.sweep is None:
        return
    count, given = exercise.sweep.count, exercise.given
    random, vary = Random(f"{exercise.sweep.seed} {exercise.op}"), varied(exercise)
    seen: set[bytes] = set()
    if count == "all":
        samples = iter(op.every(vary))  # type: ignore[attr-defined]
    else:
        samples = (op.draw(random, _stratum(op, vary, len(seen))) for _ in range(50 * count))
    omitted = {name: value for name, value in op.defaults.items() if name not in given}
    while len(seen) != count:
        drawn, inputs = next(samples, (None, ()))
        if drawn is None:
            if count == "all" and seen:
                return
            raise OpError(f"only {len(seen)} different cases can be drawn")
        values = {name: plain_nested(v.tolist()) for name, v in zip(op.names, inputs, strict=True)} | omitted
        case = expressed(exercise, drawn, values, name=f"sweep {len(seen) + 1}", generated=True)
        if case is None:
            continue
        key = msgspec.json.encode((case.inputs, case.fields))
        if key not in seen:
            seen.add(key)
            yield case


def varied(exercise: Exercise) -> Vary:
    """Return what generated cases vary: the parameters, and the traits and leading axes of the written cases.

    The sweep's own `channels` and `batch` replace the written cases' axes.
    """
    op, sweep = operator(exercise), exercise.sweep or Sweep(1)
    vary: dict[str, tuple[int, ...]] = dict.fromkeys([*exercise.given, *sorted(traits(exercise))], ())
    shapes = [(c, [np.shape(c.inputs[name]) for name in op.names]) for c in exercise.cases if not c.generated]
    leads = tuple(sorted({case_operator(exercise, case).lead(*given) for case, given in shapes})) or (0,)
    axes = exercise.signature and op.names and input_view(exercise, op.names[0])[1].axes
    if axes:
        leads = (len({*axes} & {*"NC"}),)
    elif sweep.batch:
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


def expressed(exercise: Exercise, op: Op, inputs: dict[str, Any], **extra: Any) -> Case | None:
    """Make a case of a drawn operator with the exercise's fixed fields; None if the signature cannot express it.

    Where the student's function receives one number for a pair, the first one counts.
    """
    if exercise.signature is None and not exercise.fixed:
        return make_case(exercise.given, op, inputs, **extra)
    single = single_numbers(exercise.signature) if exercise.signature else ()
    pairs = {name: getattr(op, name) for name in single}
    firsts = {name: pair[0] for name, pair in pairs.items() if isinstance(pair, tuple)}
    try:
        op = msgspec.convert(msgspec.structs.asdict(op) | firsts | exercise.fixed, type(op))
        case = make_case((*exercise.given, *exercise.fixed), op, inputs, **extra)
    except (OpError, msgspec.ValidationError):
        return None
    return None if exercise.signature and unfit(exercise.signature, case, shapes_of(op, case)) else case


def shapes_of(op: Op, case: Case) -> tuple[tuple[int, ...], ...]:
    """Return the shape of each output of a case; none where an author's own function has not answered yet."""
    if isinstance(op, Tabulated):
        return op.shapes(*case_arrays(case, op))
    sizes: Any = op.shape(*(np.shape(case.inputs[name]) for name in op.names))
    return tuple(sizes) if len(op.outputs) > 1 else (sizes,)


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
