"""The class as a whole: everything is counted once, nothing is kept, and no name breaks a table."""

from __future__ import annotations

import csv as csvs
import io
import json
import tracemalloc
from collections.abc import Iterator

import msgspec
import pytest
from conftest import solution
from programs import lock, program, submission
from rich.console import Console

from grader.classroom import statistics
from grader.classroom.statistics import summary, view, with_similar
from grader.exercises.templates import template
from grader.judging.grade import grade
from grader.model.class_ import (
    ClassView,
    Entry,
    ExerciseView,
    Failing,
    Listed,
    Marks,
    MisconceptionCount,
    Person,
    Result,
    Similar,
    Summary,
)
from grader.model.marks import Lateness
from grader.model.report import Diagnosis, Report, Verdict, to_json
from grader.model.submission import Submission
from grader.output.class_page import exercises, others, students
from grader.output.csv import students as csv
from grader.output.markdown import class_report as markdown
from grader.text import defused

FLIPPED = program("ex1", "kernel-flipped").source
UNNAMED = """
import numpy as np
def conv2d(input, kernel, bias):
    h, w = kernel.shape
    rows, columns = input.shape[0] - h + 1, input.shape[1] - w + 1
    cells = [[np.sum(input[i:i+h, j:j+w] * kernel) + bias for j in range(columns)] for i in range(rows)]
    return np.array(cells) ** 2 % 7 + 1000
"""
PROGRAMS = {
    "right": solution("ex1"),
    "flipped": FLIPPED,
    "both": FLIPPED.replace(" + bias", ""),
    "stub": template(lock("ex1").exercise),
    "no python": "def conv2d(input, kernel, bias)\n",
    "no function": "def convolve(input, kernel, bias):\n    return input\n",
    "raises": "def conv2d(input, kernel, bias):\n    first = kernel[99, 0]\n    return first\n",
    "unnamed": UNNAMED,
    "unnamed too": UNNAMED.replace("h, w", "a, b").replace("h +", "a +").replace("w +", "b +").replace("+h", "+a")
    .replace("+w", "+b"),
    "unnamed alone": UNNAMED.replace("1000", "2000"),
}  # fmt: skip
ODD = (
    "Đặng Thị Ánh",
    'Quote "Q", Comma; Semicolon',
    "=HYPERLINK(1)",
    "-1+2",
    "\tTab",
    "line\nbreak\r\n",
    "\u202eright to left",
    "שלום עולם",
    "佐藤" * 40,
    "e\u0301\u0301\u0301" * 50,
    "[bold red]markup[/bold red]",
    "<script>alert(1)</script>",
    "| a | `b` | **c** | [d](javascript:e) |",
    "\x1b[31mred\x1b[0m",
    "::error::x",
    "",
    "@all",
    "👩‍👩‍👧‍👦",
)


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """Grade real programs."""
    found = {name: grade(lock("ex1"), submission("ex1", text)) for name, text in PROGRAMS.items()}
    refused = Submission("", "", "ex1", "python", "", (), refused="there is no file")
    found["missing"] = grade(lock("ex1"), refused)
    found["ex0"] = grade(lock("ex0"), submission("ex0", solution("ex0")))
    found["ex0 stub"] = grade(lock("ex0"), submission("ex0", template(lock("ex0").exercise)))
    fault = msgspec.structs.replace(found["right"].checks[0], verdict=Verdict.internal_error, text="it fell over")
    found["fault"] = msgspec.structs.replace(found["right"], checks=(fault, *found["right"].checks[1:]), score=0.0)
    return found


def entry(student: str, report: Report, name: str = "", late: bool = False, problem: str = "") -> Result:
    people = (Person(student, name),) if name else ()
    path = "" if problem else f"{student}/{report.exercise}.py"
    own = Entry(student, report.exercise, path, people, late=late, problem=problem)
    return Result(own, report, late=Lateness(late))


@pytest.fixture(scope="module")
def results(reports: dict[str, Report]) -> list[Result]:
    """A class of eighteen: five are right, three flip the kernel, one of them with another mistake."""
    whole = [entry(f"r{i}", reports["right"], late=i == 0) for i in range(5)]
    whole += [entry("f1", reports["flipped"], late=True), entry("f2", reports["flipped"])]
    names = ("both", "stub", "no python", "no function", "raises", "unnamed", "unnamed too", "unnamed alone")
    whole += [entry(name, reports[name]) for name in names]
    whole.append(entry("m", reports["missing"], name="Missing Person", problem="nothing was handed in"))
    whole.append(entry("i", reports["fault"], name="Unlucky"))
    whole.append(entry("r0", reports["ex0"]))
    whole.append(entry("f1", reports["ex0 stub"]))
    return whole


@pytest.fixture(scope="module")
def seen(results: list[Result]) -> ClassView:
    return view(iter(results))


@pytest.fixture(scope="module")
def ex1(seen: ClassView) -> ExerciseView:
    return next(e for e in seen.exercises if e.exercise == "ex1")


def terminal(item: object, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(item)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_everybody_is_counted_once(seen: ClassView, ex1: ExerciseView) -> None:
    assert [e.exercise for e in seen.exercises] == ["ex0", "ex1"]
    assert seen.students == 17
    assert ex1.students == 17
    assert (ex1.right, ex1.wrong, ex1.no_answer) == (5, 6, 4)
    assert ex1.graded + len(ex1.missing) + len(ex1.internal_errors) == ex1.students
    assert ex1.late == (Listed("r0", "r0"), Listed("f1", "f1"))
    assert ex1.missing == (Listed("m", "Missing Person", "nothing was handed in"),)
    assert ex1.internal_errors == (Listed("i", "Unlucky", "it fell over"),)
    assert (seen.exercises[0].right, seen.exercises[0].no_answer) == (1, 1)


def test_the_mean_is_over_everybody_who_has_a_mark(ex1: ExerciseView, results: list[Result]) -> None:
    scores = [r.report.score for r in results if r.report.exercise == "ex1" and r.entry.student != "i"]
    assert len(scores) == 16
    assert ex1.marks
    assert ex1.marks.max_score == 10
    assert ex1.marks.mean == pytest.approx(sum(scores) / 16)
    assert ex1.marks.quartiles[1] == pytest.approx(sum(sorted(scores)[7:9]) / 2)
    assert sum(ex1.marks.buckets) == 16
    assert ex1.marks.buckets[-1] == sum(score >= 9 for score in scores) >= 5


def test_a_misconception_is_counted_over_the_class(ex1: ExerciseView) -> None:
    flipped = ex1.misconceptions[0]
    assert (flipped.id, flipped.students, flipped.perhaps) == ("kernel-flipped", 3, 0)
    assert "turn the kernel around" in flipped.says
    assert sorted((m.id, m.students) for m in ex1.misconceptions[1:]) == [("bias-missing", 1)]


def test_several_explanations_count_as_perhaps(reports: dict[str, Report]) -> None:
    misconceptions = (("a", "b"), ("a", "c"))
    several = Diagnosis(misconceptions=misconceptions, says={"a": "A.", "b": "B.", "c": "C."})
    either = Diagnosis(misconceptions=(("b",), ("c",)), says={"b": "B.", "c": "C."})
    found = [msgspec.structs.replace(reports["flipped"], diagnosis=d) for d in (several, either)]
    counted = view(entry(str(i), report) for i, report in enumerate(found)).exercises[0].misconceptions
    assert counted == (
        MisconceptionCount("a", "A.", 1),
        MisconceptionCount("b", "B.", 0, 2),
        MisconceptionCount("c", "C.", 0, 2),
    )


def test_unnamed_answers_are_put_together_with_one_example(ex1: ExerciseView) -> None:
    assert [(group.students, group.student) for group in ex1.unnamed] == [(2, "unnamed"), (1, "unnamed alone")]
    example = ex1.unnamed[0].example
    assert example
    assert example.expected != example.given
    assert set(example.arguments) == {"input", "kernel", "bias"}
    assert ex1.unnamed[0].text


def test_an_unnamed_answer_without_a_smallest_case_is_told_by_its_first(reports: dict[str, Report]) -> None:
    """As where the program had no time left for the small samples."""
    found = reports["unnamed"].diagnosis
    assert found
    report = msgspec.structs.replace(reports["unnamed"], diagnosis=msgspec.structs.replace(found, smallest=None))
    seen = view([entry("a", report)])
    (group,) = seen.exercises[0].unnamed
    assert group.example is None
    check = next(check for check in report.checks if check.case == group.case)
    assert check.mismatch
    assert check.mismatch.total == min(c.mismatch.total for c in report.checks if c.mismatch)
    assert f"1 student, a: {group.case}: " in terminal(exercises(seen))
    assert "expected" in markdown(seen)


def test_exceptions_are_counted_by_cause(ex1: ExerciseView) -> None:
    kinds = {(c.type, c.hint): c.students for c in ex1.crashes}
    assert kinds == {("IndexError", "beyond"): 1, ("SyntaxError", ""): 1}
    assert ex1.verdicts["runtime_error"] == 2
    assert ex1.verdicts["missing"] == 2  # one of them is the untouched template, which is not begun


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("syntax error in ex1.py, line 1: expected ':'", "SyntaxError"),
        ("KeyboardInterrupt (ex1.py, line 2)", "KeyboardInterrupt"),
        ("it ended its process by itself (exit code 0)", ""),
        ("", ""),
    ],
)
def test_an_exception_before_the_first_case_has_its_type(reports: dict[str, Report], text: str, type: str) -> None:
    checks = tuple(msgspec.structs.replace(check, text=text) for check in reports["no python"].checks)
    seen = view([entry("a", msgspec.structs.replace(reports["no python"], checks=checks))])
    assert [crash.type for crash in seen.exercises[0].crashes] == [type]


def test_a_case_is_failed_by_those_who_gave_answers(ex1: ExerciseView) -> None:
    assert len(ex1.cases) == len(lock("ex1").exercise.cases)
    assert {rate.of for rate in ex1.cases} == {11}
    assert all(3 <= rate.failed <= 6 for rate in ex1.cases)
    assert sum(rate.generated for rate in ex1.cases) == 60


def test_an_empty_class() -> None:
    assert view([]) == ClassView(0, ())
    assert summary([]) == Summary({}, (), 0.0)
    assert terminal(exercises(view([]))).strip() == ""
    assert csv(summary([])) == "student,name,email,total,of,late,adjustments,reason\n"
    assert markdown(view([])) == ""


def test_a_class_that_handed_in_nothing(reports: dict[str, Report]) -> None:
    only = view([entry("m", reports["missing"], problem="nothing")]).exercises[0]
    assert only.marks == Marks(10, 0, (0, 0, 0), (1, *[0] * 9))  # which is what the gradebook gets
    assert (only.graded, only.cases) == (0, ())
    assert "1 with nothing to grade" in terminal(exercises(ClassView(1, (only,))))
    assert "### Nothing to grade" in markdown(ClassView(1, (only,)))


def test_a_file_that_cannot_be_read_is_named_with_the_reason(reports: dict[str, Report]) -> None:
    seen = view([entry("u", reports["missing"], name="Una")])
    assert seen.exercises[0].missing == (Listed("u", "Una", "there is no file"),)
    assert "Una (u): there is no file" in terminal(exercises(seen))


def test_one_student(reports: dict[str, Report]) -> None:
    marks = view([entry("a", reports["right"])]).exercises[0].marks
    assert marks
    assert marks.quartiles == (10.0, 10.0, 10.0)
    assert marks.buckets == (0,) * 9 + (1,)


def test_the_totals(results: list[Result]) -> None:
    whole = summary(iter(results))
    assert list(whole.exercises) == ["ex0", "ex1"]
    rows = {row.student: row for row in whole.rows}
    most = sum(points or 0.0 for points in whole.exercises.values())
    assert rows["r0"].total == most == whole.max_score
    assert rows["r1"].total == 10
    assert rows["m"].total == 0
    assert rows["m"].marks["ex1"].state == "missing"
    assert rows["i"].total is None  # never zero: the fault is ours


def test_the_terminal(seen: ClassView, results: list[Result]) -> None:
    one = Similar((("r0", "r1"), ("r2",)), "form", 40, 40, 30, 20, 99.0)
    other = Similar((("a", "b"),), "text", 50, 50, 0, 20, 90.0, rarest=4)
    text = terminal(exercises(with_similar(seen, {"ex1": (one, other)}, {}, {"ex1": 3})))
    for line in (
        "17 students: 5 right, 6 wrong, 4 without an answer, 2 late, 1 with nothing to grade, 1 not graded",
        "3 of 15  ",
        "(kernel-flipped)",
        "2 students, for example unnamed:",
        "1 of 15  IndexError (an index past the edge)",
        "2 of 15  the function is missing",
        "Missing Person (m): nothing was handed in",
        "Unlucky (i): it fell over",
    ):
        assert line in text
    how = "equal except for names, layout and unused code (byte for byte: r0, r1)"
    for line in (
        "3 programs were graded by an earlier version and not compared: `grade class PATH --again` compares all",
        f"r0, r1, r2: {how}; 40 fragments, 30 of them in no other program of 20",
        "a, b: equal byte for byte; 50 fragments, the rarest of them in 4 of 20 programs",
    ):
        assert line in " ".join(text.split())
    assert "cheat" not in text.lower()
    table = terminal(students(summary(results)))
    assert "?" in table
    assert "10 late" in table


def test_csv(results: list[Result]) -> None:
    rows = list(csvs.DictReader(io.StringIO(csv(summary(results)))))
    assert len(rows) == 17
    by_id = {row["student"]: row for row in rows}
    assert by_id["r0"] == {
        "student": "r0", "name": "r0", "ex0": "10", "ex1": "10", "total": "20", "of": "20", "late": "ex1: late",
        "email": "", "adjustments": "", "reason": "ex0: all right; ex1: all right",
    }  # fmt: skip
    assert by_id["i"]["ex1"] == "internal_error"
    assert by_id["i"]["total"] == ""
    assert by_id["m"]["ex1"] == ""
    assert by_id["m"]["total"] == "0"


def test_json_can_be_read_back(seen: ClassView, results: list[Result]) -> None:
    assert msgspec.json.decode(to_json(seen), type=ClassView) == seen
    assert json.loads(to_json(summary(results)))["exercises"] == {"ex0": 10.0, "ex1": 10.0}


def test_markdown(seen: ClassView) -> None:
    many = tuple(f"student {i}" for i in range(50))
    text = markdown(with_similar(seen, {"ex1": (Similar((many,), "text", 5, 5, 5, 900, 9.0),)}, {"student 1": "Zoë"}))
    assert "student 0, Zoë \\(student 1\\), student 2" in text
    assert "student 9 and 40 more\\: equal byte for byte" in text
    assert "1 with nothing to grade, 1 not graded." in text
    assert "Answers" not in text
    fresh = msgspec.structs.replace(seen, answers="torch 2, fresh cases (key 0123abcd)")
    assert "fresh cases" in markdown(fresh)
    assert "fresh cases (key 0123abcd)" in terminal(others(fresh))
    assert "- **1 student**, unnamed alone: input = " in text
    assert "## ex1 · " in text
    assert "- **3 of 15** " in text
    assert "(kernel-flipped" in text.replace("\\", "")
    assert "**2 students**, for example " in text


@pytest.mark.parametrize("name", ODD, ids=lambda name: ascii(name)[:24])
def test_a_name_breaks_no_table(name: str, reports: dict[str, Report]) -> None:
    odd = [
        entry(name or "x", reports["right"], name=name, late=True),
        entry("2", reports["fault"], name=name),
        entry("3", reports["missing"], name=name, problem=name or "nothing"),
        entry(f"{name}4", reports["unnamed"]),
    ]
    whole, seen = summary(odd), view(odd)
    text = terminal(
        exercises(with_similar(seen, {"ex1": (Similar(((name, "b"),), "text", 9, 9, 9, 9, 9.0),)}, {})), 80
    ) + terminal(students(whole), 80)
    assert not any(char in text for char in "\x1b\t\r\u202e\u200d")
    assert len(terminal(students(whole), 80).splitlines()) <= 5 + 4 * 3
    rows = list(csvs.reader(io.StringIO(csv(whole))))
    assert [len(row) for row in rows] == [9] * 5
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)
    page = markdown(seen)
    assert "<" not in page.replace("\\<", "")
    assert "\x1b" not in page
    assert sum(line.startswith("- ") for line in page.splitlines()) == sum(
        line.startswith("- ") for line in markdown(view(_plain(odd))).splitlines()
    )


def _plain(odd: list[Result]) -> Iterator[Result]:
    """Yield the same results with plain names."""
    for number, result in enumerate(odd):
        own = msgspec.structs.replace(result.entry, student=str(number), people=())
        yield Result(
            msgspec.structs.replace(own, problem="nothing" if own.problem else ""), result.report, late=result.late
        )


@pytest.mark.parametrize("text", ["=1", "+1", "-1+1", "@a", "\tx", "\rx"])
def test_a_formula_is_defused(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "-1", "'=1", "é"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert defused(text) == text


def test_memory_does_not_grow_with_the_class(reports: dict[str, Report]) -> None:
    """Ten times the results, of the same students' work, take no more memory: nothing of them is kept."""
    data = [to_json(entry("s", reports[name])) for name in ("right", "flipped", "unnamed")]

    def stream(count: int) -> Iterator[Result]:
        for number in range(count):
            result = msgspec.json.decode(data[number % 3], type=Result)
            print_ = f"{number:012x}"  # as if nobody's wrong answers were another's
            diagnosis = result.report.diagnosis and msgspec.structs.replace(result.report.diagnosis, fingerprint=print_)
            yield msgspec.structs.replace(result, report=msgspec.structs.replace(result.report, diagnosis=diagnosis))

    def peak(count: int) -> int:
        tracemalloc.start()
        view(stream(count))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "MOST_EXAMPLES", 10)
        peak(3)
        few, many = peak(30), peak(300)
    assert many < few + 300 * 400  # fingerprints, counts, and a report or two that wait for the garbage collector


def test_exceptions_of_made_up_names_are_not_all_kept(reports: dict[str, Report]) -> None:
    raises = reports["raises"]
    assert raises.diagnosis
    crash = raises.diagnosis.crash
    assert crash

    def named(number: int) -> Report:
        other = msgspec.structs.replace(crash, type=f"Mine{number}", hint="")
        return msgspec.structs.replace(raises, diagnosis=Diagnosis(crash=other))

    seen = view(entry(str(i), named(i)) for i in range(300)).exercises[0]
    assert len(seen.crashes) == statistics.MOST_KINDS + 1
    assert seen.crashes[0] == Failing("others", "", 200)
