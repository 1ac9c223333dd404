"""Show how far a run over a whole class is: a bar in a terminal, a line now and then in a log. No phase is silent."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from grader.cli.console import CLEARED, show

EVERY = 4.0  # seconds without a sign at most
_Value = TypeVar("_Value")
Update = Callable[[int, int, float, str], None]  # done, total, per second, and a title for now (empty: the usual one)


@contextlib.contextmanager
def phase(title: str) -> Iterator[None]:
    """Show on standard error that a phase goes on: a line now and then in a log, one that is removed in a terminal.

    A document may be on standard output. A thread of its own writes: the phase may be one long call.
    """
    began, done = time.monotonic(), threading.Event()
    terminal = sys.stderr is not None and sys.stderr.isatty()

    def show_time() -> None:
        while not done.wait(EVERY):
            line = f"{title}: {time.monotonic() - began:.0f} s"
            with contextlib.suppress(OSError, ValueError):  # whoever reads it has left
                sys.stderr.write(f"{CLEARED}{line}" if terminal else f"{line}\n")
                sys.stderr.flush()

    thread = threading.Thread(target=show_time, daemon=True)
    if sys.stderr is not None:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if thread.is_alive():
            thread.join()
        if terminal and time.monotonic() - began > EVERY:
            sys.stderr.write(CLEARED)
            sys.stderr.flush()


@contextlib.contextmanager
def entering(title: str, manager: contextlib.AbstractContextManager[_Value]) -> Iterator[_Value]:
    """Enter a context whose beginning takes long, and show meanwhile that it goes on."""
    with contextlib.ExitStack() as stack:
        with phase(title):
            value = stack.enter_context(manager)
        yield value


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


def _lines(title: str, every: float = EVERY) -> Update:
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
