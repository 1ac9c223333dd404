"""What is wrong with a submission, in a few sentences: for every format that has no room for a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum, prod
from typing import NamedTuple

from grader.model.report import NOT_BEGUN, NOT_JUDGED, NOT_RUN, Check, Isolation, Report, Verdict
from grader.numbers import as_points
from grader.text import quoted

GRADER_FAILED = "The grader failed, not the program"
ALONE = (NOT_BEGUN, "syntax error")  # sentences that need no verdict before them
OWN = {  # the sentences of these are the grader's
    *(Verdict.missing, Verdict.not_allowed, Verdict.time_limit, Verdict.memory_limit, Verdict.output_limit),
    Verdict.internal_error,
}
ABSENT, NO_FUNCTION = "there is no function", "not in this file"
NO_SANDBOX = "The program ran without a sandbox"


class Fault(NamedTuple):
    """One thing that is wrong: which case or cases, and a sentence. `ours` means that the grader failed."""

    case: str
    says: str
    ours: bool = False


class Parts(NamedTuple):
    """The checks of a report by the origin of their cases."""

    written: list[Check]
    generated: list[Check]
    hidden: list[Check]


def parts(result: Report) -> Parts:
    """Return the checks of the written, the generated and the hidden cases."""
    seen = [check for check in result.checks if not check.hidden]
    written, generated = [c for c in seen if not c.generated], [c for c in seen if c.generated]
    return Parts(written, generated, [c for c in result.checks if c.hidden])


def faults(result: Report) -> Iterator[Fault]:
    """Yield one fault for each wrong written case, one for the generated cases and one for the hidden ones.

    If all cases end in the same way, or the grader failed, yield that alone.
    """
    written, generated, hidden = parts(result)
    for check in result.checks:
        if check.verdict is Verdict.internal_error:
            yield Fault(check.case, check.text, ours=True)
            return
    if same := common_check([*written, *generated]):
        yield Fault("all cases", quoted_text(same))
        return
    for check in written:
        if check.verdict is not Verdict.correct:
            yield Fault(check.case, quoted_text(check))
    wrong = simplest_first(generated)
    if wrong:
        first = f"{wrong[0].case}: {quoted_text(wrong[0])}"
        yield Fault("sweep", f"{right_of(generated)} generated cases right; {first}")
    if any(c.verdict is not Verdict.correct for c in hidden):
        yield Fault("hidden", f"{right_of(hidden)} hidden cases right")


def failed(reports: Sequence[Report]) -> bool:
    """Tell whether the grader itself failed, so that the score is not a mark."""
    return any(check.verdict is Verdict.internal_error for result in reports for check in result.checks)


def outcome(reports: Sequence[Report]) -> str:
    """Return the result of a run in a few words."""
    if failed(reports):
        return GRADER_FAILED
    if not all(result.passed for result in reports):
        return "Wrong or unfinished"
    right = all(check.verdict is Verdict.correct for result in reports for check in result.checks)
    return "Right" if right else "All visible cases are right"


def unsandboxed(reports: Sequence[Report]) -> Isolation | None:
    """Return the isolation of the first program that ran without a sandbox, or None."""
    return next((result.isolation for result in reports if result.isolation.level == "process"), None)


def misconceptions(result: Report) -> list[str]:
    """Return the misconceptions that are certain, one sentence each."""
    found = result.diagnosis
    return [found.says[id] for id in found.misconceptions[0]] if found and len(found.misconceptions) == 1 else []


def score(result: Report) -> str:
    """Return `7.5 / 10`."""
    return f"{as_points(result.score)} / {as_points(result.max_score)}"


def points_of(checks: Sequence[Check]) -> str:
    """Return `1.25 / 2.5` for some cases; nothing if they have no points."""
    most = fsum(check.max_score for check in checks)
    return f"{as_points(fsum(check.score for check in checks))} / {as_points(most)}" if most else ""


def right_of(checks: Sequence[Check]) -> str:
    """Return `3 of 5`."""
    return f"{sum(c.verdict is Verdict.correct for c in checks)} of {len(checks)}"


def verdict_text(check: Check) -> str:
    """Return the verdict and the sentence of a wrong case."""
    verdict = check.verdict.value.replace("_", " ")
    alone = not check.text or check.text.startswith((*ALONE, NOT_JUDGED))
    return check.text or verdict if alone else f"{verdict}: {check.text}"


def quoted_text(check: Check) -> str:
    """Return the same with a bar before each line, if these can be lines of a program's text."""
    return verdict_text(check) if is_own(check) else quoted(verdict_text(check))


def is_own(check: Check) -> bool:
    """Tell whether the lines of a check's text are the grader's: of the program's they hold no more than names."""
    return check.verdict in OWN or check.mismatch is not None or check.text.startswith(ALONE)


def common_check(checks: Sequence[Check]) -> Check | None:
    """Return the check that says for all of them what is wrong, or None if they do not end in the same way.

    Cases that were not run because of it do not count.
    """
    if len(checks) < 2 or any(check.verdict is not checks[0].verdict or check.mismatch for check in checks):
        return None
    said = {verdict_text(check): check for check in checks if not check.text.startswith(NOT_RUN)}
    return next(iter(said.values())) if len(said) == 1 and checks[0].verdict is not Verdict.correct else None


def state(result: Report) -> str:
    """Return how far an exercise is, in a few words: `3 of 5 right`, or what keeps all of its cases from being run."""
    visible = [check for check in result.checks if not check.hidden]
    if is_not_begun(result):
        return NOT_BEGUN
    same = common_check(visible)
    if same and same.verdict is Verdict.missing:
        return NO_FUNCTION if is_absent(result) else "not callable as asked"
    if same and same.text.startswith("syntax error"):
        return "syntax error"
    if same and same.verdict is Verdict.not_allowed:
        return "needs what is not allowed"
    return f"{right_of(result.checks)} right"


def is_absent(result: Report) -> bool:
    """Tell whether the program does not define the exercise's function."""
    return all(
        check.verdict is Verdict.missing and check.text.startswith(ABSENT)
        for check in result.checks
        if not check.hidden
    )


def is_not_begun(result: Report) -> bool:
    """Tell whether the program is the template as it was written."""
    return all(check.text.startswith(NOT_BEGUN) for check in result.checks if not check.hidden)


def simplest_first(checks: Sequence[Check]) -> list[Check]:
    """Return the wrong checks, the easiest to understand first: whole numbers, few cells, short sums."""
    return sorted((c for c in checks if c.verdict is not Verdict.correct), key=_effort)


def _effort(check: Check) -> tuple[bool, int, int]:
    if check.mismatch is None:
        return False, 0, 0
    cell = check.diagnosis and check.diagnosis.cell
    return bool(check.mismatch.allowed), prod(check.mismatch.expected_shape), len(cell.text) if cell else 0
