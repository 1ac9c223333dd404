"""System calls that Python has no functions for, through ctypes. Untrusted side; see child.py.

Every failure is an OSError that names the call, so a layer of the sandbox is either complete or ends the process.
"""

import ctypes
import errno
import os

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
NUMBERS = {  # the same on every architecture
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}
BY_MACHINE = {  # these differ
    "x86_64": {"seccomp": 317, "pivot_root": 155, "capset": 126},
    "aarch64": {"seccomp": 277, "pivot_root": 41, "capset": 91},
}
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 47, 4


def machine():
    """Return the architecture as `uname` names it."""
    return os.uname().machine


def call(name, *arguments):
    """Make a system call. Raise OSError with the call's name if it fails."""
    number = NUMBERS.get(name) or BY_MACHINE.get(machine(), {}).get(name)
    if number is None:
        raise OSError(38, f"no number known for {machine()}", name)
    return checked(LIBC.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)), name)


def checked(result, name):
    """Return the result of a C function. Raise OSError with errno if it is -1."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result


def prctl(option, value):
    """Set an attribute of this process."""
    zero = ctypes.c_ulong(0)
    checked(LIBC.prctl(option, ctypes.c_ulong(value), zero, zero, zero), f"prctl {option}")


def drop_capabilities():
    """Drop all capabilities of this process, ambient ones included."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())  # effective, permitted, inheritable; then the upper halves
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)


def drop_bounding_capabilities():
    """Empty the bounding set, so that no program that this process starts could get a capability."""
    for number in range(64):
        try:
            prctl(PR_CAPBSET_DROP, number)
        except OSError as error:
            if error.errno == errno.EINVAL and number:  # the kernel has no more
                return
            raise
