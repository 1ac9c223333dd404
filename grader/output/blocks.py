"""Indented blocks of lines, and blocks side by side.

rich's own padding fills lines with spaces up to the terminal's width, which logs and pasted text would keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from grader.text import BAR, clean

MOST = 100_000  # characters of a program's text
_MARKS = frozenset("✓✗│")
LEAST = 20  # columns: text is never folded to less
WIDEST = 100  # columns: further to the right, the eye would lose the line


class Indented(NamedTuple):
    """A renderable some columns to the right, without spaces at the ends of its lines."""

    item: RenderableType
    columns: int = 2

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(LEAST, options.max_width - self.columns)
        for line in console.render_lines(self.item, options.update(width=width), pad=False):
            yield from _stripped([Segment(" " * self.columns), *line])
            yield Segment.line()


class Aligned(NamedTuple):
    """A line with a few words at its right end. If it is folded, they stand in its first line."""

    item: Text
    right: Text
    columns: int = 0  # from the left

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(WIDEST, options.max_width) - self.columns
        room = max(LEAST, width - self.right.cell_len - 2)
        for number, line in enumerate(self.item.wrap(console, room)):
            line.rstrip()
            if not number and self.right:
                line.append(" " * max(1, width - line.cell_len - self.right.cell_len)).append_text(self.right)
            yield Text(" " * self.columns).append_text(line)


class Quoted(NamedTuple):
    """A program's text, with a bar before each line, also where a long line is folded; a single line needs none.

    Without the bar its lines could pass for the grader's own. A sentence of the grader's `own`, which holds no more
    than names of the program's, needs none unless they hold marks as the grader draws them.
    """

    text: str
    style: str = ""
    always: bool = False
    own: bool = False
    mark: str = ""  # the grader's, before the text
    cut: bool = False  # long lines are cut instead of folded

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = clean(self.text, MOST)
        text = Text(f"{self.mark}{shown}", self.style, no_wrap=self.cut, overflow="ellipsis" if self.cut else None)
        own = self.own and not _MARKS.intersection(shown)
        lines = console.render_lines(text, options, pad=False)
        if own or (len(lines) == 1 and not self.always):
            for line in lines:
                yield from (*_stripped(line), Segment.line())
            return
        bar = Segment(BAR, console.get_style(self.style))
        width = max(LEAST, options.max_width - len(BAR))
        for line in console.render_lines(text, options.update(width=width), pad=False):
            yield from (*_stripped([bar, *line]), Segment.line())


class Beside(NamedTuple):
    """Blocks of lines next to each other; those that do not fit go below."""

    blocks: Sequence[Sequence[Text]]
    gap: int = 4

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        for row in self.rows(options.max_width):
            yield from _side_by_side(row, self.gap)

    def rows(self, most: int) -> Iterator[list[Sequence[Text]]]:
        """Yield the blocks that fit next to each other into `most` columns."""
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
    """Remove the spaces at the end of a line."""
    while line and not line[-1].text.strip(" "):
        line = line[:-1]
    return [*line[:-1], Segment(line[-1].text.rstrip(" "), line[-1].style)] if line else line
