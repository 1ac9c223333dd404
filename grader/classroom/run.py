"""Grade a class: what is new or changed goes to the workers, what comes back goes to the store, one at a time.

The coordinator alone reads programs and writes results. It hands out little more than the workers can do at once, so
its memory does not grow with the class, and a crash loses what was being graded and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

import msgspec

from grader import __version__
from grader.classroom.store import Store
from grader.classroom.worker import Done, Job, troubled, work
from grader.errors import EnvironmentTrouble, GradeError, Problem
from grader.exercises.lock import lock_text
from grader.judging.grade import failed
from grader.model.class_ import Entry
from grader.model.exercise import Lock
from grader.model.report import Report, Verdict
from grader.model.submission import Submission
from grader.submissions.find import find
from grader.text import one_line

MOST_BROKEN = 20  # pools; then it is the machine


class Tally(msgspec.Struct):
    """How far a run is. `same` were graded before and have not changed; `walls` are those that stood.

    `stopping` says that somebody asked it to end.
    """

    began: float
    total: int = 0
    same: int = 0
    graded: int = 0
    faults: int = 0
    walls: set[str] = set()
    stopping: bool = False

    @property
    def done(self) -> int:
        """The number of submissions that have a result."""
        return self.same + self.graded

    @property
    def seconds(self) -> float:
        """Return how long this run has taken so far."""
        return time.monotonic() - self.began

    @property
    def rate(self) -> float:
        """Submissions per second in this run."""
        return self.graded / max(self.seconds, 1e-9)


class _Task(msgspec.Struct):
    """A submission on its way: the row it is for, and the key that its result will have."""

    id: int
    key: str
    submission: Submission


class Plan(msgspec.Struct, frozen=True):
    """What a run is to do, and how: the exercises with their answers, the wall, the number of workers."""

    locks: Mapping[str, Lock]
    isolation: str = "auto"
    trusted: bool = False
    jobs: int = 1
    chunk: int = 1  # submissions that are handed out together
    again: bool = False


class Interrupted(Exception):
    """Ctrl-C: what was running has been finished and is kept; `rest` submissions have not been begun."""

    def __init__(self, rest: int) -> None:
        super().__init__(rest)
        self.rest = rest


def run(
    plan: Plan,
    store: Store,
    stretches: Sequence[tuple[int, int]],
    executor: Callable[[], contextlib.AbstractContextManager[Executor]],
    told: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Grade the rows of `stretches` that have no result yet, or another key than theirs; `told` hears of each.

    `executor` makes a pool of workers, and a new one if one breaks. Raise EnvironmentTrouble where the workers cannot
    grade, Interrupted after a Ctrl-C.
    """
    tally = Tally(time.monotonic(), total=sum(last - first + 1 for first, last in stretches))
    locks = {id: msgspec.json.encode(lock) for id, lock in plan.locks.items()}
    digests = {id: hashlib.sha256(lock_text(lock)).hexdigest() for id, lock in plan.locks.items()}
    same = _kept(store, stretches, digests)
    tally.same = 0 if plan.again else same
    tasks = _chunks(_tasks(store, stretches, digests, plan.again), plan.chunk)
    suspects: list[_Task] = []  # what workers were doing when one of them died

    def submit(pool: Executor, chunk: Sequence[_Task]) -> Future[bytes]:
        submissions = tuple(task.submission for task in chunk)
        job = Job(locks[submissions[0].exercise], submissions, plan.isolation, plan.trusted)
        return pool.submit(work, msgspec.msgpack.encode(job))

    def keep(chunk: Sequence[_Task], data: bytes) -> None:
        done = msgspec.msgpack.decode(data, type=Done)
        if done.troubles:
            raise troubled(done)
        for task, report in zip(chunk, done.reports, strict=True):
            put(task, report)

    def put(task: _Task, report: Report) -> None:
        fault = is_fault(report)
        key = "" if fault else task.key  # without one the next run tries again
        store.put(task.id, key, task.submission, report, reason(report))
        tally.graded += 1
        tally.stopping = bool(stop)
        tally.faults += fault
        if report.isolation.level != "none":
            tally.walls.add(report.isolation.says)
        told(tally)

    def alone(pool: Executor) -> None:
        """Grade each suspect with nothing beside it: now it is known who ends a worker."""
        while suspects and not stop:
            task = suspects.pop()
            try:
                keep([task], _result(submit(pool, [task])))
            except BrokenExecutor as error:
                why = f"the process that graded this one ended, twice ({error})"
                put(task, failed(task.submission.exercise, why, task.submission.id, task.submission.student))
                raise

    def together(pool: Executor) -> None:
        running: dict[Future[bytes], list[_Task]] = {}
        try:
            while True:
                while not stop and len(running) < 2 * plan.jobs and (chunk := next(tasks, None)):
                    suspects.extend(chunk)  # until it is known to run
                    running[submit(pool, chunk)] = chunk
                    del suspects[-len(chunk) :]
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    data = _result(future)
                    keep(running.pop(future), data)
                for future in [future for future in running if stop and future.cancel()]:
                    del running[future]
        finally:
            suspects.extend(task for chunk in running.values() for task in chunk)

    told(tally)
    with _listening() as stop:
        for _ in range(MOST_BROKEN):
            with executor() as pool:
                try:
                    alone(pool)
                    together(pool)
                except BrokenExecutor:
                    continue
            if stop:
                raise Interrupted(tally.total - tally.done)
            return tally
    raise EnvironmentTrouble(Problem("the workers keep dying", "is there enough memory? `--jobs 1` needs least"))


def _result(future: Future[bytes]) -> bytes:
    """Return a worker's answer. `work` raises nothing: an exception says that the worker or the way to it is gone."""
    try:
        return future.result()
    except Exception as error:
        raise BrokenExecutor(f"{type(error).__name__}") from None


@contextlib.contextmanager
def _listening() -> Iterator[list[int]]:
    """Yield a list that is empty until somebody asks this process to end; the second time it ends at once."""
    heard: list[int] = []

    def hear(number: int, _: object) -> None:
        if heard:
            raise KeyboardInterrupt
        heard.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # `nohup` goes on
        numbers.append(signal.SIGHUP)  # the terminal is closed
    before = [(number, signal.signal(number, hear)) for number in numbers]
    try:
        yield heard
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _kept(store: Store, stretches: Sequence[tuple[int, int]], digests: Mapping[str, str]) -> int:
    """Count the results that are those of their entries; forget every other before anything is graded.

    So a run that is stopped leaves no mark for an earlier program, or by earlier answers.
    """
    same = 0
    for id, entry, known in store.waiting(stretches):
        if not known:
            continue
        if known == _key(read(entry), digests[entry.exercise]):
            same += 1
        else:
            store.forget(id)
    return same


def _tasks(
    store: Store, stretches: Sequence[tuple[int, int]], digests: Mapping[str, str], again: bool
) -> Iterator[_Task]:
    """Yield what has no result yet, or everything `again`."""
    for id, entry, known in store.waiting(stretches):
        if again or not known:
            submission = read(entry)
            yield _Task(id, _key(submission, digests[entry.exercise]), submission)


def read(entry: Entry) -> Submission:
    """Read what was handed in. Whatever is wrong with it is a Submission that says so.

    Raise EnvironmentTrouble where it is there no more: a drive that is gone is no student's nought.
    """
    if entry.problem:
        shown = one_line(entry.original or entry.student)
        return Submission("", entry.student, entry.exercise, "python", shown, (), refused=entry.problem)
    try:
        submission = find(entry.exercise, entry.path, entry.student, own=False)
    except GradeError:
        help = "is it on a drive that is gone? What was graded is kept, and the same command goes on from there"
        raise EnvironmentTrouble(
            Problem(f"`{one_line(entry.path)}` was there a moment ago, and is gone", help)
        ) from None
    except Exception as error:
        submission = Submission("", entry.student, entry.exercise, "python", "", (), refused=one_line(str(error)))
    shown = one_line(entry.path.replace("\\", "/").rpartition("/")[2])
    return msgspec.structs.replace(submission, path=shown, notes=(*submission.notes, *entry.notes))


def _key(submission: Submission, digest: str) -> str:
    """Return what a result depends on: program, exercise with answers and limits, grader."""
    parts = (submission.id, submission.refused, *submission.notes, digest, __version__)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _chunks(tasks: Iterator[_Task], size: int) -> Iterator[list[_Task]]:
    """Put neighbours of the same exercise together."""
    chunk: list[_Task] = []
    for task in tasks:
        if chunk and (len(chunk) == size or chunk[0].submission.exercise != task.submission.exercise):
            yield chunk
            chunk = []
        chunk.append(task)
    if chunk:
        yield chunk


def reason(report: Report) -> str:
    """Say in a few words why a report is as it is: the mistake, the exception, or the first thing that is wrong."""
    wrong = [check for check in report.checks if check.verdict is not Verdict.correct]
    found = report.diagnosis
    if not wrong:
        return "all right"
    if found and found.misconceptions:
        return " and ".join(found.misconceptions[0])
    if found and found.crash:
        return one_line(f"{found.crash.type}: {found.crash.message}")
    return one_line(f"{wrong[0].verdict.value.replace('_', ' ')}: {wrong[0].text}")


def is_fault(report: Report) -> bool:
    """Tell whether the grader failed on a submission: then its report holds no marks."""
    return any(check.verdict is Verdict.internal_error for check in report.checks)
