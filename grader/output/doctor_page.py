"""What `grade doctor` prints: what the kernel offers, and which isolation levels work on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.model.machine import Tested
from grader.output.blocks import Indented


def page(offers: Mapping[str, str], levels: Sequence[Tested]) -> RenderableType:
    """Show what the kernel offers, then each isolation level: what it does, and what it does not prevent."""
    kernel, tested = _table(), _table()
    for name, text in offers.items():
        kernel.add_row(Text(f"{name}:"), Text(text))
    for result in levels:
        tested.add_row(Text(f"{'✓' if result.holds else '✗'} {result.level}"), Text(result.says))
        for weakness in result.weaknesses:
            tested.add_row("", Text(f"· {weakness}"))
        if result.remedy:
            tested.add_row("", Text(f"help: {result.remedy}"))
    lines = []
    working = [result.level for result in levels if result.holds]
    if working:
        lines.append(f"`grade EXERCISE` uses {working[0]}")
    if working[:1] == ["process"]:
        lines.append("`grade class` does not run other people's programs here: no sandbox is available")
    return Group(Indented(kernel, 0), "", Indented(tested, 0), "", *map(Text, lines))


def _table() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=16, no_wrap=True)
    table.add_column()
    return table
