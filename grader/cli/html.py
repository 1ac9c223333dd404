"""`--html FILE` and `--open`: where a page goes, and who shows it. Only a page of ours is ever overwritten."""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.errors import EnvironmentTrouble, GradeError, Problem
from grader.text import one_line

_BEGINNING = 4096  # bytes that tell whose a file is

html_option = click.option(
    "--html", type=click.Path(), metavar="FILE", help="Write the result as a page that a browser shows."
)
open_option = click.option("--open", "open_", is_flag=True, help="Open that page in the browser.")


def target(html: str | None, open_: bool, usual: str) -> Path | None:
    """Return where the page goes, or None where none is wanted; `--open` alone writes the `usual` file.

    Raise GradeError for a file that is not a page of ours: it would be lost.
    """
    if html is None and not open_:
        return None
    path = Path(html or usual)
    try:
        with path.open("rb") as file:
            beginning = file.read(_BEGINNING)
    except FileNotFoundError:
        return path
    except OSError as error:
        raise GradeError(
            Problem(f"`{one_line(str(path))}` cannot be a page: {error.strerror}", "name a file")
        ) from None
    from grader.output.html.document import is_ours

    if not is_ours(beginning):
        says = f"`{one_line(str(path))}` exists and is not a page that `grade` wrote"
        raise GradeError(Problem(says, "choose another name: `--html page.html`"))
    return path


def create_folder(path: Path) -> None:
    """Create a folder for pages, if it does not exist."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        says = f"`{one_line(str(path))}` cannot be a folder for pages: {error.strerror}"
        raise EnvironmentTrouble(Problem(says, "give the name of a new folder")) from None


def write_page(path: Path, text: str, open_: bool = False, quiet: bool = False, private: bool = False) -> None:
    """Write a page whole or not at all, and open it in the browser if there is one; say where it is unless `quiet`.

    That goes to standard error: a document for a program may be on standard output.
    """
    from grader.files import replace

    try:
        replace(path, text.encode(), private)
    except OSError as error:
        says = f"`{one_line(str(path))}` cannot be written: {error.strerror}"
        raise EnvironmentTrouble(Problem(says, "check that the folder exists and is writable")) from None
    if not quiet:
        click.echo(f"wrote {one_line(str(path))}", err=True)
    if open_ and not _opened(path):
        click.echo(f"no browser was found: open {one_line(path.resolve().as_uri())} yourself", err=True)


def _opened(path: Path) -> bool:
    """Show a page in the browser, and tell whether there is one. Browsers in a terminal would take the terminal."""
    import webbrowser

    if os.name == "posix" and os.uname().sysname == "Linux" and not _display():
        return False
    try:
        return webbrowser.open(path.resolve().as_uri())
    except webbrowser.Error:
        return False


def _display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"))
