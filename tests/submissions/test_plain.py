"""Another user's submission is read without following it anywhere, and as the UTF-8 that Python would read it as."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import solution

from grader.model.submission import Submission
from grader.submissions.find import find


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "real.py").write_text(solution("ex1"), encoding="utf-8")
    return tmp_path


def submitted(path: Path) -> Submission:
    return find("ex1", str(path), own=False)


def test_a_link_is_followed_in_ones_own_work_only(work: Path) -> None:
    link = work / "ex1.py"
    link.symlink_to(work / "real.py")
    assert submitted(link).refused == "ex1.py is a link; submit the file itself"
    assert not find("ex1", str(link)).refused


def test_a_hard_link_is_refused(work: Path) -> None:
    os.link(work / "real.py", work / "ex1.py")
    assert "is a hard link" in submitted(work / "ex1.py").refused
    assert not find("ex1", str(work / "ex1.py")).refused


def test_a_linked_folder_is_refused(work: Path) -> None:
    (work / "folder").mkdir()
    (work / "folder" / "ex1.py").write_text(solution("ex1"), encoding="utf-8")
    (work / "link").symlink_to(work / "folder")
    assert "is a link" in submitted(work / "link").refused
    assert not submitted(work / "folder").refused


def test_links_inside_a_folder_are_refused_or_left_out(work: Path) -> None:
    folder = work / "ex1"
    folder.mkdir()
    (folder / "ex1.py").symlink_to(work / "real.py")
    assert "is a link" in submitted(folder).refused
    (folder / "ex1.py").unlink()
    (folder / "ex1.py").write_text("from tools import conv2d\n", encoding="utf-8")
    (folder / "tools.py").symlink_to(work / "real.py")
    read = submitted(folder)
    assert read.modules == ()
    assert read.notes == ("left out: tools.py is a link; submit the file itself",)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: os.mkdir(path)])
def test_what_is_no_file_is_refused_without_waiting(work: Path, make: object) -> None:
    assert callable(make)
    make(work / "ex1.py")
    assert submitted(work / "ex1.py").refused


@pytest.mark.parametrize(
    "line",
    [
        "# coding: utf-7",
        "# -*- coding: latin-1 -*- ö",
        "#!/usr/bin/python\n# vim: set fileencoding=cp1252 : ö",
        "#coding=unicode_escape",
    ],
)
def test_another_coding_is_refused(work: Path, line: str) -> None:
    file = work / "ex1.py"
    file.write_text(f"{line}\n{solution('ex1')}", encoding="utf-8")
    assert "remove it, and save as UTF-8" in find("ex1", str(file)).refused


@pytest.mark.parametrize(
    "line",
    [
        "# coding: utf-8",
        "# -*- coding: UTF8 -*-",
        "x = 1\n# coding: latin-1",
        "'''\n# coding: latin-1\n'''",
        "# coding",
        "\n\n# coding: utf-7",
    ],
)
def test_what_does_not_change_the_coding_is_read(work: Path, line: str) -> None:
    file = work / "ex1.py"
    file.write_text(f"{line}\n{solution('ex1')}", encoding="utf-8")
    assert not find("ex1", str(file)).refused
