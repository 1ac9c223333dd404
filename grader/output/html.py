"""What a terminal shows, as HTML: for notebooks and feedback files. rich escapes and colours the text."""

from __future__ import annotations

import io
from collections.abc import Iterable
from html import escape

from rich.console import Console, RenderableType

WIDTH = 100
# text.clean has already replaced control and bidirectional characters; rich escapes markup.
_PRE = (
    '<pre style="font-family:ui-monospace,Menlo,Consolas,monospace;line-height:1.35;overflow-x:auto">'
    "<code>{code}</code></pre>"
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<h1 style="font-family:sans-serif">{title}</h1>
{body}
</html>
"""


def fragment(item: RenderableType) -> str:
    """Return a renderable as one `<pre>` with inline styles."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor", highlight=False,
        markup=False, emoji=False, force_jupyter=False,
    )  # fmt: skip
    console.print(item, markup=False)
    return console.export_html(inline_styles=True, code_format=_PRE)


def page(title: str, fragments: Iterable[str]) -> str:
    """Return a whole page that runs no script and loads nothing; `fragments` are HTML, the title is text."""
    return _PAGE.format(title=escape(title), body="\n".join(fragments))
