"""What a check says to the student: one sentence for each way in which an answer can be wrong or missing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import near
from grader.judging.compare import prints
from grader.model.exercise import Case, Exercise
from grader.model.report import Mismatch
from grader.model.submission import Outcome, Submission
from grader.numbers import Numbers, short
from grader.submissions.find import locate

PACKAGES = (  # what students import, and nobody writes for an exercise
    *("torch", "torchvision", "tensorflow", "keras", "jax", "scipy", "skimage", "sklearn", "cv2", "PIL", "imageio"),
    *("pandas", "matplotlib", "seaborn", "numba", "cupy", "sympy", "einops", "tqdm", "requests", "pytest"),
)


def sentence(mismatch: Mismatch) -> str:
    """Say in one sentence how a value differs."""
    which = "" if mismatch.output == "output" else f"`{mismatch.output}`: "
    if not mismatch.differ:
        right, wrong = mismatch.expected_shape, mismatch.given_shape
        extra = len(wrong) - len(right)
        help = "; drop the extra axis" if extra > 0 and wrong == (1,) * extra + right else ""
        return f"{which}the result is {_size(wrong)}; {_size(right)} is right{help}"
    assert mismatch.worst is not None
    near_enough = f"; up to {mismatch.allowed} would have been right" if mismatch.allowed else ""
    due, got = _number(mismatch.expected), _number(mismatch.given)
    if due == got:  # they differ, but not in what is usually shown
        due, got = repr(mismatch.expected), repr(mismatch.given)
        near_enough = near_enough or "; whole numbers are compared exactly, and this is rounding noise"
    if mismatch.total == 1:
        return f"{which}{due} expected, {got} given{near_enough}"
    cells = f"{mismatch.differ} of {mismatch.total} cells differ, worst at"
    if mismatch.differ == 1:
        cells = f"1 of {mismatch.total} cells differs, at"
    place = ", ".join(map(str, mismatch.worst))
    return f"{which}{cells} [{place}]: {due} expected, {got} given{near_enough}"


def _number(value: float | str | None) -> str:
    return short(value) if isinstance(value, int | float) else str(value)


def _size(shape: Sequence[int]) -> str:
    if 0 in shape:
        return f"empty ({'×'.join(map(str, shape))})" if len(shape) > 1 else "empty"
    if len(shape) < 2:
        return "a single number" if not shape else f"a row of {shape[0]}"
    return "×".join(map(str, shape))


def slide_note(case: Case, given: Sequence[Numbers]) -> str:
    """Go on with what is wrong with the slide, where it prints what was given; `given` has a value for each output."""
    if case.slide and case.slide.erratum and prints(case.slide.answer, given, exact=case.exact):
        return f". The slide prints this too, and the slide is wrong: {case.slide.erratum}"
    return ""


def failure(exercise: Exercise, submission: Submission, outcome: Outcome) -> str:
    """Say in one sentence why there is no value."""
    text, name = outcome.text, exercise.name
    if outcome.failure == "missing" and not submission.refused:
        if text:
            return f"`{name}` is there, but {text}"
        file, _ = locate(submission, name)
        inside = re.compile(rf"^[ \t]+(?:async +)?def +{re.escape(name)}\b", re.MULTILINE)
        if any(inside.search(text) for _, text in submission.cells):
            help = "one is set in, within something else: begin its `def` at the left margin"
        else:
            help = near(name, outcome.names) or f"write `def {exercise.function}:`"
        return f"there is no function `{name}` in {file}; {help}"
    if outcome.failure == "signature":
        return f"your function is `{name}({', '.join(outcome.names)})`; it is called by name as `{exercise.function}`"
    if outcome.failure == "not_allowed":
        allowed, help = " and ".join(map(_proper, exercise.allow)), near(text, exercise.allow)
        if not help and text not in PACKAGES:
            help = f"if it is a file of your own, hand in `{text}.py` as well"
        text = f"this exercise is to be written with {allowed}, without `{text}`{help and f'; {help}'}"
    if outcome.failure == "forbidden":
        text = f"this exercise is to be written without torch's `{text}`"
    where = f" ({outcome.file}, line {outcome.line})" if outcome.line else ""
    if text.startswith("EOFError"):
        text = 'EOFError: nobody types here; put `input()` under `if __name__ == "__main__":`'
    return f"{text}{where}"


def _proper(package: str) -> str:
    return {"numpy": "NumPy", "torch": "PyTorch", "scipy": "SciPy"}.get(package, package)
