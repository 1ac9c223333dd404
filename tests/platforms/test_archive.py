"""An archive is opened safely or refused: each family of trick, and whatever names a zip may have."""

from __future__ import annotations

import io
import os
import stat
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.platforms.archive import CLASS, STUDENT, Limits, names, unpack
from grader.submissions.plain import Refused

PROGRAM = b"def conv2d(input, kernel, bias): ...\n"


class Member(NamedTuple):
    name: str
    data: bytes = PROGRAM
    mode: int = 0
    method: int = zipfile.ZIP_DEFLATED


def packed(*members: Member) -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w") as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for member in members:
            info = zipfile.ZipInfo("x" if "\0" in member.name else member.name)
            info.filename = member.name  # ZipInfo would cut it at a NUL, and turn backslashes
            info.external_attr = member.mode << 16
            info.compress_type = member.method
            archive.writestr(info, member.data)
    return target.getvalue()


def lying(data: bytes, field: str, value: int) -> bytes:
    """Set a field of every member's record, here and in the table of contents."""
    offsets = {
        "flags": (6, 8, "<H"),
        "method": (8, 10, "<H"),
        "crc": (14, 16, "<I"),
        "packed": (18, 20, "<I"),
        "size": (22, 24, "<I"),
    }
    local, central, form = offsets[field]
    changed = bytearray(data)
    for mark, offset in ((b"PK\3\4", local), (b"PK\1\2", central)):
        at = changed.find(mark)
        while at >= 0:
            struct.pack_into(form, changed, at + offset, value)
            at = changed.find(mark, at + 4)
    return bytes(changed)


def overlapping() -> bytes:
    """Return a zip whose table of contents names the same bytes twice."""
    data = packed(Member("a.py", PROGRAM * 50), Member("b.py", PROGRAM * 50))
    changed, first = bytearray(data), data.find(b"PK\1\2")
    second = data.find(b"PK\1\2", first + 4)
    struct.pack_into("<I", changed, second + 42, struct.unpack_from("<I", data, first + 42)[0])
    return bytes(changed)


def one(name: str, mode: int = 0) -> Callable[[], bytes]:
    return lambda: packed(Member(name, mode=mode))


def two(first: str, second: str) -> Callable[[], bytes]:
    return lambda: packed(Member(first), Member(second))


def table_of(number: int) -> bytes:
    return packed(*(Member(f"f{i}.txt", b"") for i in range(number)))


LINK, DEVICE = stat.S_IFLNK | 0o777, stat.S_IFCHR | 0o666
GOOD = packed(Member("ex1.py"))
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "out of the folder": (one("../ex1.py"), "leads out of the archive"),
    "out, further down": (one("a/../../ex1.py"), "leads out of the archive"),
    "in and out": (one("a/../ex1.py"), "leads out of the archive"),
    "dots and spaces": (one(".. /ex1.py"), "leads out of the archive"),
    "three dots": (one("a/.../ex1.py"), "leads out of the archive"),
    "absolute": (one("/etc/ex1.py"), "absolute"),
    "absolute, two slashes": (one("//host/ex1.py"), "absolute"),
    "a drive": (one("C:/ex1.py"), "absolute"),
    "a drive, relative": (one("c:ex1.py"), "absolute"),
    "a stream beside a file": (one("ex1.py:hidden.py"), "colon"),
    "backslashes": (one("..\\..\\ex1.py"), "leads out of the archive"),
    "a network share": (one("\\\\host\\ex1.py"), "absolute"),
    "a NUL": (one("ex1.py\0.txt"), "control character"),
    "a newline": (one("ex1\n.py"), "control character"),
    "an escape": (one("ex1\x1b[2J.py"), "control character"),
    "a control character of Latin-1": (one("ex1\x85.py"), "control character"),
    "out, in a skipped folder": (one("__MACOSX/../../ex1.py"), "leads out of the archive"),
    "out, in .git": (one(".git/../../ex1.py"), "leads out of the archive"),
    "a long name": (one("x" * 300 + ".py"), "too long"),
    "a long name in UTF-8": (one("é" * 130 + ".py"), "too long"),
    "a long path": (one("/".join(["x" * 200] * 6)), "too long"),
    "deep": (one("a/" * 20 + "ex1.py"), "deeper"),
    "a link": (one("ex1.py", LINK), "is a link"),
    "a link among files": (lambda: packed(Member("a.py"), Member("ex1.py", b"/etc/passwd", LINK)), "is a link"),
    "a device": (one("ex1.py", DEVICE), "neither a plain file"),
    "a FIFO": (one("ex1.py", stat.S_IFIFO | 0o644), "neither a plain file"),
    "a socket": (one("ex1.py", stat.S_IFSOCK | 0o644), "neither a plain file"),
    "a folder that is a link": (one("ex1/", LINK), "is a link"),
    "a folder as a file": (one("ex1.py", stat.S_IFDIR | 0o755), "neither a plain file"),
    "one name twice": (two("ex1.py", "ex1.py"), "in the archive twice"),
    "one name twice, by a dot": (two("ex1.py", "./ex1.py"), "in the archive twice"),
    "one name twice, by slashes": (two("a/ex1.py", "a//ex1.py"), "in the archive twice"),
    "upper and lower case": (two("ex1.py", "EX1.py"), "the same as"),
    "an accent in two forms": (two("caf\u00e9.py", "cafe\u0301.py"), "the same as"),
    "a ligature": (two("\ufb01le.py", "file.py"), "the same as"),
    "sharp s": (two("stra\u00dfe.py", "STRASSE.py"), "the same as"),
    "folders in two cases": (two("A/ex1.py", "a/ex2.py"), "the same as"),
    "a file, then a folder": (two("a", "a/ex1.py"), "both a file and a folder"),
    "a folder, then a file": (two("a/ex1.py", "a"), "both a file and a folder"),
    "encrypted": (lambda: lying(GOOD, "flags", 1), "encrypted"),
    "strongly encrypted": (lambda: lying(GOOD, "flags", 0x41), "encrypted"),
    "lzma": (lambda: packed(Member("ex1.py", method=zipfile.ZIP_LZMA)), "unsupported compression"),
    "bzip2": (lambda: packed(Member("ex1.py", method=zipfile.ZIP_BZIP2)), "unsupported compression"),
    "an unknown method": (lambda: lying(GOOD, "method", 99), "unsupported compression"),
    "a wrong checksum": (lambda: lying(GOOD, "crc", 1), "CRC"),
    "smaller than it says": (lambda: lying(GOOD, "size", 1 << 30), "different size"),
    "larger than it says": (lambda: lying(GOOD, "size", 3), "not a readable zip|damaged"),
    "packed size beyond the file": (lambda: lying(GOOD, "packed", 1 << 30), "overlap"),
    "members overlap": (overlapping, "overlap"),
    "a bomb": (lambda: packed(Member("ex1.py", bytes(3 << 20))), "times its packed size"),
    "a large file": (lambda: packed(Member("ex1.py", os.urandom(5 << 20), method=0)), "more than 4 MiB"),
    "many large files": (
        lambda: packed(*(Member(f"ex{i}.py", os.urandom(3 << 20), method=0) for i in range(12))),
        "more than 32 MiB",
    ),
    "many files": (lambda: table_of(1500), "more than 1000 files"),
    "very many files": (lambda: table_of(2500), "more than 1000 files"),
    "an archive in an archive": (lambda: packed(Member("inner.zip", GOOD)), "archive in an archive"),
    "cut short": (lambda: GOOD[:-10], "not a readable zip"),
    "no beginning": (lambda: GOOD[30:], "not a readable zip|damaged|overlap"),
    "no archive": (lambda: PROGRAM, "not a readable zip"),
    "nothing": (lambda: b"", "not a readable zip"),
    "a wrong deflate stream": (lambda: GOOD.replace(GOOD[36:50], bytes(range(14))), "damaged|not a readable zip"),
}


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """Return an empty folder that lies in another, so that what leaves it is seen."""
    (tmp_path / "around").mkdir()
    (tmp_path / "around" / "inside").mkdir()
    return tmp_path / "around" / "inside"


def opened(data: bytes, into: Path, limits: Limits = STUDENT) -> dict[str, str]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        return unpack(file, "work.zip", into, limits)


def files(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder; every one of them must be plain, small and ours."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        assert stat.S_ISDIR(mode) or stat.S_ISREG(mode), path
        if stat.S_ISREG(mode):
            assert not mode & 0o7111, path
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


@pytest.mark.parametrize("trick", HOSTILE)
def test_a_hostile_archive_is_refused(trick: str, inside: Path) -> None:
    make, says = HOSTILE[trick]
    with pytest.raises(Refused, match=says) as caught:
        opened(make(), inside)
    assert str(caught.value).isprintable()
    assert list(inside.parent.iterdir()) == [inside]
    files(inside)


MEMBERS = {trick for trick, (_, says) in HOSTILE.items() if "readable zip" not in says and "overlap" not in says}


@pytest.mark.parametrize("trick", sorted(MEMBERS - {"many files", "very many files", "many large files"}))
def test_one_student_does_not_cost_a_class_its_download(trick: str, inside: Path) -> None:
    make, _ = HOSTILE[trick]
    source = io.BytesIO(make())
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("other student/good.py", PROGRAM)
    opened(source.getvalue(), inside, CLASS)
    assert files(inside)["other student/good.py"] == PROGRAM
    assert list(inside.parent.iterdir()) == [inside]


def test_what_matters_is_written_and_the_rest_is_there_by_name(inside: Path) -> None:
    executable = stat.S_IFREG | 0o4777
    data = packed(
        Member("work/ex1.py", mode=executable),
        Member("work/EX2.IPYNB", b"{}"),
        Member("work/notes ünï.pdf", b"%PDF"),
        Member("work/empty/", b"", stat.S_IFDIR | 0o777),
        Member("work/.git/HEAD", b"ref"),
        Member("work/.idea/x.py"),
        Member("__MACOSX/work/._ex1.py"),
        Member("work/Thumbs.db"),
    )
    assert opened(data, inside) == {}
    assert files(inside) == {"work/ex1.py": PROGRAM, "work/EX2.IPYNB": b"{}", "work/notes ünï.pdf": b""}
    assert sorted(p.name for p in (inside / "work").iterdir() if p.is_dir()) == [".git", "empty"]


def test_a_class_may_hold_archives_and_a_bomb_costs_itself_only(inside: Path) -> None:
    data = packed(Member("a/work.zip", GOOD), Member("b/ex1.py", bytes(65 << 20)), Member("c/ex1.py"))
    left = opened(data, inside, CLASS)
    assert list(left) == ["b/ex1.py"]
    assert files(inside) == {"a/work.zip": GOOD, "b/ex1.py": b"", "c/ex1.py": PROGRAM}


def test_names_are_listed_without_unpacking() -> None:
    assert names(io.BytesIO(packed(Member("../a.py"))), "x.zip", CLASS) == ["../a.py"]
    with pytest.raises(Refused, match="not a readable zip"):
        names(io.BytesIO(b"PK"), "x.zip", CLASS)


def test_a_full_disk_is_nobodys_fault(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.errors import EnvironmentTrouble

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)
    with pytest.raises(EnvironmentTrouble, match="No space left"):
        opened(GOOD, inside)


PARTS = st.sampled_from(
    ["..", ".", "", "a", "A", "é", "e\u0301", "ex1.py", "EX1.py", ".git", "C:", "a\\b", "a\0b", "~", "x" * 260]
)
NAMES = st.one_of(
    st.lists(st.one_of(PARTS, st.text(max_size=6)), min_size=1, max_size=4).map("/".join), st.text(max_size=12)
)
KINDS = st.sampled_from([0, stat.S_IFREG | 0o777, LINK, DEVICE, stat.S_IFDIR | 0o755])


@given(members=st.lists(st.tuples(NAMES, KINDS), max_size=5), limits=st.sampled_from([STUDENT, CLASS]))
def test_whatever_the_names_are_nothing_leaves_the_folder(members: list[tuple[str, int]], limits: Limits) -> None:
    members = [(name.encode("utf-8", "replace").decode() or "x", mode) for name, mode in members]
    with tempfile.TemporaryDirectory() as around:
        inside = Path(around, "inside")
        inside.mkdir()
        try:
            left = opened(packed(*(Member(name, mode=mode) for name, mode in members)), inside, limits)
        except Refused:
            left = {}
        assert limits.lenient or not left
        assert os.listdir(around) == ["inside"]
        assert all(content in (b"", PROGRAM) for content in files(inside).values())


@given(at=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255), cut=st.integers(0, 40))
def test_a_damaged_archive_is_refused_or_right(at: int, byte: int, cut: int) -> None:
    data = bytearray(GOOD)
    data[at] = byte
    with tempfile.TemporaryDirectory() as folder:
        try:
            opened(bytes(data[: len(data) - cut]), Path(folder))
        except Refused:
            return
        assert all(content in (b"", PROGRAM) for content in files(Path(folder)).values())
