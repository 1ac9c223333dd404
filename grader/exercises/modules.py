"""Modules that an exercise gives to every program: what students import from their course's package."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from grader.exercises.grids import named_file
from grader.exercises.yaml import Spec, named

PATH = r"^([A-Za-z_]\w*/)*[A-Za-z_]\w*\.py$"


def read_modules(spec: Spec, stated: dict[str, str]) -> dict[str, str]:
    """Return the sources of the modules that `modules` states, by their path as it is imported: `d2l/torch.py`."""
    found: dict[str, str] = {}
    for name, file in stated.items():
        if not re.match(PATH, name):
            help = "write the path as it is imported: `d2l/torch.py` for `import d2l.torch`"
            spec.wrong(("modules", name, None), f"`modules`: {named(name)} is not a module", help)
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
