"""The files in data/gradebooks are as platforms give them; a neighbour `.json` declares marks and what becomes of it.

`replaced` are the only places of the file that may be other bytes afterwards, in the words of the file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from conftest import DATA
from hypothesis import example, given
from hypothesis import strategies as st

from grader.errors import GradeError
from grader.model.class_ import Person
from grader.platforms import canvas, gradescope, moodle
from grader.platforms.gradebook import Filled, Mark
from grader.platforms.sheet import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Cell, read, replaced, tokens
from grader.text import defused

BOOKS = DATA / "gradebooks"
CASES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(BOOKS.glob("*.json"))}
FILLED = [name for name, case in CASES.items() if "replaced" in case]
REFUSED = [name for name, case in CASES.items() if "refused" in case]


def fill(case: dict[str, Any], data: bytes) -> Filled:
    marks = [
        Mark(tuple(Person(**p) for p in m["people"]), m["score"], m["of"], student=m.get("student", ""))
        for m in case["marks"]
    ]
    if case["platform"] == "canvas":
        return canvas.fill_gradebook(data, marks, case["title"], case["file"])
    if case["platform"] == "moodle":
        return moodle.fill_gradebook(data, marks, case["file"], case.get("columns", {}))
    return gradescope.fill_gradebook(data, marks, case["file"])


def table(data: bytes, encoding: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=separator))


def test_every_file_is_used_and_every_neighbour_declares_an_outcome() -> None:
    assert {path.name for path in BOOKS.glob("*.csv")} == {case["file"] for case in CASES.values()}
    assert len(FILLED) + len(REFUSED) == len(CASES) > 40


@pytest.mark.parametrize("name", FILLED)
def test_only_the_declared_places_change(name: str) -> None:
    case = CASES[name]
    before = (BOOKS / case["file"]).read_bytes()
    encoding = case.get("encoding", "utf-8")
    due = before
    for old, new in case["replaced"]:
        assert due.count(old.encode(encoding)) == 1, f"{old!r} is to say which place is meant"
        due = due.replace(old.encode(encoding), new.encode(encoding))
    filled = fill(case, before)
    assert filled.data == due
    assert filled.changed == len(case["replaced"])
    assert filled.column == case["column"]
    assert len(filled.notes) == len(case["notes"])
    assert all(said.startswith(note) for said, note in zip(filled.notes, case["notes"], strict=True))


@pytest.mark.parametrize("name", FILLED)
def test_filled_in_again_nothing_changes(name: str) -> None:
    case = CASES[name]
    once = fill(case, (BOOKS / case["file"]).read_bytes())
    again = fill(case, once.data)
    assert again.data == once.data
    assert again.changed == 0


@pytest.mark.parametrize("name", FILLED)
def test_csv_reads_the_same_marks_back_and_all_else_unchanged(name: str) -> None:
    case = CASES[name]
    encoding = {"utf-8": "utf-8-sig", "utf-16-le": "utf-16"}.get(case.get("encoding", "utf-8"), "cp1252")
    before = (BOOKS / case["file"]).read_bytes()
    separator = {"canvas_semicolon.csv": ";", "moodle_vi.csv": "\t"}.get(case["file"], ",")
    old, new = (table(data, encoding, separator) for data in (before, fill(case, before).data))
    column = [" ".join(title.split()) for title in old[0]].index(case["column"])
    given_back = []
    for was, now in zip(old, new, strict=True):
        assert [c for i, c in enumerate(was) if i != column] == [c for i, c in enumerate(now) if i != column]
        if was != now:
            given_back.append(float(now[column].replace(",", ".")))
    scores = [round(mark["score"], 2) for mark in case["marks"] for _ in mark["people"]]
    assert len(given_back) == len(case["replaced"])
    assert set(given_back) <= set(scores)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_certain_is_refused_with_everything_that_is_wrong(name: str) -> None:
    case = CASES[name]
    with pytest.raises(GradeError) as raised:
        fill(case, (BOOKS / case["file"]).read_bytes())
    assert len(raised.value.problems) == len(case["refused"])
    for problem, part in zip(raised.value.problems, case["refused"], strict=True):
        assert part in str(problem)
        assert problem.help
        assert problem.place.startswith(case["file"])


def test_many_unknown_students_are_listed_up_to_a_point() -> None:
    marks = [Mark((Person(f"{i}"),), 1, 10) for i in range(100)]
    with pytest.raises(GradeError) as raised:
        canvas.fill_gradebook((BOOKS / "canvas.csv").read_bytes(), marks, "Conv2d", "x.csv")
    [problem] = raised.value.problems
    assert problem.says.startswith("`0`, `1`, ")
    assert problem.says.endswith(", `19` and 80 more are not in the file")


def test_many_problems_are_listed_up_to_a_point() -> None:
    with pytest.raises(GradeError) as raised:
        canvas.fill_gradebook(
            (BOOKS / "canvas.csv").read_bytes(), [Mark((Person("1042"),), 1, 10)] * 31, "Conv2d", "x.csv"
        )
    assert len(raised.value.problems) == 21
    assert str(raised.value.problems[-1]) == "x.csv: and 10 more of this kind; nothing was written"


def test_many_without_work_are_named_up_to_a_point() -> None:
    rows = "".join(f"student {i},{i},s,\n" for i in range(12))
    filled = canvas.fill_gradebook(f"Student,ID,Section,A\n    Points Possible,,,1\n{rows}".encode(), [], "A", "x.csv")
    assert filled.notes[0].endswith("`student 9` and 2 more")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"x" * (MOST_BYTES + 1), "the file has 8 MiB; a gradebook may have at most 8 MiB"),
        (b"x," * (50 << 19), "the file has 50 MiB"),
        (b"a" + b"," * (MOST_COLUMNS + 1), f"x.csv:1: a row has more than {MOST_COLUMNS} cells"),
        (b"a,b\n" * (MOST_ROWS + 2), f"x.csv: the file has more than {MOST_ROWS} rows"),
        (b"\n" * 10 + b'a,"' + b'""' * 1_000_000, "x.csv:11: a cell begins"),
    ],
    ids=["large", "50 MB", "wide", "long", "quotes"],
)
def test_a_file_too_large_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(GradeError) as raised:
        read(data, "x.csv")
    assert says in str(raised.value)


@given(st.binary(max_size=200) | st.text('Student,ID;"\r\n\t\0é').map(str.encode))
def test_no_bytes_end_in_anything_but_a_table_or_an_error(data: bytes) -> None:
    try:
        sheet = read(data, "x.csv")
    except GradeError:
        return
    assert replaced(sheet, {}) == data
    assert {len(row.cells) for row in sheet.rows} <= {len(sheet.header)}


TEXTS = st.text(st.sampled_from('ab,;\t"\r\n é='), max_size=30)


@given(TEXTS, st.sampled_from(",;\t"))
@example('"a""b"c"d,\r\n"', ",")
@example('a,"b\r\nc"\r\rd,\n', ",")
def test_cells_are_those_of_csv(text: str, separator: str) -> None:
    try:
        rows = list(tokens(text, separator, "x.csv"))
    except GradeError:
        with pytest.raises(csv.Error):
            list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
        return
    due = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    assert [[cell.text for cell in row.cells] for row in rows] == [row or [""] for row in due]
    lines = [text[: row.cells[0].start].replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1 for row in rows]
    assert [row.line for row in rows] == lines


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, int]:
    """Draw a table as a file: any quoting, any line ends, the last one or none; and its width and separator."""
    width, separator = draw(st.integers(2, 5)), draw(st.sampled_from(",;\t"))
    lines = ["head" + "".join(f"{separator}c{i}" for i in range(1, width))]
    for row in draw(st.lists(st.lists(TEXTS, min_size=width, max_size=width), min_size=1, max_size=4)):
        cells = []
        for text in row:
            quoted = draw(st.booleans()) or any(sign in text for sign in (separator, *'"\r\n'))
            cells.append('"' + text.replace('"', '""') + '"' if quoted else text)
        lines.append(separator.join(cells))
    ends = [draw(st.sampled_from(["\n", "\r\n", "\r"])) for _ in lines]
    if draw(st.booleans()):
        ends[-1] = ""
    return "".join(line + end for line, end in zip(lines, ends, strict=True)), separator, width


@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]), st.data())
def test_every_byte_outside_the_cells_is_kept(made: tuple[str, str, int], encoding: str, data: st.DataObject) -> None:
    text, separator, _ = made
    sheet = read(text.encode(encoding), "x.csv")
    cells = [cell for row in sheet.rows for cell in row.cells]
    chosen: list[Cell] = data.draw(st.lists(st.sampled_from(cells), unique=True)) if cells else []
    changes = {cell: data.draw(TEXTS) for cell in chosen}
    after = replaced(sheet, changes).decode(encoding)
    kept, at = [], 0
    for cell in sorted(chosen):
        kept.append(text[at : cell.start])
        at = cell.end
    rest = after
    for piece in [*kept, text[at:]]:  # every piece between two changed cells is there, in order
        assert piece in rest
        rest = rest[rest.index(piece) + len(piece) :]
    assert after.startswith(kept[0] if kept else text)
    assert after.endswith(text[at:])
    now = [cell for row in read(replaced(sheet, changes), "x.csv").rows for cell in row.cells] if chosen else cells
    if len(now) == len(cells):  # a row of one blank line is none
        assert [cell.text for cell in now] == [defused(changes.get(c, "")) if c in changes else c.text for c in cells]
    assert separator == sheet.separator


@pytest.mark.parametrize(
    ("text", "due"),
    [
        *(
            (text, f"'{text}")
            for text in ("=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", " =1", "＝1", "\r=x")
        ),
        *((text, text) for text in ("", "Jane", "-3.5", "7,50", "a=b", "1-2", "O'Neil")),
    ],
)
def test_formulas_are_defused_and_numbers_are_not(text: str, due: str) -> None:
    assert defused(text) == due


@given(st.text("=+-@ \t\r\n＝'a1.,"))
def test_what_is_defused_begins_with_no_sign_of_a_formula(text: str) -> None:
    written = defused(text)
    assert written.endswith(text)
    assert not written.lstrip().startswith(("=", "+", "@"))
    assert defused(written) == written


def names(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["Student", "ID", "Section", "A (1)"], ["    Points Possible", "", "", "10"], *rows])
    return out.getvalue().encode()


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.integers(0, 1000)), max_size=6))
def test_marks_come_back_as_they_were_given(people: list[tuple[str, int]]) -> None:
    rows = [[f"n{name}", str(index), "s", ""] for index, (name, _) in enumerate(people)]
    marks = [Mark((Person(str(i), name),), points / 100, 10) for i, (name, points) in enumerate(people)]
    filled = canvas.fill_gradebook(names(rows), marks, "A", "x.csv")
    back = list(csv.reader(io.StringIO(filled.data.decode(), newline="")))[2:]
    assert [row[:3] for row in back] == [row[:3] for row in rows]
    assert [float(row[3]) for row in back] == [points / 100 for _, points in people]
    assert filled.changed == len(people)
