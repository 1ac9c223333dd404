"""The head of a spec: all that stands above its cases, and what can be wrong with it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from grader.errors import listed, near
from grader.forbidden import FAMILIES, pattern
from grader.model import Limits, Sweep
from grader.ops import OPS, Op
from grader.spec import Spec, named

FORMAT = 1
PACKAGES = ("numpy", "scipy", "torch")  # beyond the standard library, which is always open
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
}
NEEDED = ("format", "id", "title", "op", "function", "points")
BLOCKS: dict[str, type[Sweep] | type[Limits]] = {"sweep": Sweep, "limits": Limits}
TORCH = {"memory_limit": 2048, "load_limit": 20.0}  # what is usual where torch is allowed
SIGNATURE = re.compile(r"\s*([A-Za-z_]\w*)\(\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*\)\s*")


def check_head(
    spec: Spec, head: dict[str, Any], blocks: dict[str, dict[str, Any]], stem: str
) -> tuple[type[Op] | None, tuple[str, ...]]:
    """Note what is wrong with the head. Return the operator and the function's parameters (none, if they are wrong)."""
    if head.get("format", FORMAT) != FORMAT:
        spec.wrong(("format",), f"`format` {head['format']} is not known", f"this version reads format {FORMAT}")
    if head.get("id", stem) != stem:
        says = f"`id` is {named(head['id'])}, but the file is called `{stem}.yaml`"
        spec.wrong(("id",), says, "give both one name")
    if not is_one_line(head.get("title", "-")):
        spec.wrong(("title",), "`title` must be one line of text", "write `title: Stride`")
    if head.get("points", 1) <= 0:
        spec.wrong(("points",), "`points` must be more than 0", "write `points: 10`")
    for i, package in enumerate(head.get("allow", ())):
        if package not in PACKAGES:
            help = near(package, PACKAGES) or f"known: {listed(PACKAGES)}; the standard library is always allowed"
            spec.wrong(("allow", i), f"`allow`: there is no package {named(package)} here", help)
    _check_forbid(spec, head)
    for name, value in blocks.get("limits", {}).items():
        if not 0 < value <= 100_000:
            says = f"`{name}` must be more than 0 and at most 100000"
            spec.wrong(("limits", name), says, "leave it away for the usual limit")
    op = OPS.get(head.get("op", ""))
    if "op" in head and op is None:
        spec.wrong(
            ("op",), f"there is no operator {named(head['op'])}", near(head["op"], OPS) or f"known: {listed(OPS)}"
        )
    if "sweep" in blocks:
        _check_sweep(spec, head["op"] if op else "", blocks["sweep"], op)
    parameters = _parameters(spec, head["function"]) if "function" in head else ()
    if not op or not parameters:
        return op, ()
    known = (*op.names, *op.__struct_fields__)
    for name in parameters:
        if name not in known:
            help = near(name, known) or f"`{head['op']}` has {listed(known)}"
            spec.wrong(("function",), f"the operator `{head['op']}` knows no {named(name)}", help)
    if spec.bad(("function",)):
        return op, ()
    for name in required(op):
        if name not in parameters:
            says = f"`{head['op']}` needs `{name}`, which the function is not given"
            spec.wrong(("function",), says, f"add `{name}` to the parameters")
    return op, () if spec.bad(("function",)) else parameters


def _check_sweep(spec: Spec, name: str, sweep: dict[str, Any], op: type[Op] | None) -> None:
    path, count = ("sweep", "count"), sweep.get("count", 1)
    enumerable = hasattr(op, "every")
    if count == "all":
        if op and not enumerable:
            spec.wrong(path, f"`count`: `{name}` has no list of all its cases", "give a number; 60 cases are plenty")
    elif not 1 <= count <= SWEEP:
        spec.wrong(path, f"`count` must be between 1 and {SWEEP}", "60 cases are plenty")
    elif op and getattr(op.draw, "__func__", None) is Op.draw.__func__:  # type: ignore[attr-defined]
        help = "write `count: all`" if enumerable else "leave `sweep` away"
        spec.wrong(path, f"`count`: `{name}` cannot draw cases at random", help)
    if (sweep.get("points") or 0) < 0:
        spec.wrong(("sweep", "points"), "`points` must not be negative", "leave it away for half of the points")


def _check_forbid(spec: Spec, head: dict[str, Any]) -> None:
    for i, name in enumerate(head.get("forbid", ())):
        if not pattern(name):
            help = near(name, FAMILIES) or f"known: {listed(FAMILIES)}, and any operator of torch's as `aten.NAME`"
            spec.wrong(("forbid", i), f"`forbid`: {named(name)} stands for no operator of torch's here", help)
    if head.get("forbid") and "torch" not in head.get("allow", ()) and not spec.bad(("allow",)):
        says = "`forbid` names operators of torch, which this exercise does not allow at all"
        spec.wrong(("forbid",), says, "leave it away, or write `allow: [numpy, torch]`")


def usual(allow: Iterable[str], stated: dict[str, Any]) -> Limits:
    """Return an exercise's limits: those that its spec states, and otherwise what is usual with these packages."""
    return Limits(**((TORCH if "torch" in allow else {}) | stated))


def _parameters(spec: Spec, function: str) -> tuple[str, ...]:
    match = SIGNATURE.fullmatch(function)
    if not match:
        spec.wrong(("function",), "`function` is no signature", "write it as `conv2d(input, kernel, bias)`")
        return ()
    parameters = tuple(name.strip() for name in match[2].split(","))
    for i, name in enumerate((match[1], *parameters)):
        if keyword.iskeyword(name):
            spec.wrong(("function",), f"`{name}` is a word of Python's own", "take another name")
        elif name in parameters[: max(i - 1, 0)]:
            spec.wrong(("function",), f"`function` has the parameter `{name}` twice", "keep one of them")
    return () if spec.bad(("function",)) else parameters


def required(op: type[Op]) -> list[str]:
    """Return the inputs and fields without which nothing can be asked."""
    fields = [field.name for field in msgspec.structs.fields(op) if field.required]
    return [*(name for name in op.names if name not in op.defaults), *fields]


def is_one_line(text: str) -> bool:
    """Tell whether a text is one line that can be seen, without white space around it."""
    return bool(text) and text.isprintable() and text == text.strip()
