"""The published schema of `--format json`: fresh, valid, and able to refuse."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import msgspec
import pytest
from conftest import DATA, ROOT, python

from grader.output.report_schema import schema, text

STORED = ROOT / "schema" / "report.json"
VALIDATOR = jsonschema.Draft202012Validator(schema())
DOCUMENTS = sorted((DATA / "golden" / "json").glob("*.json"))


def test_the_stored_schema_is_fresh() -> None:
    stored = STORED.read_text(encoding="utf-8")
    assert stored == text(), "run `python -m grader.output.report_schema > schema/report.json`"


def test_the_command_writes_it() -> None:
    done = subprocess.run(python("-m", "grader.output.report_schema"), capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.decode() == text()


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_it_accepts_every_report(path: Path) -> None:
    VALIDATOR.validate(json.loads(path.read_bytes()))


@pytest.mark.parametrize("wrong", [{"format": 2}, {"score": "3"}, {"checks": None}, {"versions": {"grader": 1}}])
def test_it_can_refuse(wrong: dict[str, object]) -> None:
    document = json.loads((DATA / "golden" / "json" / "right.json").read_bytes())
    assert VALIDATOR.is_valid(document)
    assert not VALIDATOR.is_valid(document | wrong)
    assert not VALIDATOR.is_valid([document, document | wrong])
    del document["exercise"]
    assert not VALIDATOR.is_valid(document)


def test_every_property_that_it_describes_exists() -> None:
    from grader.model.report import Report
    from grader.output import report_schema

    assert set(report_schema._ABOUT) <= {field.name for field in msgspec.structs.fields(Report)}
