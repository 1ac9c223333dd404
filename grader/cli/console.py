"""What the commands share: how they are listed, where the exercises are, how a result is printed, a file begun."""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from grader.cli.commands import COMMANDS, SECTIONS
from grader.errors import EnvironmentTrouble, GradeError, Problem

NEAREST = {  # where a terminal cannot write our signs: right and wrong must not look the same
    "✓": "+",
    "✗": "x",
    "·": "-",
    "×": "x",
    "−": "-",
    "–": "-",
    "…": "...",
    "│": "|",
    "█": "#",
    "▏": "|",
    "≤": "<=",
    "≥": ">=",
    "∞": "inf",
}


class Sectioned(click.Group):
    """A group that shows its commands by those who need them, and how it is called without one."""

    def list_commands(self, _: click.Context) -> list[str]:
        return [*COMMANDS]

    def format_usage(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("grade", "[EXERCISE [PATH]] [OPTIONS]")
        formatter.write_usage("grade", "COMMAND …", prefix="       ")

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, self.commands))
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{n:{widest}}", self.commands[n].get_short_help_str(80)) for n in names])


def create(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raise GradeError where one is, or where none can be written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        help = "it is left as it is; rename it to begin anew"
        raise GradeError(Problem(f"`{path}` is there already", help)) from None
    except OSError as error:
        help = "go to a folder of your own"
        raise GradeError(Problem(f"`{path}` cannot be written: {error.strerror}", help)) from None


def standing() -> None:
    """Raise GradeError where the folder that we are in has been removed: no path leads anywhere from there."""
    try:
        os.getcwd()
    except OSError:
        raise GradeError(Problem("the folder that you are in is gone", "`cd` to one that is there")) from None


def write(data: bytes) -> None:
    """Write a document to standard output, in UTF-8 whatever the terminal speaks."""
    with _readers_may_leave():
        if sys.stdout is not None:
            stream = getattr(sys.stdout, "buffer", None)
            stream.write(data) if stream else sys.stdout.write(data.decode())
            sys.stdout.flush()


def show(item: Any) -> None:
    """Print a renderable or text, wrapped to the terminal, or to 100 columns where there is none."""
    from rich.console import Console

    if sys.stdout is None:  # closed by whoever started us: `grade ex1 >&-`
        return
    if hasattr(sys.stdout, "reconfigure"):
        codecs.register_error("nearest", _nearest)
        sys.stdout.reconfigure(errors="nearest")
    plain = bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
    width = None if sys.stdout.isatty() else 100
    console = Console(
        width=width, color_system=None if plain else "auto", highlight=False, markup=False, emoji=False,
        force_jupyter=False,
    )  # fmt: skip
    console.on_broken_pipe = _broken  # type: ignore[method-assign]
    with _readers_may_leave():
        console.print(item, markup=False)
        sys.stdout.flush()


def _nearest(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(NEAREST.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def _broken() -> None:
    raise BrokenPipeError


@contextlib.contextmanager
def _readers_may_leave() -> Iterator[None]:
    """Go on to the exit code when a reader like `head` has left. Raise EnvironmentTrouble where the disk is full."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as error:
        says = f"standard output cannot be written: {error.strerror}"
        raise EnvironmentTrouble(Problem(says, "is the disk full?")) from None


@contextlib.contextmanager
def progress(title: str) -> Iterator[Callable[[int, int, float, str], None]]:
    """Yield what shows how far something is: a bar, or a line now and then where there is no terminal.

    It takes done, total, per second, and another title from now on, or an empty one.
    """
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

        def tell(done: int, total: int, rate: float, now: str) -> None:
            bar.update(task, completed=done, total=total, rate=f"{rate:.0f}/s", description=now or title)

        yield tell


def _lines(title: str, every: float = 5.0) -> Callable[[int, int, float, str], None]:
    """Return what writes a plain line now and then, for a log."""
    last, shown = time.monotonic(), title

    def tell(done: int, total: int, rate: float, now: str) -> None:
        nonlocal last, shown
        moment = time.monotonic()
        if moment - last >= every or (now or title) != shown:
            last, shown = moment, now or title
            left = f", {(total - done) / rate:.0f} s left" if rate and not now else ""
            show(f"{shown}: {done} of {total}, {rate:.0f}/s{left}")

    return tell
