"""The commands of those who grade a class: `grade class` fills a file of results, `grade report` reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.console import show
from grader.cli.options import complete_ids, pack_of, pack_option
from grader.cli.progress import progress
from grader.errors import GradeError, Problem
from grader.exercises.lock import read_lock
from grader.exercises.pack import exercise_ids, natural_order
from grader.model.class_ import Person
from grader.model.exercise import Lock
from grader.sandbox.process import LEVELS
from grader.text import one_line

if TYPE_CHECKING:
    from grader.classroom.run import Tally
    from grader.classroom.store import Store
    from grader.platforms.layouts import ClassSubmissions

LAYOUTS = ("auto", "folders", "canvas", "moodle", "gradescope", "repositories")
FINISHING = "finishing (Ctrl-C again: at once)"
MOST_LISTED = 10
_file = click.Path(path_type=Path)
_walls = click.Choice(["auto", *LEVELS])


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
    help="Where the results are kept; results.sqlite unless said.",
)
@click.option("--layout", type=click.Choice(LAYOUTS), default="auto", help="How PATH is laid out, if that is unclear.")
@click.option(
    "--roster", type=_file, metavar="CSV", help="A list of the class: adds names, and tells who handed in nothing."
)
@click.option("--jobs", type=click.IntRange(1, 512), help="Workers on this machine; one for each core unless said.")
@click.option("--cluster", metavar="ADDRESS", help="Grade on the Dask cluster whose scheduler is there.")
@click.option(
    "--isolation", type=_walls, default="auto", help="How programs are shut in; `auto`, the best there is, unless said."
)
@click.option("--trusted", is_flag=True, help="The programs are my own: run them even where no wall holds.")
@click.option("--secret", type=_file, metavar="FILE", help="Draw new cases from the key in FILE (needs torch).")
@click.option("--again", is_flag=True, help="Grade anew what has not changed, too.")
@pack_option
@click.pass_context
def class_(
    ctx: click.Context,
    /,
    path: Path,
    exercises: tuple[str, ...],
    out: Path,
    layout: str,
    roster: Path | None,
    jobs: int | None,
    cluster: str | None,
    isolation: str,
    trusted: bool,
    secret: Path | None,
    again: bool,
) -> int:
    """Grade everyone's work in PATH, and keep the results. The same command goes on where an earlier one ended."""
    from grader.classroom import executors, run
    from grader.classroom.store import Store, files
    from grader.platforms.layouts import read_class

    if isolation == "process" and not trusted:
        says = "`--isolation process` is no wall: strangers' programs are not run without one"
        raise GradeError(Problem(says, "`--trusted` says that they are your own"))
    if cluster and jobs:
        raise click.UsageError("--jobs is for this machine; a cluster has as many workers as were started for it")
    pack, exercises = pack_of(ctx), tuple(dict.fromkeys(exercises))
    for id in exercises:
        read_lock(pack, id)  # a misspelt one is said at once, and so is a bad key
    key = _key(secret) if secret else b""
    size = executors.cluster_size(cluster) if cluster else jobs or executors.cores()
    pool = partial(executors.cluster, cluster) if cluster else partial(executors.local, size)
    own = [*files(out), *filter(None, (roster, secret))]  # PATH may be `.`
    known = exercise_ids(pack)
    with read_class(path, exercises, known, layout, roster, own) as submissions, Store(out, writing=True) as store:
        found = submissions.submitted()
        rows = store.expect(submissions.entries)
        _tell(submissions, store)
        if not exercises:
            _tell_exercises(found, submissions.rare, out)
        if others := store.others(rows, found.keys() - submissions.rare):
            some = ", ".join(one_line(name, 60) for name in others[:MOST_LISTED]) + ", …" * (len(others) > MOST_LISTED)
            show(f"{len(others)} of earlier runs, not in {path}, stay in {out}: {some}")
        locks = {id: read_lock(pack, id) for id in sorted(found)}
        if key:
            locks = _fresh(locks, key)
        _tell_key(store.about().get("answers", ""), {lock.by for lock in locks.values()})
        store.tell({"answers": "; ".join(sorted({lock.by for lock in locks.values()}))})
        # over a network a few at a time; here one, so that slow programs keep no quick ones waiting
        plan = run.Plan(locks, isolation, trusted, size, 4 if cluster else 1, again)
        try:
            with progress("graded") as tell:
                tally = run.run(
                    plan, store, rows, pool, lambda t: tell(t.done, t.total, t.rate, FINISHING if t.stopping else "")
                )
        except run.Interrupted as stopped:
            rest = "have their earlier results" if again else "are not graded yet; the same command goes on from here"
            show(f"stopped: {stopped.rest} {rest}")
            return 130
        except KeyboardInterrupt:  # the second one
            show("stopped at once: what was being graded has no result yet")
            return 130
        return _summary(store, tally, out)


def _key(path: Path) -> bytes:
    from grader.verification import secret_cases

    key = secret_cases.key(path)
    if warning := secret_cases.exposed(path):
        show(warning)
    return key


def _tell_key(before: str, now: Set[str]) -> None:
    """Say that earlier results are not of this key's cases: to forget `--secret` would not be seen otherwise."""
    old, new = (set(re.findall(r"\(key (\w+)\)", text)) for text in (before, " ".join(now)))
    if gone := old - new:
        cases = f"cases of the key {', '.join(sorted(new))}" if new else "published cases: `--secret` draws others"
        show(f"the results here were of the key {', '.join(sorted(gone))}; now they are graded anew, by {cases}")


def _fresh(locks: dict[str, Lock], key: bytes) -> dict[str, Lock]:
    """Return exercises with cases that no student has seen."""
    from grader.verification import secret_cases
    from grader.verification.torch_reference import load_torch

    for id, lock in locks.items():
        if why := secret_cases.unchanged(lock.exercise):
            show(f"{id} keeps its cases: {why}")
    torch = load_torch()
    return {id: secret_cases.derive(lock, key, torch) for id, lock in locks.items()}


def _tell(submissions: ClassSubmissions, store: Store) -> None:
    """Say what was found, and keep it with the results."""
    show(submissions.summary)
    _list("left out", [f"{item.name}: {item.why}" for item in submissions.left_out])
    _list("handed in nothing", [_called(person) for person in submissions.absent])
    _list("not on the roster", [_called(person) for person in submissions.unlisted], kept=False)
    store.leave_out([(item.name, item.why) for item in submissions.left_out], submissions.absent)
    store.tell({"layout": submissions.layout, "handed in": submissions.summary})


def _tell_exercises(found: Mapping[str, int], rare: Mapping[str, int], out: Path) -> None:
    """Say what is graded where nobody named it, and of which exercise it may be a slip that it is there."""
    ids = sorted(found, key=natural_order)
    if ids:
        show(f"exercises, by the names of the files: {', '.join(f'{id} ({found[id]})' for id in ids)}")
    for id, number in rare.items():
        few = "one student" if number == 1 else f"{number} students"
        show(f"only {few} handed in {id}: nobody else is missing in it; `--exercise {id}` asks it of all")
    if rare:
        rest = " ".join(f"--exercise {id}" for id in ids if id not in rare)
        show(f"`grade report {out} {rest}` leaves {', '.join(rare)} out")


def _list(title: str, lines: Sequence[str], kept: bool = True) -> None:
    """List the first lines, and tell where they are `kept` with the results that all are there."""
    if lines:
        show(f"{title}:")
        more = len(lines) - MOST_LISTED
        rest = f"… and {more} more{' (`grade report` lists all)' if kept else ''}"
        for line in [*lines[:MOST_LISTED], *([rest] if more > 0 else [])]:
            show(f"  {line}")


def _called(person: Person) -> str:
    return f"{person.name} ({person.id})" if person.name else person.id


def _summary(store: Store, tally: Tally, out: Path) -> int:
    """Say how it went; the exit code tells whether everybody has a result, not whether it is a good one."""
    same = f", {tally.same} unchanged since they were graded" if tally.same else ""
    show(f"graded {tally.graded} in {tally.seconds:.1f} s ({tally.rate:.0f}/s){same}")
    if tally.walls:
        store.tell({"isolation": "; ".join(sorted(tally.walls))})
        show(f"isolation: {'; '.join(sorted(tally.walls))}")
    show(f"`grade report {out}` shows the class")
    if tally.faults:
        show(f"the grader failed on {tally.faults}: they have no marks, and the same command tries them again")
        return 3
    return 0
