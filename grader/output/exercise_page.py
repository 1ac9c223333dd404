"""What `grade list` and `grade show` print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.model.exercise import Case, Exercise, Reference, Value
from grader.model.signature import as_student, axes_of, output_view, shown_arguments
from grader.numbers import as_points, from_nested, to_nested
from grader.output.blocks import Beside, Indented
from grader.output.grid import call_blocks, grids, is_grids


def table(exercises: Iterable[Exercise]) -> Table:
    """List exercises: id, title, function, points."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("exercise", "", "function"):
        table.add_column(name, header_style="dim")
    table.add_column("points", header_style="dim", justify="right")
    for it in exercises:
        table.add_row(Text(it.id, "bold"), Text(it.title), Text(it.function), as_points(it.points))
    return table


def page(exercise: Exercise, formula: str, references: Iterable[Reference]) -> Group:
    """Show an exercise: its task, function and formula, and its visible written cases with torch's answers."""
    answers = {reference.case: reference.value for reference in references}
    points = f"{as_points(exercise.points)} {'point' if exercise.points == 1 else 'points'}"
    parts: list[RenderableType] = [
        Text(f"{exercise.id} · {exercise.title} · {points}", "bold"),
        Text(f"\n{_reflowed(exercise.task)}\n") if exercise.task else Text(),
        Text.assemble(("" if ")." in exercise.function else "def ", "dim"), (exercise.function, "bold cyan")),
        Text(f"{formula}\n", "cyan"),
    ]
    for case in exercise.cases:
        if not case.generated and not case.hidden:
            parts += _case(exercise, case, answers[case.name])
    if more := _others(exercise.cases):
        parts.append(Text(f"and {more}", "dim"))
    return Group(*parts)


def _others(cases: Sequence[Case]) -> str:
    """Return how many cases are not shown."""
    generated, hidden = sum(case.generated for case in cases), sum(case.hidden for case in cases)
    counts = [f"{generated} generated cases"] if generated else []
    counts += [f"{hidden} hidden case{'s' * (hidden != 1)}"] if hidden else []
    return " and ".join(counts)


def _reflowed(text: str) -> str:
    """Remove an author's line breaks within a paragraph; the terminal makes its own."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text.strip())


def _case(exercise: Exercise, case: Case, answer: Sequence[Value]) -> list[RenderableType]:
    where = f"  ({case.slide.where})" if case.slide else ""
    parts: list[RenderableType] = [Text.assemble((case.name, "bold"), (where, "dim"))]
    axes = axes_of(exercise)
    parts += [Indented(line) for line in call_blocks(*shown_arguments(exercise, case), axes=axes)]
    shown = []
    for name, value in zip(exercise.outputs, answer, strict=True):
        own = to_nested(as_student(output_view(exercise, name), from_nested(value)))
        title = name if len(answer) > 1 else "answer"
        shown += grids(title, own, axes=axes.get(name, "")) if is_grids(own) else []
    parts += [Indented(Beside(shown))] if shown else []
    if case.slide and case.slide.erratum:
        parts.append(Indented(Text(f"the slide is wrong here: {case.slide.erratum}", "yellow")))
    return [*parts, Text()]
