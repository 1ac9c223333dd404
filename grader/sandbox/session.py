"""Run a submission's calls in its process, one after the other, and turn whatever happens into outcomes.

Lock step: the next call goes out after the last answer came back. A call that has to be stopped costs its process; the
calls after it are run in a new one, so that one endless loop does not hide what else is right.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

import msgspec

from grader.errors import EnvironmentTrouble, Problem
from grader.model.exercise import Exercise
from grader.model.submission import Failure, Outcome, Submission
from grader.sandbox import wire
from grader.sandbox.levels import NOTHING_RUN, REMEDIES, isolation, kind
from grader.sandbox.packages import opened
from grader.sandbox.process import LEVELS, Process, Stopped
from grader.text import clean

START_LIMIT = 60.0  # seconds for the interpreter and NumPy; not the student's time
MOST_STOPS = 3


class Session:
    """A submission being run: `call` it as often as needed, then leave the `with` block.

    `start` gives a new process when one is needed; `process` may be one that was started early. EnvironmentTrouble is
    raised by a call when no process can be had, or none behind the wall that was asked for. After the calls, `printed`
    is what the program printed while it was loaded, `versions` what it ran on, `isolation` what it was shut in by.
    """

    def __init__(
        self,
        submission: Submission,
        exercise: Exercise,
        process: Process | None = None,
        start: Callable[[], Process] | None = None,
    ) -> None:
        self.limits, self.outputs = exercise.limits, len(exercise.outputs)
        self.load = wire.load(submission, exercise, opened(exercise.allow))
        self.process, self.start, self.loaded = process, start or kind(), False
        self.isolation = NOTHING_RUN
        self.stops, self.spent = 0, 0.0
        self.printed = ""
        self.versions: dict[str, str] = {}
        self.end: Outcome | None = None  # why nothing more is run
        if submission.refused:
            self.end = Outcome(failure="missing", text=submission.refused)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        if self.process:
            peak = max(self.process.peak(), self.isolation.memory_peak)
            self.isolation = msgspec.structs.replace(self.isolation, memory_peak=peak)
            self.process.close()
            self.process = None
        self.loaded = False

    def call(self, arguments: Mapping[str, Any], frame: bytes = b"") -> Outcome:
        """Call the submission's function with arguments by name, and return what came of it.

        `frame` is what `wire.call` makes of them, for those who ask the same of many submissions.
        """
        if self.end is None and not self.loaded:
            self._start()
        if self.end is not None:
            return self.end
        assert self.process
        began = time.monotonic()
        patience = min(self.limits.time_limit, self.limits.total_limit - self.spent)
        try:
            if self.process.surplus():
                raise Stopped("crashed", "its process sent an answer that nobody had asked for")
            self.process.send(frame or wire.call(arguments), began + patience)
            frame = self.process.receive(began + patience, wire.MOST_BYTES)
            outcome = wire.outcome(frame, self.outputs, arguments)
            printed = clean(self.process.printed())
        except (Stopped, wire.Malformed) as stop:
            outcome = self._stopped(stop, "call")
            printed = self._last_words()
        self.spent += time.monotonic() - began
        if self.spent >= self.limits.total_limit:
            text = f"not run: all calls together took {self.limits.total_limit:g} s"
            self.end = Outcome(failure="timeout", text=text, ran=False)
        return msgspec.structs.replace(outcome, printed=printed) if printed else outcome

    def _start(self) -> None:
        """Start a process, have it put up its wall and load the program; on failure set `end`."""
        process = self._shut_in()
        process.most_printed = self.limits.output_limit << 10
        deadline = time.monotonic() + min(self.limits.load_limit, self.limits.total_limit - self.spent)
        began = time.monotonic()
        try:
            frame = process.receive(deadline, 1 << 20)
            if wire.kind(frame) == b"F":
                self.end = msgspec.structs.replace(wire.failure(frame), ran=False)
            elif frame != b"L":
                raise wire.Malformed("a frame of another kind")
            self.loaded = True
            self.printed = self.printed or clean(process.printed())
        except (Stopped, wire.Malformed) as stop:
            self.end = self._stopped(stop, "load")
            self.printed = self._last_words()
        self.spent += time.monotonic() - began

    def _shut_in(self) -> Process:
        """Return a process that is loading the program behind its wall. Try the next lower wall if one fell over."""
        while True:
            try:
                process = self.process = self.process or self.start()
                patience = time.monotonic() + START_LIMIT
                ready = process.receive(patience, 1000)
                process.confine(self.limits.memory_limit)
                process.send(self.load, patience)
                wall = process.receive(patience, 10_000)
            except (Stopped, OSError) as trouble:
                says = f"the process for the student's program did not start: {trouble or 'it took too long'}"
                room = "is there room for one more process, its memory and its open files (`ulimit -a`)?"
                help = "is NumPy installed?" if isinstance(trouble, Stopped) else room
                raise EnvironmentTrouble(Problem(says, self._last_words().strip() or help)) from None
            self.versions = dict(zip(("python", "numpy"), wire.words(ready), strict=False))
            words = wire.words(wall)
            if wire.kind(wall) == b"J":  # it came before the first line of the program was run, so it can be believed
                found = isolation(words[0], words[1:])
                self.isolation = msgspec.structs.replace(found, memory_peak=self.isolation.memory_peak)
                return process
            self.close()
            tried, reason = words[-2:]
            if tried not in LEVELS:
                raise EnvironmentTrouble(Problem(f"`{tried}` cannot be loaded: {reason}", "is it installed rightly?"))
            rest = process.levels[process.levels.index(tried) + 1 :] if tried in process.levels else ()
            if not rest:
                says = f"the wall that was asked for cannot be put up ({tried}): {reason}"
                raise EnvironmentTrouble(Problem(says, REMEDIES.get(tried, "")))
            self.start = partial(Process, rest)

    def _stopped(self, stop: Stopped | wire.Malformed, stage: str) -> Outcome:
        """Say why a process had to be ended, and whether the calls that are left get another one."""
        failure, text = ("crashed", str(stop)) if isinstance(stop, wire.Malformed) else (stop.failure, stop.text)
        limits = self.limits
        if failure == "timeout":
            seconds = limits.load_limit if stage == "load" else limits.time_limit
            text = f"no answer after {min(seconds, limits.total_limit - self.spent):.2g} s"
            if stage == "load":
                text += " of loading, before any call: look at what stands outside of your functions"
        elif failure == "output":
            text = f"it printed more than {limits.output_limit} KiB"
        outcome = Outcome(failure=cast(Failure, failure), text=text)
        self.stops += 1
        if stage == "load":
            self.end = msgspec.structs.replace(outcome, ran=False)
        elif self.stops == MOST_STOPS or failure == "output":
            self.end = Outcome(failure=outcome.failure, text=f"not run: {text} in an earlier case", ran=False)
        return outcome

    def _last_words(self) -> str:
        """Return what a process printed before it was ended, and end it."""
        text = clean(self.process.printed()) if self.process else ""
        self.close()
        return text
