"""`pytest --grade exercises/`: the cases of each spec are tests, so that -k, -x, --lf, JUnit files and xdist work.

Each written case is a test; all generated ones are the test `sweep`, unless --grade-detail asks for each of them. The
test `misconception`, without points, fails if one known misconception explains the answers.

pytest loads this module wherever the grader is installed, so it imports only pytest until `--grade` is given. pytest
neither imports nor collects the students' files: the grader reads them and runs them in a sandbox.
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

SPECS = pytest.StashKey[list[Path]]()  # set if exercises are to be graded
FOLDER = pytest.StashKey[Path]()  # set if --grade-submissions is given


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grade", "grading exercises (torch-grader)")
    group.addoption(
        "--grade",
        action="append",
        default=[],
        metavar="SPECS",
        dest="grade_specs",
        help="grade the exercises of this folder or pack, or this spec, with one test per written case; repeatable",
    )
    group.addoption(
        "--grade-detail",
        action="store_true",
        dest="grade_detail",
        help="one test per generated and per hidden case, too",
    )
    group.addoption(
        "--grade-submissions",
        metavar="DIR",
        dest="grade_submissions",
        help="--grade-submissions=DIR: folder with the students' ex1.py, ex2.ipynb, … (default: the current one)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Have pytest collect the specs, and nothing else unless it is named: a student's `test_ex1.py` may be here."""
    known, here = early_config.known_args_namespace, early_config.invocation_params.dir
    if known.grade_specs and not (known.help or known.version):
        _refuse_folder_without_equals(known.grade_submissions, list(map(str, early_config.invocation_params.args)))
        specs = _specs(known.grade_specs, here)
        named = {(here / word.partition("::")[0]).resolve() for word in known.file_or_dir}
        if not any(path in named or path.parent in named for path in specs):
            known.file_or_dir += map(str, specs)
            args += map(str, specs)


def _refuse_folder_without_equals(folder: str | None, words: list[str]) -> None:
    """Raise UsageError for `--grade-submissions DIR` without `=`.

    pytest looks for its settings before it knows our options. It would take DIR for a folder of tests, and load a
    student's pytest.ini.
    """
    if "--grade-submissions" in (*words, *os.environ.get("PYTEST_ADDOPTS", "").split()):
        says = f"pytest would read its settings from `{folder}`, the students' folder"
        raise pytest.UsageError(f"{says}; write `--grade-submissions={folder}`, with `=`")


def _specs(words: list[str], here: Path) -> list[Path]:
    """Return the spec files that `--grade` names, in the order of their numbers. Raise UsageError if there are none."""
    from grader.exercises.pack import exercise_ids, packs

    found = []
    for word in words:
        path = (packs().get(word) or here / word).resolve()
        specs = [path / f"{id}.yaml" for id in exercise_ids(path)] if path.is_dir() else [path]
        if not specs or not all(spec.is_file() for spec in specs):
            says = "holds no specs (ex1.yaml, …)" if path.is_dir() else "does not exist"
            raise pytest.UsageError(f"--grade: `{word}` {says}; give a folder of exercises, a spec or a pack's name")
        found += specs
    return found


def pytest_configure(config: pytest.Config) -> None:
    chosen, here = config.option, config.invocation_params.dir
    if chosen.grade_specs:
        config.stash[SPECS] = _specs(chosen.grade_specs, here)
        config.pluginmanager.register(Points(config), "grade-points")
        if chosen.grade_submissions is not None:
            config.stash[FOLDER] = (here / chosen.grade_submissions).resolve()
            if not config.stash[FOLDER].is_dir():
                raise pytest.UsageError(f"--grade-submissions: there is no folder `{chosen.grade_submissions}`")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Keep pytest out of the students' folder, whatever else it collects."""
    folder, path = config.stash.get(FOLDER, None), collection_path.resolve()
    inside = folder is not None and path.is_relative_to(folder)
    return True if inside and not any(spec.is_relative_to(path) for spec in config.stash[SPECS]) else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".yaml" and file_path.resolve() in parent.config.stash.get(SPECS, ()):
        return Spec.from_parent(parent, path=file_path)
    return None


class Points:
    """Moves the points of our tests in a JUnit file to its suite: Jenkins takes no properties on a test case.

    In pytest's older family `xunit1` they stay where they are.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        from _pytest.junitxml import xml_key

        xml = self.config.stash.get(xml_key, None)
        if xml is None or xml.family == "xunit1":
            return
        ours = [item for item in report.user_properties if item[0] in ("score", "max_score")]
        report.user_properties = [item for item in report.user_properties if item not in ours]
        if report.when == "teardown":  # whose report has the properties of the whole test
            for name, value in ours:
                xml.add_global_property(f"{name} of {report.nodeid}", value)


class Spec(pytest.File):
    """An exercise. Its submission is graded when the first of its cases runs, once in each worker."""

    lock: Lock
    reported = ""  # the test that showed what all cases have in common
    _graded: Report | str | None = None

    def collect(self) -> Iterator[pytest.Item]:
        from grader.errors import GradeError
        from grader.exercises.lock import read_lock

        try:
            self.lock = read_lock(self.path.parent, self.path.stem)
        except GradeError as error:
            raise self.CollectError(str(error)) from None
        cases = self.lock.exercise.cases
        shown = [index for index, case in enumerate(cases) if not case.hidden]
        hidden = [index for index, case in enumerate(cases) if case.hidden]
        generated = [index for index in shown if cases[index].generated]
        detail = self.config.option.grade_detail
        yield Misconception.from_parent(self, name="misconception", indices=())
        for index in shown:
            if detail or not cases[index].generated:
                yield Case.from_parent(self, name=cases[index].name, indices=(index,))
        if generated and not detail:
            yield Case.from_parent(self, name="sweep", indices=tuple(generated))
        if detail:
            for number, index in enumerate(hidden, 1):
                yield Case.from_parent(self, name=f"hidden {number}", indices=(index,))
        elif hidden:
            yield Case.from_parent(self, name="hidden", indices=tuple(hidden))

    @property
    def pack(self) -> str:
        """Return what ends the commands that are shown, if the spec is of a pack that comes with the grader."""
        from grader.exercises.pack import pack_name, pack_words

        return pack_words(pack_name(self.path.parent))

    def graded(self) -> Report:
        """Return the report. Fail with the grader's message if the fault is not the student's."""
        if self._graded is None:
            self._graded = self._grade()
        if isinstance(self._graded, str):
            pytest.fail(self._graded, pytrace=False)
        return self._graded

    def _grade(self) -> Report | str:
        from grader.errors import GradeError
        from grader.judging.grade import grade
        from grader.judging.prepare import stored_in
        from grader.sandbox.levels import starter
        from grader.submissions.find import find

        folder = self.config.stash.get(FOLDER, None)
        try:
            here = self.config.invocation_params.dir
            own = folder is None  # a link in a folder of other people's work may lead anywhere
            submission = find(self.lock.exercise.id, own=own, folder=folder or here, file=self.lock.exercise.file)
            load = stored_in(self.path.parent, self.lock)
            return grade(self.lock, submission, *starter("auto", None), load=load)
        except GradeError as error:
            return f"the grader failed, not the program: {error}"


class Case(pytest.Item):
    """One case of an exercise, or all of its generated or hidden cases."""

    checks: list[Check]
    report: Report
    sentence = ""  # what is wrong, if the case fails

    def __init__(self, *, indices: tuple[int, ...], **rest: Any) -> None:
        super().__init__(**rest)
        self.indices = indices

    def setup(self) -> None:
        """Grade. What goes wrong in setup is an error to pytest, not a failure: it is not the student's fault."""
        from grader.model.report import Verdict

        assert isinstance(self.parent, Spec)
        self.report = self.parent.graded()
        self.checks = [self.report.checks[index] for index in self.indices]
        for check in self.checks:
            if check.verdict is Verdict.internal_error:
                pytest.fail(f"the grader failed, not the program: {check.text}", pytrace=False)

    def runtest(self) -> None:
        from grader.output.report_text import simplest_first

        for name in ("score", "max_score"):
            self.user_properties.append((name, sum(getattr(check, name) for check in self.checks)))
        wrong = simplest_first(self.checks)
        if wrong:
            self.sentence, page = self._wrong(wrong[0])
            pytest.fail(page, pytrace=False)

    def _wrong(self, first: Check) -> tuple[str, str]:
        """Return a sentence and a page on what is wrong; what all cases have in common is shown once."""
        from grader.output.report_text import common_check, right_of

        assert isinstance(self.parent, Spec)
        if not first.hidden and common_check([check for check in self.report.checks if not check.hidden]):
            if self.parent.reported not in ("", self.name):
                same = f"the same as in `{self.parent.reported}`"
                return same, same
            self.parent.reported = self.name
        if len(self.checks) == 1:
            return first.text, self._page(first)
        right = f"{right_of(self.checks)} {'hidden' if first.hidden else 'generated'} cases right"
        if first.hidden:
            return right, right
        return f"{right}; {first.case}: {first.text}", f"{right}\n{self._page(first)}"

    def _page(self, check: Check) -> str:
        """Return what a terminal shows of a case, with the diagnosis unless the test of the misconception shows it."""
        from grader.output.report_text import misconceptions

        shown = any(isinstance(item, Misconception) and item.parent is self.parent for item in self.session.items)
        assert isinstance(self.parent, Spec)
        why = not (shown and misconceptions(self.report))
        return _page(self.report, check, self.parent.pack, why)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return pytest's own representation, with the case's sentence as the line of the summary and JUnit's message.

        If `CI` is set, pytest's summary would repeat the whole text of each failure. The place, which `--tb=line` and
        editors show, is the student's function, or the spec if there is none.
        """
        from grader.text import one_line

        shown = super().repr_failure(excinfo, style)
        crash = getattr(shown, "reprcrash", None)
        if crash is not None and isinstance(excinfo.value, pytest.fail.Exception):
            crash.message = one_line(self.sentence or crash.message)
            crash.path, crash.lineno = str(self.path), 1
            if self.report.submission:  # the file could be read
                crash.path, crash.lineno = self.report.file, self.report.line or 1
        return shown

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


class Misconception(Case):
    """Fails if one known misconception explains the answers. It has no points.

    It passes otherwise: pytest's JUnit element for a skipped test is not valid for Jenkins.
    """

    def runtest(self) -> None:
        from rich.console import Group

        from grader.output.diagnosis import diagnosis_lines
        from grader.output.plain_text import plain
        from grader.output.report_text import misconceptions

        assert isinstance(self.parent, Spec)
        if found := misconceptions(self.report):
            self.sentence = " ".join(found)
            page = plain(Group(*diagnosis_lines(self.report.diagnosis, pack=self.parent.pack)))
            pytest.fail(_left(page), pytrace=False)


def _page(report: Report, check: Check, pack: str, why: bool) -> str:
    """Return what a terminal shows of one case in full; of a hidden one, only that it is wrong.

    `why` asks for the diagnosis.
    """
    from msgspec.structs import replace

    from grader.output import terminal
    from grader.output.plain_text import plain

    found = report.diagnosis if why and not check.hidden else None
    alone = replace(report, checks=(replace(check, generated=False),), printed="", notes=(), diagnosis=found)
    _, _, body = plain(terminal.report(alone, pack)).partition("\n")
    return _left(body)


def _left(text: str) -> str:
    import textwrap

    return textwrap.dedent(text).strip()
