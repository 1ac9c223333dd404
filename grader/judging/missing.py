"""What keeps a function from being graded at all, in one sentence each: everything that is in the way, and what to do.

A function of another name or with other parameters, a package that the exercise does not allow, a syntax error, and the
top-level statements that did not finish.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from grader.errors import near
from grader.model.exercise import Exercise
from grader.model.submission import Outcome, Submission
from grader.sandbox.wire import Stop
from grader.submissions.find import locate
from grader.text import one_line, some

_PACKAGES = """
IPython PIL albumentations altair bokeh bs4 chainer cupy cv2 cython d2l dask datasets deeplearning einops fastai gensim
google gym h5py huggingface_hub imageio imutils ipdb ipykernel ipywidgets jax joblib kaggle keras lightgbm lightning
line_profiler matplotlib memory_profiler mnist mpl_toolkits mxnet networkx nltk numba onnx opencv paddle pandas plotly
polars psutil pyarrow pylab pytest pytorch_lightning requests rich scipy seaborn skimage sklearn skorch spacy
statsmodels sympy tabulate tensorboard tensorflow tensorflow_datasets theano thop timm torch torchaudio torchinfo
torchsummary torchtext torchvision tqdm transformers wandb xgboost yaml
"""
PACKAGES = frozenset(_PACKAGES.split())  # what students import and nobody writes for an exercise: no file is asked for
FAMILIES = {  # part of the asked name -> parts of names that mean the same to those who write them
    "conv": ("conv", "corr", "filter"),
    "pool": ("pool",),
    "flat": ("flat", "ravel", "vector"),
    "entropy": ("entropy", "loss", "nll"),
    "sgd": ("sgd", "step", "update", "descent"),
    "product": ("product", "hadamard", "mul", "elementwise"),
    "shape": ("shape", "size", "dim"),
    "count": ("count", "param"),
    "edge": ("edge", "sobel"),
}
OTHER = ("backward", "backprop", "grad", "test", "plot", "show", "load", "check", "main")
KINDS = (("max",), ("min",), ("avg", "average", "mean"), ("1d",), ("2d",), ("forward",))
SYNONYMS = (
    "input inputs x image img images a a_prev matrix data arr array mat src m",
    "kernel kernels k w weight weights filter filters f filt mask",
    "bias b",
    "stride strides s step",
    "padding pad p paddings",
    "kernel_size pool_size window window_size size k f ksize kernel_shape pool_shape pool window_shape",
    "input_size n input_shape in_size image_size input_dim",
    "y labels label target targets y_true t true",
    "y_hat y_pred pred predictions probs p yhat output prediction",
    "gradient grad g dx grads gradients",
    "learning_rate lr alpha eta rate",
    "layers network net model architecture",
)
MOST_NOTES = 3


class Function(NamedTuple):
    """A function of the program: its parameters as written (`*args`, `verbose=`), the packages it may not use."""

    name: str
    parameters: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    known: bool = True  # whether its parameters are


class Fit(NamedTuple):
    """How parameters fit those that are asked for: by asked name, and what is left over on both sides."""

    named: dict[str, str]
    missing: tuple[str, ...]
    surplus: tuple[str, ...]


def missing(exercise: Exercise, submission: Submission, outcome: Outcome) -> str:
    """Say that there is no function of the asked name, and which one is meant."""
    name = exercise.name
    if outcome.text:
        return f"`{name}` exists, but {one_line(outcome.text)}"
    file, _ = locate(submission, name)
    says = f"there is no function `{name}` in {file}"
    inside = re.compile(rf"^[ \t]+(?:async +)?def +{re.escape(name)}\b", re.MULTILINE)
    if any(inside.search(text) for _, text in submission.cells):
        return f"{says}; one is indented inside another block: begin `def {name}` at the left margin"
    defined = re.compile(rf"^[ \t>]*(?:async +)?def +{re.escape(name)}\b", re.MULTILINE)
    for place, text in submission.aside:
        if defined.search(text):
            return f"{says}, but {place} holds one and is a text cell: change its type to Code"
    found = likely(exercise, [_parsed(text) for text in outcome.names])
    return f"{says}{(found and _instead(exercise, found)) or f'; write {_asked(exercise)}'}"


def _asked(exercise: Exercise) -> str:
    """Return the definition that is asked for."""
    signature = exercise.signature
    if signature is None or not signature.method:
        return f"`def {exercise.function}:`"
    names = tuple(signature.arguments)
    made_of, passed = names[: signature.made_of], names[signature.made_of :]
    methods = f"`__init__(self, {', '.join(made_of)})` and " if made_of else ""
    return f"a class `{exercise.name}` with {methods}`{signature.method}(self, {', '.join(passed)})`"


def likely(exercise: Exercise, functions: Sequence[Function]) -> Function | None:
    """Return the function that is probably meant, by its name or its parameters, or because it is the only one.

    A course's file has functions for other exercises, too: there the name alone counts, and must be nearer.
    """
    from difflib import SequenceMatcher

    asked = exercise.name.lower()
    parts = [word for key, words in FAMILIES.items() if key in asked for word in words]
    ranked = []
    alone, least = (False, 0.8) if exercise.file else (len(functions) == 1, 0.6)
    for function in functions:
        name = function.name.lower()
        near_name = SequenceMatcher(None, asked, name).ratio()
        other = any(part in name for part in OTHER) or any(
            any(w in name for w in kind) and not any(w in asked for w in kind) for kind in KINDS
        )
        alias = any(part in name for part in parts) and not other
        fit = fitted(exercise.parameters, function.parameters)
        fits = len(function.parameters) > 1 and not fit.missing and not fit.surplus and not other
        same = fits and not exercise.file
        if alias or same or (near_name >= least and not other) or alone:
            ranked.append((alias + same + near_name, function))
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def fitted(asked: Sequence[str], written: Sequence[str]) -> Fit:
    """Match parameters by name, then by what others call them, then by their order."""
    own = {text.strip("*="): text for text in written if not text.startswith("*")}
    named = {name: name for name in asked if name in own}

    def left() -> tuple[list[str], list[str]]:
        return [a for a in asked if a not in named], [o for o in own if o not in named.values()]

    for name in left()[0]:
        group = {word for words in SYNONYMS if name in words.split() for word in words.split()}
        if other := next((o for o in left()[1] if o.lower() in group), None):
            named[name] = other
    missing, rest = left()
    required = [name for name in rest if not own[name].endswith("=")]
    if missing and len(missing) == len(required):
        named |= dict(zip(missing, required, strict=True))
    missing, rest = left()
    return Fit(named, tuple(missing), tuple(name for name in rest if not own[name].endswith("=")))


def _instead(exercise: Exercise, found: Function) -> str:
    """Go on with the function that is meant, and with the lines that make it count."""
    fit = fitted(exercise.parameters, found.parameters)
    shown = f"`{found.name}({', '.join(found.parameters)})`" if found.known else f"`{found.name}`"
    if not found.known:
        return f"; did you mean {shown}?"
    text = f"; {shown} is probably meant: "
    if fit.missing or fit.surplus or any(p.startswith("*") for p in found.parameters):
        text += f"write it as {_asked(exercise)}"
    else:
        given = {own: asked for asked, own in fit.named.items()}
        own = [p.strip("=") for p in found.parameters]
        at = next((i for i, name in enumerate(own) if name not in given), len(own))
        words = [given[name] for name in own[:at]] + [f"{name}={given[name]}" for name in own[at:] if name in given]
        text += (
            "rename it, or add these two lines at the end:\n"
            f"    def {exercise.function}:\n        return {found.name}({', '.join(words)})"
        )
    return text + _and_packages(exercise, found.packages)


def _and_packages(exercise: Exercise, packages: Sequence[str]) -> str:
    if not packages:
        return ""
    return f"\nIt also uses {some([f'`{p}`' for p in packages])}: this exercise allows {_allowed(exercise)} only"


def signature(exercise: Exercise, outcome: Outcome) -> str:
    """Say which parameters are missing, too many or to be renamed."""
    *written, last = outcome.names or ("",)
    packages = tuple(last.removeprefix(" with ").split(", ")) if last.startswith((" with ", "with ")) else ()
    packages = tuple(package.removeprefix("with ") for package in packages)
    written = written if packages else [name for name in outcome.names if name]
    if exercise.signature and (exercise.signature.by_position or exercise.signature.method):
        shown, how = f"`{exercise.name}({', '.join(written)})`", f"called as `{exercise.function}`"
        how += ", with arguments by position" if exercise.signature.by_position else ""
        return f"your function is {shown}, but it is {how}: write {_asked(exercise)}{_and_packages(exercise, packages)}"
    fit = fitted(exercise.parameters, written)
    parts = []
    renamed = [f"`{own}` to `{asked}`" for asked, own in fit.named.items() if asked != own]
    if renamed:
        parts.append(f"rename {_joined(renamed)}")
    if fit.missing:
        parts.append(f"add {_joined([f'`{name}`' for name in fit.missing])}")
    if fit.surplus:
        parts.append(f"remove {_joined([f'`{name}`' for name in fit.surplus])}, or give a default value")
    if len(renamed) == 1 and not fit.missing and not fit.surplus:
        ((asked, own),) = ((asked, own) for asked, own in fit.named.items() if asked != own)
        text = f"rename the parameter `{own}` of `{exercise.name}` to `{asked}`: arguments are passed by name"
    else:
        shown = f"`{exercise.name}({', '.join(written)})`"
        help = "; ".join(parts) or f"write {_asked(exercise)}"
        text = f"your function is {shown}, and arguments are passed by name: {help}"
    return text + _and_packages(exercise, packages)


def not_allowed(exercise: Exercise, package: str, module: str = "", name: str = "") -> str:
    """Say that the program uses a package that the exercise does not allow, or a name that a `module` may define."""
    help = ""
    if name and package not in PACKAGES:
        return f"`{name}` is not defined here: check its spelling, or submit `{module}.py` too if that defines it"
    if package not in PACKAGES:
        help = near(package, exercise.allow) or f"if it is your own file, submit `{package}.py` too"
    return f"this exercise allows {_allowed(exercise)} but not `{package}`{help and f'; {help}'}"


def _allowed(exercise: Exercise) -> str:
    proper = {"numpy": "NumPy", "torch": "PyTorch", "scipy": "SciPy"}
    return " and ".join(proper.get(name, name) for name in exercise.allow)


def syntax_error(submission: Submission, outcome: Outcome) -> str:
    """Say where the program is not Python, and show the line with a caret."""
    source = dict((*submission.cells, *submission.modules)).get(outcome.file, "").split("\n")
    text = one_line(outcome.text.partition(": ")[2] or outcome.text)
    says = f"syntax error in {outcome.file}, line {outcome.line}: {text}"
    if outcome.line > len(source) or not outcome.names[0].isdecimal():
        return says
    line = source[outcome.line - 1].rstrip()
    column = min(int(outcome.names[0]), len(line) + 1) - 1 - (len(line) - len(line.lstrip()))
    line = line.lstrip()
    if not line or len(line) > 100:
        return says
    return f"{says}\n    {line}\n    {' ' * max(column, 0)}^"


def stop_notes(stops: Sequence[Stop], graded: bool) -> tuple[str, ...]:
    """Return a note for each of the first top-level statements that did not finish."""
    by_cause: dict[str, list[Stop]] = {}
    for stop in stops:
        refused = stop.failure in ("not_allowed", "forbidden")
        text = f"`{stop.text}` is not available here" if refused else stop.text
        if text.startswith("EOFError"):
            text = "it waits for input(), and graded code gets none"
        by_cause.setdefault(text, []).append(stop)
    notes = []
    for text, alike in [*by_cause.items()][:MOST_NOTES]:
        place = f"{alike[0].file}, line {alike[0].line}" if alike[0].line else alike[0].file
        notes.append(f"{place}{_and_more(len(alike) - 1, ' and ')} stopped: {text}")
    if left := sum(map(len, [*by_cause.values()][MOST_NOTES:])):
        notes.append(f"{_and_more(left)} stopped")
    if notes and graded:
        notes[-1] += "; the function was graded all the same"
    return tuple(notes)


def _and_more(count: int, before: str = "") -> str:
    return f"{before}{count} more statement{'s' * (count > 1)}" if count else ""


def _parsed(text: str) -> Function:
    found = re.fullmatch(r"([^(]+)\((.*?)\)(?: with (.*))?", text)
    if not found:
        return Function(text, known=False)
    parameters = tuple(name for name in found[2].split(", ") if name)
    return Function(found[1], parameters, tuple((found[3] or "").split(", ")) if found[3] else ())


def _joined(words: Sequence[str]) -> str:
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"
