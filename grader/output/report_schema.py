"""The JSON Schema of `--format json`, for programs that read it, generated from the types that write it.

`python -m grader.output.report_schema > schema/report.json` stores it. `format` changes when a program that reads the
document would have to change; new fields may be added without that.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from grader.model.report import Report

_REF = "#/$defs/{name}"
_ABOUT = {
    "format": "The version of this document's form.",
    "submission": "A digest of the program; empty if it could not be read.",
    "student": "The student's id; empty outside of a class.",
    "checks": "One item per case, with its points.",
    "score": "The points. They are not a mark if a check has the verdict `internal_error`.",
    "versions": (
        "The version of each part: `grader`, `python`, `numpy`, `references` (what computed the right answers) and "
        "`exercise` (the beginning of the SHA-256 digest of its YAML file)."
    ),
    "notes": "What else a student should know.",
    "file": "The file with the function; empty if it is not known.",
    "line": "The line of the function in `file`; 0 if it is not known, as in a notebook.",
    "cell": "The number of the code cell with the function, in a notebook; otherwise 0.",
}


def schema() -> dict[str, Any]:
    """Return the schema: a report if one exercise was requested, a list of reports for all in a folder."""
    [ref], parts = msgspec.json.schema_components([Report], ref_template=_REF)
    properties = parts["Report"]["properties"]
    described = {name: {**field, **_described(name)} for name, field in properties.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Report of torch-grader",
        "anyOf": [ref, {"type": "array", "items": ref}],
        "$defs": {**parts, "Report": {**parts["Report"], "properties": {**described, "format": _format(described)}}},
    }


def _described(name: str) -> dict[str, str]:
    return {"description": _ABOUT[name]} if name in _ABOUT else {}


def _format(described: dict[str, Any]) -> dict[str, Any]:
    return {"const": 1, "description": described["format"]["description"]}


def text() -> str:
    """Return the text of the stored schema."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the schema to standard output."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(text())


if __name__ == "__main__":
    main()
