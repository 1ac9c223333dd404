"""What `grade doctor` prints: the layers that a machine has, and the walls that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.output.layout import Indented


class Attempt(Protocol):
    """What came of trying a wall (see probe.py)."""

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


def machine(layers: Mapping[str, str], attempts: Sequence[Attempt]) -> RenderableType:
    """Return the page: the layers, then each wall with what it is and what it does not hold back."""
    offers, tried = _table(), _table()
    for name, says in layers.items():
        offers.add_row(Text(f"{name}:"), Text(says))
    for attempt in attempts:
        tried.add_row(Text(f"{'✓' if attempt.holds else '✗'} {attempt.level}"), Text(attempt.says))
        for weakness in attempt.weaknesses:
            tried.add_row("", Text(f"· {weakness}"))
        if attempt.remedy:
            tried.add_row("", Text(f"help: {attempt.remedy}"))
    walls = [attempt.level for attempt in attempts if attempt.holds]
    lines = [f"`grade EXERCISE` uses {walls[0]}"] if walls else []
    if walls[:1] == ["process"]:
        lines.append("a class of strangers' programs is not run here: no wall holds")
    return Group(Indented(offers, 0), "", Indented(tried, 0), "", *map(Text, lines))


def _table() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=16, no_wrap=True)
    table.add_column()
    return table
