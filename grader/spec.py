"""Read what an author wrote: YAML with a place for every value, and all that is wrong with it in one go.

Only plain data is read: no tags, no aliases, no key twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
import yaml

from grader.errors import GradeError, Problem, near

Path = tuple[str | int, ...]
_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp")}
_INNER = re.compile(r"\[(\d+)\]|\.(\w+)")


class Spec:
    """The data of one YAML file, the place of each value in it, and the problems found so far."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.problems = file, []  # type: tuple[str, list[Problem]]
        self._places: dict[Path, tuple[int, int]] = {}
        self._seen: set[int] = set()
        self._plain = yaml.constructor.SafeConstructor()
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            node = yaml.compose(text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
            says = " ".join(filter(None, (error.context, error.problem)))
            help = "use spaces, not tabs" if "\\t" in says else "check the indentation, brackets and colons before here"
            raise GradeError(Problem(f"this is no YAML: {says}", help, place)) from None
        except yaml.YAMLError as error:
            says = str(error).splitlines()[0]
            raise GradeError(Problem(f"this is no YAML: {says}", "save the file as UTF-8 text", file)) from None
        self.data = None if node is None else self._read(node, ())

    def place(self, path: Path) -> str:
        """Return ``file:line:column`` of a value, or of the nearest block around it."""
        while path and path not in self._places:
            path = path[:-1]
        line, column = self._places.get(path, (1, 1))
        return f"{self.file}:{line}:{column}"

    def wrong(self, path: Path, says: str, help: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(says, help, self.place(path)))

    def fields(
        self, path: Path, types: dict[str, Any], needed: Iterable[str] = (), skip: Iterable[str] = ()
    ) -> dict[str, Any]:
        """Return the fields of the mapping at `path`, each converted to its type; note what does not fit.

        Fields named in `skip` are known but left as they are.
        """
        block = self.data
        for key in path:
            block = block[key]
        if not isinstance(block, dict):
            self.wrong(path, f"{_name(path)} must be a mapping of fields", "write `field: value` lines")
            return {}
        known, found = [*types, *skip], {}
        for name, value in block.items():
            if name in types:
                try:
                    found[name] = msgspec.convert(value, types[name])
                except msgspec.ValidationError as error:
                    says, _, where = str(error).partition(" - at `$")
                    inner = tuple(int(i) if i else n for i, n in _INNER.findall(where))
                    self.wrong((*path, name, *inner), f"`{name}`: {says[0].lower()}{says[1:]}", _example(name))
            elif name not in known:
                help = near(str(name), known) or f"known here: {', '.join(known)}"
                self.wrong((*path, name, None), f"{_name(path)} has an unknown field `{name}`", help)  # type: ignore[arg-type]
        for name in needed:
            if name not in block:
                self.wrong(path, f"{_name(path)} has no `{name}`", f"add `{name}: …`")
        return found

    def raise_problems(self) -> None:
        """Raise GradeError with all problems noted, in the order of the file, if there are any."""
        if self.problems:
            raise GradeError(*sorted(self.problems, key=lambda p: [int(n) for n in p.place.split(":")[-2:]]))

    def _read(self, node: yaml.Node, path: Path) -> Any:
        self._places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if id(node) in self._seen:
            self.wrong(path, f"{_name(path)} is an alias (`*name`)", "write the value out")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            self._refuse_tag(node, path, "tag:yaml.org,2002:seq")
            return [self._read(item, (*path, i)) for i, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            self._refuse_tag(node, path, "tag:yaml.org,2002:map")
            return self._read_mapping(node, path)
        if node.tag not in _PLAIN:
            self._refuse_tag(node, path, "")
            return node.value
        if node.tag.endswith(("str", "timestamp")):
            return node.value
        try:
            return self._plain.construct_object(node)
        except (ValueError, yaml.YAMLError):
            return node.value

    def _read_mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            where = (*path, name, None)  # the place of the key itself
            self._places[where] = (key.start_mark.line + 1, key.start_mark.column + 1)  # type: ignore[index]
            if name in data:
                self.wrong(where, f"`{name}` is there twice", "keep one of them")  # type: ignore[arg-type]
            data[name] = self._read(value, (*path, name))
        return data

    def _refuse_tag(self, node: yaml.Node, path: Path, plain: str) -> None:
        if node.tag != plain:
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            self.wrong(path, f"{_name(path)} has the tag `{tag}`", "leave it away; a spec is plain data")


def _name(path: Path) -> str:
    """Say which block a path leads to."""
    if not path:
        return "the exercise"
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of `{path[-2]}`"
    return f"`{path[-1]}`"


def _example(name: str) -> str:
    return {
        "stride": "give a whole number, or a pair [rows, columns]",
        "padding": "give a whole number, a pair [rows, columns], `same` or `valid`",
        "dilation": "give a whole number, or a pair [rows, columns]",
        "kernel_size": "give a whole number, or a pair [rows, columns]",
        "sweep": "write `sweep: {count: 60, seed: 3}`",
        "slide": "write `slide: {where: …, answer: …}`",
    }.get(name, "")
