"""The benchmarks run, and print a line for whatever they compare. What they measure is no matter for a test."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest
from conftest import ROOT

TINY = ("--rounds", "1", "--class", "2", "--misconceptions", "1", "--memory", "1", "2")


def measured(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "measure.py"), *words, *TINY], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_each_section_prints_its_figures() -> None:
    out = measured("class", "memory", "--large", "2")
    assert re.search(r"the same calls in plain processes .* ms", out)
    assert re.search(r"the same judging, unprotected .* ms", out)
    assert re.search(r"pytest, a process each .* ms", out)
    assert len(re.findall(r"grade class .* 1\.00\n", out)) == 2
    assert re.search(r"2 submissions: the coordinator's peak is [\d.]+ MiB\nratio [\d.]+\n", out)
    assert re.search(r"2 submissions: rerun, nothing changed: [\d.]+ s\n", out)


def test_one_file_is_measured_again_beside_busy_processes() -> None:
    usual, loaded = measured("start", "phases", "--load", "1").split("beside 1 busy processes")
    for part in (usual, loaded):
        assert re.search(r"import numpy .* ms +1\.00\n", part)
        assert re.search(r"grade ex3, one misconception .* ms", part)
    assert "phase" in usual
    assert re.search(r"start, load, call \(n = \d+\) .*%", usual)
    assert "phase" not in loaded


@pytest.mark.long
@pytest.mark.skipif(not importlib.util.find_spec("distributed"), reason="needs Dask")
def test_a_dask_cluster_is_compared() -> None:
    assert re.search(r"a Dask cluster of two workers .* ms", measured("dask"))


def test_an_unknown_section_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "measure.py"), "clas"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "there is no section 'clas'; there are start, class" in done.stderr
