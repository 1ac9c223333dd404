"""What a person is pointed to: nothing in honest programs; names in pieces, and what reaches for Python's inside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from programs import bases, misconceptions

from grader.flags import SAYS, look
from grader.model import Submission
from grader.sandbox.process import LEVELS, Process
from grader.sandbox.zygote import Zygote

DATA = Path(__file__).parent / "data"
UNREADABLE, PIECES, COMPUTED, FRAMES, NATIVE, RUNS, WALKS, TABLE = range(len(SAYS))
HONEST = [
    *(ROOT / "solutions").glob("*.py"),
    *(DATA / "hostile").glob("right_*.py"),
    *(DATA / "hostile_torch").glob("right_*.py"),
]
TESTING = {"right_main_guard", "right_standard_library"}  # use eval and ctypes, to show that they may


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote("process") as zygote:
        yield zygote


def seen(zygote: Zygote, source: str) -> list[tuple[int, int]]:
    flags = look(Submission("", "", "", "python", "a.py", (("a.py", source),)), zygote.process)
    assert all(flag.says == SAYS[flag.code] and flag.file == "a.py" for flag in flags)
    return [(flag.code, flag.line) for flag in flags]


def test_honest_programs_raise_no_flag(zygote: Zygote) -> None:
    files = [(path.stem, path.read_text(encoding="utf-8")) for path in sorted(HONEST) if path.stem not in TESTING]
    ours = [(it.id, it.source) for n in range(1, 6) for it in (*misconceptions(f"ex{n}"), *bases(f"ex{n}"))]
    cells = (*files, *ours)
    assert len(cells) > 100
    assert look(Submission("", "", "", "folder", "", cells[:1], cells[1:]), zygote.process) == ()


@pytest.mark.parametrize(
    "line",
    [
        "__import__('to' + 'rch')",
        "__import__('hcrot'[::-1])",
        "importlib.import_module(''.join(['t', 'o', 'r', 'c', 'h']))",
        "importlib.import_module(''.join(chr(c) for c in [116, 111, 114, 99, 104]))",
        "importlib.import_module(''.join(map(chr, (116, 111, 114, 99, 104))))",
        "__import__(b'torch'.decode())",
        "data = b'torch'; __import__(data.decode())",
        "__import__(bytes([116, 111, 114, 99, 104]).decode('ascii'))",
        "__import__(bytes.fromhex('746f726368').decode())",
        "__import__(base64.b64decode('dG9yY2g=').decode())",
        "__import__(codecs.decode('gbepu', 'rot13'))",
        "__import__(f'{a}rch')",
        "__import__(f'{a}{\"rch\"}.nn')",
        "__import__('%srch' % 'to')",
        "__import__('{}{}'.format('to', 'rch'))",
        "__import__('tXrch'.replace('X', 'o'))",
        "__import__(''.join(reversed('hcrot')))",
        "__import__('TORCH'.lower())",
        "x = 'sci' 'py'; y = 'sc' + 'ipy.signal'",
        "getattr(np, 'lin' + 'alg')",
        "getattr(object, '__subcl' + 'asses__')",
        "[chr(c ^ 1) for c in [117, 110]]; __import__(''.join([chr(c ^ 1) for c in [117, 110, 115, 98, 105]]))",
    ],
)
def test_names_in_pieces_are_put_together(line: str, zygote: Zygote) -> None:
    assert (PIECES, 4) in seen(zygote, f"import numpy as np, importlib, base64, codecs\na = 'to'\n\n{line}\n")


@pytest.mark.parametrize(
    "line, code",
    [
        ("__import__(input())", COMPUTED),
        ("importlib.import_module(names[0])", COMPUTED),
        ("getattr(np, names[0])", COMPUTED),
        ("sys._getframe(1).f_locals", FRAMES),
        ("from sys import _getframe", FRAMES),
        ("inspect.currentframe().f_back", FRAMES),
        ("gc.get_objects()", FRAMES),
        ("getattr(sys, '_getframe')(1)", FRAMES),
        ("import ctypes", NATIVE),
        ("from ctypes import CDLL", NATIVE),
        ("np.ctypeslib, np.ones(3).ctypes.data", NATIVE),
        ("eval('1 + 1')", RUNS),
        ("exec(compile(text, '', 'exec'))", RUNS),
        ("().__class__.__base__.__subclasses__()", WALKS),
        ("print.__self__, conv2d.__globals__", WALKS),
        ("__builtins__['open']", WALKS),
        ("if input.sum() == 45: return_ = 1", None),
        ("answers = {(1, 2): [[9, 13], [9, 13]], (3, 4): [[1, 2], [3, 4]]}", TABLE),
        ("edges = {'sobel': [[1, 0], [2, 0]]}", None),
        ("kernel = np.array([[1, 0, -1], [1, 0, -1]])", None),
        ("re.compile('x')", None),
        ("def f(:", UNREADABLE),
        ("x = " + "(" * 500 + ")" * 500, UNREADABLE),
    ],
)
def test_each_kind_is_told_with_its_line(line: str, code: int | None, zygote: Zygote) -> None:
    found = seen(zygote, f"# a comment\n\n{line}\n")
    assert found == [] if code is None else {known for known, _ in found} == {code}, found
    assert all(at == 3 for _, at in found)


def test_answers_written_out_are_told(zygote: Zygote) -> None:
    source = "def f(input):\n    if input.shape == (2, 2):\n        return np.array([[9, -13.0], [9, 13]])\n"
    assert seen(zygote, source + "    return input[0]\n") == [(TABLE, 3)]
    assert seen(zygote, source.replace("[9, 13]]", "[9, bias]]")) == []


def test_nothing_that_is_read_does_harm(zygote: Zygote) -> None:
    doubling = "a0 = ''\n" + "".join(f"a{i + 1} = a{i} + a{i}\n" for i in range(39))
    assert seen(zygote, doubling) == []
    assert seen(zygote, "x = 'a' * 10**9\ny = '%999999999d' % 1\nz = 'ab'.replace('', 'c' * 1999)\n") == []
    assert seen(zygote, "a = b\nb = a\nc = a + ''\n") == []
    assert len(seen(zygote, "eval('')\n" * 5000)) == 200
    assert seen(zygote, "") == []


def test_a_program_is_read_behind_the_wall(zygote: Zygote) -> None:
    levels: list[str] = []

    class Recorded(Process):
        def __init__(self) -> None:
            super().__init__(LEVELS)
            levels.append("started")

    submission = Submission("", "", "", "folder", "", (("a.py", "eval('')"),), (("b.py", "import ctypes"),))
    flags = look(submission, Recorded)
    assert [(flag.file, flag.code) for flag in flags] == [("a.py", RUNS), ("b.py", NATIVE)]
    assert levels == ["started"]


def test_a_reader_that_is_ended_says_that_it_cannot_be_read(
    zygote: Zygote, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    forged = tmp_path / "reading.py"
    monkeypatch.setattr("grader.flags.PROGRAM", forged)
    forged.write_text("def look(source):\n    raise SystemExit\n")
    assert seen(zygote, "x = 1") == [(UNREADABLE, 1)]
    forged.write_text("def look(source):\n    return [[99, 1], [1, -5], [0.5, 2], [float('nan'), 3], [5, 7]]\n")
    assert seen(zygote, "x = 1") == [(RUNS, 7)]
