"""Reports as JUnit XML, for test viewers: a wrong answer is a failure, a fault of the grader an error."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rich.console import Group

from grader.model.report import Check, Report, Verdict
from grader.numbers import exact_points
from grader.output import Context
from grader.output.plain_text import pages, plain
from grader.output.terminal import body
from grader.text import clean, one_line


def document(reports: Sequence[Report], context: Context) -> str:
    """Return a suite per report and a test case per case. Points are properties, of the suite and of each case."""
    root = Element("testsuites", {"name": "grade", **_counts([c for report in reports for c in report.checks])})
    root.set("time", f"{sum(report.seconds for report in reports):.3f}")
    for report in reports:
        root.append(_suite(report, context))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(report: Report, context: Context) -> Element:
    exercise = one_line(report.exercise)
    suite = Element("testsuite", {"name": f"{exercise} · {one_line(report.title)}", **_counts(report.checks)})
    suite.set("time", f"{report.seconds:.3f}")
    if context.when:
        suite.set("timestamp", context.when)
    points = {"score": exact_points(report.score), "max_score": exact_points(report.max_score)}
    about = {"student": one_line(report.student), "isolation": one_line(report.isolation.level)}
    suite.append(_properties(points | about))
    file = one_line(report.file, 1000)
    place = {"file": file} if file else {}
    suite.attrib.update(place)
    if report.line and place:
        place["line"] = str(report.line)
    for check, page in zip(report.checks, pages(report), strict=True):
        test = SubElement(suite, "testcase", {"name": one_line(check.case), "classname": exercise, **place})
        test.append(_properties({"score": exact_points(check.score), "max_score": exact_points(check.max_score)}))
        if check.verdict is not Verdict.correct:
            tag = "error" if check.verdict is Verdict.internal_error else "failure"
            SubElement(test, tag, message=one_line(check.text), type=check.verdict.value).text = page
    SubElement(suite, "system-out").text = plain(Group(*body(report)))
    return suite


def _counts(checks: Sequence[Check]) -> dict[str, str]:
    """Return how many tests there are, how many failed, and for how many the grader failed."""
    errors = sum(check.verdict is Verdict.internal_error for check in checks)
    wrong = sum(check.verdict is not Verdict.correct for check in checks)
    return {"tests": str(len(checks)), "failures": str(wrong - errors), "errors": str(errors), "skipped": "0"}


def _properties(values: dict[str, str]) -> Element:
    properties = Element("properties")
    for name, value in values.items():
        SubElement(properties, "property", name=name, value=clean(value))
    return properties
