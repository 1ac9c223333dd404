"""What a terminal shows, as text without colours: for every format that has room for a page of it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType

from grader.model.report import Report, Verdict
from grader.output import Context, terminal
from grader.output.words import parted, said, simplest_first
from grader.text import clean

WIDTH = 100
MOST = 100_000  # characters; a report has a twentieth of it


def document(results: Sequence[Report], _: Context) -> str:
    """Return the terminal's pages, one after the other."""
    return "\n".join(plain(terminal.report(result)) for result in results)


def pages(result: Report) -> Iterator[str]:
    """Yield what there is to say of each case: of a written one all, of the generated the simplest wrong one.

    Of other wrong ones it is a sentence, of right ones the remark that there may be.
    """
    simplest = simplest_first(parted(result)[1])[:1]
    for check in result.checks:
        if check.verdict is Verdict.correct:
            yield clean(check.text)
        elif check.generated and check not in simplest:
            yield clean(said(check))
        else:
            yield plain(Group(*terminal.case(check)))


def plain(item: RenderableType) -> str:
    """Return a renderable as cleaned lines without spaces at their ends, the last one ended too."""
    file = io.StringIO()
    console = Console(
        file=file, width=WIDTH, color_system=None, highlight=False, markup=False, emoji=False, force_jupyter=False
    )
    console.print(item, markup=False)
    return "".join(f"{line.rstrip()}\n" for line in clean(file.getvalue(), MOST).splitlines())
