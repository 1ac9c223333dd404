"""Each layout in which a platform exports a class: who submitted what, whatever names and files are in it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from grader.errors import GradeError
from grader.model.class_ import Entry, LeftOut
from grader.platforms.layouts import ClassSubmissions, read_class
from grader.submissions.find import find

KNOWN = ("ex1", "ex2", "ex3")
PROGRAM = "def conv2d(input, kernel, bias): ...\n"
ByKey = dict[tuple[str, str], Entry]


def lay(folder: Path, *names: str, text: str = PROGRAM) -> Path:
    """Write files, and folders where a name ends with a slash."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_text(text, encoding="utf-8")
    return folder


def zipped(file: Path, *names: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, PROGRAM)
    return file


def by_key(submissions: ClassSubmissions) -> ByKey:
    """Return all entries by their key; each can be written as JSON, and what can be graded is read."""
    found: ByKey = {}
    for entry in submissions.entries:
        assert (entry.student, entry.exercise) not in found
        assert bool(entry.path) != bool(entry.problem)
        assert entry.problem.isprintable()
        assert msgspec.json.decode(msgspec.json.encode(entry), type=Entry) == entry
        if entry.path:
            assert not find(entry.exercise, entry.path, entry.student, own=False).refused
        found[entry.student, entry.exercise] = entry
    return found


def reasons(submissions: ClassSubmissions) -> dict[str, str]:
    """Return why each name was left out."""
    return {item.name: item.why for item in submissions.left_out}


def one(
    folder: Path, *exercises: str, layout: str = "auto", roster: Path | None = None
) -> tuple[ByKey, ClassSubmissions]:
    with read_class(folder, exercises, KNOWN, layout, roster) as submissions:
        return by_key(submissions), submissions


def test_canvas_flat_late_text_and_uploaded_again(tmp_path: Path) -> None:
    lay(
        tmp_path,
        *("doejane_1042_99120_ex1.py", "doejane_LATE_1042_99125_ex1-1.py", "müllerjörg_7_1_ex1.ipynb.py", ".DS_Store"),
        *("poeedgar_8_text.html", "linkann_LATE_9_link.html", "roejo_10_5_report.pdf", "notes.txt", "z_11_6_EX1.PY"),
    )
    found, submissions = one(tmp_path, "ex1")
    assert (submissions.layout, submissions.summary) == ("canvas", "Canvas download: 7 files")
    jane = found["1042", "ex1"]
    assert jane.late
    assert jane.original == "doejane_LATE_1042_99125_ex1-1.py"
    assert jane.name == "doejane"
    assert os.path.basename(jane.path) == "ex1.py"
    assert found["7", "ex1"].path
    assert found["8", "ex1"].problem == "a text typed into Canvas was submitted instead of a file"
    assert found["9", "ex1"].late
    assert "a link to a website" in found["9", "ex1"].problem
    assert "report.pdf" in found["10", "ex1"].problem
    assert not found["11", "ex1"].late
    assert reasons(submissions).keys() == {"notes.txt", "doejane_1042_99120_ex1.py"}


def test_canvas_identity_is_the_leftmost(tmp_path: Path) -> None:
    lay(tmp_path, "doejane_1042_99120_LATE_7_8_conv.py", "anon_Ab3xY_99_7_8_conv.py", "LATE_anon_Zz_5_conv.py")
    found, _ = one(tmp_path, "ex1")
    assert {student: entry.late for (student, _), entry in found.items()} == {"1042": False, "Ab3xY": False, "Zz": True}


def test_canvas_students_cannot_import_each_other_but_their_own(tmp_path: Path) -> None:
    lay(tmp_path, "a_1_1_ex1.py", text="import tools, b_2_9_ex1\n")
    lay(tmp_path, "a_1_2_tools.py", "b_2_9_ex1.py")
    with read_class(tmp_path, ["ex1"], KNOWN) as submissions:
        entry = next(iter(submissions.entries))
        assert [name for name, _ in find("ex1", entry.path, own=False).modules] == ["tools.py"]


def test_canvas_attachments_of_one_name_the_latest_counts(tmp_path: Path) -> None:
    lay(tmp_path, "a_1_20_conv.py", "a_1_30_conv.py", "a_1_10_conv-1.py", "b_2_1_part-1.py", "b_2_2_part-2.py")
    found, _ = one(tmp_path, "ex1")
    assert found["1", "ex1"].original == "a_1_10_conv-1.py"
    assert found["2", "ex1"].problem == "cannot tell which file is ex1: part-1.py, part-2.py; name it ex1.py"


def test_moodle_folders_of_both_ages_teams_and_texts(tmp_path: Path) -> None:
    lay(
        tmp_path,
        *("Jane Doe_123_assignsubmission_file/ex1.py", "Jane Doe_124_assignsubmission_file_/ex1.py"),
        *("Participant_7_assignsubmission_file/ex1.py", 'Team Ärger; "A", B_9_assignsubmission_file/a/ex1.py'),
        *(
            "Poe_5_assignsubmission_onlinetext/onlinetext.html",
            "Roe_6_assignsubmission_file/",
            "=cmd_8_assignsubmission_file/x.7z",
        ),
    )
    found, submissions = one(tmp_path, "ex1")
    assert (submissions.layout, submissions.summary) == ("moodle", "Moodle download: 7 folders")
    assert found["123", "ex1"].original == "Jane Doe_123_assignsubmission_file"
    assert found["123", "ex1"].name == found["124", "ex1"].name == "Jane Doe"
    assert found["7", "ex1"].name == "7"
    assert found['Team Ärger; "A", B_9', "ex1"].path  # 9 may be a participant's number who is not in the team
    assert found["5", "ex1"].problem == "a text typed into Moodle was submitted instead of a file"
    assert "found: nothing" in found["6", "ex1"].problem
    assert "submit a .zip" in found["8", "ex1"].problem


def test_moodle_flat(tmp_path: Path) -> None:
    lay(tmp_path, "Jane Doe_1_assignsubmission_file_ex1.py", "Jane Doe_1_assignsubmission_file_2_3_x.py")
    lay(tmp_path, "Jo_2_assignsubmission_onlinetext_onlinetext.html")
    found, submissions = one(tmp_path, "ex1")
    assert submissions.layout == "moodle"
    assert found["1", "ex1"].original == "Jane Doe_1_assignsubmission_file_ex1.py"
    assert found["2", "ex1"].problem


METADATA = """\
submission_1:
  :submitters:
  - :name: Jane Doe
    :sid: '1234'
    :email: jane@example.edu
  :created_at: 2026-01-01 12:00:00 Z
  :score: 3.0
submission_2:
  :submitters:
  - :name: Jane Doe
    :sid: '1234'
    :email: jane@example.edu
  :created_at: 2026-01-01 12:00:00.5 +0000
  :history: &a [{x: &b 1}, *b, !ruby/object:Foo {}, *a]
submission_3:
  :submitters:
  - :name: "Ö, \\"B\\""
    :sid: b
    :email: b@x
  - :name: A
    :sid: a
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: &t 2026-01-01 12:00:00.000000000 Z
    time: *t
submission_4:
  :submitters:
  - :name: Nobody
    :sid: ~
    :email: ''
submission_5:
  :submitters: []
"""


def test_gradescope_groups_newest_and_missing_ids(tmp_path: Path) -> None:
    export = tmp_path / "assignment_1_export"
    lay(export, *(f"submission_{i}/ex1.py" for i in (1, 2, 3, 4, 9)))
    lay(export, "submission_metadata.yml", text=METADATA)
    found, submissions = one(tmp_path, "ex1")
    assert (submissions.layout, submissions.summary) == ("gradescope", "Gradescope export: 5 submissions")
    assert {student: entry.original for (student, _), entry in found.items()} == {
        "1234": "submission_2",
        "a+b": "submission_3",
        "4": "submission_4",
    }
    assert [person.email for person in found["a+b", "ex1"].people] == ["b@x", ""]
    assert sorted(reasons(submissions)) == ["submission_1", "submission_5", "submission_9"]


@pytest.mark.parametrize(
    "text, says",
    [
        ("a:\n  :x: [", "not valid YAML"),
        ("- 1", "should begin"),
        ("submission_1: 3", "are expected here"),
        ("submission_1:\n  :submitters: {}", "a list"),
        ("a: &x\n  :created_at: *x", "not an alias"),
        ("a:\n  :submitters:\n  - :sid: [1]", "a word"),
        ("a:\n  :history: " + "[" * 50 + "]" * 50, "deeper than 40"),
        ("a: \x01", "not valid YAML"),
    ],
)
def test_a_broken_export_is_said_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    lay(tmp_path, "submission_metadata.yml", text=text)
    with pytest.raises(GradeError, match=says) as caught:
        one(tmp_path, "ex1")
    assert "submission_metadata.yml" in str(caught.value)


def test_repositories_and_their_assignment(tmp_path: Path) -> None:
    lay(tmp_path, *(f"cnn-conv-{who}/{file}" for who in ("ann", "bob-x") for file in (".git/ex1.py", "src/ex1.py")))
    lay(tmp_path, "other/ex1.py")
    found, submissions = one(tmp_path, "ex1")
    assert (submissions.layout, submissions.summary) == (
        "repositories",
        "git repositories: 2 of the assignment `cnn-conv`",
    )
    assert found["bob-x", "ex1"].path.endswith("cnn-conv-bob-x/src/ex1.py")
    assert found["ann", "ex1"].people[0].login == "ann"
    assert reasons(submissions) == {"other": "is not a student's folder"}


def test_a_clone_of_a_classroom_and_a_roster_tell_the_user(tmp_path: Path) -> None:
    clones = lay(tmp_path / "conv-submissions", "conv-al-x/ex1.py", "conv-al-y/ex1.py")
    assert {student for student, _ in one(clones, "ex1")[0]} == {"al-x", "al-y"}
    lay(tmp_path / "b", *(f"conv-al-{who}/{file}" for who in "xy" for file in (".git/HEAD", "ex1.py")))
    roster = lay(tmp_path, "r.csv", text="identifier,github_username,name\n1,AL-X,Al\n2,al-y,\n3,,\n") / "r.csv"
    found, submissions = one(tmp_path / "b", "ex1", roster=roster)
    assert found["al-x", "ex1"].name == "Al"
    assert [person.id for person in submissions.absent] == ["3"]


def test_one_students_names_do_not_hide_what_is_said_of_others(tmp_path: Path) -> None:
    lay(tmp_path, "ann/ex1.py", "bob/ex1.py")
    for number in range(20):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/ann/%d\xff.py" % number)).touch()
    found, submissions = one(tmp_path, "ex1")
    assert len(found) == 2
    assert len(submissions.left_out) == 6
    assert submissions.left_out[-1] == LeftOut("ann", "holds more that is left out")


def test_a_login_that_its_owner_chose_does_not_pass_for_another(tmp_path: Path) -> None:
    names = ("hw-ann", "hw-bob", "hw-x-ann", "hw-s1", "hw-b@x", "hw-y-cy", "hw-z-cy")
    class_ = lay(tmp_path / "class", *(f"{name}/{file}" for name in names for file in (".git/HEAD", "ex1.py")))
    text = "id,name,login,email\ns1,Ann,ann,a@x\ns2,Bob,bob,b@x\ns3,Cy,cy,c@x\n"
    roster = lay(tmp_path, "r.csv", text=text) / "r.csv"
    found, submissions = one(class_, "ex1", roster=roster)
    assert {student: Path(entry.path).parent.name for (student, _), entry in found.items()} == {
        "ann": "hw-ann",
        "bob": "hw-bob",
    }
    assert [entry.people[0].id for entry in found.values()] == ["s1", "s2"]  # as a gradebook knows them
    assert reasons(submissions).keys() == {"hw-x-ann", "hw-s1", "hw-b@x", "hw-y-cy", "hw-z-cy"}
    assert [person.id for person in submissions.absent] == ["s3"]


def test_a_clones_folder_tells_the_assignment_so_that_an_end_is_nobody(tmp_path: Path) -> None:
    clones = lay(tmp_path / "hw-submissions", "hw-bob/ex1.py", "hw-x-ann/ex1.py")
    roster = lay(tmp_path, "r.csv", text="id,name,login\ns1,Ann,ann\ns2,Bob,bob\n") / "r.csv"
    found, submissions = one(clones, "ex1", roster=roster)
    assert {student for student, _ in found} == {"bob", "x-ann"}
    assert [person.id for person in submissions.absent] == ["s1"]


def test_folders_archives_and_their_trouble(tmp_path: Path) -> None:
    lay(tmp_path, "ann/ex1.py", "ann/EX2.ipynb", "bob/conv.py", "cy/ex1.py", "cy/ex1.ipynb", "dan/readme.txt")
    lay(tmp_path, "eve/a/ex1.py", "eve/b/ex1.py", "fay/ex1/main.py", "gus/ex2.py", "stray.txt", "ivy/ex1.py/")
    lay(tmp_path, "kim/A.py", "kim/B.py")
    zipped(tmp_path / "hal" / "work.zip", "work/ex1.py", "work/tools.py")
    zipped(tmp_path / "jan" / "work.zip", "../ex1.py")
    zipped(tmp_path / "leo" / "1.zip", "ex1.py")
    zipped(tmp_path / "leo" / "2.zip", "ex1.py")
    found, submissions = one(tmp_path, "ex1")
    problems = {student: entry.problem for (student, _), entry in found.items()}
    assert (submissions.layout, submissions.summary) == ("folders", "one folder per student: 12 folders")
    assert not any(problems[student] for student in ("ann", "bob", "cy", "fay", "hal"))
    assert found["cy", "ex1"].notes == ("ex1.ipynb was submitted too; ex1.py is graded",)
    assert problems["dan"] == "no program was submitted; found: readme.txt"
    assert problems["eve"] == "ex1 was submitted several times (a/ex1.py, b/ex1.py): submit one"
    assert problems["gus"] == "there is no ex1.py (or .ipynb); found: ex2.py"
    assert problems["ivy"] == "no program was submitted; found: nothing"
    assert "leads out of the archive" in problems["jan"]
    assert problems["kim"] == "cannot tell which file is ex1: A.py, B.py; name it ex1.py"
    assert "several archives were submitted (1.zip, 2.zip)" in problems["leo"]
    assert submissions.left_out == (LeftOut("stray.txt", "is not a student's folder"),)


def test_exercises_are_those_that_files_are_named_for(tmp_path: Path) -> None:
    lay(tmp_path, "ann/ex3.py", "bob/other.py")
    zipped(tmp_path / "cy" / "w.zip", "ex1.py")
    found, _ = one(tmp_path)
    assert {key for key, entry in found.items() if entry.path} == {("ann", "ex3"), ("cy", "ex1")}
    assert len(found) == 6
    with pytest.raises(GradeError, match="--exercise"):
        one(lay(tmp_path / "new", "ann/conv.py", "bob/conv.py"))


def test_an_exercise_that_hardly_anybody_submitted_is_missing_for_nobody(tmp_path: Path) -> None:
    lay(tmp_path, *(f"s{i:02}/ex1.py" for i in range(19)), "s00/ex3.py", "s01/ex3.py", "s02/EX2/conv.py")
    zipped(tmp_path / "s19" / "w.zip", "../ex3.py")
    found, submissions = one(tmp_path)
    assert submissions.rare == {"ex2": 1}
    assert [key for key in found if key[1] == "ex2"] == [("s02", "ex2")]
    assert sum(id == "ex3" for _, id in found) == 20

    (tmp_path / "s20").mkdir()  # now it is three of 21 who submitted ex3, the broken archive's owner among them
    assert one(tmp_path)[1].rare == {"ex2": 1}
    lay(tmp_path, *(f"t{i:02}/ex1.py" for i in range(9)))
    found, submissions = one(tmp_path)
    assert submissions.rare == {"ex2": 1, "ex3": 3}
    assert {student for student, id in found if id == "ex3"} == {"s00", "s01"}
    assert found["s19", "ex1"].problem
    assert one(tmp_path, "ex2")[1].rare == {}


def test_as_many_exercises_as_students_are_no_slip(tmp_path: Path) -> None:
    names = [f"s{i:02}/ex{1 + i // 4}.py" for i in range(12)]
    lay(tmp_path, *names, *(f"z{i:02}/" for i in range(28)))
    found, submissions = one(tmp_path)
    assert submissions.rare == {}
    assert len(found) == 3 * 40


def test_hostile_names(tmp_path: Path) -> None:
    names = ["=1+1", 'O\'Neil, "A"; B', "a\nb", "\u202egnp", "x\x1b[31m", "Zoë", "::error::x"]
    lay(tmp_path, *(f"{name}/ex1.py" for name in names))
    os.mkdir(os.fsencode(tmp_path) + b"/\xff")
    lay(tmp_path, "a\nb\x1b.txt", "Zoë/\x1b[31m.txt")
    (tmp_path / "link").symlink_to(tmp_path / "Zoë")
    found, submissions = one(tmp_path, "ex1")
    assert {student for student, _ in found} == set(names)
    assert len(submissions.left_out) == 3
    assert all(name.isprintable() for name in reasons(submissions))


def test_a_link_to_a_classmates_work_is_refused_when_it_is_read(tmp_path: Path) -> None:
    lay(tmp_path, "a_1_1_ex1.py")
    os.link(tmp_path / "a_1_1_ex1.py", tmp_path / "b_2_2_ex1.py")
    lay(tmp_path, "c_3_3_ex1.py", text="#" * (2 << 20))
    found, _ = one(tmp_path, "ex1")
    assert "hard link" in found["2", "ex1"].problem
    assert "too large" in found["3", "ex1"].problem


def test_zips_of_classes_also_around_each_other(tmp_path: Path) -> None:
    zipped(tmp_path / "a" / "conv.zip", "export/ann/ex1.py", "export/bob/report.pdf")
    with read_class(tmp_path / "a", ["ex1"], KNOWN) as submissions:
        found = by_key(submissions)
        where = Path(found["ann", "ex1"].path)
        assert where.exists()
    assert not where.exists()
    assert found["bob", "ex1"].problem
    whole = zipped(tmp_path / "c.zip", "a_1_1_ex1.py", "b_2_2_EX1.py", "a_1_1_ex1.py:x.py")
    found, submissions = one(whole, "ex1", layout="canvas")
    assert {student for student, _ in found} == {"1", "2"}
    assert "colon" in reasons(submissions)["a_1_1_ex1.py:x.py"]


def test_nobody_in_an_empty_class(tmp_path: Path) -> None:
    roster = lay(tmp_path, "r.csv", text="id,name,email\n1,Ann,a@x\n") / "r.csv"
    found, submissions = one(lay(tmp_path, "empty/") / "empty", "ex1", roster=roster)
    assert found == {}
    assert [person.name for person in submissions.absent] == ["Ann"]
    assert one(tmp_path / "empty")[0] == {}


@pytest.mark.parametrize("layout", ["canvas", "moodle", "gradescope", "repositories", "folders"])
def test_a_layout_that_does_not_fit_says_what_was_expected(tmp_path: Path, layout: str) -> None:
    lay(tmp_path, "ex1.py")
    with pytest.raises(GradeError, match=f"not laid out as `{layout}`\nhelp: expected: "):
        one(tmp_path, "ex1", layout=layout)


@pytest.mark.parametrize(
    "name, layout, says",
    [("ex1.py", "auto", "not a readable zip"), ("x", "auto", "there is no `"), ("", "canvsa", "`canvas`")],
)
def test_what_is_no_class_is_an_error(tmp_path: Path, name: str, layout: str, says: str) -> None:
    lay(tmp_path, "ex1.py")
    with pytest.raises(GradeError, match=says):
        one(tmp_path / name, "ex1", layout=layout)


ROSTERS = {
    "plain": "id,name,email\n1042,Jané Doe,jane@x\n77,Bo,bo@x\n",
    "semicolons, BOM, CRLF": "\ufeffID;Name;E-Mail\r\n1042;Jané Doe;jane@x\r\n77;Bo;bo@x\r\n",
    "tabs": "id\tname\temail\n1042\tJané Doe\tjane@x\n77\tBo\tbo@x\n",
    "canvas": "Student,ID,SIS User ID,SIS Login ID,Section,Conv (5)\n,,,,,Manual Posting\n    Points Possible,,,,,10\n"
    '"Doe, Jané",1042,77,jd,A,\nBo,77,1042,bo,A,\n"Student, Test",9,,x,A,\n',
    "moodle": "Identifier,Full name,Email address,Grade\nParticipant 1042,Jané Doe,jane@x,\nParticipant 77,Bo,bo@x,\n",
    "moodle, French": "Identifiant;Nom complet\nParticipant 1042;Jané Doe\nParticipant 77;Bo\n",
    "gradescope": "First Name,Last Name,SID,Email\nJané,Doe,1042,jane@x\nBo,,77,bo@x\n",
}


@pytest.mark.parametrize("kind", ROSTERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_rosters_add_names_and_tell_who_is_absent(tmp_path: Path, kind: str, encoding: str) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTERS[kind].lstrip("\ufeff" if encoding == "utf-16" else ""), encoding=encoding, newline="")
    found, submissions = one(lay(tmp_path / "class", "doejane_1042_1_ex1.py", "who_5_2_ex1.py"), "ex1", roster=roster)
    assert [person.id for person in submissions.unlisted] == ["5"]
    assert found["1042", "ex1"].name == "Jané Doe"
    assert found["1042", "ex1"].people[0].id == "1042"
    assert [person.id for person in submissions.absent] == ["77"]


def test_a_roster_of_another_class_is_said(tmp_path: Path) -> None:
    roster = lay(tmp_path, "r.csv", text="username,first_name,last_name,email,section,github_id\nzz,Z,Z,z@x,1,5\n")
    _, submissions = one(lay(tmp_path / "class", "a_1_1_ex1.py"), "ex1", roster=roster / "r.csv")
    assert submissions.absent == submissions.unlisted == ()
    assert "another class" in submissions.left_out[-1].why


@pytest.mark.parametrize(
    "data, says",
    [
        (b"name,mark\nAnn,3\n", r"r\.csv:1: no column identifies the person"),
        (b"", r"r\.csv:1: no column"),
        (b"id,ID\n1,2\n", r"r\.csv:1: two columns are named"),
        (b"id,name\n1,A\n2,B\n1,C\n", r"r\.csv:4: the id `1` is in line 2 too"),
        (b"id,email\n1,A@x\n2,a@X\n", r"r\.csv:3: the email `a@x` is in line 2 too"),
        (b"id,name\n1,Doe, Jane\n", r"r\.csv:2: there are 3 cells, but 2 columns"),
        (b"id,name\n,Jane\n", r"r\.csv:2: `Jane` has no id"),
        (b'id,name\n1,"A\nB"\n2,"C\n', r"r\.csv:4: this is not CSV"),
        (b"id,name\n1,J\xe9\n", r"r\.csv:2: it is not UTF-8"),
        (b"id,name\n1,\0\n", r"r\.csv:2: this is not CSV: it contains NUL"),
        (None, "cannot be read"),
    ],
)
def test_a_broken_roster_is_said_with_its_line(tmp_path: Path, data: bytes | None, says: str) -> None:
    if data is not None:
        (tmp_path / "r.csv").write_bytes(data)
    with pytest.raises(GradeError, match=says):
        one(lay(tmp_path / "class", "ann/ex1.py"), "ex1", roster=tmp_path / "r.csv")


def test_a_bomb_in_a_download_is_its_students_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ann/ex1.py", bytes(65 << 20))
        archive.writestr("bob/work.zip", b"not a readable zip")
        archive.writestr("cy/work.zip", bytes(65 << 20))
        archive.writestr("dan/ex1.py", PROGRAM)
    found, submissions = one(tmp_path / "c.zip", "ex1")
    problems = {student: entry.problem for (student, _), entry in found.items()}
    assert problems["ann"] == "c.zip: `ann/ex1.py` has more than 64 MiB"
    assert "not a readable zip" in problems["bob"]
    assert problems["cy"] == "c.zip: `cy/work.zip` has more than 64 MiB"
    assert not problems["dan"]
    assert list(reasons(submissions)) == ["ann/ex1.py", "cy/work.zip"]
    with pytest.raises(GradeError, match="--exercise"):
        one(zipped(tmp_path / "d.zip", "ann/a.py", "bob/b.zip"))


def test_a_student_with_an_unfit_name_is_not_absent_and_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id,name\nann,Ann\nben,Ben\ncid,Cid\ndan,Dan\n", encoding="utf-8")
    names = ("ann/ex1.py", "ben/a:b/ex1.py", "cid/../ann/ex1.py", "cid/../../x.py", "__MACOSX/a:b.py", "../dan/ex1.py")
    file = zipped(tmp_path / "class.zip", *(f"hw/{name}" for name in names))
    found, submissions = one(file, "ex1", roster=tmp_path / "roster.csv")
    assert {student: entry.problem.partition("` ")[2] for (student, _), entry in found.items()} == {
        "ann": "",
        "ben": "has a colon in its name",
        "cid": "leads out of the archive, or has no name",
    }
    assert [person.id for person in submissions.absent] == ["dan"]


def test_what_a_platform_would_not_give_out_is_left_out(tmp_path: Path) -> None:
    _, canvas = one(lay(tmp_path / "canvas", "a_1_1_ex1.py", "folder/"), "ex1")
    assert canvas.left_out == (LeftOut("folder", "is a folder; a Canvas download has none"),)
    name = "Jo_1_assignsubmission_file"
    _, moodle = one(lay(tmp_path / "moodle", f"{name}/ex1.py", f"{name}_/ex1.py", f"{name}_ex1.py", "x.txt"), "ex1")
    assert list(reasons(moodle)) == ["x.txt", f"{name}_", f"{name}_ex1.py"]


def test_a_students_folder_without_end_or_without_access(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.platforms.student_files.MOST_FILES", 3)
    lay(tmp_path, *(f"ann/{i}/a.txt" for i in range(5)), "bob/__pycache__/ex1.py", "bob/a/b/c/d/e/f/g/ex1.py")
    found, submissions = one(tmp_path, "ex1")
    assert all(entry.problem for entry in found.values())
    assert "the grader reads the first" in reasons(submissions)["ann"]
    scandir: Callable[..., object] = os.scandir

    def refuse(path: str | int) -> object:
        if str(path).endswith("bob"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found, submissions = one(tmp_path, "ex1")
    assert found["bob", "ex1"].problem
    assert reasons(submissions)["bob"] == "cannot be read: Permission denied"
