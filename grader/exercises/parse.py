"""Read an exercise from its YAML spec, check that its parts go together, and draw its generated cases."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import GradeError, Problem, listed, near, unreadable
from grader.exercises.arguments import required
from grader.exercises.cases import LEADING, draw_sweep, make_case, shapes_of
from grader.exercises.forbidden import FAMILIES, pattern
from grader.exercises.grids import read_grid
from grader.exercises.modules import read_modules
from grader.exercises.own import OWN_BLOCKS, chosen_operator, read_own
from grader.exercises.pack import short_path
from grader.exercises.points import shares
from grader.exercises.signature import BLOCKS as SIGNATURE_BLOCKS
from grader.exercises.signature import CALL, Called, read_function
from grader.exercises.yaml import Keys, Spec, named
from grader.model.exercise import EXACT, Case, Exercise, Limits, Slide, Sweep, Tolerance
from grader.model.signature import unfit
from grader.ops import Op, OpError

SIZE = 4096  # of a stride, a padding, …
CASE: dict[str, Any] = {"name": str, "points": float, "hidden": bool, "time_limit": float}


def parse(file: str, text: str) -> Exercise:
    """Read a spec and draw its sweep. Raise GradeError with every problem of the file, each with its place."""
    spec = Spec(file, text)
    if not isinstance(spec.data, dict):
        if not spec.bad(()):
            spec.wrong((), "the file does not contain an exercise", "begin it with `format: 1`")
        spec.raise_problems()
    head = spec.fields((), HEAD | CALL, NEEDED, skip=("cases", "modules", *SIGNATURE_BLOCKS, *BLOCKS, *OWN_BLOCKS))
    head |= read_own(spec, head)
    head |= {"modules": read_modules(spec, spec.data.get("modules", {}))}
    blocks = {name: spec.struct((name,), kind) for name, kind in BLOCKS.items() if name in spec.data}
    op = check_head(spec, head, blocks, Path(file).stem)
    called = read_function(spec, head, op)
    head |= {name: BLOCKS[name](**fields) for name, fields in blocks.items() if not spec.bad((name,))}
    if not spec.bad(("limits",)):
        head["limits"] = default_limits(head.get("allow", ()), blocks.get("limits", {}))
    raw = spec.data.get("cases", [])
    if not isinstance(raw, list):
        if not spec.bad(("cases",)):
            spec.wrong(("cases",), "`cases` must be a list", "begin each case with `- name: …`")
        raw = []
    elif not raw and "sweep" not in spec.data:
        spec.wrong(("cases",), "the exercise has no `cases` and no `sweep`", "add one of them")
    cases = [_case(spec, i, op, called) for i in range(len(raw))]
    _check_names(spec, raw)
    _check_points(spec, head, raw)
    spec.raise_problems()
    assert op
    assert called
    if head.pop("exact", op.counts and "tolerance" not in head):
        head["tolerance"] = EXACT
    known = {name: value for name, value in head.items() if name not in ("format", *CALL)}
    known |= {"outputs": called.outputs, "signature": called.signature, "fixed": called.fixed}
    written = tuple(case for case in cases if case)
    known |= {"cases": written, "batch": op.batch, "files": spec.files}
    exercise = Exercise(**known)
    try:
        drawn = tuple(draw_sweep(exercise, op))
    except OpError as error:
        spec.wrong(("sweep", "count"), f"`count`: {error}", "ask for fewer cases, or write them under `cases`")
        spec.raise_problems()
        raise
    return msgspec.structs.replace(exercise, cases=exercise.cases + drawn)


def _check_names(spec: Spec, raw: list[Any]) -> None:
    names: set[str] = set()
    for i, block in enumerate(raw):
        name = block.get("name") if isinstance(block, dict) else None
        if not isinstance(name, str):
            continue
        path = ("cases", i, "name")
        if not is_one_line(name):
            spec.wrong(path, "`name` must be one line of text", "describe the case, for example `stride 2`")
        elif name == "sweep" or name.startswith("sweep "):
            spec.wrong(path, f"the name {named(name)} is reserved for generated cases", "choose another")
        elif name in names:
            spec.wrong(path, f"two cases are named {named(name)}", "give each case its own name")
        names.add(name)


def _check_points(spec: Spec, head: dict[str, Any], raw: list[Any]) -> None:
    """Note that the stated points do not add up, unless one of them is wrong in itself."""
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
        spec.wrong(("points",), str(error), "make the parts add up, or omit some: they share the rest")


def _case(spec: Spec, i: int, op: type[Op] | None, called: Called | None) -> Case | None:
    path = ("cases", i)
    block = spec.data["cases"][i]
    types = {field.name: field.type for field in msgspec.structs.fields(op)} if op else {}
    fixed = called.fixed if called else {}
    needed = [name for name in required(op) if name not in fixed] if op else []
    skip = (*op.names, "slide") if op else block if isinstance(block, dict) else ()
    found = spec.fields(path, CASE | types, ("name", *needed), skip)
    if found.get("points", 0) < 0:
        spec.wrong((*path, "points"), "`points` must not be negative", "write 0 for a case that earns nothing")
    if not 0 < found.get("time_limit", 1) <= 100_000:
        says = "`time_limit` must be more than 0 and at most 100000"
        spec.wrong((*path, "time_limit"), says, "omit it to use the limit of the exercise")
    if op is None or not isinstance(block, dict):
        return None
    inputs: dict[str, Any] = dict(op.defaults)
    inputs |= {name: read_grid(spec, (*path, name), block[name]) for name in op.names if name in block}
    fields = {name: value for name, value in found.items() if name in types}
    for name in fields:
        if any(abs(size) > SIZE for size in _sizes(block[name])):
            spec.wrong((*path, name), f"`{name}` is larger than {SIZE}", "make the case smaller")
    for name in (*types, *op.names):
        if name in block and name in fixed:
            spec.wrong((*path, name), f"`{name}` is `fixed` in all cases", "remove it here, or there")
        elif name in block and called and name not in called.given:
            help = f"add `{name}` to `function`, or remove it here"
            spec.wrong((*path, name), f"`{name}` is set, but it is not a parameter of the function", help)
    slide = _slide(spec, (*path, "slide"), block["slide"], op.outputs) if "slide" in block else None
    if spec.bad(path) or called is None:
        return None
    extra = {key: found[key] for key in ("points", "hidden", "time_limit") if key in found} | {"slide": slide}
    try:
        whole = msgspec.convert(msgspec.to_builtins(fields) | fixed, op) if fixed else op(**fields)
        case = make_case((*called.given, *fixed), whole, inputs, name=found["name"], **extra)
        if called.signature and (wrong := unfit(called.signature, case, shapes_of(whole, case))):
            says, help = f"case {named(found['name'])}: {wrong[1]}", "change it here, or in `arguments` or `returns`"
            spec.wrong((*path, wrong[0]) if wrong[0] in block else path, says, help)
        return case
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


def _slide(spec: Spec, path: Keys, raw: Any, outputs: tuple[str, ...]) -> Slide | None:
    found = spec.fields(
        path, {"where": str, "erratum": str, "decimals": int}, needed=("where", "answer"), skip=("answer",)
    )
    if not isinstance(raw, dict) or "answer" not in raw:
        return None
    if not 0 <= found.get("decimals", 0) <= 15:
        spec.wrong((*path, "decimals"), "`decimals` must be between 0 and 15", "count the digits behind the point")
    where, answer = (*path, "answer"), raw["answer"]
    if len(outputs) == 1:
        answer = read_grid(spec, where, answer, gaps=True)
    elif not isinstance(answer, list) or len(answer) != len(outputs):
        spec.wrong(where, f"`answer` must list {listed(outputs)}", "write `~` for an output that is not shown")
    else:
        answer = [None if a is None else read_grid(spec, (*where, i), a, gaps=True) for i, a in enumerate(answer)]
    return None if spec.bad(path) else Slide(answer=answer, **found)


def read(path: Path) -> tuple[Exercise, str]:
    """Read the spec at `path`; return it with the digest of the file. Raise GradeError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(short_path(path), error) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].split(b"\n")
        place = f"{short_path(path)}:{len(before)}:{len(before[-1].decode(errors='replace')) + 1}"
        raise GradeError(Problem("the file is not UTF-8", "save it as UTF-8", place)) from None
    return parse(short_path(path), text), hashlib.sha256(data).hexdigest()


FORMAT = 1
PACKAGES = ("numpy", "scipy", "torch")  # beyond the standard library, which is always allowed
SWEEP = 2000
HEAD: dict[str, Any] = {
    "format": int,
    "id": str,
    "title": str,
    "op": str,
    "function": str,
    "points": float,
    "task": str,
    "allow": tuple[str, ...],
    "forbid": tuple[str, ...],
    "exact": bool,
    "reference": str,
    "outputs": tuple[str, ...],
    "file": str,
}
NEEDED = ("format", "id", "title", "op", "function", "points")
BLOCKS: dict[str, type[Sweep | Limits | Tolerance]] = {"sweep": Sweep, "limits": Limits, "tolerance": Tolerance}
TORCH = {"memory_limit": 2048, "load_limit": 20.0}  # defaults where torch is allowed


def check_head(spec: Spec, head: dict[str, Any], blocks: dict[str, dict[str, Any]], stem: str) -> type[Op] | None:
    """Note what is wrong with the head, except for the function. Return the operator."""
    if head.get("format", FORMAT) != FORMAT:
        spec.wrong(("format",), f"`format` {head['format']} is unknown", f"this version reads format {FORMAT}")
    if head.get("id", stem) != stem:
        says = f"`id` is {named(head['id'])}, but the file is named `{stem}.yaml`"
        spec.wrong(("id",), says, "give both the same name")
    if not is_one_line(head.get("title", "-")):
        spec.wrong(("title",), "`title` must be one line of text", "write `title: Stride`")
    if head.get("points", 1) <= 0:
        spec.wrong(("points",), "`points` must be more than 0", "write `points: 10`")
    for i, package in enumerate(head.get("allow", ())):
        if package not in PACKAGES:
            help = near(package, PACKAGES) or f"known: {listed(PACKAGES)}; the standard library is always allowed"
            spec.wrong(("allow", i), f"`allow`: {named(package)} is not a package that an exercise can allow", help)
    file = head.get("file", "layers.py")
    if not file.endswith((".py", ".ipynb")) or not is_one_line(file) or "/" in file or "\\" in file:
        says = f"`file` is {named(file)}, not the name of a program"
        spec.wrong(("file",), says, "write it like `layers.py`, without a folder")
    _check_forbid(spec, head)
    for name, value in blocks.get("limits", {}).items():
        if not 0 < value <= 100_000:
            says = f"`{name}` must be more than 0 and at most 100000"
            spec.wrong(("limits", name), says, "omit it to use the default")
    for name, value in blocks.get("tolerance", {}).items():
        if not 0 <= value <= 1:
            spec.wrong(("tolerance", name), f"`{name}` must be between 0 and 1", "omit it to use the default")
    if head.get("exact") and "tolerance" in blocks:
        spec.wrong(("exact",), "`exact` leaves nothing to `tolerance`", "remove one of them")
    op = chosen_operator(spec, head)
    if "sweep" in blocks:
        _check_sweep(spec, head["op"] if op else "", blocks["sweep"], op)
    return op


def _check_sweep(spec: Spec, name: str, sweep: dict[str, Any], op: type[Op] | None) -> None:
    path, count = ("sweep", "count"), sweep.get("count", 1)
    enumerable = hasattr(op, "every")
    if count == "all":
        if op and not enumerable:
            spec.wrong(path, f"`count`: `{name}` cannot list all its cases", "give a number: 60 cases are plenty")
    elif not 1 <= count <= SWEEP:
        spec.wrong(path, f"`count` must be between 1 and {SWEEP}", "60 cases are plenty")
    elif op and getattr(op.draw, "__func__", None) is Op.draw.__func__:  # type: ignore[attr-defined]
        help = "write `count: all`" if enumerable else "remove `sweep`"
        spec.wrong(path, f"`count`: `{name}` cannot draw cases at random", help)
    for axis in ("channels", "batch"):
        if sweep.get(axis) and op and op.lead is Op.lead:
            spec.wrong(("sweep", axis), f"`{axis}`: the inputs of `{name}` have no such axis", f"remove `{axis}`")
        elif not all(1 <= size <= LEADING for size in sweep.get(axis, ())):
            help = f"write `{axis}: [1, 3]`: each case takes one of them"
            spec.wrong(("sweep", axis), f"`{axis}` must be numbers between 1 and {LEADING}", help)
    if (sweep.get("points") or 0) < 0:
        spec.wrong(("sweep", "points"), "`points` must not be negative", "omit it to use half of the points")


def _check_forbid(spec: Spec, head: dict[str, Any]) -> None:
    for i, name in enumerate(head.get("forbid", ())):
        if not pattern(name):
            help = near(name, FAMILIES) or f"known: {listed(FAMILIES)}, and any operator of torch as `aten.NAME`"
            spec.wrong(("forbid", i), f"`forbid`: {named(name)} is not an operator that can be forbidden", help)
    if head.get("forbid") and "torch" not in head.get("allow", ()) and not spec.bad(("allow",)):
        says = "`forbid` is about torch, which this exercise does not allow"
        spec.wrong(("forbid",), says, "remove it, or write `allow: [numpy, torch]`")


def default_limits(allow: Iterable[str], stated: dict[str, Any]) -> Limits:
    """Return an exercise's limits: those that its spec states, and the defaults for these packages."""
    return Limits(**((TORCH if "torch" in allow else {}) | stated))


def is_one_line(text: str) -> bool:
    """Tell whether a text is one visible line without white space around it."""
    return bool(text) and text.isprintable() and text == text.strip()
