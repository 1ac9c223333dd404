"""The lock of a class's results names who holds it, and does not outlive its process."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, Grade, python

from grader.classroom.store import Store

HOLDS = "import sys, pathlib\nfrom grader.classroom.store import Store\n"
HOLDS += "with Store(pathlib.Path(sys.argv[1]), writing=True):\n    print('held', flush=True)\n    sys.stdin.read()\n"


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_who_comes_second_learns_who_holds_the_results(grade: Grade, tmp_path: Path) -> None:
    with Store(tmp_path, writing=True):
        pass
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(python("-c", HOLDS, str(tmp_path)), cwd=ROOT, text=True, **pipes) as holder:  # type: ignore[call-overload]
        assert holder.stdout.readline() == "held\n"
        refused = grade("mark", "ann", "ex0", "--add", "1", "--why", "x")
        assert refused.code == 2
        who = f"{getpass.getuser()} on {socket.gethostname()}, process {holder.pid}, since 20"
        assert f"another command is writing `results.sqlite`: {who}" in refused.err
        assert "nobody submitted" not in grade("report", "--changes").err  # reading goes on
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert "another command" not in grade("mark", "ann", "ex0", "--add", "1", "--why", "x").err
    assert (tmp_path / "results.sqlite.lock").stat().st_mode & 0o077 == 0


def test_the_lock_is_open_to_those_who_may_write_the_results(tmp_path: Path) -> None:
    with Store(tmp_path, writing=True):
        pass
    (tmp_path / "results.sqlite").chmod(0o660)
    (tmp_path / "results.sqlite.lock").unlink()
    before = os.umask(0o002)
    try:
        with Store(tmp_path, writing=True):
            assert (tmp_path / "results.sqlite.lock").stat().st_mode & 0o777 == 0o660
    finally:
        os.umask(before)
