"""Read what each parameter of a function receives, and what it returns: the blocks `arguments` and `returns`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from grader.errors import listed, near
from grader.exercises.yaml import Keys, Spec, named, word
from grader.model.exercise import OWN, Argument, Earlier, Form, Signature, View, parameters_of
from grader.model.signature import LETTERS
from grader.ops import OPS, Op

_NAMES = r"[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*"
SIGNATURE = re.compile(rf"\s*([A-Za-z_]\w*)\(\s*({_NAMES})\s*\)\s*")
METHOD = re.compile(rf"\s*([A-Za-z_]\w*)\(\s*({_NAMES})?\s*\)\.([A-Za-z_]\w*)\(\s*({_NAMES})\s*\)\s*")
ARGUMENT: dict[str, Any] = {"is": str, "axes": str, "square": bool, "as": Literal["number", "pair", "rows", "columns"]}
KINDS = ("is", "keys", "value", "from")
RESULT: dict[str, Any] = {"is": str, "axes": str, "name": str}
_KIND = "write `is: NAME` for an input or field, `keys: {…}` for a dictionary, `value: …` for a constant"


def check_function(spec: Spec, path: Keys, function: str) -> tuple[str, ...]:
    """Return the parameters in a function's text, or none and note what is wrong with it."""
    match = SIGNATURE.fullmatch(function) or METHOD.fullmatch(function)
    if not match:
        help = "write it like `conv2d(input, kernel, bias)`, or `Conv2d(stride).forward(input)` for a class"
        spec.wrong(path, f"`{path[-1]}` is not a signature", help)
        return ()
    parameters = parameters_of(function)
    names = [match[1], *([match[3]] if match.re is METHOD else [])]
    for name in (*names, *dict.fromkeys(parameters)):
        if keyword.iskeyword(name):
            spec.wrong(path, f"`{name}` is a Python keyword", "choose another name")
    for name in dict.fromkeys(name for name in parameters if parameters.count(name) > 1):
        spec.wrong(path, f"`{path[-1]}` has the parameter `{name}` twice", "keep one of them")
    return () if spec.bad(path) else parameters


class Returned(NamedTuple):
    """What a function returns: a signature without arguments, the outputs' names, the item that a cache is."""

    signature: Signature
    names: tuple[str, ...]
    cache: int | str | None = None


def plain(op: type[Op]) -> Returned:
    return Returned(Signature({}, tuple(map(View, op.outputs))), op.outputs)


class Reader:
    """Reads the arguments and results of one function; `used` collects the operator's names, with their places."""

    def __init__(self, spec: Spec, op_name: str, op: type[Op], backward: Sequence[str] = ()) -> None:
        self.spec, self.op_name, self.op, self.backward = spec, op_name, op, backward
        self.known = (*op.names, *op.__struct_fields__)
        self.used: list[tuple[str, Keys]] = []
        self.parts: dict[str, list[str]] = {}  # of each: the rows of a pair, its columns, or all of it
        self.has_earlier = False

    def arguments(self, function: Keys, path: Keys, parameters: Iterable[str]) -> dict[str, Argument]:
        """Read the block at `path`; a parameter that is not in it is the operator's input or field of its name."""
        block = _at(self.spec, path)
        if block is not None and not isinstance(block, dict):
            self.spec.wrong(path, "`arguments` must be a mapping", "write `parameter: {is: input}` lines")
            return {}
        for name in block or ():
            if name not in parameters:
                help = near(name, parameters) or f"it has {listed(parameters)}"
                self.spec.wrong((*path, name, None), f"the function has no parameter {named(name)}", help)
        found: dict[str, Argument] = {}
        for name in parameters:
            if block and name in block:
                found[name] = self.argument((*path, name), block[name])
            else:
                found[name] = self.named(function, name)
        return found

    def argument(self, path: Keys, raw: Any, inner: bool = False) -> Argument:
        """Read what one parameter, or one item of a dictionary, receives."""
        if isinstance(raw, str):
            return self.named(path, raw)
        kinds = [kind for kind in KINDS if isinstance(raw, dict) and kind in raw]
        if isinstance(raw, dict) and len(kinds) != 1:
            both = f"has both {' and '.join(f'`{kind}`' for kind in kinds)}"
            self.spec.wrong(path, f"`{path[-1]}` {both if kinds else 'says nothing about its content'}", _KIND)
            return Argument()
        skip = {"is": ("shape",), "keys": ("keys",), "value": ("value",), "from": ("arguments", "returns")}
        types = {"is": ARGUMENT, "from": {"from": str, "op": str}}
        kind = kinds[0] if kinds else "is"
        fields = self.spec.fields(path, types.get(kind, {}), (), skip[kind])
        if self.spec.bad(path):
            return Argument()
        if kind == "value":
            return self.constant((*path, "value"), raw["value"])
        if kind == "keys":
            return self.dictionary((*path, "keys"), raw["keys"])
        if kind == "from":
            return self.earlier(path, raw, fields, inner)
        form: Form = "" if fields.get("as") == "pair" else fields.get("as", "")
        found = self.named((*path, "is"), fields["is"], form)
        view = _view(self.spec, path, raw, fields)
        if found.view is None:
            for name in ("axes", "shape", "square"):
                if name in raw and found.field:
                    says = f"`{found.field}` is not an array, so it has no `{name}`"
                    self.spec.wrong((*path, name), says, f"remove `{name}`")
        elif "as" in fields:
            says = f"`{found.view.name}` is an array, and `as` is about numbers"
            self.spec.wrong((*path, "as"), says, "remove `as`")
        else:
            drawn = getattr(self.op, "described", {}).get(found.view.name)
            if drawn and len(view.axes) > len(drawn.shape):
                says = f"`axes: {view.axes}`: `{found.view.name}` has fewer axes under `draw`"
                self.spec.wrong((*path, "axes"), says, "write one letter for each axis of its `shape`")
            found = msgspec.structs.replace(found, view=msgspec.structs.replace(view, name=found.view.name))
        return found

    def named(self, path: Keys, name: str, form: Form = "") -> Argument:
        """Return the argument that is the operator's input or field of this name, or a part of it."""
        if name not in self.known:
            help = near(name, self.known) or f"`{self.op_name}` has {listed(self.known)}"
            if path == ("function",):
                says = f"the operator `{self.op_name}` has no parameter {named(name)}"
                if self.op_name == OWN:
                    help = f"describe it under `draw`, as `{name}: {{shape: [H, W]}}` or `{name}: {{choose: [1, 2]}}`"
                elif not near(name, self.known):
                    help += f"; `arguments: {{{name}: …}}` says what else it is"
            else:
                says = f"the operator `{self.op_name}` has no input or field {named(name)}"
            self.spec.wrong(path, says, help)
            return Argument()
        if self.parts.get(name, ()) and ("" in (form, *self.parts[name]) or form in self.parts[name]):
            self.spec.wrong(path, f"two parameters receive `{name}`", "remove one of them, or give it another content")
        self.used.append((name, path))
        self.parts.setdefault(name, []).append(form if form in ("rows", "columns") else "")
        if name in self.op.names:
            return Argument(View(name), whole=name in getattr(self.op, "whole", ()))
        return Argument(field=name, form=form)

    def constant(self, path: Keys, value: Any) -> Argument:
        if value is not None and not isinstance(value, str | int | float):
            self.spec.wrong(path, f"`value` is {word(value)}, not a constant", "give a word, a number, true or false")
            return Argument()
        return Argument(constant=value)

    def dictionary(self, path: Keys, raw: Any) -> Argument:
        if not isinstance(raw, dict) or not raw:
            self.spec.wrong(path, "`keys` must be a mapping", "write `keys: {pad: padding, stride: stride}`")
            return Argument()
        return Argument(keys={key: self.argument((*path, key), value, inner=True) for key, value in raw.items()})

    def earlier(self, path: Keys, raw: dict[str, Any], fields: dict[str, Any], inner: bool) -> Argument:
        """Read the earlier function of which this argument is an item of the result."""
        spec, op = self.spec, OPS.get(fields.get("op", ""))
        if "op" not in fields:
            spec.wrong(path, f"`{path[-1]}` has no `op`", "say which operator the earlier function computes")
        elif op is None:
            spec.wrong((*path, "op"), f"there is no operator {named(fields['op'])}", near(fields["op"], OPS))
        if inner or self.backward:
            spec.wrong(path, "an earlier function cannot have an earlier one itself", "give its arguments directly")
        if self.has_earlier:
            spec.wrong(path, "two arguments are results of earlier functions", "keep one of them")
        self.has_earlier = True
        parameters = check_function(spec, (*path, "from"), fields["from"])
        if METHOD.fullmatch(fields["from"]):
            spec.wrong((*path, "from"), "an earlier function cannot be a method", "name a function")
        if spec.bad(path) or op is None or not parameters:
            return Argument()
        if parameters_of(fields["from"]) and _name(fields["from"]) == _name(str(spec.data.get("function", ""))):
            spec.wrong((*path, "from"), f"`{_name(fields['from'])}` would run before itself", "name another function")
        reader = Reader(spec, fields["op"], op, self.known)
        arguments = reader.arguments((*path, "from"), (*path, "arguments"), parameters)
        default: Any = [*op.outputs, "cache"]
        returned = reader.returns((*path, "returns"), raw.get("returns", default), cache=True)
        for name, place in reader.used:
            if name not in self.known:
                says = f"`{self.op_name}` has no `{name}`, so its cases cannot give it to `{_name(fields['from'])}`"
                spec.wrong(place, says, f"`{self.op_name}` has {listed(self.known)}")
        used = [name for name, _ in reader.used]
        for name in required(op):
            if name not in used:
                says = f"`{fields['op']}` needs `{name}`, but `{_name(fields['from'])}` does not have this parameter"
                spec.wrong((*path, "from"), says, f"add `{name}` to its parameters")
        if spec.bad(path):
            return Argument()
        self.used += [(name, place) for name, place in reader.used if name not in {other for other, _ in self.used}]
        position, tensors = spec.data.get("call") == "by position", spec.data.get("tensors") or ""
        signature = msgspec.structs.replace(
            returned.signature, arguments=arguments, by_position=position, tensors=tensors
        )
        assert returned.cache is not None
        return Argument(earlier=Earlier(_name(fields["from"]), fields["op"], signature, returned.cache))

    def returns(self, path: Keys, raw: Any, cache: bool = False) -> Returned:
        """Read what the function returns: an output, a list of outputs with `~` for what is ignored, or `keys`."""
        spec, outputs = self.spec, self.op.outputs
        if isinstance(raw, dict) and "keys" in raw:
            spec.fields(path, {}, (), ("keys",))
            if not isinstance(raw["keys"], dict):
                spec.wrong((*path, "keys"), "`keys` must be a mapping", "write `keys: {out: output}`")
                return plain(self.op)
            items = [(key, (*path, "keys", key), value) for key, value in raw["keys"].items()]
        elif isinstance(raw, list):
            items = [(i, (*path, i), value) for i, value in enumerate(raw)]
        else:
            items = [(-1, path, raw)]
        found: dict[str, tuple[int | str, View, str]] = {}
        item: int | str | None = None
        for key, place, value in items:
            if value is None and key != -1:
                continue
            if value == "cache" and cache and item is None:
                item = key
                continue
            view, shown = self._result(place, value, key if isinstance(key, str) else "")
            if view and view.name in found:
                spec.wrong(place, f"two results are `{view.name}`", "write `~` for a result that is ignored")
            elif view:
                found[view.name] = key, view, shown
        if not spec.bad(path):
            if lacking := [name for name in outputs if name not in found]:
                many = f"`returns` lacks {listed(lacking)}"
                spec.wrong(path, many, f"say where {'it is' if len(lacking) == 1 else 'they are'} in the result")
            if cache and item is None:
                spec.wrong(path, "no result of the earlier function is the `cache`", "write `returns: [output, cache]`")
        if spec.bad(path):
            return plain(self.op)
        ordered = [found[name] for name in outputs]
        views, names = tuple(view for _, view, _ in ordered), tuple(name for _, _, name in ordered)
        if isinstance(raw, dict) and "keys" in raw:
            return Returned(Signature({}, views, keys=tuple(str(key) for key, _, _ in ordered)), names, item)
        if isinstance(raw, list):
            at = tuple(int(key) for key, _, _ in ordered)
            return Returned(Signature({}, views, items=at, of=len(raw)), names, item)
        return Returned(Signature({}, views), names)

    def _result(self, path: Keys, raw: Any, key: str) -> tuple[View | None, str]:
        """Read one output: how the student's array has it, and its name in messages, by default that of its key."""
        spec, outputs = self.spec, self.op.outputs
        fields = {"is": raw} if isinstance(raw, str) else spec.fields(path, RESULT, (), ("shape",))
        name = fields.get("is", outputs[0] if len(outputs) == 1 else "")
        if name not in outputs and not spec.bad(path):
            help = near(name, outputs) or f"`{self.op_name}` returns {listed(outputs)}; `~` is a result that is ignored"
            says = f"{named(name)} is not a result of `{self.op_name}`" if name else "`is` is missing here"
            spec.wrong(path, says, help)
        if spec.bad(path):
            return None, ""
        view = _view(spec, path, raw if isinstance(raw, dict) else {}, fields)
        return msgspec.structs.replace(view, name=name), fields.get("name", key or name)


def _view(spec: Spec, path: Keys, raw: dict[str, Any], fields: dict[str, Any]) -> View:
    """Read `axes` and `shape`."""
    axes, shape = fields.get("axes", ""), None
    if axes and (len(set(axes)) < len(axes) or not set(axes) <= set(LETTERS)):
        says = f"`axes`: {named(axes)} is not an order of axes"
        help = "write one letter for each axis in the student's order, as NHWC, or HWIO for a kernel"
        spec.wrong((*path, "axes"), says, help)
    if "shape" in raw:
        sizes = raw["shape"]
        whole = isinstance(sizes, list) and all(isinstance(n, int | str) and not isinstance(n, bool) for n in sizes)
        if not whole or sum(isinstance(n, str) or n < 0 for n in sizes) > 1 or 0 in sizes:
            help = "write numbers, and one letter for the size that varies, as [1, 1, 1, F]"
            spec.wrong((*path, "shape"), "`shape` must be a list of sizes with at most one letter", help)
        else:
            shape = tuple(n if isinstance(n, int) and n > 0 else -1 for n in sizes)
        if axes:
            spec.wrong(path, "`axes` and `shape` both order the cells", "keep one of them")
    return View("", axes, shape, fields.get("square", False))


def required(op: type[Op]) -> list[str]:
    """Return the inputs and fields that every case must give."""
    fields = [field.name for field in msgspec.structs.fields(op) if field.required]
    return [*(name for name in op.names if name not in op.defaults), *fields]


def _name(function: str) -> str:
    return function.partition("(")[0].strip()


def _at(spec: Spec, path: Keys) -> Any:
    block = spec.data
    for key in path:
        block = block.get(key) if isinstance(block, dict) else None
    return block
