"""The pages of `grade list`, `show` and `explain` for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.model.exercise import Case, Exercise, Reference
from grader.numbers import as_points
from grader.output.grids import grid, is_grid
from grader.output.layout import Beside, Indented


def exercises(rows: Iterable[Exercise]) -> Table:
    """List exercises: id, title, function, points."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("exercise", "", "function"):
        table.add_column(name, header_style="dim")
    table.add_column("points", header_style="dim", justify="right")
    for exercise in rows:
        table.add_row(
            Text(exercise.id, "bold"), Text(exercise.title), Text(exercise.function), as_points(exercise.points)
        )
    return table


def exercise(it: Exercise, formula: str, answers: Iterable[Reference]) -> Group:
    """Show an exercise: its task, function and formula, and its written cases with torch's answers."""
    known = {reference.case: reference.value for reference in answers}
    drawn = sum(case.generated for case in it.cases)
    hidden = sum(case.hidden for case in it.cases)
    parts: list[RenderableType] = [
        Text(f"{it.id} · {it.title} · {as_points(it.points)} {'point' if it.points == 1 else 'points'}", "bold"),
        Text(f"\n{_flowing(it.task)}\n") if it.task else Text(),
        Text.assemble(("def ", "dim"), (it.function, "bold cyan")),
        Text(f"{formula}\n", "cyan"),
    ]
    for case in it.cases:
        if not case.generated and not case.hidden:
            parts += _case(case, known[case.name])
    more = [f"{drawn} generated cases"] * bool(drawn) + [f"{hidden} hidden {'one' if hidden == 1 else 'ones'}"] * bool(
        hidden
    )
    if more:
        parts.append(Text(f"and {' and '.join(more)}", "dim"))
    return Group(*parts)


def _flowing(text: str) -> str:
    """Undo an author's line breaks within a paragraph; the terminal makes its own."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text.strip())


def _case(case: Case, answer: tuple[Any, ...]) -> list[RenderableType]:
    where = f"  ({case.slide.where})" if case.slide else ""
    parts: list[RenderableType] = [Text.assemble((case.name, "bold"), (where, "dim"))]
    parts += [Indented(line) for line in _inputs(case.inputs, case.fields, ())]
    parts += [Indented(line) for value in answer if is_grid(value) for line in grid("answer", value)]
    if case.slide and case.slide.erratum:
        parts.append(Indented(Text(f"the slide is wrong here: {case.slide.erratum}", "yellow")))
    return [*parts, Text()]


def _inputs(inputs: dict[str, Any], fields: dict[str, Any], marked: Any) -> list[RenderableType]:
    first = next(iter(inputs), "")
    blocks = [grid(n, v, marked if n == first else ()) for n, v in inputs.items() if is_grid(v)]
    small = [f"{n} {tuple(v) if isinstance(v, list) else v}" for n, v in fields.items()]
    return [*([Beside(blocks)] if blocks else []), *([Text(", ".join(small), "dim")] if small else [])]


def cell(page: Any) -> Group:
    """Show one cell: the window marked in the input, the arithmetic, the answer with the cell marked."""
    parts: list[RenderableType] = [Text(f"{page.exercise} · {page.case} · {page.place}", "bold")]
    parts += [Indented(line) for line in _inputs(page.inputs, page.fields, set(page.reads))]
    parts += [Text(), Indented(Text(f"{page.place} = {page.text}", "cyan")), Text()]
    if is_grid(page.answer):
        name = page.place.partition("[")[0]
        parts += [Indented(line) for line in grid(name, page.answer, {page.at}, "bold green")]
    return Group(*parts)


def misconception(page: Any) -> Group:
    """Show a misconception: what it does, why it is wrong, an example, what to do instead."""
    parts: list[RenderableType] = [Text(f"{page.id}", "bold"), Text()]
    parts += _section("What it does", Text(page.says))
    parts += _section("Why it is wrong", Text(page.why))
    parts += [Text("Example", "bold cyan"), Indented(Text(page.call, "dim"))]
    parts += [Indented(line) for line in _inputs(page.inputs, {}, ())]
    if isinstance(page.wrong, str):
        parts += [Indented(line) for line in grid("right", page.right)] + [Indented(Text(page.wrong, "red"))]
    else:
        parts.append(Indented(Beside([grid("right", page.right), grid("with this mistake", page.wrong)])))
    return Group(*parts, Text(), *_section("Instead", Text(page.instead)))


def misconceptions(rows: Iterable[tuple[str, str]]) -> Table:
    """List misconceptions: id and sentence."""
    table = Table.grid(padding=(0, 2))
    for id, says in rows:
        table.add_row(Text(id, "bold"), Text(says))
    return table


def _section(title: str, text: Text) -> list[RenderableType]:
    return [Text(title, "bold cyan"), Indented(text), Text()]
