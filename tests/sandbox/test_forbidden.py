"""Exercises that allow torch: what they need is readable, what they forbid is refused, and known bypasses are declared.

A file of data/hostile_torch begins with `# verdict: …` (several that are fine are parted by ` or `), and may go on with
`# text: …`, which must occur in what the student is told. It is run on an exercise that forbids `conv2d`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import DATA, ROOT

from grader.cli.app import run
from grader.errors import EnvironmentTrouble
from grader.exercises.forbidden import FAMILIES, pattern
from grader.exercises.lock import lock_text, read_lock
from grader.exercises.pack import pack_folder
from grader.exercises.parse import TORCH, default_limits, parse
from grader.judging.grade import grade as judged
from grader.model.exercise import Limits, Lock
from grader.model.report import Verdict, to_json
from grader.model.submission import Submission
from grader.sandbox import packages, probe
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.process import LEVELS, STRICT, Process
from grader.sandbox.session import Session
from grader.submissions import find

PROGRAMS = sorted((DATA / "hostile_torch").glob("*.py"))
PACK = DATA / "packs" / "torch_pack"
KNOWN = {"known_kernel_called_directly", "known_rules_emptied"}  # what sandbox/README.md says is not prevented
ALLOW = ("numpy", "torch")


def lock_with(*forbid: str, cases: int = 1) -> Lock:
    """Return the first cases of ex1, to be written with torch."""
    lock = read_lock(pack_folder(None), "ex1")
    limits = msgspec.structs.replace(default_limits(ALLOW, {}), time_limit=10.0)
    exercise = msgspec.structs.replace(lock.exercise, cases=lock.exercise.cases[:cases], sweep=None)
    return msgspec.structs.replace(
        lock, exercise=msgspec.structs.replace(exercise, allow=ALLOW, forbid=forbid, limits=limits)
    )


def submission(source: str) -> Submission:
    return Submission("", "", "ex1", "python", "ex1.py", (("ex1.py", source),))


def source(name: str) -> str:
    """Return one of the hostile programs."""
    return (DATA / "hostile_torch" / f"{name}.py").read_text(encoding="utf-8")


def head(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^# (\w+): (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE))


# what a spec says


def test_every_name_stands_for_what_it_says() -> None:
    assert all(re.search(regex, "") is None for regex in FAMILIES.values())
    names = {"conv2d": "aten::convolution", "max_pool2d": "max_pool2d_with_indices", "matmul": "addmm"}
    for name, operator in names.items():
        assert re.search(pattern(name), operator)
    assert not re.search(pattern("conv2d"), "_convert_indices_from_coo_to_csr")
    assert not re.search(pattern("matmul"), "upsample_bilinear2d")
    assert pattern("aten.im2col") == "^im2col$"
    assert pattern("aten.x|y") == pattern("convolve") == ""


def test_the_page_for_authors_lists_every_name() -> None:
    page = (ROOT / "docs" / "torch-exercises.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in FAMILIES)
    assert f"`memory_limit` {TORCH['memory_limit']} MiB" in page
    assert f"`load_limit` {TORCH['load_limit']:g} s" in page


@pytest.mark.torch
def test_every_name_stands_for_an_operator_that_torch_has(torch: Any) -> None:
    operators = {name.partition("::")[2].partition(".")[0] for name in torch._C._dispatch_get_all_op_names()}
    for name in FAMILIES:
        assert any(re.search(pattern(name), operator) for operator in operators), name


@pytest.mark.parametrize(
    "stated, memory, loading",
    [
        ("", Limits().memory_limit, Limits().load_limit),
        ("allow: [numpy]", Limits().memory_limit, Limits().load_limit),
        ("allow: [torch]", TORCH["memory_limit"], TORCH["load_limit"]),
        ("allow: [torch]\nlimits: {memory_limit: 300}", 300, TORCH["load_limit"]),
    ],
)
def test_torch_gets_more_unless_limits_are_stated(stated: str, memory: int, loading: float) -> None:
    text = (PACK / "tensors.yaml").read_text(encoding="utf-8")
    text = text.replace("allow: [numpy, torch]\nforbid: [conv2d, fft]", stated)
    limits = parse("tensors.yaml", text).limits
    assert (limits.memory_limit, limits.load_limit) == (memory, loading)
    assert limits.total_limit == Limits().total_limit


def test_an_exercise_that_forbids_nothing_is_stored_as_before() -> None:
    lock = read_lock(pack_folder(None), "ex1")
    assert b"forbid" not in lock_text(lock)
    assert lock_text(lock) == (pack_folder(None) / "ex1.ref.json").read_bytes()


# what is opened


class Installed:
    """A stand-in for what the installer wrote down of a package."""

    def __init__(self, requires: list[str], files: list[str], top: str | None = None) -> None:
        self.requires, self.files, self.top = requires or None, files, top

    def read_text(self, _: str) -> str | None:
        return self.top


SHELF = {
    "scipy": Installed(["numpy<2.7,>=1.23", 'pytest; extra == "test"'], ["scipy/a.py", "scipy.libs/x.so", "../bin/x"]),
    "numpy": Installed([], ["numpy/a.py", "numpy-2.dist-info/RECORD"]),
    "torch": Installed(
        ["Typing_Extensions>=4", 'sympy; python_version >= "3.9"', "loop", "absent"], [], "torch\ntorchgen\n"
    ),
    "typing-extensions": Installed([], ["typing_extensions.py", "__pycache__/typing_extensions.pyc"]),
    "sympy": Installed(["mpmath<1.4", 'scipy ; extra == "all"'], ["sympy/a.py", "isympy.py", "../../share/man1/x"]),
    "mpmath": Installed([], ["mpmath/a.py"]),
    "loop": Installed(["torch"], ["loop/a.py", "speed.cpython-311-x86_64-linux-gnu.so"]),
}


def test_an_allowed_package_is_opened_with_all_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    def distribution(name: str) -> Installed:
        key = name.lower().replace("_", "-")
        if key not in SHELF:
            raise importlib.metadata.PackageNotFoundError(name)
        return SHELF[key]

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    readable = packages.readable.__wrapped__
    assert readable(("numpy",)) == ("numpy",)
    assert readable(()) == ()
    assert readable(("numpy", "scipy")) == ("numpy", "scipy")
    assert readable(("torch",)) == (
        *("isympy", "loop", "mpmath", "numpy", "sympy", "torch", "torchgen", "typing_extensions"),
    )
    with pytest.raises(EnvironmentTrouble, match="needs `cv2`, which is not installed"):
        readable(("numpy", "cv2"))


def test_a_package_that_is_not_installed_is_not_the_students_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    exercise = msgspec.structs.replace(lock_with().exercise, allow=("numpy", "no_such_package"))
    with pytest.raises(EnvironmentTrouble, match="pip install no_such_package"):
        Session(submission(""), exercise)
    with pytest.raises(EnvironmentTrouble, match="pip install no_such_package"):
        probe.best(exercise.allow)


def test_a_package_that_cannot_be_loaded_is_trouble_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.session.readable", lambda allow: allow)
    lock = msgspec.structs.replace(
        lock_with(), exercise=msgspec.structs.replace(lock_with().exercise, allow=("no_such_package",))
    )
    with pytest.raises(EnvironmentTrouble, match="`no_such_package` cannot be imported: ModuleNotFoundError"):
        judged(lock, submission(""))


# what runs


@pytest.fixture(scope="module", params=STRICT)
def server(request: pytest.FixtureRequest) -> Iterator[ForkServer]:
    """A fork server with torch at each sandbox level in turn; the tests of an unavailable level are skipped."""
    try:
        server = ForkServer(request.param, ALLOW)
    except EnvironmentTrouble as trouble:
        pytest.skip(str(trouble))
    with server:
        yield server


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What stands for `@key@` and the like in a program; the folder is open to all."""
    folder = tmp_path_factory.mktemp("canaries")
    folder.chmod(0o777)
    library = next(Path(msgspec.__file__).parent.glob("*.so"))
    key = pack_folder(None) / "ex1.ref.json"
    return {"key": str(key), "library": str(library), "folder": str(folder)}


@pytest.mark.torch
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_hostile(path: Path, server: ForkServer, words: dict[str, str]) -> None:
    declared = head(path)
    program = re.sub(r"@(\w+)@", lambda m: words.get(m[1], m[0]), source(path.stem))
    report = judged(lock_with("conv2d"), submission(program), start=server.process)
    check = report.checks[0]
    assert check.verdict in {Verdict(word) for word in declared["verdict"].split(" or ")}, check
    assert declared.get("text", "") in check.text
    assert b"GOT THROUGH" not in to_json(report)
    assert os.listdir(words["folder"]) == []
    if check.verdict is Verdict.correct:
        assert check.printed == report.printed == ""  # nothing of torch's own, as its warnings


@pytest.mark.torch
def test_what_is_known_to_get_around_it_is_declared() -> None:
    passing = {p.stem for p in PROGRAMS if head(p)["verdict"] == "correct" and not p.stem.startswith("right_")}
    assert passing == KNOWN
    assert len(PROGRAMS) > 35


@pytest.mark.torch
@pytest.mark.parametrize("level", LEVELS)
def test_a_cold_process_allows_and_forbids_the_same(level: str) -> None:
    """Both programs in one process, whose start takes seconds: each answers a case."""
    right, forbidden = (source(name).replace("def conv2d(", f"def {name}(") for name in ("right_trained", "layer"))
    turns = "turns = [right_trained, layer]\n\n\ndef conv2d(input, kernel, bias):\n    turns.append(turns.pop(0))\n"
    program = f"{right}\n\n{forbidden}\n\n{turns}    return turns[-1](input, kernel, bias)\n"
    try:
        report = judged(lock_with("conv2d", cases=2), submission(program), start=partial(Process, (level,)))
    except EnvironmentTrouble as trouble:
        pytest.skip(str(trouble))
    assert report.isolation.level == level
    first, second = report.checks
    assert first.verdict is Verdict.correct, first
    assert second.verdict is Verdict.not_allowed
    line = program.splitlines().index("    return layer(torch.from_numpy(input)[None, None])[0, 0]") + 1
    assert second.text == f"this exercise does not allow torch's `conv2d` (ex1.py, line {line})"


@pytest.mark.torch
def test_what_is_not_forbidden_is_allowed(server: ForkServer) -> None:
    report = judged(lock_with(), submission(source("layer")), start=server.process)
    assert report.passed, report.checks


@pytest.mark.torch
def test_a_sandbox_with_torch_proves_to_hold(server: ForkServer) -> None:
    probe.prove(server.level, server.process)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Lock:
    """Prove an author's exercise and return it with its answers, which are refused where they are stale."""
    pack = shutil.copytree(PACK, tmp_path_factory.mktemp("proved") / "pack")
    assert run(["verify", "--pack", str(pack), "--write"]) == 0
    return read_lock(pack, "tensors")


@pytest.mark.torch
def test_the_pack_is_proved_and_a_cheat_is_told(proved: Lock, server: ForkServer, tmp_path: Path) -> None:
    assert (proved.exercise.allow, proved.exercise.forbid) == (ALLOW, ("conv2d", "fft"))
    (tmp_path / "tensors.py").write_text(source("function"), encoding="utf-8")
    report = judged(proved, find.find("tensors", str(tmp_path)), start=server.process)
    assert report.score == 0
    assert {check.verdict for check in report.checks} == {Verdict.not_allowed}
