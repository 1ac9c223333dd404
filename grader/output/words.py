"""What is wrong with a submission, in as few sentences as that takes: for every format that has room for some only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

from grader.model.report import Check, Report, Verdict
from grader.numbers import as_points

GRADER_FAILED = "The grader failed, not the program"
NO_WALL = "No wall stood around the program"


class Fault(NamedTuple):
    """One thing that is wrong: the case or the kind of cases, and what is to be said of it."""

    case: str
    says: str
    ours: bool = False


def faults(result: Report) -> Iterator[Fault]:
    """Yield one fault for each wrong written case, one for the generated cases and one for the hidden ones.

    Where all cases end in the same way, or the grader failed, that alone is said.
    """
    written, drawn, hidden = parted(result)
    for check in result.checks:
        if check.verdict is Verdict.internal_error:
            yield Fault(check.case, check.text, ours=True)
            return
    if same := common_reason([*written, *drawn]):
        yield Fault("all cases", same)
        return
    for check in written:
        if check.verdict is not Verdict.correct:
            yield Fault(check.case, said(check))
    wrong = simplest_first(drawn)
    if wrong:
        yield Fault("sweep", f"{right_of(drawn)} generated cases right; {wrong[0].case}: {said(wrong[0])}")
    if any(c.verdict is not Verdict.correct for c in hidden):
        yield Fault("hidden", f"{right_of(hidden)} hidden cases right")


def parted(result: Report) -> tuple[list[Check], list[Check], list[Check]]:
    """Return the written, the generated and the hidden cases."""
    written = [c for c in result.checks if not c.generated and not c.hidden]
    drawn = [c for c in result.checks if c.generated and not c.hidden]
    return written, drawn, [c for c in result.checks if c.hidden]


def failed(results: Sequence[Report]) -> bool:
    """Tell whether the grader itself failed, so that what is there is no mark."""
    return any(check.verdict is Verdict.internal_error for result in results for check in result.checks)


def outcome(results: Sequence[Report]) -> str:
    """Return in a few words what came of it."""
    if failed(results):
        return GRADER_FAILED
    if not all(result.passed for result in results):
        return "Wrong or unfinished"
    right = all(check.verdict is Verdict.correct for result in results for check in result.checks)
    return "Right" if right else "All visible cases are right"


def unwalled(results: Sequence[Report]) -> bool:
    """Tell whether a program was run without a wall around it."""
    return any(result.isolation.level == "process" for result in results)


def ideas(result: Report) -> list[str]:
    """Return the misconceptions that are sure, one sentence each."""
    found = result.diagnosis
    return [found.says[id] for id in found.misconceptions[0]] if found and len(found.misconceptions) == 1 else []


def score(result: Report) -> str:
    """Return `7.5 / 10`."""
    return f"{as_points(result.score)} / {as_points(result.max_score)}"


def right_of(checks: Sequence[Check]) -> str:
    """Return `3 of 5`."""
    return f"{sum(c.verdict is Verdict.correct for c in checks)} of {len(checks)}"


def said(check: Check) -> str:
    """Return the verdict and the sentence of a wrong case."""
    verdict = check.verdict.value.replace("_", " ")
    return f"{verdict}: {check.text}" if check.text else verdict


def common_reason(checks: Sequence[Check]) -> str:
    """Return the sentence that all checks share when nothing could be run, or an empty one."""
    if len(checks) < 2:
        return ""
    first = checks[0]
    same = all(c.text == first.text and c.verdict is first.verdict for c in checks)
    return said(first) if same and first.verdict is not Verdict.correct and not first.mismatch else ""


def simplest_first(checks: Sequence[Check]) -> list[Check]:
    """Return the wrong ones by how much there is to look at: whole numbers, few cells, short sums first."""
    return sorted((c for c in checks if c.verdict is not Verdict.correct), key=_effort)


def _effort(check: Check) -> tuple[bool, int, int]:
    if check.mismatch is None:
        return False, 0, 0
    cell = check.diagnosis and check.diagnosis.cell
    return bool(check.mismatch.allowed), prod(check.mismatch.expected_shape), len(cell.text) if cell else 0
