"""What people decide about a graded class: `grade mark`, `grade comment` and `grade withdraw`."""

from __future__ import annotations

import getpass
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from grader.cli.console import show
from grader.cli.policy import apply_policy
from grader.cli.student import event_line, is_of, mark_text, results_option
from grader.errors import GradeError, Problem, near
from grader.numbers import as_points
from grader.text import named, one_line

if TYPE_CHECKING:
    from grader.classroom.journal import Reach
    from grader.classroom.store import Store
    from grader.model.class_ import Entry, Result

_file = click.Path(path_type=Path)
_as = click.option("--as", "who", metavar="NAME", help="Who decides it (default: the system's user).")


@click.command
@click.argument("student", required=False)
@click.argument("exercise", required=False)
@click.option("--add", type=float, metavar="POINTS", help="Add points; `--add -2` takes 2 away.")
@click.option("--set", "set_", type=float, metavar="POINTS", help="Set the mark, whatever a regrade gives.")
@click.option("--why", metavar="TEXT", help="The reason, which the student reads too.")
@click.option("--csv", type=_file, metavar="FILE", help="Many marks: `student,exercise,points,comment`, or `add`.")
@_as
@results_option
def mark(
    student: str | None,
    exercise: str | None,
    add: float | None,
    set_: float | None,
    why: str | None,
    csv: Path | None,
    who: str | None,
    results: Path,
) -> int:
    """Adjust the mark of STUDENT for EXERCISE. The adjustment survives every regrade until it is withdrawn."""
    from grader.classroom.store import Store

    alone = student or exercise or why or add is not None or set_ is not None
    if csv and alone:
        raise click.UsageError("--csv has the students, points and reasons: omit the rest")
    if not csv and (not student or not exercise or not why or (add is None) == (set_ is None)):
        raise click.UsageError('give STUDENT EXERCISE, --add or --set, and --why "…"; or --csv FILE')
    apply_policy(results)
    with Store(results, writing=True) as store:
        if csv:
            wanted = _read(csv)
        else:
            points = set_ if add is None else add
            wanted = [_Wanted(str(student), str(exercise), points or 0.0, add is None, str(why), "")]
        _adjust(store, wanted, who or getpass.getuser())
    return 0


class _Wanted(NamedTuple):
    """An adjustment as somebody wrote it, and where."""

    student: str
    exercise: str
    points: float
    sets: bool
    why: str
    place: str


def _read(path: Path) -> list[_Wanted]:
    """Read adjustments. Raise GradeError with all that is wrong."""
    from grader.platforms.table import read_table

    table = read_table(path, "the list of marks")
    names = ("student", "exercise", "comment")
    columns = [table.column([name]) for name in names]
    adds, sets = table.column(["add"]), table.column(["points"])
    if None in columns or (adds is None) == (sets is None):
        help = "begin it with `student,exercise,points,comment` to set marks, or `student,exercise,add,comment`"
        raise GradeError(Problem("the columns are not those of a list of marks", help, f"{table.file}:{table.line}"))
    wanted, problems = [], []
    for line, row in table.rows:
        at = f"{table.file}:{line}"
        student, exercise, why = (row[column].strip() for column in columns if column is not None)
        text = row[sets if adds is None else adds].strip()  # type: ignore[index]  # one of them is there
        try:
            points = float(text.replace(",", "."))
        except ValueError:
            problems.append(Problem(f"`{one_line(text, 40)}` is not a number of points", "write it as `7.5`", at))
            continue
        if not why:
            problems.append(Problem("the comment is missing", "say why: the student reads it too", at))
            continue
        wanted.append(_Wanted(student, exercise, points, adds is None, why, at))
    if problems:
        raise GradeError(*problems[:20])
    return wanted


def _adjust(store: Store, wanted: Sequence[_Wanted], who: str) -> None:
    """Write all adjustments in one transaction, or none. Raise GradeError with all that is wrong."""
    from grader.classroom import journal
    from grader.classroom.absent import absent_entries
    from grader.model.marks import Adjustment, mark_of

    marks = {(result.entry.student, result.report.exercise): result.mark for result in store.results()}
    most_of = {id: of.points for id, of in store.assigned().items()}
    absent = {(entry.student, entry.exercise) for entry in absent_entries(store, list(most_of))}
    lines, problems = list[str](), list[Problem]()
    decided: list[tuple[str, _Wanted]] = []
    for one in wanted:
        try:
            entry = _entry(store, one.student, one.exercise)
        except GradeError as error:
            problems += [Problem(problem.says, problem.help, one.place) for problem in error.problems]
            continue
        key = entry.student, entry.exercise
        if key not in marks and key not in absent:
            says = f"{named(entry.student, entry.name)} is not graded yet for {entry.exercise}"
            problems.append(Problem(says, "run `grade class` first", one.place))
            continue
        most, old = most_of[entry.exercise], marks.get(key)
        new = one.points if one.sets else None if old is None else old + one.points
        if new is None:
            why = entry.problem if key in absent else "the grader failed"
            says = f"{named(entry.student, entry.name)} has no mark for {entry.exercise} to add to: {why}"
            problems.append(Problem(says, "`--set` gives a mark", one.place))
        elif not math.isfinite(new) or not -1e-9 <= new <= most + 1e-9:
            says = f"{named(entry.student, entry.name)} would have {as_points(new)} of {as_points(most)} points"
            problems.append(Problem(says, "a mark must lie between 0 and the maximum", one.place))
        else:
            marks[key] = mark_of(old, most, [Adjustment(0, "", "", one.points, one.sets, "")])
            lines.append(f"{named(entry.student, entry.name)} {entry.exercise}: {mark_text(old)} → {as_points(new)}")
            decided.append((entry.student, one._replace(exercise=entry.exercise)))
    if problems:
        raise GradeError(*problems[:20])
    with store.transaction():
        for student, one in decided:
            event: journal.EventName = "set" if one.sets else "add"
            journal.record(
                store, event, student, one.exercise, who=who, points=one.points, text=one_line(one.why, 1000)
            )
    for line in lines:
        show(line)


def _entry(store: Store, student: str, exercise: str) -> Entry:
    """Return the only submission of a person, who may be named by id, login or email. Raise GradeError otherwise."""
    from grader.classroom.absent import absent_entries

    entries = store.entries(exercise)
    if not entries:
        says = f"`{one_line(str(store.path))}` has no results for `{one_line(exercise)}`"
        raise GradeError(Problem(says, f"it has {', '.join(store.exercises()) or 'none at all'}"))
    entries += absent_entries(store, [exercise])
    found = [entry for entry in entries if is_of(entry, student)]
    if len(found) == 1:
        return found[0]
    if found:
        both = ", ".join(named(entry.student, entry.name) for entry in found)
        raise GradeError(Problem(f"`{one_line(student)}` could be {both}", "name the student by the id"))
    ids = [entry.student for entry in entries]
    help = near(student, ids) or f"`grade report{store.word} --students` shows everybody's id in brackets"
    raise GradeError(Problem(f"nobody has the id `{one_line(student)}` in {exercise}", help))


@click.command
@click.argument("words", nargs=-1, metavar="[STUDENT] EXERCISE TEXT")
@click.option("--misconception", metavar="ID", help="Reach everybody who certainly has this misconception.")
@click.option("--like", is_flag=True, help="Reach all whose wrong answers or programs equal STUDENT's, too.")
@_as
@results_option
def comment(words: tuple[str, ...], misconception: str | None, like: bool, who: str | None, results: Path) -> int:
    """Write a comment for STUDENT, or for everybody with a misconception. Their pages show it."""
    from grader.classroom import journal
    from grader.classroom.store import Store

    if len(words) != (2 if misconception else 3) or (misconception and like) or not words[-1].strip():
        raise click.UsageError('give STUDENT EXERCISE "TEXT", or --misconception ID EXERCISE "TEXT"')
    exercise, text = words[-2], one_line(words[-1], 2000)
    with Store(results, writing=True) as store:
        if misconception:
            student, reach = "", journal.Reach(misconception=misconception)
            _check_misconception(store, misconception, exercise)
        else:
            student = _entry(store, words[0], exercise).student
            reach = _alike(store, student, exercise) if like else journal.Reach()
        with store.transaction():
            to = "" if like else student
            number = journal.record(store, "comment", to, exercise, who=who or getpass.getuser(), text=text, data=reach)
        reached = [r.entry for r in store.results([exercise]) if any(c.id == number for c in r.comments)]
    show(f"comment #{number} reaches {len(reached)}: {_some(reached)}")
    return 0


def _some(entries: Sequence[Entry]) -> str:
    from grader.text import some

    return some([named(entry.student, entry.name) for entry in entries])


def _check_misconception(store: Store, misconception: str, exercise: str) -> None:
    diagnosed = (r.report.diagnosis for r in store.results([exercise]))
    known = {id for found in diagnosed if found for group in found.misconceptions for id in group}
    if misconception not in known:
        help = near(misconception, known) or f"the class has {', '.join(sorted(known)) or 'no misconception'}"
        raise GradeError(Problem(f"nobody has the misconception `{one_line(misconception)}` in {exercise}", help))


def _alike(store: Store, student: str, exercise: str) -> Reach:
    """Return what makes others like a student: equal answers, an equal program, equal in its normal form."""
    from grader.classroom.journal import Reach

    report = _result(store, student, exercise).report
    tree = next((outline.tree for id, outline in store.outlines(exercise) if id == student), "")
    if not (found := report.diagnosis):
        return Reach(submission=report.submission, tree=tree)
    only = found.misconceptions[0] if len(found.misconceptions) == 1 else ()
    return Reach(only[0] if len(only) == 1 else "", found.fingerprint, report.submission, tree)


def _result(store: Store, student: str, exercise: str) -> Result:
    found = next((r for r in store.results([exercise]) if r.entry.student == student), None)
    if found is None:
        raise GradeError(Problem(f"`{one_line(student)}` is not graded yet for {exercise}", "run `grade class` first"))
    return found


def _history(store: Store) -> str:
    return f"grade history STUDENT{' --results' if store.word else ''}{store.word}"


@click.command
@click.argument("number", type=int)
@click.option("--why", metavar="TEXT", default="", help="The reason.")
@_as
@results_option
def withdraw(number: int, why: str, who: str | None, results: Path) -> int:
    """Withdraw an adjustment or a comment, by its number in `grade history`. The journal keeps both."""
    from grader.classroom import journal
    from grader.classroom.store import Store

    with Store(results, writing=True) as store:
        found = list(journal.events(store))
        event = next((one for one in found if one.id == number), None)
        if event is None or event.event not in ("add", "set", "comment"):
            says = f"#{number} is not an adjustment or a comment"
            raise GradeError(Problem(says, f"`{_history(store)}` shows the numbers"))
        if any(one.event == "withdraw" and one.target == number for one in found):
            raise GradeError(Problem(f"#{number} is withdrawn already", f"`{_history(store)}` shows by whom"))
        with store.transaction():
            journal.record(
                store,
                *("withdraw", event.student, event.exercise),
                who=who or getpass.getuser(),
                target=number,
                text=one_line(why, 1000),
            )
    show(f"withdrew #{number}: {event_line(event)}")
    return 0
