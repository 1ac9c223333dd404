"""A report: the verdict on one submission. It is the JSON output, the database row and the input of every format."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from grader.model.exercise import Nested

NOT_BEGUN, NOT_RUN, NOT_JUDGED = (
    "not begun",
    "not run",
    "not judged",
)  # a check's text begins so where the template, an earlier case or an earlier function is the cause


class Verdict(enum.Enum):
    """The judgement of one case. `internal_error` is the grader's own fault and never costs points."""

    correct = "correct"
    wrong_answer = "wrong_answer"
    wrong_shape = "wrong_shape"
    runtime_error = "runtime_error"
    time_limit = "time_limit"
    memory_limit = "memory_limit"
    output_limit = "output_limit"
    not_allowed = "not_allowed"
    missing = "missing"
    internal_error = "internal_error"


class Mismatch(msgspec.Struct, frozen=True):
    """How a value differs from the reference, most of all at the place `worst` of `output`.

    `allowed` is how far off that cell may be, if the difference is near it; `precision` says how a right answer lost
    digits.
    """

    output: str
    expected_shape: tuple[int, ...]
    given_shape: tuple[int, ...]
    differ: int = 0
    total: int = 0
    worst: tuple[int, ...] | None = None
    expected: float | None = None
    given: float | str | None = None
    allowed: str = ""
    precision: str = ""
    expected_value: Nested = None
    given_value: Nested = None


class Example(msgspec.Struct, frozen=True):
    """One call: its arguments, the right answer, and what was returned (`text` if there was no value).

    Of several outputs it holds one that is wrong, `output`. `axes` are those of arguments by name, and of the result
    by `output`, where the exercise states them.
    `alone` says what the same call gives as the first one of a process, if that is something else.
    """

    arguments: dict[str, Nested]
    expected: Nested
    given: Nested = None
    text: str = ""
    alone: str = ""
    output: str = ""
    axes: dict[str, str] = {}


class Condition(msgspec.Struct, frozen=True):
    """What separates right from wrong cases without exception: all `wrong` ones are `when`, no right one is."""

    when: str
    otherwise: str
    wrong: int
    right: int


class Crash(msgspec.Struct, frozen=True):
    """An exception of the student's program: where it was raised, in which case, and a key for its usual cause.

    `arguments` are those of the smallest case that raises it, except large ones; `shapes` are those of its arrays.
    """

    type: str
    message: str
    file: str = ""
    line: int = 0
    source: str = ""
    hint: str = ""
    case: str = ""
    cases: int = 0
    arguments: dict[str, Nested] = {}
    shapes: dict[str, tuple[int, ...]] = {}


class Diagnosis(msgspec.Struct, frozen=True):
    """Why a submission is wrong, as far as that is known without guessing.

    `misconceptions` holds those that give *all* of its answers: each item is one, or two together; several items are
    equally good. `apart` is an input on which they would differ. Equal wrong answers have equal fingerprints.
    `cut_short` means that more pairs of misconceptions could have been tried. `changes` says which arguments the
    function changes, if that is the likely cause.
    """

    misconceptions: tuple[tuple[str, ...], ...] = ()
    says: dict[str, str] = {}
    apart: Example | None = None
    condition: Condition | None = None
    smallest: Example | None = None
    crash: Crash | None = None
    fingerprint: str = ""
    cut_short: bool = False
    changes: str = ""


class CellArithmetic(msgspec.Struct, frozen=True):
    """How the right value of one output cell comes about.

    `text` is its sum as the slides write it, `reads` are the cells of `input` that it uses; `input` holds the
    operator's first input by name (nothing for an operator without inputs).
    """

    output: str
    at: tuple[int, ...]
    text: str
    value: float
    reads: tuple[tuple[int, ...], ...]
    input: dict[str, Nested]


class CheckDiagnosis(msgspec.Struct, frozen=True, omit_defaults=True):
    """What explains one wrong answer: the arithmetic of its worst cell, unless the shape is wrong.

    `axes` are those of the input and the output by name, as `NHWC`, where they are not torch's.
    """

    cell: CellArithmetic | None = None
    axes: dict[str, str] = {}


class Check(msgspec.Struct, frozen=True):
    """The judgement of one case: `text` is one sentence for the student, `diagnosis` explains a wrong answer."""

    case: str
    hidden: bool
    verdict: Verdict
    score: float
    max_score: float
    mismatch: Mismatch | None = None
    diagnosis: CheckDiagnosis | None = None
    text: str = ""
    printed: str = ""
    generated: bool = False


MOST_BY_HEART = 10  # one generated case in ten may be right by chance


class Isolation(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the program was isolated. `level` is an isolation level, or `none` if the grader started no process.

    `memory_peak` is the most memory of a process of the program in bytes, or 0 if it was not measured.
    """

    level: str
    says: str
    weaknesses: tuple[str, ...]
    memory_peak: int = 0


class Report(msgspec.Struct, frozen=True):
    """All that is known of one submission to one exercise.

    `file`, `line` and, in a notebook, `cell` are the place of its function, as far as it is known. A
    notebook's line is that of the file as it is stored.
    `overrun` means that the machine was too busy to run the program for its whole time.
    """

    format: int
    exercise: str
    title: str
    submission: str
    student: str
    checks: tuple[Check, ...]
    score: float
    max_score: float
    seconds: float
    versions: dict[str, str]
    isolation: Isolation
    notes: tuple[str, ...] = ()
    printed: str = ""
    diagnosis: Diagnosis | None = None
    file: str = ""
    line: int = 0
    cell: int = 0
    overrun: bool = False

    @property
    def passed(self) -> bool:
        """Whether every check that the student may see is correct."""
        return all(check.verdict is Verdict.correct for check in self.checks if not check.hidden)

    @property
    def by_heart(self) -> bool:
        """Whether the program gives the answers of the written cases, and next to no others."""
        visible = [check for check in self.checks if not check.hidden]
        written = [check.verdict is Verdict.correct for check in visible if not check.generated]
        generated = [check.verdict is Verdict.correct for check in visible if check.generated]
        few = len(generated) >= MOST_BY_HEART and MOST_BY_HEART * sum(generated) <= len(generated)
        return bool(written) and all(written) and few

    @property
    def sweep(self) -> float:
        """The share of the generated cases that is right; 1 where there are none."""
        generated = [check.verdict is Verdict.correct for check in self.checks if check.generated and not check.hidden]
        return sum(generated) / len(generated) if generated else 1.0


def to_json(value: Any) -> bytes:
    """Write any value of this module as JSON, indented, keys in declared order."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def report_from_json(data: bytes) -> Report:
    """Read back what `to_json` wrote. Raise msgspec.ValidationError on anything else."""
    return msgspec.json.decode(data, type=Report)
