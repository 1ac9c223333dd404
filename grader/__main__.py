"""The command's first step: start the student's process, then load everything else while that process imports NumPy.

Nothing but the standard library's core is imported here; `benchmarks/latency.py` measures what it is worth.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from grader.cli.commands import COMMANDS


def main() -> None:
    """Run the `grade` command and leave with its exit code."""
    gc.disable()  # imports make no garbage
    words = sys.argv[1:]
    process = None
    if sys.platform != "win32" and not (words and (words[0] in COMMANDS or words[0].startswith("-"))):
        from grader.sandbox.process import LEVELS, Process

        asked = [level for level in LEVELS for word in words if word in (level, f"--isolation={level}")]
        with contextlib.suppress(Exception):  # the run itself will try again and say what is wrong
            process = Process((asked[0],) if asked else LEVELS)
    try:
        import signal

        if hasattr(signal, "SIGCHLD"):  # where whoever started us ignores it, nobody could be told how a process ended
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        from grader.cli.app import run

        gc.enable()
        code = run(words, process)
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # a fault of ours: never a traceback for a student, never points
        if os.environ.get("GRADE_DEBUG"):
            raise
        from grader.errors import fault

        code = 3
        with contextlib.suppress(OSError):  # that may be the fault: a disk that is full
            print(fault(error), file=sys.stderr)  # noqa: T201
            print("help: please report this; GRADE_DEBUG=1 shows the details", file=sys.stderr)  # noqa: T201
    finally:
        if process:
            process.close()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, AttributeError):  # a reader like `head` may have left, or none was there
            stream.flush()
    os._exit(code)  # taking the interpreter down piece by piece would cost a tenth of the run


if __name__ == "__main__":
    main()
