"""Run a submission's calls in its process, one after the other, and turn whatever happens into outcomes.

A Session starts a process, waits until it has isolated itself, has it load the program, and sends it calls in batches.
The process answers one call after the other, and the answers are read as they come. Each call, the loading, and all
calls together have a limit of the program's own time (own_time.py); the time of a call begins when the answer to the
call before it is read. A call that exceeds its limit ends the process; the calls after it are sent to a new process, so
one endless loop does not hide what else is right. After MOST_STOPS such calls nothing more is run.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, cast

import msgspec

from grader.errors import EnvironmentTrouble, Problem
from grader.model.exercise import Exercise
from grader.model.report import NOT_RUN
from grader.model.submission import Failure, Outcome, Submission
from grader.sandbox import wire
from grader.sandbox.levels import NOTHING_RUN, REMEDIES, isolation, process_class
from grader.sandbox.own_time import LAST_STOP, Allowance, Notify
from grader.sandbox.packages import readable
from grader.sandbox.process import LEVELS, UNLIMITED, UNREQUESTED, Process, Stopped
from grader.text import clean

START_LIMIT = 60.0  # seconds for the interpreter and NumPy; not the student's time
MOST_STOPS = 3
NOTHING_KNOWN: Mapping[bytes, Outcome] = {}
INTERRUPT = 0.5  # seconds to tell which loop is running
_LIMITS = ("timeout", "memory", "output")


class Session:
    """A submission being run: use it in a `with` block and make calls as often as needed.

    `start` returns a new process when one is needed; `process` may be one that was started early. A call raises
    EnvironmentTrouble if no process can be started, or none at a requested isolation level. After the calls, `printed`
    is what the program printed while loading, `stopped` are its top-level statements that did not finish; `versions`
    and `isolation` say what it ran on and how it was isolated. A statement that a limit stops is omitted, once: the
    program is loaded again without it. `overrun` tells that the machine was too busy to run the program at all times.
    `notify` is called each second while something takes longer, and `meanwhile` once the program works on calls.
    """

    def __init__(
        self,
        submission: Submission,
        exercise: Exercise,
        process: Process | None = None,
        start: Callable[[], Process] | None = None,
        notify: Notify | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        self.notify, self.meanwhile = notify or (lambda *_: None), meanwhile or (lambda: None)
        self.files = [file for file, _ in (*submission.cells, *submission.modules)]
        self.limits, self.outputs, self.earlier = exercise.limits, exercise.results, exercise.earlier_results
        self.time_limit = exercise.limits.time_limit  # of the call that is running
        self._frame = partial(wire.load, submission, exercise, readable(exercise.allow))
        self.load = self._frame()
        self.process, self.start, self.loaded = process, start or process_class(), False
        self.isolation = NOTHING_RUN
        self.stops, self.made, self.spent, self.elapsed = 0, 0, 0.0, 0.0
        self.overrun = False
        self.printed = ""
        self.versions: dict[str, str] = {}
        self.stopped: tuple[wire.Stop, ...] = ()
        self.omitted: Outcome | None = None
        self.end: Outcome | None = None  # the outcome of all further calls, if nothing more is run
        if submission.refused:
            self.end = Outcome(failure="missing", text=submission.refused)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self) -> None:
        """Start a process for the calls to come, without waiting for it."""
        if self.process is None and self.end is None:
            with contextlib.suppress(OSError):  # the first call tries again and reports what is wrong
                self.process = self.start()

    def close(self) -> None:
        """End the process, if there is one."""
        if self.process:
            peak = max(self.process.memory_peak(), self.isolation.memory_peak)
            self.isolation = msgspec.structs.replace(self.isolation, memory_peak=peak)
            self.process.close()
            self.process = None
        self.loaded = False

    def call(self, arguments: Mapping[str, Any]) -> Outcome:
        """Call the submission's function with arguments by name, and return the outcome."""
        (outcome,) = self.outcomes([wire.request(arguments)])
        return outcome

    def outcomes(
        self, requests: Sequence[wire.Request], known: Mapping[bytes, Outcome] = NOTHING_KNOWN
    ) -> Iterator[Outcome]:
        """Call the submission's function with the arguments of each request, and yield the outcomes in their order.

        `known` are the outcomes of frequent answers, by their bytes.
        """
        at = 0
        while at < len(requests):
            if self.end is None and not self.loaded:
                self._start()
            if self.end is not None:
                yield self.end
                at += 1
                continue
            for outcome in self._batch(requests[at:], known):
                yield outcome
                at += 1

    def _batch(self, requests: Sequence[wire.Request], known: Mapping[bytes, Outcome]) -> Iterator[Outcome]:
        """Send a batch of the first calls and yield their outcomes, up to one that ends the process."""
        assert self.process
        process, first = self.process, int.from_bytes(os.urandom(3), "little")  # so that no answer can come before it
        frame, count = wire.batch(requests, first)
        allowance = Allowance(process, 0.0)
        for number, request in enumerate(requests[:count], first):
            self.made += 1
            self.time_limit = request.time_limit or self.limits.time_limit
            allowance.seconds = self._left(self.time_limit)
            try:
                if frame:
                    if process.has_unrequested():
                        raise Stopped("crashed", UNREQUESTED)
                    process.send(frame, allowance.began + allowance.seconds)
                    frame = b""
                    self.meanwhile()
                    allowance.lap()  # the grader's own time
                answer = process.received(wire.MOST_BYTES)
                if not answer:
                    answer = allowance.receive(wire.MOST_BYTES, partial(self.notify, f"call {self.made}"))
                    self._count(allowance)
                if number == first + count - 1 and process.has_unrequested():
                    raise Stopped("crashed", UNREQUESTED)
                outcome = wire.answer(answer, number, self.outputs, request.arguments, known, self.earlier)
                printed = process.printed(number)
            except (Stopped, wire.Malformed) as stop:
                self._count(allowance)
                outcome = self._stopped(stop, allowance, "call")
                printed = self._close_and_read(number)
            total = self.limits.total_limit
            if self.spent >= total or self.elapsed >= LAST_STOP * total:
                self.overrun |= self.spent < total
                text = f"all calls together took more than {total:g} s"
                self.end = Outcome(failure="timeout", text=text, ran=False)
                self.close()
            yield msgspec.structs.replace(outcome, printed=clean(printed)) if printed else outcome
            if not self.loaded:  # the process has been ended
                return

    def _left(self, limit: float) -> float:
        return min(limit, self.limits.total_limit - self.spent)

    def _count(self, allowance: Allowance) -> None:
        spent, elapsed = allowance.lap()
        self.spent, self.elapsed = self.spent + spent, self.elapsed + elapsed
        self.overrun |= allowance.overrun

    def _start(self) -> None:
        """Have a new process load the program; on failure set `end`. Once, omit a statement that a limit stops."""
        process = self._isolated_process()
        process.output_limit = self.limits.output_limit << 10
        allowance = Allowance(process, self._left(self.limits.load_limit))
        self._running = wire.Statement("", 0)
        try:
            self.end = self._load(allowance)
            self.loaded = True
            printed = clean(process.printed())
            self.printed = self.printed or printed
            self._count(allowance)
        except (Stopped, wire.Malformed) as stop:
            self._count(allowance)
            self.end = self._stopped(stop, allowance, "load")
            self.printed = clean(self._close_and_read())
        ended = self.end if self.process is None else None  # else the process has said why, and goes on
        if ended and ended.failure in _LIMITS and self._running.number and not self.omitted:
            self.omitted, self.end, self.printed = ended, None, ""
            self.load = self._frame((self._running, self._reason(ended)))
            self._start()

    def _load(self, allowance: Allowance) -> Outcome | None:
        """Wait until the program is loaded. Return why its function cannot be called, or None."""
        for _ in range(wire.MOST_STATEMENTS):
            frame = allowance.receive(1 << 20, partial(self.notify, "loading"))
            frame_type = wire.frame_type(frame)
            if frame_type == b"S":
                self._running = wire.statement(frame)
            elif frame_type == b"N":
                self.stopped = wire.stops(frame)
            elif frame_type == b"F":
                return self._not_loaded(wire.failure(frame))
            elif frame == b"L":
                return None
            else:
                raise wire.Malformed("a frame of another type")
        raise wire.Malformed("far more statements than a program has")

    def _reason(self, outcome: Outcome) -> str:
        """Say in a few words which limit stopped a statement."""
        timeout = f"no end after {self.limits.load_limit:g} s"
        return {"timeout": timeout, "memory": "it took too much memory"}.get(str(outcome.failure), outcome.text)

    def _not_loaded(self, outcome: Outcome) -> Outcome:
        """Return why there is no function: where the statement with it was stopped by a limit, that limit."""
        if self.omitted and outcome.failure == "raised" and outcome.text == self._reason(self.omitted):
            return self.omitted
        return msgspec.structs.replace(outcome, ran=False)

    def _isolated_process(self) -> Process:
        """Return an isolated process that is loading the program. If a level fails half way, try the next lower one."""
        while True:
            try:
                process = self.process = self.process or self.start()
                deadline = time.monotonic() + START_LIMIT
                ready = Allowance(process, START_LIMIT).receive(1000, partial(self.notify, "starting Python"))
                process.limit_memory(self.limits.memory_limit)
                process.send(self.load, deadline)
                isolated = process.receive(deadline, 10_000)
            except (Stopped, OSError) as trouble:
                says = f"the process for the student's program did not start: {trouble or 'it took too long'}"
                room = "`ulimit -a` shows the limits on processes, memory and open files"
                help = "`pip install numpy`, if NumPy is not installed" if isinstance(trouble, Stopped) else room
                raise EnvironmentTrouble(Problem(says, clean(self._close_and_read()).strip() or help)) from None
            self.versions = dict(zip(("python", "numpy"), wire.texts(ready), strict=False))
            texts = wire.texts(isolated)
            if wire.frame_type(isolated) == b"J":  # sent before the first line of the program ran, so it is reliable
                found = isolation(texts[0], texts[1:])
                self.isolation = msgspec.structs.replace(found, memory_peak=self.isolation.memory_peak)
                return process
            self.close()
            tried, reason = texts[-2:]
            if tried not in LEVELS:
                raise EnvironmentTrouble(Problem(f"`{tried}` cannot be imported: {reason}", "check its installation"))
            rest = process.levels[process.levels.index(tried) + 1 :] if tried in process.levels else ()
            if not rest:
                says = f"isolation level `{tried}` is not available: {reason}"
                raise EnvironmentTrouble(Problem(says, REMEDIES.get(tried, "")))
            self.start = partial(Process, rest)

    def _stopped(self, stop: Stopped | wire.Malformed, allowance: Allowance, stage: str) -> Outcome:
        """Return the outcome of a call whose process has to be ended; set `end` if nothing more is to be run."""
        failure, text = "crashed", f"the program wrote to the grader's own channel: {stop}"
        if isinstance(stop, Stopped):
            failure, text = stop.failure, stop.text
        if failure == "timeout":
            text = self._late(allowance, stage)
        elif failure == "output":
            text = f"it printed more than {self.limits.output_limit} KiB"
        outcome = Outcome(failure=cast(Failure, failure), text=text)
        self.stops += 1
        if stage == "load":
            self.end = msgspec.structs.replace(outcome, ran=False)
        elif self.stops == MOST_STOPS or failure == "output":
            why = f"{MOST_STOPS} calls before it were stopped" if failure != "output" else "an earlier call was stopped"
            self.end = Outcome(failure=outcome.failure, text=f"{NOT_RUN}: {why}", ran=False)
        return outcome

    def _late(self, allowance: Allowance, stage: str) -> str:
        """Say which limit was met, and in which loop the program was."""
        if allowance.overrun:
            return f"no answer after {LAST_STOP * allowance.seconds:.3g} s: the machine was too busy to run the program"
        limits = self.limits
        if stage == "load":
            after = f"no answer after {limits.load_limit:g} s of loading, before any call"
            return f"{after}: check the code outside of your functions"
        if allowance.seconds < self.time_limit:
            return f"all calls together took more than {limits.total_limit:g} s"
        file, line = self._loop(allowance.process)
        where = f": the loop in line {line} of {file} was still running" if line else ""
        return f"no answer after {self.time_limit:g} s, the limit of a call{where}"

    def _loop(self, process: Process) -> tuple[str, int]:
        """Return the file and the line of the loop in which the program is, as far as it answers."""
        try:
            if process.interrupt():
                return wire.loop(Allowance(process, INTERRUPT).receive(1000), self.files)
        except Stopped:
            pass  # what is running is not Python, or nothing that runs
        return "", 0

    def _close_and_read(self, number: int = 0) -> str:
        """End the process and return what it had printed, or printed in the call of this number."""
        if self.process is None:
            return ""
        self.process.output_limit = UNLIMITED
        text = self.process.printed(number)
        self.close()
        return text
