"""The filter of system calls, run by a small machine of our own: so that of another processor is tried as well."""

from __future__ import annotations

import importlib
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.process import HOME

ALLOW, KILL, EPERM, EACCES, ENOSYS = 0x7FFF0000, 0x80000000, 0x50001, 0x5000D, 0x50026
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
OWN = 0x50494421  # stands in the filter for the number of the process


@pytest.fixture(params=MACHINES)
def seccomp(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give the untrusted side's module, as on this processor."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(HOME, "inside")))
        module = importlib.import_module("seccomp")
        patch.setattr(module, "machine", lambda: request.param)
        yield module
    for name in ("seccomp", "syscalls"):
        sys.modules.pop(name, None)


def answer(program: bytes, number: int, *arguments: int, architecture: int) -> int:
    """Return what a classic BPF program, of the few instructions we use, answers to a call."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *padded)
    at = accumulator = 0
    while True:
        code, yes, no, value = struct.unpack_from("<HBBI", program, 8 * at)
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif code == 0x05:
            at += value
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: accumulator & value}[code]
            at += yes if holds else no


def test_each_number_gets_the_answer_of_its_table(seccomp: Any) -> None:
    machine = seccomp.machine()
    column, program = list(MACHINES).index(machine), seccomp.program()
    allowed, denied, checked = (
        seccomp.numbers(table, column) for table in (seccomp.ALLOWED, seccomp.DENIED, seccomp.CHECKED)
    )
    assert len({*allowed.values(), *denied.values(), *checked.values()}) == len(allowed) + len(denied) + len(checked)
    expected = dict.fromkeys(range(2048), ENOSYS)
    expected |= dict.fromkeys(allowed.values(), ALLOW) | dict.fromkeys(denied.values(), EPERM)
    for number in expected.keys() - checked.values():
        assert answer(program, number, architecture=MACHINES[machine]) == expected[number], number


def test_some_calls_are_allowed_with_certain_arguments(seccomp: Any) -> None:
    machine = seccomp.machine()
    checked = seccomp.numbers(seccomp.CHECKED, list(MACHINES).index(machine))
    program = seccomp.program()
    asked: dict[tuple[Any, ...], int] = {
        ("openat", 0, 0, 0): ALLOW,
        ("openat", 0, 0, 0o2000000): ALLOW,  # O_CLOEXEC
        ("openat", 0, 0, 0o1): EACCES,
        ("openat", 0, 0, 0o102): EACCES,
        ("fcntl", 1, 3): ALLOW,
        ("fcntl", 1, 4): EPERM,  # F_SETFL
        ("ioctl", 0, 0x5401): ALLOW,
        ("ioctl", 0, 0x5412): EPERM,  # TIOCSTI
        ("prctl", 16): ALLOW,
        ("prctl", 4): EPERM,  # PR_SET_DUMPABLE
        ("prlimit64", 0, 7, 0): ALLOW,
        ("prlimit64", OWN, 7, 0): ALLOW,
        ("prlimit64", 1, 7, 0): EPERM,
        ("prlimit64", 0, 7, 1): EPERM,
        ("prlimit64", 0, 7, 1 << 32): EPERM,
        ("kill", OWN): ALLOW,
        ("kill", 1): EPERM,
        ("kill", 0xFFFFFFFF): EPERM,
        ("tkill", OWN): ALLOW,
        ("tgkill", OWN + 1): EPERM,
    }
    for (name, *arguments), expected in asked.items():
        assert answer(program, checked[name], *arguments, architecture=MACHINES[machine]) == expected, (name, arguments)


def test_another_architectures_calls_kill(seccomp: Any) -> None:
    program, own = seccomp.program(), MACHINES[seccomp.machine()]
    foreign = {*MACHINES.values(), 0x40000003, 0x40000028} - {own}  # 32-bit ones too
    assert {answer(program, number, architecture=a) for a in foreign for number in (0, 39, 172)} == {KILL}
    x32 = {answer(program, number, architecture=own) for number in (0x40000000, 0x40000000 + 39, 0xFFFFFFFF)}
    assert x32 == ({KILL} if seccomp.machine() == "x86_64" else {ENOSYS})


@pytest.mark.parametrize("name", ["socket", "openat", "kill"])
def test_a_denial_can_be_left_out(seccomp: Any, name: str) -> None:
    machine = seccomp.machine()
    column = list(MACHINES).index(machine)
    numbers = seccomp.numbers(seccomp.DENIED, column) | seccomp.numbers(seccomp.CHECKED, column)
    program, own = seccomp.program([name]), MACHINES[machine]
    assert answer(program, numbers[name], 1, 0o1, 0o1, architecture=own) == ALLOW
    assert answer(program, numbers["execve"], architecture=own) == EPERM
