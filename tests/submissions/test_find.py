from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import python

from grader.errors import GradeError
from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging.grade import grade
from grader.model.report import Report, Verdict
from grader.model.submission import Submission
from grader.submissions.find import find, here, locate
from grader.submissions.folder import MOST_MODULES, MOST_NOTES, MOST_TOTAL
from grader.submissions.notebook import MOST_ASIDE, read_notebook
from grader.submissions.plain import MOST_BYTES

pytestmark = pytest.mark.pythons  # files, notebook cells and syntax

PROGRAM = "def conv2d(input, kernel, bias):\n    return 0\n"
RIGHT = """\
def conv2d(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return total(windows * kernel) + bias
"""
TOTAL = "def total(products):\n    return products.sum(axis=(2, 3))\n"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def notebook(*cells: str | list[str] | tuple[str, str], **more: Any) -> str:
    """Write a notebook of code cells; a pair is a cell of another type and its text."""
    made = []
    for cell in cells:
        kind, source = cell if isinstance(cell, tuple) else ("code", cell)
        made.append({"cell_type": kind, "metadata": {}, "source": source})
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


def from_notebook(*cells: str | list[str] | tuple[str, str]) -> Submission:
    Path("ex1.ipynb").write_text(notebook(*cells), encoding="utf-8")
    return find("ex1")


def graded(submission: Submission) -> Report:
    return grade(read_lock(pack_folder(), "ex1"), submission)


def test_program_is_read_with_its_name_and_student() -> None:
    Path("ex1.py").write_text(PROGRAM, encoding="utf-8")
    submission = find("ex1", student="s1")
    assert (submission.kind, submission.path, submission.student) == ("python", "ex1.py", "s1")
    assert submission.exercise == "ex1"
    assert submission.cells == (("ex1.py", PROGRAM),)
    assert (submission.modules, submission.notes, submission.refused) == ((), (), "")


def test_python_file_goes_before_notebook_and_folder() -> None:
    Path("ex1").mkdir()
    Path("ex1/ex1.py").write_text(PROGRAM, encoding="utf-8")
    assert find("ex1").kind == "folder"
    Path("ex1.ipynb").write_text(notebook(PROGRAM), encoding="utf-8")
    assert find("ex1").kind == "notebook"
    Path("ex1.py").write_text(PROGRAM, encoding="utf-8")
    assert find("ex1").kind == "python"


def test_here_lists_the_exercises_that_have_a_file() -> None:
    Path("ex1.py").touch()
    Path("ex3").mkdir()
    Path("ex10.ipynb").touch()
    assert here(["ex0", "ex1", "ex2", "ex3", "ex10"]) == ["ex1", "ex3", "ex10"]


def test_byte_order_mark_is_no_part_of_the_program() -> None:
    Path("ex1.py").write_bytes(b"\xef\xbb\xbf" + PROGRAM.encode())
    assert find("ex1").cells == (("ex1.py", PROGRAM),)


def _not_utf8(path: Path) -> None:
    path.write_bytes("x = 1\ny = 'Größe'\n".encode("latin-1"))


def _utf16(path: Path) -> None:
    path.write_bytes(PROGRAM.encode("utf-16"))


def _nul(path: Path) -> None:
    path.write_bytes(b"x = 1\0\n")


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ex1.py", PROGRAM)


def _large(path: Path) -> None:
    path.touch()
    os.truncate(path, 100 << 20)


def _one_byte_too_large(path: Path) -> None:
    path.write_bytes(b"#" * (MOST_BYTES + 1))


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere.py")


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _zero_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


REFUSED: list[tuple[Callable[[Path], None], str]] = [
    (_not_utf8, "ex1.py is not UTF-8 (line 2): open it in your editor and save it as UTF-8"),
    (_utf16, "ex1.py is not UTF-8 (line 1): open it in your editor and save it as UTF-8"),
    (_nul, "ex1.py holds NUL bytes, so it is not text: save it as UTF-8"),
    (_zip, "ex1.py is a zip archive: unpack it, and submit the program in it"),
    (_large, "ex1.py has 102400 KiB; a program may have at most 1024 KiB"),
    (_one_byte_too_large, "ex1.py has 1024 KiB; a program may have at most 1024 KiB"),
    (os.mkfifo, "ex1.py is not a regular file, so it cannot hold a program"),
    (_zero_device, "ex1.py is not a regular file, so it cannot hold a program"),
    (_dangling, "ex1.py cannot be read: No such file or directory"),
    (_loop, "ex1.py cannot be read: Too many levels of symbolic links"),
    (os.mkdir, "ex1.py holds no program: no .py file and no notebook (found: nothing)"),
]


@pytest.mark.parametrize("make, says", REFUSED, ids=[make.__name__ for make, _ in REFUSED])
@pytest.mark.parametrize("path", [None, "ex1.py"])
def test_what_is_no_program_is_refused(make: Callable[[Path], None], says: str, path: str | None) -> None:
    make(Path("ex1.py"))
    descriptors = len(os.listdir("/proc/self/fd"))
    submission = find("ex1", path)
    assert submission.refused == says
    assert submission.cells == ()
    assert submission.path == "ex1.py"
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_file_that_may_not_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:  # root may read everything, so that no mode of a file would do
        raise PermissionError(13, "Permission denied")

    Path("ex1.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.setattr(os, "open", denied)
    assert find("ex1").refused == "ex1.py cannot be read: Permission denied"


def test_program_of_the_largest_size_is_read() -> None:
    Path("ex1.py").write_bytes(b"#" * MOST_BYTES)
    assert find("ex1").refused == ""


def test_refused_program_is_missing_in_every_case() -> None:
    Path("ex1.py").write_bytes(b"\xff")
    report = graded(find("ex1"))
    assert {check.verdict for check in report.checks} == {Verdict.missing}
    assert report.checks[0].text.startswith("ex1.py is not UTF-8 (line 1)")
    assert report.score == 0


def test_nothing_here_is_refused_with_the_way_to_begin(tmp_path: Path) -> None:
    submission = find("ex1")
    assert submission.refused.endswith("`grade start ex1` writes a template")
    assert submission.refused.startswith(f"there is no ex1.py (or .ipynb) in {tmp_path}"[:60])


def test_nothing_here_but_a_near_name() -> None:
    Path("Ex1.py").touch()
    assert find("ex1").refused.endswith("there is `Ex1.py`: `grade ex1 Ex1.py` grades it")


def test_another_exercises_file_is_not_what_was_meant() -> None:
    Path("ex2.py").touch()
    Path("ex11.py").touch()
    assert find("ex1").refused.endswith("`grade start ex1` writes a template")
    Path("ex1 (2).py").touch()
    assert find("ex1").refused.endswith("there is `ex1 (2).py`: `grade ex1 'ex1 (2).py'` grades it")


@pytest.mark.parametrize(
    "path, help",
    [
        ("exl.py", "did you mean `ex1.py`?"),
        ("sub/EX1.PY", "did you mean `ex1.py`?"),
        ("nowhere/ex1.py", "give the path of a .py file, a notebook or a folder"),
        ("", "give the path of a .py file, a notebook or a folder"),
        ("ex1.py\0", "did you mean `ex1.py`?"),
        ("ex1.py/more", "give the path of a .py file, a notebook or a folder"),
    ],
)
def test_path_that_does_not_exist_is_the_callers_fault(path: str, help: str) -> None:
    Path("sub").mkdir()
    for folder in (".", "sub"):
        Path(folder, "ex1.py").write_text(PROGRAM, encoding="utf-8")
    with pytest.raises(GradeError) as raised:
        find("ex1", path)
    assert raised.value.exit_code == 2
    (problem,) = raised.value.problems
    assert problem.help == help
    assert "\0" not in str(problem)


def test_file_names_are_cleaned_of_control_characters() -> None:
    name = "a\x1b[2J\n::error::\u202e.py"
    Path(name).write_text(PROGRAM, encoding="utf-8")
    submission = find("ex1", name)
    assert submission.path == submission.cells[0][0] == "a\\x1b[2J : :error::\\u202e.py"


def test_file_name_that_is_no_text_is_cleaned() -> None:
    name = os.fsdecode(b"a\xff.py")
    Path(name).write_text(PROGRAM, encoding="utf-8")
    submission = find("ex1", name)
    assert submission.path == submission.cells[0][0] == "a\\udcff.py"
    assert graded(submission).checks[0].text.startswith("the result is a single number")


def test_missing_path_is_cleaned_of_control_characters() -> None:
    Path("ex\x1b1.py").touch()
    with pytest.raises(GradeError, match=r"\Athere is no `ex\\x1b2\.py`\nhelp: did you mean `ex\\x1b1\.py`\?\Z"):
        find("ex1", "ex\x1b2.py")


# folders


def test_folder_with_the_exercises_file_and_others() -> None:
    Path("sub").mkdir()
    for name in ("aaa.py", "ex1.py", "ex1.ipynb"):
        Path("sub", name).write_text(f"# {name}\n", encoding="utf-8")
    submission = find("ex1", "sub")
    assert submission.kind == "folder"
    assert submission.path == "sub"
    assert submission.cells == (("ex1.py", "# ex1.py\n"),)


def test_folder_with_one_program_of_any_name() -> None:
    Path("sub").mkdir()
    Path("sub/answer.py").write_text(PROGRAM, encoding="utf-8")
    Path("sub/notes.txt").write_text("x", encoding="utf-8")
    assert find("ex1", "sub").cells == (("answer.py", PROGRAM),)


def test_folder_with_one_program_that_shouts() -> None:
    Path("sub").mkdir()
    Path("sub", "EX1.PY").write_text(PROGRAM, encoding="utf-8")
    assert find("ex1", "sub").cells == (("EX1.PY", PROGRAM),)


def test_folder_without_a_program_says_what_is_there() -> None:
    Path("notes.txt").touch()
    assert find("ex1", ".").refused == "this folder holds no program: no .py file and no notebook (found: notes.txt)"


def test_folder_with_one_notebook() -> None:
    Path("ex1").mkdir()
    Path("ex1/ex1.ipynb").write_text(notebook(PROGRAM), encoding="utf-8")
    submission = find("ex1")
    assert submission.kind == "notebook"
    assert submission.cells[0][0] == "ex1.ipynb cell 1"


def test_folder_with_two_programs_is_refused() -> None:
    Path("sub").mkdir()
    for name in ("one.py", "two.py"):
        Path("sub", name).write_text(PROGRAM, encoding="utf-8")
    assert find("ex1", "sub").refused == "sub holds several programs (one.py, two.py); name the one to grade ex1.py"


def test_folder_whose_program_is_a_folder_is_refused() -> None:
    Path("sub/ex1.py").mkdir(parents=True)
    descriptors = len(os.listdir("/proc/self/fd"))
    assert find("ex1", "sub").refused == "ex1.py is not a regular file, so it cannot hold a program"
    assert len(os.listdir("/proc/self/fd")) == descriptors


# notebooks


def test_notebook_is_its_code_cells_in_order() -> None:
    submission = from_notebook(("markdown", "# Title"), "a = 1", ("raw", "b"), ["c = 2\n", "d = 3"], "")
    assert submission.kind == "notebook"
    assert submission.cells == (
        ("ex1.ipynb cell 1", "a = 1"),
        ("ex1.ipynb cell 2", "c = 2\nd = 3"),
        ("ex1.ipynb cell 3", ""),
    )


def test_line_that_goes_on_with_a_percent_sign_is_no_magic() -> None:
    submission = from_notebook("import numpy as np", "size = (\n    7\n    % 4\n)", TOTAL, RIGHT)
    assert submission.cells[1][1] == "size = (\n    7\n    % 4\n)"


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile notes.txt", "%%javascript"])
def test_cells_of_another_language_are_left_out(magic: str) -> None:
    submission = from_notebook("x = 1", f"{magic}\necho 1", "y = 2")
    assert submission.cells == (("ex1.ipynb cell 1", "x = 1"), ("ex1.ipynb cell 3", "y = 2"))


@pytest.mark.parametrize("magic", ["%%time", "%%capture out"])
def test_cells_of_python_under_a_magic_are_run(magic: str) -> None:
    report = graded(from_notebook("import numpy as np", TOTAL, f"{magic}\n{RIGHT}"))
    assert report.passed


def test_files_that_a_cell_writes_are_modules() -> None:
    Path("helper.py").write_text("old = 1\n", encoding="utf-8")
    Path("deeper.py").write_text("x = 1\n", encoding="utf-8")
    submission = from_notebook(
        "%%writefile helper.py\nimport deeper\n", "%%writefile -a ./helper.py\ny = 2", "import helper"
    )
    assert submission.cells == (("ex1.ipynb cell 3", "import helper"),)
    assert submission.modules == (("deeper.py", "x = 1\n"), ("helper.py", "import deeper\ny = 2"))


PICTURES = {
    "text": '"' + "A" * 3_000_000 + '"',
    "many": "[" + ",".join(["0.5"] * 500_000) + "]",
    "not a number": '[NaN, "' + "A" * 3_000_000 + '"]',
    "half a character": '"\\ud800"',
}


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES)
def test_saved_outputs_do_not_count(data: str) -> None:
    text = notebook(PROGRAM).replace('"metadata": {}, "source"', f'"outputs": [{{"data": {data}}}], "source"', 1)
    Path("ex1.ipynb").write_text(text, encoding="utf-8")
    assert find("ex1").cells == (("ex1.ipynb cell 1", PROGRAM),)


PEAK = """
import re
from grader.submissions.find import find
assert find("ex1").cells
# getrusage would count what the process had before it became this one
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) >> 10)
"""


def test_a_hundred_megabytes_of_pictures_are_read_in_bounded_memory() -> None:
    whole = notebook(PROGRAM).replace('"metadata": {}, "source"', '"outputs": ["@"], "source"', 1)
    before, after = whole.split("@")
    with Path("ex1.ipynb").open("w", encoding="utf-8") as file:
        file.write(before)
        file.writelines("A" * 1_000_000 for _ in range(100))
        file.write(after)
    done = subprocess.run(python("-c", PEAK), capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100 + 100  # MiB: the file once, and the interpreter


@pytest.mark.parametrize(
    "data",
    ["[NaN," + ",".join(["[]"] * 2_000_000) + "]", '[NaN, "' + '\\"' * 2_000_000 + '"]'],
    ids=["200 MiB as objects", "200 MiB for a pattern that repeats a group"],
)
def test_outputs_that_are_nearly_json_are_read_in_bounded_memory(data: str) -> None:
    text = notebook(PROGRAM).replace('"metadata": {}, "source"', f'"outputs": [{data}], "source"', 1)
    Path("ex1.ipynb").write_text(text, encoding="utf-8")
    done = subprocess.run(python("-c", PEAK), capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100


@pytest.mark.parametrize("data", ['"' + '\\"' * 1_000_000, '"' + '","' * 2_000_000 + '", NaN', "\\" * 30_000_000])
def test_what_is_not_json_is_refused_in_linear_time(data: str) -> None:
    """A pattern that begins again at each quote of a string without an end would take hours."""
    Path("ex1.ipynb").write_text('{"cells": [' + data, encoding="utf-8")
    assert find("ex1").refused.startswith(("ex1.ipynb is not a readable notebook", "ex1.ipynb is not valid JSON"))


PIECES = {  # what stands in a list of 4 million short texts, or of as many cells, takes hundreds of megabytes
    "text": ('{"cells": [{"cell_type": "markdown", "source": [', '"ab",' * 4_000_000, '"ab"]}]}', ""),
    "code": ('{"cells": [{"cell_type": "code", "source": [', '"ab",' * 4_000_000, '"ab"]}]}', "1024 KiB"),
    "cells": (
        '{"cells": [',
        '{"cell_type":"code","source":""},' * 10_000,
        '{"cell_type":"raw","source":""}]}',
        "cells",
    ),
    "objects": ('{"cells": [], "metadata": [', "{}," * 600_000, "{}]}", "objects: clear its outputs"),
}


@pytest.mark.parametrize("before, many, last, refused", PIECES.values(), ids=PIECES)
def test_a_notebook_of_many_small_pieces_is_read_in_bounded_memory(
    before: str, many: str, last: str, refused: str
) -> None:
    Path("ex1.ipynb").write_text(before + many + last, encoding="utf-8")
    script = PEAK.replace('assert find("ex1").cells', f"assert {refused!r} in find('ex1').refused")
    done = subprocess.run(python("-c", script), capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100


def test_halves_of_characters_and_numbers_in_code_stay_what_they_are() -> None:
    source = r'"a = NaN, \"-Infinity\", \\ud800, \ud83d\ude00, \ud83d"'
    text = notebook("@").replace('"@"', source).replace('"metadata": {}', '"metadata": {"x": [NaN, -Infinity]}', 1)
    Path("ex1.ipynb").write_text(text, encoding="utf-8")
    assert find("ex1").cells == (("ex1.ipynb cell 1", 'a = NaN, "-Infinity", \\ud800, \U0001f600, ?'),)


def test_code_of_a_notebook_counts() -> None:
    assert "the code of ex1.ipynb has more than 1024 KiB" in from_notebook("x = 1\n" * 200_000).refused


def test_text_cells_with_a_function_are_kept_aside() -> None:
    submission = from_notebook(
        ("markdown", "# Title"), "a = 1", ("markdown", PROGRAM), ("raw", "x" * MOST_ASIDE + PROGRAM)
    )
    assert submission.aside == (("cell 3", PROGRAM),)


def test_notebook_with_a_failing_cell_and_a_helper_in_another() -> None:
    cells = ("%matplotlib inline\nimport numpy as np", "1 / 0", TOTAL, ("markdown", "text"), RIGHT, "conv2d(1)")
    report = graded(from_notebook(*cells))
    assert report.passed


def test_statements_below_one_that_fails_are_run() -> None:
    report = graded(from_notebook("import numpy as np", TOTAL, "x = 1\n1 / 0\n" + RIGHT))
    assert report.passed
    assert report.notes == (
        "ex1.ipynb cell 3, line 2 stopped: ZeroDivisionError: division by zero; the function was graded all the same",
    )


def test_notebook_whose_cell_with_the_function_is_not_python() -> None:
    report = graded(from_notebook("import numpy as np", TOTAL, "x = 1\n1 1\n" + RIGHT))
    assert report.checks[0].text.startswith("syntax error in ex1.ipynb cell 3, line 2: invalid syntax")
    assert {check.verdict for check in report.checks} == {Verdict.runtime_error}


def test_magics_run_what_they_run_in_a_notebook() -> None:
    cells = (
        "%%writefile helper.py\nZERO = 0",
        "%run helper.py",
        "%time ONE = 1\n%timeit -n 1 f(3)\nfiles = !ls\nassert len(files) == 0\nnp?",
        "import asyncio\n\nasync def two():\n    await asyncio.sleep(0)\n    return 2\n",
        "a, b = await asyncio.gather(two(), two())\nawait asyncio.sleep(0.01)",
        "from helper import ZERO as zero\nif __name__ == '__main__':\n    assert get_ipython()\n    FOUR = a + b",
        "%%capture out\nimport numpy as np\ndisplay(np)\nprint(out)\nfrom __future__ import annotations",
        "def annotated(x: Unknown): pass",
        TOTAL,
        RIGHT.replace("+ bias", "+ bias * ONE + ZERO + zero + FOUR - 4"),
    )
    report = graded(from_notebook(*cells))
    assert report.passed
    assert [note.partition(" stopped")[0] for note in report.notes] == ["ex1.ipynb cell 3, line 2"]  # no `f`


def test_notebooks_that_are_run_come_along() -> None:
    for name, source in {"other": "%matplotlib inline\n" + TOTAL, "unused": "1 / 0"}.items():
        Path(f"{name}.ipynb").write_text(notebook("import numpy as np", source), encoding="utf-8")
    submission = from_notebook("%run ./other.ipynb\nimport unused", RIGHT)
    assert [name for name, _ in submission.modules] == ["other.ipynb"]
    report = graded(submission)
    assert report.passed
    assert not report.notes
    Path("other.ipynb").unlink()
    assert graded(from_notebook("%run other.ipynb", RIGHT)).notes == (
        "ex1.ipynb cell 1, line 1 stopped: FileNotFoundError: `other.ipynb` is not here: submit it too",
    )
    Path("other.ipynb").write_text("{", encoding="utf-8")
    assert from_notebook("%run other.ipynb", RIGHT).notes == (
        "left out: other.ipynb is not a readable notebook: save it again from Jupyter (format 4)",
    )


def test_function_in_a_text_cell_is_pointed_to() -> None:
    report = graded(from_notebook("import numpy as np", ("markdown", RIGHT)))
    assert report.checks[0].text.endswith("but cell 2 holds one and is a text cell: change its type to Code")


def test_help_is_no_function() -> None:
    report = graded(from_notebook("x = 1"))
    assert "write `def conv2d(input, kernel, bias):`" in report.checks[0].text


def test_notebook_with_half_a_character_is_graded() -> None:
    report = graded(from_notebook("import numpy as np", 'odd = "\ud800"', TOTAL, RIGHT))
    assert len(report.checks) == 66


BROKEN = {
    "empty": "",
    "not JSON": "{cells: []}",
    "a list": "[]",
    "a number": "1",
    "null": "null",
    "no cells": '{"metadata": {}}',
    "cells is a number": '{"cells": 5}',
    "cells is null": '{"cells": null}',
    "cells is text": '{"cells": "code"}',
    "cells hold numbers": '{"cells": [1]}',
    "cells hold null": '{"cells": [null]}',
    "a cell without source": '{"cells": [{"cell_type": "code"}]}',
    "a cell without type": '{"cells": [{"source": "x"}]}',
    "source is a number": '{"cells": [{"cell_type": "code", "source": 5}]}',
    "source is null": '{"cells": [{"cell_type": "code", "source": null}]}',
    "source holds numbers": '{"cells": [{"cell_type": "code", "source": ["x", 5]}]}',
    "format 3": '{"nbformat": 3, "worksheets": [{"cells": []}]}',
    "deeply nested": '{"cells": ' + "[" * 200_000 + "]" * 200_000 + "}",
    "deeply nested and open": "[" * 500_000,
    "a huge number": '{"cells": ' + "9" * 100_000 + "}",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_broken_notebook_is_refused(text: str) -> None:
    Path("ex1.ipynb").write_text(text, encoding="utf-8")
    says = "ex1.ipynb is not a readable notebook: save it again from Jupyter (format 4)"
    assert find("ex1").refused == says


def test_notebook_without_code_has_no_function() -> None:
    report = graded(from_notebook(("markdown", RIGHT)))
    assert report.checks[0].verdict is Verdict.missing
    assert "there is no function `conv2d`" in report.checks[0].text


# modules beside a program


def test_neighbours_that_are_named_come_along_with_theirs() -> None:
    files = {
        "ex1.py": "import helper\nfrom layers.conv import scale\n",
        "helper.py": "import deeper\n",
        "deeper.py": "",
        "unused.py": "",
        "layers/__init__.py": "",
        "layers/conv.py": "scale = 1\n",
        "layers/ex1.py": "",
        "layers/parts/__init__.py": "",
        "layers/parts/one.py": "",
        "nopackage/helper.py": "",
        "not-a-name.py": "",
    }
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    submission = find("ex1")
    assert dict(submission.modules) == {
        name: files[name]
        for name in (
            "deeper.py",
            "helper.py",
            "layers/__init__.py",
            "layers/conv.py",
            "layers/ex1.py",
            "layers/parts/__init__.py",
            "layers/parts/one.py",
        )
    }
    assert [name for name, _ in submission.modules] == sorted(name for name, _ in submission.modules)
    assert submission.notes == ()


def test_packages_are_followed_to_a_fixed_depth_and_not_through_links() -> None:
    Path("ex1.py").write_text("import p\nimport q\n", encoding="utf-8")
    folder = Path("p")
    for _ in range(6):
        folder.mkdir()
        (folder / "__init__.py").touch()
        folder = folder / "p"
    (Path("p") / "q").symlink_to("..")
    Path("q").symlink_to("p")
    assert [name for name, _ in find("ex1").modules] == ["p/__init__.py", "p/p/__init__.py", "p/p/p/__init__.py"]


def _folder(path: Path) -> None:
    path.mkdir()


LEFT_OUT: list[tuple[Callable[[Path], None], str]] = [
    (_one_byte_too_large, "left out: helper.py has 1024 KiB; a program may have at most 1024 KiB"),
    (_not_utf8, "left out: helper.py is not UTF-8 (line 2): open it in your editor and save it as UTF-8"),
    (os.mkfifo, "left out: helper.py is not a regular file, so it cannot hold a program"),
    (_folder, "left out: helper.py is not a regular file, so it cannot hold a program"),
    (_dangling, "left out: helper.py cannot be read: No such file or directory"),
]


@pytest.mark.parametrize("make, note", LEFT_OUT, ids=[make.__name__ for make, _ in LEFT_OUT])
def test_module_that_cannot_be_read_is_left_out_with_a_note(make: Callable[[Path], None], note: str) -> None:
    Path("ex1.py").write_text("import helper\n" + PROGRAM, encoding="utf-8")
    make(Path("helper.py"))
    submission = find("ex1")
    assert submission.modules == ()
    assert submission.notes == (note,)
    assert submission.refused == ""


def test_too_many_modules_are_left_out_with_a_note() -> None:
    names = [f"m{i:03}" for i in range(MOST_MODULES + 20)]
    Path("ex1.py").write_text("".join(f"import {name}\n" for name in names), encoding="utf-8")
    for name in names:
        Path(f"{name}.py").touch()
    submission = find("ex1")
    assert [name for name, _ in submission.modules] == [f"{name}.py" for name in names[:MOST_MODULES]]
    assert any(note.startswith("left out: ") for note in submission.notes)


def test_modules_of_too_much_text_are_left_out_with_a_note() -> None:
    """All of it is piped to the process before its clock runs: one student's could stop a class."""
    names = [f"m{i}" for i in range(8)]
    Path("ex1.py").write_text("".join(f"import {name}\n" for name in names), encoding="utf-8")
    for name in names:
        Path(f"{name}.py").write_text("#" * MOST_BYTES, encoding="utf-8")
    submission = find("ex1")
    assert sum(len(source) for _, source in (*submission.cells, *submission.modules)) <= MOST_TOTAL
    assert submission.notes == ("left out: m3.py and more: the limit is 4 MiB for all modules",)


def test_notes_on_what_was_left_out_do_not_fill_a_report() -> None:
    names = [f"m{i:03}" for i in range(MOST_NOTES + 5)]
    Path("ex1.py").write_text("".join(f"import {name}\n" for name in names), encoding="utf-8")
    for name in names:
        Path(f"{name}.py").symlink_to("/dev/null")
    notes = find("ex1", "ex1.py", own=False).notes
    assert len(notes) == MOST_NOTES + 1
    assert notes[0] == "left out: m000.py is a link; submit the file itself"
    assert notes[-1] == "left out: and 5 more files"


@pytest.mark.parametrize("name", ["_x", "größe", "हिसाब", "m1"])
def test_module_is_found_by_its_whole_name(name: str) -> None:
    Path("ex1.py").write_text(f"from {name} import*\n", encoding="utf-8")
    Path(f"{name}.py").touch()
    Path(f"{name[:-1] or 'a'}.py").touch()
    assert find("ex1").modules == ((f"{name}.py", ""),)


def test_module_in_a_folder_of_many_programs_is_found() -> None:
    for number in range(MOST_MODULES + 20):
        Path(f"student{number:03}.py").touch()
    Path("ex1.py").write_text("import utils\n" + PROGRAM, encoding="utf-8")
    Path("utils.py").touch()
    submission = find("ex1")
    assert submission.modules == (("utils.py", ""),)
    assert submission.notes == ()


# identity


def test_id_is_of_the_content_and_not_of_the_place() -> None:
    for folder in ("one", "two"):
        Path(folder).mkdir()
        Path(folder, "ex1.py").write_text("import helper\n" + PROGRAM, encoding="utf-8")
        Path(folder, "helper.py").write_text("x = 1\n", encoding="utf-8")
    ids = [find("ex1", path, student).id for path in ("one", "two/ex1.py") for student in ("a", "b")]
    assert len(set(ids)) == 1
    assert len(ids[0]) == 16
    Path("two/helper.py").write_text("x = 2\n", encoding="utf-8")
    assert find("ex1", "two").id != ids[0]


def test_id_tells_where_a_file_ends() -> None:
    first = from_notebook("a\n", "b").id
    assert first == from_notebook("a\n", "b").id
    assert first != from_notebook("a\nb").id
    assert first != from_notebook("a", "\nb").id


def test_nothing_of_a_program_is_run_while_it_is_read() -> None:
    Path("ex1.py").write_text("import helper\nimport sys\nsys.submitted = True\n", encoding="utf-8")
    Path("helper.py").write_text("import sys\nsys.submitted = True\n", encoding="utf-8")
    find("ex1")
    assert not hasattr(sys, "submitted")
    assert "helper" not in sys.modules


LONG = [" " * 200_000 + "x", "a, " * 60_000, "a." * 100_000 + "!", "a." * 100_000 + "?", " \t" * 100_000 + "x?"]
LONG += [
    '"""' + "a\\'" * 80_000 + "\\",
    "x = '" + "ab" * 80_000 + "\\",
    ">>> x\n" + "\n" * 200_000,
    "%a \\\n" * 40_000,
]


@pytest.mark.parametrize("line", LONG, ids=range(len(LONG)))
def test_a_long_cell_is_soon_read(line: str) -> None:
    """What tries every place of a long line at every place goes on for hours, with the whole class waiting."""
    assert read_notebook("n", notebook(line).encode()).cells


@pytest.mark.parametrize(
    "source, line",
    [
        (PROGRAM, 1),
        (f"# conv2d\n\n{PROGRAM}", 3),
        (f"{PROGRAM}\n\n{PROGRAM}", 5),  # the last one counts
        ("conv2d = lambda input, kernel, bias: 0\n", 1),
        ("async  def  conv2d(input): ...\n", 1),
        ("if conv2d == 1:\n    pass\nconv2d == 2\n", 0),
        ("class A:\n    def conv2d(self): ...\n", 0),
        ("def conv2dx(): ...\nconv2d_ = 1\n", 0),
        ("", 0),
    ],
)
def test_the_line_of_the_function(source: str, line: int) -> None:
    Path("ex1.py").write_text(source, encoding="utf-8")
    assert locate(find("ex1"), "conv2d") == ("ex1.py", line)


def test_the_place_of_a_function_elsewhere() -> None:
    Path("home/ex1").mkdir(parents=True)
    Path("home/ex1/ex1.py").write_text("from parts import conv2d\n", encoding="utf-8")
    Path("home/ex1/parts.py").write_text(f"\n{PROGRAM}", encoding="utf-8")
    assert locate(find("ex1", "home/ex1"), "conv2d") == ("home/ex1/parts.py", 2)
    assert locate(find("ex1", "home/ex1/ex1.py"), "conv2d") == ("home/ex1/parts.py", 2)
    assert locate(find("ex1", "home/ex1"), "other") == ("home/ex1/ex1.py", 0)


@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("value", [0, float("nan")], ids=["json", "jupyter"])
@pytest.mark.parametrize("magic", ["", "%%time\n"])
def test_the_line_of_a_notebook_is_where_its_file_holds_the_function(
    start: str, end: str, value: float, magic: str
) -> None:
    text = f"{magic}import numpy as np\n\ndef conv2d(a):  # Faltung, gleitend: ä\n    return a\n"
    shown = [{"output_type": "stream", "text": text.splitlines(True), "value": value}]
    cells = [
        {"cell_type": kind, "outputs": shown, "source": source.splitlines(True)}
        for kind, source in (
            ("markdown", text),
            ("code", "def conv2d(a):\n    pass"),
            ("code", ""),
            ("code", text.replace("return a", "return a + 1  # the last, which counts")),
            ("code", "conv2d(1)"),
        )
    ]
    stored = start + json.dumps({"cells": cells, "nbformat": 4}, indent=1, ensure_ascii=False)
    Path("ex1.ipynb").write_bytes(stored.replace("\n", end).encode())
    file, line = locate(find("ex1"), "conv2d")
    found = stored.split("\n")[line - 1 : line + 1]
    assert (file, [part.strip()[:12] for part in found]) == ("ex1.ipynb", ['"def conv2d(', '"    return '])
    assert "the last" in found[1]


def test_a_notebook_on_one_line_has_no_lines_and_what_is_not_there_is_named_all_the_same() -> None:
    assert locate(from_notebook(PROGRAM), "conv2d") == ("ex1.ipynb", 0)
    Path("ex1.ipynb").write_text(json.dumps(json.loads(notebook(PROGRAM)), indent=1), encoding="utf-8")
    assert locate(find("ex1"), "conv2d") == ("ex1.ipynb", 0)  # a cell is one text
    os.mkdir("home")
    os.rename("ex1.ipynb", "home/ex1.ipynb")
    assert locate(find("ex1", "home"), "conv2d") == ("home/ex1.ipynb", 0)
    assert locate(find("ex2"), "conv2d") == ("ex2.py", 0)


def test_a_folder_that_may_not_be_looked_into_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    Path("ex1").mkdir(mode=0o444)
    root = os.geteuid() == 0
    if root:  # to whom no folder is closed
        os.seteuid(65534)
    try:
        found = find("ex1", "ex1")
    finally:
        if root:
            os.seteuid(0)
    assert found.refused == "ex1 cannot be read: Permission denied"
