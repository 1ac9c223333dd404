"""The zip for Dolos: one file per program, and an `info.csv` that names each, whatever its student is called."""

from __future__ import annotations

import csv
import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from grader.platforms.dolos import archive

PARTS = st.lists(st.tuples(st.text(max_size=8), st.text(max_size=30)), min_size=1, max_size=3)
PROGRAMS = st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20), PARTS), max_size=5)


def read(data: bytes) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the files of a zip and the rows of its `info.csv`, as Dolos reads them."""
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        files = {name: made.read(name).decode() for name in made.namelist()}
    return files, list(csv.DictReader(io.StringIO(files.pop("info.csv"), newline="")))


@given(PROGRAMS)
def test_each_file_has_a_row(programs: list[tuple[str, str, list[tuple[str, str]]]]) -> None:
    files, rows = read(archive(programs))
    assert [row["filename"] for row in rows] == list(files)
    assert len(files) == len(programs)
    assert all(name.endswith(".py") and name.isascii() and "/" not in name for name in files)
    assert archive(programs) == archive(programs)


def test_names_and_texts_are_those_of_the_students() -> None:
    parts = [("ex3.py", "import cut\n"), ("cut.py", "x = 1\n")]
    files, rows = read(archive([("../a,b", 'Ann "A" Roe', [("ex3.py", "x = 'ä'\n")]), ("7", "Bo, Jr", parts)]))
    assert files == {"0001-a-b.py": "x = 'ä'\n", "0002-7.py": "# ex3.py\nimport cut\n\n# cut.py\nx = 1\n"}
    assert rows == [
        {"filename": "0001-a-b.py", "full_name": 'Ann "A" Roe', "id": "../a,b"},
        {"filename": "0002-7.py", "full_name": "Bo, Jr", "id": "7"},
    ]
