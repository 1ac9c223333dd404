"""Where a class is graded: on the cores of this machine, or on a Dask cluster; both are an Executor to the runner."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import multiprocessing.connection
import multiprocessing.util
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

from grader.classroom import worker
from grader.errors import EnvironmentTrouble, GradeError, Problem

PATIENCE = 10  # seconds for a scheduler to answer, and for a worker to leave
_COORDINATORS = [getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)]


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def local(jobs: int) -> Iterator[Executor]:
    """Give a pool of so many processes on this machine."""
    # spawn: nothing of the coordinator (its store, its threads) is in a worker, and it is the same on every system
    context = multiprocessing.get_context("spawn")
    pool = _Pool(jobs, context, _begin, (context.Value("i", 0),))
    try:
        yield pool
    except KeyboardInterrupt:  # the second one: at once
        for worker in multiprocessing.active_children():
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


class _Pool(ProcessPoolExecutor):
    """A pool whose workers do not hear Ctrl-C while they begin either: they are born deaf, and `_begin` takes over."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand out a call; workers are made here, and inherit what is blocked."""
        if not hasattr(signal, "pthread_sigmask"):
            return super().submit(fn, *args, **kwargs)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _COORDINATORS)
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(count: Any) -> None:
    """Make this process a worker: Ctrl-C is the coordinator's, and where the coordinator goes it goes too.

    Worker and program take turns, so they share a core: handing over costs half as much as between two cores.
    """
    gc.set_threshold(50_000)  # looking for cycles, of which few are left, took a twelfth of a class's time
    with count.get_lock():
        number, count.value = count.value, count.value + 1
    if hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {mine[number % len(mine)]})
    for number in _COORDINATORS:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _COORDINATORS)
    signal.signal(signal.SIGTERM, _leave)
    multiprocessing.util.Finalize(None, worker.stop, exitpriority=100)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        multiprocessing.connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)  # the main thread knows what is to be put away
        time.sleep(PATIENCE)
        os.kill(os.getpid(), 9)  # it does not come to it


def _leave(*_: object) -> None:
    """End this worker at once, with its warm process and the folder that it stands in."""
    worker.stop()
    os._exit(1)


@contextlib.contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Give the workers of a Dask cluster. Raise GradeError without Dask, EnvironmentTrouble without a cluster there."""
    client = _client(address)
    try:
        yield client.get_executor(pure=False)
    finally:
        client.close()


def cluster_size(address: str) -> int:
    """Return how many submissions a cluster can grade at once."""
    client = _client(address)
    try:
        size: int = sum(client.nthreads().values())
        return max(1, size)
    finally:
        client.close()


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        help = "`pip install 'torch-grader[cluster]'`, here and where the workers are"
        raise GradeError(Problem("`--cluster` needs Dask Distributed", help)) from None
    try:
        return Client(address, timeout=PATIENCE)  # type: ignore[no-untyped-call]
    except Exception as error:  # OSError, ValueError, and what the transports raise
        help = "start one with `dask scheduler`, and give the address that it prints"
        raise EnvironmentTrouble(Problem(f"there is no Dask scheduler at `{address}`: {error}", help)) from None
