"""What a terminal shows, as text without colours: for every format that has room for a page of it."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console, RenderableType

from grader.model.report import Report
from grader.output import Context, terminal
from grader.text import clean

WIDTH = 100
MOST = 100_000  # characters; a report has a twentieth of it


def document(reports: Sequence[Report], context: Context) -> str:
    """Return the terminal's pages, one after the other."""
    return "\n".join(plain(terminal.report(result, context.pack)) for result in reports)


def plain(item: RenderableType) -> str:
    """Return a renderable as cleaned lines, without spaces at their ends and with a newline after the last one."""
    file = io.StringIO()
    console = Console(
        file=file, width=WIDTH, color_system=None, highlight=False, markup=False, emoji=False, force_jupyter=False
    )
    console.print(item, markup=False)
    return "".join(f"{line.rstrip()}\n" for line in clean(file.getvalue(), MOST).splitlines())
