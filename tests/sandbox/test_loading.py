"""Programs as students submit them: each declares its outcome in its first lines, and is run in one fork server.

# score: 10                      the points, if every case is right
# verdict: not_allowed           the verdict of every case, if none is right
# text: without `cv2`            must occur in the first check's text; `\n` stands for a line break
# no_text: submit                must not occur there
# note: line 15 stopped          must occur in a note; `no_note` must not occur in any
# limits: load_limit=0.5         the limits that differ from those of the exercise
"""

from __future__ import annotations

import functools
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from conftest import DATA, Grade, solution

from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging.grade import grade as judged
from grader.model.exercise import Lock
from grader.model.report import Report, Verdict
from grader.sandbox.fork_server import ForkServer
from grader.submissions.find import find

pytestmark = pytest.mark.pythons
PROGRAMS = sorted((DATA / "loading").glob("*.py"))
KEYS = {"score", "verdict", "text", "no_text", "note", "no_note", "limits"}


def declared(program: Path) -> list[tuple[str, str]]:
    head = []
    for line in program.read_text(encoding="utf-8").splitlines():
        found = re.fullmatch(r"# (\w+): (.+)", line)
        if not found:
            break
        head.append((found[1], found[2].replace("\\n", "\n")))
    return head


@functools.cache  # what is derived from a lock is kept with it
def lock_with(limits: str = "") -> Lock:
    lock = read_lock(pack_folder(), "ex1")
    values = {
        name: float(value) if "." in value else int(value)
        for name, _, value in (word.partition("=") for word in limits.split())
    }
    replaced = msgspec.structs.replace(lock.exercise.limits, **values)
    return msgspec.structs.replace(lock, exercise=msgspec.structs.replace(lock.exercise, limits=replaced))


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer("landlock") as server:
        yield server


def run(server: ForkServer, source: str, folder: Path, limits: str = "") -> Report:
    path = folder / "ex1.py"
    path.write_text(source, encoding="utf-8")
    return judged(lock_with(limits), find("ex1", str(path)), start=server.process)


def hold(report: Report, head: list[tuple[str, str]]) -> None:
    """Hold a report to what a program declares."""
    first, notes = report.checks[0], "\n".join(report.notes)
    for key, value in head:
        if key == "score":
            assert report.score == float(value), first.text
        elif key == "verdict":
            assert {check.verdict for check in report.checks} == {Verdict(value)}, first.text
        elif key in ("text", "note"):
            assert value in (first.text if key == "text" else notes)
        elif key in ("no_text", "no_note"):
            assert value not in (first.text if key == "no_text" else notes)


def test_every_program_declares_its_outcome() -> None:
    assert len(PROGRAMS) > 50
    for program in PROGRAMS:
        keys = {key for key, _ in declared(program)}
        assert keys <= KEYS, program.name
        assert len(keys & {"score", "verdict"}) == 1, program.name


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.stem for program in PROGRAMS])
def test_program(program: Path, server: ForkServer, tmp_path: Path) -> None:
    head = declared(program)
    report = run(server, program.read_text(encoding="utf-8"), tmp_path, dict(head).get("limits", ""))
    hold(report, head)


def test_programs_through_the_command(grade: Grade, tmp_path: Path) -> None:
    programs = {p.stem: declared(p) for p in PROGRAMS if "limits" not in dict(declared(p))}
    for name in programs:
        (tmp_path / "course" / name).mkdir(parents=True)
        shutil.copy(DATA / "loading" / f"{name}.py", tmp_path / "course" / name / "ex1.py")
    done = grade("class", "course", "--exercise", "ex1", "--jobs", "1")
    assert done.code in (0, 1), done.err
    rows = json.loads(grade("report", "--format", "json").out)["students"]["rows"]
    found = {row["student"]: row["marks"]["ex1"]["score"] for row in rows}
    assert found == {name: float(dict(head).get("score", 0)) for name, head in programs.items()}


_PACKAGES = """
cv2 PIL.Image imageio skimage.filters sklearn.metrics pandas scipy.signal torch torchvision.transforms tensorflow
keras.layers jax.numpy h5py imutils d2l.torch cupy sympy networkx requests einops statsmodels.api transformers
"""
USES = (
    *("other.f(1)", "other + 1", "1 - other.x", "len(other)"),
    *("[*other]", "np.sum(other)", "other.x < 1", "float(other)"),
)


@pytest.mark.parametrize("package", _PACKAGES.split())
def test_package_is_harmless_until_it_is_used(package: str, server: ForkServer, tmp_path: Path) -> None:
    top = package.partition(".")[0]
    harmless = f"""\
import {package}
import {package} as other
from {package} import anything, more as most


class Own(other.Base, most):
    size: anything = None


def own(x: other.Thing | None, y: "other.Thing" = other.constant) -> anything[3]:
    return x


assert not isinstance(3, other.Thing) and not issubclass(int, anything) and other and most
"""
    report = run(server, harmless + solution("ex1"), tmp_path)
    assert report.score == 10
    assert not report.notes
    lines = "".join(f"    lambda: {use},\n" for use in USES)
    used = f"import {package} as other\nimport numpy as np\n\nuses = [\n{lines}]\n\n\n"
    used += "def conv2d(input, kernel, bias):\n    return uses.pop(0)()\n"
    for line, check in enumerate(run(server, used, tmp_path).checks[: len(USES)], 5):
        assert check.verdict is Verdict.not_allowed, used.splitlines()[line - 1]
        assert check.text == f"this exercise allows NumPy but not `{top}` (ex1.py, line {line})"


def test_a_placeholder_leads_nowhere(server: ForkServer, tmp_path: Path) -> None:
    program = """\
import cv2, matplotlib, numba

found = []
for thing in (cv2, cv2.imread, matplotlib, matplotlib.pyplot.show(), numba.njit()):
    for name in ("__dict__", "__globals__", "__builtins__", "__code__", "__closure__", "__self__", "__wrapped__"):
        if hasattr(thing, name):
            found.append(name)
    for name in ("os", "sys", "f_globals", "gi_frame", "tb_frame", "_name"):
        if type(getattr(thing, name)) not in (type(cv2), type(matplotlib), type(numba), str):
            found.append(name)
    thing.os = 3
    assert type(thing.os) is not int
    for name in ("__spec__", "__loader__"):
        if getattr(thing, name) is not None:
            found.append(name)


def conv2d(input, kernel, bias):
    raise LookupError(str(found))
"""
    assert "LookupError: []" in run(server, program, tmp_path).checks[0].text


HELPER = """\
import matplotlib.pyplot as plt
import numpy as np

1 / 0


def total(x):
    plt.imshow(x[0, 0])
    return x.sum(axis=(2, 3))
"""
USING = """\
import numpy as np
from helper import total


def conv2d(input, kernel, bias):
    return total(np.lib.stride_tricks.sliding_window_view(input, kernel.shape) * kernel) + bias
"""


def test_neighbours_are_loaded_statement_by_statement(server: ForkServer, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text(HELPER, encoding="utf-8")
    report = run(server, USING, tmp_path)
    assert report.score == 10
    assert report.notes == (
        "helper.py, line 4 stopped: ZeroDivisionError: division by zero; the function was graded all the same",
    )


def test_a_neighbour_that_never_ends_is_named(server: ForkServer, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("START = 0\n\nwhile True:\n    pass\n", encoding="utf-8")
    program = "from helper import START\n" + solution("ex1").replace("+ bias", "+ bias + START")
    report = run(server, program, tmp_path, "load_limit=0.2")
    assert report.score == 10
    assert report.notes == ("helper.py, line 3 stopped: no end after 0.2 s; the function was graded all the same",)


@pytest.mark.long
def test_endless_demo_through_the_command(grade: Grade, tmp_path: Path) -> None:
    (tmp_path / "ex1.py").write_text(f"{solution('ex1')}\n\nwhile True:\n    pass\n", encoding="utf-8")
    done = grade("ex1")
    assert done.code == 0
    assert "stopped: no end after 10 s; the function was graded all the same" in " ".join(done.out.split())


def test_names_of_a_module_that_is_not_there_are_known_in_all_cells(server: ForkServer, tmp_path: Path) -> None:
    cells = ["import numpy as np\nfrom public_tests import *", solution("ex1"), "check_conv(conv2d)\n1 / 0"]
    for used, score in (("return output", 10), ("return np.abs(scaled(output))", 0)):
        sources = [cell.replace("return output", used) for cell in cells]
        notebook = {"cells": [{"cell_type": "code", "source": source} for source in sources], "nbformat": 4}
        (tmp_path / "ex1.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        report = judged(lock_with(), find("ex1", str(tmp_path / "ex1.ipynb")), start=server.process)
        assert report.score == score
        if score:
            assert [note.partition(" stopped")[0] for note in report.notes] == [
                "ex1.ipynb cell 3, line 1",
                "ex1.ipynb cell 3, line 2",
            ]
        else:
            assert (
                "`scaled` is not defined here: check its spelling, or submit `public_tests.py`" in report.checks[0].text
            )
