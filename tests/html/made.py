"""Pages and what they are made of, for the tests of HTML pages: graded programs, and exercises of all shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import programs
from conftest import DATA, solution

from grader.classroom import details, statistics
from grader.exercises.cases import make_case, plain_nested
from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging import illustrate
from grader.judging.compare import compare
from grader.judging.grade import grade
from grader.judging.illustrate import student_page
from grader.judging.sentences import sentence
from grader.model.class_ import Entry, Person, Result
from grader.model.exercise import EXACT, Case, Exercise, Lock, Reference
from grader.model.marks import Lateness
from grader.model.page import ClassPage
from grader.model.report import Check, Report, Verdict, report_from_json
from grader.model.submission import Submission
from grader.numbers import from_nested
from grader.ops import OPS
from grader.ops.base import each_output
from grader.output.html import class_, exercise, student
from grader.sandbox.levels import NOTHING_RUN
from grader.submissions.find import find

REPORTS = {path.stem: report_from_json(path.read_bytes()) for path in sorted((DATA / "reports").glob("*.json"))}
GRADED = {  # the exercise, and the misconception of its program
    "right": ("ex1", ""),
    "flipped": ("ex1", "kernel-flipped"),
    "stride": ("ex3", "stride-ignored"),
    "pooled": ("ex5", "accumulator-not-reset"),
    "rows": ("ex9", "accumulator-not-reset"),
    "layers": ("ex13", "activation-size"),
    "two": ("ex12", "accumulator-not-reset"),
}


def lock_of(id: str) -> Lock:
    return read_lock(pack_folder(None), id)


@cache
def graded(name: str) -> Report:
    id, misconception = GRADED[name]
    source = programs.program(id, misconception).source if misconception else solution(id)
    return grade(lock_of(id), Submission("0123456789abcdef", "", id, "python", f"{id}.py", ((f"{id}.py", source),)))


def program(lock: Lock, folder: Path, text: str) -> Report:
    """Grade a program that is written here."""
    path = folder / f"{lock.exercise.id}.py"
    path.write_text(text, encoding="utf-8")
    return grade(lock, find(lock.exercise.id, str(path), own=True))


def page_of(name: str) -> str:
    return student.document([student_page(graded(name), lock_of(GRADED[name][0]))])


def made_lock(op: str, function: str, cases: Sequence[Case]) -> Lock:
    """Make an exercise of cases, with the operator's own answers."""
    exercise = Exercise("made", "Made here", op, function, 10.0, tuple(cases), outputs=OPS[op].outputs)
    references = tuple(Reference(c.name, "", tuple(answer(op, c))) for c in cases)
    return Lock(1, "", "made here", exercise, references)


def answer(op: str, case: Case) -> list[Any]:
    operator = msgspec.convert(case.fields, OPS[op])
    inputs = [np.array(case.inputs[name], dtype=float) for name in operator.names]
    return [plain_nested(value.tolist()) for value in each_output(operator(*inputs))]


def case(op: str, parameters: str, inputs: dict[str, Any], name: str = "a case", **fields: Any) -> Case:
    operator = OPS[op](**fields)
    values = {n: plain_nested(np.asarray(v).tolist()) for n, v in inputs.items()}
    return make_case(tuple(parameters.replace(",", " ").split()), operator, values, name=name)


def channels() -> Lock:
    """Two filters over three channels, with padding and a stride."""
    image, kernel = np.arange(48.0).reshape(3, 4, 4) % 7, np.arange(54.0).reshape(2, 3, 3, 3) % 5 - 2
    inputs = {"input": image, "kernel": kernel, "bias": np.array([1.0, -2.0])}
    one = case("conv2d", "input kernel bias padding stride", inputs, "channels", padding=1, stride=(2, 1))
    return made_lock("conv2d", "conv2d(input, kernel, bias, padding, stride)", [one])


def rows() -> Lock:
    """A convolution along one axis."""
    inputs = {"input": np.arange(7.0), "kernel": np.array([1.0, -1.0, 2.0]), "bias": np.array(3.0)}
    one = case("conv1d", "input kernel bias padding stride", inputs, "a row", padding=1, stride=2)
    one = msgspec.structs.replace(one, fields={"padding": 1, "stride": 2})  # as a spec writes them
    return made_lock("conv1d", "conv1d(input, kernel, bias, padding, stride)", [one])


def averages() -> Lock:
    """Pooling with padding that counts, and with padding that does not."""
    image = {"input": np.arange(20.0).reshape(4, 5) - 6}
    names = "input kernel_size stride padding count_include_pad ceil_mode"
    fields: dict[str, Any] = {"kernel_size": (2, 3), "stride": (2, 2), "padding": (1, 1)}
    cases = [
        case("avg_pool2d", names, image, "padding counts", **fields),
        case("avg_pool2d", names, image, "padding does not count", count_include_pad=False, ceil_mode=True, **fields),
    ]
    return made_lock("avg_pool2d", "pool(input, kernel_size, stride, padding, count_include_pad, ceil_mode)", cases)


def borders() -> Lock:
    """Convolutions whose border is not made of zeros, or not equal on both sides."""
    inputs = {"input": np.arange(6.0).reshape(2, 3) + 1, "kernel": np.arange(4.0).reshape(2, 2), "bias": np.array(2.0)}
    names = "input kernel bias padding padding_mode"
    cases = [
        case("conv2d", names, inputs, "reflect", padding=1, padding_mode="reflect"),
        case("conv2d", names, inputs, "circular", padding=(2, 1), padding_mode="circular"),
        case("conv2d", names, inputs, "sides", padding=((1, 0), (0, 2)), padding_mode="replicate"),
    ]
    return made_lock("conv2d", "conv2d(input, kernel, bias, padding, padding_mode)", cases)


def transposed() -> Lock:
    """An operator without a window of its own: its grids are plain."""
    inputs = {"input": np.arange(4.0).reshape(2, 2), "kernel": np.arange(9.0).reshape(3, 3), "bias": np.array(1.0)}
    one = case("conv_transpose2d", "input kernel bias stride", inputs, "stride 2", stride=2)
    return made_lock("conv_transpose2d", "up(input, kernel, bias, stride)", [one])


def every_lock() -> list[Lock]:
    """The exercises of the course, and those made here."""
    made = channels(), rows(), averages(), borders(), transposed()
    return [*(lock_of(f"ex{i}") for i in range(17)), *made]


def result(number: int, report: Report, person: str = "", **more: object) -> Result:
    student = f"{1000 + number}"
    entry = Entry(
        student, report.exercise, "x.py", (Person(student, person or f"Person {number}"),), f"p{number}_ex.py"
    )
    late = Lateness(bool(more.get("late")))
    return Result(msgspec.structs.replace(entry, **more), msgspec.structs.replace(report, submission="abc"), late=late)


def students(count: int) -> Iterator[Result]:
    """Yield a class: a third is right, a third turns the kernel around, a third has other exercises' mistakes."""
    kinds = [graded(kind) for kind in ("right", "flipped", "stride")]
    for number in range(count):
        yield result(number, kinds[number % 3], late=number % 10 == 7)


def class_html(results: list[Result], **more: object) -> str:
    view = statistics.view(results)
    it = ClassPage(view, statistics.summary(results), details.details(results))
    return class_.document(msgspec.structs.replace(it, **more))


@cache
def made_pages() -> dict[str, str]:
    """Return a page of every kind, by name."""
    one = channels()
    answer = one.references[0].value[0]
    wrong = [[[cell + (i == 1) for i, cell in enumerate(row)] for row in plane] for plane in answer]
    report = judged(one, wrong)
    stored = {name: student.document([student_page(report, None)]) for name, report in REPORTS.items()}
    stored["channels"] = student.document([student_page(report, one)])
    site = exercise.site([illustrate.exercise_page(lock_of(f"ex{i}")) for i in range(17)], [])
    stored |= {"class": class_html([*students(30)]), "exercise": site["ex3.html"]}
    several = [student_page(graded(name), lock_of(GRADED[name][0])) for name in ("right", "stride", "pooled")]
    stored["feedback"] = student.document(several, "Feedback for Ada Lovelace", ["ex9: no program was found"])
    stored |= {"index": site["index.html"], "errata": site["errata.html"]}
    return {name: page_of(name) for name in GRADED} | stored


def judged(lock: Lock, given: Any) -> Report:
    """Make the report of a program that gave this to the exercise's only case."""
    (case,), (reference,) = lock.exercise.cases, lock.references
    mismatch = compare(from_nested(given), from_nested(reference.value[0]), EXACT)
    assert mismatch
    check = Check(case.name, False, Verdict.wrong_answer, 0.0, 10.0, mismatch, text=sentence(mismatch))
    versions = {"references": lock.by}
    return Report(1, lock.exercise.id, lock.exercise.title, "", "", (check,), 0.0, 10.0, 0.0, versions, NOTHING_RUN)
