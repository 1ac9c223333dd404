"""Limits of a program's own time: wall time without the time that its process waits for a processor.

The kernel counts that wait, and the grader reads it from outside, so a busy machine costs a program nothing. The last
stop is LAST_STOP times the limit of wall time. Where a kernel does not count, wall time is the limit.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from grader.sandbox.process import Process, Stopped

LAST_STOP = 10  # times a limit, of wall time
INTERVAL = 1.0  # seconds after which somebody who waits is notified, again and again

Notify = Callable[[str, float], None]  # what is running, and for how many seconds


class Allowance:
    """The own time that a process has from now on. `overrun` is true once the last stop was met before the limit."""

    def __init__(self, process: Process, seconds: float) -> None:
        self.process, self.seconds = process, seconds
        self.began, self._waited = time.monotonic(), process.waited()
        self.overrun = False

    def elapsed(self) -> float:
        """Return the seconds since it began."""
        return time.monotonic() - self.began

    def spent(self) -> float:
        """Return the seconds of its own that the process has used."""
        return max(0.0, self.elapsed() - (self.process.waited() - self._waited))

    def lap(self) -> tuple[float, float]:
        """Return the seconds of its own that the process has used, and all seconds; then begin again."""
        now, waited = time.monotonic(), self.process.waited()
        elapsed, waiting = now - self.began, waited - self._waited
        self.began, self._waited = now, waited
        return max(0.0, elapsed - waiting), elapsed

    def deadline(self) -> float:
        """Return the moment at which the process can have used it all, as far as that is known now."""
        waited = self.process.waited() - self._waited
        return self.began + min(self.seconds + waited, LAST_STOP * self.seconds)

    def receive(self, most_bytes: int, notify: Callable[[float], None] | None = None) -> bytes:
        """Return the next frame. Raise Stopped if the process ends, or has used its time."""
        deadline = self.began + min(1, LAST_STOP) * self.seconds  # if it has not waited: answers come long before
        while True:
            until = min(deadline, time.monotonic() + INTERVAL)
            try:
                return self.process.receive(until, most_bytes)
            except Stopped as stop:
                if stop.failure != "timeout" or time.monotonic() < until:  # it ended: its processor time was used up
                    raise
            deadline = self.deadline()
            if time.monotonic() >= deadline:
                self.overrun = self.spent() < self.seconds
                raise Stopped("timeout", "")
            if notify:
                notify(self.elapsed())
