"""Read the programs of `data/misconceptions`, and run programs in this process, much as the sandbox's child would.

For tests only: hundreds of harmless programs of our own, without a process for each.
"""

from __future__ import annotations

import copy
import functools
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from grader.exercises.lock import read_lock
from grader.exercises.misconception_answers import load
from grader.judging.diagnose import diagnose
from grader.judging.grade import judge
from grader.judging.misconceptions import Run, Values
from grader.judging.modelled import known
from grader.judging.prepare import call_arguments, prepare
from grader.judging.running import Outcomes
from grader.model.exercise import Case, Exercise, Lock
from grader.model.report import Check, Diagnosis
from grader.model.submission import Outcome, Submission
from grader.numbers import Numbers
from grader.ops import Misconception

ROOT = Path(__file__).parent.parent
MISCONCEPTIONS = ROOT / "tests" / "data" / "misconceptions"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LOCKS: dict[str, Lock] = {}
ARGUMENTS: dict[tuple[int, int], tuple[Exercise, Case, dict[str, Any]]] = {}

Call = Callable[[Case], Outcome]


@dataclass(frozen=True)
class Program:
    """A program of ours. `misconception` is what the diagnosis must name: nothing where it is right or unnamed."""

    exercise: str
    name: str
    source: str
    misconception: str = ""

    @property
    def id(self) -> str:
        return f"{self.exercise}-{self.name}"


def misconceptions(exercise: str) -> tuple[Program, ...]:
    """Return the programs whose misconception the diagnosis must name, sorted by name."""
    return _read(exercise)[0]


def unnamed(exercise: str) -> tuple[Program, ...]:
    """Return the wrong programs that no misconception explains, sorted by name."""
    return _read(exercise)[1]


def bases(exercise: str) -> tuple[Program, ...]:
    """Return the right programs that the wrong ones are made of, sorted by name."""
    return _read(exercise)[2]


def program(exercise: str, name: str) -> Program:
    """Return one of an exercise's programs."""
    (found,) = (it for group in _read(exercise) for it in group if it.name == name)
    return found


@functools.cache
def _read(exercise: str) -> tuple[tuple[Program, ...], tuple[Program, ...], tuple[Program, ...]]:
    text = (MISCONCEPTIONS / f"{exercise}.yaml").read_text(encoding="utf-8")
    return parse(exercise, text)


def parse(exercise: str, text: str) -> tuple[tuple[Program, ...], tuple[Program, ...], tuple[Program, ...]]:
    """Return the programs of a YAML file: those with a misconception, those without, and the right ones."""
    named, nameless, good = [], [], []
    for style, group in yaml.load(text, LOADER).items():
        base = group["program"]
        good.append(Program(exercise, style, base))
        for name, entry in group.get("misconceptions", {}).items():
            edits, misconception = entry, name
            if isinstance(entry, dict):
                edits, misconception = entry["edits"], entry["misconception"]
            named.append(Program(exercise, name, edited(base, edits), misconception))
        for name, edits in group.get("unnamed", {}).items():
            nameless.append(Program(exercise, name, edited(base, edits)))
    names = [it.name for it in (*named, *nameless, *good)]
    assert len(set(names)) == len(names), f"two programs of {exercise} have one name"
    first, second, third = (tuple(sorted(group, key=lambda it: it.name)) for group in (named, nameless, good))
    return first, second, third


def edited(base: str, edits: Sequence[Any]) -> str:
    """Return a program with edits: `[old, new]`, or a list of such pairs.

    Both are whole lines, indented relative to the place of `old`, which must occur exactly once.
    """
    lines = base.splitlines()
    changes = []
    for old, new in [edits] if isinstance(edits[0], str) else edits:
        wanted = old.splitlines()
        blocks = [lines[i : i + len(wanted)] for i in range(len(lines) - len(wanted) + 1)]
        starts = [i for i, block in enumerate(blocks) if textwrap.dedent("\n".join(block)) == old]
        assert len(starts) == 1, f"{len(starts)} times in the program instead of once:\n{old}"
        start, end = starts[0], starts[0] + len(wanted)
        depth = min(len(line) - len(line.lstrip()) for line in lines[start:end] if line)
        changes.append((start, end, textwrap.indent(new, " " * depth).splitlines()))
    for start, end, new in sorted(changes, reverse=True):
        lines[start:end] = new
    return "\n".join(lines) + "\n"


def lock(id: str) -> Lock:
    """Return an exercise with its references, read once; its diagnosis uses the stored answers of misconceptions."""
    if id not in LOCKS:
        LOCKS[id] = read_lock(ROOT / "exercises", id)
        known(LOCKS[id].exercise, lambda: load(ROOT / "exercises", LOCKS[id].exercise))
    return LOCKS[id]


def submission(id: str, source: str) -> Submission:
    """Return a program as a submission."""
    return Submission("id", "", id, "python", f"{id}.py", ((f"{id}.py", source),))


def student(it: Lock, source: str) -> Call:
    """Return what runs a program's function on a case."""
    exercise, file = it.exercise, f"{it.exercise.id}.py"
    module: dict[str, Any] = {"__name__": "submission"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, file, "exec", dont_inherit=True), module)
    function = module[exercise.name]

    def run(case: Case) -> Outcome:
        arguments = _arguments(exercise, case)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                result = function(**arguments)
            except Exception as error:
                return _raised(error, file)
        if result is None:
            return Outcome(failure="not_numeric", text="it returned None: is a `return` missing?")
        arrays = [np.array(output) for output in ((result,) if len(exercise.outputs) == 1 else result)]
        return Outcome(value=tuple(Numbers(a.shape, tuple(a.ravel().tolist()), a.dtype.name) for a in arrays))

    return run


def _arguments(exercise: Exercise, case: Case) -> dict[str, Any]:
    """Return the arguments of a case, made once and copied for each call: a program may change them."""
    key = id(exercise), id(case)
    if key not in ARGUMENTS:
        made = {name: _array(value) for name, value in call_arguments(exercise, case).items()}
        ARGUMENTS[key] = exercise, case, made  # with both, so that no other object gets their ids
    return {name: copy.deepcopy(value) for name, value in ARGUMENTS[key][2].items()}


def _array(value: Any) -> Any:
    return np.array(value.cells, dtype="f8").reshape(value.shape) if isinstance(value, Numbers) else value


def _raised(error: Exception, file: str) -> Outcome:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return Outcome(failure="raised", text=f"{type(error).__name__}: {error}", file=file if line else "", line=line)


def outcomes(it: Lock, run: Call) -> list[Outcome]:
    """Run a program on all cases of an exercise."""
    return [run(case) for case in it.exercise.cases]


def judged(
    it: Lock, program: Submission, given: Sequence[Outcome], again: Mapping[str, Outcome] | None = None
) -> tuple[Check, ...]:
    """Judge what came of all cases of an exercise."""
    prepared = prepare(it)
    by_case = {case.case.name: case for case in (*prepared.visible, *prepared.hidden)}
    cases = [by_case[case.name] for case in it.exercise.cases]
    return judge(it.exercise, cases, program, Outcomes(tuple(given), dict(again or {})))


def remembering(pair: Callable[[Misconception, Misconception], Run]) -> Callable[[Misconception, Misconception], Run]:
    """Memoise `misconceptions.pair`: for each program, a search asks the same pairs about the same cases."""
    answers: dict[tuple[str, str, int, int], tuple[Any, Any, Values]] = {}

    def remembered(first: Misconception, second: Misconception) -> Run:
        run = pair(first, second)

        def answer(op: Any, inputs: Sequence[Any]) -> Values:
            key = first.id, second.id, id(op), id(inputs)
            if key not in answers:
                answers[key] = op, inputs, run(op, inputs)  # with both, so that no other object gets their ids
            return answers[key][2]

        return answer

    return remembered


def examined(it: Lock, source: str, samples: bool = True) -> tuple[tuple[Check, ...], Diagnosis | None]:
    """Judge a program and diagnose it, with the small samples or without."""
    run = student(it, source)
    given = outcomes(it, run)
    checks = judged(it, submission(it.exercise.id, source), given)
    return checks, diagnose(it.exercise, checks, given, run if samples else None)
