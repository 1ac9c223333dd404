"""What a spec with `op: torch` says: the author's own function, its parameters and how to draw them, misconceptions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

from grader.errors import listed, near
from grader.exercises.cases import CELLS
from grader.exercises.grids import named_file
from grader.exercises.operators import own_operator
from grader.exercises.pack import short_path
from grader.exercises.yaml import Keys, Spec, named
from grader.model.exercise import OWN, Drawn, Exercise, OwnMisconception, Reference
from grader.model.signature import misfit
from grader.numbers import from_nested, plain
from grader.ops import OPS, Op

OWN_BLOCKS = ("draw", "misconceptions")
OWN_FIELDS = ("reference", "outputs", *OWN_BLOCKS)  # that only these exercises have
AXES = 6
MOST = 1_000_000  # of a drawn number
PLACE = re.compile(r"(?:([^:]+\.py):)?([A-Za-z_]\w*)")
NAME = re.compile(r"[A-Za-z_]\w*")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def chosen_operator(spec: Spec, head: dict[str, Any]) -> type[Op] | None:
    """Return the operator of a spec, or None where there is none, or what describes it is wrong."""
    name = head.get("op", "")
    if name == OWN:
        if any(spec.bad((field,)) for field in OWN_FIELDS) or not {"reference", "draw"} <= {*head}:
            return None
        outputs = head.get("outputs", ("output",))
        return own_operator(head["reference"], head["draw"], outputs, head.get("misconceptions", {}))
    if "op" in head and name not in OPS:
        known = [*OPS, OWN]
        spec.wrong(("op",), f"there is no operator {named(name)}", near(name, known) or f"known: {listed(known)}")
    return OPS.get(name)


def read_own(spec: Spec, head: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an exercise that an author's own function answers. Note what is wrong with them."""
    if head.get("op") != OWN:
        for name in OWN_FIELDS:
            if name in spec.data and "op" in head:
                says = f"`{name}` goes with `op: {OWN}`, where your own function answers"
                spec.wrong((name,), says, f"remove it, or write `op: {OWN}`")
        return {}
    for name, help in (("reference", f"`reference: {head.get('id', 'ex')}.py:function`"), ("draw", "`draw:` …")):
        if name not in spec.data:
            spec.wrong(("op",), f"`op: {OWN}` needs `{name}`", f"add {help}")
    found: dict[str, Any] = {}
    reference = _function(spec, ("reference",), head.get("reference"))
    if reference:
        found["reference"] = reference
    _check_outputs(spec, head.get("outputs", ("output",)))
    if "draw" in spec.data:
        found["draw"] = _draw(spec)
    if "misconceptions" in spec.data:
        found["misconceptions"] = _misconceptions(spec, reference.rpartition(":")[0])
    return found


def _function(spec: Spec, path: Keys, place: str | None, file: str = "") -> str:
    """Return the place of a function as `file.py:name`; the file may be omitted where there is one already."""
    if place is None or spec.bad(path):
        return ""
    match = PLACE.fullmatch(place)
    if match and not (match[1] or file) and path != ("reference",):
        return ""  # the reference, whose file it is, has a problem of its own
    if not match or not (match[1] or file):
        says = f"`{path[-1]}`: {named(place)} does not name a function of a file"
        spec.wrong(path, says, "write it like `reference.py:function`")
        return ""
    file = match[1] or file
    return f"{file}:{match[2]}" if named_file(spec, path, file) else ""


def _check_outputs(spec: Spec, outputs: tuple[str, ...]) -> None:
    if spec.bad(("outputs",)):
        return
    if not outputs:
        spec.wrong(("outputs",), "`outputs` is empty", "write `outputs: [a, b]`, or omit it for a single one")
    for i, name in enumerate(outputs):
        if not NAME.fullmatch(name):
            spec.wrong(("outputs", i), f"`outputs`: {named(name)} is not a name", "use letters, digits and `_`")
        elif name in outputs[:i]:
            spec.wrong(("outputs", i), f"`outputs` has {named(name)} twice", "give each output its own name")


# ---- draw


def _draw(spec: Spec) -> dict[str, Drawn | tuple[int, int]]:
    """Return the parameters, which are mappings, and the sizes, which are ranges."""
    block = spec.data["draw"] if isinstance(spec.data["draw"], dict) else {}
    ranges = {name: tuple[int, int] for name, value in block.items() if _is_range(value)}
    drawn: dict[str, Any] = {}
    for name, value in block.items():
        if not NAME.fullmatch(name):
            says = f"`draw`: {named(name)} is not a name of a parameter or a size"
            spec.wrong(("draw", name, None), says, "use letters, digits and `_`")
        elif isinstance(value, dict):
            fields = spec.struct(("draw", name), Drawn)
            if not spec.bad(("draw", name)):
                drawn[name] = Drawn(**fields)
        elif name not in ranges:
            says = f"`draw`: {named(name)} is neither a range nor a parameter"
            help = f"write `{name}: [1, 4]` for a size from 1 to 4, or `{name}: {{shape: […]}}` or `{{choose: […]}}`"
            spec.wrong(("draw", name), says, help)
    sizes = spec.fields(("draw",), ranges, skip=[name for name in block if name not in ranges])
    for name, (low, high) in sizes.items():
        if not 1 <= low <= high <= CELLS:
            says = f"`draw`: the size {named(name)} is from {low} to {high}"
            spec.wrong(("draw", name), says, f"begin with the smaller one; sizes are from 1 to {CELLS}")
    for name, it in drawn.items():
        _check_parameter(spec, name, it, sizes, {*spec.data["draw"][name]})
    used = {axis for it in drawn.values() for axis in it.shape or ()}
    for name in sizes:
        if name not in used and not any(spec.bad(("draw", other)) for other in block if other not in sizes):
            spec.wrong(("draw", name), f"`draw`: no `shape` has the size {named(name)}", "remove it, or use it")
    return {name: drawn.get(name, sizes.get(name, (1, 1))) for name in block}


def _is_range(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(end) is int for end in value)


def _check_parameter(spec: Spec, name: str, it: Drawn, sizes: dict[str, tuple[int, int]], stated: set[str]) -> None:
    path: Keys = ("draw", name)
    if ("shape" in stated) == ("choose" in stated):
        says = f"`draw`: {named(name)} has {'both `shape` and `choose`' if 'shape' in stated else 'no `shape`'}"
        spec.wrong(path, says, "write `shape: [H, W]` for an array, or `choose: [1, 2]` for one of some values")
        return
    if it.shape is None:
        if not it.choose:
            spec.wrong((*path, "choose"), f"`draw`: {named(name)} has nothing to choose from", "write `choose: [1, 2]`")
        for field in sorted(stated & {"values", "whole", "dtype"}):
            says = f"`draw`: {named(name)} is chosen, and `{field}` is about arrays"
            spec.wrong((*path, field), says, f"remove `{field}`")
        return
    _check_shape(spec, name, it.shape, sizes)
    low, high = it.values
    if not -MOST <= low <= high <= MOST:
        says = f"`draw`: the values of {named(name)} are from {plain(low)} to {plain(high)}"
        spec.wrong((*path, "values"), says, f"begin with the smaller one; they are within ±{MOST}")
    elif it.whole and (low % 1 or high % 1):
        says = f"`draw`: the values of {named(name)} are whole, but their bounds are not"
        spec.wrong((*path, "values"), says, "write whole bounds, or `whole: false`")
    if it.dtype != "float64" and not it.whole:
        spec.wrong((*path, "whole"), f"`draw`: {named(name)} is {it.dtype}, which is whole", "remove `whole`")


def _check_shape(spec: Spec, name: str, shape: tuple[int | str, ...], sizes: dict[str, tuple[int, int]]) -> None:
    path, most = ("draw", name, "shape"), 1
    for i, axis in enumerate(shape):
        if isinstance(axis, str) and axis not in spec.data["draw"]:
            help = near(axis, sizes) or f"describe it: `{axis}: [1, 4]` under `draw`"
            spec.wrong((*path, i), f"`draw`: there is no size {named(axis)}", help)
        elif isinstance(axis, str) and isinstance(spec.data["draw"][axis], dict):
            spec.wrong((*path, i), f"`draw`: {named(axis)} is a parameter, not a size", "use the name of a range")
        elif isinstance(axis, int) and axis < 1:
            spec.wrong((*path, i), f"`draw`: {named(name)} has an axis of {axis}", "an axis has 1 cell or more")
    if spec.bad(path):
        return
    if len(shape) > AXES:
        spec.wrong(path, f"`draw`: {named(name)} has {len(shape)} axes", f"use at most {AXES}")
    most = prod(sizes.get(axis, (1, 1))[1] if isinstance(axis, str) else axis for axis in shape)
    if most > CELLS:
        says = f"`draw`: {named(name)} can have {most} cells, more than {CELLS}"
        spec.wrong(path, says, "make its sizes smaller: a few cells show as much")


# ---- misconceptions


def _misconceptions(spec: Spec, file: str) -> dict[str, OwnMisconception]:
    block = spec.data["misconceptions"]
    found: dict[str, OwnMisconception] = {}
    if not isinstance(block, dict):
        says = "`misconceptions` must be a mapping"
        spec.wrong(("misconceptions",), says, "begin each with its name, like `flipped:`")
        return found
    for id in block:
        path = ("misconceptions", id)
        if not ID.fullmatch(id):
            says = f"`misconceptions`: {named(id)} is not a name"
            spec.wrong((*path, None), says, "use small letters, digits and `-`, like `kernel-flipped`")
            continue
        fields = spec.struct(path, OwnMisconception)
        for name in ("says", "why", "instead"):
            text = fields.get(name, "-")
            if not text.isprintable() or not text.strip():
                spec.wrong((*path, name), f"`{name}` must be one line of text", "write it in a sentence or two")
        run = _function(spec, (*path, "run"), fields.get("run"), file)
        if run and not spec.bad(path):
            found[id] = OwnMisconception(**(fields | {"run": run}))
    return found


# ---- returns


def check_answers(path: Path, exercise: Exercise, references: Sequence[Reference]) -> None:
    """Raise GradeError where `returns` cannot express an answer of the author's own function.

    Only its answers have a shape, so this cannot be checked when the spec is read.
    """
    signature = exercise.signature
    if exercise.op != OWN or signature is None:
        return
    places: list[Keys] = [("keys", key) for key in signature.keys] or [(item,) for item in signature.items]
    spec, function = Spec(short_path(path), path.read_text(encoding="utf-8-sig")), exercise.reference.rpartition(":")[2]
    for i, (name, view) in enumerate(zip(exercise.outputs, signature.returns, strict=True)):
        reasons = ((it.case, misfit(view, from_nested(it.value[i]).shape)) for it in references)
        if found := next(((case, reason) for case, reason in reasons if reason), None):
            which = f"`{name}` of `{function}`" if len(exercise.outputs) > 1 else f"the answer of `{function}`"
            how = "axes" if view.axes else "shape"
            help = "one letter for each axis, in the student's order" if view.axes else "a shape of as many cells"
            says, place = f"case `{found[0]}`: {which} {found[1]}", (places or [()])[i]
            spec.wrong(("returns", *place, how), says, f"write {help}, or omit `{how}`")
    spec.raise_problems()
