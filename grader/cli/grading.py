"""The commands that grade a student's own work: `grade EXERCISE`, `grade` alone, `grade watch`."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import click

from grader.cli.commands import COMMANDS
from grader.cli.console import running, show, show_broken
from grader.cli.documents import SCREEN, Sink, delivered, format_option, output_option, sinks
from grader.cli.html import html_option, open_option, target, write_page
from grader.cli.options import (
    PROGRAMS,
    exercise_argument,
    isolation_option,
    no_color_option,
    pack_of,
    pack_option,
    pack_words,
    without_suffix,
)
from grader.errors import GradeError, Problem, near, to_install
from grader.exercises.lock import read_lock, read_pack
from grader.exercises.pack import course_files, exercise_ids, other_packs
from grader.model.report import Report
from grader.text import one_line, shell_word, some

WATCHING = "\nWatching: save the file to grade it again. Ctrl-C ends this."


class _ExerciseCommand(click.Command):
    """The command without a verb."""

    def format_usage(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("grade", "EXERCISE [PATH] [OPTIONS]")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        word = args[0]
        try:
            return super().parse_args(ctx, args)
        except click.UsageError:
            # a misspelled command has options and words that no exercise has
            _check_exercise(ctx, _exercise_and_path(ctx, word, None)[0])
            raise


@click.command("EXERCISE", cls=_ExerciseCommand)
@exercise_argument
@click.argument("path", required=False)
@format_option
@output_option
@html_option
@open_option
@isolation_option
@pack_option
@no_color_option
@click.pass_context
def grade_exercise(
    ctx: click.Context,
    exercise: str,
    path: str | None,
    format: str | None,
    output: list[Sink],
    html: str | None,
    open_: bool,
    isolation: str | None,
) -> int:
    """Grade one exercise: EXERCISE.py in this folder, or the file, notebook or folder at PATH."""
    before = ctx.find_root().params  # options may stand before the exercise, too
    chosen = sinks(format or before["format"], [*before["output"], *output])
    if not path and (several := _answered_in(ctx, exercise)):
        if html or open_:
            raise click.UsageError(f"--html and --open show one exercise, as in `grade {several[0]} {exercise}`")
        return _grade_each(ctx, chosen, several, exercise, isolation or before["isolation"])
    page = target(html, open_, f"{Path(exercise).stem}.html")
    with delivered(chosen, [exercise], single=True) as reports:
        exercise, path = _exercise_and_path(ctx, exercise, path)
        _check_exercise(ctx, exercise, path)
        reports.append(_graded(ctx, exercise, path, isolation or before["isolation"], SCREEN in chosen))
        if SCREEN in chosen:
            _print(ctx, reports[0])
    if page:
        from grader.judging.illustrate import student_page
        from grader.output.html import student

        lock = read_lock(pack_of(ctx), exercise)
        write_page(page, student.document([student_page(reports[0], lock)]), open_)
    return _exit_code(*reports)


def _answered_in(ctx: click.Context, word: str) -> list[str]:
    """Return the exercises that a course's file answers, by its name or by the functions in it; none for another word.

    `grade layers.py --pack cs231n` grades all of them.
    """
    files = course_files(pack_of(ctx)) if word.endswith(PROGRAMS) else {}
    if not files or without_suffix(word) in exercise_ids(pack_of(ctx)) or not Path(word).is_file():
        return []
    if found := [id for id, file in files.items() if file == Path(word).name]:
        return found
    return [lock.exercise.id for lock in read_pack(pack_of(ctx), files)[0] if _defines(word, lock.exercise.name)]


def _defines(file: str, name: str) -> bool:
    from grader.submissions.plain import Refused, read_text

    try:
        return bool(re.search(rf"\b(def|class) {name}\b", read_text(Path(file))))
    except Refused:
        return False


def _exercise_and_path(ctx: click.Context, word: str, path: str | None) -> tuple[str, str | None]:
    """Return the exercise and the path, also where the first word is the file: `grade ex1.py`."""
    if not word.endswith(PROGRAMS):
        return word, path
    exercise = without_suffix(word)
    if path:
        says = f"`{word}` and `{path}` are two paths, and only one can be graded at a time"
        words = f"{exercise} {shell_word(path)}{pack_words(ctx)}"
        raise GradeError(Problem(says, f"`grade {words}` grades `{path}` as {exercise}"))
    return exercise, word


def _check_exercise(ctx: click.Context, exercise: str, path: str | None = None) -> None:
    """Raise GradeError where there is no such exercise; the word may have been meant for a command."""
    known = exercise_ids(pack_of(ctx))
    if exercise not in known and not exercise.startswith("-"):
        other = other_packs(exercise)
        if path and path.endswith(PROGRAMS) and without_suffix(path) == exercise and Path(path).is_file():
            words = f"{_likely(ctx, path, known)} {shell_word(path)}{pack_words(ctx)}"
            says = f"`{one_line(path)}` does not say which exercise it answers"
            raise GradeError(Problem(says, other or f"`grade {words}` grades it"))
        joined = f"{exercise}{path}"  # `grade ex 1`
        help = other or near(joined if joined in known else exercise, [*known, *COMMANDS])
        help = help or (
            "`grade --help` lists the commands"
            if exercise == "help"
            else f"`grade list{pack_words(ctx)}` lists the exercises"
        )
        raise GradeError(Problem(f"there is no exercise `{exercise}`", help))


def _likely(ctx: click.Context, path: str, known: Sequence[str]) -> str:
    """Return the exercise that a file probably answers: by its name, by what it mentions, by its function."""
    from grader.submissions.plain import Refused, read_text

    try:
        text = read_text(Path(path))
    except Refused:
        text = ""
    for words in (Path(path).stem.lower(), text):
        if found := [id for id in known if re.search(rf"(?<![a-z0-9]){re.escape(id)}(?![0-9])", words)]:
            return found[0]
    exercises = [lock.exercise for lock in read_pack(pack_of(ctx), known)[0]]
    defined = [e.id for e in exercises if re.search(rf"\bdef {e.name}\b", text)]
    return (defined or [id for id in known if id == "ex1"] or ["EXERCISE"])[0]


def _graded(
    ctx: click.Context, exercise: str, path: str | None, isolation: str | None = None, screen: bool = True
) -> Report:
    from grader.judging.grade import grade
    from grader.judging.prepare import stored_in
    from grader.sandbox.levels import starter
    from grader.submissions.find import find

    pack = pack_of(ctx)
    lock = read_lock(pack, exercise)
    if path is not None:
        _check_readable(path)
    own = isolation in (None, "auto", "process")  # a sandbox is for untrusted programs: their links are not followed
    submission = find(exercise, path, own=own, file=lock.exercise.file, pack=pack_words(ctx))
    process, ctx.find_root().obj = ctx.find_root().obj, None
    if screen:  # half of the imports for it while the process starts, the other half while it works
        import rich.console  # noqa: F401
    with running(exercise) as notify:
        start, stored = starter(isolation or "auto", process), stored_in(pack, lock)
        return grade(lock, submission, *start, notify, stored, _terminal if screen else None)


def _check_readable(path: str) -> None:
    """Raise GradeError where the given path is there, but this user may not read it."""
    try:
        os.lstat(path)
        readable = os.access(path, os.R_OK) or not os.path.exists(path)  # `find` explains what is not there
    except PermissionError:
        readable = False
    except OSError:
        return
    if not readable:
        says = f"`{one_line(path)}` cannot be read: {os.strerror(errno.EACCES)}"
        raise GradeError(Problem(says, "check its permissions and those of the folders around it"))


def _terminal() -> ModuleType:
    """Import what shows reports."""
    from grader.output import terminal

    return terminal


def _print(ctx: click.Context, report: Report) -> None:
    show(_terminal().report(report, pack_words(ctx)))


def grade_all(ctx: click.Context) -> int:
    """Grade every exercise for which there is a file in this folder."""
    return _grade_each(ctx, sinks(ctx.params["format"], ctx.params["output"]), [], None, ctx.params["isolation"])


def _grade_each(
    ctx: click.Context, chosen: list[Sink], found: list[str], path: str | None, isolation: str | None
) -> int:
    """Grade the exercises that were `found` in the file at `path`, or those for which this folder has a file."""
    from grader.judging.grade import failed
    from grader.submissions.find import here

    with delivered(chosen, found, single=False) as reports:
        pack = pack_of(ctx)
        known = exercise_ids(pack)
        files = course_files(pack)
        if path is None:
            found += here(known, files)
        if not found:
            names = [*dict.fromkeys(files.get(id, f"{id}.py") for id in known)]
            words = pack_words(ctx)
            help = f"`grade start {next(iter(known), 'EXERCISE')}{words}` writes a template"
            help += f", `grade list{words}` lists the exercises"
            raise GradeError(Problem(f"there is no exercise file in this folder ({some(names, 3) or 'ex0.py'})", help))
        _, broken = read_pack(pack, found)
        for exercise in found:
            if exercise in broken:
                reports.append(failed(exercise, str(broken[exercise])))
            else:
                reports.append(_graded(ctx, exercise, path, isolation))
        if SCREEN in chosen:
            from grader.output import report_text, terminal

            rest, others = read_pack(pack, [id for id in known if id not in found])
            missing = [(lock.exercise.id, lock.exercise.title, lock.exercise.points) for lock in rest]
            show(terminal.progress(reports, missing))
            done = [r for r in reports if r.exercise not in broken and not report_text.is_not_begun(r)]
            wrong = next((r.exercise for r in sorted(done, key=report_text.is_absent) if not r.passed), None)
            if wrong:
                word = f"{wrong} {shell_word(path)}" if path else wrong
                show(f"\n`grade {word}{pack_words(ctx)}` shows what is wrong there")
            show_broken(broken | others)
    return 2 if broken else _exit_code(*reports)


def _exit_code(*reports: Report) -> int:
    return 0 if all(report.passed for report in reports) else 1


@click.command
@exercise_argument
@click.argument("path", required=False)
@pack_option
@click.pass_context
def watch(ctx: click.Context, exercise: str, path: str | None) -> int:
    """Grade an exercise each time its file is saved. Ctrl-C ends it."""
    try:
        from watchfiles import watch
    except ImportError:
        raise GradeError(Problem("`grade watch` needs watchfiles", to_install("watchfiles", extra="watch"))) from None
    exercise, path = _exercise_and_path(ctx, exercise, path)
    _check_exercise(ctx, exercise, path)
    target = Path(path or ".")
    folder = target if target.is_dir() else target.parent
    report = _graded(ctx, exercise, path)
    _print(ctx, report)
    show(WATCHING)
    with contextlib.suppress(KeyboardInterrupt):
        for _ in watch(folder, watch_filter=lambda _, file: file.endswith(PROGRAMS)):
            click.clear()
            report = _graded(ctx, exercise, path)
            _print(ctx, report)
            show(WATCHING)
    return _exit_code(report)
