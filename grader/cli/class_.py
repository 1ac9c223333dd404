"""`grade class`: read what a class submitted, grade what is new or changed, and keep the results in one file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from grader.cli.changes import show_changes
from grader.cli.console import show
from grader.cli.options import complete_ids, isolation_option, pack_of, pack_option
from grader.cli.policy import keep_policy, policy_in_force, policy_option, read_policy
from grader.cli.progress import entering, phase, progress
from grader.errors import GradeError, Problem
from grader.exercises.lock import read_lock
from grader.exercises.pack import course_files, exercise_ids, model_solution, natural_order, pack_name
from grader.model.class_ import Assigned, Person
from grader.model.exercise import Lock
from grader.text import one_line, shell_word, some

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from grader.classroom.run import Plan, Progress
    from grader.classroom.store import Store
    from grader.platforms.layouts import ClassSubmissions

LAYOUTS = ("auto", "folders", "canvas", "moodle", "gradescope", "repositories")
FINISHING = "finishing (Ctrl-C again: at once)"
MOST_LISTED = 10
_file = click.Path(path_type=Path)


@click.command
@click.argument("path", type=_file)
@click.option(
    "--exercise",
    "exercises",
    multiple=True,
    metavar="ID",
    shell_complete=complete_ids,
    help="Only this exercise; repeatable.",
)
@click.option(
    "--out",
    type=_file,
    metavar="FILE",
    default=Path("results.sqlite"),
    help="File for the results (default: results.sqlite).",
)
@click.option("--layout", type=click.Choice(LAYOUTS), default="auto", help="Layout of PATH (default: recognised).")
@click.option("--one-student", is_flag=True, help="The only folder in PATH is one student's work, not the class.")
@click.option("--roster", type=_file, metavar="CSV", help="List of the class: adds names, and shows who is missing.")
@click.option("--groups", type=_file, metavar="CSV", help="Who works together (`group,student`): all get the mark.")
@click.option("--jobs", type=click.IntRange(1, 512), help="Workers on this machine (default: one per core).")
@click.option("--cluster", metavar="ADDRESS", help="Grade on the Dask cluster with the scheduler at this address.")
@isolation_option
@click.option("--trusted", is_flag=True, help="Run the programs even where no sandbox works: they are my own.")
@click.option("--secret", type=_file, metavar="FILE", help="Draw secret cases from the key in FILE (needs torch).")
@policy_option
@click.option("--again", is_flag=True, help="Regrade everything, even unchanged submissions.")
@pack_option
@click.pass_context
def class_(
    ctx: click.Context,
    /,
    path: Path,
    exercises: tuple[str, ...],
    out: Path,
    layout: str,
    one_student: bool,
    roster: Path | None,
    groups: Path | None,
    jobs: int | None,
    cluster: str | None,
    isolation: str | None,
    trusted: bool,
    secret: Path | None,
    policy: Path | None,
    again: bool,
) -> int:
    """Grade all submissions in PATH and keep the results. The same command continues an interrupted run."""
    from grader.classroom.database import files
    from grader.classroom.run import Plan
    from grader.classroom.store import Store
    from grader.platforms.layouts import read_class

    if isolation == "process" and not trusted:
        says = "`--isolation process` is not a sandbox: untrusted programs could read your files"
        raise GradeError(Problem(says, "add `--trusted` if all programs are your own, or omit `--isolation`"))
    pack = pack_of(ctx)
    for id in exercises:
        read_lock(pack, id)  # report a misspelled id before anything else happens
    key = _read_key(secret) if secret else b""
    late_policy = read_policy(out, policy)
    workers = _workers(cluster, jobs)
    own = [*files(out), *filter(None, (roster, groups, secret, policy))]  # PATH may be `.`
    requested = tuple(dict.fromkeys(exercises))
    counting = late_policy or policy_in_force(out)
    files_of = course_files(pack)
    read = read_class(path, requested, exercise_ids(pack), layout, roster, own, groups, one_student, files_of, counting)
    with entering(f"reading {one_line(str(path))}", read) as submissions, Store(out, writing=True) as store:
        if not requested:
            _check_exercises(store, submissions, path)
        with phase("writing who submitted what"):
            rows = _keep_submissions(store, submissions, roster is not None)
        _show_submissions(submissions, store.absent() if roster else (), f"grade report{store.word}")
        if not requested:
            _show_exercises(submissions.submitted(), submissions.rare, out)
        _show_earlier(store.others(rows, submissions.submitted().keys() - submissions.rare), path, out)
        locks = _locks(pack, submissions, key)
        store.assign(_assigned(store, submissions, locks, requested))
        _show_changed_key(store.about().get("answers", ""), locks.values())
        examples = {id: _examples(pack, id) for id in locks}
        plan = Plan(locks, isolation or "auto", trusted, workers.number, workers.chunk, again, examples)
        store.describe({"pack": pack_name(pack) or str(pack.resolve())})
        began = store.begin_run(submissions.summary)
        keep_policy(store, late_policy)
        return _grade(plan, store, rows, workers, out, began)


class _Workers(NamedTuple):
    """How many workers there are, how many submissions each takes at a time, and what makes a pool of them."""

    number: int
    chunk: int
    pool: Callable[[], AbstractContextManager[Executor]]


def _workers(cluster: str | None, jobs: int | None) -> _Workers:
    from grader.classroom import executors

    if cluster and jobs:
        raise click.UsageError("--jobs is for this machine; a cluster has as many workers as were started for it")
    if cluster:  # over a network several at a time
        return _Workers(executors.cluster_size(cluster), 4, partial(executors.cluster, cluster))
    number = jobs or executors.cores()  # here one at a time, so that no quick program waits for a slow one
    return _Workers(number, 1, partial(executors.local, number))


def _read_key(path: Path) -> bytes:
    from grader.verification import secret_cases

    key = secret_cases.key(path)
    if warning := secret_cases.exposed(path):
        show(warning)
    return key


def _absent(store: Store, submissions: ClassSubmissions) -> set[str]:
    """Return the students of earlier runs whose work is not in PATH."""
    return store.names().keys() - {entry.student for entry in submissions.entries}


def _check_exercises(store: Store, submissions: ClassSubmissions, path: Path) -> None:
    """Refuse a run in which file names add exercises to the totals of students whose work is not in PATH."""
    earlier, others = store.exercises(), _absent(store, submissions)
    new = sorted(submissions.submitted().keys() - earlier - submissions.rare.keys(), key=natural_order)
    if earlier and others and new:
        says = f"`{one_line(str(path))}` holds {some(new)}, which would count for students whose work is not there"
        shown = " ".join(f"--exercise {id}" for id in sorted(earlier, key=natural_order)[:MOST_LISTED])
        help = f"`{shown}` grades what the class has; `--exercise {new[0]}` adds it for all {len(others)}"
        raise GradeError(Problem(says, help))


def _assigned(
    store: Store, submissions: ClassSubmissions, locks: Mapping[str, Lock], requested: Sequence[str]
) -> dict[str, Assigned]:
    """Return the exercises of this run; a run of a part of the class does not change which of them are optional."""
    from grader.classroom.unchanged import digests_of

    digests = digests_of(locks)
    earlier, part = store.assigned(), bool(_absent(store, submissions))

    def optional(id: str) -> bool:
        known = earlier.get(id)
        if id in requested or (known and not known.optional):
            return False
        return id in submissions.rare or (part and known is not None)

    return {
        id: Assigned(lock.exercise.title, lock.exercise.points, optional(id), digests[id]) for id, lock in locks.items()
    }


def _keep_submissions(store: Store, submissions: ClassSubmissions, roster: bool) -> list[int]:
    """Store who submitted what, and return the ids of the rows."""
    whole = roster and not _absent(store, submissions)
    rows = store.expect(submissions.entries)
    store.leave_out(submissions.left_out, submissions.absent, whole)
    store.describe({"layout": submissions.layout, "submitted": submissions.summary})
    return rows


def _show_submissions(submissions: ClassSubmissions, absent: Sequence[Person], all_: str) -> None:
    show(submissions.summary)
    _show_list("left out", [f"{file.name}: {file.why}" for file in submissions.left_out], all_)
    _show_list("submitted nothing", list(map(_called, absent)), all_)
    _show_list("not on the roster", list(map(_called, submissions.unlisted)))


def _show_list(title: str, lines: Sequence[str], all_: str = "") -> None:
    """Show the first lines, and the command that lists `all_` if they are kept with the results."""
    if lines:
        show(f"{title}:")
        more = len(lines) - MOST_LISTED
        rest = f"… and {more} more{f' (`{all_}` lists all)' if all_ else ''}"
        for line in [*lines[:MOST_LISTED], *([rest] if more > 0 else [])]:
            show(f"  {line}")


def _called(person: Person) -> str:
    return f"{person.name} ({person.id})" if person.name else person.id


def _show_exercises(found: Mapping[str, int], rare: Mapping[str, int], out: Path) -> None:
    """Show which exercises are graded where none was requested, and which of them may be there by accident."""
    ids = sorted(found, key=natural_order)
    if ids:
        show(f"exercises, by the names of the files: {', '.join(f'{id} ({found[id]})' for id in ids)}")
    for id, number in rare.items():
        few = "one student" if number == 1 else f"{number} students"
        show(f"Only {few} submitted {id}, so nobody else is marked missing.")
        show(f"Use `--exercise {id}` to require it of everyone.")
    if rare:
        show(f"{', '.join(rare)}: shown by `grade report {shell_word(out)}`, but not in anybody's total")


def _show_earlier(names: Sequence[str], path: Path, out: Path) -> None:
    if names:
        shown = some([one_line(name, 60) for name in names], MOST_LISTED)
        show(f"{out} keeps {len(names)} from earlier runs who are not in {path}: {shown}")


def _locks(pack: Path, submissions: ClassSubmissions, key: bytes) -> dict[str, Lock]:
    """Return the exercises with their answers; with a key, their cases are ones that no student has seen."""
    locks = {id: read_lock(pack, id) for id in sorted(submissions.submitted())}
    if not key:
        return locks
    from grader.verification import secret_cases
    from grader.verification.torch_reference import load_torch

    for id, lock in locks.items():
        if why := secret_cases.unchanged(lock.exercise):
            show(f"{id} keeps its cases: {why}")
    torch = load_torch()
    return {id: secret_cases.derive(lock, key, torch, pack) for id, lock in locks.items()}


def _examples(pack: Path, id: str) -> tuple[str, ...]:
    """Return the course's own programs for an exercise: the model solution, where the pack has one."""
    path = model_solution(pack, id, course_files(pack).get(id, ""))
    if path is None or path.suffix != ".py" or not path.is_file():
        return ()
    return (path.read_text(encoding="utf-8", errors="replace"),)


def _answers(locks: Iterable[Lock]) -> str:
    """Return who computed the answers, and with which key the cases were drawn."""
    return "; ".join(sorted({lock.by for lock in locks}))


def _show_changed_key(earlier: str, locks: Iterable[Lock]) -> None:
    """Warn where the earlier results are of another key's cases: a forgotten `--secret` would go unnoticed."""
    old, new = (set(re.findall(r"\(key (\w+)\)", text)) for text in (earlier, _answers(locks)))
    if gone := old - new:
        cases = f"cases of the key {', '.join(sorted(new))}" if new else "published cases; add `--secret` for others"
        show(f"the earlier results are of the key {', '.join(sorted(gone))}; this run regrades with {cases}")


def _grade(plan: Plan, store: Store, rows: Sequence[int], workers: _Workers, out: Path, began: int) -> int:
    """Grade the rows, show how it goes, and return the exit code. The run began with the event `began`."""
    from grader.classroom.run import Interrupted, run
    from grader.classroom.unchanged import compare

    answers = _answers(plan.locks.values())
    try:
        with phase("checking what has changed"):
            changes = compare(plan.locks, store, rows)
        with progress("graded") as update:
            result = run(
                plan, store, rows, changes, workers.pool,
                lambda now: update(now.done, now.total, now.rate, FINISHING if now.stopping else ""),
            )  # fmt: skip
    except Interrupted as stopped:
        store.describe({"answers": answers})
        rest = (
            "keep their earlier results" if plan.again else "are not graded yet; the same command continues from here"
        )
        show(f"stopped: {stopped.rest} {rest}")
        _show_changes(store, began, out)
        return 130
    except KeyboardInterrupt:  # the second one
        show("stopped at once: what was being graded has no new result")
        return 130
    store.describe({"answers": answers})
    return _summarise(store, result, out, began)


def _summarise(store: Store, result: Progress, out: Path, began: int) -> int:
    """Show how the run went. The exit code is 0 if everybody has a result, whatever the marks are."""
    unchanged = f", {result.unchanged} unchanged" if result.unchanged else ""
    show(f"graded {result.graded} in {result.seconds:.1f} s ({result.rate:.0f}/s){unchanged}")
    if result.isolation:
        isolation = "; ".join(sorted(result.isolation))
        store.describe({"isolation": isolation})
        show(f"isolation: {isolation}")
    if result.graded:
        _show_changes(store, began, out)
    show(f"`grade report {shell_word(out)}` shows the class")
    if result.faults:
        show(f"the grader failed on {result.faults}: they have no marks, and the same command tries them again")
        return 3
    return 0


def _show_changes(store: Store, began: int, out: Path) -> None:
    with phase("comparing the marks with those before"):
        show_changes(store, began, out)
