"""Check that every format makes a well-formed document of a report: `wellformed(report)`.

Nothing that a student wrote may act as a command, move the cursor, calculate or link anything.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.model.report import Report, Verdict, to_json
from grader.output import FORMATS, Context, github, load
from grader.output.report_text import misconceptions

SCHEMAS = Path(__file__).parent / "data" / "schemas"
PUBLISHED = Path(__file__).parent.parent / "schema"
TOKEN = "0123456789abcdef0123456789abcdef"
HERE = "/home/runner/work/cnn"
CONTEXT = Context(
    when="2026-01-02T03:04:05Z",
    token=TOKEN,
    here=HERE,
    env={
        "GITHUB_WORKSPACE": HERE,
        "CLASSROOM": "cnn-2026",
        "ASSIGNMENT": "week-1",
        "ASSIGNMENT_TYPE": "individual",
        "USERNAME": "octocat",
        "SUBMISSION_TAG": "submit/20260102T030405Z-0123456",
        "COMMIT_URL": "https://github.com/cnn/week-1-octocat/commit/0123456",
        "RELEASE_URL": "https://github.com/cnn/week-1-octocat/releases/tag/submit",
    },
)
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
OURS = re.compile(r"::(error|warning|notice) ((?:file=([^,:]+),)?(?:line=(\d+),)?title=([^,:]*))::([^\r\n]*)")
COMMAND = re.compile(r"\s*(::|##\[)")  # GitHub's runner strips a line, then looks for these
LINKS = {"html_inline", "html_block", "link_open", "image"}


def harmful(text: str) -> list[str]:
    """Return the characters that could move a cursor, turn the reading direction or hide text."""
    found = [c for c in text if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") and c not in "\n\t"]
    return found + [c for c in text if unicodedata.bidirectional(c) in BIDI]


def made(name: str, results: Sequence[Report], single: bool = True) -> str:
    """Return a format's document, with the same context each time."""
    return load(name).document(results, CONTEXT._replace(single=single))


def wellformed(report: Report) -> None:
    """Check all documents of one report against the rules of their formats."""
    for name, check in RULES.items():
        check([report], made(name, [report]))
    check_markdown([report], github.summary([report], CONTEXT))
    check_outputs([report], github.outputs([report], CONTEXT))


_SHAPES: set[tuple[str, ...]] = set()


def wellformed_shape(report: Report) -> None:
    """Check the documents of a report against the rules of their formats, unless one of the same shape has been.

    Two reports have the same shape if their JSON differs in words and numbers only: every character that could end a
    field, turn into markup or move a cursor is at the same place. Verdicts and isolation are compared as they are.
    """
    alike = msgspec.structs.replace(report, seconds=0.0, versions={})
    words = [check.verdict.value for check in report.checks]
    shape = (re.sub(r"[A-Za-z0-9]+", "a", to_json(alike).decode()), report.isolation.level, *words)
    if shape not in _SHAPES:
        wellformed(report)
        _SHAPES.add(shape)


def check_terminal(_: Sequence[Report], text: str) -> None:
    assert harmful(text) == []
    assert not [line for line in text.splitlines() if COMMAND.match(line)]


def check_json(results: Sequence[Report], text: str) -> None:
    value = json.loads(text)
    schema("report").validate(value)
    assert msgspec.convert(value if isinstance(value, list) else [value], list[Report]) == [*results]


def check_junit(results: Sequence[Report], text: str) -> ElementTree.Element:
    assert harmful(text) == []
    root = ElementTree.fromstring(text)
    cases = list(root.iter("testcase"))
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    for result, suite in zip(results, root, strict=True):
        check_tests(result, [case.get("name") for case in suite.iter("testcase")])
        wrong = [check for check in result.checks if check.verdict is not Verdict.correct]
        ours = [check for check in wrong if check.verdict is Verdict.internal_error]
        assert bool(list(suite.iter("error"))) == bool(ours)
        assert bool([*suite.iter("failure"), *suite.iter("error")]) == bool(wrong)
    for suites in (root, *root):
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert suites.get(count) == str(len(list(suites.iter(tag))))
    return root


def check_tests(result: Report, names: Sequence[str | None]) -> None:
    """Check that there is a test per written case, or one for all, one for the sweep and one for the hidden cases."""
    shown = [check for check in result.checks if not check.hidden]
    written = sum(not check.generated for check in shown)
    most = written + (len(shown) > written) + (len(shown) < len(result.checks)) + bool(misconceptions(result))
    one_for_all = 1 + (len(shown) < len(result.checks))
    assert len(names) == most or (len(names) == one_for_all and names[0] == "all cases") or not result.checks


def check_github(_: Sequence[Report], text: str) -> None:
    """Read the lines as the runner does: each command is one of ours, and while commands are stopped there are none."""
    assert harmful(text) == []
    lines = text.split("\n")
    assert lines.pop() == ""
    stop = lines.index(f"::stop-commands::{TOKEN}")
    assert all(OURS.fullmatch(line) for line in lines[:stop])
    assert lines[-1] == f"::{TOKEN}::"
    assert not [line for line in lines[stop + 1 : -1] if COMMAND.match(line)]
    assert 1 <= stop <= 10  # GitHub shows no more of a step


def check_outputs(_: Sequence[Report], text: str) -> None:
    assert re.fullmatch(r"(score=[\d.]+\nmax_score=[\d.]+\npassed=(true|false)\n)?", text)


def check_gradescope(results: Sequence[Report], text: str) -> None:
    document = json.loads(text)
    schema("gradescope").validate(document)
    assert not [text for text in texts(document) if harmful(text)]
    for number, result in enumerate(results, 1):
        tests = [test for test in document["tests"] if test["number"].partition(".")[0] == str(number)]
        check_tests(result, [test["name"].partition(": ")[2] for test in tests])
        assert sum(test["visibility"] == "hidden" for test in tests) == any(check.hidden for check in result.checks)
    ours = any(check.verdict is Verdict.internal_error for result in results for check in result.checks)
    assert ("score" in document) != ours
    if not ours:
        assert sum(Decimal(str(test["score"])) for test in document["tests"]) == Decimal(str(document["score"]))
    check_markdown(results, document["output"])


def check_prairielearn(results: Sequence[Report], text: str) -> None:
    assert len(text.encode()) < 1_000_000
    document = json.loads(text)
    schema("prairielearn").validate(document)
    assert not [text for text in texts(document) if harmful(text)]
    points, most = (sum(Decimal(str(t[key])) for t in document["tests"]) for key in ("points", "max_points"))
    if document["gradable"]:
        assert abs(document["score"] * float(most) - float(points)) < 1e-6
    ours = [check for result in results for check in result.checks if check.verdict is Verdict.internal_error]
    assert document["gradable"] != bool(ours)
    for result in results:  # a hidden test shows no more than a count
        if any(check.hidden for check in result.checks):
            assert any(re.fullmatch(r"(\d+ of \d+ hidden cases right)?", t["message"]) for t in document["tests"])
            assert any(t["name"].endswith(": hidden") and t["output"] == "" for t in document["tests"])


def check_classroom50(results: Sequence[Report], text: str) -> None:
    document = json.loads(text)
    schema("classroom50").validate(document)
    assert not [text for text in texts(document) if harmful(text)]
    for part in ("score", "max-score"):
        assert sum(test[part] for test in document["tests"]) == document[part]
    for result, test in zip(results, document["tests"], strict=True):
        assert (test["score"] == test["max-score"]) == (result.score >= result.max_score)


def check_markdown(results: Sequence[Report], text: str) -> None:
    """Read it as GitHub would: only our own headings, tables and code, and no mentions."""
    assert harmful(text) == []
    tokens = list(flat(MarkdownIt("commonmark").enable("table").parse(text)))
    assert not [token for token in tokens if token.type in LINKS]
    headings = [b.content for a, b in pairwise(tokens) if a.type == "heading_open"]
    assert len(headings) == len(results)
    prose = [token.content for token in tokens if token.type == "text"]
    assert not [words for words in prose if re.search(r"@\w|://|www\.|#\d|\$\$", words)]


def check_csv(results: Sequence[Report], text: str) -> None:
    assert harmful(text) == []
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert len(rows) == sum(len(result.checks) for result in results)
    assert {len(row) for row in rows} <= {len(header)}
    assert not [cell for row in rows for cell in row if re.match(r"\s*[=+@-]|[\t\r]", cell)]


RULES = {
    "terminal": check_terminal,
    "json": check_json,
    "junit": check_junit,
    "github": check_github,
    "gradescope": check_gradescope,
    "classroom50": check_classroom50,
    "prairielearn": check_prairielearn,
    "markdown": check_markdown,
    "csv": check_csv,
}
assert set(RULES) == set(FORMATS)


@cache
def schema(name: str) -> jsonschema.Draft202012Validator:
    """Return a validator for one of data/schemas, or for the report's, which this project publishes."""
    folder = PUBLISHED if name == "report" else SCHEMAS
    return jsonschema.Draft202012Validator(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


def flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or ())


def texts(value: Any) -> Iterator[str]:
    """Yield every text of a document, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(key)
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
