"""The JSON Schema of a spec, for editors, generated from the types that read it.

`python -m grader.exercises.schema > schema/exercise.json` stores it. It describes structure only; the parser checks how
the parts of a spec go together (sizes, names, sums).
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from grader.exercises.arguments import METHOD, SIGNATURE, required
from grader.exercises.cases import CELLS, LEADING
from grader.exercises.forbidden import FAMILIES, LITERAL
from grader.exercises.modules import PATH
from grader.exercises.own import AXES, ID, MOST, NAME, OWN_FIELDS
from grader.exercises.parse import BLOCKS, CASE, FORMAT, HEAD, NEEDED, PACKAGES, SWEEP
from grader.exercises.signature import BLOCKS as SIGNATURE_BLOCKS
from grader.exercises.signature import CALL
from grader.model.exercise import OWN, Drawn, OwnMisconception, Slide
from grader.model.signature import LETTERS
from grader.ops import OPS, Op

Schema = dict[str, Any]
_REF = "#/$defs/{name}"
_ABOUT = {
    "format": "The version of this file format.",
    "id": "The file's name without `.yaml`.",
    "title": "The topic of the exercise, in a word or two.",
    "op": "The operator that the student implements.",
    "function": "The student's function with its parameters, named like the operator's inputs and fields, or a method.",
    "arguments": "What the parameters receive that are not named like the operator's inputs and fields.",
    "returns": "Where the operator's outputs are in what the function returns; `~` is a result that is ignored.",
    "fixed": "Fields of the operator that are the same in all cases and that the function does not receive.",
    "call": "How arguments are passed; by name, unless this says otherwise.",
    "tensors": "Arrays are torch tensors of this dtype, where torch is allowed.",
    "file": "The name of students' files in this course, where it is not the exercise's: `layers.py`.",
    "modules": "Files of the pack that programs can import, by their path as it is imported: `d2l/torch.py`.",
    "points": "How many points this is worth.",
    "task": "The text that the student reads.",
    "allow": "The packages that may be imported besides the standard library.",
    "forbid": "Operators of torch that a solution must not use, where torch is allowed.",
    "cases": "Written cases: each gives the inputs and the operator's fields.",
    "name": "The name of the case in a report.",
    "hidden": "Whether students see only if this case is right.",
    "sweep": "Generated cases.",
    "tolerance": "How far a student's answer may be off: atol × max(1, max|answer|) + rtol × |answer|.",
    "exact": "Whether an answer must be equal to the bit. Sizes, shapes and counts are, by default.",
    "reference": "Your own function that answers: `file.py:function`, in the folder of the spec.",
    "outputs": "The names of the results, where your own function returns several.",
    "draw": "Each parameter as `{shape: [H, W]}` or `{choose: [1, 2]}`, and each size in a shape as a range `[1, 4]`.",
    "misconceptions": "Wrong answers that the report is to name, each with the function that gives them.",
    "time_limit": "Seconds for a call with this case, instead of the exercise's limit.",
    "limits": "What a submission may use. Where torch is allowed, the defaults for memory and loading are higher.",
}


def _block(properties: Schema, *needed: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(needed), "additionalProperties": False}


_LINE: Schema = {"type": "string", "pattern": r"^\S(.*\S)?$"}
_GRID: Schema = {"anyOf": [{"type": "number"}, {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/grid"}}]}
_GAPS: Schema = {"anyOf": [{"type": ["number", "null"]}, {"type": "array", "items": {"$ref": "#/$defs/gaps"}}]}
_INPUT: Schema = {"anyOf": [{"$ref": "#/$defs/grid"}, {"type": "string", "pattern": r"\.(npy|png)$"}]}
_OWN: Schema = {  # what describes an author's own function goes with `op: torch`
    "if": {"properties": {"op": {"const": OWN}}, "required": ["op"]},
    "then": {
        "properties": {
            "cases": {"items": {"$ref": f"#/$defs/case-{OWN}"}},
            "sweep": {
                "properties": {"count": {"type": "integer"}, "channels": {"maxItems": 0}, "batch": {"maxItems": 0}}
            },
        },
        "required": ["reference", "draw"],
    },
    "else": {"properties": dict.fromkeys(OWN_FIELDS, False)},
}
_TORCH: Schema = {  # operators can be forbidden only where torch is allowed
    "if": {"properties": {"forbid": {"minItems": 1}}, "required": ["forbid"]},
    "then": {"properties": {"allow": {"contains": {"const": "torch"}}}, "required": ["allow"]},
}
_ANY = {"$ref": "#/$defs/argument"}
_SHAPE: Schema = {"type": "array", "items": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]}}
_AXES: Schema = {"type": "string", "pattern": f"^[{LETTERS}]*$"}
_ARGUMENT: Schema = {
    "anyOf": [
        {"type": "string", "description": "One of the operator's inputs or fields."},
        _block({"is": {"type": "string"}, "axes": _AXES, "shape": _SHAPE, "as": {"enum": ["number", "pair"]}}, "is"),
        _block({"keys": {"type": "object", "minProperties": 1, "additionalProperties": _ANY}}, "keys"),
        _block({"value": {"type": ["string", "number", "boolean", "null"]}}, "value"),
        _block(
            {
                "from": {"type": "string", "pattern": f"^{SIGNATURE.pattern}$"},
                "op": {"enum": list(OPS)},
                "arguments": {"type": "object", "additionalProperties": _ANY},
                "returns": {"$ref": "#/$defs/results"},
            },
            "from",
            "op",
        ),
    ]
}
_RESULT: Schema = {
    "anyOf": [
        {"type": "string"},
        _block({"is": {"type": "string"}, "axes": _AXES, "shape": _SHAPE, "name": {"type": "string"}}),
    ]
}
_ONE = {"$ref": "#/$defs/result"}
_RESULTS: Schema = {
    "anyOf": [
        _ONE,
        {"type": "array", "items": {"anyOf": [_ONE, {"type": "null"}]}},
        _block({"keys": {"type": "object", "additionalProperties": {"anyOf": [_ONE, {"type": "null"}]}}}, "keys"),
    ]
}
_SIGNATURE: dict[str, Schema] = {
    "arguments": {"type": "object", "additionalProperties": _ANY},
    "returns": {"$ref": "#/$defs/results"},
    "fixed": {},
    "modules": {"type": "object", "propertyNames": {"pattern": PATH}, "additionalProperties": {"type": "string"}},
}
_LIMITED: dict[str, Schema] = {
    "format": {"const": FORMAT},
    "title": _LINE,
    "op": {"enum": [*OPS, OWN]},
    "function": {"type": "string", "pattern": f"^({SIGNATURE.pattern}|{METHOD.pattern})$"},
    "file": {"type": "string", "pattern": r"^[^/\\\\]+\.(py|ipynb)$"},
    "points": {"type": "number", "exclusiveMinimum": 0},
    "allow": {"type": "array", "items": {"enum": list(PACKAGES)}},
    "reference": {"type": "string", "pattern": r"^[^:]+\.py:[A-Za-z_]\w*$"},
    "outputs": {
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": {"type": "string", "pattern": f"^{NAME.pattern}$"},
    },
    "forbid": {"type": "array", "items": {"anyOf": [{"enum": list(FAMILIES)}, {"pattern": LITERAL}]}},
}


def schema() -> Schema:
    """Return the schema of a spec."""
    kinds = [*BLOCKS.values(), Slide, Drawn, OwnMisconception, *OPS.values()]
    refs, defs = msgspec.json.schema_components(kinds, ref_template=_REF)
    structs = {kind: defs.pop(ref["$ref"].rpartition("/")[2]) for kind, ref in zip(kinds, refs, strict=True)}
    for kind in BLOCKS.values():
        defs[kind.__name__] = _bounded(structs[kind])
    defs |= {"grid": _GRID, "gaps": _GAPS, "argument": _ARGUMENT, "result": _RESULT, "results": _RESULTS}
    defs |= {"input": _INPUT, "drawn": _drawn(structs[Drawn])}
    defs["misconception"] = structs[OwnMisconception]
    for field in defs["misconception"]["properties"].values():
        field |= {"pattern": r"\S"}
    for name, op in OPS.items():
        defs[f"case-{name}"] = _case(op, structs[op], structs[Slide])
    defs[f"case-{OWN}"] = _own_case(structs[Slide])
    head = {name: {**_plain(kind), **_LIMITED.get(name, {}), **_about(name)} for name, kind in (HEAD | CALL).items()}
    head |= {name: {**_SIGNATURE[name], **_about(name)} for name in (*SIGNATURE_BLOCKS, "modules")}
    blocks = {name: {"$ref": _REF.format(name=kind.__name__), **_about(name)} for name, kind in BLOCKS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An exercise of torch-grader",
        "type": "object",
        "properties": {**head, "cases": {"type": "array", **_about("cases")}, **blocks, **_own_blocks()},
        "required": list(NEEDED),
        "anyOf": [{"required": ["cases"], "properties": {"cases": {"minItems": 1}}}, {"required": ["sweep"]}],
        "additionalProperties": False,
        "allOf": [*(rule for name, op in OPS.items() for rule in _chosen(name, op, structs[op])), _OWN, _TORCH],
        "$defs": dict(sorted(defs.items())),
    }


def _chosen(name: str, op: type[Op], struct: Schema) -> list[Schema]:
    """Return what the choice of an operator implies, and what each case must give where nothing is `fixed`."""
    then: Schema = {"cases": {"items": {"$ref": _REF.format(name=f"case-{name}")}}}
    then["fixed"] = {"type": "object", "properties": struct["properties"], "additionalProperties": False}
    if not hasattr(op, "every"):
        then["sweep"] = {"properties": {"count": {"type": "integer"}}}
    if op.lead is Op.lead:
        none: Schema = {"maxItems": 0}
        then["sweep"] = {"properties": {**then.get("sweep", {}).get("properties", {}), "channels": none, "batch": none}}
    chosen: Schema = {"properties": {"op": {"const": name}}, "required": ["op"]}
    needed = {"cases": {"items": {"required": required(op)}}}
    varied = {**chosen, "not": {"required": ["fixed"]}}
    return [{"if": chosen, "then": {"properties": then}}, {"if": varied, "then": {"properties": needed}}]


def _case(op: type[Op], struct: Schema, slide: Schema) -> Schema:
    own = _of_every_case()
    grid: Schema = {"$ref": _REF.format(name="input")}
    inputs = {name: {**grid, **({"default": op.defaults[name]} if name in op.defaults else {})} for name in op.names}
    return {
        "title": struct["title"],
        "description": struct["description"],
        "type": "object",
        "properties": {**own, **inputs, **struct["properties"], "slide": _slide(op, slide)},
        "required": ["name"],
        "additionalProperties": False,
    }


def _of_every_case() -> dict[str, Schema]:
    own = {name: {**_plain(kind), **_about(name)} for name, kind in CASE.items()}
    own["name"] |= {**_LINE, "not": {"pattern": "^sweep( |$)"}}
    own["points"] |= {"minimum": 0}
    own["time_limit"] |= {"exclusiveMinimum": 0, "maximum": 100_000}
    return own


def _own_case(slide: Schema) -> Schema:
    """Return the schema of a case that an author's own function answers: the spec itself says what its inputs are."""
    gaps: Schema = {"slide": {**slide, "properties": {**slide["properties"], "answer": {}}}}
    properties, parameter = {**_of_every_case(), **gaps}, {"type": ["number", "array", "string", "boolean"]}
    return {"type": "object", "properties": properties, "required": ["name"], "additionalProperties": parameter}


def _own_blocks() -> Schema:
    """Return the schema of the blocks that describe an author's own function."""
    number: Schema = {"type": "integer", "minimum": 1, "maximum": CELLS}
    size: Schema = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
    either: Schema = {"if": {"type": "array"}, "then": size, "else": {"$ref": _REF.format(name="drawn")}}
    names = {"propertyNames": {"pattern": f"^{NAME.pattern}$"}}
    known: Schema = {"$ref": _REF.format(name="misconception")}
    ids = {"propertyNames": {"pattern": f"^{ID.pattern}$"}}
    return {
        "draw": {"type": "object", **names, "additionalProperties": either, **_about("draw")},
        "misconceptions": {"type": "object", **ids, "additionalProperties": known, **_about("misconceptions")},
    }


def _drawn(struct: Schema) -> Schema:
    """A parameter has either a shape or values to choose from."""
    axis: Schema = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]}
    number: Schema = {"type": "number", "minimum": -MOST, "maximum": MOST}
    bounds: dict[str, Schema] = {
        "shape": {"type": "array", "items": axis, "maxItems": AXES},
        "choose": {"minItems": 1},
        "values": {"prefixItems": [number, number]},
    }
    properties = {name: {**field, **bounds.get(name, {})} for name, field in struct["properties"].items()}
    properties["shape"].pop("anyOf", None)
    array: Schema = {"required": ["shape"], "properties": {"choose": False}}
    chosen: Schema = {"required": ["choose"], "maxProperties": 1}
    return {**struct, "properties": properties, "oneOf": [array, chosen]}


def _slide(op: type[Op], struct: Schema) -> Schema:
    answer: Schema = {"$ref": _REF.format(name="gaps")}
    if len(op.outputs) > 1:
        size = len(op.outputs)
        answer = {"type": "array", "items": answer, "minItems": size, "maxItems": size}
    return {**struct, "properties": {**struct["properties"], "answer": answer}}


def _bounded(struct: Schema) -> Schema:
    """Add the bounds that `check_head` checks."""
    leading: Schema = {"items": {"type": "integer", "minimum": 1, "maximum": LEADING}}
    bounds: dict[str, Schema] = {
        "count": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": SWEEP}, {"const": "all"}]},
        "seed": {},
        "points": {"minimum": 0},
        "channels": leading,
        "batch": leading,
        "rtol": {"minimum": 0, "maximum": 1},
        "atol": {"minimum": 0, "maximum": 1},
    }
    properties = {
        name: {**field, **bounds.get(name, {"exclusiveMinimum": 0, "maximum": 100_000})}
        for name, field in struct["properties"].items()
    }
    return {**struct, "properties": properties}


def _plain(kind: Any) -> Schema:
    return msgspec.json.schema(kind)


def _about(name: str) -> Schema:
    return {"description": _ABOUT[name]} if name in _ABOUT else {}


def text() -> str:
    """Return the text of the stored schema."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the schema to standard output."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(text())


if __name__ == "__main__":
    main()
