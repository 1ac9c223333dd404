"""Adjustments, comments and the journal: they survive a regrade, reach the right pages, and replay to every total."""

from __future__ import annotations

import csv
import io
import os
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest
from conftest import Grade, one_thread, python

from grader.classroom import executors, journal
from grader.classroom.store import Store
from grader.errors import GradeError

RIGHT = "def elementwise_product(a, b):\n    return a * b\n"
ADDS = "def elementwise_product(a, b):\n    return a + b\n"
SWAPPED = "def elementwise_product(a, b):\n    return b + a\n"


def submit(folder: Path, **programs: str) -> None:
    for student, source in programs.items():
        path = folder / "class" / student / "ex0.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")


@pytest.fixture
def graded(grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grade:
    monkeypatch.setattr(executors, "local", one_thread)
    submit(tmp_path, ann=RIGHT, bob=ADDS, cay=SWAPPED)
    assert grade("class", "class").code == 0
    return grade


def totals(grade: Grade) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(grade("report", "--format", "csv").out))
    return {row["student"]: row["total"] for row in rows}


def replayed(path: Path) -> dict[str, float | None]:
    with Store(path) as store:
        return {student: mark for (student, _), mark in journal.replay(journal.events(store)).items()}


def test_adjustments_survive_a_regrade_and_can_be_withdrawn(graded: Grade, tmp_path: Path) -> None:
    assert totals(graded) == {"ann": "10", "bob": "0", "cay": "0"}
    done = graded("mark", "bob", "ex0", "--add", "2.5", "--why", "a good idea", "--as", "Kim")
    assert done.out == "`bob` ex0: 0 → 2.5\n"
    assert graded("mark", "ann", "ex0", "--add", "-2", "--why", "late", "--as", "Kim").code == 0
    assert graded("mark", "cay", "ex0", "--set", "8", "--why", "oral exam", "--as", "Kim").code == 0
    expected = {"ann": "8", "bob": "2.5", "cay": "8"}
    assert totals(graded) == expected
    assert graded("class", "class", "--again").code == 0
    assert totals(graded) == expected
    submit(tmp_path, bob=RIGHT)
    changed = graded("class", "class").out
    assert "1 mark changed: 1 went up (1 new program):\n  `bob` ex0: 2.5 → 10 (new program)" in changed
    assert replayed(tmp_path) == {"ann": 8.0, "bob": 10.0, "cay": 8.0}  # 12.5 is cut at the maximum
    history = graded("history", "bob").out
    number = history.partition(": +2.5 (Kim): a good idea")[0].rpartition("#")[2].split()[0]
    assert history.count("graded ") == 3
    assert graded("withdraw", number, "--why", "not any more", "--as", "Jo").code == 0
    assert f"withdrew #{number} (Jo): not any more" in graded("history", "bob").out
    assert graded("withdraw", number).err.startswith(f"#{number} is withdrawn already")
    assert graded("mark", "cay", "ex0", "--add", "1", "--why", "more").out == "`cay` ex0: 8 → 9\n"
    assert {id: f"{mark:g}" for id, mark in replayed(tmp_path).items()} == totals(graded)
    assert replayed(tmp_path) == {"ann": 8.0, "bob": 10.0, "cay": 9.0}


def test_an_adjustment_shows_in_report_gradebook_and_page(graded: Grade, tmp_path: Path) -> None:
    graded("mark", "bob", "ex0", "--set", "7", "--why", "the <idea> is right", "--as", "Kim")
    assert "7 adjusted" in graded("report", "--students").out
    (tmp_path / "grades.csv").write_text("SID,Total Score,Max Points\nann,,10\nbob,,10\ncay,,10\n", "utf-8")
    assert graded("report", "--gradescope", "grades.csv").code == 0
    assert "bob,7.00,10" in (tmp_path / "grades.filled.csv").read_text("utf-8")
    assert graded("report", "--feedback", "pages").code == 0
    written = [tmp_path / "grades.filled.csv", *(tmp_path / "pages").iterdir()]
    assert os.name != "posix" or not any(path.stat().st_mode & 0o077 for path in written)
    page = (tmp_path / "pages" / "bob.html").read_text("utf-8")
    assert "ex0: set to 7 points by Kim: the &lt;idea&gt; is right" in page
    assert "your mark is 7 of 10" in page
    assert "Kim" not in (tmp_path / "pages" / "ann.html").read_text("utf-8")
    assert '<p class="score">7<small> / 10 points</small></p>' in page
    text = (tmp_path / "pages" / "bob.md").read_text("utf-8")
    assert "## ex0 · Element-wise product: 7 of 10 points (the program: 0)\n" in text
    assert "| slide | 0 / 5 |\n| 0 of 40 generated cases right | 0 / 5 |\n" in text


def test_the_table_says_who_adjusted_and_why(graded: Grade) -> None:
    graded("mark", "bob", "ex0", "--add", "2", "--why", "=a good idea", "--as", "Kim")
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(graded("report", "--format", "csv").out))}
    assert rows["bob"]["adjustments"] == "ex0: +2 (Kim: =a good idea)"
    assert rows["bob"]["reason"] == "ex0: sum-for-product"
    assert (rows["ann"]["adjustments"], rows["ann"]["reason"]) == ("", "ex0: all right")
    assert "email" in rows["ann"]


def test_a_comment_reaches_all_that_it_should(graded: Grade, tmp_path: Path) -> None:
    done = graded("comment", "--misconception", "sum-for-product", "ex0", "See slide 7", "--as", "Kim")
    assert "reaches 2: `bob`, `cay`" in done.out
    assert "reaches 2: `bob`, `cay`" in graded("comment", "bob", "ex0", "Alike", "--like").out
    assert "reaches 1: `ann`" in graded("comment", "ann", "ex0", "Well done", "--as", "Kim").out
    assert graded("report", "--feedback", "pages").code == 0
    pages = {name: (tmp_path / "pages" / f"{name}.md").read_text("utf-8") for name in ("ann", "bob", "cay")}
    assert [name for name, page in pages.items() if "Kim writes: See slide 7" in page] == ["bob", "cay"]
    assert [name for name, page in pages.items() if "writes: Alike" in page] == ["bob", "cay"]
    assert [name for name, page in pages.items() if "Well done" in page] == ["ann"]
    assert "comment (Kim): See slide 7" in graded("history", "cay").out
    assert graded("withdraw", "5").code == 0
    assert graded("report", "--feedback", "pages").code == 0
    assert "See slide 7" not in (tmp_path / "pages" / "bob.md").read_text("utf-8")
    refused = graded("comment", "--misconception", "sum-for-produkt", "ex0", "x")
    assert "did you mean `sum-for-product`?" in refused.err


def test_many_marks_from_a_file_are_all_applied_or_none(graded: Grade, tmp_path: Path) -> None:
    file = tmp_path / "marks.csv"
    file.write_text("student,exercise,points,comment\nANN,ex0,9.5,ok\nbob,ex0,2,ok\n", encoding="utf-8")
    assert graded("mark", "--csv", "marks.csv").out == "`ann` ex0: 10 → 9.5\n`bob` ex0: 0 → 2\n"
    file.write_text("student;exercise;add;comment\nann;ex0;-0,5;ok\n", encoding="utf-8")
    assert graded("mark", "--csv", "marks.csv").out == "`ann` ex0: 9.5 → 9\n"
    rows = ("ann,ex0,1,ok", "dan,ex0,1,ok", "bob,ex9,1,ok", "bob,ex0,11,ok", "bob,ex0,-1,ok")
    file.write_text("\n".join(["student,exercise,points,comment", *rows]), encoding="utf-8")
    refused = graded("mark", "--csv", "marks.csv")
    assert refused.code == 2
    assert [f"marks.csv:{line}:" in refused.err for line in range(2, 7)] == [False, True, True, True, True]
    assert totals(graded) == {"ann": "9", "bob": "2", "cay": "0"}
    file.write_text("student,exercise,points,comment\nann,ex0,x,ok\nann,ex0,1,\n", encoding="utf-8")
    refused = graded("mark", "--csv", "marks.csv")
    assert "marks.csv:2: `x` is not a number" in refused.err
    assert "marks.csv:3: the comment is missing" in refused.err
    file.write_text("who,what\n", encoding="utf-8")
    assert "begin it with `student,exercise,points,comment`" in " ".join(
        graded("mark", "--csv", "marks.csv").err.split()
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("ann ex0 --add 1 --why x", "`ann` would have 11 of 10 points"),
        ("ann ex0 --set nan --why x", "a mark must lie between 0 and the maximum"),
        ("anna ex0 --set 1 --why x", "did you mean `ann`?"),
        ("ann ex9 --set 1 --why x", "has no results for `ex9`"),
        ("ann ex0 --set 1", "give STUDENT EXERCISE"),
        ("ann ex0 --set 1 --add 1 --why x", "give STUDENT EXERCISE"),
    ],
)
def test_a_mark_that_cannot_be_is_refused(graded: Grade, words: str, says: str) -> None:
    refused = graded("mark", *words.split())
    assert refused.code == 2
    assert says in " ".join(refused.err.split())
    assert totals(graded)["ann"] == "10"


def test_changes_since_a_run_and_a_time(graded: Grade, tmp_path: Path) -> None:
    assert graded("report", "--changes").out == "no mark changed\n"
    submit(tmp_path, ann=ADDS, bob=RIGHT)
    assert graded("class", "class").code == 0
    assert "2 marks changed: 1 went up and 1 went down (2 new program):" in graded("report", "--changes").out
    assert graded("mark", "cay", "ex0", "--set", "3", "--why", "x").code == 0
    assert graded("class", "class").code == 0
    assert graded("report", "--changes").out == "no mark changed\n"
    since = graded("report", "--changes", "--since", "2").out
    assert "`cay` ex0: 0 → 3 (adjustment)" in since
    assert "`ann` ex0: 10 → 0 (new program)" in since
    assert graded("report", "--changes", "--since", "2999-01-01").out == "no mark changed\n"
    assert "there is no run 9" in graded("report", "--changes", "--since", "9").err
    assert "neither a run nor a time" in graded("report", "--changes", "--since", "soon").err


def test_no_event_can_be_changed(graded: Grade, tmp_path: Path) -> None:
    with Store(tmp_path, writing=True) as store:
        for attempt in ("UPDATE journal SET points = 10", "DELETE FROM journal"):
            with pytest.raises(GradeError, match="append-only"), store.transaction():
                store.db.execute(attempt)


KILLED = """
import os, signal, sys
from grader.classroom import journal
real, count = journal.record, [0]

def record(*words, **named):
    number = real(*words, **named)
    count[0] += 1
    if count[0] == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return number

journal.record = record
from grader.cli.app import run
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("words", ["mark --csv marks.csv", "comment bob ex0 x", "report --gradescope grades.csv"])
def test_killed_while_it_writes_nothing_is_lost_and_nothing_half_done(
    graded: Grade, tmp_path: Path, words: str
) -> None:
    marks = "student,exercise,points,comment\nann,ex0,1,x\nbob,ex0,1,x\n"
    (tmp_path / "marks.csv").write_text(marks, encoding="utf-8")
    (tmp_path / "grades.csv").write_text("SID,Total Score,Max Points\nann,,10\nbob,,10\ncay,,10\n", "utf-8")
    before = totals(graded)
    number = "1" if words.startswith("comment") else "2"
    killed = subprocess.run([*python("-c", KILLED), number, *words.split()], cwd=tmp_path, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert totals(graded) == before
    assert not (tmp_path / "grades.filled.csv").exists()
    with Store(tmp_path) as store:
        assert {event.event for event in journal.events(store)} == {"run", "graded"}
    assert graded(*words.split()).code == 0


@pytest.mark.parametrize("version", [1, 2])
def test_older_results_are_migrated_where_they_are(graded: Grade, tmp_path: Path, version: int) -> None:
    make_old(tmp_path / "results.sqlite", version)
    assert totals(graded) == {"ann": "10", "bob": "0", "cay": "0"}
    assert replayed(tmp_path) == {"ann": 10.0, "bob": 0.0, "cay": 0.0}
    assert "graded 10 of 10: all right" in graded("history", "ann").out
    assert "3 programs were graded by an earlier version and not compared" in graded("report").out
    assert "3 unchanged" in graded("class", "class").out


def test_newer_results_are_refused_in_a_sentence(graded: Grade, tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "results.sqlite")
    db.execute("PRAGMA user_version = 99")
    db.close()
    refused = graded("report")
    assert refused.code == 2
    assert "its tables are of version 99, this grader's are of version 3" in " ".join(refused.err.split())


def make_old(path: Path, version: int) -> None:
    """Turn results into those of an older version."""
    db = sqlite3.connect(path)
    views = "".join(f"DROP VIEW {name};" for name in ("marks", "adjustments", "checks", "misconceptions"))
    columns = (("entries", "submitted"), ("results", "submitted"), ("results", "version"))
    dropped = "".join(f"ALTER TABLE {table} DROP COLUMN {column};" for table, column in columns)
    db.executescript(
        f"{views} {dropped} DROP TABLE earlier; ALTER TABLE outlines DROP COLUMN prints; DROP TABLE files;"
        f"{'DROP TABLE journal;' * (version == 1)} PRAGMA user_version = {version};"
        "CREATE VIEW marks AS SELECT student, name, exercise, late, score, max_score, reason, graded"
        " FROM entries LEFT JOIN results ON results.id = entries.id AND NOT stale;"
    )
    db.close()


def test_one_students_view(graded: Grade, tmp_path: Path) -> None:
    graded("mark", "bob", "ex0", "--add", "1", "--why", "nice names", "--as", "Kim")
    graded("comment", "bob", "ex0", "Come and see me", "--as", "Kim")
    shown = graded("report", "--student", "BOB").out
    assert "ex0 · Element-wise product: 1 of 10, adjusted\n" in shown
    cases = [line.split() for line in shown.splitlines() if line.startswith("  ") and " of " in line[:14]]
    with Store(tmp_path) as store:
        report = next(result.report for result in store.results() if result.entry.student == "bob")
    assert sum(float(line[0]) for line in cases) == pytest.approx(report.score)
    assert sum(float(line[2]) for line in cases) == pytest.approx(report.max_score)
    assert "sweep: 0 of " in shown
    assert "(sum-for-product)" in shown
    assert "  +1 (Kim): nice names\n" in shown
    assert "  comment (Kim): Come and see me\n" in shown
    assert "  file: bob/ex0.py\n" in shown
    assert "total: 1 of 10\n" in shown
    assert "graded 0 of 10: sum-for-product" in shown
    assert "did you mean `bob`?" in graded("report", "--student", "bobb").err
    assert graded("report", "--student", "bob", "--changes").code == 2


def test_a_set_mark_counts_where_the_grader_failed(
    graded: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.classroom import worker

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault of the grader")

    assert graded("mark", "bob", "ex0", "--set", "8", "--why", "by hand").code == 0
    submit(tmp_path, bob=RIGHT, cay=RIGHT)
    with monkeypatch.context() as patch:
        patch.setattr(worker, "grade", broken)
        assert graded("class", "class").code == 3
    assert totals(graded) == {"ann": "10", "bob": "8", "cay": ""}
    assert replayed(tmp_path) == {"ann": 10.0, "bob": 8.0, "cay": None}
    assert "the grader failed" in graded("mark", "cay", "ex0", "--add", "1", "--why", "x").err
    assert graded("mark", "cay", "ex0", "--set", "9", "--why", "x").out == "`cay` ex0: no mark → 9\n"
    assert replayed(tmp_path) == {"ann": 10.0, "bob": 8.0, "cay": 9.0}
