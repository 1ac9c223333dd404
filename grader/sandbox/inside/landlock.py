"""Landlock: let this process read below some paths and do nothing else with files. Untrusted side; see child.py.

It takes three system calls and no privilege. A fork server makes the ruleset once, because each rule costs an open; each
child applies it.
"""

import ctypes
import os
import struct

from syscalls import call

READ_FILE, READ_DIR = 1 << 2, 1 << 3
BY_VERSION = {1: 13, 2: 14, 3: 15, 5: 16}  # how many kinds of access to files each version of the ABI knows
PATH_BENEATH = 1


def version():
    """Return the version of Landlock's ABI. Raise OSError if the kernel has no Landlock."""
    return call("landlock_create_ruleset", None, 0, 1)


def ruleset(paths):
    """Return a ruleset's descriptor: only reading below `paths`; no TCP and no signals to other processes."""
    abi = version()
    files = (1 << max(count for since, count in BY_VERSION.items() if since <= abi)) - 1
    words = struct.pack("<QQQ", files, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    rules = call("landlock_create_ruleset", ctypes.c_char_p(words), size, 0)
    for path, rights in paths:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            call("landlock_add_rule", rules, PATH_BENEATH, ctypes.c_char_p(struct.pack("<Qi", rights, fd)), 0)
        finally:
            os.close(fd)
    return rules


def restrict(rules):
    """Apply the rules to this process for good. PR_SET_NO_NEW_PRIVS must be set."""
    call("landlock_restrict_self", rules, 0)
    os.close(rules)
