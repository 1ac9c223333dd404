"""Each format over the same stored reports: golden files, the formats' own schemas, and rules for any text at all.

`data/reports` are written by hand. To write the golden files again, run this file as a program, and read the diff:
`PYTHONPATH=.:tests python tests/output/test_formats.py`
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import jsonschema
import msgspec
import pytest
from conftest import DATA
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from wellformed import CONTEXT, RULES, SCHEMAS, check_junit, made, texts, wellformed
from wellformed import harmful as harms

from grader.model.report import Check, Crash, Diagnosis, Isolation, Report, Verdict, report_from_json
from grader.output import FORMATS, Context, classroom50, github, markdown
from grader.output.classroom50 import whole

REPORTS = {path.stem: report_from_json(path.read_bytes()) for path in sorted((DATA / "reports").glob("*.json"))}
GOLDEN = sorted(path.relative_to(DATA / "golden") for path in (DATA / "golden").rglob("*.*"))
ENDINGS = {"terminal": "txt", "junit": "xml", "github": "txt", "markdown": "md", "csv": "csv"}


@cache
def golden() -> dict[Path, str]:
    """Return what the formats make now, by the path of the golden file."""
    return dict(_golden())


def _golden() -> Iterator[tuple[Path, str]]:
    for name in FORMATS:
        ending = ENDINGS.get(name, "json")
        for stem, report in REPORTS.items():
            yield Path(name, f"{stem}.{ending}"), made(name, [report])
        yield Path(name, f"all.{ending}"), made(name, [*REPORTS.values()], single=False)
    for stem, reports in {**{stem: [report] for stem, report in REPORTS.items()}, "all": [*REPORTS.values()]}.items():
        yield Path("github", f"{stem}.summary.md"), github.summary(reports, CONTEXT)
        yield Path("github", f"{stem}.outputs.txt"), github.outputs(reports, CONTEXT)


@pytest.mark.parametrize("path", GOLDEN, ids=str)
def test_golden(path: Path) -> None:
    assert golden()[path] == (DATA / "golden" / path).read_bytes().decode()


def test_every_golden_file_is_there_and_none_is_left_over() -> None:
    assert set(GOLDEN) == set(golden())


def test_the_reports_hold_all_verdicts() -> None:
    assert {check.verdict for report in REPORTS.values() for check in report.checks} == set(Verdict)


@pytest.mark.parametrize("name", REPORTS)
def test_every_document_is_well_formed(name: str) -> None:
    wellformed(REPORTS[name])


@pytest.mark.parametrize("name", RULES)
def test_all_reports_in_one_document(name: str) -> None:
    RULES[name]([*REPORTS.values()], made(name, [*REPORTS.values()], single=False))


@pytest.mark.parametrize("name", [*REPORTS, "all"])
def test_junit_is_valid(name: str) -> None:
    import xmlschema

    text = (DATA / "golden" / "junit" / f"{name}.xml").read_text(encoding="utf-8")
    xmlschema.XMLSchema(SCHEMAS / "junit.xsd").validate(text)


def test_the_junit_schema_can_refuse() -> None:
    import xmlschema

    schema = xmlschema.XMLSchema(SCHEMAS / "junit.xsd")
    text = made("junit", [REPORTS["verdicts"]])
    for wrong in (
        text.replace('name="grade"', 'name="grade" skipped="0"'),
        text.replace("<testcase ", '<testcase line="7" '),
        re.sub(r"(<testcase [^>]*>)", r"\1<properties/>", text),
        text.replace("failure", "fault"),
        text.replace(' name="', ' n="'),
    ):
        assert not schema.is_valid(wrong)


@pytest.mark.parametrize("name", ["gradescope", "classroom50", "prairielearn"])
def test_the_json_schemas_can_refuse(name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(made(name, [REPORTS["verdicts"]]))
    for wrong in ({"score": "3"}, {"tests": None}, {"max_score": 3}):
        assert not jsonschema.Draft202012Validator(schema).is_valid(document | wrong)


def test_junit_has_points_and_the_place_where_jenkins_takes_them() -> None:
    root = check_junit([REPORTS["verdicts"]], made("junit", [REPORTS["verdicts"]]))
    points = {p.get("name"): p.get("value") for p in root.findall("./testsuite/properties/property")}
    assert (points["score"], points["max_score"], points["student"]) == ("3", "13", "Anna Øster")
    suite = root.find("./testsuite")
    assert suite is not None
    assert suite.get("file") == "homework/ex3.py"
    first, *_ = cases = suite.findall("./testcase")
    assert (first.get("name"), first.findtext("system-out")) == (
        "misconception",
        "points: 0 of 0\nplace: homework/ex3.py:7",
    )
    [case] = [case for case in cases if case.get("name") == "wrong one"]
    assert case.get("classname") == "ex3 · Anna Øster"
    assert case.findtext("system-out") == "points: 0 of 1\nplace: homework/ex3.py:7"
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "wrong_answer"
    assert "output[0, 1] = 3×4 + 1 = 13" in str(failure.text)


def test_a_class_in_junit_has_each_test_of_each_student_by_its_own_name() -> None:
    one = REPORTS["verdicts"]
    people = [msgspec.structs.replace(one, student=name) for name in ("a", "b", "b", "")]
    root = check_junit(people, made("junit", people, single=False))
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(names) == 4 * len(root[0].findall("testcase"))
    assert ("ex3 · b", "wrong one") in names
    assert ("ex3 · b", "wrong one (2)") in names


@given(st.lists(st.tuples(st.floats(0.01, 5), st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_scores_of_tests_add_up_to_the_total_exactly(cases: list[tuple[float, bool, bool]]) -> None:
    checks = tuple(
        Check(f"c{i}", False, Verdict.correct if right else Verdict.wrong_answer, points * right, points, generated=of)
        for i, (points, right, of) in enumerate(cases)
    )
    score, most = sum(check.score for check in checks), sum(check.max_score for check in checks)
    report = msgspec.structs.replace(REPORTS["verdicts"], checks=checks, score=score, max_score=most)
    document = json.loads(made("gradescope", [report]))
    for key, total in (("score", score), ("max_score", most)):
        assert float(sum(Decimal(str(test[key])) for test in document["tests"])) == pytest.approx(total, abs=1e-6)
    assert all(
        (test["status"] == "passed") == (test["score"] == test["max_score"])
        for test in document["tests"]
        if test["max_score"] > 1e-6
    )


def test_annotations_are_on_the_line_of_the_function() -> None:
    first, *lines = made("github", [REPORTS["verdicts"]]).splitlines()
    assert first == "::error title=Wrong or unfinished::3 of 13 points"
    place = "::error file=homework/ex3.py,line=7,title="
    assert {line[: len(place)] for line in lines[:8]} == {place}
    assert lines[0] == (
        f"{place}ex3%3A wrong one::wrong answer: 1 of 4 cells differs, at [0, 1]: 13 expected, 12 given%0A"
        "You size the output by the stride but never move by it."
    )
    assert lines[8] == "::notice title=More annotations::3 more are in the job summary"
    assert lines[9].startswith("::stop-commands::")


def test_ten_annotations_are_shown_and_an_eleventh_makes_two_more() -> None:
    right = REPORTS["right"]
    for notes, shown in ((9, 10), (10, 10), (11, 10)):
        text = made("github", [msgspec.structs.replace(right, notes=("a",) * notes)])
        lines = text.partition("::stop-commands::")[0].splitlines()
        assert len(lines) == shown
        more = f"::notice title=More annotations::{notes - 8} more are in the job summary"
        assert (lines[-1] == more) == (notes > 9)


@pytest.mark.parametrize("line, place", [(0, ""), (37, "line=37,")])
def test_an_annotation_of_a_notebook_names_the_cell(line: int, place: str) -> None:
    report = msgspec.structs.replace(REPORTS["verdicts"], file="ex3.ipynb", line=line, cell=4)
    assert f"::error file=ex3.ipynb,{place}title=ex3%2C cell 4%3A wrong one::" in made("github", [report])


@pytest.mark.parametrize(
    "least, kind, title, says",
    [
        ("3", "notice", "Enough points", "Passed with 3 of 13 points (minimum 3)"),
        ("3.01", "error", "Not enough points", "3 of 13 points, but the minimum is 3.01"),
    ],
)
def test_a_minimum_score_decides(least: str, kind: str, title: str, says: str) -> None:
    context = CONTEXT._replace(env={**CONTEXT.env, github.MINIMUM: least})
    lines = github.document([REPORTS["verdicts"]], context).splitlines()
    assert lines[0] == f"::{kind} title={title}::{says}"
    assert {line.split(" ")[0] for line in lines[1:9]} == {"::warning" if kind == "notice" else "::error"}
    assert "Wrong or unfinished" not in github.summary([REPORTS["verdicts"]], context)
    assert github.summary([REPORTS["verdicts"]], context).startswith(f"**{title}.** {says}.\n\n")
    passed = "true" if kind == "notice" else "false"
    assert github.outputs([REPORTS["verdicts"]], context).endswith(f"\npassed={passed}\n")


def test_a_mistyped_exercise_is_not_a_failure_of_the_grader() -> None:
    context = CONTEXT._replace(problem="there is no exercise `ex99`\nhelp: ```\n::error::x")
    text = github.document([REPORTS["failed"]], context)
    RULES["github"]([REPORTS["failed"]], text)
    assert text.startswith("::error title=Nothing was graded::there is no exercise `ex99`%0Ahelp: ")
    summary = github.summary([REPORTS["failed"]], context)
    assert summary.startswith("**Nothing was graded.**\n\n````text\nthere is no exercise")
    assert not re.search(r"grader failed|0 / 0|\?", text + summary)
    assert github.outputs([REPORTS["failed"]], context) == ""


FORGED = ["  ✓ bias 1  all right", "✓ ex1 · Convolution  10 / 10", "Score: 10 / 10"]
WAYS = {  # in which a line of the program's could begin where one of the grader's does
    "line breaks": "x\n" + "\n".join(FORGED),
    "folding": " ".join(f"{line} {'x' * (100 - len(line))}" for line in [*FORGED, *FORGED]),
    "separators": "x" + "".join(f"{end}{FORGED[0]}" for end in "\r\x0b\x0c\x1c\x85\u2028\u2029"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("every", [True, False])
def test_no_text_of_a_program_passes_for_a_line_of_the_graders(way: str, every: bool) -> None:
    text, report = WAYS[way], REPORTS["hostile"]
    keep = msgspec.structs.replace
    checks = [keep(check, text=text, printed=text) for check in report.checks if check.mismatch is None]
    if not every:
        checks.append(Check("last", False, Verdict.correct, 1.0, 1.0))  # no common reason
    assert report.diagnosis
    assert report.diagnosis.crash
    crash = keep(report.diagnosis.crash, message=text, type=text, source=text, file=text)
    forged = keep(
        report, checks=tuple(checks), printed=text, notes=(text,), diagnosis=keep(report.diagnosis, crash=crash)
    )
    documents = [made(name, [forged]) for name in FORMATS if name not in ("json", "csv")]
    documents.append(github.summary([forged], CONTEXT))
    for document in documents:
        text = document.replace("\\n", "\n").replace("%0A", "\n")
        for line in text.splitlines():
            assert not re.match(r"\s*(✓ (bias|ex1)|Score)", line), line


def test_a_file_outside_of_the_repository_has_no_place() -> None:
    def first(report: Report, context: Context = CONTEXT) -> str:
        return github.document([report], context).splitlines()[1]

    report = msgspec.structs.replace(REPORTS["verdicts"], file="../elsewhere/ex3.py")
    assert first(report).startswith("::error title=ex3%3A wrong one::")
    below = CONTEXT._replace(here=f"{CONTEXT.here}/week 1")
    assert first(REPORTS["verdicts"], below).startswith("::error file=week 1/homework/ex3.py,line=7,")


@pytest.mark.parametrize("name", ["\n", " ", "\t", "\u2028"])
def test_a_file_name_of_spaces_leaves_the_command_well_formed(name: str) -> None:
    lines = made("github", [msgspec.structs.replace(REPORTS["verdicts"], file=name)]).splitlines()
    place = "file=\\u2028,line=7," if name == "\u2028" else ""  # which is shown by its number
    assert lines[1].startswith(f"::error {place}title=ex3%3A wrong one::")
    RULES["github"]([REPORTS["verdicts"]], "\n".join([*lines, ""]))


def test_a_file_on_another_drive_has_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def relpath(*_: str) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", relpath)
    assert "\n::error title=ex3%3A wrong one::" in made("github", [REPORTS["verdicts"]])


def test_each_exercise_gets_an_annotation_before_any_gets_two() -> None:
    many = [msgspec.structs.replace(REPORTS["verdicts"], exercise=f"ex{i}") for i in range(8)]
    titles = re.findall(r"(?m)^::error .*title=(ex\d)", made("github", many, single=False))
    assert titles == [f"ex{i}" for i in range(8)]  # after the one that decides, before the one that counts


def test_the_summary_stays_below_its_limit_and_counts_what_it_omits() -> None:
    long = msgspec.structs.replace(REPORTS["verdicts"], notes=("é" * 50_000,))
    text = github.summary([long] * 20, CONTEXT)
    assert 500_000 < len(text.encode()) < 1 << 20
    assert re.search(r"\n\d+ more do not fit here: see the job log\.\n$", text)
    assert text.count("\n```") % 2 == 0


def test_a_program_without_a_sandbox_is_a_warning() -> None:
    assert "::warning title=The program ran without a sandbox::" in made("github", [REPORTS["hostile"]])
    assert "**The program ran without a sandbox:**" in github.summary([REPORTS["hostile"]], CONTEXT)
    assert "sandbox::" not in made("github", [REPORTS["verdicts"]]) + github.summary([REPORTS["verdicts"]], CONTEXT)


def test_a_failure_of_the_grader_costs_no_points() -> None:
    failed = [REPORTS["right"], REPORTS["failed"]]
    assert github.outputs(failed, CONTEXT) == ""
    assert github.summary(failed, CONTEXT).startswith("**The grader failed, not the program.**")
    assert "::error title=The grader failed%2C not the program::" in made("github", failed)
    results = json.loads(made("gradescope", failed))
    assert "score" not in results
    assert results["output"].startswith("**The grader failed, not the program.**")
    assert "score" not in results["tests"][-1]


def test_prairielearn_charges_no_attempt_for_a_failure_of_the_grader() -> None:
    document = json.loads(made("prairielearn", [REPORTS["right"], REPORTS["failed"]]))
    assert (document["gradable"], "score" in document) == (False, False)
    assert document["format_errors"][0].startswith("The grader failed, not the program")
    assert json.loads(made("prairielearn", [REPORTS["right"]]))["score"] == 1


def test_prairielearn_gets_less_than_a_megabyte() -> None:
    long = msgspec.structs.replace(REPORTS["verdicts"].checks[1], text="é" * 50_000)
    document = made("prairielearn", [msgspec.structs.replace(REPORTS["verdicts"], checks=(long,) * 30)])
    RULES["prairielearn"]([msgspec.structs.replace(REPORTS["verdicts"], checks=(long,) * 30)], document)
    assert "This page is too long to be shown here." in document


def test_hidden_cases_hide_the_total_and_the_page_says_so() -> None:
    results = json.loads(made("gradescope", [REPORTS["verdicts"]]))
    assert "hidden tests: Gradescope shows their results, and the total score, to staff only" in results["output"]
    assert "3 / 13" not in results["output"]
    assert "hidden  1 of 2" not in results["output"]
    open = tuple(check for check in REPORTS["right"].checks if not check.hidden)
    assert (
        "total"
        not in json.loads(made("gradescope", [msgspec.structs.replace(REPORTS["right"], checks=open)]))["output"]
    )


@given(st.integers(1, 40), st.data())
def test_whole_points(fourths: int, data: st.DataObject) -> None:
    most = fourths / 4
    score = data.draw(st.floats(0, most))
    given, best = whole(score, most)
    assert 0 <= given <= best
    assert abs(best - most) < 1
    assert (given == best) == (score >= most - 1e-6)
    assert whole(most, most) == (best, best)


def test_a_review_may_be_the_commit_and_variables_may_be_missing() -> None:
    assert json.loads(made("classroom50", [REPORTS["right"]]))["review"] == CONTEXT.env["COMMIT_URL"]
    assert json.loads(classroom50.document([REPORTS["right"]], CONTEXT._replace(env={})))["owner"] == ""


@given(st.text("`|~ \\a<\n"))
def test_a_code_span_holds_any_text_in_a_table_too(text: str) -> None:
    rendered = (
        MarkdownIt("commonmark").enable("table").render(f"| a | b |\n|---|---|\n| {markdown.code('x' + text)} | 2 |\n")
    )
    assert rendered.count("<td>") == 2
    assert re.search(r"<td><code>x[^\n]*</code></td>\n<td>2</td>", rendered)


SIGNS = [
    *("::error::x", "::stop-commands::a", "##[error]", "%0A", "\n", "\r", "`", "```", "~~~", "<b>", "]]>", "&", "|"),
    *("@me", "\x1b[2J", "\0", "\u202e", "\u2028", "=1", "# h", "[a](b)", "![a](b)", "http://e.x", "\ufffe", "\ud800"),
]
WORDS = st.one_of(st.text(max_size=30), st.lists(st.sampled_from([*SIGNS, " ", "a"]), max_size=12).map("".join))
CHECKS = st.builds(
    Check,
    case=WORDS,
    hidden=st.booleans(),
    verdict=st.sampled_from(Verdict),
    score=st.just(0.0),
    max_score=st.just(1.0),
    text=WORDS,
    printed=WORDS,
    generated=st.booleans(),
)
CRASHES = st.builds(Crash, type=WORDS, message=WORDS, file=WORDS, line=st.integers(0, 9), source=WORDS, case=WORDS)
ANY = st.builds(
    Report,
    format=st.just(1),
    exercise=st.just("ex1"),
    title=st.just("Convolution"),
    submission=st.just("0"),
    student=WORDS,
    checks=st.lists(CHECKS, min_size=1, max_size=4).map(tuple),
    score=st.just(0.0),
    max_score=st.just(4.0),
    seconds=st.just(0.1),
    versions=st.just({}),
    isolation=st.sampled_from([Isolation("process", "", ("none",)), Isolation("landlock", "", ())]),
    notes=st.lists(WORDS, max_size=2).map(tuple),
    printed=WORDS,
    diagnosis=st.builds(Diagnosis, crash=CRASHES),
    file=WORDS,
    line=st.integers(0, 9),
)


def cleaned(report: Report) -> Report:
    """Return a report that JSON can hold: the process boundary lets no half characters through."""
    data = json.dumps(msgspec.to_builtins(report)).encode()
    return report_from_json(re.sub(rb"\\ud[89a-f]..", b"", data))


@pytest.mark.parametrize("name", RULES)
@given(report=ANY)
def test_any_text(name: str, report: Report) -> None:
    report = cleaned(report) if name == "json" else report
    RULES[name]([report], made(name, [report]))


def test_the_rules_can_fail() -> None:
    """A format that lets a student's text through breaks each of them."""
    hostile = REPORTS["hostile"]
    assert harms(hostile.printed)
    assert [text for text in texts(msgspec.to_builtins(hostile)) if harms(text)]
    raw = hostile.printed
    for name in ("terminal", "junit", "github", "markdown"):
        with pytest.raises((AssertionError, ValueError, SyntaxError)):
            RULES[name]([hostile], raw)
    for name, text in (
        ("markdown", "## ex1\n\n<script>\n"),
        ("markdown", "## ex1\n\n@everyone\n"),
        ("csv", 'a\n"=1"\n'),
        ("github", f"::set-output name=score::1\n::stop-commands::{CONTEXT.token}\n::{CONTEXT.token}::\n"),
    ):
        with pytest.raises(AssertionError):
            RULES[name]([msgspec.structs.replace(hostile, checks=hostile.checks[:1])], text)


if __name__ == "__main__":
    for path, text in golden().items():
        target = DATA / "golden" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    sys.exit()
