"""The house as design.md draws it: imports point downward only, torch stands behind one door, a run imports little."""

from __future__ import annotations

import ast
import functools
import json
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, python

import grader

HOME = Path(grader.__file__).parent
LAYERS = {  # a module may import its own layer and those below; docs/design.md explains the table
    0: ("errors", "text", "numbers", "memoise"),
    1: ("ops",),
    2: ("model", "files"),
    3: ("exercises", "submissions"),
    4: ("sandbox", "output"),
    5: ("judging", "platforms"),
    6: ("classroom", "verification"),
    7: ("cli", "notebook", "pytest_plugin", "gradescope_run", "__main__"),
}
LAYER = {name: layer for layer, names in LAYERS.items() for name in names}
OUTPUT_MAY = ("model", "text", "numbers", "output")  # a format shows what it is given
BOTH_SIDES = HOME / "sandbox" / "calls.py"  # the child imports it by its bare name
UNTRUSTED = [HOME / "sandbox" / "child.py", *sorted((HOME / "sandbox" / "inside").glob("*.py"))]
FILES = sorted(path for path in HOME.rglob("*.py") if path not in UNTRUSTED)


@functools.cache
def import_statements(path: Path) -> list[ast.Import | ast.ImportFrom]:
    """Return the imports of a file, anywhere in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def imports(path: Path) -> set[str]:
    """Return the modules of the grader that a file imports, anywhere in it."""
    found = set()
    for node in import_statements(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            found |= {
                f"{node.module}.{alias.name}" if node.module == "grader" else str(node.module) for alias in node.names
            }
    return found


def layer_of(path: Path) -> str:
    return path.relative_to(HOME).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOME)))
def test_imports_point_downward(path: Path) -> None:
    own = layer_of(path)
    if own == "__init__":
        return
    for name in imports(path):
        if name.startswith("grader."):
            other = name.split(".")[1]
            if other != "__version__":
                assert LAYER[other] <= LAYER[own], f"{own} (layer {LAYER[own]}) imports {other} (layer {LAYER[other]})"
                assert own != "output" or other in OUTPUT_MAY, f"output imports {other}"


def modules_of(path: Path, known: set[str]) -> set[str]:
    """Return the modules of the grader that a file imports; `from grader.x import y` is `grader.x.y` if that is one."""
    found = set()
    for node in import_statements(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in known else str(node.module))
    return found & known


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of a cycle, or nothing."""
    left = dict(graph)
    while ends := [name for name, others in left.items() if not others & left.keys()]:
        for name in ends:
            del left[name]
    return sorted(left)


def test_no_module_imports_itself_by_way_of_others() -> None:
    names = {path: ".".join(path.relative_to(HOME.parent).with_suffix("").parts) for path in FILES}
    names = {path: name.removesuffix(".__init__") for path, name in names.items()}
    known = {*names.values()} - {"grader"}  # which holds the version
    assert not cycle({name: modules_of(path, known) for path, name in names.items() if name in known})
    inside = {path.stem: path for path in (*UNTRUSTED, BOTH_SIDES)}
    assert not cycle({name: modules_of(path, set(inside)) for name, path in inside.items()})


def test_a_cycle_is_found() -> None:
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]


def test_the_top_of_the_package_stays_small() -> None:
    assert len(list(HOME.glob("*.py"))) <= 10


def test_every_module_has_a_layer() -> None:
    assert {layer_of(path) for path in FILES} - {"__init__"} == set(LAYER)


def test_torch_is_imported_by_one_file_only() -> None:
    doors = [path.name for path in FILES if any(name.split(".")[0] == "torch" for name in imports(path))]
    assert doors == ["torch_reference.py"]


def test_the_untrusted_side_imports_nothing_of_the_grader_and_nobody_imports_it() -> None:
    assert not any("grader" in name for path in (*UNTRUSTED, BOTH_SIDES) for name in imports(path))
    names = {path.stem for path in UNTRUSTED}
    assert not any(names.intersection(name.split(".")) for path in FILES for name in imports(path))


@functools.cache
def modules_after(program: str) -> set[str]:
    """Run a program in a fresh interpreter and return the modules that it loaded."""
    report = "import json, sys; print('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run(python("-c", f"{program}\n{report}"), capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stdout.splitlines()[-1]))


GRADED = "from grader.cli.app import run; assert run(['ex1', 'solutions/ex1.py']) == 0"


@pytest.mark.pythons
def test_grading_never_imports_torch_nor_numpy_nor_yaml() -> None:
    loaded = modules_after(GRADED)
    assert "grader.judging.grade" in loaded
    assert not loaded & {"torch", "numpy", "yaml"}


@pytest.mark.pythons
def test_a_format_costs_nothing_until_it_is_asked_for() -> None:
    from grader.output import FORMATS

    loaded = modules_after(GRADED)
    assert "grader.output.terminal" in loaded
    assert not loaded & {f"grader.output.{module}" for module in FORMATS.values()}


@pytest.mark.pythons
def test_naming_one_misconception_does_not_need_them_either() -> None:
    loaded = modules_after("from grader.cli.app import run; assert run(['ex1', 'demo/wrong/ex1.py']) == 1")
    assert "grader.judging.diagnose" in loaded
    assert not loaded & {"torch", "numpy", "yaml"}


@pytest.mark.torch
def test_the_test_above_can_fail() -> None:
    assert "torch" in modules_after(
        GRADED + "; from grader.verification.torch_reference import load_torch; load_torch()"
    )


@pytest.mark.pythons
def test_the_first_step_loads_next_to_nothing() -> None:
    loaded = {name for name in modules_after("import grader.__main__, grader.sandbox.process") if "." not in name}
    heavy = {"click", "rich", "msgspec", "numpy", "yaml", "typing", "re", "subprocess", "tempfile", "pathlib"}
    assert not loaded & (heavy - modules_after("pass"))


def test_every_declared_command_exists() -> None:
    import click

    from grader.cli.app import grade
    from grader.cli.commands import COMMANDS

    assert list(grade.commands) == list(COMMANDS)
    for name, (where, text) in COMMANDS.items():
        assert isinstance(grade.commands[name], click.Command), where
        assert text.endswith(".")


def test_grading_imports_no_other_command() -> None:
    commands = {name for name in modules_after(GRADED) if name.startswith("grader.cli.")}
    assert "grader.cli.grading" in commands
    assert not commands & {f"grader.cli.{name}" for name in ("class_", "report", "authors", "machine", "exercises")}


def test_modules_stay_small() -> None:
    files = [path for path in HOME.rglob("*.py") if not path.name.endswith("_misconceptions.py")]  # tables of facts
    long = {path.name: n for path in files if (n := len(path.read_text(encoding="utf-8").splitlines())) > 330}
    assert not long
