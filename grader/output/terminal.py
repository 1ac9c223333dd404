"""A report as a student reads it in a terminal. Returns rich renderables; the command line prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from grader.model.exercise import Value
from grader.model.report import Check, Diagnosis, Report, Verdict
from grader.numbers import as_points, short
from grader.output.blocks import Aligned, Beside, Indented, Quoted
from grader.output.diagnosis import crash_lines, diagnosis_lines
from grader.output.grid import grids, is_grids, plane_of
from grader.output.report_text import (
    common_check,
    is_absent,
    is_not_begun,
    is_own,
    parts,
    points_of,
    right_of,
    score,
    simplest_first,
    state,
    verdict_text,
)

MOST_SHOWN = 2  # wrong cases with their grids; more would push the first out of sight
MOST_PRINTED = 10  # lines of a student's own prints
FEW_PRINTED = 3  # where the answer is right
LONG_LINE = 400  # characters of a printed line; longer ones are cut at the terminal's width
LONG = 24  # lines; the score is repeated below a longer report


class _Report(NamedTuple):
    """A report below its title. If it is long, the score is repeated at its end."""

    result: Report
    pack: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = 0
        for segment in console.render(Group(*body(self.result, self.pack)), options):
            lines += segment.text.count("\n")
            yield segment
        if lines > LONG:
            yield Text(f"{self.result.exercise}: {score(self.result)}", "bold")


def report(result: Report, pack: str = "") -> Group:
    """Show one submission: title and score, then its cases and what is wrong.

    `pack` ends the commands that are shown, where the exercise was found with ` --pack NAME`.
    """
    return Group(_title(result), _Report(result, pack))


def body(result: Report, pack: str = "") -> list[RenderableType]:
    """Show a line per case, the first wrong ones in full, and why they are wrong."""
    written_checks, generated, hidden = parts(result)
    noisy = _noisy([*written_checks, *generated])
    lines: list[RenderableType]
    if same := common_check([*written_checks, *generated]):
        reason = verdict_text(same)
        mark, style = ("·", "dim") if is_not_begun(result) else ("✗", "red")
        lines = [
            Indented(Quoted(reason, style, own=is_own(same), mark=f"{mark} ")),
            *crash_lines(result.diagnosis, reason, named=True),
            *_prints(result.printed, "your program printed while loading:"),
            *_prints(noisy.printed if noisy else "", "printed in the first case:"),
        ]
    else:
        first = _first_to_say([*written_checks, *simplest_first(generated)[:1]])
        wrong = [check.case for check in written_checks if check.mismatch]
        full = [case for case in wrong if case in first][:MOST_SHOWN]
        others = sum(bool(check.printed) for check in (*written_checks, *generated)) - 1
        lines = [
            *_changed(result.diagnosis),
            *(
                line
                for check in written_checks
                for line in case(check, check.case in full, check.case not in first, check is noisy, others)
            ),
            *_sweep(generated, len(full) < MOST_SHOWN, first, noisy, others),
            *_explain(result.exercise, wrong, pack),
            *_hidden(hidden),
            *_prints(result.printed, "your program printed while loading:"),
            *diagnosis_lines(result.diagnosis, " ".join(check.text for check in result.checks), pack),
        ]
    return [*(Indented(Quoted(note, "yellow", own="\n" not in note)) for note in result.notes), *lines]


def _noisy(checks: Sequence[Check]) -> Check | None:
    """Return the case whose printed text is shown: a wrong one, if one of these printed something."""
    printed = [check for check in checks if check.printed]
    return next((check for check in printed if check.verdict is not Verdict.correct), next(iter(printed), None))


def _first_to_say(checks: Sequence[Check]) -> set[str]:
    """Return the cases whose sentence stands in no case above; the others refer to that."""
    seen: dict[str, str] = {}
    for check in checks:
        seen.setdefault(verdict_text(check) if check.text else check.case, check.case)
    return set(seen.values())


def progress(reports: Sequence[Report], missing: Iterable[tuple[str, str, float]]) -> Table:
    """Show one row per exercise and the total; `missing` are id, title and points of those with no file here."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("exercise", "", "cases"):
        table.add_column(name, header_style="dim")
    table.add_column("points", justify="right", header_style="dim")
    total = most = 0.0
    for result in reports:
        idle = is_not_begun(result) or is_absent(result)
        mark, style = ("·", "dim") if idle else _mark(result.passed)
        table.add_row(Text(f"{mark} {result.exercise}", style), Text(result.title), state(result), score(result))
        total, most = total + result.score, most + result.max_score
    for id, title, points in missing:
        table.add_row(
            Text(f"· {id}", "dim"), Text(title, "dim"), Text("not started", "dim"), f"0 / {as_points(points)}"
        )
        most += points
    table.add_row("", "", Text("total", "bold"), Text(f"{as_points(total)} / {as_points(most)}", "bold"))
    return table


def _title(result: Report) -> Aligned:
    style = "bold green" if result.passed else "bold"
    return Aligned(Text(f"{result.exercise} · {result.title}", "bold"), Text(score(result), style))


def _mark(good: bool) -> tuple[str, str]:
    return ("✓", "green") if good else ("✗", "red")


def _line(checks: Sequence[Check], name: str, text: str = "", points: bool = True) -> Aligned:
    """Show one or more cases as a line, with their points unless they have none."""
    good = all(check.verdict is Verdict.correct for check in checks)
    mark, style = _mark(good)
    line = Text.assemble((f"{mark} ", style), name)
    if text:
        line.append(f"  {text}", "dim" if good else "")
    return Aligned(line, Text(points_of(checks) if points else "", "dim"), 2)


def _explain(exercise: str, wrong: Sequence[str], pack: str) -> list[RenderableType]:
    """Show how to see the arithmetic of the wrong cases that have no room here."""
    if len(wrong) <= MOST_SHOWN:
        return []
    command = f'`grade explain {exercise} "{wrong[-1]}"{pack}`'
    return [Indented(Text(f"{command} shows the arithmetic of any case", "dim"))]


def case(
    check: Check, full: bool = True, again: bool = False, prints: bool = True, others: int = 0, points: bool = True
) -> list[RenderableType]:
    """Show one case; in `full` with its grids and the arithmetic of its worst cell.

    `again` means that a case above says the same. `others` is the number of other cases that print.
    """
    lines: list[RenderableType] = [_line([check], check.case, "as above" if again else "", points)]
    if check.text and not again:
        lines.append(Indented(_sentence(check), 6))
    if full:
        lines += _grids(check)
    return lines + (_case_prints(check, others) if prints else [])


def _sentence(check: Check, before: str = "") -> RenderableType:
    """Show a check's sentence; one with a mismatch is the grader's own, others may hold an exception's words."""
    if check.verdict is Verdict.correct:
        return Quoted(check.text, "yellow")
    text = f"{before}{verdict_text(check)}"
    return Text(text) if check.mismatch else Quoted(text, own=is_own(check))


def _sweep(
    checks: Sequence[Check], full: bool, first: set[str], noisy: Check | None, others: int
) -> list[RenderableType]:
    """Show the generated cases as one line, and the simplest wrong one."""
    if not checks:
        return []
    wrong = simplest_first(checks)
    right = right_of(checks) if wrong else f"all {len(checks)}"
    lines: list[RenderableType] = [_line(checks, "sweep", f"{right} generated cases right")]
    for check in wrong[:1]:
        before = f"{check.case}: "
        lines.append(Indented(_sentence(check, before) if check.case in first else Text(f"{before}as above"), 6))
        lines += _grids(check) if full else []
    return lines + (_case_prints(noisy, others) if noisy in checks and noisy else [])


def _case_prints(check: Check, others: int) -> list[RenderableType]:
    """Show what one case printed. Right cases need few lines."""
    also = "" if others < 1 else " (so does 1 other case)" if others == 1 else f" (so do {others} other cases)"
    name = f" in {check.case}" if check.generated else ""
    most = FEW_PRINTED if check.verdict is Verdict.correct else MOST_PRINTED
    return _prints(check.printed, f"printed{name}{also}:", most)


def _hidden(checks: Sequence[Check]) -> list[RenderableType]:
    return [_line(checks, "hidden", f"{right_of(checks)} right")] if checks else []


def _grids(check: Check) -> list[RenderableType]:
    """Show a wrong answer beside the right one and the input, and the arithmetic of the worst cell."""
    mismatch, cell = check.mismatch, check.diagnosis and check.diagnosis.cell
    lines: list[RenderableType] = []
    if mismatch and is_grids(mismatch.expected_value) and is_grids(mismatch.given_value):
        axes = check.diagnosis.axes if check.diagnosis else {}
        own, worst = axes.get(mismatch.output, ""), mismatch.worst
        wrong = _differing(mismatch.expected_value, mismatch.given_value) if mismatch.differ else set()
        wrong = {at for at in wrong if worst and plane_of(at, own) == plane_of(worst, own)} or wrong
        inputs = cell.input.items() if cell else ()
        window = set(cell.reads) if cell else set()
        marks = [
            *((name, value, window, "bold cyan", axes.get(name, "")) for name, value in inputs if is_grids(value)),
            ("expected", mismatch.expected_value, wrong, "bold green", own),
            ("yours", mismatch.given_value, wrong, "bold red", own),
        ]
        blocks = [block for *mark, order in marks for block in grids(*mark, only_marked=True, axes=order)]
        lines.append(Indented(Beside(blocks), 6))
    if cell:
        place = f"[{', '.join(map(str, cell.at))}]" if cell.at else ""
        lines.append(Indented(Text(f"{cell.output}{place} = {cell.text}", "cyan"), 6))
    return lines


def _differing(expected: Value, given: Value, at: tuple[int, ...] = ()) -> set[tuple[int, ...]]:
    """Return the indices of cells that differ as they are shown."""
    if isinstance(expected, list) and isinstance(given, list):
        rows = enumerate(zip(expected, given, strict=True))
        return {index for i, (a, b) in rows for index in _differing(a, b, (*at, i))}
    if isinstance(expected, int | float) and isinstance(given, int | float) and short(expected) == short(given):
        return set()
    return {at}


def _changed(found: Diagnosis | None) -> list[RenderableType]:
    """Show that the function changes its arguments, if that is the likely cause."""
    return [Indented(Text(found.changes, "bold yellow"))] if found and found.changes else []


def _prints(text: str, title: str, most: int = MOST_PRINTED) -> list[RenderableType]:
    lines = text.rstrip().splitlines()
    if not lines:
        return []
    more = [f"… {len(lines) - most} more lines"] if len(lines) > most else []
    long = any(len(line) > LONG_LINE for line in lines)
    shown = "\n".join([*lines[:most], *more])
    return [Indented(Text(title, "dim"), 6), Indented(Quoted(shown, "dim", always=True, cut=long), 6)]
