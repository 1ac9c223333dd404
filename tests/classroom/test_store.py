"""The file of a class: what is kept, who may write it, and what happens to a file that is something else."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, python

from grader.classroom.database import NAME, SCHEMA
from grader.classroom.reading import reason
from grader.classroom.store import Store
from grader.errors import EnvironmentTrouble, GradeError
from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging.grade import grade
from grader.model.class_ import Entry, Outline, Person
from grader.model.report import Report
from grader.submissions import find

OUTLINE = Outline("text", "tree", 100)
pytestmark = pytest.mark.pythons  # sqlite3


@pytest.fixture(scope="module")
def graded() -> Report:
    return grade(read_lock(pack_folder(), "ex0"), find.find("ex0", str(ROOT / "solutions" / "ex0.py")))


def entry(student: str, exercise: str = "ex0") -> Entry:
    return Entry(student, exercise, f"{student}.py", (Person(student, f"Name of {student}"),))


def filled(path: Path, report: Report, *students: str) -> None:
    with Store(path, writing=True) as store:
        submission = find.find("ex0", str(ROOT / "solutions" / "ex0.py"))
        for id in store.expect(entry(student) for student in students):
            store.save(id, "key", submission, report, reason(report), OUTLINE)


def test_what_is_put_in_comes_out(tmp_path: Path, graded: Report) -> None:
    filled(tmp_path, graded, "b", "a")
    with Store(tmp_path) as store:
        assert [(r.entry, r.report) for r in store.results()] == [(entry("a"), graded), (entry("b"), graded)]
        assert [r.entry.student for r in store.results(["ex1"])] == []
        assert store.unfinished(["ex0"]) == []
        assert list(store.outlines("ex0")) == [("a", OUTLINE), ("b", OUTLINE)]
        assert list(store.outlines("ex1")) == []
        [(kept,)] = store.db.execute("SELECT text FROM sources")
        assert json.loads(kept) == [[["ex0.py", (ROOT / "solutions" / "ex0.py").read_text(encoding="utf-8")]], []]


def test_a_new_file_is_its_owners_alone_and_an_old_one_stays_as_it_is(tmp_path: Path, graded: Report) -> None:
    with Store(tmp_path, writing=True) as store:
        store.describe({"a": "b"})
        modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.name.startswith(NAME)}
    assert {modes[name] for name in (NAME, f"{NAME}-wal", f"{NAME}-shm")} == ({0} if os.name == "posix" else {0o066})
    (tmp_path / NAME).chmod(0o640)
    filled(tmp_path, graded, "a")
    assert os.name != "posix" or (tmp_path / NAME).stat().st_mode & 0o777 == 0o640


def test_any_sql_tool_reads_it(tmp_path: Path, graded: Report) -> None:
    filled(tmp_path, graded, "a")
    db = sqlite3.connect(tmp_path / NAME)
    assert db.execute("SELECT student, name, exercise, score, max_score, reason FROM marks").fetchall() == [
        ("a", "Name of a", "ex0", graded.score, graded.max_score, "all right")
    ]
    checks = db.execute('SELECT "case", verdict FROM checks').fetchall()
    assert checks == [(check.case, check.verdict.value) for check in graded.checks]
    assert db.execute("SELECT count(*) FROM misconceptions").fetchone() == (0,)
    db.close()


def test_the_tables_in_the_docs_are_the_tables(tmp_path: Path) -> None:
    with Store(tmp_path, writing=True) as store:
        found = store.db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        columns = {name: [c for _, c, *_ in store.db.execute(f"PRAGMA table_info({name})")] for (name,) in found}
    text = (ROOT / "docs" / "store.md").read_text(encoding="utf-8")
    for table, names in columns.items():
        assert f"`{table}`" in text
        for name in names:
            assert f"`{name}`" in text, f"{table}.{name}"


def test_what_is_handed_in_anew_replaces_what_was_there(tmp_path: Path, graded: Report) -> None:
    filled(tmp_path, graded, "a", "b")
    with Store(tmp_path, writing=True) as store:
        assert store.expect([entry("b"), entry("c")]) == [2, 3]
        assert [store.row(2), store.row(3)] == [(entry("b"), "key"), (entry("c"), "")]
        assert store.unfinished(["ex0"]) == [entry("c")]
        assert store.unfinished(["ex1"]) == []


def test_a_stale_result_counts_until_it_is_replaced_and_says_so(tmp_path: Path, graded: Report) -> None:
    marks = "SELECT student, score, stale FROM marks ORDER BY student"
    filled(tmp_path, graded, "a", "b")
    with Store(tmp_path, writing=True) as store:
        store.mark_stale([2], [1])
        assert store.unfinished(["ex0"]) == []
        assert [(r.entry.student, r.mark, r.older) for r in store.results()] == [("a", 10, ""), ("b", 10, "program")]
        assert [student for student, _ in store.outlines("ex0")] == ["a", "b"]
        assert store.db.execute(marks).fetchall() == [("a", graded.score, 0), ("b", graded.score, 1)]
        assert {student for (student,) in store.db.execute("SELECT student FROM checks")} == {"a", "b"}
        assert store.row(2) == (entry("b"), "key")
        store.mark_stale([], [1, 2])
        assert [r.older for r in store.results()] == ["", ""]


def test_a_new_result_replaces_a_stale_one_and_its_outline(tmp_path: Path, graded: Report) -> None:
    filled(tmp_path, graded, "a")
    with Store(tmp_path, writing=True) as store:
        store.mark_stale([1], [])
        store.save(1, "new", find.find("ex0", str(ROOT / "solutions" / "ex0.py")), graded, "all right")
        assert store.row(1) == (entry("a"), "new")
        assert store.unfinished(["ex0"]) == []
        assert list(store.outlines("ex0")) == []


def test_results_in_a_folder_where_nothing_can_be_written_are_read(
    tmp_path: Path, graded: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "an archive? 100%"
    folder.mkdir()
    filled(folder, graded, "a")
    (folder / NAME).chmod(0o444)
    folder.chmod(0o555)
    try:
        with Store(folder) as store:
            assert [result.entry.student for result in store.results()] == ["a"]
        monkeypatch.setattr(os, "access", lambda *_: False)  # whoever may write everywhere
        with Store(folder) as store:
            assert [result.entry.student for result in store.results()] == ["a"]
    finally:
        folder.chmod(0o755)
        (folder / NAME).chmod(0o644)


def test_a_second_run_on_the_same_file_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path, writing=True):
        with pytest.raises(GradeError, match="another command is writing"), Store(tmp_path, writing=True):
            pass
        with Store(tmp_path) as reader:  # looking at it is fine
            assert reader.unfinished(["ex0"]) == []
    with Store(tmp_path, writing=True):
        pass


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.lock").symlink_to(tmp_path / "mine")
    with pytest.raises(GradeError, match=r"results\.sqlite\.lock` is a link, and is not followed"):
        Store(tmp_path, writing=True)
    assert not (tmp_path / "mine").exists()


def test_a_link_of_ones_own_leads_to_the_store_and_to_its_lock(tmp_path: Path, graded: Report) -> None:
    far = tmp_path / "far"
    far.mkdir()
    (tmp_path / NAME).symlink_to(far / "class.sqlite")
    filled(tmp_path, graded, "a")
    assert (far / "class.sqlite").stat().st_mode & 0o077 == 0
    with Store(far / "class.sqlite", writing=True), pytest.raises(GradeError, match="another command is writing"):
        Store(tmp_path, writing=True)
    (tmp_path / "loop.sqlite").symlink_to("loop.sqlite")
    with pytest.raises(GradeError, match="is a link, and is not followed"):
        Store(tmp_path / "loop.sqlite", writing=True)


def test_what_a_stranger_put_into_a_folder_for_everybody_is_not_used(
    tmp_path: Path, graded: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, graded, "a")
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "mine")
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    with Store(tmp_path, writing=True):  # nobody else could have put it here
        pass
    with pytest.raises(GradeError, match="is a link, and is not followed"):
        Store(tmp_path / "link.sqlite", writing=True)
    tmp_path.chmod(0o1777)
    with pytest.raises(GradeError, match="is another user's, in a folder where everybody can write"):
        Store(tmp_path, writing=True)
    monkeypatch.undo()
    (tmp_path / "new.sqlite-wal").symlink_to(tmp_path / "mine")
    with pytest.raises(GradeError, match=r"new\.sqlite-wal` is a link"):
        Store(tmp_path / "new.sqlite", writing=True)
    assert not (tmp_path / "mine").exists()


def test_a_killed_run_does_not_hold_the_file(tmp_path: Path) -> None:
    program = f"""
import os, pathlib
from grader.classroom.store import Store
with Store(pathlib.Path({str(tmp_path)!r}), writing=True):
    os.kill(os.getpid(), 9)
"""
    assert subprocess.run(python("-c", program), check=False, cwd=ROOT).returncode == -9
    with Store(tmp_path, writing=True) as store:
        assert store.exercises() == []


def other_version(path: Path) -> None:
    with Store(path, writing=True) as store:
        store.db.execute(f"PRAGMA user_version = {SCHEMA + 1}")


def without_outlines(path: Path) -> None:
    with Store(path, writing=True) as store:
        store.db.execute("DROP TABLE outlines")


def other_program(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE marks (student)")
    db.commit()
    db.close()


@pytest.mark.parametrize(
    "make, says",
    [
        (other_version, f"its tables are of version {SCHEMA + 1}, this grader's are of version {SCHEMA}"),
        (without_outlines, "another version of the grader wrote it, without the table `outlines`"),
        (other_program, "a database of something else"),
        (lambda path: path.write_bytes(b"no database" * 1000), "file is not a database"),
        (lambda path: path.write_bytes(b"k" * 600), "file is not a database"),
        (lambda path: path.write_bytes(b"a short key"), "it is not a database"),
    ],
)
@pytest.mark.parametrize("writing", [True, False])
def test_a_file_that_is_something_else_is_left_alone(make, says: str, writing: bool, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "some.sqlite"
    make(path)
    before = path.read_bytes()
    with pytest.raises(GradeError, match=says) as raised, Store(path, writing):
        pass
    assert writing or "choose another" not in str(raised.value)  # of `grade report`, `--out` is something else
    assert path.read_bytes() == before


def test_a_damaged_file_is_said_to_be_one(tmp_path: Path, graded: Report) -> None:
    path = tmp_path / NAME
    filled(path, graded, *(f"student{i}" for i in range(30)))
    data = bytearray(path.read_bytes())
    data[8000 : len(data) - 100] = bytes(len(data) - 8100)
    path.write_bytes(data)
    with pytest.raises(GradeError, match=r"`.*results.sqlite` cannot be"), Store(path) as store:
        list(store.results())


def test_no_results_yet(tmp_path: Path) -> None:
    with pytest.raises(GradeError, match="there are no results at"), Store(tmp_path):
        pass


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentTrouble, match="cannot be written"), Store(tmp_path / "no" / "where", writing=True):
        pass
