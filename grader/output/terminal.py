"""A report as a student reads it in a terminal. Returns rich renderables; the command line prints them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.model.exercise import Value
from grader.model.report import Check, Crash, Diagnosis, Example, Report, Verdict
from grader.numbers import as_points, short
from grader.output.blocks import Beside, Indented
from grader.output.crash_hints import HINTS
from grader.output.grid import grid, grids, is_grid, is_grids, written
from grader.output.report_text import common_reason, parts, right_of, score, simplest_first, verdict_text

MOST_SHOWN = 2  # wrong cases with their grids; more would push the first out of sight
MOST_PRINTED = 10  # lines of a student's own prints
MOST_EXPLANATIONS = 3


def report(result: Report) -> Group:
    """Show one submission: title and score, then its cases and what is wrong."""
    return Group(_title(result), *body(result))


def body(result: Report) -> list[RenderableType]:
    """Show a line per case, the first wrong ones in full, and why they are wrong."""
    written_checks, generated, hidden = parts(result)
    if reason := common_reason([*written_checks, *generated]):
        lines = [
            Indented(Text(f"✗ {reason}", "red")),
            *_crash(result.diagnosis, named=True),
            *_prints(result.printed, "your program printed while loading:"),
            *_prints(result.checks[0].printed, "printed in the first case:"),
        ]
    else:
        wrong = [check.case for check in written_checks if check.mismatch]
        lines = [
            *(line for check in written_checks for line in case(check, full=check.case in wrong[:MOST_SHOWN])),
            *_sweep(generated, full=len(wrong) < MOST_SHOWN),
            *_explain(result.exercise, wrong),
            *_hidden(hidden),
            *_prints(result.printed, "your program printed while loading:"),
            *_diagnosis(result.diagnosis),
        ]
    return [*lines, *(Indented(Text(note, "yellow")) for note in result.notes)]


def progress(reports: Sequence[Report], missing: Iterable[tuple[str, str, float]]) -> Table:
    """Show one row per exercise and the total; `missing` are id, title and points of those with no file here."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("exercise", "", "cases"):
        table.add_column(name, header_style="dim")
    table.add_column("points", justify="right", header_style="dim")
    total = most = 0.0
    for result in reports:
        mark, style = _mark(result.passed)
        row = f"{right_of(result.checks)} right"
        table.add_row(Text(f"{mark} {result.exercise}", style), Text(result.title), row, score(result))
        total, most = total + result.score, most + result.max_score
    for id, title, points in missing:
        table.add_row(
            Text(f"· {id}", "dim"), Text(title, "dim"), Text("not started", "dim"), f"0 / {as_points(points)}"
        )
        most += points
    table.add_row("", "", Text("total", "bold"), Text(f"{as_points(total)} / {as_points(most)}", "bold"))
    return table


def _title(result: Report) -> Table:
    table = Table.grid(expand=True)
    table.add_column()
    table.add_column(justify="right")
    style = "bold green" if result.passed else "bold"
    table.add_row(Text(f"{result.exercise} · {result.title}", "bold"), Text(score(result), style))
    return table


def _mark(good: bool) -> tuple[str, str]:
    return ("✓", "green") if good else ("✗", "red")


def _line(good: bool, name: str, text: str = "") -> Indented:
    mark, style = _mark(good)
    line = Text.assemble((f"{mark} ", style), name)
    if text:
        line.append(f"  {text}", "dim" if good else "")
    return Indented(line)


def _explain(exercise: str, wrong: Sequence[str]) -> list[RenderableType]:
    """Show how to see the arithmetic of the wrong cases that have no room here."""
    if len(wrong) <= MOST_SHOWN:
        return []
    return [Indented(Text(f'`grade explain {exercise} "{wrong[-1]}"` shows the arithmetic of any case', "dim"))]


def case(check: Check, full: bool = True) -> list[RenderableType]:
    """Show one case; in `full` with its grids and the arithmetic of its worst cell."""
    good = check.verdict is Verdict.correct
    lines: list[RenderableType] = [_line(good, check.case)]
    if check.text:
        lines.append(Indented(Text(check.text, "yellow") if good else Text(verdict_text(check)), 6))
    if full:
        lines += _grids(check)
    return lines + _prints(check.printed, "printed:")


def _sweep(checks: Sequence[Check], full: bool) -> list[RenderableType]:
    """Show the generated cases as one line, and the simplest wrong one."""
    if not checks:
        return []
    wrong = simplest_first(checks)
    right = right_of(checks) if wrong else f"all {len(checks)}"
    lines: list[RenderableType] = [_line(not wrong, "sweep", f"{right} generated cases right")]
    for check in wrong[:1]:
        lines.append(Indented(Text(f"{check.case}: {verdict_text(check)}"), 6))
        lines += _grids(check) if full else []
        lines += _prints(check.printed, "printed:")
    return lines


def _hidden(checks: Sequence[Check]) -> list[RenderableType]:
    right = all(check.verdict is Verdict.correct for check in checks)
    return [_line(right, "hidden", f"{right_of(checks)} right")] if checks else []


def _grids(check: Check) -> list[RenderableType]:
    """Show a wrong answer beside the right one and the input, and the arithmetic of the worst cell."""
    mismatch, cell = check.mismatch, check.diagnosis and check.diagnosis.cell
    lines: list[RenderableType] = []
    if mismatch and is_grids(mismatch.expected_value) and is_grids(mismatch.given_value):
        wrong = _differing(mismatch.expected_value, mismatch.given_value) if mismatch.differ else set()
        inputs = cell.input.items() if cell else ()
        window = set(cell.reads) if cell else set()
        marks = [
            *((name, value, window, "bold cyan") for name, value in inputs if is_grids(value)),
            ("expected", mismatch.expected_value, wrong, "bold green"),
            ("yours", mismatch.given_value, wrong, "bold red"),
        ]
        blocks = [block for mark in marks for block in grids(*mark, only_marked=True)]
        lines.append(Indented(Beside(blocks), 6))
    if cell:
        place = ", ".join(map(str, cell.at))
        lines.append(Indented(Text(f"{cell.output}[{place}] = {cell.text}", "cyan"), 6))
    return lines


def _differing(expected: Value, given: Value, at: tuple[int, ...] = ()) -> set[tuple[int, ...]]:
    """Return the indices of cells that differ as they are shown."""
    if isinstance(expected, list) and isinstance(given, list):
        rows = enumerate(zip(expected, given, strict=True))
        return {index for i, (a, b) in rows for index in _differing(a, b, (*at, i))}
    if isinstance(expected, int | float) and isinstance(given, int | float) and short(expected) == short(given):
        return set()
    return {at}


def _diagnosis(found: Diagnosis | None) -> list[RenderableType]:
    """Show why it is wrong, as far as that is known: the misconception, the condition, the smallest case."""
    if found is None:
        return []
    lines = [*_misconceptions(found), *_crash(found)]
    if found.condition:
        c = found.condition
        right = f"Right in all {c.right} cases with {c.otherwise}" if c.right else "Never right"
        lines.append(Indented(Text(f"{right}; wrong in all {c.wrong} with {c.when}.")))
    if found.smallest:
        lines.append(Indented(Text("Smallest case that shows it:")))
        lines += [Indented(line, 6) for line in example_lines(found.smallest)]
    return lines


def _misconceptions(found: Diagnosis) -> list[RenderableType]:
    """Show the misconceptions that explain all answers; if several do equally well, an input on which they differ."""
    if len(found.misconceptions) == 1:
        return [_misconception(found.says[id], id) for id in found.misconceptions[0]]
    lines: list[RenderableType] = []
    if found.misconceptions:
        lines.append(Indented(Text("One of these; they give the same answers here:", "bold yellow")))
    for ids in found.misconceptions[:MOST_EXPLANATIONS]:
        says = " And: ".join(found.says[id] for id in ids)
        lines.append(Indented(_misconception(says, ids[0])))
    if found.apart:
        lines.append(Indented(Text("A call that tells them apart (`yours` is the first one's answer):"), 4))
        lines += [Indented(line, 6) for line in example_lines(found.apart)]
    return lines


def _misconception(says: str, id: str) -> RenderableType:
    return Indented(Text.assemble((says, "bold yellow"), (f"  (grade explain {id})", "dim")))


def _crash(found: Diagnosis | None, named: bool = False) -> list[RenderableType]:
    """Show where a program crashes: the case, the line, the arguments, the usual cause.

    `named` means that a line above names the exception already.
    """
    crash = found.crash if found else None
    if crash is None:
        return []
    times = f"{crash.cases} cases" if crash.cases > 1 else "1 case"
    where = f"in {times}, the smallest is `{crash.case}`:"
    lines: list[RenderableType] = [Indented(Text(where if named else f"{crash.type} {where} {crash.message}"))]
    lines += [Indented(line, 6) for line in (*_source_line(crash), *_crash_arguments(crash))]
    if crash.hint in HINTS:
        lines.append(Indented(Text(HINTS[crash.hint].advice, "yellow")))
    return lines


def _source_line(crash: Crash) -> list[Text]:
    if not crash.source:
        return []
    number = str(crash.line)
    source = Text.assemble((f"{number} │ ", "dim"), crash.source, (f"   {crash.file}", "dim"))
    return [source, Text.assemble((f"{' ' * len(number)} │ ", "dim"), ("^" * len(crash.source), "bold red"))]


def _crash_arguments(crash: Crash) -> list[RenderableType]:
    shown = _argument_grids(crash.arguments)
    line = [f"{name} {'×'.join(map(str, shape))}" for name, shape in crash.shapes.items()]
    line += [f"{name} {written(value)}" for name, value in crash.arguments.items() if not _has_rows(value)]
    return [*([Beside(shown)] if shown else []), *([Text(", ".join(line), "dim")] if line else [])]


def _argument_grids(arguments: Mapping[str, Value]) -> list[list[Text]]:
    return [
        block
        for name, value in arguments.items()
        if _has_rows(value) and is_grids(value)
        for block in grids(name, value)
    ]


def example_lines(example: Example) -> list[RenderableType]:
    """Show a call: its arguments, the right answer and what was given."""
    line = [f"{name} {written(value)}" for name, value in example.arguments.items() if not _has_rows(value)]
    right, given = _block("expected", example.expected, ""), _block("yours", example.given, example.text)
    if right[1:] == given[1:]:  # only their axes differ, which grids do not show
        right[1:], given[1:] = [Text(str(example.expected))], [Text(str(example.given))]
    return [
        Beside([*_argument_grids(example.arguments), right, given]),
        *([Text(", ".join(line), "dim")] if line else []),
    ]


def _block(title: str, value: Value, text: str) -> list[Text]:
    """Show a value as a grid, or in words if it is not one: an exception, nothing, several outputs, many axes."""
    if value is None or value == []:
        return [Text(title, "dim"), Text(text or "(empty)")]
    if is_grid(value):
        return grid(title, value)
    if isinstance(value, list) and all(is_grid(item) for item in value):
        return [Text(title, "dim"), *(line for item in value for line in [*grid("", item)[1:], Text()])]
    return [Text(title, "dim"), Text(str(value)[:200])]


def _has_rows(value: Value) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def _prints(text: str, title: str) -> list[RenderableType]:
    lines = text.rstrip().splitlines()
    if not lines:
        return []
    more = [f"… {len(lines) - MOST_PRINTED} more lines"] if len(lines) > MOST_PRINTED else []
    shown = [Text(f"│ {line}", "dim") for line in (*lines[:MOST_PRINTED], *more)]
    return [Indented(Text(title, "dim"), 6), *(Indented(line, 6) for line in shown)]
