"""Describe the exception that stopped a student's program: where it was raised, on which case, and its usual cause."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import prod

from grader.model.exercise import Case, Exercise
from grader.model.report import Crash
from grader.model.signature import axes_of, shown_arguments
from grader.model.submission import Outcome
from grader.numbers import from_nested
from grader.text import one_line

LARGEST = 36  # cells of an argument that the report repeats
HINTS = (  # the first whose patterns are in an exception's text and its line; output/ holds the words for the student
    ("byte", r"out of bounds for u?int(8|16)", ""),
    ("environment", r"only 0-dimensional arrays can be conv|module 'numpy' has no attribute", ""),
    ("sequence", r"setting an array element", ""),
    ("no-return", r"NoneType", ""),
    ("shape-as-tuple", r"^TypeError: (Cannot interpret|data type .* not understood)", r"\b(zeros|ones|empty|full)\("),
    ("pair", r"^TypeError: unsupported operand .*'tuple'|^TypeError: can only concatenate tuple", ""),
    ("pair", r"^TypeError: .*'tuple' object cannot be interpreted as an integer|not supported between .*'tuple'", ""),
    ("float-size", r"float(64)?' object cannot be interpreted|must be integers|non-integer", ""),
    ("beyond", r"index .*out of (bounds|range)", ""),
    ("empty", r"zero-size array|arg is an empty|empty sequence|iterable argument is empty", ""),
    ("negative-size", r"negative dimension|size must be non-negative", ""),
    ("matrix-product", r"not aligned|mismatch in its core dimension", ""),
    ("shapes", r"broadcast|must match the size of tensor|inhomogeneous|cannot reshape|must match exactly", ""),
    ("hashable", r"^TypeError: unhashable type: 'numpy.ndarray'", ""),
    ("recursion", r"^RecursionError", ""),
    ("python2", r"^NameError: name '(xrange|raw_input|unicode|basestring|unichr|long|reduce)' is not defined", ""),
    ("main-block", r"^NameError: .* only the block in line \d+ sets it$", ""),
    ("name", r"^(NameError|UnboundLocalError)", ""),
    ("read-only", r"read-only|does not support item assignment", ""),
)
_SIZES = ("beyond", "empty", "negative-size", "matrix-product", "shapes")  # hints that axes in a wrong order can cause
_UNPACKED = re.compile(
    r"(?m)^[ \t]*\(?(\w+(?:\s*,\s*\w+){2,3})\)?\s*=\s*(\w+)\.shape\b(?!\s*\[)"
)  # N, H, W, C = x.shape
_MOVES_AXES = re.compile(r"\b(transpose|moveaxis|rollaxis|swapaxes|permute|rearrange)\(")
_AXES = {"C": r"c$|c[_\d]|ch", "H": r"h|row", "W": r"w|col"}  # of names like `C`, `n_C_prev`, `in_channels`
_NONE_LEFT = re.compile(r"(?m)^[ \t]+[^\s#=][^#\n=]*(?<![!<>])=[ \t]*None[ \t]*(?:#.*)?$")  # as templates have it
_TO_MINUS_ITSELF = re.compile(r"[\[,]\s*([A-Za-z_][\w.]*)\s*:\s*-\s*\1\b")  # x[p:-p] is empty where p is 0


def most_frequent_crash(
    exercise: Exercise, ran: Sequence[tuple[Case, Outcome]], sources: Sequence[tuple[str, str]]
) -> Crash | None:
    """Return the most frequent exception, on the smallest case that raises it; None if no case raised one."""
    raised = [(case, outcome) for case, outcome in ran if outcome.failure == "raised"]
    if not raised:
        return None
    origins = [(outcome.text.partition(":")[0], outcome.file, outcome.line) for _, outcome in raised]
    usual = max(origins, key=origins.count)
    alike = [row for row, origin in zip(raised, origins, strict=True) if origin == usual]
    case, outcome = min(alike, key=lambda row: sum(len(from_nested(value).cells) for value in row[0].inputs.values()))
    type, _, message = outcome.text.partition(": ")
    lines = dict(sources).get(outcome.file, "").split("\n")
    function = re.split(r"(?m)^[ \t]*def ", "\n".join(lines[: outcome.line]))[-1]
    source = one_line(lines[outcome.line - 1]) if 0 < outcome.line <= len(lines) else ""
    inputs, others = shown_arguments(exercise, case)
    arguments = inputs | others
    shapes = {name: from_nested(value).shape for name, value in inputs.items()}
    hint = _hint(outcome.text, source)
    if hint in _SIZES and _misplaces_channels(function, {n: len(s) for n, s in shapes.items()}, axes_of(exercise)):
        hint = "channel-order"
    if hint == "no-return" and _NONE_LEFT.search(function):
        hint = "none-left"
    return Crash(
        type=type,
        message=message.partition("\n")[0],
        file=outcome.file,
        line=outcome.line,
        source=source,
        hint=hint,
        case=case.name,
        cases=len(alike),
        arguments={name: value for name, value in arguments.items() if prod(shapes.get(name, ())) <= LARGEST},
        shapes={name: shape for name, shape in shapes.items() if shape},
    )


def _hint(text: str, source: str) -> str:
    """Return the name of an exception's usual cause, or "" if the program itself raises the exception."""
    if _TO_MINUS_ITSELF.search(source):
        return "empty-slice"
    if source.startswith("raise"):
        return ""
    found = (name for name, message, line in HINTS if re.search(message, text) and re.search(line, source))
    return next(found, "")


def _misplaces_channels(function: str, ranks: Mapping[str, int], axes: Mapping[str, str]) -> bool:
    """Tell whether a function unpacks an array's shape with the channels in another place than they have.

    `axes` are those that the exercise states; torch's order is N×C×H×W. One that moves axes may well be right.
    """
    if _MOVES_AXES.search(function):
        return False
    for names, array in _UNPACKED.findall(function):
        read = [_axis(name.strip()) for name in names.split(",")]
        due = axes.get(array, "NCHW"[-len(read) :]).replace("I", "C")
        complete = len(read) == ranks.get(array) == len(due) and sorted(filter(None, read)) == ["C", "H", "W"]
        if complete and "C" in due and read.index("C") != due.index("C"):
            return True
    return False


def _axis(name: str) -> str:
    """Return the axis that a name like `C`, `n_H_prev`, `width` or `in_channels` stands for, or ""."""
    word = re.sub(r"^(n|num|in|out)_", "", name.lower())
    return next((axis for axis, begins in _AXES.items() if re.match(begins, word)), "")
