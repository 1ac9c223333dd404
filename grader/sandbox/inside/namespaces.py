"""Namespaces: a root folder with only the interpreter's library and the allowed packages, read-only. Untrusted side.

Outside of it there is nothing to reach: no network, /proc, /tmp, devices, other processes or shared memory. As root, the
mounts are made with root's privileges, which can reach an interpreter in a private home; otherwise in a user namespace.
"""

import ctypes
import os
import struct

from refusals import Unavailable
from syscalls import LIBC, call, checked

NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (1 << n for n in (17, 25, 26, 27, 28, 29, 30))
MS_BIND, MS_REC, MS_PRIVATE, MS_STRICT = 1 << 12, 1 << 14, 1 << 18, 0b110  # strict: no set-uid, no devices
MNT_DETACH, AT_RECURSIVE, READ_ONLY = 2, 0x8000, 0b111
INSTALLED = ("site-packages", "dist-packages")


def unshare(root):
    """Move this process into new namespaces. Raise Unavailable if the system refuses that."""
    user, group = os.geteuid(), os.getegid()
    flags = NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWPID | NEWNET | (0 if root else NEWUSER)
    try:
        checked(LIBC.unshare(flags), "unshare")
        if not root:  # Ubuntu's AppArmor permits `unshare` and then refuses the maps
            for file, text in (("setgroups", "deny"), ("uid_map", f"65534 {user} 1"), ("gid_map", f"65534 {group} 1")):
                with open(f"/proc/self/{file}", "w") as opened:
                    opened.write(text)
    except OSError as error:
        raise Unavailable(f"{error.filename}: {error.strerror} (errno {error.errno})") from None


def new_root(folder, paths):
    """Build a root folder from `paths`, mounted over `folder`, and switch to it. Any OSError must end the process."""
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    mount("none", folder, "tmpfs", MS_STRICT, "size=1m,mode=755")
    for path in paths:
        target = folder + path
        if os.path.isdir(path):
            os.makedirs(target, 0o755, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), 0o755, exist_ok=True)
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o444))
        mount(path, target, None, MS_BIND | MS_REC)
        for name in INSTALLED:  # hide all installed packages; the allowed ones are mounted into it
            if os.path.isdir(os.path.join(target, name)):
                mount("none", os.path.join(target, name), "tmpfs", MS_STRICT, "size=1m,mode=755")
    attributes = ctypes.c_char_p(struct.pack("<QQQQ", READ_ONLY, 0, 0, 0))
    call("mount_setattr", -100, ctypes.c_char_p(os.fsencode(folder)), AT_RECURSIVE, attributes, 32)
    os.chdir(folder)
    here = ctypes.c_char_p(b".")
    call("pivot_root", here, here)
    checked(LIBC.umount2(here, MNT_DETACH), "umount2")
    os.chdir("/")
    checked(LIBC.sethostname(ctypes.c_char_p(b"grader"), ctypes.c_size_t(6)), "sethostname")


def mount(source, target, filesystem, flags, data=None):
    """Mount a file system. Raise OSError with the target's name."""
    words = [None if word is None else os.fsencode(word) for word in (source, target, filesystem, data)]
    result = LIBC.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])
    checked(result, f"mount {target}")
