"""A class in a terminal: marks, wrong ideas, hard cases, and what somebody has to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.numbers import as_points
from grader.output.layout import Indented
from grader.output.terminal import example_lines
from grader.text import one_line

CAUSES = {  # by Crash.hint
    "environment": "another version of NumPy",
    "sequence": "an array put into a single cell",
    "no-return": "a `return` is missing",
    "float-size": "a size that is no whole number",
    "beyond": "a window beyond the edge",
    "empty": "an empty window",
    "negative-size": "a negative size",
    "shapes": "shapes that do not fit",
    "name": "a name that was never set",
    "read-only": "a tuple that is changed",
}
STOPPED = {  # by Verdict: what else than an exception keeps a program from an answer
    "time_limit": "no answer in time",
    "memory_limit": "too much memory",
    "output_limit": "too much printed",
    "not_allowed": "something that this exercise does not allow",
    "missing": "the function is not there",
}
OUR_FAULT = "The grader failed: no mark"
MOST_LINES = 10  # of one list; the JSON has them all
BAR = 30


def classes(view: Any) -> Group:
    """Show a class, exercise by exercise."""
    return Group(*(part for exercise in view.exercises for part in (*_exercise(exercise), Text())))


def students(summary: Any) -> Table:
    """Show a row per student. Names stand last: writing from right to left moves what comes after it."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for id in summary.exercises:
        table.add_column(one_line(id, 20), justify="right", header_style="dim", no_wrap=True)
    table.add_column("total", justify="right", header_style="dim", no_wrap=True)
    table.add_column(f"of {points(summary.max_score)}", header_style="dim", overflow="fold")
    for row in summary.rows:
        marks = [Text(_mark(row.marks.get(id))) for id in summary.exercises]
        table.add_row(*marks, Text(points(row.total), "bold"), Text(who(row.student, row.name)))
    return table


def points(score: float | None) -> str:
    """Return points, or a question mark where they are open."""
    return "?" if score is None else as_points(score)


def rest(view: Any) -> Group:
    """Show who is in no exercise, and why; and whether the cases were fresh."""
    lines = [f"answers: {one_line(view.answers)}"] if "fresh" in view.answers else []
    for title, those in without(view):
        lines += [f"{title}:", *(f"  {line}" for line in those)]
    return Group(*map(Text, lines))


def without(view: Any) -> list[tuple[str, list[str]]]:
    """Return those who are in no exercise, a title and a line for each."""
    lists = (
        ("left out", [one_line(f"{file.name}: {file.why}", 300) for file in view.left_out]),
        ("handed in nothing", [who(person.student, person.name) for person in view.absent]),
        ("not graded yet", [f"{who(one.student, one.name)}: {one_line(one.why)}" for one in view.unfinished]),
    )
    return [(title, those) for title, those in lists if those]


def who(student: str, name: str) -> str:
    """Return a name with its id, each cleaned, cut and on one line."""
    student, name = one_line(student, 60), one_line(name, 60)
    return f"{name} ({student})" if name and name != student else student


def _mark(mark: Any) -> str:
    """Return a mark as a cell: a dash for nothing handed in, a question mark where the grader failed or has yet to."""
    if mark is None or mark.state == "missing":
        return "–"
    late = " late" if mark.late else ""
    return points(mark.score if mark.state == "graded" else None) + late


def _exercise(seen: Any) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(f"{one_line(seen.exercise)} · {one_line(seen.title)}", "bold")]
    parts.append(Indented(Text(counts(seen))))
    if seen.marks:
        parts += [Indented(line) for line in _marks(seen.marks)]
    parts += _section("Misconceptions", [_idea(m, seen.graded) for m in seen.misconceptions])
    parts += _section("Wrong answers without a name", _unnamed(seen.unnamed))
    parts += _section("Exceptions", [_counted(c.students, seen.graded, crash(c)) for c in seen.crashes])
    parts += _section("Stopped or never begun", [_counted(n, seen.graded, says) for n, says in stopped(seen.verdicts)])
    parts += _section("Cases that were missed most", [Text(line) for line in cases(seen.cases)])
    parts += _section("Equal programs", [Text(line) for line in copies(seen.copies)])
    for title, people in unmarked(seen):
        parts += _section(title, [Text(line, "red" if title == OUR_FAULT else "") for line in people])
    return parts


def counts(seen: Any) -> str:
    """Return in a sentence how many there are of each kind."""
    lists = (("late", seen.late), ("nothing to grade", seen.missing), ("our fault", seen.internal_errors))
    kinds = [f"{seen.right} right", f"{seen.wrong} wrong", f"{seen.no_answer} without an answer"]
    kinds += [f"{len(people)} {says}" for says, people in lists if people]
    return f"{many(seen.students, 'student')}: {', '.join(kinds)}"


def unmarked(seen: Any) -> list[tuple[str, list[str]]]:
    """Return who has no mark for the work, and why, under a title for each kind."""
    lists = (("Nothing to grade", seen.missing), (OUR_FAULT, seen.internal_errors))
    return [
        (title, [f"{who(p.student, p.name)}{': ' * bool(p.why)}{one_line(p.why)}" for p in people])
        for title, people in lists
    ]


def _marks(marks: Any) -> list[Text]:
    """Show the mean, the quartiles and a bar for each tenth of the points."""
    low, middle, high = (as_points(q) for q in marks.quartiles)
    lines = [Text(f"mean {as_points(marks.mean)} of {as_points(marks.max_score)}; quartiles {low}, {middle}, {high}")]
    width = len(as_points(marks.max_score))
    for number, count in enumerate(marks.buckets):
        ends = [as_points(marks.max_score * (number + n) / len(marks.buckets)) for n in (0, 1)]
        bar = "█" * round(BAR * count / max(marks.buckets)) or "▏" * bool(count)
        name = f"{ends[0]:>{width + 2}} – {ends[1]:<{width + 2}} "
        lines.append(Text.assemble((name, "dim"), (bar, "cyan"), f" {count}" if count else ""))
    return lines


def _counted(count: int, of: int, says: str) -> Text:
    return Text.assemble((f"{count} of {of}", "bold"), f"  {says}")


def _idea(found: Any, of: int) -> Text:
    return _counted(found.students, of, idea(found))


def idea(found: Any) -> str:
    """Return a misconception as a sentence, with its id, and how many more may have it."""
    more = f"; one of several explanations for {found.perhaps} more" if found.perhaps else ""
    return f"{one_line(found.says)} ({one_line(found.id)}){more}"


def crash(found: Any) -> str:
    """Return an exception's type, and what is behind it where that is known."""
    hint = f" ({CAUSES[found.hint]})" if found.hint in CAUSES else ""
    return (one_line(found.type, 80) or "its program did not get to a case") + hint


def stopped(verdicts: Any) -> list[tuple[int, str]]:
    """Return how many programs were stopped or could not be begun, and why."""
    return [(count, STOPPED[verdict]) for verdict, count in verdicts.items() if verdict in STOPPED]


def cases(rates: Sequence[Any]) -> list[str]:
    """Return the written and the hidden cases that were failed, most often first, and the sweep as one line."""
    wrong = sorted((r for r in rates if r.failed and not r.generated), key=lambda r: -r.failed)
    lines = [f"{r.failed} of {r.of}  {one_line(r.name)}" for r in wrong]
    drawn = [r for r in rates if r.generated]
    if any(r.failed for r in drawn):
        share = sum(r.failed for r in drawn) / sum(r.of for r in drawn)
        worst = max(drawn, key=lambda r: r.failed)
        sweep = f"{share:.0%} of the answers to {len(drawn)} generated cases; {worst.failed} of {worst.of}"
        lines.append(f"{sweep} {one_line(worst.name)}")
    return lines


def copies(groups: Sequence[Any]) -> list[str]:
    """Say who handed in equal programs, and how they are equal."""
    said = []
    for group in groups:
        parts = [", ".join(who(id, group.names.get(id, id)) for id in part) for part in group.parts]
        exact = [names for names, part in zip(parts, group.parts, strict=True) if len(part) > 1 and len(parts) > 1]
        more = f" (byte for byte: {'; '.join(exact)})" if exact else ""
        said.append(f"{', '.join(parts)}: {group.says}{more}")
    return said


def _unnamed(found: Sequence[Any]) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for group in found:
        head = f"{alike(group)}, for example {who(group.student, group.name)}"
        if group.example is None:
            parts.append(Text(f"{head}: {one_line(group.case)}: {one_line(group.text)}"))
        else:
            parts.append(Group(Text(f"{head}:"), *(Indented(line) for line in example_lines(group.example))))
    return parts


def alike(group: Any) -> str:
    """Return how many gave the same wrong answers."""
    return f"{group.students} alike" if group.students > 1 else "1 alone"


def many(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}{'s' * (count != 1)}"


def _section(title: str, lines: Sequence[RenderableType]) -> Iterable[RenderableType]:
    """Return a heading with its lines, or nothing; long lists are cut."""
    if not lines:
        return []
    more = [Text(f"… and {len(lines) - MOST_LINES} more", "dim")] if len(lines) > MOST_LINES else []
    return [Indented(Text(title, "bold cyan")), *(Indented(line, 4) for line in (*lines[:MOST_LINES], *more))]
