"""Write the documents of a run: `--format X`, `--output X=FILE`. All of them are written, even if grading fails.

A student's program never sees these files: it runs in a process of its own, and they are written after it has ended.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from grader.cli.console import write
from grader.errors import EnvironmentTrouble, GradeError, Problem, fault
from grader.files import replace
from grader.model.report import Report
from grader.output import FORMATS, Context, load

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

    Where grading fails, the last report holds the failure. Raise EnvironmentTrouble where something cannot be written.
    """
    from grader.judging.grade import failed

    reports: list[Report] = []
    try:
        yield reports
    except Exception as error:
        at = exercises[len(reports) : len(reports) + 1] or ["no exercise"]
        theirs = str(error) if isinstance(error, GradeError) and error.exit_code == GradeError.exit_code else ""
        for problem in _written(chosen, [*reports, failed(at[0], fault(error))], single, theirs):
            click.echo(str(problem), err=True)
        raise
    if problems := _written(chosen, reports, single):
        raise EnvironmentTrouble(*problems)


def _written(chosen: Sequence[Sink], reports: Sequence[Report], single: bool, theirs: str = "") -> list[Problem]:
    """Write all documents, and return the problems of those that could not be written.

    `theirs` is what the caller or the student did wrong, if nothing could be graded.
    """
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    context = Context(when, os.urandom(16).hex(), os.getcwd(), os.environ, single, theirs)
    problems: list[Problem] = []
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
            problems.append(Problem(says, "check that the folder exists and is writable"))
    return problems


def _made(make: Callable[..., str], reports: Sequence[Report], context: Context, problems: list[Problem]) -> str:
    """Return the document; where making it fails, one that reports the failure: a fault of ours loses no report."""
    try:
        return make(reports, context)
    except Exception as error:
        from grader.judging.grade import failed

        problems.append(Problem(fault(error)))
        return make([failed(report.exercise, fault(error)) for report in reports], context)


def _write(path: str, text: str) -> None:
    """Write a document to a file, standard output, a device or a pipe."""
    data = text.encode(errors="replace")
    if path == STDOUT:
        write(data)
        return
    if os.path.exists(path) and not os.path.isfile(path):  # a device or a pipe: it cannot be replaced
        with open(os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)), "wb") as file:
            if hasattr(os, "set_blocking"):
                os.set_blocking(file.fileno(), True)
            file.write(data)
        return
    replace(Path(path), data)
