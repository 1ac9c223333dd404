"""Grade a class: what is new or changed goes to the workers, and each result is stored as soon as it is back.

The coordinator alone reads programs and writes results. It hands out little more than the workers can do at once, so
its memory does not grow with the programs of the class, and a crash loses only what was being graded.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import NamedTuple

import msgspec

from grader.classroom.reading import is_fault, key, read, reason
from grader.classroom.store import Store
from grader.classroom.unchanged import Changes, alone, digests_of, signature
from grader.classroom.worker import Done, Graded, Job, troubled, work
from grader.errors import EnvironmentTrouble, Problem
from grader.judging.grade import failed
from grader.model.exercise import Lock
from grader.model.submission import Submission

AGAIN = "graded a second time, alone: the first time the machine was too busy to run the program"
EVERY = 4.0  # seconds until the progress is shown again
MOST_BROKEN = 20  # pools of workers; after that the machine itself is at fault


class Plan(NamedTuple):
    """What a run does, and how: the exercises with their answers, the isolation, the number of workers."""

    locks: Mapping[str, Lock]
    isolation: str = "auto"
    trusted: bool = False
    jobs: int = 1
    chunk: int = 1  # submissions in one job
    again: bool = False
    examples: Mapping[str, tuple[str, ...]] = {}  # the course's own programs, by exercise


class Progress(NamedTuple):
    """How far a run is: `unchanged` results were kept, `faults` are failures of the grader among the `graded`.

    `isolation` are the levels at which programs ran; `stopping` is true once somebody pressed Ctrl-C.
    """

    total: int
    unchanged: int
    seconds: float = 0.0
    graded: int = 0
    faults: int = 0
    isolation: frozenset[str] = frozenset()
    stopping: bool = False

    @property
    def done(self) -> int:
        """The number of submissions that have a result."""
        return self.unchanged + self.graded

    @property
    def rate(self) -> float:
        """Submissions per second in this run."""
        return self.graded / max(self.seconds, 1e-9)


class Interrupted(Exception):
    """Ctrl-C: the running jobs were finished and their results stored; `rest` submissions were not begun."""

    def __init__(self, rest: int) -> None:
        super().__init__(rest)
        self.rest = rest


def run(
    plan: Plan,
    store: Store,
    rows: Sequence[int],
    changes: Changes,
    executor: Callable[[], contextlib.AbstractContextManager[Executor]],
    notify: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Grade the rows that have no result yet, or one of another program, exercise or grader (see `compare`).

    `notify` is called with the progress after each, and every few seconds.
    `executor` makes a pool of workers, and a new one if one breaks. Raise EnvironmentTrouble where the workers cannot
    grade, Interrupted after a Ctrl-C.
    """
    with _interrupts() as interrupts:
        grading = _Grading(plan, store, digests_of(plan.locks), changes, rows, notify, interrupts)
        for _ in range(MOST_BROKEN):
            with contextlib.ExitStack() as stack:
                try:
                    pool = stack.enter_context(executor())
                except EnvironmentTrouble as trouble:
                    if not grading.progress.graded:
                        raise
                    raise _lost(trouble, grading.progress) from None
                try:
                    grading.grade_suspects(pool)
                    grading.grade_all(pool)
                    grading.grade_overruns(pool)
                except BrokenExecutor:
                    continue
            store.remember_files(grading.files)
            if interrupts:
                raise Interrupted(grading.progress.total - grading.progress.done)
            return grading.progress
    raise EnvironmentTrouble(Problem("the workers keep dying", "is there enough memory? `--jobs 1` needs the least"))


def _lost(trouble: EnvironmentTrouble, progress: Progress) -> EnvironmentTrouble:
    """Return the trouble of a pool that was there before: what is kept, and how to go on."""
    kept = f"{progress.done} of {progress.total} have results, which are kept"
    help = "start it again: the same command continues from here"
    return EnvironmentTrouble(Problem(f"the run has lost its workers ({trouble.problems[0].says}); {kept}", help))


class _Task(NamedTuple):
    """A submission on its way: its row, the key that its result will have, and the signature of its file, if any."""

    id: int
    key: str
    submission: Submission
    mark: str = ""


class _Grading:
    """The state of one run: the tasks that wait, those that a dying worker may have been at, and the progress."""

    def __init__(
        self,
        plan: Plan,
        store: Store,
        digests: Mapping[str, str],
        changes: Changes,
        rows: Sequence[int],
        notify: Callable[[Progress], None],
        interrupts: Sequence[int],
    ) -> None:
        self.plan, self.store, self.changes, self.notify, self.interrupts = plan, store, changes, notify, interrupts
        self.digests = digests
        self.locks = {id: msgspec.json.encode(lock) for id, lock in plan.locks.items()}
        todo = rows if plan.again else [id for id in rows if id not in changes.current]
        self.chunks = _chunks(_tasks(store, todo, digests), plan.chunk)
        self.suspects: list[_Task] = []
        self.overruns: list[_Task] = []
        self.again: set[int] = set()
        self.files: list[tuple[int, str, str]] = []
        self.began = time.monotonic()
        self.progress = Progress(len(rows), len(rows) - len(todo))
        notify(self.progress)
        if not todo:
            store.mark_stale((), changes.current)

    def grade_suspects(self, pool: Executor) -> None:
        """Grade each suspect with nothing beside it, so that it is known which one ends a worker."""
        while self.suspects and not self.interrupts:
            task = self.suspects.pop()
            try:
                future = self.submit(pool, [task])
                while not self.wait([future]):
                    pass
                self.save([task], _result(future), alone=True)
            except BrokenExecutor as error:
                why = f"the process that graded this one ended, twice ({error})"
                submission = task.submission
                self.save_one(task, Graded(failed(submission.exercise, why, submission.id, submission.student)))
                raise

    def grade_all(self, pool: Executor) -> None:
        """Keep the workers busy until nothing waits, or somebody pressed Ctrl-C and the running jobs are done."""
        running: dict[Future[bytes], list[_Task]] = {}
        try:
            while True:
                while not self.interrupts and len(running) < 2 * self.plan.jobs and (chunk := next(self.chunks, None)):
                    self.suspects.extend(chunk)  # until the pool has taken it
                    running[self.submit(pool, chunk)] = chunk
                    del self.suspects[-len(chunk) :]
                if not running:
                    return
                for future in self.wait(running):
                    data = _result(future)
                    self.save(running.pop(future), data)
                for future in [future for future in running if self.interrupts and future.cancel()]:
                    del running[future]
        finally:
            self.suspects.extend(task for chunk in running.values() for task in chunk)

    def grade_overruns(self, pool: Executor) -> None:
        """Grade once more, each alone, what the machine was too busy to run."""
        self.suspects, self.again = [*self.suspects, *self.overruns], {task.id for task in self.overruns}
        self.overruns = []
        self.grade_suspects(pool)

    def wait(self, running: Iterable[Future[bytes]]) -> Iterable[Future[bytes]]:
        """Wait until one of the jobs is done, or for some seconds; then the progress is shown again."""
        done = wait(running, EVERY, FIRST_COMPLETED).done
        if not done:
            self.progress = self.progress._replace(seconds=time.monotonic() - self.began)
            self.notify(self.progress)
        return done

    def submit(self, pool: Executor, chunk: Sequence[_Task]) -> Future[bytes]:
        submissions, exercise = tuple(task.submission for task in chunk), chunk[0].submission.exercise
        examples = self.plan.examples.get(exercise, ())
        job = Job(self.locks[exercise], submissions, self.plan.isolation, self.plan.trusted, examples)
        return pool.submit(work, msgspec.msgpack.encode(job))

    def save(self, chunk: Sequence[_Task], data: bytes, alone: bool = False) -> None:
        done = msgspec.msgpack.decode(data, type=Done)
        if done.troubles:
            raise troubled(done)
        for task, graded in zip(chunk, done.results, strict=True):
            if graded.report.overrun and not alone:
                self.overruns.append(task)
                continue
            if task.id in self.again:
                report = msgspec.structs.replace(graded.report, notes=(*graded.report.notes, AGAIN))
                graded = msgspec.structs.replace(graded, report=report)
            self.save_one(task, graded)

    def save_one(self, task: _Task, graded: Graded) -> None:
        """Store a result. With the first one it is known that this run can grade: from then on stale results wait."""
        if not self.progress.graded:
            self.store.mark_stale(self.changes.stale, self.changes.current)
        report, fault = graded.report, is_fault(graded.report)
        result_key = "" if fault else task.key  # without a key the next run tries again
        version = self.digests[task.submission.exercise]
        self.store.save(task.id, result_key, task.submission, report, reason(report), graded.outline, version)
        if task.mark:
            self.files.append((task.id, task.mark, task.submission.id))
        ran = {report.isolation.says} if report.isolation.level != "none" else set()
        self.progress = self.progress._replace(
            seconds=time.monotonic() - self.began,
            graded=self.progress.graded + 1,
            faults=self.progress.faults + fault,
            isolation=self.progress.isolation | ran,
            stopping=bool(self.interrupts),
        )
        self.notify(self.progress)


def _result(future: Future[bytes]) -> bytes:
    """Return a worker's answer. `work` raises nothing: an exception means that the worker or its connection is gone."""
    try:
        return future.result()
    except Exception as error:
        raise BrokenExecutor(f"{type(error).__name__}") from None


def _tasks(store: Store, rows: Sequence[int], digests: Mapping[str, str]) -> Iterator[_Task]:
    for id in rows:
        entry, _ = store.row(id)
        mark = signature(entry.path)
        submission = read(entry)
        mark = mark if mark and alone(entry, submission) else ""
        yield _Task(id, key(submission, digests[entry.exercise]), submission, mark)


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


@contextlib.contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Yield a list that is empty until somebody asks this process to end; the second time it ends at once."""
    received: list[int] = []

    def receive(number: int, _: object) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # `nohup` ignores it
        numbers.append(signal.SIGHUP)  # the terminal is closed
    before = [(number, signal.signal(number, receive)) for number in numbers]
    try:
        yield received
    finally:
        for number, handler in before:
            signal.signal(number, handler)
