"""Modules that an exercise gives to every program: what students import from their course's package."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath
from typing import Any

from grader.exercises.grids import named_file
from grader.exercises.yaml import Spec, named, word

PATH = r"^([A-Za-z_]\w*/)*[A-Za-z_]\w*\.py$"


def read_modules(spec: Spec, stated: Any) -> dict[str, str]:
    """Return the sources of the modules that `modules` states, by their path as it is imported: `d2l/torch.py`."""
    found: dict[str, str] = {}
    help = "write `modules: {d2l/torch.py: FILE}`: the path as it is imported, and a file of the pack"
    if not isinstance(stated, dict):
        spec.wrong(("modules",), "`modules` must be a mapping", help)
        return found
    for name, file in stated.items():
        if not re.match(PATH, str(name)):
            spec.wrong(("modules", name, None), f"`modules`: {named(str(name))} is not a module", help)
            continue
        if not isinstance(file, str):
            spec.wrong(("modules", name), f"`modules`: `{name}` has {word(file)}, not a file", help)
            continue
        path = named_file(spec, ("modules", name), file)
        if path is None:
            continue
        try:
            found[name] = path.read_text(encoding="utf-8")
            ast.parse(found[name])
        except (ValueError, SyntaxError) as error:
            spec.wrong(("modules", name), f"`modules`: `{file}` is not a Python program: {error}", "correct it")
    packages = {f"{folder}/__init__.py": "" for name in found for folder in list(PurePosixPath(name).parents)[:-1]}
    return dict(sorted((packages | found).items()))
