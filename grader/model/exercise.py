"""An exercise: its limits, slides, sweep and cases, and torch's reference answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

Nested = Any  # a number, or nested lists of numbers, as YAML and JSON give them
# What a grid or an argument holds, for modules that show values: precise where `Nested` is anything.
Value: TypeAlias = "float | str | Sequence[Value] | Mapping[str, Value] | None"


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a submission may use: seconds per call, for loading and in total; MiB of memory; KiB of printed text."""

    time_limit: float = 2.0
    load_limit: float = 10.0
    total_limit: float = 30.0
    memory_limit: int = 1024
    output_limit: int = 1024


class Tolerance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How far a student's number a may be from e: |a − e| ≤ atol × max(1, max|e|) + rtol × |e|.

    The largest |e| is that of the case's whole answer. The defaults are those of ``torch.testing.assert_close`` for
    float32, so torch's own single precision is right.
    """

    rtol: float = 1.3e-6
    atol: float = 1e-5


EXACT = Tolerance(rtol=0.0, atol=0.0)
OWN = "torch"  # the `op` of an exercise that a function of the pack answers


class Slide(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the slides print for a case: where, which answer, and the erratum if that is wrong.

    `decimals` is the number of decimals to which the slide rounds.
    """

    where: str
    answer: Nested
    erratum: str = ""
    decimals: Annotated[int, msgspec.Meta(ge=0, le=15)] | None = None


class Sweep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Generated cases: how many (or `all`), from which seed, and their share of the points (default: half).

    `channels` and `batch` are the sizes to choose from for the axes before rows and columns. By default the generated
    inputs have the axes that the written ones have.
    """

    count: int | Literal["all"]
    seed: int = 0
    points: float | None = None
    channels: tuple[int, ...] = ()
    batch: tuple[int, ...] = ()


class Drawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a parameter is where the author's own function answers: an array of a `shape`, or one value of `choose`.

    A shape consists of numbers and of names of sizes. Generated arrays hold numbers between the two `values`, both
    included: whole ones, or with up to four decimals. With the `dtype` int64 they are integers, for the author's
    function and for a student's.
    """

    shape: tuple[int | str, ...] | None = None
    values: tuple[float, float] = (-4, 9)
    whole: bool = True
    dtype: Literal["float64", "int64"] = "float64"
    choose: tuple[bool | int | float | str | tuple[int, ...], ...] = ()


class OwnMisconception(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A misconception of a pack: the function that has it, and what students read (see `Misconception` in ops/)."""

    run: str
    says: str
    why: str
    instead: str


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question: `inputs` by name, and the operator's `fields` as the student's function receives them.

    `time_limit` replaces the exercise's limit of a call.
    """

    name: str
    inputs: dict[str, Nested]
    fields: dict[str, Any] = {}
    points: float | None = None
    hidden: bool = False
    generated: bool = False
    slide: Slide | None = None
    time_limit: float | None = None


class Exercise(msgspec.Struct, frozen=True, omit_defaults=True):
    """One function that a student writes, and the cases that it must pass.

    `outputs` and `batch` are the operator's. The parser sets `tolerance` to EXACT for an operator that counts.

    With `op: torch` the author's own function answers, `reference`; `draw` describes its parameters and their sizes.
    Reading the lock file sets `answers`, because no operator can compute them. `files` holds the digests of the pack's
    files that the spec names.
    """

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
    tolerance: Tolerance = Tolerance()
    batch: bool = False  # an answer with torch's batch axis, of size 1, in front is right, too
    reference: str = ""
    draw: dict[str, Drawn | tuple[int, int]] = {}
    misconceptions: dict[str, OwnMisconception] = {}
    files: dict[str, str] = {}
    answers: tuple[Reference, ...] = ()

    @property
    def name(self) -> str:
        """The name of the student's function."""
        return self.function.partition("(")[0].strip()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the student's function's parameters."""
        return tuple(p.strip() for p in self.function.partition("(")[2].rstrip(") ").split(",") if p.strip())

    def has_integers(self, name: str) -> bool:
        """Tell whether an input is an array of integers, which a function can use as indices."""
        drawn = self.draw.get(name)
        return isinstance(drawn, Drawn) and drawn.dtype == "int64"

    def arguments(self, case: Case) -> dict[str, Any]:
        """Return a case's arguments by name: inputs as nested lists, fields as numbers or tuples."""
        return {p: case.inputs[p] if p in case.inputs else case.fields[p] for p in self.parameters}


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """Torch's answer to a case, one value per output; `digest` identifies the question.

    `mistaken` holds what the pack's own misconceptions answer, by id: None where they raise an exception. Only the
    diagnosis of a wrong answer uses it.
    """

    case: str
    digest: str
    value: tuple[Nested, ...]
    mistaken: dict[str, tuple[Nested, ...] | None] = {}


class Lock(msgspec.Struct, frozen=True):
    """An exercise with torch's answers: `spec` is the digest of the YAML file, `by` the version of torch."""

    format: int
    spec: str
    by: str
    exercise: Exercise
    references: tuple[Reference, ...]
