"""One worker of a class run: it keeps a warm, walled process and grades what it is handed, on this machine or another.

`work` takes and gives bytes, so that any `concurrent.futures.Executor` can carry it. It never raises for what a
submission does, and not for a fault of ours either: that becomes a report that says so.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import lru_cache

import msgspec

from grader.errors import EnvironmentTrouble, Problem
from grader.grading import failed, grade
from grader.model import Report, Submission
from grader.references import Lock
from grader.sandbox.levels import starter
from grader.sandbox.process import Process
from grader.sandbox.zygote import Zygote


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

    zygote: Zygote | None = None
    start: Callable[[], Process] | None = None
    made_for: tuple[object, ...] = ()


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
    """Return what starts a process for a submission: a warm one behind a proved wall.

    Where no wall holds, and only for trusted programs, it starts plain processes.
    """
    wanted = (asked.isolation, lock.exercise.allow)
    if _warm.start is None or _warm.made_for != wanted:
        cool()
        _warm.start, _warm.made_for = _walled(lock, asked), wanted
    return _warm.start


def _walled(lock: Lock, asked: Job) -> Callable[[], Process]:
    if asked.isolation != "process" and os.name == "posix":
        from grader.sandbox import probe

        try:
            _warm.zygote = probe.best(lock.exercise.allow, asked.isolation)
            return _warm.zygote.process
        except EnvironmentTrouble:
            if not asked.trusted:
                raise
    return starter("process", None)[1]


def cool() -> None:
    """End this thread's warm process, if there is one."""
    if _warm.zygote:
        _warm.zygote.close()
    _warm.zygote = _warm.start = None


def troubled(done: Done) -> EnvironmentTrouble:
    """Return the trouble of a worker, to be raised by the coordinator."""
    return EnvironmentTrouble(*(Problem(says, help) for says, help in done.troubles))
