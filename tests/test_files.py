"""What is written is written whole, and not where a link points."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader import files


def test_a_link_gives_way_to_the_file(tmp_path: Path) -> None:
    mine, link = tmp_path / "mine", tmp_path / "out.csv"
    mine.write_text("mine", encoding="utf-8")
    link.symlink_to(mine)
    files.replace(link, b"marks")
    assert (mine.read_text(encoding="utf-8"), link.read_bytes(), link.is_symlink()) == ("mine", b"marks", False)
    assert sorted(os.listdir(tmp_path)) == ["mine", "out.csv"]


@pytest.mark.parametrize("name", ["there", "no/folder"])
def test_what_cannot_be_written_leaves_nothing_and_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(OSError, match=r"\w") as caught:
        files.replace(tmp_path / name, b"marks")
    assert (caught.value.filename, caught.value.filename2) == (str(tmp_path / name), None)
    assert os.listdir(tmp_path) == ["there"]
    assert os.listdir(tmp_path / "there") == []


def test_an_old_file_is_whole_until_the_new_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    seen: list[bytes] = []
    replace = os.replace

    def late(draft: str, target: str) -> None:
        seen.append(path.read_bytes())
        replace(draft, target)

    monkeypatch.setattr(os, "replace", late)
    files.replace(path, b"new")
    assert (seen, path.read_bytes()) == ([b"old"], b"new")
