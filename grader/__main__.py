"""The command's first step: start the student's process, then import everything else while that process imports NumPy.

Only the core of the standard library is imported here; `benchmarks/measure.py` measures what that saves.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from grader.cli.commands import COMMANDS, ISOLATION

NEEDED = ("click", "msgspec", "numpy", "rich", "yaml")  # packages that installing the grader installs
VALUED = ("--isolation", "--format", "--output", "--html", "--pack")  # the options of `grade EXERCISE` with a value
FLAGS = ("--no-color", "--open")  # those without one, except `--version`


def requested_isolation(words: list[str]) -> str | None:
    """Return the isolation level that `grade EXERCISE` will use; None for any other command and for a wrong option.

    The process that starts early must be the one that the command needs, or the command would start a second one.
    """
    requested, rest = "auto", iter(words)
    exercise = None
    for word in rest:
        if word == "--":
            exercise = exercise or next(rest, None)
            break
        name, equals, value = word.partition("=")
        if name in VALUED:
            value = value if equals else next(rest, "")
            requested = value if name == "--isolation" else requested
        elif word.startswith("-") and word not in FLAGS:
            return None
        elif exercise is None:
            if word in COMMANDS:
                return None
            exercise = word
    return requested if exercise and requested in ISOLATION else None


def main() -> None:
    """Run the `grade` command and leave with its exit code."""
    gc.disable()  # imports make no garbage
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # starting NumPy's threads takes longer than they save here
    words = sys.argv[1:]
    process = None
    requested = requested_isolation(words) if sys.platform != "win32" else None
    if requested:
        from grader.sandbox.process import Process, chain

        with contextlib.suppress(Exception):  # the run itself tries again and reports what is wrong
            process = Process(chain(requested))
    try:
        import signal

        if hasattr(signal, "SIGCHLD"):  # if it was inherited as ignored, no wait status could be read
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        from grader.cli.app import run

        if not process:  # grading one program makes little garbage; looking for it would take 5 % of the run
            gc.enable()
        code = run(words, process)
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # the grader's own fault: a student sees no traceback and loses no points
        if os.environ.get("GRADE_DEBUG"):
            raise
        from grader.errors import fault

        code = 3
        says, help = fault(error), "please report this; GRADE_DEBUG=1 shows the details"
        if isinstance(error, ModuleNotFoundError) and error.name in NEEDED:
            says = f"torch-grader is not installed in this Python ({sys.executable}): it has no `{error.name}`"
            help = "use the Python in which you installed it, or the command `grade`"
        with contextlib.suppress(OSError):  # the fault may be a full disk
            print(f"{says}\nhelp: {help}", file=sys.stderr)  # noqa: T201
    finally:
        if process:
            process.close()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, AttributeError):  # the reader may have ended, like `head`
            stream.flush()
    os._exit(code)  # a normal shutdown of the interpreter would take a tenth of the run


if __name__ == "__main__":
    main()
