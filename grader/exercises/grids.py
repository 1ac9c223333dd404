"""The grids of a spec: nested lists of numbers, or a file of the pack that holds them (`.npy`, `.png`)."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np

from grader.exercises.cases import CELLS, plain_nested
from grader.exercises.pack import digest, file_of
from grader.exercises.yaml import Keys, Spec, word
from grader.numbers import NotNumbers, from_nested, to_nested
from grader.ops.base import Array

FILES = (".npy", ".png")
SMALLER = "make it smaller: a few cells show as much"
CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # of a PNG's colour types: grey, RGB, and both with transparency
BEFORE_DATA = b"\x89PNG\r\n\x1a\n"


def read_grid(spec: Spec, path: Keys, value: Any, gaps: bool = False) -> Any:
    """Return nested numbers, or None where they are not; with `gaps`, `~` is a cell that the slide leaves empty."""
    if spec.bad(path):
        return None
    if isinstance(value, str) and value.endswith(FILES) and not gaps:
        return _from_file(spec, path, value)
    try:
        array = from_nested(_filled(value) if gaps else value)
    except NotNumbers as error:
        for i in error.path:
            value = value[i]
        says, no, _ = str(error).partition(", not ")
        help = "write a number, or rows of equal length as [[1, 2], [3, 4]]" + (", `~` for a gap" if gaps else "")
        spec.wrong((*path, *error.path), f"`{path[-1]}`: {says}{no}{word(value) if no else ''}", help)
        return None
    if not 0 < len(array.cells) <= CELLS:
        says = f"has more than {CELLS} cells" if array.cells else "is empty"
        spec.wrong(path, f"`{path[-1]}` {says}", SMALLER)
        return None
    return value if gaps else to_nested(array)


def _filled(value: Any) -> Any:
    return [_filled(item) for item in value] if isinstance(value, list) else 0 if value is None else value


def named_file(spec: Spec, path: Keys, name: str) -> Path | None:
    """Return the file of the pack that a spec names, and note its digest; None, with the problem noted, if none is."""
    folder = Path(spec.file).parent
    try:
        found = file_of(folder, name)
    except ValueError as error:
        spec.wrong(path, f"`{path[-1]}`: {error}", "put the file into the folder of the spec, and name it from there")
        return None
    spec.files[name] = digest(found)
    return found


def _from_file(spec: Spec, path: Keys, name: str) -> Any:
    file = named_file(spec, path, name)
    if file is None:
        return None
    try:
        array = npy(file) if name.endswith(".npy") else png(file.read_bytes())
        if not 0 < array.size <= CELLS:
            raise ValueError(f"has more than {CELLS} cells" if array.size else "is empty")
        if array.dtype.kind not in "biuf":
            raise ValueError(f"holds values of dtype {array.dtype}, not real numbers")
        if not np.isfinite(array).all():
            raise ValueError("holds a value that is not finite")
    except (ValueError, OSError, zlib.error) as error:
        help = SMALLER if "cells" in str(error) else "save it with `np.save`, or as PNG with 8 bits in grey or RGB"
        spec.wrong(path, f"`{path[-1]}`: `{name}` {error}", help)
        return None
    return plain_nested(array.astype(np.float64).tolist())


def npy(file: Path) -> Array:
    """Read an array that `np.save` wrote. Raise ValueError for anything else: nothing in the file is executed."""
    try:
        array: Array = np.lib.format.open_memmap(file, mode="r")  # type: ignore[no-untyped-call]
        return array  # no more of it than the file holds is mapped
    except (ValueError, OSError) as error:
        raise ValueError(f"is not an array of numbers: {' '.join(str(error).split())}") from None


def png(data: bytes) -> Array:
    """Read a picture as rows × columns, or as 3 × rows × columns for RGB, from 0 to 255. Raise ValueError.

    Transparency is ignored. The format: https://www.w3.org/TR/png-3/
    """
    chunks = _chunks(data)
    header = chunks.get(b"IHDR", b"")
    if len(header) != 13:
        raise ValueError("is not a PNG picture")
    columns, rows = (int.from_bytes(header[at : at + 4], "big") for at in (0, 4))
    depth, colour, _, _, interlaced = header[8:]
    if depth != 8 or colour not in CHANNELS or interlaced:
        raise ValueError("is a PNG with a palette, with other than 8 bits, or interlaced")
    count = CHANNELS[colour]
    if rows * columns * count > 2 * CELLS:
        raise ValueError(f"has more than {CELLS} cells")
    wide = columns * count + 1
    raw = zlib.decompressobj().decompress(chunks.get(b"IDAT", b""), rows * wide + 1)
    if len(raw) != rows * wide:
        raise ValueError("is a PNG with too few or too many rows")
    before, lines = bytearray(wide - 1), []
    for at in range(0, len(raw), wide):
        before = _unfiltered(raw[at], raw[at + 1 : at + wide], before, count)
        lines.append(before)
    pixels = np.array([list(line) for line in lines], dtype=np.float64).reshape(rows, columns, count)
    return pixels[..., 0] if count < 3 else np.moveaxis(pixels[..., :3], -1, 0)


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """Return a PNG's chunks by name, those of one name joined."""
    if not data.startswith(BEFORE_DATA):
        raise ValueError("is not a PNG picture")
    found: dict[bytes, bytes] = {}
    at = len(BEFORE_DATA)
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        name, body, check = data[at + 4 : at + 8], data[at + 8 : at + 8 + size], data[at + 8 + size : at + 12 + size]
        if zlib.crc32(name + body).to_bytes(4, "big") != check:
            raise ValueError("is a damaged PNG")
        found[name] = found.get(name, b"") + body
        at += 12 + size
    return found


def _unfiltered(kind: int, line: bytes, above: bytearray, step: int) -> bytearray:
    """Undo the filter of a line: each byte is stored as its difference from a guess made of its neighbours."""
    out = bytearray(line)
    for i in range(len(out)):
        left, corner = (out[i - step], above[i - step]) if i >= step else (0, 0)
        if kind == 0:
            guess = 0
        elif kind == 1:
            guess = left
        elif kind == 2:
            guess = above[i]
        elif kind == 3:
            guess = (left + above[i]) // 2
        elif kind == 4:
            near = left + above[i] - corner
            guess = min((left, above[i], corner), key=lambda it: abs(near - it))
        else:
            raise ValueError("is a PNG with an unknown filter")
        out[i] = (out[i] + guess) % 256
    return out
