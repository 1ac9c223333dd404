"""Read what an entry of a class stands for, and say what its result depends on and how it came out."""

from __future__ import annotations

import hashlib

import msgspec

from grader import __version__
from grader.errors import EnvironmentTrouble, GradeError, Problem
from grader.model.class_ import Entry
from grader.model.report import Report, Verdict
from grader.model.submission import Submission
from grader.submissions.find import find
from grader.text import one_line


def read(entry: Entry) -> Submission:
    """Read a submission. Whatever is wrong with it becomes a refused Submission.

    Raise EnvironmentTrouble where the file has disappeared: a missing drive must not cost a student the marks.
    """
    if entry.problem:
        shown = one_line(entry.original or entry.student)
        return Submission("", entry.student, entry.exercise, "python", shown, (), refused=entry.problem)
    try:
        submission = find(entry.exercise, entry.path, entry.student, own=False)
    except GradeError:
        says = f"`{one_line(entry.path)}` has disappeared since the run began"
        help = "is its drive still connected? Results so far are kept, and the same command continues from there"
        raise EnvironmentTrouble(Problem(says, help)) from None
    except Exception as error:
        submission = Submission("", entry.student, entry.exercise, "python", "", (), refused=one_line(str(error)))
    shown = one_line(entry.path.replace("\\", "/").rpartition("/")[2])
    return msgspec.structs.replace(submission, path=shown, notes=(*submission.notes, *entry.notes))


def key(submission: Submission, lock: str) -> str:
    """Return a digest of what a result depends on: program, exercise with answers and limits (`lock`), grader."""
    return _key(submission.id, submission.refused, *submission.notes, lock)


def unread_key(id: str, lock: str) -> str:
    """Return the `key` of a program of this digest that is `alone`, without reading it again."""
    return _key(id, "", lock)


def _key(*words: str) -> str:
    parts = (*words, __version__)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def reason(report: Report) -> str:
    """Sum up a report in a few words: the misconception, the exception, or the first thing that is wrong."""
    wrong = [check for check in report.checks if check.verdict is not Verdict.correct]
    found = report.diagnosis
    if not wrong:
        return "all right"
    if found and found.misconceptions:
        return " and ".join(found.misconceptions[0])
    if report.by_heart:
        return "right in the written cases, and in almost no others"
    if found and found.crash:
        return one_line(f"{found.crash.type}: {found.crash.message}")
    return one_line(f"{wrong[0].verdict.value.replace('_', ' ')}: {wrong[0].text}")


def is_fault(report: Report) -> bool:
    """Return whether the grader failed on a submission: then its report holds no marks."""
    return any(check.verdict is Verdict.internal_error for check in report.checks)
