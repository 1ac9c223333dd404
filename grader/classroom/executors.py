"""Where a class is graded: on the cores of this machine, or on a Dask cluster; both are an Executor to the runner."""

from __future__ import annotations

import contextlib
import gc
import logging
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
from grader.errors import EnvironmentTrouble, GradeError, Problem, to_install

PATIENCE = 10  # seconds for a scheduler to answer, and for a worker to end
_COORDINATORS = [getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)]


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def local(jobs: int) -> Iterator[Executor]:
    """Yield a pool of `jobs` processes on this machine."""
    # spawn: a worker inherits neither the coordinator's store nor its threads, on any system
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
    """A pool whose workers are started with Ctrl-C blocked, until `_begin` ignores it."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit a call. Workers are started here, and inherit the blocked signals."""
        if not hasattr(signal, "pthread_sigmask"):
            return super().submit(fn, *args, **kwargs)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _COORDINATORS)
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(count: Any) -> None:
    """Make this process a worker: it ignores Ctrl-C, which is the coordinator's, and ends when the coordinator ends.

    Worker and program take turns, so they share a core: switching costs half as much as between two cores. An answer
    does not interrupt the program (SCHED_BATCH): the worker reads several at once.
    """
    gc.set_threshold(50_000)  # there are few cycles, and looking for them took a twelfth of a class's time
    with count.get_lock():
        number, count.value = count.value, count.value + 1
    if hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {mine[number % len(mine)]})
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    for number in _COORDINATORS:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _COORDINATORS)
    signal.signal(signal.SIGTERM, _end)
    multiprocessing.util.Finalize(None, worker.stop, exitpriority=100)
    threading.Thread(target=_end_with_coordinator, daemon=True).start()


def _end_with_coordinator() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        multiprocessing.connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)  # the main thread ends the processes and removes their folders
        time.sleep(PATIENCE)
        os.kill(os.getpid(), 9)  # the main thread is stuck


def _end(*_: object) -> None:
    """End this worker at once, with its fork server and their folder."""
    worker.stop()
    os._exit(1)


@contextlib.contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Yield the workers of a Dask cluster. Raise GradeError without Dask, EnvironmentTrouble without a cluster."""
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
        help = f"{to_install('distributed', extra='cluster')}, here and on every worker"
        raise GradeError(Problem("`--cluster` needs Dask Distributed", help)) from None
    for name in [name for name in logging.root.manager.loggerDict if name.startswith(("distributed", "tornado"))]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # the run reports in a sentence what it has lost
    try:
        return Client(address, timeout=PATIENCE)  # type: ignore[no-untyped-call]
    except Exception as error:  # OSError, ValueError, and what the transports raise
        help = "start one with `dask scheduler`, and use the address that it prints"
        raise EnvironmentTrouble(Problem(f"there is no Dask scheduler at `{address}`: {error}", help)) from None
