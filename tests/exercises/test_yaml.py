"""Broken specs are files: data/invalid/*.yaml, each beginning with the places and messages it must lead to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import DATA, ROOT
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import GradeError, Problem
from grader.exercises.parse import parse, read
from grader.exercises.yaml import DEEPEST, LARGEST

INVALID = sorted((DATA / "invalid").glob("*.yaml"))
SPEC = (ROOT / "exercises" / "ex3.yaml").read_text(encoding="utf-8")
EXPECTED = re.compile(r"# (\d+:\d+): (.+)")


def problems(file: str, text: str) -> tuple[Problem, ...]:
    with pytest.raises(GradeError) as caught:
        parse(file, text)
    return caught.value.problems


def told(path: Path, tmp_path: Path) -> GradeError:
    """Read a file as if it were called ex1.yaml."""
    (tmp_path / "reference.py").write_text("")
    copy = tmp_path / "ex1.yaml"
    copy.write_bytes(path.read_bytes())
    with pytest.raises(GradeError) as caught:
        read(copy)
    return caught.value


def test_there_are_broken_specs() -> None:
    assert len(INVALID) > 100


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_every_problem_is_told_at_its_place(path: Path, tmp_path: Path) -> None:
    lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    expected = [match.groups() for line in lines if (match := EXPECTED.fullmatch(line))]
    assert expected, "the file must begin with `# line:column: message`"
    found = told(path, tmp_path).problems
    assert [problem.place.removeprefix(f"{tmp_path / 'ex1.yaml'}:") for problem in found] == [at for at, _ in expected]
    for problem, (_, says) in zip(found, expected, strict=True):
        assert says in problem.says


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_every_problem_has_a_remedy_and_is_short(path: Path, tmp_path: Path) -> None:
    for problem in told(path, tmp_path).problems:
        assert problem.help
        assert "\n" not in problem.says + problem.help
        assert len(problem.says) < 160
        assert not re.search(r"Traceback|msgspec|`(str|int|float|bool|array|object)`|object at 0x", str(problem))


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_the_problems_are_in_the_order_of_the_file(path: Path, tmp_path: Path) -> None:
    places = [tuple(map(int, problem.place.split(":")[-2:])) for problem in told(path, tmp_path).problems]
    assert places == sorted(places)


TEXTS = {
    "case-unknown-field": """\
ex1.yaml:12:5: item 1 of `cases` has an unknown field `strides`
help: did you mean `stride`?""",
    "yaml-bracket-open": """\
ex1.yaml:12:1: this is not valid YAML: while parsing a flow sequence did not find expected ',' or ']' (begun at 11:13)
help: check the indentation, brackets and quotes before here""",
    "limits-negative": """\
ex1.yaml:13:22: `time_limit` must be more than 0 and at most 100000
help: omit it to use the default
ex1.yaml:13:40: `memory_limit` must be more than 0 and at most 100000
help: omit it to use the default""",
    "grid-ragged": """\
ex1.yaml:11:22: `kernel`: rows must be equally long: the first has 2, this one has 3
help: write a number, or rows of equal length as [[1, 2], [3, 4]]""",
    "forbid-word": """\
ex1.yaml:13:9: `forbid`: `conv2d` is not valid
help: give a list: `[conv2d]`""",
    "yaml-backtick": """\
ex1.yaml:4:8: this is not valid YAML: while scanning for the next token found character that cannot start any token
help: put text that begins with this character in quotes""",
    "function-lacks-field": """\
ex1.yaml:6:11: `max_pool2d` needs `kernel_size`, but the function does not have this parameter
help: add `kernel_size` to the parameters of `function`""",
    "stride-zero": """\
ex1.yaml:12:13: case `one`: `stride` must be at least 1, not 0
help: change the inputs or the fields so that they fit""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_in_full(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(told(DATA / "invalid" / f"{name}.yaml", tmp_path)) == TEXTS[name]


def test_words_are_read_as_the_schema_of_yaml_1_2_reads_them() -> None:
    """An editor holds a spec to the JSON Schema with a YAML 1.2 parser; both must see the same data."""
    text = SPEC.replace("name: stride 1", "name: on").replace("bias: 1\n", "bias: 1e0\n", 1)
    exercise = parse("ex3.yaml", text)
    assert exercise.cases[0].name == "on"
    assert exercise.cases[0].inputs["bias"] == 1


def test_aliases_of_aliases_are_not_expanded() -> None:
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)]
    found = problems("ex1.yaml", "a0: &a0 [1]\n" + "".join(levels))
    assert any("is an alias" in problem.says for problem in found)


def test_a_large_file_is_refused_before_it_is_read() -> None:
    (problem,) = problems("ex3.yaml", SPEC + "# " + "x" * 5_000_000)
    assert "KiB" in problem.says


@pytest.mark.parametrize("text", ["[", "{a: ", "- ", "? ", "[{a: ", "!a [", "'", "&a [", "a: |\n"])
@pytest.mark.parametrize("times", [DEEPEST, 100, 2000, LARGEST // 10])
def test_no_depth_brings_the_reader_down(text: str, times: int) -> None:
    assert problems("ex1.yaml", text * times)


def test_many_problems_are_all_told() -> None:
    found = problems("ex3.yaml", SPEC + "".join(f"stray{i}: 1\n" for i in range(5000)))
    assert len(found) == 5000


def refused_or_read(text: str) -> None:
    found: tuple[Problem, ...] = ()
    try:
        parse("ex3.yaml", text)
    except GradeError as error:
        found = error.problems or (Problem("no problem was reported"),)
    assert all(problem.place.startswith("ex3.yaml:") and problem.help for problem in found)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    refused_or_read(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "ex3.yaml"
    path.write_bytes(data)
    with pytest.raises(GradeError):
        read(path)


SMALL = SPEC[: SPEC.index("  - name: stride 2\n")] + "sweep: {count: 2}\n"
LINES = SMALL.splitlines(keepends=True)
SCRAPS = st.sampled_from(
    [
        "~",
        "[]",
        "{}",
        "-1",
        "0",
        "1e400",
        "9" * 400,
        "true",
        "[[1], 2]",
        "- ",
        ": ",
        "'",
        "*a",
        "&a ",
        "!!set ",
        "\t",
        "<<: ",
    ]
)


@given(st.data())
def test_a_spec_with_any_line_changed_is_read_or_refused(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        i = data.draw(st.integers(0, len(lines) - 1))
        field = lines[i].partition(":")[0]
        change = data.draw(st.sampled_from(["delete", "double", "move", "value", "text"]))
        if change == "delete" and len(lines) > 1:
            del lines[i]
        elif change == "double":
            lines.insert(i, lines[i])
        elif change == "move":
            lines.insert(data.draw(st.integers(0, len(lines) - 1)), lines.pop(i))
        elif change == "value":
            lines[i] = f"{field}: {data.draw(SCRAPS)}\n"
        else:
            lines[i] = data.draw(st.text(max_size=20)) + "\n"
    refused_or_read("".join(lines))


@given(st.data())
def test_a_spec_with_any_character_changed_is_read_or_refused(data: st.DataObject) -> None:
    text = SMALL
    for _ in range(data.draw(st.integers(1, 3))):
        i = data.draw(st.integers(0, len(text) - 1))
        scrap = data.draw(st.one_of(SCRAPS, st.text(max_size=2)))
        text = text[:i] + scrap + text[i + data.draw(st.integers(0, 2)) :]
    refused_or_read(text)
