"""Between torch's arrays and a student's: the axes and shapes that a signature states, for values and for indices.

Everything about a case is stored as torch has it. What a student's function receives and returns is in the student's
own order, and so are the reference answers that its results are compared with.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from grader.model.exercise import Argument, Case, Exercise, Signature, View
from grader.numbers import Numbers, Shape, from_nested, to_nested, transposed

LETTERS = "NOFICDHWL"  # of axes, in the order in which torch has them: batch; filters; channels; depth, rows, columns


def order(axes: str) -> Shape:
    """Return torch's axis for each of the student's."""
    return tuple(sorted(axes, key=LETTERS.index).index(letter) for letter in axes)


def fitted(pattern: Shape, cells: int) -> Shape | None:
    """Return a shape with its -1 filled in for so many cells; None where they do not fit."""
    known = math.prod(size for size in pattern if size >= 0)
    if -1 in pattern:
        return tuple(cells // known if size < 0 else size for size in pattern) if cells % known == 0 else None
    return pattern if cells == known else None


def as_student(view: View, array: Numbers) -> Numbers:
    """Return an array of torch's as a student has it; unchanged where it has other axes than the view."""
    if view.shape is not None:
        shape = fitted(view.shape, len(array.cells))
        return array if shape is None else Numbers(shape, array.cells, array.dtype)
    lead = len(array.shape) - len(view.axes)  # axes of size 1 that the student does not have
    if not view.axes or lead < 0 or array.shape[:lead] != (1,) * lead:
        return array
    return transposed(Numbers(array.shape[lead:], array.cells, array.dtype), order(view.axes))


def as_torch(view: View, array: Numbers, shape: Shape) -> Numbers:
    """Return a student's array as torch has it; in a wrong shape where it has other axes than the view.

    `shape` is that of the right answer.
    """
    mine = student_shape(view, shape)
    if len(array.shape) != len(mine) or (view.shape is not None and array.shape != mine):
        return Numbers((1, *array.shape), array.cells, array.dtype) if array.shape == shape else array
    if view.shape is not None:
        return Numbers(shape, array.cells, array.dtype)
    if not view.axes:
        return array
    back = order(view.axes)
    found = transposed(array, tuple(back.index(axis) for axis in range(len(back))))
    return Numbers((1,) * (len(shape) - len(back)) + found.shape, found.cells, found.dtype)


def student_shape(view: View, shape: Shape) -> Shape:
    """Return the shape that a student's array has where torch's has `shape`."""
    if view.shape is not None:
        found = fitted(view.shape, math.prod(shape))
        return shape if found is None else found
    lead = len(shape) - len(view.axes)
    if not view.axes or lead < 0 or shape[:lead] != (1,) * lead:
        return shape
    return tuple(shape[lead + axis] for axis in order(view.axes))


def torch_index(view: View, at: Sequence[int], shape: Shape) -> Shape:
    """Return the index of torch's cell for a student's; `shape` is that of torch's array."""
    mine = student_shape(view, shape)
    if len(at) != len(mine) or any(not 0 <= i < n for i, n in zip(at, mine, strict=True)):
        return tuple(at)  # there is no such cell; whoever looks for it says so
    if view.shape is not None:
        return _unravelled(_ravelled(at, mine), shape)
    axes, lead = order(view.axes), len(shape) - len(view.axes)
    return (0,) * lead + tuple(at[axes.index(axis)] for axis in range(len(axes))) if axes else tuple(at)


def student_index(view: View, at: Sequence[int], shape: Shape) -> Shape:
    """Return the index of a student's cell for torch's; `shape` is that of torch's array."""
    if view.shape is not None:
        return _unravelled(_ravelled(at, shape), student_shape(view, shape))
    lead = len(shape) - len(view.axes)
    return tuple(at[lead + axis] for axis in order(view.axes)) if view.axes else tuple(at)


def _ravelled(at: Sequence[int], shape: Shape) -> int:
    place = 0
    for i, size in zip(at, shape, strict=True):
        place = place * size + i
    return place


def _unravelled(place: int, shape: Shape) -> Shape:
    at = []
    for size in reversed(shape):
        at.append(place % size)
        place //= size
    return tuple(reversed(at))


# ---- an exercise's views


def output_view(exercise: Exercise, output: str) -> View:
    """Return how the student has an output; the exercise calls it `output`."""
    if exercise.signature is None:
        return View(output)
    return exercise.signature.returns[exercise.outputs.index(output)]


def input_view(exercise: Exercise, name: str) -> tuple[str, View]:
    """Return what the student calls one of the operator's inputs, and how the student has it."""
    return next(((own, view) for own, view in input_views(exercise) if view.name == name), (name, View(name)))


def shown_input(exercise: Exercise, case: Case, name: str) -> dict[str, Any]:
    """Return one of the operator's inputs as the student has it, by the student's name."""
    own, view = input_view(exercise, name)
    return {own: to_nested(as_student(view, from_nested(case.inputs[name])))}


def input_views(exercise: Exercise) -> tuple[tuple[str, View], ...]:
    """Return the student's names of the arrays that a function receives, each with its view."""
    return tuple(_views(exercise.signature.arguments)) if exercise.signature else ()


def _views(arguments: dict[str, Argument]) -> Iterator[tuple[str, View]]:
    for name, argument in arguments.items():
        if argument.view:
            yield name, argument.view
        yield from _views(argument.keys)
        if argument.earlier:
            yield from _views(argument.earlier.signature.arguments)


def own_names(exercise: Exercise) -> dict[str, str]:
    """Return what the student calls the operator's inputs and fields; a part of a pair does not name the pair."""
    return dict(_names(exercise.signature.arguments)) if exercise.signature else {}


def _all_names(exercise: Exercise) -> dict[str, str]:
    returns = exercise.signature.returns if exercise.signature else ()
    return own_names(exercise) | {view.name: name for view, name in zip(returns, exercise.outputs, strict=False)}


def in_own_names(exercise: Exercise, text: str) -> str:
    """Put the student's names into a sentence about the operator: in code, and where a name cannot be a plain word."""
    own = _all_names(exercise)
    return re.sub(r"`[^`]*`|\b[A-Za-z]+_\w+", lambda code: _renamed(own, code[0]), text)


def formula_in_own_names(exercise: Exercise, text: str) -> str:
    """Put the student's names into a formula, and the indices of cells into the student's order."""
    own, axes = _all_names(exercise), axes_of(exercise)

    def indexed(cell: re.Match[str]) -> str:
        parts, letters = cell[2].split(", "), axes.get(cell[1], "")
        lead = len(parts) - len(letters)  # axes of size 1 that the student does not have
        if letters and lead >= 0:
            parts = [parts[lead + axis] for axis in order(letters)]
        return f"{cell[1]}[{', '.join(parts)}]"

    return re.sub(r"(\w+)\[([^\[\]]*)\]", indexed, _renamed(own, text))


def _renamed(own: dict[str, str], code: str) -> str:
    return re.sub(r"(?<!the )\b[A-Za-z_]\w*", lambda name: own.get(name[0], name[0]), code)


def _names(arguments: dict[str, Argument]) -> Iterator[tuple[str, str]]:
    for name, argument in arguments.items():
        if argument.view or (argument.field and argument.form not in ("rows", "columns")):
            yield argument.view.name if argument.view else argument.field, name
        yield from _names(argument.keys)
        if argument.earlier:
            yield from _names(argument.earlier.signature.arguments)


def axes_of(exercise: Exercise) -> dict[str, str]:
    """Return the axes of the student's arrays, by the names of inputs and outputs; only those that a spec states."""
    if exercise.signature is None:
        return {}
    views = [*input_views(exercise), *zip(exercise.outputs, exercise.signature.returns, strict=True)]
    return {name: view.axes for name, view in views if view.axes}


# ---- the arguments of a call


def call_arguments(signature: Signature, case: Case) -> dict[str, Any]:
    """Return a case's arguments by the student's names: Numbers, numbers, tuples, dictionaries and constants."""
    return {name: _value(argument, case) for name, argument in signature.arguments.items()}


def _value(argument: Argument, case: Case) -> Any:
    if argument.earlier:
        return call_arguments(argument.earlier.signature, case)
    if argument.keys:
        return {key: _value(inner, case) for key, inner in argument.keys.items()}
    if argument.view:
        array = as_student(argument.view, from_nested(case.inputs[argument.view.name]))
        if argument.whole:
            array = Numbers(array.shape, tuple(map(int, array.cells)), "int64")
        return array if array.shape else array.cells[0]
    if argument.field:
        value = case.fields[argument.field]
        if argument.form and isinstance(value, list):
            return value[argument.form == "columns"]
        return _tuples(value)
    return argument.constant


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def shown_arguments(exercise: Exercise, case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a case's arguments for people: the arrays by name, then the others.

    Those of an earlier function stand in the place of what it returns.
    """
    if exercise.signature is None:
        inputs = {name: case.inputs[name] for name in exercise.parameters if name in case.inputs}
        return inputs, {name: case.fields[name] for name in exercise.parameters if name not in inputs}
    shown = dict(_shown(exercise.signature, case))
    arrays = {own for own, _ in input_views(exercise)}
    inputs = {name: value for name, value in shown.items() if name in arrays}
    return inputs, {name: value for name, value in shown.items() if name not in arrays}


def _shown(signature: Signature, case: Case) -> Iterator[tuple[str, Any]]:
    for name, argument in signature.arguments.items():
        if argument.earlier:
            yield from _shown(argument.earlier.signature, case)
        else:
            yield name, _lists(_value(argument, case))


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, Numbers):
        return to_nested(value)
    return [_lists(item) for item in value] if isinstance(value, tuple) else value


# ---- what a signature cannot express


def single_numbers(signature: Signature) -> frozenset[str]:
    """Return the fields of which the student's function receives one number for a pair."""
    return frozenset(argument.field for argument in _flat(signature.arguments) if argument.form == "number")


def unfit(signature: Signature, case: Case, outputs: Sequence[Shape]) -> tuple[str, str] | None:
    """Return which part of a case the signature cannot express, and why; None for none.

    `outputs` are the shapes of the answers, as far as they are known.
    """
    return next(_unfit(signature, case, outputs), None)


def _unfit(signature: Signature, case: Case, outputs: Sequence[Shape]) -> Iterator[tuple[str, str]]:
    for argument in _flat(signature.arguments):
        if argument.view:
            name, given = argument.view.name, from_nested(case.inputs[argument.view.name])
            if reason := misfit(argument.view, given.shape):
                yield name, f"`{name}` {reason}"
            if argument.whole and not all(float(cell).is_integer() for cell in given.cells):
                yield name, f"`{name}` holds indices, so it must be whole numbers"
        value = case.fields.get(argument.field)
        if argument.form == "number" and isinstance(value, list) and len(set(value)) > 1:
            yield argument.field, f"`{argument.field}` is passed as one number, but it is {value} here"
    for view, shape in zip(signature.returns, outputs, strict=False):
        if reason := misfit(view, shape):
            yield "", f"the result {reason}"


def _flat(arguments: dict[str, Argument]) -> Iterator[Argument]:
    for argument in arguments.values():
        yield argument
        yield from _flat(argument.keys)
        if argument.earlier:
            yield from _flat(argument.earlier.signature.arguments)


def misfit(view: View, shape: Shape) -> str:
    """Say why an array of torch's with this shape cannot be shown in a view; an empty text if it can."""
    if view.square and shape[-2:-1] != shape[-1:]:
        return f"must be square, but it has {shape[-2]} rows and {shape[-1]} columns"
    if view.shape is not None:
        return "" if fitted(view.shape, math.prod(shape)) is not None else f"does not fit `shape: {list(view.shape)}`"
    lead = len(shape) - len(view.axes)
    if not view.axes or (lead >= 0 and shape[:lead] == (1,) * lead):
        return ""
    many = "1 axis" if len(view.axes) == 1 else f"{len(view.axes)} axes"
    return f"must have {many} for `axes: {view.axes}`, but it has {len(shape)}"
