"""Reports as JUnit XML, for test viewers: a wrong answer is a failure, a fault of the grader an error.

The document is valid for Jenkins, the strictest of them: a test case has no properties and no line. Its points and its
place are in its `system-out`. GitLab shows one test for each pair of class name and name, so these pairs are unique.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rich.console import Group

from grader.model.report import Report, Verdict
from grader.numbers import exact_points
from grader.output import Context
from grader.output.graded_tests import GradedTest, graded_tests
from grader.output.plain_text import plain
from grader.output.terminal import body
from grader.text import clean, one_line


def document(reports: Sequence[Report], context: Context) -> str:
    """Return a suite per report, and in it a test case for each of the report's tests."""
    tests = [graded_tests(report) for report in reports]
    root = Element("testsuites", {"name": "grade", **_counts([test for some in tests for test in some])})
    root.set("time", f"{sum(report.seconds for report in reports):.3f}")
    seen: Counter[tuple[str, str]] = Counter()
    for report, some in zip(reports, tests, strict=True):
        root.append(_suite(report, some, context, seen))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(report: Report, tests: Sequence[GradedTest], context: Context, seen: Counter[tuple[str, str]]) -> Element:
    exercise, student = one_line(report.exercise), one_line(report.student)
    name = f"{exercise} · {one_line(report.title)}"
    suite = Element("testsuite", {"name": f"{name} · {student}" if student else name, **_counts(tests)})
    suite.set("skipped", "0")
    suite.set("time", f"{report.seconds:.3f}")
    if context.when:
        suite.set("timestamp", context.when)
    file = one_line(report.file, 1000)
    if file:
        suite.set("file", file)
    suite.append(_properties(_about(report)))
    place = f"{file}:{report.line}" if file and report.line else file
    classname = f"{exercise} · {student}" if student else exercise
    for test in tests:
        pair = _unique(classname, one_line(test.name), seen)
        case = SubElement(suite, "testcase", {"name": pair[1], "classname": pair[0]})
        if test.verdict is not Verdict.correct:
            tag = "error" if test.verdict is Verdict.internal_error else "failure"
            SubElement(case, tag, message=one_line(test.text), type=test.verdict.value).text = test.page
        SubElement(case, "system-out").text = "\n".join(_extras(test, place))
    SubElement(suite, "system-out").text = plain(Group(*body(report, context.pack)))
    return suite


def _about(report: Report) -> dict[str, str]:
    points = {"score": exact_points(report.score), "max_score": exact_points(report.max_score)}
    about = {"student": one_line(report.student), "isolation": one_line(report.isolation.level)}
    return points | about | {f"version of {name}": value for name, value in report.versions.items()}


def _extras(test: GradedTest, place: str) -> Iterator[str]:
    """Yield what has no place in a test case's attributes."""
    yield f"points: {exact_points(float(test.score))} of {exact_points(float(test.max_score))}"
    if place:
        yield f"place: {place}"


def _unique(classname: str, name: str, seen: Counter[tuple[str, str]]) -> tuple[str, str]:
    """Return class name and name, with a number if another test has them already."""
    wanted = name
    while seen[classname, name]:
        seen[classname, wanted] += 1
        name = f"{wanted} ({seen[classname, wanted]})"
    seen[classname, name] = 1
    return classname, name


def _counts(tests: Sequence[GradedTest]) -> dict[str, str]:
    """Return how many tests there are, how many failed, and for how many the grader failed."""
    errors = sum(test.verdict is Verdict.internal_error for test in tests)
    wrong = sum(test.verdict is not Verdict.correct for test in tests)
    return {"tests": str(len(tests)), "failures": str(wrong - errors), "errors": str(errors)}


def _properties(values: dict[str, str]) -> Element:
    properties = Element("properties")
    for name, value in values.items():
        SubElement(properties, "property", name=name, value=clean(value))
    return properties
