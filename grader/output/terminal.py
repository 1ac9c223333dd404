"""A Report as a student reads it in a terminal. Returns rich renderables; the command line prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.model.report import Check, Diagnosis, Example, Report, Verdict
from grader.numbers import as_points, short
from grader.output.grids import grid, is_grid
from grader.output.layout import Beside, Indented
from grader.output.words import common_reason, parted, right_of, said, score, simplest_first

MOST_SHOWN = 2  # wrong cases with their grids; more would push the first out of sight
HINTS = {  # by Crash.hint
    "environment": "This is the environment, not your idea: recent NumPy makes a number only of an array without axes, "
    "and has no `np.float` or `np.int`. Take the single cell (`b.item()`), and write `float` and `int`.",
    "byte": "An array of bytes (`uint8`) holds 0 … 255 only: create it with floats, `np.zeros(shape)`.",
    "empty-slice": "`x[p:-p]` is empty if p is 0, because `x[0:-0]` is `x[0:0]`: write `x[p : p + n]`.",
    "no-return": "Something is None here: a function of yours that ends without `return` gives None.",
    "float-size": "Sizes and indices are whole numbers: divide with `//`, not with `/`.",
    "beyond": "A window runs beyond the (padded) input, or a result beyond the output: compare the sizes.",
    "sequence": "An array is put into a single cell: add it up, or take its one number (`b.item()`); recent NumPy does "
    "not do that by itself.",
    "empty": "A window is empty here: it begins behind the input, or ends where it begins.",
    "negative-size": "The output's size comes out negative: compare it with the formula.",
    "shapes": "Two arrays do not fit together: at the edge a slice is cut short, or rows and columns are exchanged.",
    "name": "A name is used that was never set: a spelling, or a line that ran in another cell only.",
    "read-only": "A tuple cannot be changed: make a list or an array of it first.",
}
MOST_PRINTED = 10  # lines of a student's own prints


def report(result: Report) -> Group:
    """Show one submission: title and score, and what there is to say."""
    return Group(_title(result), *body(result))


def body(result: Report) -> list[RenderableType]:
    """Show a line per case, the first wrong ones in full, and why they are wrong."""
    written, drawn, hidden = parted(result)
    parts: list[RenderableType] = []
    reason = common_reason([*written, *drawn])
    if reason:
        parts.append(Indented(Text(f"✗ {reason}", "red"), 2))
        parts += _crash(result.diagnosis, told=True)
        parts += _prints(result.printed, "your program printed while it was loaded:")
        parts += _prints(result.checks[0].printed, "printed in the first case:")
    else:
        wrong = [c.case for c in written if c.mismatch]
        for check in written:
            parts += case(check, full=check.case in wrong[:MOST_SHOWN])
        parts += _sweep(drawn, full=len(wrong) < MOST_SHOWN)
        if len(wrong) > MOST_SHOWN:
            help = f'grade explain {result.exercise} "{wrong[-1]}"'
            parts.append(Indented(Text(f"`{help}` shows the arithmetic of any case", "dim"), 2))
        if hidden:
            right = all(c.verdict is Verdict.correct for c in hidden)
            parts.append(_line(right, "hidden", f"{right_of(hidden)} right"))
        parts += _prints(result.printed, "your program printed while it was loaded:")
        parts += _diagnosis(result.diagnosis)
    parts += [Indented(Text(note, "yellow"), 2) for note in result.notes]
    return parts


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
        table.add_row(Text(f"· {id}", "dim"), Text(title, "dim"), Text("not begun", "dim"), f"0 / {as_points(points)}")
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


def _line(good: bool, name: str, says: str = "") -> Indented:
    mark, style = _mark(good)
    line = Text.assemble((f"{mark} ", style), name)
    if says:
        line.append(f"  {says}", "dim" if good else "")
    return Indented(line, 2)


def case(check: Check, full: bool = True) -> list[RenderableType]:
    """Show one case; in `full` with its grids and the arithmetic of its worst cell."""
    good = check.verdict is Verdict.correct
    parts: list[RenderableType] = [_line(good, check.case)]
    if check.text:
        says = Text(check.text, "yellow") if good else Text(said(check))
        parts.append(Indented(says, 6))
    if full:
        parts += [Indented(item, 6) for item in _grids(check)]
        parts += _arithmetic(check)
    return parts + _prints(check.printed, "printed:")


def _grids(check: Check) -> list[Beside]:
    mismatch = check.mismatch
    if mismatch is None or not (is_grid(mismatch.expected_value) and is_grid(mismatch.given_value)):
        return []
    wrong = _differing(mismatch.expected_value, mismatch.given_value) if mismatch.differ else set()
    right = grid("expected", mismatch.expected_value, wrong, "bold green")
    return [Beside([*_window(check), right, grid("yours", mismatch.given_value, wrong, "bold red")])]


def _window(check: Check) -> list[list[Text]]:
    """Show the input with the worst cell's window marked."""
    cell = check.diagnosis and check.diagnosis.cell
    if not cell:
        return []
    return [grid(name, value, set(cell.reads), "bold cyan") for name, value in cell.input.items() if is_grid(value)]


def _differing(expected: object, given: object, at: tuple[int, ...] = ()) -> set[tuple[int, ...]]:
    if isinstance(expected, list) and isinstance(given, list):
        rows = enumerate(zip(expected, given, strict=True))
        return {place for i, (a, b) in rows for place in _differing(a, b, (*at, i))}
    if isinstance(expected, int | float) and isinstance(given, int | float) and short(expected) == short(given):
        return set()
    return {at}


def _arithmetic(check: Check) -> list[RenderableType]:
    cell = check.diagnosis and check.diagnosis.cell
    if not cell:
        return []
    place = ", ".join(map(str, cell.at))
    return [Indented(Text(f"{cell.output}[{place}] = {cell.text}", "cyan"), 6)]


def _sweep(checks: Sequence[Check], full: bool) -> list[RenderableType]:
    """Show the generated cases as one line, and the simplest wrong one."""
    if not checks:
        return []
    wrong = simplest_first(checks)
    right = right_of(checks) if wrong else f"all {len(checks)}"
    says = f"{right} generated cases right"
    parts: list[RenderableType] = [_line(not wrong, "sweep", says)]
    for check in wrong[:1]:
        parts.append(Indented(Text(f"{check.case}: {said(check)}"), 6))
        if full:
            parts += [Indented(item, 6) for item in _grids(check)]
            parts += _arithmetic(check)
        parts += _prints(check.printed, "printed:")
    return parts


def _diagnosis(found: Diagnosis | None) -> list[RenderableType]:
    """Say why, as far as it is known: the idea, the condition, the smallest case."""
    if found is None:
        return []
    parts: list[RenderableType] = []
    if len(found.misconceptions) == 1:
        parts += [_idea(found.says[id], id) for id in found.misconceptions[0]]
    elif found.misconceptions:
        parts.append(Indented(Text("One of these, which give the same answers here:", "bold yellow"), 2))
        ideas = [
            _idea(" And: ".join(found.says[id] for id in misconceptions), misconceptions[0])
            for misconceptions in found.misconceptions[:3]
        ]
        parts += [Indented(idea, 2) for idea in ideas]
        if found.apart:
            parts.append(Indented(Text("This would tell them apart (`yours` is what the first would give):"), 4))
            parts += [Indented(line, 6) for line in example_lines(found.apart)]
    parts += _crash(found)
    if found.condition:
        c = found.condition
        right = f"Right in all {c.right} cases with {c.otherwise}" if c.right else "Never right"
        parts.append(Indented(Text(f"{right}; wrong in all {c.wrong} with {c.when}."), 2))
    if found.smallest:
        parts += [Indented(Text("Smallest case that shows it:"), 2)]
        parts += [Indented(line, 6) for line in example_lines(found.smallest)]
    return parts


def _crash(found: Diagnosis | None, told: bool = False) -> list[RenderableType]:
    """Show where a program crashes: its line, the case, the usual cause; the exception itself unless it is `told`."""
    crash = found.crash if found else None
    if crash is None:
        return []
    times = f"{crash.cases} cases" if crash.cases > 1 else "1 case"
    where = f"in {times}, the smallest is `{crash.case}`:"
    head = where if told else f"{crash.type} {where} {crash.message}"
    parts: list[RenderableType] = [Indented(Text(head), 2)]
    if crash.source:
        number = str(crash.line)
        source = Text.assemble((f"{number} │ ", "dim"), crash.source, (f"   {crash.file}", "dim"))
        caret = Text.assemble((f"{' ' * len(number)} │ ", "dim"), ("^" * len(crash.source), "bold red"))
        parts += [Indented(source, 6), Indented(caret, 6)]
    small = [f"{name} {_plain(value)}" for name, value in crash.arguments.items() if not _is_list(value)]
    grids = [grid(name, value) for name, value in crash.arguments.items() if _is_list(value) and is_grid(value)]
    sizes = [f"{name} {'×'.join(map(str, shape))}" for name, shape in crash.shapes.items()]
    parts += [Indented(Beside(grids), 6)] if grids else []
    if sizes or small:
        parts.append(Indented(Text(", ".join([*sizes, *small]), "dim"), 6))
    if crash.hint in HINTS:
        parts.append(Indented(Text(HINTS[crash.hint], "yellow"), 2))
    return parts


def _idea(says: str, id: str) -> RenderableType:
    return Indented(Text.assemble((says, "bold yellow"), (f"  (grade explain {id})", "dim")), 2)


def example_lines(example: Example) -> list[RenderableType]:
    """Show a call: its arguments, the right answer and what was given."""
    grids = [grid(name, value) for name, value in example.arguments.items() if is_grid(value) and _is_list(value)]
    small = [f"{name} {_plain(value)}" for name, value in example.arguments.items() if not _is_list(value)]
    right, given = _block("expected", example.expected, ""), _block("yours", example.given, example.text)
    if right[1:] == given[1:]:  # they differ in their axes alone, which grids do not show
        right[1:], given[1:] = [Text(str(example.expected))], [Text(str(example.given))]
    return [
        Beside([*grids, right, given]),
        *([Text(", ".join(small), "dim")] if small else []),
    ]


def _block(title: str, value: object, text: str) -> list[Text]:
    """Show a value as a grid, or in words where it is none: an exception, nothing, several outputs, many axes."""
    if is_grid(value):
        return grid(title, value)
    if value is None or value == []:
        return [Text(title, "dim"), Text(text or "(empty)")]
    if isinstance(value, list) and all(is_grid(item) for item in value):
        return [Text(title, "dim"), *(line for item in value for line in [*grid("", item)[1:], Text()])]
    return [Text(title, "dim"), Text(str(value)[:200])]


def _is_list(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def _plain(value: object) -> str:
    return f"({', '.join(map(str, value))})" if isinstance(value, list | tuple) else str(value)


def _prints(text: str, title: str) -> list[RenderableType]:
    lines = text.rstrip().splitlines()
    if not lines:
        return []
    more = [f"… {len(lines) - MOST_PRINTED} more lines"] if len(lines) > MOST_PRINTED else []
    shown_lines = [Text(f"│ {line}", "dim") for line in (*lines[:MOST_PRINTED], *more)]
    return [Indented(Text(title, "dim"), 6), *(Indented(line, 6) for line in shown_lines)]
