"""What a terminal shows, as text without colours: for every place that has room for a page of it."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType

WIDTH = 100


def plain(item: RenderableType) -> str:
    """Return a renderable as lines without spaces at their ends, the last one ended too."""
    file = io.StringIO()
    console = Console(
        file=file, width=WIDTH, color_system=None, highlight=False, markup=False, emoji=False, force_jupyter=False
    )
    console.print(item, markup=False)
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())
