"""What the HTML pages show, as data: cases as pictures, with the arithmetic of every output cell worked out."""

from __future__ import annotations

import msgspec

from grader.model.class_ import ClassView, Listed, Similar, Summary
from grader.model.exercise import Nested
from grader.model.explanation import MisconceptionPage
from grader.model.marks import Change
from grader.model.report import Example, Report


class Grid(msgspec.Struct, frozen=True):
    """Rows of numbers, as text. `padding` and `wrong` are places in row-major order; `size` is like `6 × 6`."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    size: str = ""
    padding: frozenset[int] = frozenset()
    wrong: frozenset[int] = frozenset()


class Term(msgspec.Struct, frozen=True, array_like=True):
    """One product of a window: the two factors, the product, and the sum so far."""

    factor: str
    weight: str
    product: str
    total: str


class Other(msgspec.Struct, frozen=True):
    """What a program with a misconception computes for a cell: the input cells it reads, its arithmetic, its value."""

    window: tuple[int, ...]
    text: str
    value: str


class Step(msgspec.Struct, frozen=True):
    """One output cell: `window` and `weights` are places in the input's and the kernel's grids, counted through all.

    `terms` hold a list for each channel. `totals` are running results of operators without products.
    """

    place: str
    window: tuple[int, ...]
    text: str
    value: str
    weights: tuple[int, ...] = ()
    terms: tuple[tuple[Term, ...], ...] = ()
    bias: str = ""
    totals: tuple[str, ...] = ()
    given: str = ""
    other: Other | None = None


class Picture(msgspec.Struct, frozen=True):
    """A case: its inputs with the padding around them, its answer and a program's, and the arithmetic of its cells.

    `steps` has a step per cell of the `expected` grids, in row-major order, or None where a cell is not worked out.
    `misconception` is the sentence of the one that the steps' `other` belong to. Where a slide is wrong, `printed` is
    what it prints and `right` the answer.
    """

    case: str
    notation: tuple[tuple[str, str], ...] = ()
    formula: tuple[str, ...] = ()
    inputs: tuple[Grid, ...] = ()
    kernel: tuple[Grid, ...] = ()
    more: tuple[Grid, ...] = ()
    expected: tuple[Grid, ...] = ()
    given: tuple[Grid, ...] = ()
    steps: tuple[Step | None, ...] = ()
    columns: int = 1
    first: int = 0
    running: str = ""
    misconception: str = ""
    slide: str = ""
    erratum: str = ""
    printed: Nested = None
    right: Nested = None


class StudentPage(msgspec.Struct, frozen=True):
    """A report with the pictures of its wrong cases. `withheld` tells that the generated cases are secret.

    `mark` is the student's mark where the late policy or a person made it another than the score.
    """

    report: Report
    pictures: dict[str, Picture] = {}
    misconceptions: tuple[MisconceptionPage, ...] = ()
    hint: str = ""
    withheld: bool = False
    mark: float | None = None

    @property
    def points(self) -> float:
        """The points that the student has."""
        return self.report.score if self.mark is None else self.mark


class ExercisePage(msgspec.Struct, frozen=True):
    """An exercise as it is published: its visible written cases with their answers, and how many others there are."""

    id: str
    title: str
    points: float
    function: str
    task: str
    formula: str
    pictures: tuple[Picture, ...]
    generated: int
    hidden: int
    misconceptions: tuple[tuple[str, str], ...] = ()


class Matrix(msgspec.Struct, frozen=True):
    """Who got which case wrong: a text per case, a letter per student (`.` right, `x` wrong, `-` no answer).

    Students stand in the order of their marks, the best first.
    """

    cases: tuple[str, ...] = ()
    generated: tuple[bool, ...] = ()
    rows: tuple[str, ...] = ()


class Details(msgspec.Struct, frozen=True):
    """What the class page shows of an exercise besides its view: whose answers stand behind each count.

    `programs` are the most similar ones.
    """

    matrix: Matrix = Matrix()
    behind: dict[str, tuple[Listed, ...]] = {}
    smallest: dict[str, Example] = {}
    alike: dict[str, tuple[Listed, ...]] = {}
    programs: tuple[Programs, ...] = ()


class Programs(msgspec.Struct, frozen=True):
    """Similar programs to be shown: the texts of two of their students, or the one text where all have the same."""

    similar: Similar
    left: str
    right: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """Whose texts these are."""
        return shown(self.similar)


def shown(similar: Similar) -> tuple[str, ...]:
    """Return the first student of each of the first two parts."""
    return tuple(part[0] for part in similar.parts[:2])


class ClassPage(msgspec.Struct, frozen=True):
    """A class as a page. `links` lead from a student's id to their page; an `anonymous` page names nobody.

    `changes` are the marks that the last run or policy changed.
    """

    view: ClassView
    summary: Summary
    details: dict[str, Details]
    links: dict[str, str] = {}
    anonymous: bool = False
    changes: tuple[Change, ...] = ()
