"""Read the time of a repository's last commit from its files. git is never run on a student's repository.

What is unusual has no time here: a commit stored as a difference from another, a linked worktree. The time is the
committer's own statement, so a student could forge it.
"""

from __future__ import annotations

import os
import re
import struct
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

from grader.platforms.archive import GIT
from grader.submissions.plain import Refused, regular

MOST_BYTES = 1 << 16  # of a commit, and of a file that names one
MOST_REFS = 1 << 22
MOST_PACKS = 64
_COMMIT = 1  # the type of a whole commit in a pack
_HASH = re.compile(rb"[0-9a-f]{40}")
_REF = re.compile(rb"ref: (refs/heads/[\w./-]+)")
_COMMITTER = re.compile(rb"^committer [^\n]*> (\d{1,11}) ([+-]\d\d)(\d\d)$", re.MULTILINE)


def committed(folder: str) -> str:
    """Return when the last commit of the present branch was made, as ISO 8601; an empty text where that is unknown."""
    git = Path(folder) / GIT
    try:
        if git.is_symlink() or not git.is_dir():
            return ""
        name = _head(git)
        data = _loose(git, name) or _packed(git, name) if name else b""
        found = _COMMITTER.search(data.partition(b"\n\n")[0])
        if not found:
            return ""
        zone = timezone(timedelta(hours=int(found[2]), minutes=int(found[2][:1] + found[3])))
        return datetime.fromtimestamp(int(found[1]), zone).isoformat()
    except (OSError, Refused, ValueError, OverflowError, IndexError, zlib.error, struct.error):
        return ""


def _head(git: Path) -> str:
    """Return the hash of the commit that HEAD names, or an empty text."""
    head = _read(git / "HEAD").strip()
    if ref := _REF.fullmatch(head):
        name = ref[1].decode()
        if ".." in name:
            return ""
        if (git / name).exists():
            head = _read(git / name).strip()
        else:
            lines = _read(git / "packed-refs", MOST_REFS).splitlines()
            head = next((line[:40] for line in lines if line[41:] == ref[1]), b"")
    return head.decode() if _HASH.fullmatch(head) else ""


def _loose(git: Path, name: str) -> bytes:
    """Return a commit that is a file of its own, without its header; nothing where there is none."""
    path = git / "objects" / name[:2] / name[2:]
    if not path.exists():
        return b""
    header, _, data = zlib.decompressobj().decompress(_read(path), MOST_BYTES).partition(b"\0")
    return data if header.startswith(b"commit ") else b""


def _packed(git: Path, name: str) -> bytes:
    """Return a commit that is whole in a pack; nothing where there is none."""
    folder = git / "objects" / "pack"
    if not folder.is_dir():
        return b""
    for index in sorted(file for file in os.listdir(folder) if file.endswith(".idx"))[:MOST_PACKS]:
        offset = _offset(folder / index, bytes.fromhex(name))
        if offset is not None:
            with regular(folder / f"{index[:-4]}.pack", own=False) as pack:
                pack.seek(offset)
                data = pack.read(MOST_BYTES)
            if data[0] >> 4 & 7 != _COMMIT:
                return b""
            start = next(i for i, byte in enumerate(data) if byte < 128) + 1  # the length, which is not needed
            return zlib.decompressobj().decompress(data[start:], MOST_BYTES)
    return b""


def _offset(path: Path, name: bytes) -> int | None:
    """Return where an object is in the pack of an index (version 2), or None where it is not in it."""
    with regular(path, own=False) as file:
        if file.read(8) != b"\xfftOc\0\0\0\2":
            return None
        table = struct.unpack(">256I", file.read(1024))
        low, high, total = (table[name[0] - 1] if name[0] else 0), table[name[0]], table[255]
        while low < high:
            middle = (low + high) // 2
            file.seek(8 + 1024 + 20 * middle)
            found = file.read(20)
            if found == name:
                file.seek(8 + 1024 + 24 * total + 4 * middle)
                (offset,) = struct.unpack(">I", file.read(4))
                return None if offset >> 31 else int(offset)  # a pack of more than 2 GiB
            low, high = (middle + 1, high) if found < name else (low, middle)
    return None


def _read(path: Path, most: int = MOST_BYTES) -> bytes:
    with regular(path, own=False) as file:
        return file.read(most)
