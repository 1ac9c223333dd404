"""The kernel's own calls that Python has no words for, by ctypes. Untrusted side; see child.py.

Every failure is an OSError that names the call: what is built from these either stands or ends the process.
"""

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
NUMBERS = {  # the same on every architecture since they all were added after the tables were joined
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}
OWN = {  # and those that are not
    "x86_64": {"seccomp": 317, "pivot_root": 155, "capset": 126},
    "aarch64": {"seccomp": 277, "pivot_root": 41, "capset": 91},
}
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_NO_NEW_PRIVS = 1, 4, 8, 38
CAP_DAC_READ_SEARCH = 2


def machine():
    """Return the architecture, as `uname` says it."""
    return os.uname().machine


def call(name, *arguments):
    """Make a system call by number. Raise OSError with the call's name when it fails."""
    number = NUMBERS.get(name) or OWN.get(machine(), {}).get(name)
    if number is None:
        raise OSError(38, f"not known for {machine()}", name)
    return checked(LIBC.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)), name)


def checked(result, name):
    """Return what a C function returned. Raise OSError with errno when that is -1."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result


def prctl(option, value):
    """Set an attribute of this process."""
    zero = ctypes.c_ulong(0)
    checked(LIBC.prctl(option, ctypes.c_ulong(value), zero, zero, zero), f"prctl {option}")


def keep_capabilities(*numbers):
    """Give up every capability but these."""
    mask = sum(1 << number for number in numbers)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(mask, mask, 0, 0, 0, 0)  # effective, permitted, inheritable; then the upper halves
    call("capset", header, data)
