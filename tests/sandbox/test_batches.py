"""Calls go out in batches: each keeps its own outcome, printed text and time, however they are sent."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

import pytest

from grader.model.exercise import Exercise, Limits
from grader.model.submission import Outcome, Submission
from grader.numbers import Numbers
from grader.sandbox import session, wire
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.portable import Portable


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer("process") as server:
        yield server


class Sent(session.Session):
    """A session that records the number of calls in each batch that it sends."""

    def __enter__(self) -> Sent:
        self.batches: list[int] = []
        return self

    def _batch(self, requests: Sequence[wire.Request], known: Mapping[bytes, Outcome]) -> Iterator[Outcome]:
        self.batches.append(wire.batch(requests, 0)[1])
        return super()._batch(requests, known)


def running(source: str, server: ForkServer, portable: bool = False, **limits: float) -> Sent:
    submission = Submission("", "", "ex", "python", "ex.py", (("ex.py", source),))
    exercise = Exercise("", "", "", "f(n)", 0, (), limits=Limits(**limits))  # type: ignore[arg-type]
    start = (lambda: Portable(("process",))) if portable else server.process
    return Sent(submission, exercise, start=start)


def numbers(count: int) -> list[wire.Request]:
    return [wire.request({"n": float(n)}) for n in range(count)]


def results(outcomes: list[Outcome]) -> list[object]:
    return [outcome.value[0].cells[0] if outcome.value else outcome.failure for outcome in outcomes]


@pytest.mark.parametrize("portable", [False, True])
def test_printed_text_stays_with_its_call(portable: bool, server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.portable.PATIENCE", 1.0)  # text may be read later than its answer
    source = """
import os, sys
print("loaded")
def f(n):
    if n % 3 == 0:
        return n  # prints nothing
    sys.stdout.write(f"out {n:g},")
    os.write(1, b" raw %d," % n)
    print(f" err {n:g}", file=sys.stderr)
    if n == 5:
        raise ValueError
    if n == 8:
        print("x" * 200_000)
    return n
"""
    with running(source, server, portable) as it:
        outcomes = list(it.outcomes(numbers(12)))
    assert it.printed == "loaded\n"
    assert results(outcomes) == [0, 1, 2, 3, 4, "raised", 6, 7, 8, 9, 10, 11]
    for n, outcome in enumerate(outcomes):
        words = [f" raw {n},", f"out {n},", f" err {n}\n"] if n % 3 else []
        words += ["x" * 1000] if n == 8 else []
        assert all(word in outcome.printed for word in words)
        assert n == 8 or len(outcome.printed) == sum(map(len, words))


def test_what_an_endless_loop_has_printed_is_shown(server: ForkServer) -> None:
    source = "def f(n):\n    print('begins', n)\n    while n == 3: pass\n    return n\n"
    with running(source, server, time_limit=0.3) as it:
        outcomes = list(it.outcomes(numbers(6)))
    assert results(outcomes) == [0, 1, 2, "timeout", 4, 5]
    assert [outcome.printed for outcome in outcomes] == [f"begins {n}.0\n" for n in range(6)]
    assert "the loop in line 3 of ex.py" in outcomes[3].text
    assert it.batches == [6, 2]  # the others were sent to a new process


def test_each_call_has_its_own_time(server: ForkServer) -> None:
    """Calls of 0.2 s take longer than one limit together, and each is within it."""
    source = "import time\ndef f(n):\n    time.sleep(0.2)\n    return n\n"
    with running(source, server, time_limit=0.7) as it:
        assert results(list(it.outcomes(numbers(6)))) == [0, 1, 2, 3, 4, 5]
    assert it.batches == [6]


def test_time_that_the_grader_takes_is_not_a_calls(server: ForkServer) -> None:
    """The grader is busy longer than the limit, while the process answers; the answers count."""
    with running("def f(n):\n    return n\n", server, time_limit=0.3) as it:
        found = []
        for outcome in it.outcomes(numbers(4)):
            time.sleep(0.4)
            found.append(outcome)
    assert results(found) == [0, 1, 2, 3]


def test_all_calls_together_have_a_limit(server: ForkServer) -> None:
    source = "import time\ndef f(n):\n    time.sleep(0.2)\n    return n\n"
    with running(source, server, total_limit=0.7) as it:
        outcomes = list(it.outcomes(numbers(20)))
    assert [outcome.ran for outcome in outcomes] == sorted((outcome.ran for outcome in outcomes), reverse=True)
    assert 1 <= sum(outcome.value is not None for outcome in outcomes) <= 4
    assert "all calls together took more than 0.7 s" in outcomes[-1].text


def test_large_requests_and_large_answers_do_not_wait_for_each_other(server: ForkServer) -> None:
    """Each side has more to write than a pipe takes, and the process prints as much meanwhile."""
    array = Numbers((200, 300), tuple(range(60_000)))
    requests = [wire.request({"n": array}) for _ in range(4)] + numbers(3)
    source = "def f(n):\n    print('x' * 70_000)\n    return n\n"
    with running(source, server) as it:
        outcomes = list(it.outcomes(requests))
    assert it.batches == [1, 1, 1, 1, 3]
    assert [outcome.value[0].shape for outcome in outcomes if outcome.value] == [(200, 300)] * 4 + [()] * 3
    assert outcomes[0].value == (array,)


def test_many_small_requests_with_large_answers(server: ForkServer) -> None:
    source = "import numpy as np\ndef f(n):\n    return np.full((256, 256), n)\n"
    with running(source, server) as it:
        shapes = [
            outcome.value and (outcome.value[0].shape, outcome.value[0].cells[-1])
            for outcome in it.outcomes(numbers(40))
        ]
    assert shapes == [((256, 256), n) for n in range(40)]
    assert it.batches == [40]


def test_batches_are_as_large_as_a_pipe_takes_and_never_empty() -> None:
    small, large = wire.request({"n": 1.0}), wire.request({"n": Numbers((9000,), (0.0,) * 9000)})
    assert wire.batch([small] * 3, 0)[1] == 3
    assert wire.batch([large, small], 0)[1] == 1
    assert wire.batch([small, large, small], 0)[1] == 1
    frame, count = wire.batch([small] * 10_000, 1 << 24)
    assert 1000 < count < 10_000
    assert len(frame) <= 1 << 16


def test_a_process_that_answers_one_call_and_ends_costs_the_next_one(server: ForkServer) -> None:
    source = "import os\ndef f(n):\n    if n == 2:\n        os._exit(3)\n    return n\n"
    with running(source, server) as it:
        outcomes = list(it.outcomes(numbers(5)))
    assert results(outcomes) == [0, 1, "crashed", 3, 4]
    assert "exit code 3" in outcomes[2].text


def test_after_three_stopped_calls_nothing_more_is_run(server: ForkServer) -> None:
    source = "import os\ndef f(n):\n    os._exit(int(n)) if n % 2 else None\n    return n\n"
    with running(source, server) as it:
        outcomes = list(it.outcomes(numbers(9)))
    assert results(outcomes) == [0, "crashed", 2, "crashed", 4, *["crashed"] * 4]
    assert [outcome.ran for outcome in outcomes] == [True] * 6 + [False] * 3


def test_changed_arguments_are_named_for_each_call(server: ForkServer) -> None:
    source = "def f(n):\n    if n.size > 1:\n        n += 1\n    return n\n"
    requests = [wire.request({"n": Numbers((size,), (0.0,) * size)}) for size in (1, 2, 1)]
    with running(source, server) as it:
        assert [outcome.changed for outcome in it.outcomes(requests)] == [(), ("n",), ()]


def test_a_call_may_have_a_limit_of_its_own(server: ForkServer) -> None:
    source = "import time\ndef f(n):\n    time.sleep(0.6)\n    return n\n"
    requests = [wire.request({"n": 0.0}, 5.0), *numbers(1), wire.request({"n": 2.0}, 5.0)]
    with running(source, server, time_limit=0.3) as it:
        outcomes = list(it.outcomes(requests))
    assert results(outcomes) == [0, "timeout", 2]
    assert "no answer after 0.3 s" in outcomes[1].text
