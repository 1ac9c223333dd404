"""The sandbox: programs that try to break out of it, judged by their effects and not by what they report.

A file of data/hostile_sandbox begins with `# verdict: …`, the accepted verdicts (separated by ` or `), and may go on
with `# limits: name=value …`. In its text, `@secret@` and the like stand for what `Canaries` creates. A program that
got through something reports it: the words GOT THROUGH must not be in any report.

Programs in the folder `own_process` act only on their own process: its results, its pipes to the grader, its memory,
its processor time and its end. The code that handles them (child.py, calls.py, wire.py, the resource limits, the
grader's clocks) is the same at each level, so they run at the first available level. All others ask the kernel for
files, network, processes or privileges, which each level refuses by layers of its own; they run at each level.

All run through one fork server per level; those in COLD also run in a process that isolates itself, as in `grade ex1`.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from conftest import DATA, ROOT, Grade, python, solution
from wellformed import wellformed_shape

from grader.errors import EnvironmentTrouble
from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.judging.grade import failed, judge
from grader.judging.grade import grade as judged
from grader.judging.prepare import prepare
from grader.judging.running import run_cases
from grader.model.exercise import Exercise, Limits, Lock
from grader.model.report import Check, Isolation, Report, Verdict, report_from_json, to_json
from grader.model.submission import Submission
from grader.numbers import Numbers
from grader.sandbox import levels, probe, process, session
from grader.sandbox.fork_server import ForkServer, ready
from grader.sandbox.process import LEVELS, STRICT, Process, packages

FOLDER = DATA / "hostile_sandbox"
PROGRAMS = sorted(FOLDER.glob("*.py"))
OWN_PROCESS = sorted((FOLDER / "own_process").glob("*.py"))
PATHS = {path.stem: path for path in (*PROGRAMS, *OWN_PROCESS)}
COLD = {  # programs for which it could matter how their process was started, and why
    "no root folder that a fork server has made": ["read_open", "read_maps", "write_open", "write_chmod"],
    "packages are hidden by its own rules": ["library_spec_from_file"],
    "no process namespace": ["signal_victim", "signal_parent", "trace_victim", "limit_victim", "process_fork"],
    "no network or IPC namespace of a fork server": ["net_connect", "shared_memory_sysv"],
    "its own filter": ["foreign_x32"],
}
COLD_OWN = {
    "the parent is the grader itself": ["end_kill", "time_stops_itself", "channel_all", "output_endless"],
    "the environment and modules of a new interpreter": ["channel_environment", "channel_modules"],
    "its own limits": ["memory_bytes"],
}
COLD_LANDLOCK = {  # one for each layer: a fork server at this level has no namespaces, and probe.prove tries the rest
    *("read_open", "write_open", "library_spec_from_file", "signal_parent", "net_connect", "foreign_x32"),
}
COLD_NAMES, COLD_OWN_NAMES = ([name for names in cold.values() for name in names] for cold in (COLD, COLD_OWN))
EVERY_PYTHON = {  # what may depend on Python's version: its parser, frames, files, threads and processes
    *(
        "channel_modules",
        "channel_worker_patched",
        "end_exit",
        "end_interrupt",
        "end_signal_handler",
        "memory_recursion",
    ),
    *("memory_deep_recursion", "memory_list", "output_errors", "result_lying_object", "state_builtins_patched"),
    *("time_catches", "time_ignores_signals", "time_in_result", "library_import_module", "library_path_finder"),
    *(
        "library_zipimport",
        "library_filter_removed",
        "read_open",
        "read_linecache",
        "read_source_loader",
        "read_pathlib",
    ),
    *(
        "read_pathlib",
        "read_runpy",
        "write_pyc",
        "write_tempfile",
        "process_subprocess",
        "process_multiprocessing",
        "thread_thread",
    ),
    *("thread_asyncio", "net_urllib", "namespace_join", "net_send_descriptor"),
}
THROUGH = b"GOT THROUGH"
MARK = f"grade-sandbox-{os.getpid()}"
IPC = 0x77000000 | os.getpid() & 0xFFFFFF  # the key of what programs try to share


class Canaries:
    """Files, a process and a socket that no program may touch; `state` is everything that a touch would change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret = folder / "secret"
        self.secret.write_text("GOT THROUGH: the answer is 42\n", encoding="utf-8")
        self.secret.chmod(0o644)
        os.utime(self.secret, (1e9, 1e9))
        self.home = folder / "home"  # only its owner may search it, or who may search every folder
        (self.home / "inner").mkdir(parents=True)
        (self.home / "inner" / "private").touch()
        self.home.chmod(0o700)
        self.victim = subprocess.Popen(["sleep", "1000"])
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setblocking(False)
        site = next(folder for folder in packages() if Path(folder, "click").is_dir())
        self.words = {
            "secret": str(self.secret),
            "folder": str(folder),
            "home": str(self.home),
            "private": str(self.home / "inner" / "private"),
            "uid": str(os.getuid()),
            "pid": str(self.victim.pid),
            "port": str(self.server.getsockname()[1]),
            "key": str(pack_folder(None) / "ex1.ref.json"),
            "grader": str(Path(session.__file__).parent.parent),
            "site": site,
            "library": str(next(Path(site, "msgspec").glob("*.so"))),
            "mark": MARK,
            "ipc": str(IPC),
        }

    def fill(self, text: str) -> str:
        return re.sub(r"@(\w+)@", lambda m: self.words.get(m[1], m[0]), text)

    def state(self) -> dict[str, Any]:
        status, folder, pid = self.secret.stat(), self.folder.stat(), self.victim.pid
        stat = Path(f"/proc/{pid}/stat").read_text().split()
        places = ("/tmp", "/dev/shm", "/var/tmp", os.path.expanduser("~"))
        return {
            "secret": (self.secret.read_text(), status.st_mode, status.st_mtime, status.st_uid, status.st_nlink),
            "folder": (sorted(os.listdir(self.folder)), folder.st_mode, folder.st_mtime_ns),
            "attributes": os.listxattr(self.secret),
            "victim": (stat[2] in "RSD", stat[3:6], stat[17:19], self.victim.poll()),  # its group, priority, nice value
            "limits": Path(f"/proc/{pid}/limits").read_text(),
            "affinity": os.sched_getaffinity(pid),
            "connected": self.connected(),
            "shared": [shared(name) for name in ("shm", "sem", "msg")],
            "memory": [name for name in os.listdir("/dev/shm") if MARK in name],
            "marks": [place for place in places if os.path.lexists(f"{place}/{MARK}")],
            "host": socket.gethostname(),
            "own": (os.getpriority(os.PRIO_PROCESS, 0), os.umask(os.umask(0o22))),
        }

    def connected(self) -> bool:
        try:
            self.server.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self.victim.kill()
        self.victim.wait()
        self.server.close()


@pytest.fixture(scope="module")
def canaries() -> Iterator[Canaries]:
    with tempfile.TemporaryDirectory(prefix="grade-canaries-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # readable for all users: only the sandbox keeps the programs out
        canaries = Canaries(folder)
        yield canaries
        canaries.close()


def started(level: str) -> ForkServer:
    try:
        return ForkServer(level)
    except EnvironmentTrouble as trouble:
        pytest.skip(str(trouble))


@pytest.fixture(scope="module")
def first_server() -> Iterator[ForkServer]:
    """A fork server at the first available sandbox level."""
    with probe.best() as server:
        yield server


@pytest.fixture(scope="module", params=STRICT)
def server(request: pytest.FixtureRequest) -> Iterator[ForkServer]:
    """A fork server at each sandbox level in turn; the tests of an unavailable level are skipped."""
    with started(request.param) as server:
        yield server


def told(report: Report) -> bytes:
    """Return a report without the line of the program that a crash repeats: its words are the program's, unsaid."""
    found = report.diagnosis
    if found and found.crash:
        crash = msgspec.structs.replace(found.crash, source="")
        report = msgspec.structs.replace(report, diagnosis=msgspec.structs.replace(found, crash=crash))
    return to_json(report)


def lock_with(limits: dict[str, Any]) -> Lock:
    """Return the first case of ex1, with low limits."""
    return _lock_with(tuple(limits.items()))


@functools.cache  # what is derived from a lock is kept with it
def _lock_with(given: tuple[tuple[str, Any], ...]) -> Lock:
    lock = read_lock(pack_folder(None), "ex1")
    limits: dict[str, Any] = {"time_limit": 5.0, "load_limit": 5.0, "memory_limit": 1024, **dict(given)}
    case = lock.exercise.cases[:1]
    exercise = msgspec.structs.replace(lock.exercise, cases=case, sweep=None, limits=Limits(**limits))
    return msgspec.structs.replace(lock, exercise=exercise)


def submission(source: str, **modules: str) -> Submission:
    files = tuple((f"{name}.py", text) for name, text in modules.items())
    return Submission("", "", "ex1", "python", "ex1.py", (("ex1.py", source),), files)


def run(source: str, start: Callable[[], Process], limits: dict[str, Any] | None = None, **modules: str) -> Report:
    return judged(lock_with(limits or {}), submission(source, **modules), start=start)


class FirstRun(NamedTuple):
    """What a program's first process gave."""

    checks: tuple[Check, ...]
    isolation: Isolation
    said: bytes


def run_once(source: str, start: Callable[[], Process], limits: dict[str, Any]) -> FirstRun:
    """Run and judge a program, but not again for a diagnosis, which runs it in a process of the same kind."""
    lock, program = lock_with(limits), submission(source)
    prepared = prepare(lock)
    with session.Session(program, lock.exercise, start=start) as running:
        outcomes = run_cases(lock.exercise, running, prepared.visible, prepared.right)
    checks = judge(lock.exercise, prepared.visible, program, outcomes)
    return FirstRun(checks, running.isolation, msgspec.json.encode((checks, running.printed, running.stopped)))


def declared(path: Path) -> tuple[set[Verdict], dict[str, Any]]:
    first, second, *_ = path.read_text(encoding="utf-8").splitlines()
    assert first.startswith("# verdict: ")
    limits: dict[str, Any] = {}
    if second.startswith("# limits: "):
        pairs = (word.split("=") for word in second[len("# limits: ") :].split())
        limits = {name: float(value) if "." in value else int(value) for name, value in pairs}
    return {Verdict(word) for word in first[len("# verdict: ") :].split(" or ")}, limits


def children(pid: int) -> list[str]:
    """Return the processes below one."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def leftovers(server: ForkServer) -> list[str]:
    below = children(server.pid)
    if server.level == "namespaces" and below:
        return children(int(below[0]))
    return below


def test_there_are_enough_programs() -> None:
    assert len(PATHS) == len(PROGRAMS) + len(OWN_PROCESS) > 280
    families = {name.partition("_")[0] for name in PATHS}
    assert families > {"read", "write", "net", "process", "signal", "time", "memory", "output", "channel", "library"}
    assert {*COLD_NAMES, *COLD_OWN_NAMES, *EVERY_PYTHON} <= PATHS.keys()
    assert {*COLD_NAMES} > COLD_LANDLOCK


def test_programs_of_their_own_process_ask_for_nothing_else() -> None:
    """One that names a file, a process or a socket belongs among those that run at each level."""
    for path in OWN_PROCESS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"@\w+@|\bopen\(|/proc|socket|fork|listdir|os\.stat", text), path.name


def params(paths: list[Path]) -> list[Any]:
    """Return programs as parameters; those in EVERY_PYTHON run on each version of Python."""
    mark = {True: (pytest.mark.pythons,), False: ()}
    return [pytest.param(path, id=path.stem, marks=mark[path.stem in EVERY_PYTHON]) for path in paths]


@pytest.mark.parametrize("path", params(OWN_PROCESS))
def test_a_program_that_attacks_from_its_own_process(path: Path, first_server: ForkServer, canaries: Canaries) -> None:
    """Such a program may also attack through its texts, so that each format's document is checked."""
    wellformed_shape(held(path, first_server, canaries))


@pytest.mark.parametrize("path", params(PROGRAMS))
def test_hostile(path: Path, server: ForkServer, canaries: Canaries) -> None:
    """At the first level, with the whole report; what makes that of a run is the same at the second level."""
    if server.level == STRICT[0]:
        held(path, server, canaries)
        return
    with nothing_left(server, canaries):
        found = run_once(canaries.fill(path.read_text(encoding="utf-8")), server.process, declared(path)[1])
    kept_in(path, server.level, found)


def held(path: Path, server: ForkServer, canaries: Canaries) -> Report:
    """Run a program, check what came of it and what it left, and return its report."""
    with nothing_left(server, canaries):
        report = run(canaries.fill(path.read_text(encoding="utf-8")), server.process, declared(path)[1])
    kept_in(path, server.level, FirstRun(report.checks, report.isolation, told(report)))
    said = to_json(report)
    assert report_from_json(said) == report
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", said.decode())
    return report


def kept_in(path: Path, level: str, found: FirstRun) -> None:
    """Check that a program got through nothing, and has the verdict that it declares."""
    assert THROUGH not in found.said, found.checks
    assert found.checks[0].verdict in declared(path)[0], found.checks
    assert found.isolation.level == level


@contextlib.contextmanager
def nothing_left(server: ForkServer, canaries: Canaries) -> Iterator[None]:
    """Check that a run touches nothing and leaves no process, descriptor or file."""
    before = canaries.state()
    open_before = len(os.listdir("/proc/self/fd"))
    yield
    assert canaries.state() == before
    assert leftovers(server) == []
    assert len(os.listdir("/proc/self/fd")) == open_before
    assert os.listdir(server.folder) == []


def test_unrequested_answers_do_not_fill_the_graders_memory(server: ForkServer) -> None:
    """While a request that is longer than a pipe waits to be read, the grader keeps nothing of what comes back."""
    source = PATHS["channel_flood_instead_of_reading"].read_text("utf-8")
    asked = Exercise("", "", "", "f(a)", 0, (), limits=Limits(time_limit=30.0))
    with session.Session(submission(source), asked, start=server.process) as flooded:
        outcome = flooded.call({"a": Numbers((200, 200), (0.0,) * 40_000, "float64")})
    assert outcome.failure == "crashed"
    assert "without a request" in outcome.text


def test_a_program_leaves_no_word_for_the_next_one(server: ForkServer) -> None:
    source = PATHS["descriptor_left_for_the_next"].read_text("utf-8")
    for _ in range(2):
        report = run(source, server.process)
        assert THROUGH not in told(report)
        assert "ValueError: 2" in report.checks[0].text


def test_no_capability_is_left(server: ForkServer) -> None:
    """Not in a set of its own, and, unless an ordinary user started it, not in the bounding set either."""
    process = server.process()
    try:
        names = children(server.pid) if server.level == "landlock" else children(int(children(server.pid)[0]))
        words = dict(line.split(":\t") for line in Path(f"/proc/{names[-1]}/status").read_text().splitlines())
    finally:
        process.close()
    sets = ["CapInh", "CapPrm", "CapEff", "CapAmb"]
    sets += ["CapBnd"] if os.geteuid() == 0 or server.level == "namespaces" else []
    assert {name: int(words[name], 16) for name in sets} == dict.fromkeys(sets, 0)


def test_a_program_that_was_not_run_has_no_isolation_level(server: ForkServer) -> None:
    assert run(solution("ex1"), server.process).isolation.level == server.level
    lock = read_lock(pack_folder(), "ex1")
    report = judged(lock, Submission("", "", "ex1", "python", "ex1.py", (), refused="no file"), start=server.process)
    assert report.isolation == Isolation("none", "nothing was run", ())
    assert failed("ex1", "a fault of ours").isolation.level == "none"


def through(without: tuple[str, ...], names: list[str], canaries: Canaries, level: str = "landlock") -> set[str]:
    """Return which of these programs get through something where layers are left out."""
    found = set()
    with ForkServer(level, without=without) as server:
        for name in names:
            path = PATHS[name]
            report = run(canaries.fill(path.read_text(encoding="utf-8")), server.process, {"time_limit": 1.0})
            if THROUGH in told(report):
                found.add(name)
    return found


READS = ["read_open", "read_fromfile", "read_libc_open", "read_key", "read_passwd", "read_list_folder"]
CALLS = ["shared_memory_sysv", "net_udp", "key_ring", "privilege_dumpable", "process_clone3", "namespace_user"]


def shared(name: str, keys: tuple[int, ...] = (IPC,)) -> list[str]:
    """Return the numbers of shared things that have one of these keys."""
    lines = Path(f"/proc/sysvipc/{name}").read_text().splitlines()[1:]
    return [line.split()[1] for line in lines if int(line.split()[0]) in keys]


def removed() -> None:
    """Take away what an ablated run has left: that of the programs, and that of self_test.py."""
    for number in shared("shm", (IPC, 0x77616C6C)):
        subprocess.run(["ipcrm", "-m", number], check=False)


def test_without_landlock_files_are_read(canaries: Canaries) -> None:
    assert through(("landlock",), READS, canaries) == set(READS)
    assert through((), READS, canaries) == set()


def test_without_seccomp_the_kernel_is_reached(canaries: Canaries) -> None:
    try:
        assert through(("seccomp",), CALLS, canaries) == set(CALLS)
        assert through(("seccomp",), ["shared_memory_sysv"], canaries, "namespaces") == {"shared_memory_sysv"}
    finally:
        removed()
    assert through((), CALLS, canaries) == set()


def test_without_namespaces_a_file_is_seen_to_exist(canaries: Canaries) -> None:
    source = (
        'import os\n\n\ndef conv2d(input, kernel, bias):\n    raise SystemExit(f"GOT THROUGH {os.stat("@secret@")}")\n'
    )
    source = canaries.fill(source.replace('("@secret@")', "('@secret@')"))
    seen = {}
    for without in ((), ("namespaces",)):
        with ForkServer("namespaces", without=without) as server:
            seen[without] = THROUGH in told(run(source, server.process))
    assert seen == {(): False, ("namespaces",): True}
    assert through(("namespaces", "landlock"), READS, canaries, "namespaces") == set(READS)


def test_without_limits_memory_is_had() -> None:
    source = "def conv2d(input, kernel, bias):\n    import numpy\n\n    numpy.empty(1 << 31)\n"
    source += "    raise SystemExit('GOT THROUGH')\n"
    had = {}
    for without in ((), ("limits",)):
        with ForkServer("landlock", without=without) as server:
            had[without] = THROUGH in told(run(source, server.process))
    assert had == {(): False, ("limits",): True}


def test_without_a_sandbox_nearly_everything_gets_through(canaries: Canaries) -> None:
    names = ["read_open", "read_key", "net_socketpair", "write_umask_and_core", "limit_victim_read"]
    assert through((), names, canaries, "process") >= {*names} - {"write_umask_and_core"}


def test_a_comparison_in_the_same_process_is_beaten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this project does not do: run the program here and compare there and then."""
    liar = PATHS["result_lying_object"].read_text(encoding="utf-8")
    patched = "import numpy as np\n\nnp.allclose = lambda *_: True\n\n\ndef conv2d(*_):\n    return None\n"
    monkeypatch.setattr(np, "allclose", np.allclose)
    for source, equal in ((liar, lambda a, b: a == b), (patched, lambda a, b: np.allclose(a, b))):
        names: dict[str, Any] = {}
        exec(source, names)
        assert equal(names["conv2d"](None, None, None), [[1.0]])


INNOCENT = {
    "linalg": """
import numpy as np

a = np.random.default_rng(0).standard_normal((700, 700))
np.linalg.inv(a), np.linalg.svd(a), np.linalg.eigh(a @ a.T), np.linalg.qr(a), np.linalg.solve(a, a), a @ a
""",
    "numpy parts": """
import numpy as np
import numpy.fft, numpy.ma, numpy.polynomial, numpy.random, numpy.testing

np.fft.fft2(np.ones((8, 8))), np.einsum("ij,kj", np.eye(3), np.eye(3)), np.pad(np.eye(2), 1), np.random.rand(3)
np.lib.stride_tricks.as_strided(np.arange(9.0), (2, 2), (8, 8)), np.ma.masked_array([1], [True])
""",
    "recursion": """
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)

assert depth(800) == 800
""",
    "prints": "for i in range(2000):\n    print(i, 'x' * 100)\n",
    "dataclasses": """
import abc, argparse, bisect, collections, contextlib, copy, csv, dataclasses, datetime, decimal, enum, fractions
import functools, hashlib, heapq, inspect, io, itertools, json, logging, math, operator, pathlib, pprint, random, re
import statistics, string, struct, sys, textwrap, time, timeit, traceback, types, typing, unittest, uuid, warnings

@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: typing.Optional[float] = None

assert Point(1) == Point(1) and hashlib.sha256(b"x").hexdigest() and random.random() < 1
assert json.loads(json.dumps({"a": 1})) == {"a": 1} and math.gcd(4, 6) == 2 and datetime.date.today().year > 2000
logging.getLogger().warning("a warning"), warnings.warn("another")
""",
    "text streams": "import io, sys\n\nprint('é ✓ 数', file=sys.stderr)\nio.StringIO('x').read()\n",
    "time": "import time, signal\n\ntime.sleep(0.01)\nassert time.perf_counter() > 0\n",
}


@pytest.mark.pythons
@pytest.mark.parametrize("name", INNOCENT)
def test_innocent(name: str, server: ForkServer) -> None:
    report = run(INNOCENT[name].strip() + "\n\n" + solution("ex1"), server.process)
    assert report.passed, report.checks


def test_siblings_are_imported(server: ForkServer) -> None:
    report = run("from tools import conv2d\n", server.process, tools=solution("ex1"))
    assert report.passed, report.checks


@pytest.mark.pythons
@pytest.mark.parametrize(
    "line",
    [
        "open('data.csv')",
        "open('out.txt', 'w')",
        "import threading; threading.Thread(target=print).start()",
        "import subprocess; subprocess.run(['ls'])",
        "import urllib.request; urllib.request.urlopen('http://localhost/')",
        "import asyncio; asyncio.run(asyncio.sleep(0))",
        "import multiprocessing; multiprocessing.Pool(2)",
        "import tempfile; tempfile.TemporaryFile()",
    ],
)
def test_what_cannot_work_says_so(line: str, server: ForkServer) -> None:
    report = run(f"def conv2d(input, kernel, bias):\n    {line}\n", server.process)
    assert "your program runs in a sandbox" in report.checks[0].text, report.checks
    assert "(ex1.py, line 2)" in report.checks[0].text


def test_a_library_that_is_not_allowed_is_named(server: ForkServer, canaries: Canaries) -> None:
    says = "this exercise allows NumPy but not `click`"
    for name in ("library_dunder_import", "library_filter_removed", "library_run_path"):
        path = PATHS[name]
        check = run(canaries.fill(path.read_text(encoding="utf-8")), server.process).checks[0]
        if check.verdict is Verdict.not_allowed:
            assert check.text.startswith(says)


@pytest.mark.pythons
def test_nothing_passes_from_one_program_to_the_next(server: ForkServer) -> None:
    leave = "import builtins, math, os, numpy\n\nnumpy.evil = math.evil = builtins.evil = 1\nos.environ['EVIL'] = '1'\n"
    find = "import math, os, numpy\n\nassert not hasattr(numpy, 'evil') and not hasattr(math, 'evil')\n"
    find += "assert not os.environ.get('EVIL')\n"
    assert run(leave + solution("ex1"), server.process).passed
    assert run(find + solution("ex1"), server.process).passed


@pytest.mark.pythons
def test_each_sandbox_proves_to_hold(server: ForkServer) -> None:
    weaknesses = probe.prove(server.level, server.process)
    assert bool(weaknesses) == (server.level == "landlock")


@pytest.mark.parametrize(
    "server, name",
    [(level, name) for level in STRICT for name in COLD_NAMES if level == "namespaces" or name in COLD_LANDLOCK],
    indirect=["server"],
)
def test_a_process_without_a_fork_server_holds_too(name: str, server: ForkServer, canaries: Canaries) -> None:
    """What `grade ex1` uses: no fork server and no process namespace, otherwise the same layers."""
    held_cold(name, server.level, canaries)


@pytest.mark.parametrize("name", COLD_OWN_NAMES)
def test_an_attack_from_its_own_process_without_a_fork_server(
    name: str, first_server: ForkServer, canaries: Canaries
) -> None:
    held_cold(name, first_server.level, canaries)


def held_cold(name: str, level: str, canaries: Canaries) -> None:
    """Run a program in a process that isolates itself, and check what came of it."""
    path, before = PATHS[name], canaries.state()
    source = canaries.fill(path.read_text(encoding="utf-8"))
    kept_in(path, level, run_once(source, partial(Process, (level,)), declared(path)[1]))
    assert canaries.state() == before


@pytest.mark.pythons
def test_a_process_without_a_fork_server_proves_to_hold(server: ForkServer) -> None:
    probe.prove(server.level, partial(Process, (server.level,)))


@pytest.mark.parametrize("without", ["landlock", "seccomp"])
def test_a_missing_layer_is_found_out(without: str, canaries: Canaries) -> None:
    before = canaries.state()
    try:
        with (
            ForkServer("landlock", without=(without,)) as server,
            pytest.raises(EnvironmentTrouble, match="does not hold"),
        ):
            probe.prove("landlock", server.process)
    finally:
        removed()
    assert canaries.state()["victim"] == before["victim"]


def test_the_strongest_sandbox_is_chosen_and_without_one_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with probe.best() as server:
        assert server.level in STRICT
        assert run(solution("ex1"), server.process).passed
    monkeypatch.setattr(probe, "ForkServer", lambda level, allow: ForkServer(level, allow, ("seccomp",)))
    try:
        with pytest.raises(EnvironmentTrouble) as caught:
            probe.best()
    finally:
        removed()
    assert len(caught.value.problems) == 3
    assert "grade doctor" in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_process_for_other_packages_is_refused(server: ForkServer) -> None:
    lock = lock_with({})
    exercise = msgspec.structs.replace(lock.exercise, allow=("numpy", "click"))
    with pytest.raises(EnvironmentTrouble, match="started for other packages"):
        judged(msgspec.structs.replace(lock, exercise=exercise), submission(""), start=server.process)


def test_a_class_gets_the_strongest_sandbox_or_the_requested_level(server: ForkServer) -> None:
    with probe.chosen("auto", False) as start:
        assert run(solution("ex1"), start).isolation.level in STRICT
    with probe.chosen(server.level, True) as start:
        assert run(solution("ex1"), start).isolation.level == server.level
    with probe.chosen("process", True) as start:
        assert run(solution("ex1"), start).isolation.level == "process"
    with pytest.raises(EnvironmentTrouble, match="`--trusted`"), probe.chosen("process", False):
        pass


DENYING = """
import sys
sys.path.insert(0, {inside!r})
import syscalls, seccomp

def denied(number, error):
    return seccomp.one(seccomp.JEQ, number, 0, 1) + seccomp.one(seccomp.RETURN, seccomp.ERRNO | error)

column = seccomp.ARCHITECTURES[syscalls.machine()][0]
calls = seccomp.numbers(seccomp.DENIED, column)
code = seccomp.one(seccomp.LOAD, 0)
for name, error in {calls!r}.items():
    code += denied(calls[name], error)
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
seccomp.install(code + seccomp.one(seccomp.RETURN, seccomp.ALLOW), 0)

from pathlib import Path
from grader.exercises.lock import read_lock
from grader.exercises.pack import pack_folder
from grader.submissions.find import find
from grader.errors import EnvironmentTrouble
from grader.judging.grade import grade
from grader.sandbox import probe
lock = read_lock(pack_folder(None), "ex1")
for asked, trusted in {asked!r}:
    try:
        with probe.chosen(asked, trusted) as start:
            report = grade(lock, find("ex1", "solutions/ex1.py"), start=start)
            print(asked, trusted, report.isolation.level)
    except EnvironmentTrouble as trouble:
        print(asked, trusted, "refused", *map(repr, map(str, trouble.problems)))
"""


def told_where(calls: dict[str, int], *asked: tuple[str, bool]) -> list[str]:
    """Say how a class would be run on a machine that answers some system calls with an error."""
    program = DENYING.format(inside=str(Path(process.HOME, "inside")), calls=calls, asked=asked)
    done = subprocess.run(python("-c", program), capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.splitlines()


def test_a_refusal_names_each_level_with_its_error_and_its_remedy(first_server: ForkServer) -> None:
    blocked = {"unshare": 1, "landlock_create_ruleset": 38}
    refused, fallen, insisted, strict = told_where(
        blocked, ("auto", False), ("auto", True), ("landlock", True), ("strict", True)
    )
    for words in (
        "unshare: Operation not permitted (errno 1)",
        "landlock_create_ruleset: Function not implemented (errno 38)",
    ):
        assert words in refused
    for words in ("other people", "kernel.apparmor_restrict_unprivileged_userns=0", "lsm=landlock", "`--trusted`"):
        assert words in refused
    assert refused.count("help: ") == 3
    assert fallen == "auto True process"
    assert insisted.startswith("landlock True refused")
    assert "namespaces" not in insisted
    assert strict.startswith("strict True refused")
    assert strict.count("(errno ") == 2


def test_the_remaining_level_is_used(first_server: ForkServer) -> None:
    assert told_where({"unshare": 1}, ("auto", True)) == ["auto True landlock"]
    (refused,) = told_where({"seccomp": 22}, ("auto", False))
    assert refused.count("seccomp: Invalid argument (errno 22)") == 2


@pytest.mark.parametrize("words", [["ex1"], ["ex1", "work"], ["ex1", "work/ex1.py"]], ids=" ".join)
def test_a_required_sandbox_follows_no_links_of_the_submission(
    words: list[str], server: ForkServer, grade: Grade, tmp_path: Path
) -> None:
    """CI reads a student's repository so; a link to any file or folder of the runner's can be checked in."""
    key = tmp_path / "elsewhere"
    key.mkdir()
    (key / "ex1.py").write_text("import key\nraise ValueError(key.WORD)\n", encoding="utf-8")
    (key / "key.py").write_text("WORD = 'GOT ' + 'THROUGH'\n", encoding="utf-8")
    for link, to in (("ex1.py", key / "ex1.py"), ("key.py", key / "key.py"), ("work", key)):
        Path(link).symlink_to(to)
    assert THROUGH.decode() in grade(*words, "--isolation", "auto").out  # one's own links may lead anywhere
    said = grade(*words, "--isolation", server.level)
    assert said.code == 1
    assert "link" in said.out
    assert THROUGH.decode() not in said.out


@pytest.mark.parametrize("level", LEVELS)
def test_the_command_takes_a_level(level: str, grade: Grade) -> None:
    Path("ex1.py").write_text(solution("ex1"), encoding="utf-8")
    said = grade("ex1", "--isolation", level, "--format", "json")
    if said.code == 3 and level != "process":
        pytest.skip(said.err)
    found = report_from_json(said.out.encode()).isolation
    assert (found.level, found.says) == (level, levels.SAYS[level])
    assert (
        set(levels.WEAKNESSES[level]) <= set(found.weaknesses) <= {*levels.WEAKNESSES[level], *levels.REMARKS.values()}
    )


@pytest.mark.parametrize("level", LEVELS)
def test_limits_that_are_lower_already_stay(level: str, tmp_path: Path) -> None:
    (tmp_path / "ex1.py").write_text(solution("ex1"), encoding="utf-8")
    command = f"ulimit -n 60 && ulimit -t 20 && exec {python('-m', 'grader')[0]} -m grader ex1 --isolation {level}"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    if done.returncode == 3 and level != "process" and "unshare" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr


def test_doctor(grade: Grade) -> None:
    said = grade("doctor")
    assert said.code in (0, 3)
    for word in ("landlock", "seccomp", "namespaces", "process"):
        assert word in said.out
    for line in said.out.splitlines():  # what is too long goes on below its own beginning
        assert not line or line.startswith(("`grade", " " * 18)) or line[17] == " " != line[18]


def test_doctor_reports_that_no_sandbox_holds(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "ForkServer", lambda level: ForkServer(level, without=("seccomp",)))
    try:
        said = grade("doctor")
    finally:
        removed()
    assert said.code == 3
    assert said.out.count("✗") == 2
    assert "does not run other people's programs here" in said.out


def test_a_fork_server_without_a_sandbox_runs_trusted_code() -> None:
    with ForkServer("process") as server:
        report = run(solution("ex1"), server.process)
    assert report.passed
    assert report.isolation.level == "process"


def test_a_fork_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(EnvironmentTrouble, match="unknown isolation level"):
        ForkServer("moat")
    with monkeypatch.context() as patch:
        patch.setattr(process, "packages", list)
        with pytest.raises(EnvironmentTrouble, match="No module named 'numpy'"):
            ForkServer("landlock")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(EnvironmentTrouble, match="No such file"):
        ForkServer("landlock")
    with pytest.raises(EnvironmentTrouble, match="did not start"):
        run(solution("ex1"), Process)
    assert os.listdir(tmp_path) == []


class FailsHalfWay(Process):
    """A process whose first level fails half way."""

    def __init__(self, levels: tuple[str, ...] = LEVELS) -> None:
        super().__init__(levels)
        self.frames = 0

    def receive(self, deadline: float, most_bytes: int) -> bytes:
        frame = super().receive(deadline, most_bytes)
        self.frames += 1
        if self.frames == 2:
            return b"X\x0a\0\0\0namespaces\x05\0\0\0mount"
        return frame


def test_after_a_level_that_fails_half_way_the_next_one_is_tried() -> None:
    assert run(solution("ex1"), FailsHalfWay).isolation.level in LEVELS[1:]
    with pytest.raises(EnvironmentTrouble, match="`namespaces` is not available: mount"):
        run(solution("ex1"), partial(FailsHalfWay, ("namespaces",)))


def test_a_killed_fork_server_is_not_the_students_fault(server: ForkServer) -> None:
    with ForkServer(server.level) as other:
        one = other.process()
        os.kill(int((children(other.pid) or [str(other.pid)])[0]), signal.SIGKILL)
        handle = os.pidfd_open(other.pid)
        os.kill(other.pid, signal.SIGKILL)
        assert ready(handle, 60.0)
        os.close(handle)
        with pytest.raises(EnvironmentTrouble):
            run(solution("ex1"), other.process)
        one.close()


def test_a_program_is_not_blamed_for_the_end_of_its_fork_server(server: ForkServer) -> None:
    source = "import time\n\n\ndef conv2d(input, kernel, bias):\n    time.sleep(bias)\n    return 1\n"
    lock = lock_with({"time_limit": 100.0, "total_limit": 100.0})
    with (
        ForkServer(server.level) as other,
        session.Session(submission(source), lock.exercise, start=other.process) as running,
    ):
        assert running.call({"input": 1.0, "kernel": 1.0, "bias": 0.0}).value
        inner = int(children(other.pid)[0]) if other.level == "namespaces" else other.pid
        threading.Timer(0.2, os.kill, (inner, signal.SIGKILL)).start()
        with pytest.raises(EnvironmentTrouble, match="the fork server was ended"):
            running.call({"input": 1.0, "kernel": 1.0, "bias": 100.0})


def test_nothing_lives_on_when_the_grader_is_killed(server: ForkServer, tmp_path: Path) -> None:
    program = f"""
import os, sys, time
from grader.sandbox.fork_server import ForkServer, ready
server = ForkServer({server.level!r})
server.process().receive(time.monotonic() + 60, 1000)
print(server.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run(
        python("-c", program), stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT, env=environment
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
        assert time.monotonic() < deadline, "the server lives on"
        time.sleep(0.01)


def test_two_programs_side_by_side(server: ForkServer) -> None:
    lock = lock_with({})
    from grader.judging.prepare import call_arguments

    arguments = call_arguments(lock.exercise, lock.exercise.cases[0])
    with (
        session.Session(submission(solution("ex1")), lock.exercise, start=server.process) as one,
        session.Session(
            submission("def conv2d(input, kernel, bias):\n    return 1\n"), lock.exercise, start=server.process
        ) as two,
    ):
        first, second = one.call(arguments), two.call(arguments)
        assert first.value
        assert second.value
        assert list(second.value[0].cells) == [1]
        assert len(leftovers(server)) == 2


SESSIONS = int(os.environ.get("GRADE_SESSIONS", "150"))


def test_nothing_is_left_after_many_sessions(server: ForkServer) -> None:
    def memory(pid: int) -> int:
        return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0])

    below = children(server.pid)
    inner = int(below[0]) if below and server.level == "namespaces" else server.pid
    source = solution("ex1")
    for count in range(SESSIONS):
        if count == 20:
            descriptors, rss = len(os.listdir("/proc/self/fd")), memory(inner)
        run(source, server.process)
    assert len(os.listdir("/proc/self/fd")) == descriptors
    if os.getuid() == 0:  # others cannot look into it
        assert len(os.listdir(f"/proc/{inner}/fd")) <= 6
    assert leftovers(server) == []
    assert memory(inner) < rss + 1000
