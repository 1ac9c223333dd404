"""A diagnosis as a terminal shows it: the misconceptions, the exception, the condition, the smallest example."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import RenderableType
from rich.text import Text

from grader.model.exercise import Value
from grader.model.report import Crash, Diagnosis, Example
from grader.output.blocks import Beside, Indented, Quoted
from grader.output.crash_hints import HINTS
from grader.output.grid import grids, is_grids, written
from grader.text import one_line

MOST_EXPLANATIONS = 3
MOST_SOURCE = 80  # characters of a program's line, or of an exception beside grids


def diagnosis_lines(found: Diagnosis | None, above: str = "", pack: str = "") -> list[RenderableType]:
    """Show why it is wrong, as far as that is known: the misconception, the condition, the smallest case.

    `above` is the text of the cases, which is not repeated. `pack` ends the commands that are shown.
    """
    if found is None:
        return []
    lines = [*_misconceptions(found, pack), *crash_lines(found, above)]
    if found.condition:
        c = found.condition
        right = f"Right in all {c.right} cases with {c.otherwise}" if c.right else "Never right"
        lines.append(Indented(Text(f"{right}; wrong in all {c.wrong} with {c.when}.")))
    if found.smallest:
        lines.append(Indented(Text("Smallest case that shows it:")))
        lines += [Indented(line, 6) for line in example_lines(found.smallest)]
    return lines


def _misconceptions(found: Diagnosis, pack: str) -> list[RenderableType]:
    """Show the misconceptions that explain all answers; if several do equally well, an input on which they differ."""
    if len(found.misconceptions) == 1:
        return [_misconception(found.says[id], id, pack) for id in found.misconceptions[0]]
    lines: list[RenderableType] = []
    if found.misconceptions:
        lines.append(Indented(Text("One of these; they give the same answers here:", "bold yellow")))
    for ids in found.misconceptions[:MOST_EXPLANATIONS]:
        says = " And: ".join(found.says[id] for id in ids)
        lines.append(Indented(_misconception(says, ids[0], pack)))
    if found.apart:
        lines.append(Indented(Text("A call that tells them apart (`yours` is the first one's answer):"), 4))
        lines += [Indented(line, 6) for line in example_lines(found.apart)]
    return lines


def _misconception(says: str, id: str, pack: str) -> RenderableType:
    return Indented(Text.assemble((says, "bold yellow"), (f"  (grade explain {id}{pack})", "dim")))


def crash_lines(found: Diagnosis | None, above: str, named: bool = False) -> list[RenderableType]:
    """Show where a program crashes: the case, the line, the arguments, the usual cause.

    A message that is in the text `above` is not repeated; `named` means that the exception stands in the line above.
    """
    crash = found.crash if found else None
    if crash is None:
        return []
    times = f"{crash.cases} cases" if crash.cases > 1 else "1 case"
    where = f"in {times}, the smallest is `{crash.case}`:" if crash.case else f"in {times}"
    if f"{crash.type}: {crash.message}" not in above:
        where = f"{crash.type} {where} {crash.message}"
    elif not named:
        where = f"{crash.type} {where}"
    lines: list[RenderableType] = [Indented(Quoted(where))]
    lines += [Indented(line, 6) for line in (*_source_line(crash), *_crash_arguments(crash))]
    if crash.hint in HINTS:
        lines.append(Indented(Text(HINTS[crash.hint].advice, "yellow")))
    return lines


def _source_line(crash: Crash) -> list[Text]:
    if not crash.source:
        return []
    number = str(crash.line)
    shown = one_line(crash.source, MOST_SOURCE)
    source = [(f"{number} │ ", "dim"), shown, (f"   {one_line(crash.file, MOST_SOURCE)}", "dim")]
    mark = [(f"{' ' * len(number)} │ ", "dim"), ("^" * len(shown), "bold red")]
    return [Text.assemble(*line, no_wrap=True, overflow="ellipsis") for line in (source, mark)]


def _crash_arguments(crash: Crash) -> list[RenderableType]:
    shown = _argument_grids(crash.arguments)
    values = {name: written(value) for name, value in crash.arguments.items() if not _has_rows(value)}
    line = [f"{name} {'×'.join(map(str, shape))}" for name, shape in crash.shapes.items() if name not in values]
    line += [f"{name} {value}" for name, value in values.items()]
    return [*([Beside(shown)] if shown else []), *([Text(", ".join(line), "dim")] if line else [])]


def _argument_grids(arguments: Mapping[str, Value], axes: Mapping[str, str] = {}) -> list[list[Text]]:
    deep = {name: value for name, value in arguments.items() if _has_rows(value) and is_grids(value)}
    return [block for name, value in deep.items() for block in grids(name, value, axes=axes.get(name, ""))]


def example_lines(example: Example) -> list[RenderableType]:
    """Show a call: its arguments, the right answer and what was given."""
    line = [f"{name} {written(value)}" for name, value in example.arguments.items() if not _has_rows(value)]
    title, axes = f"expected {example.output}".rstrip(), example.axes.get(example.output, "")
    right, given = _blocks(title, example.expected, "", axes), _blocks("yours", example.given, example.text, axes)
    if [block[1:] for block in right] == [block[1:] for block in given]:  # only their axes differ
        right, given = [_as_text(title, example.expected)], [_as_text("yours", example.given)]
    alone = [Text(example.alone, "yellow")] if example.alone else []
    return [
        Beside([*_argument_grids(example.arguments, example.axes), *right, *given]),
        *([Text(", ".join(line), "dim")] if line else []),
        *alone,
    ]


def _blocks(title: str, value: Value, text: str, axes: str) -> list[list[Text]]:
    """Show a value as grids, or in words if it has none: an exception, nothing, several outputs."""
    if value is None or _is_empty(value):
        return [[Text(title, "dim"), Text(one_line(text, MOST_SOURCE) or "(empty)")]]
    if is_grids(value):
        return grids(title, value, axes=axes)
    return [_as_text(title, value)]


def _as_text(title: str, value: Value) -> list[Text]:
    return [Text(title, "dim"), Text(str(value)[:200])]


def _is_empty(value: Value) -> bool:
    return isinstance(value, list) and all(map(_is_empty, value))


def _has_rows(value: Value) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)
