"""Print to standard output, whatever the terminal can write and whoever reads it."""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from grader.errors import EnvironmentTrouble, GradeError, Problem

CLEARED = "\r\x1b[K"  # for a terminal: the line is empty, and the cursor at its beginning
NEAREST = {  # for terminals that cannot write our characters: right and wrong must not look the same
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


def write(data: bytes) -> None:
    """Write a document to standard output, in UTF-8 whatever the terminal's encoding."""
    with _output_errors():
        if sys.stdout is not None:
            stream = getattr(sys.stdout, "buffer", None)
            stream.write(data) if stream else sys.stdout.write(data.decode())
            sys.stdout.flush()


def show(item: Any) -> None:
    """Print a renderable or text, wrapped to the terminal, or to 100 columns where there is none."""
    from rich.console import Console

    if sys.stdout is None:  # closed by the caller: `grade ex1 >&-`
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
    console.on_broken_pipe = _raise_broken_pipe  # type: ignore[method-assign]
    with _output_errors():
        console.print(item, markup=False)
        sys.stdout.flush()


@contextlib.contextmanager
def running(title: str) -> Iterator[Callable[[str, float], None]]:
    """Yield what shows that something is still running, in a line that is removed at the end; nothing in a log."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    written = ""

    def notify(what: str, seconds: float) -> None:
        nonlocal written
        line = f"{title}: {what}, {seconds:.0f} s"
        if terminal and line != written:
            written = line
            sys.stderr.write(f"{CLEARED}{line}")
            sys.stderr.flush()

    try:
        yield notify
    finally:
        if written:
            sys.stderr.write(CLEARED)
            sys.stderr.flush()


def _nearest(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(NEAREST.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def _raise_broken_pipe() -> None:
    raise BrokenPipeError


@contextlib.contextmanager
def _output_errors() -> Iterator[None]:
    """Ignore a reader like `head` that has left, so that the exit code stays the work's. Name any other failure."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as error:
        says = f"standard output cannot be written: {error.strerror}"
        raise EnvironmentTrouble(Problem(says, "is the disk full?")) from None


def show_broken(exercises: Mapping[str, GradeError]) -> None:
    """Print what is wrong with exercises that cannot be graded: their author has to correct it."""
    for id, error in exercises.items():
        show(f"\n✗ {id} cannot be graded\n{error}")
