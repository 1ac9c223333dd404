"""Find the loop in which a program is when its time is over: a signal makes it note which lines run next.

The innermost `while` around these lines is the loop, in the outermost function that runs lines at all. `for` loops end,
so one that is merely slow would be named by chance. The program itself goes on and sees nothing. Untrusted side; see
child.py.
"""

import ast
import sys

WATCHED = 5000  # lines


def install(loader, files, report):
    """Call `report(file, line)` with the loop's first line after the signal; not if there is no such loop."""
    import _signal

    if hasattr(_signal, "SIGUSR1"):  # not on Windows
        _signal.signal(_signal.SIGUSR1, lambda _, frame: watch(frame, loader.trees, files, report))


def watch(frame, trees, files, report):
    frames = []
    while frame:
        if frame.f_code.co_filename in files:
            frames.append(frame)
        frame = frame.f_back
    left, lines = WATCHED, {id(frame): set() for frame in frames}

    def trace(frame, event, _):
        nonlocal left
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            left -= 1
            if id(frame) in lines:
                lines[id(frame)].add(frame.f_lineno)
            if not left:
                sys.settrace(None)
                for frame in reversed(frames):
                    if lines[id(frame)]:
                        file = frame.f_code.co_filename
                        report(file, loop(trees.get(file), lines[id(frame)]))
                        break
        return trace

    for frame in frames:
        frame.f_trace = trace
    sys.settrace(trace)


def loop(tree, lines):
    """Return the first line of the innermost `while` that holds all of these lines; 0 if none does."""
    whiles = [node for node in ast.walk(tree) if isinstance(node, ast.While)] if tree else []
    return max((n.lineno for n in whiles if n.lineno <= min(lines) and max(lines) <= n.end_lineno), default=0)
