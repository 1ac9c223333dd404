"""A class in the terminal (`grade report`): marks, misconceptions, hard cases, and who needs attention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.model.class_ import ClassView, ExerciseView, Mark, Marks, Summary, Unnamed
from grader.numbers import as_points
from grader.output.blocks import Indented
from grader.output.class_text import (
    GRADER_FAILED,
    MOST_LINES,
    SIMILAR,
    counts,
    crash,
    failed_cases,
    mean,
    misconception,
    people,
    same_answers,
    similar_programs,
    stopped,
    unmarked,
    who,
)
from grader.output.diagnosis import example_lines
from grader.text import one_line

BAR = 30  # columns of the longest bar


def exercises(view: ClassView) -> Group:
    """Show a class, exercise by exercise."""
    return Group(*(part for exercise in view.exercises for part in (*_exercise(exercise), Text())))


def students(summary: Summary) -> Table:
    """Show a row per student. The name is the last column: right-to-left text moves whatever follows it."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for id in summary.exercises:
        table.add_column(one_line(id, 20), justify="right", header_style="dim", no_wrap=True)
    table.add_column("total", justify="right", header_style="dim", no_wrap=True)
    table.add_column(f"of {_points(summary.max_score)}", header_style="dim", overflow="fold")
    for row in summary.rows:
        marks = [Text(_mark(row.marks.get(id))) for id in summary.exercises]
        table.add_row(*marks, Text(_points(row.total), "bold"), Text(who(row.student, row.name)))
    return table


def others(view: ClassView) -> Group:
    """Show who is in no exercise, and why; and which answers were used if the cases are secret."""
    lines = [f"answers: {one_line(view.answers)}"] if view.secret else []
    for title, found in people(view):
        lines += [f"{title}:", *(f"  {line}" for line in found)]
    return Group(*map(Text, lines))


def _mark(mark: Mark | None) -> str:
    """Return a mark as a cell: a dash if nothing was submitted, a question mark if there is no mark yet."""
    if mark is None or mark.state == "missing":
        return "–"
    traits = " adjusted" * bool(mark.adjustments) + " late" * mark.late.late + " older" * bool(mark.older)
    return _points(mark.score if mark.state == "graded" else None) + traits


def _points(score: float | None) -> str:
    return "?" if score is None else as_points(score)


def _exercise(view: ExerciseView) -> list[RenderableType]:
    of = view.graded
    parts: list[RenderableType] = [Text(f"{one_line(view.exercise)} · {one_line(view.title)}", "bold")]
    parts.append(Indented(Text(counts(view))))
    parts += [Indented(line) for line in _marks(view.marks)]
    parts += _section("Misconceptions", [_counted(m.students, of, misconception(m)) for m in view.misconceptions])
    parts += _section("Wrong answers that no known misconception explains", [_example(group) for group in view.unnamed])
    parts += _section("Exceptions", [_counted(c.students, of, crash(c)) for c in view.crashes])
    parts += _section("Stopped or not run", [_counted(count, of, why) for count, why in stopped(view.verdicts)])
    parts += _section("Cases failed most often", [Text(line) for line in failed_cases(view.cases)])
    parts += _section(SIMILAR, [Text(line) for line in similar_programs(view)])
    for title, lines in unmarked(view):
        parts += _section(title, [Text(line, "red" if title == GRADER_FAILED else "") for line in lines])
    return parts


def _marks(marks: Marks | None) -> list[Text]:
    """Show the mean, the quartiles and a bar for each tenth of the points."""
    if marks is None:
        return []
    lines = [Text(mean(marks))]
    width = len(as_points(marks.max_score))
    for number, count in enumerate(marks.buckets):
        ends = [as_points(marks.max_score * (number + n) / len(marks.buckets)) for n in (0, 1)]
        bar = "█" * round(BAR * count / max(marks.buckets)) or "▏" * bool(count)
        name = f"{ends[0]:>{width + 2}} – {ends[1]:<{width + 2}} "
        lines.append(Text.assemble((name, "dim"), (bar, "cyan"), f" {count}" if count else ""))
    return lines


def _counted(count: int, of: int, what: str) -> Text:
    return Text.assemble((f"{count} of {of}", "bold"), f"  {what}")


def _example(group: Unnamed) -> RenderableType:
    head = ", ".join(same_answers(group))
    if group.example is None:
        return Text(f"{head}: {one_line(group.case)}: {one_line(group.text)}")
    return Group(Text(f"{head}:"), *(Indented(line) for line in example_lines(group.example)))


def _section(title: str, lines: Sequence[RenderableType]) -> Iterable[RenderableType]:
    """Return a heading with its lines, or nothing; long lists are cut."""
    if not lines:
        return []
    more = [Text(f"… and {len(lines) - MOST_LINES} more", "dim")] if len(lines) > MOST_LINES else []
    return [Indented(Text(title, "bold cyan")), *(Indented(line, 4) for line in (*lines[:MOST_LINES], *more))]
