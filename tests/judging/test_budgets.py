"""What the diagnosis finds is bounded by counts: the clock plays no part, and a search that was cut short says so."""

from __future__ import annotations

import ast
import itertools
import time
from pathlib import Path

import msgspec
import pytest
from programs import examined, lock, outcomes, program, student

import grader.judging
from grader.judging.diagnose import diagnose
from grader.judging.samples import form
from grader.model.exercise import Case
from grader.model.report import Diagnosis
from grader.model.submission import Outcome

TWO = (  # it moves by 1 always, and cuts fractions off
    program("ex3", "lists")
    .source.replace("down, right = stride", "down, right = 1, 1")
    .replace("total + bias", "int(total + bias)")
)


def diagnosed(source: str, samples: bool = True) -> Diagnosis:
    _, found = examined(lock("ex3"), source, samples)
    assert found
    return found


def test_a_machine_of_any_speed_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = diagnosed(TWO)
    assert len(usual.misconceptions[0]) == 2
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        hours = itertools.count(0.0, 3600.0)
        monkeypatch.setattr(time, name, lambda hours=hours: next(hours))
    assert msgspec.json.encode(diagnosed(TWO)) == msgspec.json.encode(usual)


def test_no_module_of_the_diagnosis_reads_a_clock() -> None:
    """grade.py measures how long a run took; nothing else in judging/ knows the time."""
    readers = set()
    for path in Path(grader.judging.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            if {"time", "datetime", "timeit"} & set(names):
                readers.add(path.name)
    assert readers == {"grade.py"}


@pytest.mark.parametrize("bound, few", [("PAIRS", 0), ("CELLS", 10)])
def test_a_search_that_was_cut_short_says_so(bound: str, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = diagnosed(TWO)
    assert (len(whole.misconceptions), whole.cut_short) == (1, False)
    monkeypatch.setattr(f"grader.judging.diagnose.{bound}", few)
    cut = diagnosed(TWO)
    assert (cut.misconceptions, cut.cut_short) == ((), True)
    assert cut.fingerprint


def test_single_misconceptions_are_always_searched_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.judging.diagnose.PAIRS", 0)
    found = diagnosed(program("ex3", "kernel-flipped").source)
    assert (found.misconceptions, found.cut_short) == ((("kernel-flipped",),), False)


@pytest.mark.parametrize("most", [0, 5])
def test_the_program_runs_on_no_more_small_samples_than_allowed(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.judging.diagnose.SAMPLES", most)
    assert len(form(lock("ex3").exercise)) > 12
    it, calls = lock("ex3"), list[Case]()
    run = student(it, TWO)

    def counted(case: Case) -> Outcome:
        calls.append(case)
        return run(case)

    checks, _ = examined(it, TWO, samples=False)
    assert diagnose(it.exercise, checks, outcomes(it, run), counted)
    assert len(calls) == most
