"""The sentences of a class report, which the terminal and Markdown share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from grader.model.class_ import (
    ClassView,
    ExerciseView,
    Failing,
    Listed,
    Marks,
    MisconceptionCount,
    Rate,
    Similar,
    Unnamed,
)
from grader.model.marks import Adjustment, Change, Lateness
from grader.numbers import as_points
from grader.output.crash_hints import HINTS
from grader.text import one_line, some

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

    def listed(found: Sequence[Listed]) -> list[str]:
        return [f"{who(one.student, one.name)}: {one_line(one.why)}" for one in found]

    without_time = [some(listed(view.timeless), MOST_LINES)] if view.timeless else []
    lists = (
        ("left out", [one_line(f"{file.name}: {file.why}", 300) for file in view.left_out]),
        ("submitted nothing", [who(person.student, person.name) for person in view.absent]),
        ("not graded yet", listed(view.unfinished)),
        ("graded, and to be graded again", listed(view.older)),
        ("not counted as late, because the platform states no time", without_time),
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


def late_text(late: Lateness) -> str:
    """Return how late a submission is and what that costs, or an empty text where it is on time."""
    if late.unknown:
        return "no time known"
    if not late.days:
        return "late" * late.late
    days = f"{late.days} day{'s' * (late.days != 1)} late"
    days = "late by an unknown time, counted as 1 day" if late.guessed else days
    return f"{days}, −{as_points(late.points)}" if late.points else days


def adjustment_text(one: Adjustment) -> str:
    """Return what a person decided about a mark, without who and why."""
    return f"set to {as_points(one.points)}" if one.sets else signed(one.points)


def signed(points: float) -> str:
    """Return points to add, with their sign."""
    return f"{'+' * (points >= 0)}{as_points(points)}"


def changed(found: Sequence[Change]) -> str:
    """Return how many marks went up and down, and why."""
    up = sum(change.new > change.old for change in found)
    parts = [f"{number} went {way}" for number, way in ((up, "up"), (len(found) - up, "down")) if number]
    why = ", ".join(f"{number} {why}" for why, number in Counter(change.why for change in found).most_common())
    return f"{len(found)} mark{'s' * (len(found) != 1)} changed: {' and '.join(parts)} ({why})"


def mean(marks: Marks) -> str:
    """Return the mean and the quartiles, and over whom they are."""
    count = sum(marks.buckets)
    over = f"over {count} mark{'s' * (count != 1)}"
    low, middle, high = (as_points(q) for q in marks.quartiles)
    return f"mean {as_points(marks.mean)} of {as_points(marks.max_score)} {over}; quartiles {low}, {middle}, {high}"


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


SIMILAR = "Similar programs, the rarest first"


def similar_programs(view: ExerciseView) -> list[str]:
    """Return who submitted similar programs, what they share, and how rare that is."""
    lines = [f"{similar_people(one)}: {similar_how(one)}" for one in view.similar]
    if count := view.not_compared:
        programs = "1 program was" if count == 1 else f"{count} programs were"
        says = f"{programs} graded by an earlier version and not compared: `grade class PATH --again` compares all"
        lines.insert(0, says)
    return lines


def similar_people(one: Similar) -> str:
    """Return the names of those with similar programs, or how many there are where nearly everybody has it."""
    parts = [[who(id, one.names.get(id, id)) for id in part] for part in one.parts]
    if one.how == "partly":
        return " and ".join(some(part, MOST_LINES) for part in parts)
    return some([name for part in parts for name in part], MOST_LINES)


def similar_how(one: Similar) -> str:
    """Return in what way programs are similar, and how rare it is what they share."""
    how = {"text": "equal byte for byte", "form": "equal except for names, layout and unused code"}
    if one.common:
        says = f"{len(one.ids)} of {one.students} students share it: probably the textbook's way"
        return f"{how[one.how]}; {says}" if one.how in how else says
    rare = f"the rarest of them in {one.rarest} of {one.students} programs"
    if one.alone:
        rare = f"{one.alone} of them in no other program of {one.students}"
    if one.how == "partly":
        return f"{one.shared} of {one.of} fragments are the same, {rare}"
    exact = [part for part in one.parts if len(part) > 1 and len(one.parts) > 1]
    more = f" (byte for byte: {'; '.join(', '.join(part) for part in exact)})" if exact else ""
    return f"{how[one.how]}{more}; {one.shared} fragments, {rare}"


def same_answers(group: Unnamed) -> tuple[str, str]:
    """Return how many students gave the same wrong answers, and one of them."""
    example = "for example " if group.students > 1 else ""
    return _students(group.students), example + who(group.student, group.name)


def _students(count: int) -> str:
    return f"{count} student{'s' * (count != 1)}"
