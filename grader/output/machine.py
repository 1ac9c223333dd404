"""The page of `grade doctor`: the layers that a machine has, and the isolation levels that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.output.layout import Indented


class Tested(Protocol):
    """A tested isolation level (see probe.py)."""

    @property
    def level(self) -> str: ...
    @property
    def holds(self) -> bool: ...
    @property
    def says(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def weaknesses(self) -> Sequence[str]: ...


def machine(layers: Mapping[str, str], levels: Sequence[Tested]) -> RenderableType:
    """Return the page: the layers, then each isolation level with what it prevents and what it does not."""
    kernel, tested = _table(), _table()
    for name, says in layers.items():
        kernel.add_row(Text(f"{name}:"), Text(says))
    for level in levels:
        tested.add_row(Text(f"{'✓' if level.holds else '✗'} {level.level}"), Text(level.says))
        for weakness in level.weaknesses:
            tested.add_row("", Text(f"· {weakness}"))
        if level.remedy:
            tested.add_row("", Text(f"help: {level.remedy}"))
    usable = [level.level for level in levels if level.holds]
    lines = [f"`grade EXERCISE` uses {usable[0]}"] if usable else []
    if usable[:1] == ["process"]:
        lines.append("`grade class` does not run other people's programs here: no sandbox is available")
    return Group(Indented(kernel, 0), "", Indented(tested, 0), "", *map(Text, lines))


def _table() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=16, no_wrap=True)
    table.add_column()
    return table
