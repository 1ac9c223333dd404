"""What people start from: a student's file with the function to fill in, an author's spec with a case to replace."""

from __future__ import annotations

import msgspec

from grader.exercises.pack import pack_words
from grader.model.exercise import OWN, Exercise


def template(exercise: Exercise, pack: str | None = None) -> str:
    """Return the text of a student's template. As it is, it earns no points. `pack` is the given `--pack`."""
    words = pack_words(pack).replace("\\", "\\\\")
    task = exercise.task.rstrip().replace("\\", "\\\\").replace('"""', "'''").replace("\n", "\n    ")
    imports = "import numpy as np\n" + ("import torch\n" if "torch" in exercise.allow else "")
    return (
        f'"""{exercise.id} · {exercise.title}. Check it with: grade {exercise.id}{words}"""\n\n'
        f"{imports}\n\n{_definitions(exercise, task or exercise.title)}"
    )


def _definitions(exercise: Exercise, task: str) -> str:
    """Return the function, or the class with its method, to be filled in, and the function that runs before it."""
    earlier, signature = exercise.earlier, exercise.signature
    body = 'raise NotImplementedError("write {} here")\n'
    text = f'"""{task}\n    """\n'
    if signature and signature.method:
        names = tuple(signature.arguments)
        made_of, passed = names[: signature.made_of], names[signature.made_of :]
        base = "(torch.nn.Module)" if "torch" in exercise.allow else ""
        made = "super().__init__()\n" if base else "pass\n"
        return (
            f"class {exercise.name}{base}:\n    {text}\n"
            f"    def __init__({', '.join(('self', *made_of))}):\n        {made}\n"
            f"    def {signature.method}({', '.join(('self', *passed))}):\n        {body.format(exercise.name)}"
        )
    first = ""
    if earlier:
        first = f"def {earlier.function}({', '.join(earlier.signature.arguments)}):\n    "
        first += f"{body.format(earlier.function)}\n\n"
    return f"{first}def {exercise.function}:\n    {text}    {body.format(exercise.name)}"


def script_header(exercise: Exercise) -> str:
    """Return what lets `uv run` and `pipx run` find the packages of a template (PEP 723)."""
    packages = "".join(f'#   "{package}",\n' for package in exercise.allow)
    return f'# /// script\n# requires-python = ">=3.10"\n# dependencies = [\n{packages}# ]\n# ///\n'


def notebook(exercise: Exercise, pack: str | None = None) -> str:
    """Return the text of a notebook to start from: the task, the function to fill in, and a check of it."""
    import json

    _, _, program = template(exercise).partition("\n\n")
    task = f"# {exercise.id} · {exercise.title}\n\n{exercise.task.strip()}"
    words = f", pack={json.dumps(pack)}" if pack else ""
    check = f'from grader import check\n\ncheck("{exercise.id}", {exercise.name}{words})'
    cells = [_cell(0, "markdown", task), _cell(1, "code", program.strip()), _cell(2, "code", check)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _cell(number: int, cell_type: str, source: str) -> dict[str, object]:
    cell: dict[str, object] = {"cell_type": cell_type, "id": f"cell-{number}", "metadata": {}}
    outputs: dict[str, object] = {"execution_count": None, "outputs": []} if cell_type == "code" else {}
    return cell | outputs | {"source": source.splitlines(keepends=True)}


def skeleton(id: str, op_name: str) -> str:
    """Return a commented spec for an operator, with a case that torch can answer. Raise KeyError for an unknown one."""
    from grader.exercises.cases import plain_nested
    from grader.ops import OPS

    op = OPS[op_name]
    samples = [sample for sample in op.samples() if all(value.ndim <= 2 for value in sample.inputs)]
    small = samples[:12]
    sample, inputs = max(small, key=lambda s: sum(value.size for value in s.inputs)) if op.names else small[-1]
    shapes = [value.shape for value in inputs]
    resolved = sample.resolved(*shapes)
    fields = [f for f in msgspec.structs.fields(op) if f.required or getattr(sample, f.name) != f.default]
    asked = {**dict(zip(op.names, inputs, strict=True)), **{f.name: resolved[f.name] for f in fields}}
    optional = [f.name for f in msgspec.structs.fields(op) if f.name not in asked]
    given = [f"    {name}: {_flow(plain_nested(getattr(v, 'tolist', lambda v=v: v)()))}" for name, v in asked.items()]
    return "\n".join(
        [
            "# Editors complete and check this file with the schema that `python -m grader.exercises.schema` prints.",
            "format: 1",
            f"id: {id}",
            f"title: {id}",
            f"op: {op_name}            # torch computes the answers: `grade verify {id} --write`",
            f"function: {op_name}({', '.join(asked)})   # what students write; arguments are passed by name",
            "points: 10",
            "task: |",
            f"  Describe what {op_name} does. {op.formula}",
            "cases:",
            "  - name: first            # all cases share half of the points equally",
            *given,
            *([f"    # also: {', '.join(optional)} (add them to `function` too)"] if optional else []),
            "    # hidden: true         # graded, but never shown",
            "    # points: 2",
            "    # slide: {where: the slide's title, answer: what it prints, erratum: what is wrong with that}",
            "sweep: {count: 60, seed: 1}   # generated cases: the other half of the points",
            "# limits: {time_limit: 2, memory_limit: 1024}",
            "# allow: [numpy]            # with torch, `forbid: [conv2d]` excludes an operator of torch",
            "",
        ]
    )


def skeletons(id: str, op_name: str) -> dict[str, str]:
    """Return the files of a new exercise by name: a spec, and the author's functions where they answer."""
    if op_name != OWN:
        return {f"{id}.yaml": skeleton(id, op_name)}
    return {f"{id}.yaml": OWN_SPEC.replace("ID", id), f"{id}_reference.py": OWN_FUNCTIONS.replace("ID", id)}


OWN_SPEC = """\
# Editors complete and check this file with the schema that `python -m grader.exercises.schema` prints.
format: 1
id: ID
title: ID
op: torch            # your own function answers: `grade verify ID --write`
reference: ID_reference.py:answer
function: ID(input, weight, power)   # what students write; arguments are passed by name
points: 10
task: |
  Describe what the function returns.
draw:                # each parameter, and the sizes in their shapes
  C: [1, 3]
  H: [2, 5]
  W: [2, 5]
  input: {shape: [C, H, W]}   # also: values: [-4, 9], whole: false, dtype: int64
  weight: {shape: [C]}
  power: {choose: [1, 2, 3]}
# outputs: [mean, deviation]  # if it returns several tensors
misconceptions:      # wrong answers that the report is to name; each is a function in the same file
  first-weight:
    run: first_weight
    says: You use the first weight for all channels.
    why: Each channel has a weight of its own.
    instead: Multiply channel c by `weight[c]`.
cases:
  - name: first            # all cases share half of the points equally
    input: [[[1, 2], [3, 4]], [[0, 1], [2, 0]]]   # or a file of this folder: picture.png, array.npy
    weight: [1, -1]
    power: 2
    # hidden: true         # graded, but never shown
    # points: 2
    # time_limit: 5        # seconds for this case
sweep: {count: 60, seed: 1}   # generated cases: the other half of the points
"""
OWN_FUNCTIONS = '''"""The functions that answer ID.yaml, and its misconceptions. Only `grade verify` runs them."""


def answer(input, weight, power):
    return weight[:, None, None] * input**power


def first_weight(input, weight, power):
    return weight[0] * input**power
'''


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    return str(value)
