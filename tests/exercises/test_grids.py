"""Files of a pack that hold the inputs of a case: arrays and pictures, and what is refused instead of read."""

from __future__ import annotations

import io
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import DATA

from grader.errors import GradeError
from grader.exercises.grids import png
from grader.exercises.parse import read

SPEC = """\
format: 1
id: ex1
title: Product
op: mul
function: mul(a, b)
points: 10
cases:
  - name: one
    a: FILE
    b: [[1]]
"""


def grid(folder: Path, name: str) -> Any:
    """Return the grid that a file gives to a case of any operator."""
    (folder / "ex1.yaml").write_text(SPEC.replace("FILE", name), encoding="utf-8")
    return read(folder / "ex1.yaml")[0].cases[0].inputs["a"]


@pytest.mark.parametrize("name", ["grey", "rgb", "rgba"])
def test_a_picture_is_read_as_other_programs_read_it(name: str, tmp_path: Path) -> None:
    """Pillow wrote these files, with four of the format's five filters, from these cells."""
    row, column, channel = np.meshgrid(*map(np.arange, (24, 16, len(name))), indexing="ij")
    smooth, rough = (
        (5 * row + 3 * column + 40 * channel) % 256,
        (row**2 * 7 + column**2 * row * 13 + channel * 40) % 256,
    )
    cells = np.where((row // 4) % 2 == 0, smooth, rough)
    expected = cells[..., 0] if name == "grey" else np.moveaxis(cells[..., :3], -1, 0)
    shutil.copy(DATA / "pictures" / f"{name}.png", tmp_path)
    assert np.array_equal(png((tmp_path / f"{name}.png").read_bytes()), expected)


def picture(rows: bytes, header: bytes = bytes.fromhex("00000003 00000002 08 00 00 00 00")) -> bytes:
    """Return a PNG of 2×3 grey pixels."""
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    body = [len(it).to_bytes(4, "big") + name + it + zlib.crc32(name + it).to_bytes(4, "big") for name, it in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def test_the_filter_that_averages() -> None:
    """The second row is 40, 50, 61: each less the half of its left and upper neighbours, (0 + 10) // 2 and so on."""
    assert png(picture(bytes([0, 10, 20, 30, 3, 35, 20, 21]))).tolist() == [[10, 20, 30], [40, 50, 61]]


def saved(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def zipped(array: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, array)
    return file.getvalue()


WHOLE = picture(bytes(8))
NOT_READ = {
    "objects.npy": (saved(np.array([print], dtype=object)), "is not an array of numbers"),
    "zip.npy": (zipped(np.zeros(3)), "is not an array of numbers"),
    "text.npy": (b"1 2 3", "is not an array of numbers"),
    "short.npy": (saved(np.zeros((9, 9)))[:-8], "is not an array of numbers"),
    "complex.npy": (saved(np.array([1j])), "holds values of dtype complex128, not real numbers"),
    "nan.npy": (saved(np.array([1, np.nan])), "holds a value that is not finite"),
    "large.npy": (saved(np.zeros(5001)), "has more than 5000 cells"),
    "huge.npy": (saved(np.zeros((300, 500))), "has more than 1024 KiB"),
    "empty.npy": (saved(np.zeros((0, 3))), "is empty"),
    "text.png": (b"GIF89a", "is not a PNG picture"),
    "damaged.png": (WHOLE.replace(b"IDAT", b"IDAX"), "is a damaged PNG"),
    "cut.png": (WHOLE[:40], "is a damaged PNG"),
    "fewer.png": (picture(bytes(7)), "is a PNG with too few or too many rows"),
    "more.png": (picture(bytes(9)), "is a PNG with too few or too many rows"),
    "filter.png": (picture(bytes([9] * 8)), "is a PNG with an unknown filter"),
    "bomb.png": (picture(bytes(99), b"\xff" * 8 + bytes([8, 0, 0, 0, 0])), "has more than 5000 cells"),
    "deep.png": (picture(bytes(8), bytes.fromhex("00000003 00000002 10 00 00 00 00")), "other than 8 bits"),
    "palette.png": ((DATA / "pictures" / "palette.png").read_bytes(), "is a PNG with a palette"),
}


@pytest.mark.parametrize("name", NOT_READ)
def test_a_file_that_is_no_grid_is_refused(name: str, tmp_path: Path) -> None:
    data, says = NOT_READ[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(GradeError) as caught:
        grid(tmp_path, name)
    [problem] = caught.value.problems
    assert problem.place == f"{tmp_path}/ex1.yaml:9:8"
    assert f"`{name}` " in problem.says
    assert says in problem.says
    assert problem.help


def test_a_link_out_of_the_pack_is_refused(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (tmp_path / "secret.npy").write_bytes(saved(np.zeros((1, 1))))
    (pack / "linked.npy").symlink_to("../secret.npy")
    with pytest.raises(GradeError, match="is a link to a file outside of the folder of the pack"):
        grid(pack, "linked.npy")
    (pack / "own.npy").write_bytes(saved(np.ones((1, 1))))
    (pack / "linked.npy").unlink()
    (pack / "linked.npy").symlink_to("own.npy")
    assert grid(pack, "linked.npy") == [[1]]
