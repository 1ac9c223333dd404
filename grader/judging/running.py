"""Call a student's function on an exercise's cases: in the sandbox, or in a notebook's own process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from grader.judging.compare import kept
from grader.judging.prepare import PreparedCase
from grader.model.exercise import Exercise
from grader.model.report import Isolation
from grader.model.submission import Outcome
from grader.sandbox.wire import Request, Stop


class Caller(Protocol):
    """What calls a student's function: a Session in the sandbox, or a notebook in its own process."""

    printed: str
    stopped: tuple[Stop, ...]
    versions: dict[str, str]
    isolation: Isolation
    overrun: bool

    def __enter__(self) -> Caller: ...

    def __exit__(self, *_: object) -> None: ...

    def begin(self) -> None: ...

    def outcomes(self, requests: Sequence[Request], known: Mapping[bytes, Outcome]) -> Iterator[Outcome]: ...


class Outcomes(NamedTuple):
    """The outcome of each case's first call, in order, and of the second calls by case."""

    first: tuple[Outcome, ...]
    second: dict[str, Outcome]


def run_cases(
    exercise: Exercise, caller: Caller, cases: Sequence[PreparedCase], known: Mapping[bytes, Outcome]
) -> Outcomes:
    """Call the student's function on all cases, then on the written ones again.

    All outcomes are kept for the diagnosis: large wrong answers must not add up.
    """
    written = [case for case in cases if not case.case.generated]
    made = [*cases, *written]
    given = caller.outcomes([case.request for case in made], known)
    outcomes = [_kept(exercise, *pair) for pair in zip(made, given, strict=True)]
    names = [case.case.name for case in written]
    return Outcomes(tuple(outcomes[: len(cases)]), dict(zip(names, outcomes[len(cases) :], strict=True)))


def _kept(exercise: Exercise, case: PreparedCase, outcome: Outcome) -> Outcome:
    if exercise.earlier:
        from grader.judging.earlier import own_outcome

        outcome = own_outcome(exercise, case.earlier, outcome)
    if outcome.value is None or outcome.value is case.expected:
        return outcome
    return msgspec.structs.replace(outcome, value=tuple(map(kept, outcome.value, case.expected)))
