"""Limits count a program's own time. The clocks are the test's own, so nothing depends on this machine."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace

import pytest

from grader.sandbox import own_time
from grader.sandbox.own_time import Allowance
from grader.sandbox.process import Process, Stopped


class Machine:
    """A process that waits a `share` of the time for a processor, and answers at a moment."""

    def __init__(self, share: float, answers: float = 1e9, ends: float = 1e9) -> None:
        self.now, self.share, self.answers, self.ends = 100.0, share, 100 + answers, 100 + ends

    def waited(self) -> float:
        return self.now * self.share

    def receive(self, deadline: float, _: int) -> bytes:
        self.now = min(deadline, self.answers, self.ends)
        if self.now == self.ends:
            raise Stopped("timeout", "")  # the kernel's limit of processor time
        if self.now == self.answers:
            return b"V"
        raise Stopped("timeout", "")


def allowance(machine: Machine, seconds: float, monkeypatch: pytest.MonkeyPatch) -> Allowance:
    monkeypatch.setattr(own_time, "time", SimpleNamespace(monotonic=lambda: machine.now))
    return Allowance(machine, seconds)  # type: ignore[arg-type]


@pytest.mark.parametrize("share, stops", [(0.0, 2.0), (0.5, 4.0), (0.75, 8.0)])
def test_what_a_process_waits_is_not_its_own_time(share: float, stops: float, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(share)
    limit = allowance(machine, 2.0, monkeypatch)
    with pytest.raises(Stopped):
        limit.receive(1)
    assert limit.elapsed() == pytest.approx(stops, abs=0.01)
    assert limit.spent() == pytest.approx(2.0, abs=0.01)
    assert not limit.overrun


def test_the_last_stop_is_ten_times_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = allowance(Machine(0.99), 2.0, monkeypatch)
    with pytest.raises(Stopped):
        limit.receive(1)
    assert limit.elapsed() == pytest.approx(20.0)
    assert limit.overrun


def test_an_answer_in_time_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = allowance(Machine(0.75, answers=7.5), 2.0, monkeypatch)
    notified: list[float] = []
    assert limit.receive(1, notified.append) == b"V"
    assert [seconds // 1 for seconds in notified[:3]] == [1, 2, 3]


def test_a_process_that_the_kernel_ended_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(0.75, ends=3.2)
    limit = allowance(machine, 2.0, monkeypatch)
    with pytest.raises(Stopped):
        limit.receive(1)
    assert machine.now == pytest.approx(103.2)


@pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="this kernel does not count")
def test_the_kernel_counts_what_a_process_waits() -> None:
    process = Process(("process",))
    try:
        process.receive(time.monotonic() + 60, 1000)
        first = process.waited()
        assert first > 0  # nothing starts without waiting at all
        assert process.waited() >= first
    finally:
        process.close()
    assert process.waited() >= first
