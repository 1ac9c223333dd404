"""An exercise: its limits, slides, sweep and cases, and torch's reference answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


class View(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the operator's inputs or outputs as a student's array.

    Its `axes` are in another order (`NHWC`), or its cells in another `shape`, in which -1 stands for as many as there
    are. Without both it is as in torch. A `square` one has as many rows as columns in all cases.
    """

    name: str
    axes: str = ""
    shape: tuple[int, ...] | None = None
    square: bool = False


Form: TypeAlias = Literal["", "number", "rows", "columns"]


class Argument(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a parameter of the student's function receives.

    It is an input (`view`), a `field` of the operator, a dictionary (`keys`), a `constant`, or an item of what an
    `earlier` function returned. Of a pair, `form` passes the number of `rows` or `columns` alone, or one `number` for
    both; `whole` passes an input as integers.
    """

    view: View | None = None
    field: str = ""
    form: Form = ""
    whole: bool = False
    keys: dict[str, Argument] = {}
    constant: str | float | bool | None = None
    earlier: Earlier | None = None


class Signature(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a function that is not written like its operator is called, and where its results are.

    `arguments` belong to the parameters, in their order. `returns` has a view of each of the operator's outputs. They
    are the `items` of a tuple `of` so many, or the items of a dictionary named `keys`; otherwise the function returns
    exactly these. `method` is called with the arguments that are left when the first `made_of` made the object.
    """

    arguments: dict[str, Argument]
    returns: tuple[View, ...]
    items: tuple[int, ...] = ()
    of: int = 0
    keys: tuple[str, ...] = ()
    by_position: bool = False
    tensors: Literal["", "float32", "float64"] = ""
    method: str = ""
    made_of: int = 0


class Earlier(msgspec.Struct, frozen=True, omit_defaults=True):
    """A function of the same program that runs first, such as a forward pass: an item of its result is an argument."""

    function: str
    op: str
    signature: Signature
    item: int | str


class Exercise(msgspec.Struct, frozen=True, omit_defaults=True):
    """One function that a student writes, and the cases that it must pass.

    `outputs` and `batch` are the operator's. The parser sets `tolerance` to EXACT for an operator that counts. `fixed`
    are fields of the operator that are the same in all cases and that the function does not receive. `modules` are
    sources that programs can import, by path; a student's own module of the same path comes first.

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
    signature: Signature | None = None
    fixed: dict[str, Any] = {}
    file: str = ""  # the name that students' files have in the course, if it is not the exercise's
    modules: dict[str, str] = {}
    reference: str = ""
    draw: dict[str, Drawn | tuple[int, int]] = {}
    misconceptions: dict[str, OwnMisconception] = {}
    files: dict[str, str] = {}
    answers: tuple[Reference, ...] = ()

    @property
    def name(self) -> str:
        """The name of the student's function, or class."""
        return self.function.partition("(")[0].strip()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the student's function's parameters."""
        return parameters_of(self.function)

    @property
    def given(self) -> tuple[str, ...]:
        """The operator's inputs and fields that the student's function receives, itself or through an earlier one."""
        if self.signature is None:
            return self.parameters
        return tuple(dict.fromkeys(_names(self.signature.arguments.values())))

    @property
    def earlier(self) -> Earlier | None:
        """The function that runs before the student's own, such as a forward pass."""
        arguments = self.signature.arguments.values() if self.signature else ()
        return next((argument.earlier for argument in arguments if argument.earlier), None)

    @property
    def results(self) -> int:
        """The number of arrays that a call sends back: those of the earlier function, then the student's own."""
        return self.earlier_results + len(self.outputs)

    @property
    def earlier_results(self) -> int:
        """The number of arrays that the earlier function gives, or 0 if there is none."""
        return len(self.earlier.signature.returns) if self.earlier else 0


def parameters_of(function: str) -> tuple[str, ...]:
    """Return the names of the parameters in a function's text, those of a class and of its method in one."""
    return tuple(p.strip() for part in function.split("(")[1:] for p in part.partition(")")[0].split(",") if p.strip())


def _names(arguments: Iterable[Argument]) -> Iterator[str]:
    """Yield the operator's inputs and fields in some arguments."""
    for argument in arguments:
        yield from filter(None, (argument.view.name if argument.view else "", argument.field))
        yield from _names(argument.keys.values())
        if argument.earlier:
            yield from _names(argument.earlier.signature.arguments.values())


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """Torch's answer to a case, one value per output; `digest` identifies the question.

    `earlier` is its answer to what an earlier function computes there. `mistaken` holds what the pack's own
    misconceptions answer, by id: None where they raise an exception. Only the diagnosis of a wrong answer uses it.
    """

    case: str
    digest: str
    value: tuple[Nested, ...]
    earlier: tuple[Nested, ...] = ()
    mistaken: dict[str, tuple[Nested, ...] | None] = {}


class Lock(msgspec.Struct, frozen=True):
    """An exercise with torch's answers: `spec` is the digest of the YAML file, `by` the version of torch."""

    format: int
    spec: str
    by: str
    exercise: Exercise
    references: tuple[Reference, ...]
