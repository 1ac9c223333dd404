"""The outline of a program: the same whatever a copier changes, another for another program, never brought down."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
import pytest
from conftest import solution
from programs import bases, lock, misconceptions, submission, unnamed

from grader.classroom import outlines
from grader.classroom.outlines import Outliner
from grader.classroom.similarity import FEWEST
from grader.errors import EnvironmentTrouble
from grader.exercises.templates import template
from grader.model.class_ import Outline
from grader.sandbox.levels import process_class
from grader.sandbox.process import Process

pytestmark = pytest.mark.pythons  # syntax trees

RIGHT = [it.source for it in bases("ex3")]
STYLES = {  # a program, and what somebody made of it
    "loops": (
        solution("ex3"),
        '''"""My own work."""
import numpy


def conv2d(input: numpy.ndarray, kernel, bias: float, padding, stride) -> "numpy.ndarray":
    """Convolve."""
    vert, hor = padding  # how much
    down, right = stride
    big = numpy.pad(input, ((vert, vert),
                            (hor, hor)))
    h: int = (big.shape[0] - kernel.shape[0]) // down + 1
    w: int = (big.shape[1] - kernel.shape[1]) // right + 1
    result = numpy.zeros((h, w))
    for y in range(h):
        for x in range(w):
            patch = big[y * down : y * down + kernel.shape[0], x * right : x * right + kernel.shape[1]]
            result[y, x] = numpy.sum(patch * kernel) + bias
    return result
''',
    ),
    "helpers": (
        """
from numpy import zeros, pad as around

SIZE = 2

def cut(image, row, column, height, width):
    part = image[row : row + height, column : column + width]
    return part

def conv2d(input, kernel, bias, padding, stride):
    image = around(input, [(n, n) for n in padding])
    h, w = kernel.shape
    rows = [r for r in range(0, image.shape[0] - h + 1, stride[0])]
    columns = [c for c in range(0, image.shape[1] - w + 1, stride[1])]
    out = zeros((len(rows), len(columns)))
    for i, r in enumerate(rows):
        for j, c in enumerate(columns):
            out[i, j] = (cut(image, r, column=c, width=w, height=h) * kernel).sum() + bias
    return out
""",
        """
from numpy import zeros as leer, pad

ZWEI = 2  # two

def teil(b, z, s, hoehe, breite):
    p = b[z : z + hoehe, s : s + breite]
    return p

def conv2d(input, kernel, bias, padding, stride):
    b = pad(input, [(p, p) for p in padding])
    hoehe, breite = kernel.shape
    z = [z for z in range(0, b.shape[0] - hoehe + 1, stride[0])]
    s = [z for z in range(0, b.shape[1] - breite + 1, stride[1])]
    e = leer((len(z), len(s)))
    for n, k in enumerate(z):
        for m, l in enumerate(s):
            e[n, m] = (teil(b, k, s=l, breite=breite, hoehe=hoehe) * kernel).sum() + bias
    return e
""",
    ),
    "functional": (
        """
import numpy as np
def conv2d(input, kernel, bias, padding, stride):
    grow = lambda image, margins: np.pad(image, tuple((m, m) for m in margins))
    image = grow(input, margins=padding)
    window = lambda i, j: image[i : i + kernel.shape[0], j : j + kernel.shape[1]]
    ends = [n - k + 1 for n, k in zip(image.shape, kernel.shape)]
    rows, columns = range(0, ends[0], stride[0]), range(0, ends[1], stride[1])
    return np.array([[np.vdot(window(i, j), kernel) + bias for j in columns] for i in rows])
""",
        """
import numpy as xp
def conv2d(input, kernel, bias, padding, stride):
    f = lambda a, margins: xp.pad(a, tuple((b, b) for b in margins))
    a = f(input, margins=padding)
    g = lambda a_, b_: a[a_ : a_ + kernel.shape[0], b_ : b_ + kernel.shape[1]]
    i = [a - b + 1 for a, b in zip(a.shape, kernel.shape)]
    j, k = range(0, i[0], stride[0]), range(0, i[1], stride[1])
    return xp.array([[xp.vdot(g(y, x), kernel) + bias
                      for x in k]
                     for y in j])
""",
    ),
    "classes": (
        """
import numpy as np
class Window:
    def __init__(self, image, kernel):
        self.image, self.kernel = image, kernel
    def at(self, i, j):
        h, w = self.kernel.shape
        try:
            return np.sum(self.image[i:i+h, j:j+w] * self.kernel)
        except ValueError as error:
            raise RuntimeError("no room") from error
def conv2d(input, kernel, bias, padding, stride):
    global last
    image = np.pad(input, ((padding[0],) * 2, (padding[1],) * 2))
    last = Window(image, kernel)
    size = [(n - k) // s + 1 for n, k, s in zip(image.shape, kernel.shape, stride)]
    return np.array([[last.at(i * stride[0], j * stride[1]) + bias for j in range(size[1])] for i in range(size[0])])
""",
        """
import numpy as np
class Slider:
    "It slides."
    def __init__(this, image: "grid", k):
        this.image, this.kernel = image, k
    def at(this, y, x):
        a, b = this.kernel.shape
        try:
            return np.sum(this.image[y:y+a, x:x+b] * this.kernel)
        except ValueError as e:
            raise RuntimeError("no room") from e
def conv2d(input, kernel, bias, padding, stride):
    global slider
    im = np.pad(input, ((padding[0],) * 2, (padding[1],) * 2))
    slider = Slider(im, kernel)
    n = [(a - b) // c + 1 for a, b, c in zip(im.shape, kernel.shape, stride)]
    return np.array([[slider.at(p * stride[0], q * stride[1]) + bias for q in range(n[1])] for p in range(n[0])])
""",
    ),
    "nested": (
        """
def conv2d(input, kernel, bias, padding, stride):
    def get(r, c, *, default=0):
        r, c = r - padding[0], c - padding[1]
        inside = 0 <= r < len(input) and 0 <= c < len(input[0])
        return input[r][c] if inside else default
    result, r = [], 0
    while r + len(kernel) <= len(input) + 2 * padding[0]:
        row, c = [], 0
        while c + len(kernel[0]) <= len(input[0]) + 2 * padding[1]:
            total = bias
            for i, line in enumerate(kernel):
                for j, k in enumerate(line):
                    total += k * get(r + i, c + j, default=0)
            row.append(total)
            c += stride[1]
        result.append(row)
        r += stride[0]
    return result
""",
        """
def conv2d(input, kernel, bias, padding, stride):
    def pixel(y, x, *, outside=0):
        # beyond the border
        y, x = y - padding[0], x - padding[1]
        ok = 0 <= y < len(input) and 0 <= x < len(input[0])
        return input[y][x] if ok else outside
    rows, y = [], 0
    while y + len(kernel) <= len(input) + 2 * padding[0]:
        line, x = [], 0
        while x + len(kernel[0]) <= len(input[0]) + 2 * padding[1]:
            acc = bias
            for a, r in enumerate(kernel):
                for b, w in enumerate(r):
                    acc += w * pixel(y + a, x + b, outside=0)
            line.append(acc)
            x += stride[1]
        rows.append(line)
        y += stride[0]
    return rows
""",
    ),
}


Outlined = Callable[..., list[Outline]]


@pytest.fixture(scope="module")
def outlined() -> Iterator[Outlined]:
    """Return what outlines programs, each a text or several parts, in one process for all tests."""
    outliner = Outliner(process_class())

    def outline(*programs: str | Sequence[str], id: str = "ex3") -> list[Outline]:
        return [outliner.outline(lock(id).exercise, [p] if isinstance(p, str) else p) for p in programs]

    yield outline
    outliner.close()


@pytest.fixture(scope="module")
def styles(outlined: Outlined) -> dict[str, list[Outline]]:
    found = iter(outlined(*(text for pair in STYLES.values() for text in pair)))
    return {style: [next(found), next(found)] for style in STYLES}


@pytest.mark.parametrize("style", STYLES)
def test_a_renamed_copy_is_found(style: str, styles: dict[str, list[Outline]]) -> None:
    first, second = styles[style]
    assert first.tree == second.tree != ""
    assert first.text != second.text
    assert first.size == second.size >= FEWEST


def test_five_styles_are_five_programs(styles: dict[str, list[Outline]]) -> None:
    assert len({outline.tree for pair in styles.values() for outline in pair}) == len(STYLES)


@pytest.mark.parametrize("id", ["ex3", "ex5", "ex14"])
def test_programs_of_one_idea_are_not_one_program(id: str, outlined: Outlined) -> None:
    """Programs with different misconceptions, and the right ones, are no copies of each other."""
    rights = [it for it in bases(id) if it.name != "grids"]  # the windows of `slices` under other names
    programs = [*misconceptions(id), *unnamed(id), *rights]
    assert len(programs) > 25
    texts = [*(it.source for it in programs), solution(id)]
    found = outlined(*texts, id=id)
    assert all(outline.tree for outline in found)
    assert len({outline.tree for outline in found}) == len(texts)


class Renamer(ast.NodeTransformer):
    """Gives every name that a program assigns another name, the same everywhere."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = {name: f"v{number}_" for number, name in enumerate(sorted(names))}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


def test_whatever_is_renamed_and_laid_out_anew_is_the_same(outlined: Outlined) -> None:
    texts = RIGHT
    trees = [ast.parse(text) for text in texts]
    stored = [
        {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} for tree in trees
    ]
    asked = {"conv2d", *lock("ex3").exercise.parameters}
    renamed = [
        ast.unparse(ast.fix_missing_locations(Renamer(names - asked).visit(tree)))
        for tree, names in zip(trees, stored, strict=True)
    ]
    found = outlined(*texts, *renamed)
    assert [o.tree for o in found[: len(texts)]] == [o.tree for o in found[len(texts) :]]


EDITS = [
    ("range(rows)", "range(0, rows)"),
    ("+ 1\n    columns", "+ 2\n    columns"),
    ("np.sum", "np.prod"),
    ("np.zeros", "np.empty"),
    ("+ bias", "- bias"),
    ("output[i, j]", "output[j, i]"),
    ("    p, q = padding\n    s, t = stride\n", "    s, t = stride\n    p, q = padding\n"),
    ("return output", "return window"),
    ("range(columns)", "range(len(output[0]))"),
    ("window * kernel", "window * input"),
    ("+ 1\n    output", "+ 1.0\n    output"),
]
NAMES = [
    ("def f(): return g()\ndef g(): return 1", "def h(): return i()\ndef i(): return 1", True),
    ("def f(x): return x\ndef g(x): return x", "def f(x): return x\ndef g(y): return y", True),
    ("x = 1\ndef f(): return x", "y = 1\ndef f(): return y", True),
    ("x = 1\ndef f(): return x", "x = 1\ndef f(y): return y", False),
    ("def f():\n  x = 1\n  return x", "x = 2\ndef f():\n  return x", False),
    ("max = 3\nmax", "min = 3\nmin", True),
    ("max(a)", "min(a)", False),
    ("import numpy as a\na.sum", "import math as a\na.sum", False),
    ("from numpy import sum\nsum(1)", "from numpy import sum as s\ns(1)", True),
    ("from numpy import sum\nsum(1)", "from numpy import prod as sum\nsum(1)", False),
    ("[a for a in b]", "[c for c in b]", True),
    ("[a for a in b]", "[b for a in b]", False),
    ("f(x=1)", "f(y=1)", False),
    ("def f(x): pass\nf(x=1)", "def f(y): pass\nf(y=1)", True),
    ("def f(x, y): pass\nf(x=1)", "def f(x, y): pass\nf(y=1)", False),
    ("'a'\n'b'\nx = 'c'", "x = 'c'", True),
    ("x: int = 1\ny: str", "x = 1", True),
    ("a = f'{b}'", "a = f'{c}'", False),
    ("def f(*a, **b): return a, b", "def f(*x, **y): return x, y", True),
    ("def f(*a): return a", "def f(a): return a", False),
    ("def f(a, *, b=1): return a, b", "def f(a, b=1): return a, b", False),
    ("match q:\n  case [a, *b]: a, b", "match q:\n  case [c, *d]: c, d", True),
    ("match q:\n  case [a, *b]: a, b", "match q:\n  case [a, *b]: b, a", False),
    ("x = 1\ndel x", "y = 1\ndel y", True),
    ("x = 0xff", "x = 255", True),
    ("x = True", "x = 1", False),
    ("if a: b\nelse: c", "if a: b; c", False),
]


@pytest.fixture(scope="module")
def edited(outlined: Outlined) -> list[Outline]:
    return outlined(solution("ex3"), *(solution("ex3").replace(*edit) for edit in EDITS))


@pytest.mark.parametrize("number", range(len(EDITS)), ids=lambda n: EDITS[n][1].split("\n")[0])
def test_what_is_another_program(number: int, edited: list[Outline]) -> None:
    assert EDITS[number][0] in solution("ex3")
    assert edited[number + 1].tree != edited[0].tree != ""


@pytest.fixture(scope="module")
def paired(outlined: Outlined) -> list[Outline]:
    return outlined(*(text for a, b, _ in NAMES for text in (a, b)))


@pytest.mark.parametrize("number", range(len(NAMES)), ids=lambda n: NAMES[n][0].split("\n")[0])
def test_what_a_name_stands_for(number: int, paired: list[Outline]) -> None:
    first, second = paired[2 * number : 2 * number + 2]
    assert first.tree
    assert second.tree
    assert (first.tree == second.tree) is NAMES[number][2]


def test_where_a_cell_ends_does_not_matter_and_an_own_module_may_be_renamed(outlined: Outlined) -> None:
    whole, cells, from_a, from_b = outlined(
        "import numpy as np\ndef f(): return np.sum\ndef g(): return f()",
        ["import numpy as np", "def f(): return np.sum", "def g(): return f()"],
        ["from help import f\ndef g(): return f()", "def f(): return 1"],
        ["from tools import cut\ndef g(): return cut()", "def cut(): return 1"],
    )
    assert cells.size == whole.size
    assert from_a.tree == from_b.tree != whole.tree


def test_a_broken_cell_counts_where_nothing_defines_the_function(outlined: Outlined) -> None:
    text, part = solution("ex3"), "x = [a for a in b]"
    same, other = outlined([text, "for x in"], [text, "for y in"])
    assert same.tree == other.tree
    one, two, other = outlined([part, "for x in"], [part, "for x in"], [part, "for y in"])
    assert one == two
    assert one.tree != other.tree


HOSTILE = {
    "brackets": "x = " + "(" * 100_000 + ")" * 100_000,
    "lists": "x = " + "[" * 100_000,
    "minus": "x = " + "-" * 100_000 + "1",
    "not": "x = " + "not " * 50_000 + "1",
    "sum": "x = " + "+".join(["1"] * 100_000),
    "attributes": "x" + ".a" * 100_000,
    "calls": "x" + "()" * 100_000,
    "lambdas": "x = " + "lambda: " * 10_000 + "1",
    "blocks": "".join(" " * n + "if x:\n" for n in range(500)),
    "strings": "f'" + "{f" * 2000,
    "nul": "x = 1\0",
    "huge int": "x = " + "9" * 1_000_000,
    "huge hex": "x = 0x" + "f" * 900_000,
    "invalid": "def conv2d(input:\n  return",
    "words": "please give me full marks",
    "bidi": "x = 1  # \u202e \u2066\ndef \u202e():",
    "half a character": "x = '\ud800'",
    "escapes": "x = '" + r"\d" * 200_000 + "'",
    "too long": "x = 1\n" * 500_000,
    "tabs": "if x:\n\ty\n        z",
    "empty": "",
    "nothing": [],
}


def test_no_source_brings_it_down(outlined: Outlined) -> None:
    good = solution("ex3")
    programs: list[str | Sequence[str]] = [text for hostile in HOSTILE.values() for text in (hostile, good)]
    found = outlined(*programs)
    assert len({outline.tree for outline in found[1::2]}) == 1
    assert found[1].tree
    by_name = dict(zip(HOSTILE, found[::2], strict=True))
    assert not by_name["brackets"].tree
    assert not by_name["invalid"].tree
    assert not by_name["nul"].tree
    assert not by_name["too long"].tree
    assert by_name["escapes"].tree
    assert by_name["words"].size == 5


def test_a_program_that_is_no_python_is_compared_word_for_word(outlined: Outlined) -> None:
    broken = solution("ex3").replace("return", "retrun output =")
    one, two, other = outlined(broken, broken, broken + "\n")
    assert not one.tree
    assert one == two
    assert one.text != other.text


def test_the_unchanged_template_is_not_compared() -> None:
    exercise, text = lock("ex3").exercise, template(lock("ex3").exercise)
    outliner = Outliner(process_class())
    try:
        given = [text, text.replace("\n", "\n\n"), text + "\nx = 1\n", solution("ex3")]
        found = [outliner.submission(exercise, submission("ex3", program)) for program in given]
        assert [bool(outline and outline.size) for outline in found] == [False, False, False, True]
        refused = msgspec.structs.replace(submission("ex3", ""), refused="there is no file")
        assert outliner.submission(exercise, refused) is None
    finally:
        outliner.close()


def test_the_process_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "TURN", 2)
    started = []

    def start() -> Process:
        started.append(1)
        return process_class()()

    outliner = Outliner(start)
    found = [outliner.outline(lock("ex3").exercise, ["x = 1"]) for _ in range(5)]
    outliner.close()
    assert len(set(found)) == 1
    assert len(started) == 3


@pytest.mark.parametrize(
    "program, says",
    [
        ("def outline(sources, kept, own): return [1, 2]", ""),
        ("def outline(sources, kept, own): return [-1] * 33", ""),
        ("def outline(sources, kept, own): return [300] * 33", ""),
        ("def outline(sources, kept, own): return [1.0] * 33", ""),
        ("def outline(sources, kept, own): return [1] * 500", ""),
        ("def outline(sources, kept, own): return [1] * 33 + [-1]", ""),
        ("def outline(sources, kept, own): return [1] * 33 + [1 << 32]", ""),
        ("import os\ndef outline(sources, kept, own): os._exit(1)", ""),
        ("raise ValueError('no')", "did not run: ValueError: no"),
    ],
)
def test_what_comes_back_is_not_believed(
    program: str, says: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a source had taken over the process that reads it."""
    path = tmp_path / "outline.py"  # type: ignore[operator]
    path.write_text(program, encoding="utf-8")
    monkeypatch.setattr(outlines, "PROGRAM", path)
    outliner = Outliner(process_class())
    if says:
        with pytest.raises(EnvironmentTrouble, match=says):
            outliner.outline(lock("ex3").exercise, ["x = 1"])
    else:
        programs = ("x = 1", "x = 2", "x = 3", "x = 4")
        assert [outliner.outline(lock("ex3").exercise, [program]).tree for program in programs] == [""] * 4
    outliner.close()
