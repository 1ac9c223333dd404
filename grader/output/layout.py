"""Where lines stand: set in from the left, and blocks side by side as far as the terminal is wide.

rich's own padding fills the lines that it folds with spaces up to the terminal's width; logs and pasted text keep them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

LEAST = 20  # columns; a narrower place folds nothing more


class Indented(NamedTuple):
    """Any renderable, some columns to the right, without spaces at the ends of its lines."""

    item: RenderableType
    columns: int = 2

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(LEAST, options.max_width - self.columns)
        for line in console.render_lines(self.item, options.update(width=width), pad=False):
            yield from _stripped([Segment(" " * self.columns), *line])
            yield Segment.line()


class Beside(NamedTuple):
    """Blocks of lines next to each other; those for which the place is too narrow stand below."""

    blocks: Sequence[Sequence[Text]]
    gap: int = 4

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        for row in self.rows(options.max_width):
            yield from _side_by_side(row, self.gap)

    def rows(self, most: int) -> Iterator[list[Sequence[Text]]]:
        """Yield the blocks that fit beside each other into so many columns."""
        row: list[Sequence[Text]] = []
        used = 0
        for block in self.blocks:
            width = _width(block)
            if row and used + self.gap + width > most:
                yield row
                row, used = [], 0
            used += width + (self.gap if row else 0)
            row.append(block)
        if row:
            yield row


def _side_by_side(blocks: Sequence[Sequence[Text]], gap: int) -> Iterator[Text]:
    for i in range(max(map(len, blocks))):
        line = Text()
        for block in blocks:
            cell = block[i].copy() if i < len(block) else Text()
            cell.append(" " * (_width(block) - cell.cell_len + gap))
            line.append_text(cell)
        line.rstrip()
        yield line


def _width(block: Sequence[Text]) -> int:
    return max((text.cell_len for text in block), default=0)


def _stripped(line: list[Segment]) -> list[Segment]:
    """Return a line without the spaces at its end."""
    while line and not line[-1].text.strip(" "):
        line = line[:-1]
    return [*line[:-1], Segment(line[-1].text.rstrip(" "), line[-1].style)] if line else line
