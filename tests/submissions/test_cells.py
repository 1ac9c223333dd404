"""IPython's own transformer is the oracle: a cell means here what it means there, and its lines keep their numbers."""

from __future__ import annotations

import ast
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.submissions.cells import NOT_PYTHON, python

pytestmark = pytest.mark.pythons
CELLS = [
    "%matplotlib inline\nimport math",
    "!pip install -q \\\n    numpy \\\n    pillow\nimport numpy as np",
    "%pip install a \\\nb\nx = 1",
    "!!ls -l\nx = 1",
    "?print\nx = 1",
    "??print",
    "?",
    "print?",
    "print??",
    "np.zeros?\nx = 1",
    "np.*zeros*?",
    "a[0].b?",
    "%time?",
    "%%time?",
    "!ls?",
    "x = f(\n  1\n)?",
    "x = print?",
    "f(x)?",
    "x = a ? b : c",
    "x = 1  # why?",
    "x = 'why?'",
    "if True:\n    %time f()\n    !ls\nx = 1",
    "def f():\n    files = !ls *.py\n    return files",
    "x = 7 % 4\ny = not x != 3",
    "x = (7\n    %4)\ny = [1,\n%n,\n!m]",
    "x = 7 \\\n    %n",
    "x = 7 \\\n!n",
    'note = """\n%d rows\n!ls\nwhat?\n""" % 3\nx = 1',
    "note = '''\n%d \\''' ' \"\"\" rows\n''' % 3\n%time f()",
    "x = 'a\\\n%d'\n%time f()",
    "files = !ls\nprint(len(files))",
    "files = !ls \\\n  -l \\\n  -a\nprint(len(files))",
    "x = %timeit -o f()\ny = 1",
    "a, b = !ls",
    "x: list = !ls",
    "x.y[0] = !ls",
    "d = dict(a=1) ; e = 2",
    "f(x=!ls)",
    "x == !ls",
    "x += !ls",
    "x = y = !ls",
    "x = not !ls",
    "x = 1; !ls",
    "for i in x: !ls",
    ",f a b",
    ";f a b",
    "/f a b",
    "/",
    "    %time f()\n    x = 1",
    "    x = 1\n    y = 2",
    "\n\n%time f()\n\nx = 1",
    ">>> x = 1\n>>> for i in x:\n...     pass\n",
    "In [1]: x = 1\n   ...: y = 2",
    "x = {\n    'a': 1,  # %time\n}\n%time f()",
    "# comment\n%time f()  # comment\n",
    "x = '#' ; y = '''#''' \n%time f()",
    "@dec\ndef f(): pass\n%time f()",
    "x = rb'\\' %d'\n%time f('a', \"b\")",
    "x = f'{a!r}'\ny = f'{a}%d'",
    "if x:\n    pass\n%ls\nelse: pass",
    "%run a.py\n%load_ext x\n%cd ..\n%env A=1",
    "x = 1 \\\n\n%time f()",
    "print('a') \\\n  ;\n!ls",
    '!echo "unclosed\nx = 1',
    "!echo it's\nx = 1",
    "%cd 'a b\nx = 1",
    "x = !echo it's\ny = 1",
    "x = (\n\n1)\n\n\n!ls\n",
    "!",
    "%",
    "x = !",
    "",
    "await f()",
    "async with a as b:\n    %time c()",
]


def tree(text: str) -> str | None:
    """Return a program's tree, None where it has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.dump(ast.parse(text))
        except (SyntaxError, ValueError):
            return None


def of_ipython(text: str) -> str | None:
    from IPython.core.inputtransformer2 import TransformerManager

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return tree(TransformerManager().transform_cell(text))  # type: ignore[no-untyped-call]
        except IndentationError:  # it does not catch all that the tokenizer raises
            return None


@pytest.mark.parametrize("cell", CELLS)
def test_cell_is_what_ipython_makes_of_it(cell: str) -> None:
    pytest.importorskip("IPython")
    assert tree(python(cell)) == of_ipython(cell)


@pytest.mark.parametrize("cell", CELLS)
def test_lines_keep_their_numbers(cell: str) -> None:
    assert python(cell).count("\n") == cell.count("\n")


LINES = st.sampled_from(
    [
        *("%time f()", "!ls -l", "!pip install \\", "x = !ls", "x = %timeit f()", "np.zeros?", "??f", "%cd ..", ",f a"),
        *(
            "x = 1",
            "if x:",
            "    y = 7 % 4",
            "    %ls",
            "    z = !ls",
            "f(a,",
            "  %b)",
            "[",
            "]",
            "{1: '%',",
            "}",
            "x \\",
        ),
        *("'''", '"""', "s = 'a % b' ", "# what?", "", "%d", "!n", "s = '''%d", "''' % 3", "print(x) # !", "pass"),
    ]
)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=8))
def test_any_lines_are_what_ipython_makes_of_them(lines: list[str]) -> None:
    pytest.importorskip("IPython")
    cell = "\n".join(lines)
    expected = of_ipython(cell)
    if expected is not None:  # where IPython finds no program, neither its magics nor ours are run
        assert tree(python(cell)) == expected
    assert python(cell).count("\n") == cell.count("\n")


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.text(alphabet="ab1 \n\t\\'\"#%!?=()[]{};,/.x", max_size=60))
def test_any_text_is_scanned_to_its_end(cell: str) -> None:
    made = python(cell)
    if not made.startswith("get_ipython().run_cell_magic"):
        assert made.count("\n") == cell.count("\n")


def test_python_stays_as_it_is() -> None:
    text = "def f(x):\n    return {'a': x % 2, 'b': [y != 1 for y in x]}  # %time ?\n\n\ns = '''\n%s\n''' % 1\n"
    assert python(text) == text


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%timeit -n 1", "%%prun"])
def test_cell_magics_that_are_code_leave_the_code(magic: str) -> None:
    name, _, words = magic[2:].partition(" ")
    assert python(f"\n{magic}\n%time f()\nx = 1") == (
        f"\nget_ipython().run_cell_magic({name!r}, {words!r}, '')\nget_ipython().run_line_magic('time', 'f()')\nx = 1"
    )


def test_any_number_of_cell_magics_leaves_the_code() -> None:
    """A call of itself for each would end with a RecursionError, and a copy of the cell for each takes long."""
    made = python("%%time\n" * 100_000 + "def f(): ...")
    assert made.endswith("\ndef f(): ...")
    assert made.count("\n") == 100_000


def test_languages_are_told_from_code() -> None:
    assert {"bash", "html", "javascript", "latex", "writefile"} <= NOT_PYTHON
    assert not {"time", "timeit", "capture", "prun"} & NOT_PYTHON
