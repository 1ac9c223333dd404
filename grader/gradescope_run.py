"""What `run_autograder` runs on Gradescope: grade the submission in a tested sandbox, and write one result.

The program has ended, and its process is gone, before the result is written. A fault of the grader never costs points.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from grader.cli.console import show
from grader.errors import EnvironmentTrouble, GradeError, Problem, fault
from grader.exercises.lock import read_lock
from grader.exercises.pack import course_files, pack_words
from grader.judging.grade import failed, grade
from grader.judging.illustrate import student_page
from grader.judging.prepare import stored_in
from grader.model.report import Report
from grader.model.submission import Submission
from grader.numbers import as_points
from grader.output import Context, picture_text
from grader.output.gradescope import document
from grader.platforms.gradescope_package import SETTINGS
from grader.sandbox import probe
from grader.sandbox.levels import starter
from grader.submissions.find import find


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the zip was built with."""

    exercises: tuple[str, ...]
    trusted: bool
    pack: str


def main(root: Path) -> None:
    """Grade `root`/submission with `root`/source, and write `root`/results/results.json."""
    source = root / "source"
    settings = msgspec.json.decode((source / SETTINGS).read_bytes(), type=Settings)
    reports: list[Report] = []
    pictures: dict[str, str] = {}
    for exercise in settings.exercises:
        try:
            report = _graded(source / "exercises", exercise, root / "submission", settings)
        except Exception as error:  # the other exercises are still graded
            show(f"{exercise}: {fault(error)}")
            report = failed(exercise, fault(error).partition("\n")[0])
        else:
            points = f"{as_points(report.score)} of {as_points(report.max_score)}"
            show("; ".join([f"{exercise}: {points}", report.isolation.says, *report.isolation.weaknesses]))
            pictures[exercise] = _picture(source / "exercises", report)
        reports.append(report)
    context = Context(single=len(reports) == 1, pack=pack_words(settings.pack))
    _write(root / "results" / "results.json", document(reports, context, pictures))


def _picture(pack: Path, report: Report) -> str:
    """Return the picture of the misconception in words; nothing if that fails, because the mark does not need it."""
    try:
        return picture_text.document(student_page(report, read_lock(pack, report.exercise)))
    except Exception as error:
        show(f"{report.exercise}: no picture: {fault(error)}")
        return ""


def _graded(pack: Path, exercise: str, folder: Path, settings: Settings) -> Report:
    lock = read_lock(pack, exercise)
    submission = submitted(exercise, folder, settings.exercises, course_files(pack))
    try:
        with probe.best(lock.exercise.allow) as server:
            return grade(lock, submission, start=server.process, load=stored_in(pack, lock))
    except EnvironmentTrouble as trouble:
        if not settings.trusted:
            help = "to run programs without one, build the autograder with `grade gradescope --trusted`"
            raise EnvironmentTrouble(*trouble.problems, Problem("this autograder needs a sandbox", help)) from None
    return grade(lock, submission, *starter("process", None), load=stored_in(pack, lock))


def submitted(exercise: str, folder: Path, exercises: Sequence[str], files: Mapping[str, str]) -> Submission:
    """Read a student's upload: its only program if all exercises are in one file, otherwise each by its name.

    `files` are the course's names of files, by exercise.
    """
    several, file = len({files.get(id, id) for id in exercises}) > 1, files.get(exercise, "")
    while inner := _only_folder(folder, exercises if several else ()):
        folder = inner
    if several:
        return find(exercise, own=False, folder=folder, file=file)
    return find(exercise, str(folder), own=False, file=file)


def _only_folder(folder: Path, exercises: Sequence[str]) -> Path | None:
    """Return the folder that is alone in an upload, as in a zip of a folder; None if it is an exercise or not alone."""
    try:
        found = [path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX"))]
    except OSError:
        raise GradeError(
            Problem(f"`{folder}` cannot be read", "Gradescope puts the upload there: tell its support")
        ) from None
    alone = found[0] if len(found) == 1 else None
    return alone if alone and alone.is_dir() and not alone.is_symlink() and alone.name not in exercises else None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8", errors="replace")
    os.replace(part, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
