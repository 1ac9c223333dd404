"""What several test modules need: a way to call the command in this process, and a folder to stand in."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import settings

from grader.classroom import worker
from grader.cli.app import run
from grader.model.exercise import Lock
from grader.sandbox.probe import chosen
from grader.sandbox.process import Process

collect_ignore = ["data"]  # programs and repositories of students, among them some that are after us
ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"

# the same examples on every run; `make test-long` runs ten times as many
settings.register_profile("default", max_examples=20, derandomize=True, deadline=None, database=None)
settings.register_profile("long", settings.get_profile("default"), max_examples=200)
settings.load_profile("long" if os.environ.get("TEST_LONG") else "default")


class Said(NamedTuple):
    code: int
    out: str
    err: str


Grade = Callable[..., Said]
ForkServers = Callable[[Lock], Callable[[], Process]]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run `long` tests only if TEST_LONG is set, and those that need torch in one worker: its import takes seconds."""
    if not os.environ.get("TEST_LONG"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    for item in items:
        if item.get_closest_marker("torch"):
            item.add_marker(pytest.mark.xdist_group("torch"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Pass on the groups that pytest-xdist 3.8 writes into `_nodeid`, which pytest 9.2 does not read any more."""
    for item in session.items:
        grouped = getattr(item, "_nodeid", item.nodeid)
        if grouped != item.nodeid:
            item._id = type(item._id).parse(grouped)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide from what is tested where the tests run: a CI's job has a summary of its own, and may ask for colours."""
    for name in list(os.environ):
        if name.startswith("GITHUB_") or name in {"FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "COLUMNS", "NO_COLOR"}:
            monkeypatch.delenv(name)


@pytest.fixture
def grade(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Grade:
    """Call `grade …` in an empty folder; returns exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADE_PACK", raising=False)

    def call(*words: str) -> Said:
        code = run(list(words))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@contextlib.contextmanager
def one_thread(_: int) -> Iterator[Executor]:
    """Stand in for `workers.local`: one worker in this process, where what a test patches is seen."""
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(worker.stop).result()


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServers]:
    """Return what starts a sandboxed process for an exercise's program, as for a class: its modules are loaded once."""
    with contextlib.ExitStack() as held:
        started = functools.cache(lambda allow: held.enter_context(chosen("auto", False, allow)))
        yield lambda lock: started(lock.exercise.allow)


@pytest.fixture(scope="session")
def torch() -> Any:
    """The real torch, for tests marked `torch`."""
    from grader.verification.torch_reference import load_torch

    return load_torch()


def solution(name: str) -> str:
    """Return the text of a model answer."""
    return (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")


def python(*words: str) -> list[str]:
    """Return a command line for a fresh interpreter."""
    return [sys.executable, *words]
