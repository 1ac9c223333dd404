"""Read YAML with the place of every value, and collect everything that is wrong with it.

Only plain data is read (YAML 1.2's core schema without tags and aliases), so that no text is slow to read or executed.
"""

from __future__ import annotations

import math
import re
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

import msgspec
import yaml

from grader.errors import GradeError, Problem, listed, near

Keys = tuple[str | int | None, ...]  # leads to a value; a None after a key means the key itself
LARGEST = 256 * 1024  # characters, fifty times a spec of twenty cases
DEEPEST = 16
_CONSTANTS = {w: v for v, ws in {None: ("", "~", "null"), True: ("true",), False: ("false",)}.items() for w in ws}
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_INNER = re.compile(r"\[(\d+)\]|\.(\w+)")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Spec:
    """The data of one YAML file, the place of each value in it, and the problems found so far.

    `whole` is what messages call the content of the file.
    """

    def __init__(self, file: str, text: str, whole: str = "the exercise") -> None:
        self.file, self.whole, self.data = file, whole, None  # type: tuple[str, str, Any]
        self.files: dict[str, str] = {}  # of the pack, that the spec names: their digests
        self._problems: list[tuple[tuple[int, int], Problem]] = []
        self._places: dict[Keys, tuple[int, int]] = {(): (1, 1)}
        self._bad: set[Keys] = set()
        self._read(text)

    def bad(self, path: Keys) -> bool:
        """Tell whether a problem was noted at `path` or below."""
        return path in self._bad

    def wrong(self, path: Keys, says: str, help: str) -> None:
        """Note a problem with the value at `path`, or else with the nearest block around it."""
        self._bad.update(path[:i] for i in range(len(path) + 1))
        while path not in self._places:
            path = path[:-1]
        self._note(self._places[path], says, help)

    def raise_problems(self) -> None:
        """Raise GradeError with all problems noted, in the order of the file, if there are any."""
        if self._problems:
            raise GradeError(*(problem for _, problem in sorted(self._problems, key=lambda noted: noted[0])))

    def fields(
        self, path: Keys, kinds: dict[str, Any], needed: Iterable[str] = (), skip: Iterable[str] = ()
    ) -> dict[str, Any]:
        """Return the fields of the mapping at `path`, each converted to its type; note what does not fit.

        Fields named in `skip` are known but left as they are.
        """
        block = self.data
        for key in path:
            block = block[key]
        if not isinstance(block, dict):
            if not self.bad(path):
                self.wrong(path, f"{_name(path, self.whole)} must be a mapping of fields", "write `field: value` lines")
            return {}
        known, found = [*kinds, *skip], {}
        for name, value in block.items():
            if name not in known:
                help = near(name, known) or f"known here: {listed(known)}"
                self.wrong((*path, name, None), f"{_name(path, self.whole)} has an unknown field {named(name)}", help)
            elif name in kinds and not self.bad((*path, name)):
                try:
                    found[name] = msgspec.convert(value, kinds[name])
                except msgspec.ValidationError as error:
                    self._misfit((*path, name), value, kinds[name], str(error))
        for name in needed:
            if name not in block:
                self.wrong(path, f"{_name(path, self.whole)} has no `{name}`", f"add `{name}: …`")
        return found

    def struct(self, path: Keys, kind: type[msgspec.Struct]) -> dict[str, Any]:
        """Return the fields of the mapping at `path` that belong to a struct."""
        fields = msgspec.structs.fields(kind)
        needed = [field.name for field in fields if field.required]
        return self.fields(path, {field.name: field.type for field in fields}, needed)

    def _misfit(self, path: Keys, value: Any, kind: Any, error: str) -> None:
        says, _, where = error.partition(" - at `$")
        inner = [int(i) if i else n for i, n in _INNER.findall(where)]
        for key in inner:
            value = value[key]
        wanted, known, unknown = described(kind), list(dict.fromkeys(_words(kind))), _UNKNOWN.fullmatch(says)
        if unknown:
            says, inner, value = f"unknown field {named(unknown[1])}", [*inner, unknown[1], None], unknown[1]
        elif wanted:
            says = f"{word(value)} is not valid"
        help = f"give {wanted}" if wanted else f"known fields and kinds: {listed(known)}"
        if kind == tuple[str, ...] and isinstance(value, str):
            help = f"give a list: {named(f'[{value}]')}"
        help = (near(value, known) if isinstance(value, str) else "") or help
        self.wrong((*path, *inner), f"`{path[-1]}`: {says[0].lower()}{says[1:]}", help)

    def _note(self, at: tuple[int, int], says: str, help: str) -> None:
        self._problems.append((at, Problem(says, help, f"{self.file}:{at[0]}:{at[1]}")))

    def _read(self, text: str) -> None:
        if len(text) > LARGEST:
            self._note(
                (1, 1), f"the file is larger than {LARGEST // 1024} KiB", "make the grids smaller, or use a sweep"
            )
            self.raise_problems()
        bad = yaml.reader.Reader.NON_PRINTABLE.search(text)
        if bad:
            lines = text[: bad.start()].split("\n")
            says = f"this is not valid YAML: it contains the control character U+{ord(bad.group()):04X}"
            self._note((len(lines), len(lines[-1]) + 1), says, "remove it, and save the file as UTF-8 text")
            self.raise_problems()
        events = yaml.parse(text, Loader=_LOADER)
        try:
            starts = (event for event in events if isinstance(event, yaml.DocumentStartEvent))
            if next(starts, None):
                self.data = self._node(events, next(events), ())
            second = next(starts, None)
            if second:
                self._note(_at(second.start_mark), "a second document begins here", "keep one exercise in one file")
        except yaml.MarkedYAMLError as error:
            mark, begun = error.problem_mark or error.context_mark, error.context_mark
            says = " ".join(filter(None, (error.context, error.problem)))
            if mark and begun and begun.line < mark.line:
                says += f" (begun at {begun.line + 1}:{begun.column + 1})"
            help = "check the indentation, brackets and quotes before here"
            if mark and text[mark.index : mark.index + 1] == "\t":
                help = "use spaces, not tabs"
            elif mark and text[mark.index : mark.index + 1] in ("@", "`", "%"):
                help = "put text that begins with this character in quotes"
            elif "mapping values" in says:
                help = "put text with a colon in quotes, or check the indentation"
            self._note(_at(mark), f"this is not valid YAML: {says}", help)
            self.raise_problems()
        except (yaml.YAMLError, ValueError) as error:  # which the pure Python parser raises for a few texts
            self._note((1, 1), f"this is not valid YAML: {named(str(error))}", "save the file as UTF-8 text")
            self.raise_problems()

    def _node(self, events: Iterator[Any], event: Any, path: Keys) -> Any:
        self._places[path] = _at(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            return self.wrong(path, f"{_name(path, self.whole)} is an alias (`*{event.anchor}`)", "write the value out")
        if event.tag:
            tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
            self.wrong(path, f"{_name(path, self.whole)} has the tag {named(tag)}", "remove it: a spec is plain data")
        if isinstance(event, yaml.ScalarEvent):
            return _plain(event.value) if event.implicit[0] else event.value
        if len(path) > DEEPEST:
            self.wrong(path, f"lists and mappings go deeper than {DEEPEST} here", "a grid has two axes, an array four")
            self.raise_problems()  # stop reading: the parser needs too long for deep structures
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(item := next(events), yaml.SequenceEndEvent):
                items.append(self._node(events, item, (*path, len(items))))
            return items
        return self._mapping(events, path)

    def _mapping(self, events: Iterator[Any], path: Keys) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            if isinstance(key, yaml.ScalarEvent):
                name = str(key.value)
                self._node(events, key, (*path, name, None))
                if name in data:
                    self.wrong((*path, name, None), f"{named(name)} is set twice", "keep one of them")
                data[name] = self._node(events, next(events), (*path, name))
            else:
                self._node(events, key, (*path, None))
                self.wrong((*path, None), "a field's name must be a plain word", "write `field: value`")
                self._node(events, next(events), (*path, None, 0))
        return data


def _at(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _plain(text: str) -> Any:
    """Read an unquoted word. Infinities and NaN stay text, so that they are not valid as a number."""
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def word(value: Any) -> str:
    """Write a value in backticks, as an author would write it, on one short line."""
    if isinstance(value, list | dict):
        return f"a list of {len(value)}" if isinstance(value, list) else "a mapping"
    if value is None or isinstance(value, bool):
        return "`null`" if value is None else f"`{value}`".lower()
    quoted = isinstance(value, str) and not isinstance(_plain(value), str)
    return named(f'"{value}"' if quoted else str(value))


def named(text: str) -> str:
    """Write a name in backticks, on one short line."""
    text = " ".join(text.split())
    return f"`{text if len(text) <= 40 else text[:39] + '…'}`"


def described(kind: Any) -> str:
    """Describe in words which values a type accepts; an empty string where no words are known."""
    simple = {
        int: "a whole number",
        float: "a number",
        str: "text (in quotes if necessary)",
        bool: "`true` or `false`",
    }
    if kind in simple:
        return simple[kind]
    args = typing.get_args(kind)
    if typing.get_origin(kind) is Annotated:
        return str(args[1].description or described(args[0]))
    if typing.get_origin(kind) is Literal:
        return listed(args).replace(", ", " or ")
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        parts = [described(arg) for arg in args if arg is not type(None)]
        return " or ".join(parts) if all(parts) else ""
    if typing.get_origin(kind) is tuple and args == (int, int):
        return "a pair [rows, columns]"
    if typing.get_origin(kind) in (tuple, list):
        item = described(args[0])
        plain = {str: "a list of words in brackets", int: "a list of whole numbers"}
        return plain.get(args[0]) or (f"a list of items that are each {item}" if item else "")
    return ""


def _words(kind: Any) -> Iterator[str]:
    """Yield the words that a type accepts: those of a Literal, or the fields and tags of structs."""
    if typing.get_origin(kind) is Literal:
        yield from map(str, typing.get_args(kind))
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from (str(kind.__struct_config__.tag), *kind.__struct_fields__)
    else:
        for arg in typing.get_args(kind):
            yield from _words(arg)


def _name(path: Keys, whole: str) -> str:
    """Name the block that the keys lead to, for a message."""
    if not path or path[-1] is None:
        return "a field's name" if path else whole
    if isinstance(path[-1], int):
        of = path[-2] if len(path) > 1 else None
        return f"item {path[-1] + 1} of {named(of)}" if isinstance(of, str) else "an item"
    return named(path[-1])
