"""Compute the answers of an author's own function: the program of the process that own_reference.py starts.

It reads an exercise from standard input, and writes a line for each case that it begins with, then the answers, or what
is wrong with the function.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import os
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from grader.errors import listed, near
from grader.exercises.cases import CELLS, case_digest, plain_nested
from grader.model.exercise import Case, Drawn, Exercise, Reference
from grader.verification.own_reference import Frame, Trouble
from grader.verification.torch_reference import load_torch

Answer = tuple[Any, ...]  # a tensor of float64 per output


class Wrong(Exception):
    """An author's function cannot answer; `trouble` says why."""

    def __init__(self, says: str, help: str, file: str, line: int = 0) -> None:
        self.trouble = Trouble(says, help, file, line)
        super().__init__(says)


class Function:
    """A function of the pack, found by `file.py:name`. A torch module takes the fields when it is made, or called."""

    def __init__(self, torch: Any, pack: Path, place: str, modules: dict[str, types.ModuleType]) -> None:
        self.torch, self.pack = torch, pack
        self.file, _, self.name = place.rpartition(":")
        if self.file not in modules:
            modules[self.file] = _loaded(pack, self.file)
        names = vars(modules[self.file])
        if self.name not in names:
            help = (
                near(self.name, [name for name, it in names.items() if callable(it)]) or f"define `{self.name}` there"
            )
            self.wrong(f"there is no function `{self.name}`", help)
        self.made = names[self.name]
        if not callable(self.made):
            self.wrong(f"`{self.name}` is not a function", "give the name of a function or of a `torch.nn.Module`")

    def wrong(self, says: str, help: str, line: int = 0) -> NoReturn:
        """Raise Wrong, with the line of the function if there is no other."""
        raise Wrong(says, help, self.file, line or self.line)

    @property
    def line(self) -> int:
        """The line where the function begins, or 0."""
        made = getattr(self, "made", None)
        try:
            return inspect.getsourcelines(made)[1] if made else 0
        except (OSError, TypeError):
            return 0

    def __call__(self, dtype: Any, tensors: dict[str, Any], fields: dict[str, Any]) -> Any:
        """Call the function with a case's arguments by name."""
        module = self.torch.nn.Module
        if isinstance(self.made, type) and issubclass(self.made, module):
            return self.made(**fields).to(dtype)(**tensors)
        if isinstance(self.made, module):
            return copy.deepcopy(self.made).to(dtype)(**tensors, **fields)
        return self.made(**tensors, **fields)

    def check_parameters(self, tensors: list[str], fields: list[str]) -> None:
        """Check that the function takes these arguments by name."""
        made, module = self.made, self.torch.nn.Module
        calls: list[tuple[Any, list[str]]] = [(made, [*tensors, *fields])]
        if isinstance(made, type) and issubclass(made, module):
            calls = [(made, fields), (made.forward, ["self", *tensors])]  # type: ignore[attr-defined]
        elif isinstance(made, module):
            calls = [(made.forward, [*tensors, *fields])]
        for function, names in calls:
            try:
                inspect.signature(function).bind(**dict.fromkeys(names))
            except TypeError as error:
                help = f"its parameters are named as under `draw`: {listed(name for name in names if name != 'self')}"
                self.wrong(f"`{self.name}`: {error}", help)
            except ValueError:  # a function of torch's, written in C
                return


class Run:
    """An exercise being answered: its functions, its arguments as tensors, and the checks of what comes back."""

    def __init__(self, torch: Any, exercise: Exercise, pack: Path, notify: Callable[[Frame], None]) -> None:
        self.torch, self.exercise, self.pack, self.notify = torch, exercise, pack, notify
        drawn = {name: it for name, it in exercise.draw.items() if isinstance(it, Drawn)}
        self.tensors = {name: it.dtype for name, it in drawn.items() if it.shape is not None}
        fields = [name for name in drawn if name not in self.tensors]
        self.modules: dict[str, types.ModuleType] = {}
        again: dict[str, types.ModuleType] = {}
        self.function = Function(torch, pack, exercise.reference, self.modules)
        self.again = Function(torch, pack, exercise.reference, again)
        self.misconceptions = {
            id: Function(torch, pack, it.run, self.modules) for id, it in exercise.misconceptions.items()
        }
        for function in (self.function, *self.misconceptions.values()):
            function.check_parameters(list(self.tensors), fields)

    def arguments(self, case: Case, dtype: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a case's tensors, and its fields as plain values; pairs are tuples."""
        tensors = {}
        for name, kind in self.tensors.items():
            value = self.torch.tensor(case.inputs[name], dtype=self.torch.float64)
            tensors[name] = value.to(dtype if kind == "float64" else getattr(self.torch, kind))
        fields = {name: tuple(it) if isinstance(it, list) else it for name, it in case.fields.items()}
        return tensors, fields

    def answer(self, function: Function, case: Case, dtype: Any) -> Answer:
        """Call a function on a case. Raise what it raises, and Wrong where it does not return tensors."""
        tensors, fields = self.arguments(case, dtype)
        before = {name: value.clone() for name, value in tensors.items()}
        result = function(dtype, tensors, fields)
        changed = [name for name, value in tensors.items() if not self.torch.equal(value, before[name])]
        if changed and function.name == self.function.name:
            says = f"case `{case.name}`: `{function.name}` changes {listed(changed)}"
            function.wrong(says, f"work on a copy: `{changed[0]} = {changed[0]}.clone()`")
        return self.tensors_of(function, case, result)

    def tensors_of(self, function: Function, case: Case, result: Any) -> Answer:
        """Return a result as one tensor of float64 per output."""
        names, where = self.exercise.outputs, f"case `{case.name}`: `{function.name}`"
        if len(names) > 1 and (not isinstance(result, tuple | list) or len(result) != len(names)):
            many = f"{len(result)} results" if isinstance(result, tuple | list) else f"a `{type(result).__name__}`"
            function.wrong(f"{where} returns {many}", f"return a tuple of {len(names)} tensors: {', '.join(names)}")
        given = tuple(result) if len(names) > 1 else (result,)
        for name, value in zip(names, given, strict=True):
            if not isinstance(value, self.torch.Tensor):
                says = f"{where} returns a `{type(value).__name__}`" + (f" for `{name}`" if len(names) > 1 else "")
                help = "return a tensor; `torch.tensor(…)` makes one of a number"
                if len(names) == 1 and isinstance(value, tuple):
                    help = "return a single tensor, or name the results in the spec: `outputs: [a, b]`"
                function.wrong(f"{says}, not a tensor", help)
            if value.is_complex():
                function.wrong(f"{where} returns complex numbers", "return real ones")
            if not 0 < value.numel() <= CELLS:
                size = "no cell" if not value.numel() else f"more than {CELLS} cells"
                function.wrong(f"{where} returns {size}", "change the case, or the sizes under `draw`")
        return tuple(value.detach().to(self.torch.float64) for value in given)

    def reference(self, case: Case) -> Answer:
        """Return the author's answer to a case, which must be finite and the same each time."""
        first, second, anew = (
            self.sure(function, case, self.torch.float64) for function in (self.function, self.function, self.again)
        )
        where = f"case `{case.name}`: `{self.function.name}`"
        for value in first:
            odd = (~self.torch.isfinite(value)).nonzero().tolist()
            if odd:
                number, at = value[tuple(odd[0])].item(), f" in cell {odd[0]}" if odd[0] else ""
                help = "change the case, or `values` under `draw`, or the function"
                self.function.wrong(f"{where} returns {number}{at}", help)
        for other, when in ((second, "a second time"), (anew, "from a new import")):
            if any(not self.torch.equal(a, b) for a, b in zip(first, other, strict=True)):
                help = "it must not be random: set its weights, and begin it with `torch.manual_seed(0)`"
                self.function.wrong(f"{where} returns something else when it is called {when}", help)
        return first

    def sure(self, function: Function, case: Case, dtype: Any) -> Answer:
        """Return what a function answers. Raise Wrong, with the author's line, where it raises an exception."""
        try:
            return self.answer(function, case, dtype)
        except Wrong:
            raise
        except Exception as error:
            file, line = author_line(error, self.pack)
            says = f"case `{case.name}`: `{function.name}` raises {_shown(error)}"
            raise Wrong(says, "correct the function, or the case", file or function.file, line) from None

    def misconception(self, id: str) -> dict[str, Answer | None]:
        """Return a misconception's answers by case, None where it raises an exception; it must not do so everywhere."""
        function, answers = self.misconceptions[id], dict[str, Answer | None]()
        last: Exception | None = None
        for case in self.exercise.cases:
            try:
                answers[case.name] = self.answer(function, case, self.torch.float64)
            except Wrong:
                raise
            except Exception as error:
                answers[case.name], last = None, error
        if last and not any(answers.values()):
            file, line = author_line(last, self.pack)
            says = f"the misconception `{id}` raises {_shown(last)} in every case"
            help = "a misconception returns a wrong answer: correct the function"
            raise Wrong(says, help, file or function.file, line)
        return answers

    def check_axes(self, answers: dict[str, Answer]) -> None:
        """Check that each output has as many axes in one case as in the others."""
        first, *others = answers.items()
        for case, answer in others:
            for a, b in zip(first[1], answer, strict=True):
                if a.ndim != b.ndim:
                    says = (
                        f"`{self.function.name}` returns {a.ndim} axes in case `{first[0]}`, {b.ndim} in case `{case}`"
                    )
                    self.function.wrong(says, "keep the axes, for example with `keepdim=True`, or without `squeeze`")

    def all(self) -> Frame:
        """Answer every case."""
        answers, rough = {}, {}
        for case in self.exercise.cases:
            self.notify(Frame(case=case.name))
            answers[case.name] = self.reference(case)
            self.torch.set_default_dtype(self.torch.float32)
            rough[case.name] = self.sure(self.function, case, self.torch.float32)
            self.torch.set_default_dtype(self.torch.float64)
        self.check_axes(answers)
        mistaken = {id: self.misconception(id) for id in self.misconceptions}
        references, single = [], []
        for case in self.exercise.cases:
            digest = case_digest(self.exercise, case)
            stored = {id: _nested(given[case.name]) for id, given in mistaken.items()}
            references.append(Reference(case.name, digest, _nested(answers[case.name]) or (), mistaken=stored))
            single.append(Reference(case.name, digest, _nested(rough[case.name]) or ()))
        return Frame(references=tuple(references), single=tuple(single))


def _loaded(pack: Path, file: str) -> types.ModuleType:
    """Run a file of the pack as a module. Raise Wrong where it cannot be run."""
    path = pack / file
    try:
        code = compile(path.read_bytes(), str(path), "exec")
    except SyntaxError as error:
        raise Wrong(f"syntax error: {error.msg}", "correct this line", file, error.lineno or 0) from None
    except (OSError, ValueError) as error:
        raise Wrong(f"it cannot be read: {error}", "check the file's name and permissions", file) from None
    module = types.ModuleType(f"pack of {path.name}")  # no name that an import could ask for
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        exec(code, module.__dict__)  # noqa: S102  (the author's own file, which `grade verify` is to run)
    except Exception as error:
        where, line = author_line(error, pack)
        says, help = f"importing it raises {_shown(error)}", "correct it; packages that it needs must be installed"
        raise Wrong(says, help, where or file, line) from None
    return module


def author_line(error: BaseException, pack: Path) -> tuple[str, int]:
    """Return the innermost file of the pack that an exception left, and the line."""
    found, trace = ("", 0), error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(pack):
            found = str(file.relative_to(pack)), trace.tb_lineno
        trace = trace.tb_next
    return found


def _shown(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__


def _nested(answer: Answer | None) -> tuple[Any, ...] | None:
    return answer and tuple(plain_nested(value.tolist()) for value in answer)


def outcome(torch: Any, exercise: Exercise, pack: Path, notify: Callable[[Frame], None]) -> Frame:
    """Return an author's answers to an exercise, or what is wrong with the functions; `notify` of each case."""
    usual = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # of what the functions make themselves
    try:
        return Run(torch, exercise, pack, notify).all()
    except Wrong as wrong:
        return Frame(trouble=wrong.trouble)
    finally:
        torch.set_default_dtype(usual)


def main(pack: str, seconds: int) -> None:
    """Answer the exercise on standard input; what the author's code prints goes to standard error."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # no such limit here: the parent has one, too
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def send(frame: Frame) -> None:
        out.write(msgspec.json.encode(frame) + b"\n")
        out.flush()

    exercise = msgspec.json.decode(sys.stdin.buffer.read(), type=Exercise)
    torch = load_torch()
    sys.path.append(pack)
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore", UserWarning)
    send(outcome(torch, exercise, Path(pack), send))
