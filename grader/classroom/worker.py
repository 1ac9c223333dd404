"""One worker of a class run: it keeps a warm, walled process and grades what it is handed, on this machine or another.

`work` takes and gives bytes, so that any `concurrent.futures.Executor` can carry it. It never raises for what a
submission does, and not for a fault of ours either: that becomes a report that says so.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import lru_cache

import msgspec

from grader.errors import EnvironmentTrouble, Problem
from grader.judging.grade import failed, grade
from grader.model.exercise import Lock
from grader.model.report import Report
from grader.model.submission import Submission
from grader.sandbox.probe import chosen
from grader.sandbox.process import Process


class Job(msgspec.Struct, frozen=True):
    """Submissions to one exercise; `lock` is the exercise with its answers, as JSON."""

    lock: bytes
    submissions: tuple[Submission, ...]
    isolation: str
    trusted: bool


class Done(msgspec.Struct, frozen=True):
    """Their reports in the same order; or none, and the troubles that this machine has (what is wrong, what to do)."""

    reports: tuple[Report, ...] = ()
    troubles: tuple[tuple[str, str], ...] = ()


class _Warm(threading.local):
    """The warm process of each thread: it is fed by one thread only."""

    def __init__(self) -> None:
        self.held = contextlib.ExitStack()
        self.start: Callable[[], Process] | None = None
        self.made_for: tuple[object, ...] = ()


_warm = _Warm()


def work(job: bytes) -> bytes:
    """Grade a Job; both ends as MessagePack."""
    asked = msgspec.msgpack.decode(job, type=Job)
    lock = _lock(asked.lock)
    try:
        reports = tuple(_graded(lock, submission, asked) for submission in asked.submissions)
    except EnvironmentTrouble as trouble:
        return msgspec.msgpack.encode(Done(troubles=tuple((p.says, p.help) for p in trouble.problems)))
    return msgspec.msgpack.encode(Done(reports))


@lru_cache(maxsize=32)
def _lock(data: bytes) -> Lock:
    return msgspec.json.decode(data, type=Lock)


def _graded(lock: Lock, submission: Submission, asked: Job) -> Report:
    try:
        try:
            return grade(lock, submission, start=_start(lock, asked))
        except EnvironmentTrouble:  # the warm process may have been killed from outside: one more, with a new one
            cool()
            return grade(lock, submission, start=_start(lock, asked))
    except EnvironmentTrouble:
        raise
    except Exception as error:
        return failed(submission.exercise, f"{type(error).__name__}: {error}", submission.id, submission.student)


def _start(lock: Lock, asked: Job) -> Callable[[], Process]:
    """Return what starts a process for a submission: behind a proved wall, and warm where this system can do that."""
    wanted = (asked.isolation, asked.trusted, lock.exercise.allow)
    if _warm.start is None or _warm.made_for != wanted:
        cool()
        _warm.start = _warm.held.enter_context(chosen(asked.isolation, asked.trusted, lock.exercise.allow))
        _warm.made_for = wanted
    return _warm.start


def cool() -> None:
    """End this thread's warm process, if there is one."""
    _warm.held.close()
    _warm.start = None


def troubled(done: Done) -> EnvironmentTrouble:
    """Return the trouble of a worker, to be raised by the coordinator."""
    return EnvironmentTrouble(*(Problem(says, help) for says, help in done.troubles))
