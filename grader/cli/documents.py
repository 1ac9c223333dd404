"""Write the documents of a run: `--format X`, `--output X=FILE`. All of them are written, even if grading fails.

A student's program never sees these files: it runs in a process of its own, and they are written after it has ended.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from grader.cli.console import write
from grader.cli.options import pack_words
from grader.errors import EnvironmentTrouble, GradeError, Problem, fault
from grader.files import replace
from grader.model.report import Report
from grader.output import FORMATS, Context, load
from grader.text import one_line

STDOUT = "-"


class Sink(NamedTuple):
    """A format, and the file it goes to."""

    format: str
    path: str = STDOUT


SCREEN = Sink("terminal")  # the command prints it itself, in colours and as wide as the terminal


def _parse(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[Sink]:
    """Read each `FORMAT` or `FORMAT=FILE`."""
    pairs = [value.partition("=") for value in values]
    for format, _, _ in pairs:
        if format not in FORMATS:
            raise click.BadParameter(f"{format!r} is not one of {', '.join(FORMATS)}", ctx, param)
    for _, _, path in pairs:
        if path.lower().endswith((".py", ".ipynb")):  # it would be overwritten
            raise click.BadParameter(f"`{path}` is a program; name another file for the result", ctx, param)
    return [Sink(format, path or STDOUT) for format, _, path in pairs]


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


format_option = click.option(
    "--format",
    type=click.Choice([*FORMATS]),
    help="How to print the result (default: terminal).",
)
output_option = click.option(
    "--output",
    multiple=True,
    metavar="FORMAT[=FILE]",
    callback=_parse,
    shell_complete=_complete,
    help="Also write the result to a file (`--output junit=report.xml`); repeatable.",
)


def sinks(format: str | None, outputs: Sequence[Sink]) -> list[Sink]:
    """Return where everything goes; the terminal is added where nothing else goes to standard output.

    Raise click.UsageError where two documents would go to one place.
    """
    chosen = [*([Sink(format)] if format else []), *outputs]
    paths = [sink.path if sink.path == STDOUT else os.path.abspath(sink.path) for sink in chosen]
    for sink, path in zip(chosen, paths, strict=True):
        if paths.count(path) > 1:
            where = "standard output" if sink.path == STDOUT else f"`{sink.path}`"
            raise click.UsageError(f"two outputs go to {where}; name a file: --output {sink.format}=FILE")
    return chosen if STDOUT in paths else [SCREEN, *chosen]


@contextlib.contextmanager
def delivered(chosen: Sequence[Sink], exercises: Sequence[str], single: bool) -> Iterator[list[Report]]:
    """Yield a list for the reports of `exercises`, and write all documents when the block ends, however it ends.

    Where grading fails, the last report holds the failure. Raise EnvironmentTrouble where something cannot be written;
    but if only a folder or link is in the way, which a student's repository may hold, wrong work stays wrong work.
    """
    from grader.judging.grade import failed

    reports: list[Report] = []
    try:
        yield reports
    except Exception as error:
        at = exercises[len(reports) : len(reports) + 1] or ["no exercise"]
        theirs = str(error) if isinstance(error, GradeError) and error.exit_code == GradeError.exit_code else ""
        troubles, obstacles = _written(chosen, [*reports, failed(at[0], fault(error))], single, theirs)
        for problem in (*troubles, *obstacles):
            click.echo(str(problem), err=True)
        raise
    troubles, obstacles = _written(chosen, reports, single)
    if troubles or (obstacles and all(report.passed for report in reports)):
        raise EnvironmentTrouble(*troubles, *obstacles)
    for problem in obstacles:
        click.echo(str(problem), err=True)


class _Unwritten(NamedTuple):
    """Why documents could not be written: troubles of the machine, and folders and links in their place."""

    troubles: list[Problem]
    obstacles: list[Problem]


def _written(chosen: Sequence[Sink], reports: Sequence[Report], single: bool, theirs: str = "") -> _Unwritten:
    """Write all documents, and return why some could not be written.

    `theirs` is what the caller or the student did wrong, if nothing could be graded.
    """
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    pack = pack_words(click.get_current_context())
    context = Context(when, os.urandom(16).hex(), os.getcwd(), os.environ, single, theirs, pack)
    problems: list[Problem] = []
    obstacles: list[Problem] = []
    for sink in chosen:
        if sink == SCREEN:
            continue
        format = load(sink.format)
        more: dict[str, Callable[..., str]] = getattr(format, "FILES", {})
        files = {os.environ[name]: make for name, make in more.items() if os.environ.get(name)}
        try:
            _write(sink.path, _made(format.document, reports, context, problems))
            for path, make in files.items():
                with open(path, "a", encoding="utf-8", errors="replace") as file:
                    file.write(_made(make, reports, context, problems))
        except EnvironmentTrouble as trouble:
            problems += trouble.problems
        except OSError as error:
            says = f"`{error.filename or sink.path}` cannot be written: {error.strerror}"
            if error.errno in (errno.EISDIR, errno.ELOOP):
                obstacles.append(Problem(says, f"remove what is in its place, or use `--output {sink.format}=FILE`"))
            else:
                problems.append(Problem(says, "check that the folder exists and is writable"))
    return _Unwritten(problems, obstacles)


def _made(make: Callable[..., str], reports: Sequence[Report], context: Context, problems: list[Problem]) -> str:
    """Return the document; where making it fails, one that reports the failure: a fault of ours loses no report."""
    try:
        return make(reports, context)
    except Exception as error:
        from grader.judging.grade import failed

        problems.append(Problem(fault(error)))
        return make([failed(report.exercise, fault(error)) for report in reports], context)


def _write(path: str, text: str) -> None:
    """Write a document to a file, standard output, or a device or pipe in `/dev`.

    Anything else than a file, such as a link in a student's repository, is replaced; only a folder cannot be.
    """
    data = text.encode(errors="replace")
    if path == STDOUT:
        write(data)
        return
    if path.startswith("/dev/"):
        with open(os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)), "wb") as file:
            if hasattr(os, "set_blocking"):
                os.set_blocking(file.fileno(), True)
            file.write(data)
        return
    where = Path(path)
    if os.path.isdir(path) and not os.path.islink(path):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", path)
    if not where.is_absolute() and (link := next(filter(os.path.islink, where.parents), None)):
        raise OSError(errno.ELOOP, f"`{one_line(str(link))}` is a link, and is not followed", path)
    replace(where, data)
