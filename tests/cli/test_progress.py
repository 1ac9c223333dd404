"""No phase of a run over a class is silent: whoever waits sees that it goes on."""

from __future__ import annotations

import io
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Grade, one_thread

from grader.classroom import executors, run
from grader.cli import progress
from grader.cli.console import CLEARED

WAIT = 60.0  # seconds; far more than it takes


class Stream(io.StringIO):
    """A stream that tells when the first line has been written."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal, self.written = terminal, threading.Event()

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> int:
        self.written.set()
        return super().write(text)


class Patient(threading.Event):
    """An event whose first `wait` is over at once: then a line is written, however short the phase is."""

    begun = False

    def wait(self, timeout: float | None = None) -> bool:
        first, self.begun = not self.begun, True
        return super().wait(0 if first else timeout)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.01)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("terminal", [False, True])
def test_a_long_phase_shows_that_it_goes_on(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    with progress.phase("reading class.zip"):
        assert stream.written.wait(WAIT)
    shown = stream.getvalue()
    assert shown.startswith(f"{CLEARED}reading class.zip: 0 s" if terminal else "reading class.zip: 0 s\n")
    assert shown.endswith(CLEARED if terminal else " s\n")


@pytest.mark.usefixtures("quick")
def test_whoever_reads_it_may_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(False)
    stream.close()
    for closed in (stream, None):
        monkeypatch.setattr(sys, "stderr", closed)
        with progress.phase("report"):
            pass


def test_a_short_phase_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.phase("report"):
        pass
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("quick")
def test_every_phase_of_a_run_and_of_a_report_shows_itself(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each phase writes its first line at once."""
    monkeypatch.setattr(executors, "local", one_thread)
    lines: list[str] = []
    monkeypatch.setattr(progress, "threading", SimpleNamespace(Thread=threading.Thread, Event=Patient))
    (tmp_path / "class" / "ann").mkdir(parents=True)
    (tmp_path / "class" / "ann" / "ex0.py").write_text("def elementwise_product(a, b):\n    return a * b\n")
    for words in (("class", "class", "--exercise", "ex0"), ("report",), ("report", "--html", "class.html")):
        said = grade(*words)
        assert said.code == 0, said
        lines += said.err.splitlines()
    titles = {line.rpartition(":")[0] for line in lines if line.endswith(" s")}
    assert titles >= {"reading class", "writing who submitted what", "checking what has changed", "report"}


def test_a_slow_submission_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """While no job is done, the progress is shown again."""
    monkeypatch.setattr(run, "EVERY", 0.01)
    future: Future[bytes] = Future()
    shown: list[Any] = []

    def notify(now: Any) -> None:
        shown.append(now)
        if len(shown) == 3:
            future.set_result(b"")

    grading = SimpleNamespace(progress=run.Progress(10, 2), began=0.0, notify=notify)
    while not run._Grading.wait(grading, [future]):  # type: ignore[arg-type]
        pass
    assert len(shown) == 3
