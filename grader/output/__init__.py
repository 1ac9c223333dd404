"""What a report looks like: one module per format. They turn frozen data into text and decide nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, cast

from grader.model.report import Report

FORMATS = {  # name: the module here with its `document`; loaded on request, so that `grade ex1` imports none of them
    "terminal": "plain_text",
    "json": "json",
    "junit": "junit",
    "github": "github",
    "gradescope": "gradescope",
    "classroom50": "classroom50",
    "prairielearn": "prairielearn",
    "markdown": "markdown",
    "csv": "csv",
}


class Context(NamedTuple):
    """What a document may hold besides its reports. The command collects it, so that formats stay pure.

    `when` is the time in UTC (ISO 8601), `token` a random word, `here` the working folder, `env` the environment.
    `single` is true if one exercise was requested, not all that are in the folder. `problem` says why nothing could be
    graded if that is the caller's or the student's business, such as an exercise that does not exist. `pack` ends the
    commands that are shown, where the exercises were found with ` --pack NAME`.
    """

    when: str = ""
    token: str = ""
    here: str = ""
    env: Mapping[str, str] = {}
    single: bool = True
    problem: str = ""
    pack: str = ""


class Format(Protocol):
    """A module of FORMATS."""

    def document(self, reports: Sequence[Report], context: Context) -> str: ...


def load(name: str) -> Format:
    """Return the format of this name."""
    from importlib import import_module

    return cast(Format, import_module(f"grader.output.{FORMATS[name]}"))
