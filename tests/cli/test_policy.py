"""The late policy: times from every platform that states them, a deduction that changes no result, and its errors."""

from __future__ import annotations

import csv
import io
import sqlite3
import subprocess
import zipfile
from pathlib import Path

import pytest
from conftest import Grade, one_thread

from grader.classroom import executors, journal
from grader.classroom.store import Store

RIGHT = "def elementwise_product(a, b):\n    return a * b\n"
ADDS = "def elementwise_product(a, b):\n    return a + b\n"
POLICY = "due: 2026-05-04 23:59\nzone: +02:00\ngrace_minutes: 10\npoints_per_day: 2\n"


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "local", one_thread)


def policy(folder: Path, text: str = POLICY) -> None:
    (folder / "policy.yaml").write_text(text, encoding="utf-8")


def write(path: Path, text: str = RIGHT) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def gradescope(folder: Path, **created: str) -> None:
    """Lay an export out: `created` has the time of each student's submission."""
    lines = []
    for number, (student, at) in enumerate(created.items(), 1):
        write(folder / "class" / f"submission_{number}" / "ex0.py")
        lines += [f"submission_{number}:", "  :submitters:", f"  - :name: {student.title()}", f"    :sid: {student}"]
        lines += [f"  :created_at: {at}"] if at else []
    write(folder / "class" / "submission_metadata.yml", "\n".join(lines) + "\n")


def flat(text: str) -> str:
    return " ".join(text.split())


def rows(grade: Grade) -> dict[str, dict[str, str]]:
    return {row["student"]: row for row in csv.DictReader(io.StringIO(grade("report", "--format", "csv").out))}


def totals(grade: Grade) -> dict[str, str]:
    return {student: row["total"] for student, row in rows(grade).items()}


def replayed(folder: Path) -> dict[str, str]:
    with Store(folder) as store:
        marks = journal.replay(journal.events(store))
    return {student: "" if mark is None else f"{mark:g}" for (student, _), mark in marks.items()}


def test_gradescope_states_when_everybody_submitted(grade: Grade, tmp_path: Path) -> None:
    gradescope(
        tmp_path,
        ann="2026-05-04 21:58:59 Z",  # 23:58:59 in the policy's zone
        bob="2026-05-04 22:08:00 Z",  # within the grace
        cay="2026-05-04 22:10:00 Z",  # the first day
        dan="2026-05-06 22:00:00 Z",  # the third day
        eve="",
        fay="2026-06-01 12:00:00 Z",
    )
    policy(tmp_path)
    done = grade("class", "class", "--exercise", "ex0")
    assert "late policy: due 2026-05-04 23:59 +0200, 10 minutes of grace, −2 points per day" in done.err
    expected = {"ann": "10", "bob": "10", "cay": "8", "dan": "4", "eve": "10", "fay": "0"}
    assert totals(grade) == expected == replayed(tmp_path)
    late = {student: row["late"] for student, row in rows(grade).items()}
    assert late["bob"] == ""
    assert late["cay"] == "ex0: 1 day late, −2"
    assert late["dan"] == "ex0: 3 days late, −6"
    assert late["eve"] == "ex0: no time known"
    shown = " ".join(grade("report", "--students").out.split())
    assert "3 late" in shown
    assert "not counted as late, because the platform states no time: Eve (eve): ex0" in shown
    db = sqlite3.connect(tmp_path / "results.sqlite")
    assert set(db.execute("SELECT score FROM marks")) == {(10.0,)}  # a policy changes no result
    db.close()


def test_a_policy_can_change_and_the_changes_say_so(grade: Grade, tmp_path: Path) -> None:
    gradescope(tmp_path, ann="2026-05-04 12:00:00 Z", cay="2026-05-05 12:00:00 Z")
    assert grade("class", "class", "--exercise", "ex0").code == 0
    assert totals(grade) == {"ann": "10", "cay": "10"}
    policy(tmp_path, POLICY + "extensions:\n  CAY: 2026-05-06 12:00\n")
    assert totals(grade) == {"ann": "10", "cay": "10"}
    policy(tmp_path, "due: 2026-05-04T23:59+02:00\npercent_per_day: 25\n")
    assert totals(grade) == {"ann": "10", "cay": "7.5"} == replayed(tmp_path)
    assert "`Cay` (cay) ex0: 10 → 7.5 (late policy)" in grade("report", "--changes").out
    history = flat(grade("history", "cay").out)
    assert "late policy (" in history
    assert "due 2026-05-04 23:59 +0200, −25% per day" in history
    assert "now ex0 · Element-wise product: 7.5 of 10, 1 day late, −2.5" in history
    assert "submitted 2026-05-05 12:00:00+00:00" in history
    (tmp_path / "policy.yaml").unlink()  # the last one stays in force
    assert totals(grade) == {"ann": "10", "cay": "7.5"}
    write(tmp_path / "other.yaml", "# nobody is late\n")
    assert "late policy: none" in grade("report", "--policy", "other.yaml").err
    assert totals(grade) == {"ann": "10", "cay": "10"} == replayed(tmp_path)


def test_adjustments_come_after_the_deduction(grade: Grade, tmp_path: Path) -> None:
    gradescope(tmp_path, ann="2026-05-05 12:00:00 Z", cay="2026-05-05 12:00:00 Z")
    policy(tmp_path)
    assert grade("class", "class", "--exercise", "ex0").code == 0
    assert grade("mark", "ann", "ex0", "--add", "1", "--why", "the server was down").out == "`Ann` (ann) ex0: 8 → 9\n"
    assert grade("mark", "cay", "ex0", "--set", "10", "--why", "was ill").out == "`Cay` (cay) ex0: 8 → 10\n"
    assert totals(grade) == {"ann": "9", "cay": "10"} == replayed(tmp_path)
    shown = grade("report", "--student", "ann").out
    assert "ex0 · Element-wise product: 9 of 10, 1 day late, −2, adjusted\n" in shown
    assert "  1 day late, −2, submitted 2026-05-05 12:00:00+00:00\n" in shown
    grades = "SID,Total Score,Max Points\nann,,10\ncay,,10\n"
    (tmp_path / "grades.csv").write_text(grades, encoding="utf-8")
    assert grade("report", "--gradescope", "grades.csv").code == 0
    assert (tmp_path / "grades.filled.csv").read_text("utf-8") == grades.replace("ann,,", "ann,9.00,").replace(
        "cay,,", "cay,10.00,"
    )
    assert grade("report", "--feedback", "pages").code == 0
    for page in ("Ann_ann.html", "Ann_ann.md"):
        text = (tmp_path / "pages" / page).read_text("utf-8")
        assert "ex0: 1 day late, −2 points." in text
        assert "ex0: +1 points by" in text
        assert "ex0: your mark is 9 of 10." in text
    html = (tmp_path / "pages" / "Ann_ann.html").read_text("utf-8")
    assert '<p class="score">9<small> / 10 points</small></p>' in html
    assert "10 for the program; the notes say what changed it" in html
    assert "9 of 10 points (the program: 10)" in (tmp_path / "pages" / "Ann_ann.md").read_text("utf-8")


def test_the_last_version_on_time_counts_if_the_policy_says_so(grade: Grade, tmp_path: Path) -> None:
    policy(tmp_path, POLICY + "counts: last on time\n")
    gradescope(tmp_path, ann="2026-05-04 12:00:00 Z", bob="2026-05-04 12:00:00 Z", cay="2026-05-04 12:00:00 Z")
    assert grade("class", "class", "--exercise", "ex0").code == 0
    gradescope(tmp_path, ann="2026-05-05 12:00:00 Z", bob="2026-05-04 13:00:00 Z", cay="2026-05-07 12:00:00 Z")
    for number in (1, 2):  # the third submits the same program again
        write(tmp_path / "class" / f"submission_{number}" / "ex0.py", ADDS)
    changed = grade("class", "class", "--exercise", "ex0").out
    assert "`Bob` (bob) ex0: 10 → 0 (new program)" in changed
    assert "Ann" not in changed
    assert totals(grade) == {"ann": "10", "bob": "0", "cay": "10"} == replayed(tmp_path)
    assert "ex0 · Element-wise product: 10 of 10, the last version on time\n" in grade("report", "--student", "ann").out
    assert grade("report", "--feedback", "pages").code == 0
    page = (tmp_path / "pages" / "Ann_ann.md").read_text("utf-8")
    assert "your last version on time of 2026-05-04 12:00:00+00:00 counts; the later one is late." in page
    policy(tmp_path)
    assert totals(grade) == {"ann": "0", "bob": "0", "cay": "4"} == replayed(tmp_path)
    assert (
        "`Cay` (cay) ex0: 10 → 4 (other time of submission and late policy)"
        in grade("report", "--changes", "--since", "2").out
    )
    assert "the same program was submitted again, submitted 2026-05-07 12:00:00" in flat(grade("history", "cay").out)


def test_of_several_submissions_in_one_export_the_last_on_time_is_graded(grade: Grade, tmp_path: Path) -> None:
    """Ann is late twice, last in an older folder; Bob has an extension, named by email; Cay is always late."""
    submissions = [
        ("ann", "2026-05-03 12:00:00 Z", RIGHT),
        ("ann", "2026-05-06 12:00:00 Z", ADDS),
        ("ann", "2026-05-05 12:00:00 Z", ADDS),
        ("bob", "2026-05-03 12:00:00 Z", ADDS),
        ("bob", "2026-05-05 12:00:00 Z", RIGHT),
        ("bob", "2026-05-09 12:00:00 Z", ADDS),
        ("cay", "2026-05-05 12:00:00 Z", ADDS),
        ("cay", "2026-05-06 12:00:00 Z", RIGHT),
    ]
    lines = []
    for number, (student, at, source) in enumerate(submissions, 1):
        write(tmp_path / "class" / f"submission_{number}" / "ex0.py", source)
        lines += [f"submission_{number}:", "  :submitters:", f"  - :name: {student.title()}", f"    :sid: {student}"]
        lines += [f"    :email: {student}@x.edu", f"  :created_at: {at}"]
    write(tmp_path / "class" / "submission_metadata.yml", "\n".join(lines) + "\n")
    last = POLICY + "counts: last on time\n"
    policy(tmp_path, last + "extensions:\n  BOB@x.edu: 2026-05-06 12:00\n")
    shown = flat(grade("class", "class", "--exercise", "ex0").out)
    assert totals(grade) == {"ann": "10", "bob": "10", "cay": "6"} == replayed(tmp_path)
    left = "submission_{}: is {}: submission_{}{} counts".format
    on_time = ", the last submission by the same people that is on time,"
    for number, counts in ((2, 1), (3, 1), (6, 5)):
        assert left(number, "late", counts, on_time) in shown
    for number, counts in ((4, 5), (7, 8)):
        assert left(number, "an earlier submission by the same people", counts, "") in shown
    assert grade("report", "--feedback", "pages").code == 0
    page = (tmp_path / "pages" / "Ann_ann.md").read_text("utf-8")
    assert "your last submission on time, of 2026-05-03T12:00:00+00:00, counts; the one of 2026-05-06" in flat(page)
    (tmp_path / "policy.yaml").unlink()  # it stays in force
    assert "3 unchanged" in grade("class", "class", "--exercise", "ex0").out
    policy(tmp_path)
    assert "2 marks changed" in grade("class", "class", "--exercise", "ex0").out
    assert totals(grade) == {"ann": "0", "bob": "0", "cay": "6"} == replayed(tmp_path)
    policy(tmp_path, last)
    assert grade("class", "class", "--exercise", "ex0").code == 0
    assert totals(grade) == {"ann": "10", "bob": "0", "cay": "6"} == replayed(tmp_path)


def test_canvas_states_no_times_of_files_that_were_uploaded_again(grade: Grade, tmp_path: Path) -> None:
    for name in ("annroe_LATE_7_1_ex0.py", "annroe_LATE_7_2_ex0-1.py", "bobek_8_1_ex0.py", "bobek_8_2_ex0-1.py"):
        write(tmp_path / "class" / name)
    assert "not known" not in grade("class", "class", "--exercise", "ex0").out
    policy(tmp_path, POLICY + "counts: last on time\n")
    grade("class", "class", "--exercise", "ex0")
    shown = flat(grade("report").out)
    again = "was uploaded again: annroe_LATE_7_2_ex0-1.py counts; the platform states no times, so"
    assert f"annroe_LATE_7_1_ex0.py: {again} the last one on time is not known" in shown
    assert shown.count("is not known") == 1


def test_canvas_states_only_that_something_is_late(grade: Grade, tmp_path: Path) -> None:
    for name in ("annroe_7_1_ex0.py", "bobek_LATE_8_2_ex0.py", "caylee_LATE_9_3_ex0.py"):
        write(tmp_path / "class" / name)
    policy(tmp_path, POLICY + "extensions:\n  9: 2026-05-09 12:00\n")
    assert grade("class", "class", "--exercise", "ex0").code == 0
    assert totals(grade) == {"7": "10", "8": "8", "9": "10"} == replayed(tmp_path)
    assert rows(grade)["8"]["late"] == "ex0: late by an unknown time, counted as 1 day, −2"
    book = "Student,ID,SIS User ID,SIS Login ID,Section,HW (7)\n    Points Possible,,,,,10\n"
    write(tmp_path / "book.csv", book + "".join(f'"S, {id}",{id},,l{id},A,\n' for id in (7, 8, 9)))
    filled = " ".join(grade("report", "--canvas", "book.csv", "--title", "HW").out.split())
    assert "late, but the platform does not state by how much; counted as one day: `bobek` (8)" in filled
    assert [line[-5:] for line in (tmp_path / "book.filled.csv").read_text("utf-8").splitlines()[2:]] == [
        "10.00",
        ",8.00",
        "10.00",
    ]


WORKSHEETS = {
    "en": (
        "Identifier,Status,Grade,Maximum Grade,Last modified (submission),Last modified (grade)",
        'Participant 41,Submitted for grading - ,,10.00,"Monday, 4 May 2026, 11:58 PM",-',
        'Participant 42,Submitted for grading - 1 day 10 hours late,,10.00,"Wednesday, 6 May 2026, 10:00 AM",-',
    ),
    "de": (
        "ID,Status,Bewertung,Bestwertung,Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung)",
        'Teilnehmer/in41,Zur Bewertung abgegeben,,"10,00","Montag, 4. Mai 2026, 23:58",-',
        'Teilnehmer/in42,Zur Bewertung abgegeben - 1 Tag 10 Stunden später,,"10,00","Mittwoch, 6. Mai 2026, 10:00",-',
    ),
    "es": (
        "Identificador,Estado,Calificación,Calificación máxima,Última modificación (entrega)",
        'Participante41,Enviado para calificar,,"10,00","lunes, 4 de mayo de 2026, 23:58"',
        'Participante42,Enviado para calificar,,"10,00","miércoles, 6 de mayo de 2026, 10:00"',
    ),
}


@pytest.mark.parametrize("language", WORKSHEETS)
def test_moodles_worksheet_states_the_times(grade: Grade, tmp_path: Path, language: str) -> None:
    word = WORKSHEETS[language][1].partition(",")[0].removesuffix("41").strip().replace("/", "")
    for id in (41, 42):
        write(tmp_path / "class" / f"{word}_{id}_assignsubmission_file" / "ex0.py")
    write(tmp_path / "sheet.csv", "\n".join(WORKSHEETS[language]) + "\n")
    policy(tmp_path, "due: 2026-05-04 23:59\nzone: Europe/Berlin\npercent_per_day: 10\n")
    assert grade("class", "class", "--exercise", "ex0", "--roster", "sheet.csv").code == 0
    assert totals(grade) == {"41": "10", "42": "8"} == replayed(tmp_path)
    assert "submitted 2026-05-06 10:00:00" in grade("history", "42").out


def test_a_status_alone_says_only_that_it_is_late(grade: Grade, tmp_path: Path) -> None:
    for id in (41, 42):
        write(tmp_path / "class" / f"Participant_{id}_assignsubmission_file" / "ex0.py")
    head = "Identifier,Status,Grade,Maximum Grade,Last modified (submission)\n"
    lines = (
        "Participant 41,Submitted for grading,,10,4.5.26\nParticipant 42,Submitted for grading - 2 days late,,10,?\n"
    )
    write(tmp_path / "sheet.csv", head + lines)
    policy(tmp_path)
    assert grade("class", "class", "--exercise", "ex0", "--roster", "sheet.csv").code == 0
    late = {student: row["late"] for student, row in rows(grade).items()}
    assert late == {"41": "ex0: no time known", "42": "ex0: late by an unknown time, counted as 1 day, −2"}


@pytest.mark.parametrize("packed", [False, True])
def test_a_repositorys_last_commit_is_its_time(grade: Grade, tmp_path: Path, packed: bool) -> None:
    for name, day in (("ann", 4), ("bob", 6), ("cay", 1)):
        folder = tmp_path / "hw-submissions" / f"hw-{name}"
        write(folder / "ex0.py")
        when = f"2026-05-{day:02}T12:00:00+0200"
        own = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        who = ("-c", "user.name=x", "-c", "user.email=x@example.edu")
        words = [("init", "-q", "-b", "main"), ("add", "."), (*who, "commit", "-q", "-m", "work"), ("gc", "-q")]
        for command in words if packed else words[:-1]:
            subprocess.run(["git", *command], cwd=folder, env=own, check=True)
    head = tmp_path / "hw-submissions" / "hw-cay" / ".git" / "HEAD"
    head.write_text("ref: refs/heads/../../../x\n", encoding="utf-8")
    policy(tmp_path)
    done = grade("class", "hw-submissions", "--exercise", "ex0")
    assert done.code == 0, done
    assert totals(grade) == {"ann": "10", "bob": "6", "cay": "10"} == replayed(tmp_path)
    assert rows(grade)["cay"]["late"] == "ex0: no time known"


def test_a_download_that_states_no_time_costs_nothing_and_says_so(grade: Grade, tmp_path: Path) -> None:
    write(tmp_path / "class" / "ann" / "ex0.py")
    write(tmp_path / "class" / "bob" / "ex0.py")
    policy(tmp_path)
    assert grade("class", "class").code == 0
    assert totals(grade) == {"ann": "10", "bob": "10"}
    says = "not counted as late, because the platform states no time"
    assert f"{says}:\n  ann: ex0, bob: ex0" in grade("report").out
    (tmp_path / "policy.yaml").unlink()
    write(tmp_path / "none.yaml", "absent: empty\n")
    assert says not in grade("report", "--policy", "none.yaml").out


def test_who_submitted_nothing_has_no_mark_or_0(grade: Grade, tmp_path: Path) -> None:
    write(tmp_path / "class" / "annroe_7_1_ex0.py")
    write(tmp_path / "class" / "bobek_8_2_ex0.py", ADDS)
    book = "Student,ID,SIS User ID,SIS Login ID,Section,HW (7)\n    Points Possible,,,,,10\n"
    book += "".join(f'"{name}",{id},,l{id},A,\n' for id, name in ((7, "Roe, Ann"), (8, "Ek, Bob"), (9, "Lee, Cay")))
    write(tmp_path / "book.csv", book)
    words = ("report", "--canvas", "book.csv", "--title", "HW")
    assert grade("class", "class", "--exercise", "ex0", "--roster", "book.csv").code == 0
    assert "2 marks" in grade(*words).out
    assert totals(grade) == {"7": "10", "8": "0"}
    assert "mean 5 of 10 over 2 marks" in grade("report").out
    policy(tmp_path, "absent: zero\n")
    filled = grade(*words).out
    assert "3 marks" in filled
    assert "A,0.00" in (tmp_path / "book.filled.csv").read_text("utf-8").splitlines()[-1]
    assert totals(grade) == {"7": "10", "8": "0", "9": "0"}
    assert "mean 3.33 of 10 over 3 marks" in grade("report").out
    assert rows(grade)["9"]["reason"] == "ex0: nothing was submitted"
    write(tmp_path / "class" / "caylee_9_3_ex0.py")
    assert grade("class", "class", "--exercise", "ex0", "--roster", "book.csv").code == 0
    assert totals(grade) == {"7": "10", "8": "0", "9": "10"} == replayed(tmp_path)


def test_an_absent_student_gets_a_mark_by_hand(grade: Grade, tmp_path: Path) -> None:
    write(tmp_path / "hw-submissions" / "hw-ann" / "ex0.py")
    write(tmp_path / "roster.csv", "id,name,login,email\n7,Ann Roe,ann,ann@x.edu\n9,Cay Lee,cay,cay@x.edu\n")
    assert grade("class", "hw-submissions", "--exercise", "ex0", "--roster", "roster.csv").code == 0
    refused = grade("mark", "9", "ex0", "--add", "1", "--why", "x")
    assert "`Cay Lee` (9) has no mark for ex0 to add to: nothing was submitted\nhelp: `--set`" in refused.err
    done = grade("mark", "cay@x.edu", "ex0", "--set", "6", "--why", "oral exam")
    assert done.out == "`Cay Lee` (9) ex0: no mark → 6\n"
    assert grade("mark", "9", "ex0", "--add", "1", "--why", "knew the formula").out == "`Cay Lee` (9) ex0: 6 → 7\n"
    assert totals(grade) == {"ann": "10", "9": "7"} == replayed(tmp_path)
    assert "7 of 10, adjusted" in grade("report", "--student", "cay").out
    assert "set to 6 (" in grade("history", "9").out
    assert "submitted nothing:\n  Cay Lee (9)\n" in grade("report").out
    grades = "SID,Total Score,Max Points\n7,,10\n9,,10\n"
    (tmp_path / "grades.csv").write_text(grades, encoding="utf-8")
    assert grade("report", "--gradescope", "grades.csv").code == 0
    assert (tmp_path / "grades.filled.csv").read_text("utf-8").endswith("7,10.00,10\n9,7.00,10\n")
    write(tmp_path / "hw-submissions" / "hw-cay" / "ex0.py", ADDS)  # and the mark stays, under the login
    assert grade("class", "hw-submissions", "--exercise", "ex0", "--roster", "roster.csv").code == 0
    assert totals(grade) == {"ann": "10", "cay": "7"} == replayed(tmp_path)


BROKEN = {
    "due: tomorrow\nzone: UTC\n": "policy.yaml:1:6: `due`: `tomorrow` is not a date and a time",
    "due: 2026-05-04\nzone: UTC\n": "policy.yaml:1:6: `due`: `2026-05-04` is not a date and a time",
    "due: 2026-02-30 12:00\nzone: UTC\n": "policy.yaml:1:6: `due`: `2026-02-30 12:00` is not a date and a time",
    "due: 2026-05-04 23:59\n": "policy.yaml:1:6: `due`: `2026-05-04 23:59` has no time zone\nhelp: add `zone:",
    "due: 2026-05-04 23:59\nzone: Europe/Berlinn\n": "policy.yaml:2:7: `zone`: `Europe/Berlinn` is not a time zone",
    "percent_per_day: 10\n": "policy.yaml:1:1: `percent_per_day` needs a due date\nhelp: add `due:",
    POLICY + "percent_per_day: 101\n": "policy.yaml:5:18: `percent_per_day` is more than 100",
    POLICY + "percent_per_day: -1\n": "policy.yaml:5:18: `percent_per_day` is negative",
    POLICY + "grace: 5\n": "policy.yaml:5:1: the policy has an unknown field `grace`\nhelp: known here: `due`, `zone`",
    POLICY
    + "counts: first\n": "policy.yaml:5:9: `counts`: `first` is not valid\nhelp: give `latest` or `last on time`",
    POLICY + "absent: 0\n": "policy.yaml:5:9: `absent`: `0` is not valid\nhelp: give `empty` or `zero`",
    POLICY + "extensions: [7]\n": "policy.yaml:5:13: `extensions` must be a mapping",
    POLICY + "extensions:\n  7: soon\n": "policy.yaml:6:6: `7`: `soon` is not a date and a time",
    "- due\n": "policy.yaml:1:1: the policy must be a mapping of fields",
    "due: [\n": "policy.yaml:2:1: this is not valid YAML",
    "a: &x 1\n": "policy.yaml:1:1: the policy has an unknown field `a`",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_policy_is_refused_with_its_place_and_changes_nothing(grade: Grade, tmp_path: Path, text: str) -> None:
    gradescope(tmp_path, ann="2026-05-05 12:00:00 Z")
    policy(tmp_path, text)
    refused = grade("class", "class", "--exercise", "ex0")
    assert refused.code == 2
    assert BROKEN[text] in refused.err
    assert "help: " in refused.err
    assert not (tmp_path / "results.sqlite").exists()


def test_all_that_is_wrong_is_reported_and_the_policy_before_stays(grade: Grade, tmp_path: Path) -> None:
    gradescope(tmp_path, ann="2026-05-05 12:00:00 Z")
    policy(tmp_path)
    assert grade("class", "class", "--exercise", "ex0").code == 0
    policy(tmp_path, "due: then\npercent_per_day: x\nextensions:\n  ann: never\n")
    refused = grade("report")
    assert [place in refused.err for place in ("policy.yaml:1:6", "policy.yaml:2:18", "policy.yaml:4:8")] == [True] * 3
    assert replayed(tmp_path) == {"ann": "8"}
    assert grade("report", "--policy", "missing.yaml").code == 2


def test_an_extension_for_nobody_is_named(grade: Grade, tmp_path: Path) -> None:
    gradescope(tmp_path, ann="2026-05-05 12:00:00 Z")
    policy(tmp_path, POLICY + "extensions:\n  anm: 2026-05-06 12:00\n")
    done = grade("class", "class", "--exercise", "ex0")
    assert "`anm` has an extension, but is nobody in the results\nhelp: did you mean `ann`?" in done.err
    assert totals(grade) == {"ann": "8"}


def test_a_spoofed_metadata_time_cannot_be_read_is_no_time(grade: Grade, tmp_path: Path) -> None:
    gradescope(tmp_path, ann="yesterday", bob="2026-05-05 12:00:00 Z")
    policy(tmp_path)
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for path in (tmp_path / "class").rglob("*.*"):
            archive.write(path, path.relative_to(tmp_path / "class").as_posix())
    assert grade("class", "class.zip", "--exercise", "ex0").code == 0
    assert totals(grade) == {"ann": "10", "bob": "8"}
    assert rows(grade)["ann"]["late"] == "ex0: no time known"
