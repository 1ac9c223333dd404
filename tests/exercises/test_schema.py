"""The schema that editors use: fresh, valid, and of one mind with the parser wherever a schema can be."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from conftest import DATA, ROOT, python

from grader.exercises.parse import HEAD
from grader.exercises.schema import schema, text
from grader.ops import OPS

STORED = ROOT / "schema" / "exercise.json"
INVALID = sorted((DATA / "invalid").glob("*.yaml"))

# What a schema cannot see: these are faults of the text, of what parts have to do with each other, or of meaning.
BLIND = {
    "the text itself": ("yaml-", "not-utf8", "alias", "tag-", "duplicate-", "deep", "merge-key", "key-list"),
    "YAML's words for what is not a finite number": ("grid-nan", "grid-infinite", "points-infinite"),
    "the file's name": ("id-",),
    "the function and the operator": ("function-twice", "function-keyword", "function-unknown-", "function-lacks-"),
    "how the function is called": ("called-",),
    "the function and a case": ("case-field-not-given", "case-input-not-given"),
    "exactness": ("tolerance-exact",),
    "sums": ("points-do-not-", "points-with-"),
    "other cases": ("name-twice",),
    "the operator's own rules": (
        "stride-zero",
        "pool-stride-zero",
        "padding-negative",
        "padding-huge",
        "padding-same-",
    ),
    "the files of the pack": ("own-file-", "own-misconception-elsewhere", "modules-file"),
    "the parameters, sizes and cases of an author's own function": (
        "own-parameter-",
        "own-size-backwards",
        "own-size-is-",
        "own-size-un",
        "own-draw-",
        "own-values-backwards",
        "own-values-fractions",
        "own-dtype-fraction",
        "own-dtype-not-whole",
        "own-case-",
        "own-sweep-too-many",
    ),
    "sizes": (
        "kernel-too-large",
        "answer-too-large",
        "grid-overflow",
        "grid-ragged",
        "grid-number-for-row",
        "grid-axes",
        "slide-ragged",
    ),
}
UNSEEN = tuple(prefix for prefixes in BLIND.values() for prefix in prefixes)
SEEN = [path for path in INVALID if not path.stem.startswith(UNSEEN)]


class Loader(yaml.SafeLoader):
    """Reads YAML 1.2's words, as editors and the grader do: `yes` is text."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def data(path: Path) -> Any:
    return yaml.load(path.read_bytes().decode("utf-8-sig"), Loader)


VALIDATOR = jsonschema.Draft202012Validator(schema())


def accepts(value: Any) -> bool:
    return bool(VALIDATOR.is_valid(value))


def test_the_stored_schema_is_fresh() -> None:
    stored = STORED.read_text(encoding="utf-8")
    assert stored == text(), "run `python -m grader.exercises.schema > schema/exercise.json`"


def test_the_command_writes_it() -> None:
    done = subprocess.run(python("-m", "grader.exercises.schema"), capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.decode() == text()


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from parts(item)


def test_every_reference_leads_somewhere_and_every_definition_is_used() -> None:
    refs = {part["$ref"] for part in parts(schema()) if "$ref" in part}
    assert refs == {f"#/$defs/{name}" for name in schema()["$defs"]}


def test_no_block_is_open() -> None:
    blocks = [part for part in parts(schema()) if part.get("type") == "object"]
    assert len(blocks) > len(OPS)
    open_ones = [block for block in blocks if block["additionalProperties"] is not False]
    named = [block for block in open_ones if "properties" in block]  # the others have names that an author chooses
    assert named == [schema()["$defs"]["case-torch"]]  # which has both
    assert all(isinstance(block["additionalProperties"], dict) for block in open_ones)


def test_every_field_of_every_operator_is_known() -> None:
    assert set(HEAD) <= set(schema()["properties"])
    cases = schema()["$defs"]
    for name, op in OPS.items():
        assert {*op.names, *op.__struct_fields__, "slide"} <= set(cases[f"case-{name}"]["properties"])


@pytest.mark.parametrize("path", sorted((ROOT / "exercises").glob("*.yaml")), ids=lambda path: path.stem)
def test_it_accepts_the_exercises_of_the_course(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=../schema/exercise.json\n")
    VALIDATOR.validate(data(path))


@pytest.mark.parametrize("path", SEEN, ids=lambda path: path.stem)
def test_it_refuses_a_broken_structure(path: Path) -> None:
    assert not accepts(data(path))


def test_most_faults_are_seen_and_each_kind_of_blindness_has_its_files() -> None:
    assert len(SEEN) > len(INVALID) / 2
    assert all(any(path.stem.startswith(prefix) for path in INVALID) for prefix in UNSEEN)
    kinds = ("unknown", "text", "number", "bool", "null", "list", "word")
    assert all(any(kind in path.stem for path in SEEN) for kind in kinds)


@pytest.mark.parametrize("path", [path for path in INVALID if path not in SEEN], ids=lambda path: path.stem)
def test_blindness_is_not_claimed_without_need(path: Path) -> None:
    """What is listed as unseen is accepted, or is not YAML for other parsers either."""
    try:
        value = data(path)
    except (yaml.YAMLError, UnicodeDecodeError):
        return
    assert accepts(value)


def test_an_operator_chooses_what_a_case_may_hold() -> None:
    head = {"format": 1, "id": "t", "title": "T", "points": 1}
    case = {"name": "a", "a": [[1]], "b": [[1]]}
    assert accepts({**head, "op": "mul", "function": "f(a, b)", "cases": [case]})
    assert not accepts({**head, "op": "conv2d", "function": "f(a, b)", "cases": [case]})
    assert not accepts({**head, "op": "mul", "function": "f(a, b)", "cases": [{**case, "stride": 1}]})


def test_a_slide_may_leave_cells_out_and_an_input_may_not() -> None:
    head = {"format": 1, "id": "t", "title": "T", "points": 1, "op": "mul", "function": "f(a, b)"}
    slide = {"where": "here", "answer": [[1, None], [None, 2]]}
    assert accepts({**head, "cases": [{"name": "a", "a": [[1]], "b": [[1]], "slide": slide}]})
    assert not accepts({**head, "cases": [{"name": "a", "a": [[None]], "b": [[1]]}]})
