"""What a terminal shows, as text without colours: for every format that has room for a page of it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType

from grader.model.report import Report, Verdict
from grader.output import Context, terminal
from grader.output.report_text import parts, simplest_first, verdict_text
from grader.text import clean, quoted

WIDTH = 100
MOST = 100_000  # characters; a report has a twentieth of it


def document(reports: Sequence[Report], _: Context) -> str:
    """Return the terminal's pages, one after the other."""
    return "\n".join(plain(terminal.report(result)) for result in reports)


def pages(result: Report) -> Iterator[str]:
    """Yield a text for each case: a page for written cases and for the simplest wrong generated one.

    Other wrong cases get a sentence, right ones their remark if they have one.
    """
    simplest = simplest_first(parts(result).generated)[:1]
    for check in result.checks:
        if check.verdict is Verdict.correct:
            yield quoted(clean(check.text))
        elif check.generated and check not in simplest:
            yield quoted(clean(verdict_text(check)))
        else:
            yield plain(Group(*terminal.case(check)))


def plain(item: RenderableType) -> str:
    """Return a renderable as cleaned lines, without spaces at their ends and with a newline after the last one."""
    file = io.StringIO()
    console = Console(
        file=file, width=WIDTH, color_system=None, highlight=False, markup=False, emoji=False, force_jupyter=False
    )
    console.print(item, markup=False)
    return "".join(f"{line.rstrip()}\n" for line in clean(file.getvalue(), MOST).splitlines())
