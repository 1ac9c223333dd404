"""The sentences of a class report, which the terminal and Markdown share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.model.class_ import ClassView, ExerciseView, Failing, Group, MisconceptionCount, Rate, Unnamed
from grader.output.crash_hints import HINTS
from grader.text import one_line

STOPPED = {  # by Verdict, or a wrong answer that is not one: what else keeps a program from returning an answer
    "time_limit": "time limit exceeded",
    "memory_limit": "memory limit exceeded",
    "output_limit": "printed too much",
    "not_allowed": "used something that the exercise does not allow",
    "missing": "the function is missing",
    "no_numbers": "returned something else than numbers",
    "not_judged": "not judged in some cases, where the function before it is wrong",
}
GRADER_FAILED = "Not graded because the grader failed"
MOST_LINES = 10  # of one list; the JSON has them all


def people(view: ClassView) -> list[tuple[str, list[str]]]:
    """Return who has no place in any exercise: a title and a line for each of them."""
    lists = (
        ("left out", [one_line(f"{file.name}: {file.why}", 300) for file in view.left_out]),
        ("submitted nothing", [who(person.student, person.name) for person in view.absent]),
        ("not graded yet", [f"{who(one.student, one.name)}: {one_line(one.why)}" for one in view.unfinished]),
    )
    return [(title, lines) for title, lines in lists if lines]


def unmarked(view: ExerciseView) -> list[tuple[str, list[str]]]:
    """Return who has no mark for an exercise, and why: a title and a line for each of them."""
    lists = (("Nothing to grade", view.missing), (GRADER_FAILED, view.internal_errors))
    return [
        (title, [f"{who(p.student, p.name)}{': ' * bool(p.why)}{one_line(p.why)}" for p in found])
        for title, found in lists
    ]


def who(student: str, name: str) -> str:
    """Return a name with its id, each cleaned, cut and on one line."""
    student, name = one_line(student, 60), one_line(name, 60)
    return f"{name} ({student})" if name and name != student else student


def counts(view: ExerciseView) -> str:
    """Return in a sentence how the students of an exercise did."""
    lists = (
        ("late", view.late),
        ("with nothing to grade", view.missing),
        ("not graded", view.internal_errors),
    )
    parts = [f"{view.right} right", f"{view.wrong} wrong", f"{view.no_answer} without an answer"]
    parts += [f"{len(found)} {what}" for what, found in lists if found]
    return f"{_students(view.students)}: {', '.join(parts)}"


def misconception(found: MisconceptionCount) -> str:
    """Return a misconception as a sentence, with its id, and how many more may have it."""
    more = f"; one of several explanations for {found.perhaps} more" if found.perhaps else ""
    return f"{one_line(found.says)} ({one_line(found.id)}){more}"


def crash(found: Failing) -> str:
    """Return an exception's type, and its cause if that is known."""
    cause = f" ({HINTS[found.hint].cause})" if found.hint in HINTS else ""
    return (one_line(found.type, 80) or "exception before the first test case") + cause


def stopped(verdicts: Mapping[str, int]) -> list[tuple[int, str]]:
    """Return how many programs were stopped or could not be run, and why."""
    return [(count, STOPPED[verdict]) for verdict, count in verdicts.items() if verdict in STOPPED]


def failed_cases(rates: Sequence[Rate]) -> list[str]:
    """Return the written and the hidden cases that were failed, most often first, and the sweep as one line."""
    wrong = sorted((r for r in rates if r.failed and not r.generated), key=lambda r: -r.failed)
    lines = [f"{r.failed} of {r.of}  {one_line(r.name)}" for r in wrong]
    sweep = [r for r in rates if r.generated]
    if any(r.failed for r in sweep):
        share = sum(r.failed for r in sweep) / sum(r.of for r in sweep)
        worst = max(sweep, key=lambda r: r.failed)
        most = f"most often {one_line(worst.name)} ({worst.failed} of {worst.of})"
        lines.append(f"{share:.0%} of the answers to {len(sweep)} generated cases, {most}")
    return lines


def equal_programs(groups: Sequence[Group]) -> list[str]:
    """Return who submitted equal programs, and how they are equal."""
    lines = []
    for group in groups:
        parts = [", ".join(who(id, group.names.get(id, id)) for id in part) for part in group.parts]
        exact = [names for names, part in zip(parts, group.parts, strict=True) if len(part) > 1 and len(parts) > 1]
        more = f" (byte for byte: {'; '.join(exact)})" if exact else ""
        lines.append(f"{', '.join(parts)}: {group.says}{more}")
    return lines


def same_answers(group: Unnamed) -> tuple[str, str]:
    """Return how many students gave the same wrong answers, and one of them."""
    example = "for example " if group.students > 1 else ""
    return _students(group.students), example + who(group.student, group.name)


def _students(count: int) -> str:
    return f"{count} student{'s' * (count != 1)}"
