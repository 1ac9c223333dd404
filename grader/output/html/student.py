"""A student's page: the score and the next thing to do at one glance, then each wrong case as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.model.explanation import MisconceptionPage
from grader.model.page import StudentPage
from grader.model.report import Check, Crash, Diagnosis, Example, Report, Verdict
from grader.numbers import as_points, short
from grader.output.html.document import Element, Node, Nodes, h, page, prose
from grader.output.html.grids import formulas, picture
from grader.output.html.values import block, is_plane
from grader.output.report_text import (
    NO_SANDBOX,
    common_check,
    failed,
    parts,
    right_of,
    simplest_first,
    unsandboxed,
    verdict_text,
)
from grader.text import one_line

MOST_OPEN = 1  # pictures that are not folded
OF_EXERCISE = ("references", "exercise")  # versions that differ from exercise to exercise
MOST_PRINTED = 30  # lines of a student's own output


def document(pages: Sequence[StudentPage], title: str = "", notes: Sequence[str] = ()) -> str:
    """Return the page of one report, or of several with a table of all before them. `title` names the student."""
    heads = [it.report for it in pages]
    name = title or (f"{heads[0].exercise} · {heads[0].title}" if heads else "Feedback")
    body: list[Nodes] = [h("p", prose(note), class_="note") for note in notes]
    if title:
        body.insert(0, h("h1", title))
    if len(pages) > 1:
        body.append(_overview(pages))
    for number, it in enumerate(pages):
        body += [h("article", *report(it, 2 if title else 1), id=f"exercise-{number + 1}")]
    return page(name, body, _footer(heads))


def report(it: StudentPage, level: int = 1) -> Iterator[Node]:
    """Yield the parts of one report's page."""
    result = it.report
    yield h("p", result.exercise, class_="kicker")
    yield h(f"h{level}", result.title)
    yield _glance(it)
    for note in result.notes:
        yield h("p", prose(note), class_="note")
    yield from _why(it, level + 1)
    yield from _wrong_cases(it, level + 1)
    yield from _points(it, level + 1)
    yield from _printed(result.printed, "What your program printed while it was loaded")


def _overview(pages: Sequence[StudentPage]) -> Element:
    results = [it.report for it in pages]
    rows = [
        h(
            "tr",
            h("th", h("a", result.exercise, href=f"#exercise-{i + 1}"), scope="row"),
            h("td", result.title),
            h("td", _mark(result.passed, "right" if result.passed else "wrong or unfinished")),
            h("td", f"{as_points(it.points)} / {as_points(result.max_score)}", class_="number"),
        )
        for i, (it, result) in enumerate(zip(pages, results, strict=True))
    ]
    total = f"{as_points(sum(it.points for it in pages))} / {as_points(sum(r.max_score for r in results))}"
    rows.append(h("tr", h("th", "total", scope="row"), h("td"), h("td"), h("td", h("b", total), class_="number")))
    head = h("thead", h("tr", [h("th", name, scope="col") for name in ("exercise", "title", "result")], _points_head()))
    return h("div", h("table", head, h("tbody", rows), class_="list"), class_="scroll")


def _points_head() -> Element:
    return h("th", "points", scope="col", class_="number")


def _mark(good: bool, text: str) -> Element:
    return h("span", f"{'✓' if good else '✗'} {text}", class_="right" if good else "wrong")


def _glance(it: StudentPage) -> Element:
    """Return the score, what is right, and what to do next."""
    result = it.report
    share = it.points / result.max_score if result.max_score else 0.0
    bar = h(
        "svg",
        h("rect", class_="track", width=100, height=6, rx=3),
        h("rect", class_="value", width=round(100 * min(max(share, 0.0), 1.0), 2), height=6, rx=3)
        if share > 0
        else None,
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        class_="bar",
        aria_hidden="true",
    )
    score = h("p", as_points(it.points), h("small", f" / {as_points(result.max_score)} points"), class_="score")
    ours = failed([result]) and it.mark is None
    left = h("div", h("p", "No mark yet", class_="score") if ours else [score, bar])
    if it.mark is not None:
        why = f"{as_points(result.score)} for the program; the notes say what changed it"
        left = h("div", score, bar, h("p", why, class_="soft"))
    first, *more = _next(it)
    todo = h("dd", prose(first), class_="next"), [h("dd", prose(line)) for line in more]
    rows = h("div", h("dt", "What is right"), h("dd", _right(result))), h("div", h("dt", "What to do next"), todo)
    return h("div", left, h("dl", rows), class_="glance")


def _right(result: Report) -> str:
    kinds = zip(parts(result), ("written", "generated", "hidden"), strict=True)
    counts = [f"{right_of(checks)} {kind} cases" for checks, kind in kinds if checks]
    return ", ".join(counts) or "nothing was run"


def _next(it: StudentPage) -> Iterator[str]:
    """Yield what to do next: the heading, and the reasons below it."""
    result, found = it.report, it.report.diagnosis
    written, drawn, hidden = parts(result)
    wrong = [check for check in (*written, *simplest_first(drawn)) if check.verdict is not Verdict.correct]
    if failed([result]):
        yield "Nothing: the grader failed, not your program. It will be graded again."
        yield next(check.text for check in result.checks if check.verdict is Verdict.internal_error)
    elif found and len(found.misconceptions) == 1 and it.misconceptions:
        yield " ".join(m.says for m in it.misconceptions)
        yield " ".join(m.instead for m in it.misconceptions)
    elif found and found.misconceptions:
        yield "Find out which of these it is:"
        yield " Or: ".join(" And: ".join(found.says[id] for id in ids) for ids in found.misconceptions[:3])
    elif found and found.crash:
        where = f" in line {found.crash.line} of {one_line(found.crash.file, 60)}" if found.crash.line else ""
        yield f"Repair the {one_line(found.crash.type, 60)}{where}."
        yield it.hint or one_line(found.crash.message, 300)
    elif same := common_check([*written, *drawn]):
        yield one_line(verdict_text(same), 400)
    elif wrong and not (it.withheld and wrong[0].generated):
        yield f"Look at the case “{wrong[0].case}” below."
        yield one_line(verdict_text(wrong[0]), 400)
    elif wrong or any(check.verdict is not Verdict.correct for check in hidden):
        yield "Some cases that you cannot see are wrong."
        yield "Try inputs of other sizes, negative numbers and fractions, and compare with your own arithmetic."
    else:
        yield "Nothing: everything is right."


def _why(it: StudentPage, level: int) -> Iterator[Node]:
    """Yield what is known of the reason: misconceptions, the exception, the condition, the smallest case."""
    found = it.report.diagnosis
    if found is None:
        return
    yield h(f"h{level}", "Why")
    if found.changes:
        yield h("p", prose(found.changes))
    sure = len(found.misconceptions) == 1
    if found.misconceptions and not sure:
        yield h("p", "One of these gives all of your answers:")
        yield h("ul", [h("li", " And: ".join(found.says[id] for id in ids)) for ids in found.misconceptions[:3]])
        if found.apart:
            yield h("p", "This call would tell them apart. “Yours” is what the first of them gives:")
            yield example(found.apart)
    for misconception in it.misconceptions if sure else ():
        yield misconception_card(misconception)
    if found.crash:
        yield from _crash(found.crash, it)
    yield from _condition(found)
    if found.smallest:
        yield h(
            "details", h("summary", "The smallest case that shows it"), example(found.smallest), open=not it.pictures
        )


def _condition(found: Diagnosis) -> Iterator[Node]:
    if it := found.condition:
        right = f"Right in all {it.right} cases with {it.otherwise}" if it.right else "Never right"
        yield h("p", prose(f"{right}; wrong in all {it.wrong} cases with {it.when}."))


def misconception_card(it: MisconceptionPage, name: str = "") -> Element:
    """Return a misconception: the sentence, its name where it is to be shown, and its page folded up."""
    wrong = h("pre", it.wrong) if isinstance(it.wrong, str) else block("With this misconception", it.wrong)
    stage = [block(name, value) for name, value in it.inputs.items()]
    inside = [
        h("p", h("b", "Why it is wrong. "), prose(it.why)),
        h("p", h("b", "Instead. "), prose(it.instead)),
        h("p", h("b", "Example: "), h("code", it.call)),
        h("div", stage, block(f"Right {it.output}".rstrip(), it.right), wrong, class_="stage"),
    ]
    return h(
        "div",
        h("p", h("b", prose(it.says)), [" ", h("small", name)] if name else None),
        h("details", h("summary", "What this is, and what to do instead"), inside),
        class_="card misconception",
    )


def example(it: Example) -> Element:
    """Return one call: its arguments, the right answer, and what was given."""
    shown = {name: value for name, value in it.arguments.items() if is_plane(value)}
    small = [f"{name} = {_plain(value)}" for name, value in it.arguments.items() if name not in shown]
    given = h("pre", it.text) if it.given is None and it.text else block("Yours", it.given)
    grids = [block(name, value) for name, value in shown.items()]
    return h(
        "div",
        h("p", ", ".join(small), class_="soft") if small else None,
        h("div", grids, block(f"Expected {it.output}".rstrip(), it.expected), given, class_="stage"),
        h("p", prose(it.alone), class_="note") if it.alone else None,
    )


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"({', '.join(map(_plain, value))})"
    return short(value) if isinstance(value, int | float) else one_line(str(value), 300)


def _crash(crash: Crash, it: StudentPage) -> Iterator[Node]:
    many = f"{crash.cases} cases" if crash.cases != 1 else "1 case"
    yield h("p", h("b", crash.type), crash.message and f": {crash.message}")
    if crash.source:
        yield h("pre", h("code", f"{crash.line} | {crash.source}"))
    if it.hint:
        yield h("p", prose(it.hint), class_="note")
    if not crash.case:  # it is withheld
        return
    sizes = [f"{name} {' × '.join(map(str, shape))}" for name, shape in crash.shapes.items()]
    yield h("p", f"It is raised in {many}; the smallest is “{crash.case}”{': ' if sizes else '.'}{', '.join(sizes)}")
    grids = [block(name, value) for name, value in crash.arguments.items() if is_plane(value)]
    if grids:
        yield h("div", grids, class_="stage")


def _wrong_cases(it: StudentPage, level: int) -> Iterator[Node]:
    """Yield a card for each wrong case that is shown, the first one open."""
    written, drawn, _ = parts(it.report)
    if common_check([*written, *drawn]):
        yield from _printed((written or drawn)[0].printed, "Printed in the first case")
        return
    wrong = [check for check in written if check.verdict is not Verdict.correct]
    wrong += [] if it.withheld else simplest_first(drawn)[:1]
    if not wrong:
        return
    yield h(f"h{level}", "Wrong cases")
    opened = 0
    for check in wrong:
        yield _case(it, check, level + 1, opened < MOST_OPEN)
        opened += check.case in it.pictures or check.mismatch is not None


def _case(it: StudentPage, check: Check, level: int, opened: bool) -> Element:
    drawn = it.pictures.get(check.case)
    head = h(f"h{level}", _mark(False, check.case))
    parts: list[Node] = [h("p", prose(verdict_text(check)))]
    if drawn:
        if drawn.erratum:
            parts.append(h("p", f"The slide “{drawn.slide}” is wrong here: {drawn.erratum}", class_="note"))
        parts += [picture(drawn), *_formula(drawn.formula)]
    elif check.mismatch and check.mismatch.expected_value is not None:
        values = block("Expected", check.mismatch.expected_value), block("Yours", check.mismatch.given_value)
        parts.append(h("div", values, class_="stage"))
    parts += _printed(check.printed, "Printed")
    return h("details", h("summary", head), parts, class_="card", open=opened or len(parts) == 1)


def _formula(lines: Sequence[str]) -> list[Element]:
    return [h("details", h("summary", "The size of the output"), formulas(lines))] if lines else []


def _points(it: StudentPage, level: int) -> Iterator[Node]:
    """Yield the points of every case; the generated ones, which are many and alike, are folded up."""
    written, drawn, hidden = parts(it.report)
    yield h(f"h{level}", "Points")
    rows = [_row(check, True) for check in written] + [_row(check, False) for check in hidden]
    if rows:
        yield _table(rows)
    if drawn:
        sums = sum(c.score for c in drawn), sum(c.max_score for c in drawn)
        title = f"{right_of(drawn)} generated cases right: {as_points(sums[0])} / {as_points(sums[1])} points"
        yield h("details", h("summary", title), _table([_row(check, not it.withheld) for check in drawn]))


def _table(rows: Sequence[Element]) -> Element:
    head = h("thead", h("tr", h("th", "case", scope="col"), h("th", "result", scope="col"), _points_head()))
    return h("div", h("table", head, h("tbody", rows), class_="list"), class_="scroll")


def _row(check: Check, told: bool) -> Element:
    good = check.verdict is Verdict.correct
    text = check.text if good else verdict_text(check)
    more = h("div", prose(one_line(text, 300)), class_="soft") if told and text and not check.hidden else None
    return h(
        "tr",
        h("th", one_line(check.case, 120), scope="row"),
        h("td", _mark(good, "right" if good else "wrong"), more),
        h("td", f"{as_points(check.score)} / {as_points(check.max_score)}", class_="number"),
    )


def _printed(text: str, title: str) -> Iterator[Node]:
    lines = text.rstrip().splitlines()
    if lines:
        more = f"\n… and {len(lines) - MOST_PRINTED} more lines" if len(lines) > MOST_PRINTED else ""
        shown = "\n".join(line[:300] for line in lines[:MOST_PRINTED]) + more
        yield h("details", h("summary", title), h("pre", shown))


def _footer(results: Sequence[Report]) -> Element:
    shown = [item for r in results for item in r.versions.items() if item[0] not in OF_EXERCISE]
    versions = dict.fromkeys(f"{name} {value}" for name, value in shown)
    return h(
        "footer",
        h("p", "Graded by torch-grader. ", one_line(", ".join(versions), 300)),
        h("p", f"{NO_SANDBOX}.") if unsandboxed(results) else None,
    )
