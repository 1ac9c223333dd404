"""What an exercise is: found in a pack, read from its YAML spec, with its generated cases drawn."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import numpy as np

from grader.arrays import NotNumbers, from_nested, plain, to_nested
from grader.errors import GradeError, Problem, listed, near
from grader.model import Case, Exercise, Limits, Slide, Sweep
from grader.ops import OPS, Op, OpError
from grader.points import shares
from grader.spec import Spec

FORMAT = 1
_HEAD: dict[str, Any] = {
    "format": int,
    "id": str,
    "title": str,
    "op": str,
    "function": str,
    "points": float,
    "task": str,
    "sweep": Sweep,
    "limits": Limits,
    "allow": tuple[str, ...],
}
_CASE: dict[str, Any] = {"name": str, "points": float, "hidden": bool}
_SIGNATURE = re.compile(r"[A-Za-z_]\w*\(\s*[A-Za-z_]\w*(\s*,\s*[A-Za-z_]\w*)*\s*\)")


def parse(file: str, text: str) -> Exercise:
    """Read a spec and draw its sweep. Raise GradeError with every problem of the file, each with its place."""
    spec = Spec(file, text)
    if not isinstance(spec.data, dict):
        raise GradeError(Problem("the file holds no exercise", "begin with `format: 1`", f"{file}:1:1"))
    head = spec.fields((), _HEAD, needed=("format", "id", "title", "op", "function", "points"), skip=("cases",))
    op = _check_head(spec, head, Path(file).stem)
    raw = spec.data.get("cases", [])
    if not isinstance(raw, list):
        spec.wrong(("cases",), "`cases` must be a list", "begin each case with `- name: …`")
        raw = []
    if op is None:
        spec.raise_problems()
        raise AssertionError("an unknown operator is a problem")
    parameters = Exercise(**_known(head), cases=()).parameters if "function" in head else ()
    cases = [_case(spec, i, op, parameters) for i in range(len(raw))]
    names = [case.name for case in cases if case]
    for i, name in enumerate(names):
        if name in names[:i]:
            spec.wrong(("cases", i, "name"), f"two cases are called `{name}`", "give each case its own name")
    if not raw and "sweep" not in head:
        spec.wrong((), "the exercise has no `cases` and no `sweep`", "add one of them")
    spec.raise_problems()
    exercise = Exercise(**_known(head), cases=tuple(case for case in cases if case), outputs=op.outputs)
    drawn = tuple(sweep(exercise, op))
    exercise = msgspec.structs.replace(exercise, cases=exercise.cases + drawn)
    try:
        shares(exercise)
    except ValueError as error:
        where = "points" if "points" in head else ""
        raise GradeError(Problem(str(error), "let the parts add up to `points`", spec.place((where,)))) from None
    return exercise


def operator(exercise: Exercise, case: Case) -> Op:
    """Return the operator that a case asks for."""
    return msgspec.convert(case.fields, OPS[exercise.op])


def arrays(case: Case, op: type[Op] | Op) -> tuple[Any, ...]:
    """Return a case's inputs as arrays, in the operator's order."""
    return tuple(np.array(case.inputs[name], dtype=np.float64) for name in op.names)


def digest(exercise: Exercise, case: Case) -> str:
    """Return the digest of a case's question: operator, fields and inputs, nothing else."""
    question = [exercise.op, sorted(case.fields.items()), sorted(case.inputs.items())]
    return hashlib.sha256(msgspec.json.encode(question)).hexdigest()[:16]


def sweep(exercise: Exercise, op: type[Op]) -> Iterator[Case]:
    """Draw the generated cases. The same spec gives the same cases on every machine."""
    if exercise.sweep is None:
        return
    random = Random(f"{exercise.sweep.seed} {exercise.op}")
    seen: set[bytes] = set()
    number = 0
    for _ in range(50 * exercise.sweep.count):
        if number == exercise.sweep.count:
            return
        drawn, inputs = op.draw(random, exercise.parameters)
        fixed = {name: value for name, value in op.defaults.items() if name not in exercise.parameters}
        values = {name: plain_nested(v.tolist()) for name, v in zip(op.names, inputs, strict=True)} | fixed
        case = _make(exercise.parameters, drawn, values, name=f"sweep {number + 1}", generated=True)
        key = msgspec.json.encode((case.inputs, case.fields))
        if key not in seen:
            seen.add(key)
            number += 1
            yield case
    problem = f"only {number} different cases could be drawn for `sweep: count: {exercise.sweep.count}`"
    raise GradeError(Problem(problem, "ask for fewer", exercise.id))


def _check_head(spec: Spec, head: dict[str, Any], stem: str) -> type[Op] | None:
    if head.get("format", FORMAT) != FORMAT:
        spec.wrong(("format",), f"`format` {head['format']} is not known", f"this version reads format {FORMAT}")
    if head.get("id", stem) != stem:
        spec.wrong(("id",), f"`id` is `{head['id']}`, but the file is called `{stem}.yaml`", "give both one name")
    if head.get("points", 1) <= 0:
        spec.wrong(("points",), "`points` must be more than 0", "write `points: 10`")
    if "sweep" in head and not 1 <= head["sweep"].count <= 2000:
        spec.wrong(("sweep", "count"), "`count` must be between 1 and 2000", "60 cases are plenty")
    op = OPS.get(head.get("op", ""))
    if "op" in head and op is None:
        help = near(head["op"], OPS) or f"known: {', '.join(OPS)}"
        spec.wrong(("op",), f"there is no operator `{head['op']}`", help)
    if "function" in head and not _SIGNATURE.fullmatch(head["function"]):
        spec.wrong(("function",), "`function` is no signature", "write it as `conv2d(input, kernel, bias)`")
        del head["function"]
    if op and "function" in head:
        known = (*op.names, *op.__struct_fields__)
        for name in Exercise(**_known(head), cases=()).parameters:
            if name not in known:
                help = near(name, known) or f"`{head['op']}` has {listed(known)}"
                spec.wrong(("function",), f"the operator `{head['op']}` knows no `{name}`", help)
    return op


def _known(head: dict[str, Any]) -> dict[str, Any]:
    defaults = {"id": "", "title": "", "op": "", "function": "f(x)", "points": 1.0}
    return {name: value for name, value in (defaults | head).items() if name != "format"}


def _case(spec: Spec, i: int, op: type[Op], parameters: tuple[str, ...]) -> Case | None:
    path = ("cases", i)
    before = len(spec.problems)
    types = _CASE | {field.name: field.type for field in msgspec.structs.fields(op)}
    needed = ["name", *(name for name in op.names if name not in op.defaults)]
    found = spec.fields(path, types, needed, skip=(*op.names, "slide"))
    block = spec.data["cases"][i]
    if not isinstance(block, dict):
        return None
    inputs: dict[str, Any] = dict(op.defaults)
    for name in op.names:
        if name in block:
            inputs[name] = _grid(spec, (*path, name), block[name])
    fields = {name: value for name, value in found.items() if name not in _CASE}
    for name in (*fields, *(name for name in op.names if name in block)):
        if name not in parameters and parameters:
            help = f"add `{name}` to `function`, or leave it away here"
            spec.wrong((*path, name), f"`{name}` is set, but the function is not given it", help)
    slide = _slide(spec, (*path, "slide"), block["slide"], op.outputs) if "slide" in block else None
    if len(spec.problems) > before:
        return None
    extra = {"points": found.get("points"), "hidden": found.get("hidden", False), "slide": slide}
    try:
        return _make(parameters, op(**fields), inputs, name=found["name"], **extra)
    except OpError as error:
        spec.wrong(path, f"case `{found['name']}`: {error}", "change the inputs or the fields so that they fit")
        return None


def _make(parameters: tuple[str, ...], op: Op, inputs: dict[str, Any], **extra: Any) -> Case:
    """Make a case of an operator and its inputs. Raise OpError when they do not fit."""
    values = [np.array(inputs[name], dtype=np.float64) for name in op.names]
    shapes = [value.shape for value in values]
    op.shape(*shapes)
    resolved = {name: value for name, value in op.resolved(*shapes).items() if name in parameters}
    fields = msgspec.json.decode(msgspec.json.encode(resolved))  # as the compiled form gives them back: pairs are lists
    answer = op(*values)
    answers = answer if isinstance(answer, tuple) else (answer,)
    exact = op.exact and all(bool(np.all(v == np.rint(v))) for v in (*values, *answers))
    return Case(inputs={name: inputs[name] for name in op.names}, fields=fields, exact=exact, **extra)


def _grid(spec: Spec, path: tuple[str | int, ...], value: Any, gaps: bool = False) -> Any:
    """Check nested numbers; with `gaps`, `~` stands for a cell that the slide leaves empty."""
    try:
        checked = to_nested(from_nested(_filled(value) if gaps else value))
    except NotNumbers as error:
        spec.wrong((*path, *error.path), f"`{path[-1]}`: {error}")
        return None
    return value if gaps else checked


def _filled(value: Any) -> Any:
    return [_filled(item) for item in value] if isinstance(value, list) else 0 if value is None else value


def _slide(spec: Spec, path: tuple[str | int, ...], raw: Any, outputs: tuple[str, ...]) -> Slide | None:
    found = spec.fields(path, {"where": str, "erratum": str}, needed=("where", "answer"), skip=("answer",))
    if not isinstance(raw, dict) or "answer" not in raw or "where" not in found:
        return None
    where, answer = (*path, "answer"), raw["answer"]
    if len(outputs) == 1:
        return Slide(answer=_grid(spec, where, answer, gaps=True), **found)
    if not isinstance(answer, list) or len(answer) != len(outputs):
        spec.wrong(where, f"`answer` must list {listed(outputs)}", "put `~` for what the slide does not show")
        return None
    grids = [None if a is None else _grid(spec, (*where, i), a, gaps=True) for i, a in enumerate(answer)]
    return Slide(answer=grids, **found)


def plain_nested(value: Any) -> Any:
    """Write whole numbers in nested lists without a point."""
    return [plain_nested(item) for item in value] if isinstance(value, list) else plain(value)


def read(path: Path) -> tuple[Exercise, str]:
    """Read the spec at `path`; return it with the digest of the file. Raise GradeError."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise GradeError(Problem("the file is not UTF-8", "save it as UTF-8", f"{shown(path)}:{line}:1")) from None
    return parse(shown(path), text), hashlib.sha256(data).hexdigest()


def shown(path: Path) -> str:
    """Return a path as it is short to read: relative to here where it lies below."""
    try:
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    except OSError:
        return str(path)
