"""`from grader import check` for notebooks: call a student's function in the notebook's own process.

Without a process boundary, a result proves nothing to others: the right answers are in the same process, and only the
student can stop an endless loop. Everything else is as in `grade`: calls, judging, diagnosis and messages.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import inspect
import io
import linecache
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any

import msgspec

from grader.cli.console import show
from grader.errors import GradeError, Problem
from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging.grade import grade_with
from grader.judging.prepare import stored_in
from grader.model.exercise import Exercise, Lock
from grader.model.report import Isolation, Report
from grader.model.submission import Outcome, Submission
from grader.numbers import as_points
from grader.sandbox import calls, wire
from grader.text import clean, one_line

ISOLATION = Isolation(
    "none",
    "called directly in the notebook's own process",
    (
        "the right answers are in the same process: the result proves nothing to others",
        "time and memory are not limited: an endless loop continues until the kernel is interrupted",
        "everything that was run or imported before has an effect, and every package can be imported",
    ),
)
NOTE = "called in this process, without a time limit and with any package; `grade` runs the file in its own process"
_DEFAULT = object()


class Checked:
    """What `check` returns. `report` is None if nothing could be graded."""

    def __init__(self, report: Report | None) -> None:
        self.report = report

    @property
    def passed(self) -> bool:
        """Whether everything is right."""
        return self.report is not None and self.report.passed

    def __repr__(self) -> str:
        if self.report is None:
            return "not graded"
        return f"{self.report.exercise}: {as_points(self.report.score)} of {as_points(self.report.max_score)} points"


def check(exercise: str, function: Any = _DEFAULT) -> Checked:
    """Grade a function and show the result; by default the notebook's function with the name in the exercise.

    A student's error never raises an exception, but an interrupt raises KeyboardInterrupt.
    """
    try:
        if not isinstance(exercise, str):
            raise GradeError(Problem("the first argument must be the exercise's name", 'write `check("ex1", conv2d)`'))
        lock = read_lock(pack_folder(), exercise)
    except GradeError as error:
        show(str(error))
        return Checked(None)
    name, shell = lock.exercise.name, _shell()
    if function is _DEFAULT:
        function = vars(sys.modules["__main__"]).get(name, _DEFAULT)
    cells = tuple(_sources(function, shell))
    digest = hashlib.sha256("\0".join(part for cell in cells for part in cell).encode("utf-8", "replace"))
    place = "this notebook" if shell else "this program"
    submission = Submission(digest.hexdigest()[:16], "", exercise, "notebook", place, cells, notes=(NOTE,))
    with _first_display(shell):
        direct = Direct(lock.exercise, function)
        report = grade_with(
            lock, submission, direct, lambda: Direct(lock.exercise, function), stored_in(pack_folder(), lock)
        )
    _display(report, lock, shell)
    return Checked(report)


class Direct:
    """Call a function in this process, as a Session calls one in the sandbox."""

    def __init__(self, exercise: Exercise, function: Any) -> None:
        import numpy

        self.numpy, self.function, self.exercise, self.form = numpy, function, exercise, wire.form(exercise)
        self.earlier = vars(sys.modules["__main__"]).get(exercise.earlier.function) if exercise.earlier else None
        self.stopped: tuple[wire.Stop, ...] = ()
        self.overrun = False
        self.output_limit = exercise.limits.output_limit << 10
        self.printed, self.isolation = "", ISOLATION
        self.versions = {"python": sys.version.split()[0], "numpy": numpy.__version__}
        self.end: Outcome | None = None
        if not callable(function):
            text = ""
            if function is not _DEFAULT:
                text = "it is not a function; pass the function itself, without parentheses"
            self.end = Outcome(failure="missing", text=text, names=tuple(_functions()), ran=False)

    def __enter__(self) -> Direct:
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()  # Python then shows each warning again
        return self

    def __exit__(self, *error: Any) -> None:
        self._warnings.__exit__(*error)

    def begin(self) -> None:
        """Do nothing: there is no process to start."""

    def outcomes(self, requests: Sequence[wire.Request], known: Mapping[bytes, Outcome]) -> Iterator[Outcome]:
        """Call the function with copies of each request's arguments, without a time limit, and yield the outcomes."""
        return (self._call(request, known) for request in requests)

    def _call(self, request: wire.Request, known: Mapping[bytes, Outcome]) -> Outcome:
        if self.end:
            return self.end
        figures = _figures()
        printed = _Printed(self.output_limit)
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                answer = calls.answer(self.numpy, (self.function, self.earlier), self.form, request.frame, {})
            outcome = known.get(answer) or wire.outcome(answer, self.exercise.results, request.arguments)
        except KeyboardInterrupt:
            raise
        except wire.Malformed as trouble:
            outcome = Outcome(failure="crashed", text=str(trouble))
        except _TooMuch:
            outcome = Outcome(failure="output", text=f"it printed more than {self.output_limit >> 10} KiB")
        except calls.Failed as failure:
            outcome = wire.failure(calls.failed(failure))
        except BaseException as error:  # SystemExit must not end the notebook either
            exercise, failed = self.exercise, calls.failed(self._described(error))
            outcome = wire.outcome(failed, exercise.results, {}, exercise.earlier_results)
        finally:
            _close(figures)
        return msgspec.structs.replace(outcome, printed=clean(printed.getvalue()))

    def _described(self, error: BaseException) -> calls.Failed:
        """Describe an exception with the line of the student's own code that raised it."""
        if isinstance(error, calls.OneFailed):
            cause = error.cause if isinstance(error.cause, calls.Failed) else self._described(error.cause)
            cause.earlier = error.earlier
            return cause if error.earlier else calls.Failed("earlier", cause.text, cause.file, cause.line)
        spaces, files, trace = _namespaces(self.function), set(), error.__traceback__
        while trace is not None:
            if any(trace.tb_frame.f_globals is space for space in spaces):
                files.add(trace.tb_frame.f_code.co_filename)
            trace = trace.tb_next
        failure = calls.describe(error, files)
        failure.file = _display_name(failure.file, _shell())
        return failure


class _TooMuch(BaseException):
    """The function printed more than the limit; its own `except Exception` does not catch this."""


class _Printed(io.StringIO):
    def __init__(self, most: int) -> None:
        super().__init__()
        self.left = most

    def write(self, text: str) -> int:
        self.left -= len(text)
        if self.left < 0:
            raise _TooMuch
        return super().write(text)


def _functions() -> list[str]:
    """Return the names of the functions that the notebook has defined."""
    return [name for name, value in vars(sys.modules["__main__"]).items() if isinstance(value, FunctionType)]


def _namespaces(function: Any) -> list[dict[str, Any]]:
    """Return the namespaces of the student's own code: the notebook's, and that of the function's module."""
    own: Any = None
    with contextlib.suppress(Exception):  # the object may be anything, or wrap itself
        own = getattr(inspect.unwrap(function), "__globals__", None)
    return [vars(sys.modules["__main__"]), *([own] if isinstance(own, dict) else [])]


def _sources(function: Any, shell: Any) -> list[tuple[str, str]]:
    """Return the cells or files with the student's functions, under the names that students know."""
    values = [value for space in _namespaces(function) for value in space.values()]
    files = {value.__code__.co_filename: None for value in values if isinstance(value, FunctionType)}
    linecache.checkcache()  # a module may have been saved and reloaded
    return [(_display_name(file, shell), "".join(linecache.getlines(file))) for file in files]


def _display_name(file: str, shell: Any) -> str:
    """Return the name of a file as the student knows it: IPython invents file names for cells."""
    cell = shell.compile.format_code_name(file) if shell and hasattr(shell.compile, "format_code_name") else None
    return one_line(" ".join(cell).lower().replace("in[", "In[") if cell else os.path.basename(file))


def _shell() -> Any:
    """Return the running IPython shell, or None in plain Python."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


@contextlib.contextmanager
def _first_display(shell: Any) -> Iterator[None]:
    """Show the first plot, or whatever else a function displays; seventy cases would show it seventy times."""
    if shell is None:
        yield
        return
    capture = importlib.import_module("IPython.utils.capture").capture_output
    with capture(stdout=False, stderr=False, display=True) as captured:
        yield
    for output in captured.outputs[:1]:
        output.display()


def _figures() -> set[int] | None:
    """Return the numbers of Matplotlib's open figures; None where it has not been imported yet."""
    plots = sys.modules.get("matplotlib.pyplot")
    return set(plots.get_fignums()) if plots else None


def _close(known: set[int] | None) -> None:
    """Close the figures that a call opened, but the first where no other is open: the notebook shows that one."""
    plots = sys.modules.get("matplotlib.pyplot")
    if plots:
        new = sorted(set(plots.get_fignums()) - (known or set()))
        for number in new if known else new[1:]:
            plots.close(number)


def _display(report: Report, lock: Lock, shell: Any) -> None:
    from grader.output import terminal

    item = terminal.report(report)
    if shell is None:
        show(item)
    else:
        from grader.judging.illustrate import student_page
        from grader.output.html import student
        from grader.output.html.document import fragment
        from grader.output.plain_text import plain

        display = importlib.import_module("IPython.display").display
        html = fragment(*student.report(student_page(report, lock), 2))
        display({"text/html": html, "text/plain": plain(item)}, raw=True)
