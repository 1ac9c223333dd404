"""Every value that crosses a module border, all frozen. A Report is the JSON output, the database row and the rest."""

from __future__ import annotations

import enum
from typing import Any, Literal

import msgspec

from grader.arrays import Numbers

Nested = Any  # a number, or nested lists of numbers, as YAML and JSON give them


class Verdict(enum.Enum):
    """What judging said. `internal_error` is the grader's own fault and never costs a point."""

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


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a submission may use: seconds per call, for loading and in total; MiB of memory; KiB of printed text."""

    time_limit: float = 2.0
    load_limit: float = 10.0
    total_limit: float = 30.0
    memory_limit: int = 1024
    output_limit: int = 1024


class Slide(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the deck prints for a case: where, which answer, and what is wrong with it if it is wrong."""

    where: str
    answer: Nested
    erratum: str = ""


class Sweep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Generated cases: how many (or `all`), from which seed, and their share of the points (half unless said)."""

    count: int | Literal["all"]
    seed: int = 0
    points: float | None = None


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question: `inputs` by name, and the operator's `fields` as the student's function receives them."""

    name: str
    inputs: dict[str, Nested]
    fields: dict[str, Any] = {}
    points: float | None = None
    hidden: bool = False
    generated: bool = False
    exact: bool = True
    slide: Slide | None = None


class Exercise(msgspec.Struct, frozen=True, omit_defaults=True):
    """One function that a student writes, and the cases it is held to."""

    id: str
    title: str
    op: str
    function: str
    points: float
    cases: tuple[Case, ...]
    task: str = ""
    sweep: Sweep | None = None
    limits: Limits = Limits()
    allow: tuple[str, ...] = ("numpy",)
    forbid: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ("output",)

    @property
    def name(self) -> str:
        """The name of the student's function."""
        return self.function.partition("(")[0].strip()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the student's function's parameters."""
        return tuple(p.strip() for p in self.function.partition("(")[2].rstrip(") ").split(",") if p.strip())

    def arguments(self, case: Case) -> dict[str, Any]:
        """Return a case's arguments by name: inputs as nested lists, fields as numbers or tuples."""
        return {p: case.inputs[p] if p in case.inputs else case.fields[p] for p in self.parameters}


class Reference(msgspec.Struct, frozen=True):
    """Torch's answer to a case, one value per output; `digest` is that of the question it answers."""

    case: str
    digest: str
    value: tuple[Nested, ...]


class Submission(msgspec.Struct, frozen=True):
    """A student's program, read and checked: `cells` are run in order, `modules` can be imported by them.

    Both pair a display name with source text. `id` is a digest of the content. `refused` says why there is nothing
    to run, where the file could not be read as a program.
    """

    id: str
    student: str
    exercise: str
    kind: Literal["python", "notebook", "folder"]
    path: str
    cells: tuple[tuple[str, str], ...]
    modules: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    refused: str = ""


Failure = Literal[
    "raised",
    "timeout",
    "memory",
    "output",
    "crashed",
    "missing",
    "signature",
    "not_allowed",
    "not_numeric",
    "forbidden",
]


class Outcome(msgspec.Struct, frozen=True):
    """What running one call gave: a value (one array per output), or a failure with what the program said of it.

    `ran` is false for a call that was not made, because of what earlier calls did.
    """

    value: tuple[Numbers, ...] | None = None
    failure: Failure | None = None
    text: str = ""
    file: str = ""
    line: int = 0
    printed: str = ""
    changed: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ran: bool = True


class Mismatch(msgspec.Struct, frozen=True):
    """How a value differs from the reference. `worst` is a place in `output`; `allowed` how far off is still right."""

    output: str
    expected_shape: tuple[int, ...]
    given_shape: tuple[int, ...]
    differ: int = 0
    total: int = 0
    worst: tuple[int, ...] | None = None
    expected: float | None = None
    given: float | str | None = None
    allowed: str = ""
    expected_value: Nested = None
    given_value: Nested = None


class Example(msgspec.Struct, frozen=True):
    """One call: its arguments, the right answer, and what was given (`text` where that was no value)."""

    arguments: dict[str, Any]
    expected: Nested
    given: Nested = None
    text: str = ""


class Condition(msgspec.Struct, frozen=True):
    """What separates right cases from wrong ones without exception: all `wrong` of them are `when`, no right one is."""

    when: str
    otherwise: str
    wrong: int
    right: int


class Crash(msgspec.Struct, frozen=True):
    """An exception of the student's program: where it was raised, on which case, and a word for the usual causes.

    `arguments` are those of the smallest case that raises it, without large ones; `shapes` are those of its arrays.
    """

    type: str
    message: str
    file: str = ""
    line: int = 0
    source: str = ""
    hint: str = ""
    case: str = ""
    cases: int = 0
    arguments: dict[str, Any] = {}
    shapes: dict[str, tuple[int, ...]] = {}


class Diagnosis(msgspec.Struct, frozen=True):
    """Why a submission is wrong, as far as that can be said without guessing.

    `bugs` holds the misconceptions that give *all* of its answers: each item is one, or two together; several items are
    equally good. `apart` is an input on which they would differ. Equal wrong answers have equal fingerprints.
    """

    bugs: tuple[tuple[str, ...], ...] = ()
    says: dict[str, str] = {}
    apart: Example | None = None
    condition: Condition | None = None
    smallest: Example | None = None
    crash: Crash | None = None
    fingerprint: str = ""


class Check(msgspec.Struct, frozen=True):
    """The judgement of one case. `text` is one sentence for the student; `diagnosis` says why, where it is known."""

    case: str
    hidden: bool
    verdict: Verdict
    score: float
    max_score: float
    mismatch: Mismatch | None = None
    diagnosis: dict[str, Any] | None = None
    text: str = ""
    printed: str = ""
    generated: bool = False


class Report(msgspec.Struct, frozen=True):
    """All that is known of one submission to one exercise. `file` and `line` say where its function is, or 0."""

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
    isolation: dict[str, Any]
    notes: tuple[str, ...] = ()
    printed: str = ""
    diagnosis: Diagnosis | None = None
    file: str = ""
    line: int = 0

    @property
    def passed(self) -> bool:
        """Whether every check that the student may see is correct."""
        return all(check.verdict is Verdict.correct for check in self.checks if not check.hidden)


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Someone of the class: `id` is the platform's own, never what a student can type."""

    id: str
    name: str = ""
    email: str = ""
    login: str = ""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one student or one group handed in for one exercise, as the platform gave it out; nothing of it is read yet.

    `student` is the platform's id and, with `exercise`, the key of a class: there is one entry of it. `original` is the
    name that the platform gave the file or folder, for handing something back. `problem` says why there is nothing
    that could be graded; `path` is empty then.
    """

    student: str
    exercise: str
    path: str
    people: tuple[Person, ...] = ()
    original: str = ""
    late: bool = False
    problem: str = ""
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The names of those who handed it in, or the id where the platform tells none."""
        return ", ".join(person.name for person in self.people if person.name) or self.student


class Result(msgspec.Struct, frozen=True):
    """An entry and its report, as the store of a class keeps them."""

    entry: Entry
    report: Report


def to_json(value: Any) -> bytes:
    """Write any value of this module as JSON, indented, keys in declared order."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def report_from_json(data: bytes) -> Report:
    """Read back what `to_json` wrote. Raise msgspec.ValidationError on anything else."""
    return msgspec.json.decode(data, type=Report)
