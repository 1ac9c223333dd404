"""What an exercise is: found in a pack, read from its YAML spec, with its generated cases drawn."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import numpy as np

from grader.arrays import NotNumbers, from_nested, plain, to_nested
from grader.errors import GradeError, Problem, listed, unreadable
from grader.head import BLOCKS, HEAD, NEEDED, check_head, is_one_line, required, usual
from grader.model import Case, Exercise, Slide
from grader.ops import OPS, Cell, Op, OpError
from grader.ops.base import each_output
from grader.points import shares
from grader.spec import Path as Place
from grader.spec import Spec, named, word

CELLS = 5000  # of one grid: what a student's loops finish within the limits
SIZE = 4096  # of a stride, a padding, …
CASE: dict[str, Any] = {"name": str, "points": float, "hidden": bool}


def parse(file: str, text: str) -> Exercise:
    """Read a spec and draw its sweep. Raise GradeError with every problem of the file, each with its place."""
    spec = Spec(file, text)
    if not isinstance(spec.data, dict):
        if not spec.bad(()):
            spec.wrong((), "the file holds no exercise", "begin with `format: 1`")
        spec.raise_problems()
    head = spec.fields((), HEAD, NEEDED, skip=("cases", *BLOCKS))
    blocks = {name: spec.struct((name,), kind) for name, kind in BLOCKS.items() if name in spec.data}
    op, parameters = check_head(spec, head, blocks, Path(file).stem)
    head |= {name: BLOCKS[name](**fields) for name, fields in blocks.items() if not spec.bad((name,))}
    if not spec.bad(("limits",)):
        head["limits"] = usual(head.get("allow", ()), blocks.get("limits", {}))
    raw = spec.data.get("cases", [])
    if not isinstance(raw, list):
        if not spec.bad(("cases",)):
            spec.wrong(("cases",), "`cases` must be a list", "begin each case with `- name: …`")
        raw = []
    elif not raw and "sweep" not in spec.data:
        spec.wrong(("cases",), "the exercise has no `cases` and no `sweep`", "add one of them")
    cases = [_case(spec, i, op, parameters) for i in range(len(raw))]
    _check_names(spec, raw)
    _check_points(spec, head, raw)
    spec.raise_problems()
    assert op
    known = {name: value for name, value in head.items() if name != "format"}
    exercise = Exercise(**known, cases=tuple(case for case in cases if case), outputs=op.outputs)
    try:
        drawn = tuple(sweep(exercise, op))
    except OpError as error:
        spec.wrong(("sweep", "count"), f"`count`: {error}", "ask for fewer cases, or write them under `cases`")
        spec.raise_problems()
        raise
    return msgspec.structs.replace(exercise, cases=exercise.cases + drawn)


def operator(exercise: Exercise, case: Case) -> Op:
    """Return the operator that a case asks for."""
    return msgspec.convert(case.fields, OPS[exercise.op])


def arrays(case: Case, op: type[Op] | Op) -> tuple[Any, ...]:
    """Return a case's inputs as arrays, in the operator's order."""
    return tuple(np.array(case.inputs[name], dtype=np.float64) for name in op.names)


def cell(exercise: Exercise, case: Case, at: tuple[int, ...], output: str) -> Cell:
    """Work out a cell of one of a case's outputs. Raise OpError when there is no such cell."""
    op = operator(exercise, case)
    which = {"output": exercise.outputs.index(output)} if len(exercise.outputs) > 1 else {}
    return op.cell(at, *arrays(case, op), **which)


def digest(exercise: Exercise, case: Case) -> str:
    """Return the digest of a case's question: operator, fields and inputs, nothing else."""
    question = [exercise.op, sorted(case.fields.items()), sorted(case.inputs.items())]
    return hashlib.sha256(msgspec.json.encode(question)).hexdigest()[:16]


def sweep(exercise: Exercise, op: type[Op]) -> Iterator[Case]:
    """Draw the generated cases, the same on every machine. Raise OpError when there are too few.

    `count: all` takes every sample that the operator lists, in its order.
    """
    if exercise.sweep is None:
        return
    count, parameters = exercise.sweep.count, exercise.parameters
    random = Random(f"{exercise.sweep.seed} {exercise.op}")
    if count == "all":
        samples = iter(op.every(parameters))  # type: ignore[attr-defined]
    else:
        samples = (op.draw(random, parameters) for _ in range(50 * count))
    fixed = {name: value for name, value in op.defaults.items() if name not in parameters}
    seen: set[bytes] = set()
    while len(seen) != count:
        drawn, inputs = next(samples, (None, ()))
        if drawn is None:
            if count == "all" and seen:
                return
            raise OpError(f"only {len(seen)} different cases can be drawn")
        values = {name: plain_nested(v.tolist()) for name, v in zip(op.names, inputs, strict=True)} | fixed
        case = make(parameters, drawn, values, name=f"sweep {len(seen) + 1}", generated=True)
        key = msgspec.json.encode((case.inputs, case.fields))
        if key not in seen:
            seen.add(key)
            yield case


def _check_names(spec: Spec, raw: list[Any]) -> None:
    names: set[str] = set()
    for i, block in enumerate(raw):
        name = block.get("name") if isinstance(block, dict) else None
        if not isinstance(name, str):
            continue
        path = ("cases", i, "name")
        if not is_one_line(name):
            spec.wrong(path, "`name` must be one line of text", "say what the case is about, as `stride 2`")
        elif name == "sweep" or name.startswith("sweep "):
            spec.wrong(path, f"the name {named(name)} is kept for generated cases", "choose another")
        elif name in names:
            spec.wrong(path, f"two cases are called {named(name)}", "give each case its own name")
        names.add(name)


def _check_points(spec: Spec, head: dict[str, Any], raw: list[Any]) -> None:
    """Note that the stated points do not add up, unless something else is wrong with one of them."""
    stated = [block.get("points") for block in raw if isinstance(block, dict)]
    if any(spec.bad(("cases", i, "points")) for i in range(len(raw))) or spec.bad(("points",)) or "points" not in head:
        return
    if ("sweep" in spec.data) != ("sweep" in head) or spec.bad(("sweep", "points")):
        return
    cases = [Case(str(i), {}, points=points) for i, points in enumerate(stated)]
    drawn = [Case("sweep", {}, generated=True)] if "sweep" in head else []
    probe = Exercise("", "", "", "", head["points"], (*cases, *drawn), sweep=head.get("sweep"))
    try:
        if probe.cases:
            shares(probe)
    except ValueError as error:
        spec.wrong(("points",), str(error), "let the parts add up, or leave some of them away to share the rest")


def _case(spec: Spec, i: int, op: type[Op] | None, parameters: tuple[str, ...]) -> Case | None:
    path = ("cases", i)
    block = spec.data["cases"][i]
    types = {field.name: field.type for field in msgspec.structs.fields(op)} if op else {}
    needed, skip = (required(op), (*op.names, "slide")) if op else ((), block if isinstance(block, dict) else ())
    found = spec.fields(path, CASE | types, ("name", *needed), skip)
    if found.get("points", 0) < 0:
        spec.wrong((*path, "points"), "`points` must not be negative", "write 0 for a case that earns nothing")
    if op is None or not isinstance(block, dict):
        return None
    inputs: dict[str, Any] = dict(op.defaults)
    inputs |= {name: _grid(spec, (*path, name), block[name]) for name in op.names if name in block}
    fields = {name: value for name, value in found.items() if name in types}
    for name in fields:
        if any(abs(size) > SIZE for size in _sizes(block[name])):
            spec.wrong((*path, name), f"`{name}` is larger than {SIZE}", "a course's cases are small")
    for name in (*types, *op.names):
        if name in block and name not in parameters and parameters:
            help = f"add `{name}` to `function`, or leave it away here"
            spec.wrong((*path, name), f"`{name}` is set, but the function is not given it", help)
    slide = _slide(spec, (*path, "slide"), block["slide"], op.outputs) if "slide" in block else None
    if spec.bad(path):
        return None
    extra = {"points": found.get("points"), "hidden": found.get("hidden", False), "slide": slide}
    try:
        return make(parameters, op(**fields), inputs, name=found["name"], **extra)
    except OpError as error:
        about = next((name for name in re.findall(r"`(\w+)", str(error)) if name in block), None)
        says = f"case {named(found['name'])}: {error}"
        spec.wrong((*path, about) if about else path, says, "change the inputs or the fields so that they fit")
        return None


def _sizes(value: Any) -> Iterator[float]:
    """Yield the numbers of a field, however deep they are."""
    if isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _sizes(item)
    elif isinstance(value, int | float):
        yield value


def make(parameters: tuple[str, ...], op: Op, inputs: dict[str, Any], **extra: Any) -> Case:
    """Make a case of an operator and its inputs. Raise OpError when they do not fit."""
    values = [np.array(inputs[name], dtype=np.float64) for name in op.names]
    shapes = [value.shape for value in values]
    sizes: Any = op.shape(*shapes)
    if any(np.prod(size, dtype=float) > CELLS for size in (sizes if len(op.outputs) > 1 else (sizes,))):
        raise OpError(f"the answer would have more than {CELLS} cells")
    resolved = {name: value for name, value in op.resolved(*shapes).items() if name in parameters}
    fields = msgspec.json.decode(msgspec.json.encode(resolved))  # as the compiled form gives them back: pairs are lists
    with np.errstate(all="ignore"):
        answer = op(*values)
    answers = each_output(answer)
    if not all(bool(np.all(np.isfinite(a))) for a in answers):
        raise OpError("the answer is not finite")
    exact = op.exact and all(bool(np.all((v == np.rint(v)) & (np.abs(v) < 2**53))) for v in (*values, *answers))
    return Case(inputs={name: inputs[name] for name in op.names}, fields=fields, exact=exact, **extra)


def _grid(spec: Spec, path: Place, value: Any, gaps: bool = False) -> Any:
    """Check nested numbers; with `gaps`, `~` stands for a cell that the slide leaves empty."""
    if spec.bad(path):
        return None
    try:
        array = from_nested(_filled(value) if gaps else value)
    except NotNumbers as error:
        for i in error.path:
            value = value[i]
        says, no, _ = str(error).partition(", not ")
        help = "write a number, or rows of equal length as [[1, 2], [3, 4]]" + (", `~` for a gap" if gaps else "")
        spec.wrong((*path, *error.path), f"`{path[-1]}`: {says}{no}{word(value) if no else ''}", help)
        return None
    if not 0 < len(array.cells) <= CELLS:
        says = f"has more than {CELLS} cells" if array.cells else "is empty"
        spec.wrong(path, f"`{path[-1]}` {says}", "a course's grids have a few cells")
        return None
    return value if gaps else to_nested(array)


def _filled(value: Any) -> Any:
    return [_filled(item) for item in value] if isinstance(value, list) else 0 if value is None else value


def _slide(spec: Spec, path: Place, raw: Any, outputs: tuple[str, ...]) -> Slide | None:
    found = spec.fields(path, {"where": str, "erratum": str}, needed=("where", "answer"), skip=("answer",))
    if not isinstance(raw, dict) or "answer" not in raw:
        return None
    where, answer = (*path, "answer"), raw["answer"]
    if len(outputs) == 1:
        answer = _grid(spec, where, answer, gaps=True)
    elif not isinstance(answer, list) or len(answer) != len(outputs):
        spec.wrong(where, f"`answer` must list {listed(outputs)}", "put `~` for what the slide does not show")
    else:
        answer = [None if a is None else _grid(spec, (*where, i), a, gaps=True) for i, a in enumerate(answer)]
    return None if spec.bad(path) else Slide(answer=answer, **found)


def plain_nested(value: Any) -> Any:
    """Write whole numbers in nested lists without a point."""
    return [plain_nested(item) for item in value] if isinstance(value, list) else plain(value)


def alone(values: Sequence[Any]) -> Any:
    """Return the value of an only output, or the list of what several give."""
    return values[0] if len(values) == 1 else list(values)


def read(path: Path) -> tuple[Exercise, str]:
    """Read the spec at `path`; return it with the digest of the file. Raise GradeError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(shown(path), error) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].split(b"\n")
        place = f"{shown(path)}:{len(before)}:{len(before[-1].decode(errors='replace')) + 1}"
        raise GradeError(Problem("the file is not UTF-8", "save it as UTF-8", place)) from None
    return parse(shown(path), text), hashlib.sha256(data).hexdigest()


def shown(path: Path) -> str:
    """Return a path as it is short to read: relative to here where it lies below."""
    try:
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    except OSError:
        return str(path)
