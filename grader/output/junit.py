"""Reports as JUnit XML, for test viewers: wrong answers are failures, what is the grader's own fault is an error."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rich.console import Group

from grader.model.report import Check, Report, Verdict
from grader.numbers import exact_points
from grader.output import Context
from grader.output.plain import pages, plain
from grader.output.terminal import body
from grader.text import clean, one_line


def document(results: Sequence[Report], context: Context) -> str:
    """Return a suite per report and a test case per case. Points are properties, of the suite and of each case."""
    root = Element("testsuites", {"name": "grade", **_counts([c for result in results for c in result.checks])})
    root.set("time", f"{sum(result.seconds for result in results):.3f}")
    for result in results:
        root.append(_suite(result, context))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(result: Report, context: Context) -> Element:
    exercise = one_line(result.exercise)
    suite = Element("testsuite", {"name": f"{exercise} · {one_line(result.title)}", **_counts(result.checks)})
    suite.set("time", f"{result.seconds:.3f}")
    if context.when:
        suite.set("timestamp", context.when)
    place = {"file": one_line(result.file, 1000)} if result.file else {}
    wall = one_line(result.isolation.level)
    points = {"score": exact_points(result.score), "max_score": exact_points(result.max_score)}
    suite.append(_properties(points | {"student": one_line(result.student), "isolation": wall}))
    suite.attrib.update(place)
    if result.line and place:
        place["line"] = str(result.line)
    for check, page in zip(result.checks, pages(result), strict=True):
        test = SubElement(suite, "testcase", {"name": one_line(check.case), "classname": exercise, **place})
        test.append(_properties({"score": exact_points(check.score), "max_score": exact_points(check.max_score)}))
        if check.verdict is not Verdict.correct:
            kind = "error" if check.verdict is Verdict.internal_error else "failure"
            what = SubElement(test, kind, message=one_line(check.text), type=check.verdict.value)
            what.text = page
    SubElement(suite, "system-out").text = plain(Group(*body(result)))
    return suite


def _counts(checks: Sequence[Check]) -> dict[str, str]:
    """Return how many tests there are, and how many of them went wrong through whom."""
    errors = sum(check.verdict is Verdict.internal_error for check in checks)
    wrong = sum(check.verdict is not Verdict.correct for check in checks)
    return {"tests": str(len(checks)), "failures": str(wrong - errors), "errors": str(errors), "skipped": "0"}


def _properties(values: dict[str, str]) -> Element:
    properties = Element("properties")
    for name, value in values.items():
        SubElement(properties, "property", name=name, value=clean(value))
    return properties
