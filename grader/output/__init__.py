"""How a Report looks: one module per format. They import the model and make words; nothing here decides anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, cast

from grader.model.report import Report

FORMATS = {  # name: the module here with its `document`; loaded when it is asked for, so that `grade ex1` pays for none
    "terminal": "plain",
    "json": "json",
    "junit": "junit",
    "github": "github",
    "gradescope": "gradescope",
    "classroom50": "classroom50",
    "markdown": "markdown",
    "csv": "csv",
}


class Context(NamedTuple):
    """What a document may hold besides its reports. The command looks it up; no format does.

    `when` is the time in UTC (ISO 8601), `token` a random word, `here` the working folder, `env` the environment, and
    `single` tells that one exercise was asked for, not all that are here.
    """

    when: str = ""
    token: str = ""
    here: str = ""
    env: Mapping[str, str] = {}
    single: bool = True


class Format(Protocol):
    """A module of FORMATS."""

    def document(self, results: Sequence[Report], context: Context) -> str: ...


def load(name: str) -> Format:
    """Return the format of this name."""
    from importlib import import_module

    return cast(Format, import_module(f"grader.output.{FORMATS[name]}"))
