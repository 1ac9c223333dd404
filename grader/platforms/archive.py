"""Unpack an untrusted zip: every name is checked, and every byte counted while it is inflated.

zipfile parses it; whatever it raises becomes a refusal. Other archives are refused: tarfile keeps what it reads of a
hostile header in memory, whatever its size. Files whose content cannot matter are written empty, for their names.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from grader.errors import EnvironmentTrouble, Problem
from grader.submissions.plain import Refused
from grader.text import one_line

MATTERS = (".py", ".ipynb", ".yml")
GIT = ".git"  # shows that a folder is a repository; its content is never read
LONGEST = 255  # bytes of one name, the limit of file systems
CHUNK = 1 << 16
HEADER = 30  # bytes before a member, and its name
SMALL = 1 << 20  # bytes; a smaller file may have any ratio
MOST_STANDING = 3  # folders created for a file that is left out; students' own folders are not deeper
_ENTRY = b"PK\x01\x02"  # begins a member's record in the central directory
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others need as much memory as their header demands
_JUNK = ("__macosx", "thumbs.db", "desktop.ini")


class Limits(NamedTuple):
    """What an archive may hold; sizes in bytes. `ratio` is inflated to packed, `depth` counts folders and the file.

    With `lenient` (a whole class), an unfit member is left out instead of refusing the archive.
    """

    members: int
    total: int
    single: int
    ratio: int
    depth: int
    archives: bool
    lenient: bool


CLASS = Limits(200_000, 4 << 30, 64 << 20, 1100, 24, archives=True, lenient=True)
STUDENT = Limits(1_000, 32 << 20, 4 << 20, 100, 10, archives=False, lenient=False)


class _Whole(Refused):
    """The whole archive is refused, also with lenient limits."""


def junk(name: str) -> bool:
    """Tell whether a file or folder was made by a system or an editor."""
    return name.startswith(".") or name.lower() in _JUNK


def unpack(file: BinaryIO, name: str, into: Path, limits: Limits) -> dict[str, str]:
    """Write the files of a zip into an empty folder. Return the members left out (where lenient), and why.

    Where a member is left out, an empty file stands in its place if its name is fit, or else the fit folders that its
    name begins with: they may be a student's. Raise Refused for anything unfit.
    """
    left: dict[str, str] = {}
    with _refusing(name), _opened(file, name, limits) as archive:
        writer = _Writer(archive, name, into, limits)
        for info in archive.infolist():
            try:
                with _refusing(name):
                    writer.take(info)
            except _Whole:
                raise
            except Refused as refusal:
                if not limits.lenient:
                    raise
                left[info.orig_filename] = str(refusal)
                with suppress(Refused), _refusing(name):
                    writer.stand_in(info)
    return left


def names(file: BinaryIO, name: str, limits: Limits) -> list[str]:
    """Return the names that a zip lists, unchecked. Raise Refused where it cannot be read."""
    with _refusing(name), _opened(file, name, limits) as archive:
        return [_name(info) for info in archive.infolist()]


@contextmanager
def room() -> Iterator[None]:
    """Raise EnvironmentTrouble where the disk is full, which is not a student's fault."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        help = "free some space, or set TMPDIR to a folder on another disk"
        raise EnvironmentTrouble(Problem(f"cannot write more files: {error.strerror}", help)) from None


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turn whatever a damaged archive makes zipfile raise into a refusal."""
    try:
        with room():
            yield
    except (Refused, EnvironmentTrouble):
        raise
    except zipfile.BadZipFile as error:
        raise Refused(f"{one_line(name)} is not a readable zip archive: {one_line(str(error), 80)}") from None
    except Exception as error:
        raise Refused(f"{one_line(name)} is a damaged archive ({type(error).__name__})") from None


@contextmanager
def _opened(file: BinaryIO, name: str, limits: Limits) -> Iterator[zipfile.ZipFile]:
    says = f"{one_line(name)} holds more than {limits.members} files and folders; submit only your programs"
    if not limits.lenient and os.fstat(file.fileno()).st_size > 2 * limits.total:
        raise _Whole(f"{one_line(name)} has more than {2 * limits.total >> 20} MiB; submit only your programs")
    if not limits.lenient and _entries(file) > 2 * limits.members:  # before zipfile makes an object of each
        raise _Whole(says)
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        if len(infos) > limits.members:
            raise _Whole(says)
        ends = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            if info.header_offset < ends:
                raise _Whole(f"{one_line(name)} has members that overlap")
            ends = info.header_offset + HEADER + info.compress_size
        if ends > archive.start_dir:
            raise _Whole(f"{one_line(name)} has members that overlap")
        yield archive


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name with slashes: some Windows programs write backslashes, and no student means those."""
    return info.orig_filename.replace("\\", "/")


def _entries(file: BinaryIO) -> int:
    """Count what can be a member's record, whatever number the file states."""
    count, before = 0, b""
    while chunk := file.read(SMALL):
        count += (before + chunk).count(_ENTRY)
        before = chunk[-len(_ENTRY) + 1 :]
    file.seek(0)
    return count


class _Writer:
    """Writes the members of one archive, and keeps count of the names and bytes written."""

    def __init__(self, archive: zipfile.ZipFile, name: str, into: Path, limits: Limits) -> None:
        self._archive, self._name, self._into, self._limits = archive, one_line(name), into, limits
        self._seen: dict[str, tuple[str, bool]] = {}
        self._total = 0

    def take(self, info: zipfile.ZipInfo) -> None:
        parts = self._parts(_name(info))
        hidden = next((i for i, part in enumerate(parts) if junk(part)), None)
        if hidden is not None:
            if parts[hidden] == GIT:
                self._folder(parts[: hidden + 1])
        elif _name(info).endswith("/"):
            self._kind(info, folder=True)
            self._folder(parts)
        else:
            self._file(info, parts)

    def stand_in(self, info: zipfile.ZipInfo) -> None:
        """Create the first folders of a name, as far as they are fit."""
        *folders, _ = _name(info).split("/", MOST_STANDING)
        for depth in range(1, len(folders) + 1):
            parts = self._parts("/".join(folders[:depth]))
            if any(map(junk, parts)):
                return
            self._folder(parts)

    def _parts(self, name: str) -> list[str]:
        """Return the folders and the file of a member's name. Raise Refused for a name that could lead elsewhere."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        wrong = ""
        if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
            wrong = "has a control character in its name"
        elif name.startswith("/") or re.match(r"[A-Za-z]:", name):
            wrong = "has an absolute name"
        elif ":" in name:
            wrong = "has a colon in its name"
        elif any(not part.strip(" .") for part in parts):
            wrong = "leads out of the archive, or has no name"
        elif len(name.encode()) > 4 * LONGEST or any(len(part.encode()) > LONGEST for part in parts):
            wrong = "has too long a name"
        elif len(parts) > self._limits.depth:
            wrong = f"lies deeper than {self._limits.depth} folders"
        if wrong:
            raise Refused(f"{self._name}: `{one_line(name, 60)}` {wrong}")
        return parts

    def _kind(self, info: zipfile.ZipInfo, folder: bool) -> None:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFDIR if folder else stat.S_IFREG):
            what = "a link" if kind == stat.S_IFLNK else "neither a plain file nor a folder"
            raise Refused(f"{self._shown(info)} is {what}")

    def _shown(self, info: zipfile.ZipInfo) -> str:
        return f"{self._name}: `{one_line(info.orig_filename, 60)}`"

    def _claim(self, parts: list[str], folder: bool) -> None:
        """Note a name; refuse one that equals an earlier one on some file systems (case, form of an accent)."""
        name = "/".join(parts)
        key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
        there, was_folder = self._seen.setdefault(key, (name, folder))
        if (there, was_folder) != (name, folder):
            other = (
                "both a file and a folder" if there == name else f"the same as `{one_line(there, 60)}` to some systems"
            )
            raise Refused(f"{self._name}: `{one_line(name, 60)}` is {other}")

    def _folder(self, parts: list[str]) -> None:
        for depth in range(1, len(parts) + 1):
            self._claim(parts[:depth], folder=True)
        self._into.joinpath(*parts).mkdir(parents=True, exist_ok=True)

    def _file(self, info: zipfile.ZipInfo, parts: list[str]) -> None:
        self._folder(parts[:-1])
        self._claim(parts, folder=False)
        path = self._into.joinpath(*parts)
        suffix = path.suffix.lower()
        if path.exists():
            raise Refused(f"{self._shown(info)} is in the archive twice")
        path.touch(exist_ok=False)
        self._kind(info, folder=False)
        if suffix == ".zip" and not self._limits.archives:
            raise Refused(f"{self._shown(info)} is an archive in an archive: submit one archive")
        if suffix in MATTERS or suffix == ".zip":
            try:
                self._copy(info, path)
            except BaseException:
                os.truncate(path, 0)
                raise

    def _copy(self, info: zipfile.ZipInfo, path: Path) -> None:
        if info.flag_bits & 0x41:
            raise Refused(f"{self._shown(info)} is encrypted: submit it without a password")
        if info.compress_type not in _METHODS:
            raise Refused(f"{self._shown(info)} uses an unsupported compression: create an ordinary zip")
        limits, size = self._limits, 0
        with self._archive.open(info) as source, path.open("wb") as target:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                self._total += len(chunk)
                if self._total > limits.total:
                    raise _Whole(f"{self._name} holds more than {limits.total >> 20} MiB")
                if size > limits.single:
                    raise Refused(f"{self._shown(info)} has more than {limits.single >> 20} MiB")
                if size > SMALL and size > limits.ratio * max(info.compress_size, 1):
                    raise Refused(
                        f"{self._shown(info)} is more than {limits.ratio} times its packed size, which no program is"
                    )
                target.write(chunk)
        if size != info.file_size:
            raise Refused(f"{self._shown(info)} has a different size than the archive states")
