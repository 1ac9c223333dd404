"""Read how an exercise's function is called: `function`, and the blocks `arguments`, `returns` and `fixed` of a spec.

Without these blocks the function has the operator's own names and returns what the operator does.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

from grader.exercises.arguments import METHOD, Reader, check_function, plain, required
from grader.exercises.yaml import Spec
from grader.model.exercise import Signature
from grader.ops import Op

CALL: dict[str, Any] = {"call": Literal["by name", "by position"], "tensors": Literal["float32", "float64"]}
BLOCKS = ("arguments", "returns", "fixed")


class Called(NamedTuple):
    """How a spec's function is called; `given` are the operator's inputs and fields that it receives."""

    signature: Signature | None
    given: tuple[str, ...]
    outputs: tuple[str, ...]
    fixed: dict[str, Any]


def read_function(spec: Spec, head: dict[str, Any], op: type[Op] | None) -> Called | None:
    """Return how the function of a spec is called; None where that is wrong, and note why."""
    if "function" not in head:
        return None
    parameters = check_function(spec, ("function",), head["function"])
    if not op or not parameters:
        return None
    fixed = _fixed(spec, op)
    reader = Reader(spec, head["op"], op)
    arguments = reader.arguments(("function",), ("arguments",), parameters)
    if head.get("tensors") and "torch" not in head.get("allow", ()) and not spec.bad(("allow",)):
        spec.wrong(("tensors",), "`tensors` are torch's, which this exercise does not allow", "write `allow: [torch]`")
    returns = reader.returns(("returns",), spec.data["returns"]) if "returns" in spec.data else plain(op)
    if any(map(spec.bad, (("function",), *((block,) for block in BLOCKS)))):
        return None
    given = tuple(name for name, _ in reader.used)
    for name in given:
        if name in fixed:
            spec.wrong(("fixed", name, None), f"`fixed`: the function receives `{name}` itself", "remove one of them")
    for name in required(op):
        if name not in given and name not in fixed:
            says = f"`{head['op']}` needs `{name}`, but the function does not have this parameter"
            spec.wrong(("function",), says, f"add `{name}` to the parameters of `function`")
    if spec.bad(("function",)) or spec.bad(("fixed",)):
        return None
    method = METHOD.fullmatch(head["function"])
    position = head.get("call") == "by position"
    own = method or position or head.get("tensors") or "arguments" in spec.data or "returns" in spec.data
    if not own and not any(argument.whole for argument in arguments.values()):
        return Called(None, given, op.outputs, fixed)
    signature = msgspec.structs.replace(
        returns.signature,
        arguments=arguments,
        by_position=position,
        tensors=head.get("tensors", ""),
        method=method[3] if method else "",
        made_of=len([name for name in (method[2] or "").split(",") if name]) if method else 0,
    )
    return Called(signature, given, returns.names, fixed)


def _fixed(spec: Spec, op: type[Op]) -> dict[str, Any]:
    """Read the operator's fields that are the same in all cases."""
    if "fixed" not in spec.data:
        return {}
    types = {field.name: field.type for field in msgspec.structs.fields(op)}
    found = spec.fields(("fixed",), types)
    fixed: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(found))  # as the compiled form has it
    return fixed
