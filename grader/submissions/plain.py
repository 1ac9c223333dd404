"""Read a file of a submission without trusting it: its type, size and encoding are checked first."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from pathlib import Path
from typing import BinaryIO

from grader.text import one_line

MOST_BYTES = 1 << 20  # of one file; a typical program for this course has a thousandth of that
_SIMPLE = re.compile(r"(latin|iso|cp|windows|gb|big5|euc|shift|koi8|mac)[-0-9a-z]*")  # decoding takes linear time
_COOKIE = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # PEP 263

_MAGIC = re.compile(r"(?m)^[ \t]*[!%]")


class Refused(Exception):
    """A file that cannot be read as a program; the message tells the student why and what to do."""


def regular(path: Path, own: bool = True) -> BinaryIO:
    """Open a regular file without blocking. Raise Refused for anything else, and for links unless `own`."""
    name = one_line(path.name)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        fd = os.open(path, flags if own else flags | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        if not own and path.is_symlink():
            raise Refused(f"{name} is a link; submit the file itself") from None
        raise Refused(f"{name} cannot be read: {error.strerror}") from None
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)  # `open` would refuse a folder without closing it
        raise Refused(f"{name} is not a regular file, so it cannot hold a program")
    if not own and status.st_nlink > 1:
        os.close(fd)
        raise Refused(f"{name} is a hard link to another file; submit a copy")
    return open(fd, "rb")


def read_bytes(path: Path, own: bool = True, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of a regular file of reasonable size. Raise Refused for anything else, without blocking."""
    name = one_line(path.name)
    with regular(path, own) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise Refused(f"{name} has {size >> 10} KiB; a program may have at most {most >> 10} KiB")
        data = file.read(min(size, most) + 1)
    if data.startswith(b"PK\3\4") and b"\0" in data:
        raise Refused(f"{name} is a zip archive: unpack it, and submit the program in it")
    return data


def read_text(path: Path, own: bool = True) -> str:
    """Return the text of a regular UTF-8 file of reasonable size. Raise Refused for anything else, without blocking."""
    name, data = one_line(path.name), read_bytes(path, own)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise not_utf8(name, data) from None
    if "\0" in text:
        raise Refused(f"{name} holds NUL bytes, so it is not text: save it as UTF-8")
    if path.suffix.lower() == ".py":
        _refuse_other_coding(name, text, data)
        if _MAGIC.search(text):  # a notebook that Colab saved as a program
            from grader.submissions.cells import python  # most programs do without

            text = python(text.replace("\r\n", "\n"))
    return text


def not_utf8(name: str, data: bytes) -> Refused:
    """Return the refusal of a file that is not UTF-8, with the line of the first byte that is not."""
    line = 1
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
    return Refused(f"{name} is not UTF-8 (line {line}): open it in your editor and save it as UTF-8")


def _refuse_other_coding(name: str, text: str, data: bytes) -> None:
    """Raise Refused where a comment makes Python decode the file differently, so that code could be hidden."""
    lines = text.splitlines()[:2]
    if len(lines) == 2 and lines[0].strip() and not lines[0].lstrip().startswith("#"):
        del lines[1]  # in the second line it counts only where no code precedes it
    for number, line in enumerate(lines, 1):
        found = _COOKIE.match(line)
        coding = found[1].lower().replace("_", "-") if found else "utf-8"
        if coding in ("utf8", "ascii", "us-ascii") or f"{coding}-".startswith(
            "utf-8-"
        ):  # as Python's tokenizer reads it
            continue
        if data.isascii() and _SIMPLE.fullmatch(coding):
            with contextlib.suppress(LookupError, ValueError):
                if data.decode(coding) == text:
                    continue
        shown = one_line(coding, 40)
        raise Refused(f"line {number} of {name} declares the encoding `{shown}`: remove it, and save as UTF-8")
