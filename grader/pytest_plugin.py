"""`pytest --grade exercises/`: each case of each spec is a test, so that -k, -x, --lf, JUnit files and xdist work.

pytest loads this module wherever the grader is installed, so it imports pytest only, until `--grade` is given. The
students' files are read and run as everywhere: pytest neither imports nor collects them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.model.exercise import Lock
    from grader.model.report import Check, Report

SPECS = pytest.StashKey[list[Path]]()  # there while exercises are graded
FOLDER = pytest.StashKey[Path]()  # there where the students' folder was named


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grade", "grading exercises (torch-grader)")
    group.addoption(
        "--grade",
        action="append",
        default=[],
        metavar="SPECS",
        dest="grade_specs",
        help="grade the exercises of this folder, or of this spec, one test per case; may be given several times",
    )
    group.addoption(
        "--grade-submissions",
        metavar="DIR",
        dest="grade_submissions",
        help="--grade-submissions=DIR: where the students' ex1.py, ex2.ipynb, … are (here unless said)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Have pytest collect the specs, and nothing else unless it is named: a student's `test_ex1.py` may lie here."""
    known, here = early_config.known_args_namespace, early_config.invocation_params.dir
    if known.grade_specs and not (known.help or known.version):
        _keep_settings_out(known.grade_submissions, list(map(str, early_config.invocation_params.args)))
        specs = _specs(known.grade_specs, here)
        named = {(here / word.partition("::")[0]).resolve() for word in known.file_or_dir}
        if not any(path in named or path.parent in named for path in specs):
            known.file_or_dir += map(str, specs)
            args += map(str, specs)


def _keep_settings_out(folder: str | None, words: list[str]) -> None:
    """Raise UsageError for `--grade-submissions DIR` without `=`, which would let a student's pytest.ini in.

    pytest looks for its settings before it knows our options, and takes such a DIR for a place of tests.
    """
    if "--grade-submissions" in (*words, *os.environ.get("PYTEST_ADDOPTS", "").split()):
        says = f"pytest would take its settings from `{folder}`, which is the students'"
        raise pytest.UsageError(f"{says}; write it with `=`: --grade-submissions={folder}")


def _specs(words: list[str], here: Path) -> list[Path]:
    """Return the spec files that are meant, in the order of their numbers. Raise UsageError where there are none."""
    from grader.exercises.pack import exercise_ids

    found = []
    for word in words:
        path = (here / word).resolve()
        specs = [path / f"{id}.yaml" for id in exercise_ids(path)] if path.is_dir() else [path]
        if not specs or not all(spec.is_file() for spec in specs):
            says = "holds no specs (ex1.yaml, …)" if path.is_dir() else "does not exist"
            raise pytest.UsageError(f"--grade: `{word}` {says}; give a folder of exercises or a spec")
        found += specs
    return found


def pytest_configure(config: pytest.Config) -> None:
    chosen, here = config.option, config.invocation_params.dir
    if chosen.grade_specs:
        config.stash[SPECS] = _specs(chosen.grade_specs, here)
        if chosen.grade_submissions is not None:
            config.stash[FOLDER] = (here / chosen.grade_submissions).resolve()
            if not config.stash[FOLDER].is_dir():
                raise pytest.UsageError(f"--grade-submissions: there is no folder `{chosen.grade_submissions}`")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Keep pytest out of the students' folder, whatever else it was asked to collect."""
    folder, path = config.stash.get(FOLDER, None), collection_path.resolve()
    inside = folder is not None and path.is_relative_to(folder)
    return True if inside and not any(spec.is_relative_to(path) for spec in config.stash[SPECS]) else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".yaml" and file_path.resolve() in parent.config.stash.get(SPECS, ()):
        return Spec.from_parent(parent, path=file_path)
    return None


class Spec(pytest.File):
    """An exercise. Its submission is graded when the first of its cases is run, once in each worker."""

    lock: Lock
    _graded: Report | str | None = None

    def collect(self) -> Iterator[pytest.Item]:
        from grader.errors import GradeError
        from grader.exercises.lock import read_lock

        try:
            self.lock = read_lock(self.path.parent, self.path.stem)
        except GradeError as error:
            raise self.CollectError(str(error)) from None
        hidden = 0
        for index, case in enumerate(self.lock.exercise.cases):
            hidden += case.hidden
            yield Case.from_parent(self, name=f"hidden {hidden}" if case.hidden else case.name, index=index)

    def graded(self) -> Report:
        """Return the report. Fail, in the words of the grader, where the fault is not the student's."""
        if self._graded is None:
            self._graded = self._grade()
        if isinstance(self._graded, str):
            pytest.fail(self._graded, pytrace=False)
        return self._graded

    def _grade(self) -> Report | str:
        from grader.errors import GradeError
        from grader.judging.grade import grade
        from grader.sandbox.levels import starter
        from grader.submissions.find import find

        folder = self.config.stash.get(FOLDER, None)
        try:  # a link in a folder of others' work may lead anywhere
            here = self.config.invocation_params.dir
            submission = find(self.lock.exercise.id, own=folder is None, folder=folder or here)
            return grade(self.lock, submission, *starter("auto", None))
        except GradeError as error:
            return f"the grader failed, not the program: {error}"


class Case(pytest.Item):
    """One case of an exercise."""

    check: Check
    report: Report
    sentence = ""  # what is wrong, once that is known

    def __init__(self, *, index: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.index = index

    def setup(self) -> None:
        """Grade. What goes wrong here is no failure of the student's, and pytest calls it an error."""
        from grader.model.report import Verdict

        assert isinstance(self.parent, Spec)
        self.report = self.parent.graded()
        self.check = self.report.checks[self.index]
        if self.check.verdict is Verdict.internal_error:
            pytest.fail(f"the grader failed, not the program: {self.check.text}", pytrace=False)

    def runtest(self) -> None:
        from grader.model.report import Verdict

        self.user_properties += [("score", self.check.score), ("max_score", self.check.max_score)]
        if self.check.verdict is not Verdict.correct:
            self.sentence = self.check.text
            pytest.fail(_said(self.report, self.check), pytrace=False)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return pytest's own form of it, with one line for its summary and as JUnit's message: the case's sentence.

        Where `CI` is set, pytest's summary would repeat the whole text of each failure. The place, which `--tb=line`
        and editors show, is the student's function; where there is none, the spec.
        """
        from grader.text import one_line

        shown = super().repr_failure(excinfo, style)
        crash = getattr(shown, "reprcrash", None)
        if crash is not None and isinstance(excinfo.value, pytest.fail.Exception):
            crash.message = one_line(self.sentence or crash.message)
            crash.path, crash.lineno = str(self.path), 1
            if self.report.submission:  # it could be read
                crash.path, crash.lineno = self.report.file, self.report.line or 1
        return shown

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


def _said(report: Report, check: Check) -> str:
    """Return what a terminal shows of one case, in full; of a hidden one, that it is wrong."""
    import textwrap

    from msgspec.structs import replace

    from grader.output import terminal
    from grader.output.plain_text import plain

    why = None if check.hidden else report.diagnosis
    alone = replace(report, checks=(replace(check, generated=False),), printed="", notes=(), diagnosis=why)
    _, _, below_the_title = plain(terminal.report(alone)).partition("\n")
    return textwrap.dedent(below_the_title).strip()
