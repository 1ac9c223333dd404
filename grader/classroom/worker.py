"""One worker of a class run: it keeps a sandboxed fork server and grades its jobs, on this machine or another.

`work` takes and returns bytes, so that any `concurrent.futures.Executor` can carry it. It never raises for what a
submission does, and not for a fault of ours either: that becomes a report of the fault.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import lru_cache

import msgspec

from grader.classroom.outlines import Outliner
from grader.errors import EnvironmentTrouble, Problem
from grader.judging.grade import failed, grade
from grader.model.class_ import Outline
from grader.model.exercise import Lock
from grader.model.report import Report
from grader.model.submission import Submission
from grader.sandbox.probe import chosen
from grader.sandbox.process import Process


class Job(msgspec.Struct, frozen=True):
    """Submissions for one exercise; `lock` is the exercise with its answers, as JSON.

    `examples` are the course's own programs for it, which count in no comparison.
    """

    lock: bytes
    submissions: tuple[Submission, ...]
    isolation: str
    trusted: bool
    examples: tuple[str, ...] = ()


class Graded(msgspec.Struct, frozen=True):
    """A report, and the program's outline if there is anything to compare."""

    report: Report
    outline: Outline | None = None


class Done(msgspec.Struct, frozen=True):
    """The results of a job in the same order; or none, and the troubles of this machine (what is wrong, what to do)."""

    results: tuple[Graded, ...] = ()
    troubles: tuple[tuple[str, str], ...] = ()


class _Kept(threading.local):
    """What each thread keeps between jobs: its fork server, which serves one thread only, and its outliner."""

    def __init__(self) -> None:
        self.held = contextlib.ExitStack()
        self.start: Callable[[], Process] | None = None
        self.outliner: Outliner | None = None
        self.made_for: tuple[object, ...] = ()


_kept = _Kept()


def work(data: bytes) -> bytes:
    """Grade a Job and return Done, both as MessagePack."""
    job = msgspec.msgpack.decode(data, type=Job)
    lock = _lock(job.lock)
    try:
        done = Done(tuple(_grade(lock, submission, job) for submission in job.submissions))
    except EnvironmentTrouble as trouble:
        done = Done(troubles=tuple((problem.says, problem.help) for problem in trouble.problems))
    return msgspec.msgpack.encode(done)


@lru_cache(maxsize=32)
def _lock(data: bytes) -> Lock:
    return msgspec.json.decode(data, type=Lock)


def _grade(lock: Lock, submission: Submission, job: Job) -> Graded:
    try:
        try:
            return _grade_once(lock, submission, job)
        except EnvironmentTrouble:  # the fork server may have been killed from outside: try once more with a new one
            stop()
            return _grade_once(lock, submission, job)
    except EnvironmentTrouble:
        raise
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
        return Graded(failed(submission.exercise, fault, submission.id, submission.student))


def _grade_once(lock: Lock, submission: Submission, job: Job) -> Graded:
    start, outliner = _sandbox(lock, job)
    report = grade(lock, submission, start=start)
    return Graded(report, outliner.submission(lock.exercise, submission, job.examples))


def _sandbox(lock: Lock, job: Job) -> tuple[Callable[[], Process], Outliner]:
    """Return what starts a sandboxed process, and an outliner; both are kept while jobs need the same isolation."""
    wanted = (job.isolation, job.trusted, lock.exercise.allow)
    if _kept.start is None or _kept.outliner is None or _kept.made_for != wanted:
        stop()
        _kept.start = _kept.held.enter_context(chosen(job.isolation, job.trusted, lock.exercise.allow))
        _kept.outliner = Outliner(_kept.start)
        _kept.held.callback(_kept.outliner.close)
        _kept.made_for = wanted
    return _kept.start, _kept.outliner


def stop() -> None:
    """End this thread's processes, if there are any."""
    _kept.held.close()
    _kept.start = _kept.outliner = None


def troubled(done: Done) -> EnvironmentTrouble:
    """Return the trouble of a worker, to be raised by the coordinator."""
    return EnvironmentTrouble(*(Problem(says, help) for says, help in done.troubles))
