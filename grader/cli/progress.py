"""Show how far a run over a whole class is: a bar in a terminal, a line now and then in a log."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator

from grader.cli.console import show

Update = Callable[[int, int, float, str], None]  # done, total, per second, and a title for now (empty: the usual one)


@contextlib.contextmanager
def progress(title: str) -> Iterator[Update]:
    """Yield what shows the progress: a bar, or a line now and then where there is no terminal."""
    if sys.stdout is None or not sys.stdout.isatty():
        yield _lines(title)
        return
    from rich import progress as rich

    columns = (
        *(rich.TextColumn("{task.description}"), rich.BarColumn(), rich.MofNCompleteColumn()),
        *(rich.TextColumn("{task.fields[rate]}"), rich.TimeRemainingColumn()),
    )
    plain = bool(os.environ.get("NO_COLOR"))
    from rich.console import Console

    with rich.Progress(*columns, console=Console(no_color=plain), transient=True) as bar:
        task = bar.add_task(title, total=None, rate="")

        def update(done: int, total: int, rate: float, now: str) -> None:
            bar.update(task, completed=done, total=total, rate=f"{rate:.0f}/s", description=now or title)

        yield update


def _lines(title: str, every: float = 5.0) -> Update:
    """Return what prints a plain line now and then, for a log."""
    last, shown = time.monotonic(), title

    def update(done: int, total: int, rate: float, now: str) -> None:
        nonlocal last, shown
        moment = time.monotonic()
        if moment - last >= every or (now or title) != shown:
            last, shown = moment, now or title
            left = f", {(total - done) / rate:.0f} s left" if rate and not now else ""
            show(f"{shown}: {done} of {total}, {rate:.0f}/s{left}")

    return update
