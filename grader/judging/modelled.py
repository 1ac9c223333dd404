"""What an exercise's misconceptions answer: read from the stored answers, or computed when they are needed.

Only what is not stored, above all two misconceptions at once, imports NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from grader.exercises.misconception_answers import Answer, MisconceptionAnswers, StoredCase
from grader.judging.prepare import Load, nothing
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise
from grader.model.report import CellArithmetic, CheckDiagnosis, Mismatch
from grader.model.signature import axes_of, output_view, shown_input, student_shape
from grader.numbers import Numbers, from_nested, indices

if TYPE_CHECKING:
    from grader.judging.misconceptions import Computed

Chosen: TypeAlias = tuple[str, ...]  # the id of one misconception, or those of two at once


class Modelled:
    """A case as misconceptions answer it. It memoises the answers of single ones: a class needs them repeatedly."""

    __slots__ = ("_answers", "_computed", "_expected", "_positions", "_question", "case", "exercise", "stored")

    def __init__(
        self,
        exercise: Exercise,
        case: Case,
        positions: Mapping[str, int],
        stored: StoredCase | None = None,
        question: tuple[Any, Any] | None = None,
    ) -> None:
        """Model a case. `question` is its operator with its inputs as arrays, where they are known already."""
        self.exercise, self.case, self.stored = exercise, case, stored
        self._positions, self._question = positions, question
        self._computed: Computed | None = None
        self._expected: tuple[Numbers, ...] | None = None
        self._answers: dict[str, Answer] = {}

    @property
    def computed(self) -> Computed:
        """The case as NumPy computes it."""
        if self._computed is None:
            from grader.judging.misconceptions import Computed

            self._computed = Computed(self.exercise, self.case, self._question)
        return self._computed

    @property
    def expected(self) -> tuple[Numbers, ...]:
        """The right answer."""
        if self._expected is None:
            self._expected = self.stored.expected if self.stored else self.computed.expected
        return self._expected

    @property
    def size(self) -> int:
        """The number of cells of all inputs."""
        return sum(len(from_nested(value).cells) for value in self.case.inputs.values())

    def answer(self, chosen: Chosen) -> Answer:
        """Return the answer of a misconception, or of two at once."""
        if len(chosen) > 1:
            return self.computed.answer(chosen)
        (id,) = chosen
        if id not in self._answers:
            stored = self.stored
            self._answers[id] = stored.answer(self._positions[id]) if stored else self.computed.answer(chosen)
        return self._answers[id]

    def noisy(self, chosen: Chosen) -> Iterable[Answer]:
        """Return what the same answers to slightly other inputs, or nothing where that makes no difference."""
        if len(chosen) == 1 and self.stored:
            return self.stored.noisy_answers(self._positions[chosen[0]])
        return self.computed.noisy(chosen)


class Known:
    """An exercise's misconceptions: their ids and sentences, and its cases and small samples as they answer them."""

    def __init__(self, exercise: Exercise, stored: MisconceptionAnswers | None) -> None:
        self.exercise, self._stored = exercise, stored
        if stored:
            self.says = dict(stored.misconceptions)
        else:
            from grader.judging.misconceptions import relevant

            self.says = {misconception.id: misconception.says for misconception in relevant(exercise)}
        self._positions = {id: position for position, id in enumerate(self.says)}
        cases = stored.cases if stored else {}
        self.cases = {
            case.name: Modelled(exercise, case, self._positions, cases.get(case.name)) for case in exercise.cases
        }
        self._samples: list[Modelled] | None = None

    @property
    def combines(self) -> bool:
        """Whether two misconceptions can be run at once."""
        from grader.exercises.operators import operator

        return hasattr(operator(self.exercise), "step")

    @property
    def samples(self) -> list[Modelled]:
        """The operator's small samples that fit the exercise, smallest first."""
        if self._samples is None:
            exercise, positions = self.exercise, self._positions
            if self._stored:
                made = [Modelled(exercise, sample.case, positions, sample.stored) for sample in self._stored.samples]
            else:
                from grader.judging.samples import form

                made = [Modelled(exercise, case, positions, question=question) for case, question in form(exercise)]
            self._samples = made
        return self._samples

    def explanation(self, case: Case, mismatch: Mismatch) -> CheckDiagnosis:
        """Return what explains a wrong answer."""
        worked = None if mismatch.worst is None else self.cell(case, mismatch.worst, mismatch.output)
        shown = {mismatch.output, *(worked.input if worked else ())}
        return CheckDiagnosis(worked, {name: axes for name, axes in axes_of(self.exercise).items() if name in shown})

    def cell(self, case: Case, at: tuple[int, ...], output: str) -> CellArithmetic:
        """Return the arithmetic of a cell of a right answer, in the order of the student's axes."""
        modelled = self.cases[case.name]
        if self._stored and modelled.stored and modelled.stored.cells:
            which = self.exercise.outputs.index(output)
            shape = student_shape(output_view(self.exercise, output), modelled.expected[which].shape)
            cell = modelled.stored.cell(which, list(indices(shape)).index(at))
            first = shown_input(self.exercise, case, self._stored.first) if self._stored.first else {}
            return CellArithmetic(output, at, cell.text, cell.value, cell.reads, first)
        from grader.judging.explain import cell_arithmetic

        return cell_arithmetic(self.exercise, case, at, output)


@memoise
def _made(_: Exercise) -> list[Known]:
    return []


def known(exercise: Exercise, load: Load = nothing) -> Known:
    """Return an exercise's misconceptions, memoised; `load` returns the stored answers and is called once."""
    made = _made(exercise)
    if not made:
        made.append(Known(exercise, load()))
    return made[0]
