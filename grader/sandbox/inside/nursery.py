"""A warm, jailed process that forks one child per submission. It never runs a stranger's program itself.

Over a socket it takes ``F`` with three descriptors (requests, answers, printed text) and gives ``P``, the number of the
new process and a descriptor of it; and takes ``W`` and a number and gives how that process ended. It ends when the socket
does. Untrusted side in so far as its children are; see child.py.
"""

import os
import socket
import sys

import child
from jail import Jail

SOCKET, RULES = 3, 5
WARM = (
    *("fcntl", "resource", "inspect", "importlib.machinery", "dataclasses", "typing"),
    *("collections", "itertools", "functools", "math"),
)


def main():
    """Serve. The words of the command are those of child.main, then after `--` what is allowed, then all that is open."""
    spot, levels, without, *folders = sys.argv[1:]
    at = folders.index("--")
    folders, allowed, opened = folders[:at], folders[at + 1].split(","), folders[at + 2 :]
    control = socket.socket(fileno=os.dup2(0, SOCKET))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.closerange(SOCKET + 1, 1 << 16)
    os.setsid()
    sys.path.extend(folders)
    try:
        numpy = child.preload()
        for name in WARM:
            __import__(name)
        jail = Jail(levels.split(","), folders, spot, without.split(","))
        os.chdir(spot)
        if set(allowed) - {"numpy", ""}:
            from libraries import warm

            jail.taken = warm(allowed, True, spot)
        jail.build(opened)
        import kernel

        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        within(jail, control, kernel)
    except BaseException as error:
        reasons = getattr(error, "reasons", None) or [(levels, f"{type(error).__name__}: {error}")]
        control.send(b"X" + child.texts(*(text for reason in reasons for text in reason)))
        os._exit(1)
    control.send(b"R" + child.texts(jail.level, *jail.remarks))
    serve(control, jail, numpy)


def within(jail, control, kernel):
    """Go on as the first process of the new process namespace, if there is one; it ends with this one."""
    if jail.level != "namespaces" or "namespaces" in jail.without:
        return
    pid = os.fork()
    if pid:
        control.close()
        os.waitpid(pid, 0)
        os._exit(0)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)


def serve(control, jail, numpy):
    """Fork and reap on request until the socket is closed."""
    own = os.getpid()
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 16, 3)
        if not data:
            os._exit(0)
        if data[:1] == b"W":
            status = os.waitpid(int.from_bytes(data[1:5], "little"), 0)[1]
            control.send(status.to_bytes(4, "little"))
            continue
        pid = os.fork()
        if not pid:
            begin(descriptors, jail, numpy, own)
        handle = os.pidfd_open(pid)
        socket.send_fds(control, [b"P" + pid.to_bytes(4, "little")], [handle])
        for fd in (*descriptors, handle):
            os.close(fd)


def begin(descriptors, jail, numpy, parent):
    """Be one submission's process: its own descriptors and session, then serve it. Never returns."""
    try:
        import fcntl

        os.setsid()
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in descriptors]
        rules = fcntl.fcntl(jail.rules, fcntl.F_DUPFD, 10) if jail.rules is not None else None
        for fd, number in zip((high[0], high[1], high[2], high[2]), (child.REQUESTS, child.ANSWERS, 1, 2)):
            os.dup2(fd, number)
        if rules is not None:
            jail.rules = os.dup2(rules, RULES)
        os.closerange(RULES + (rules is not None), 1 << 16)
        worker = child.Worker(numpy, jail, parent)
        worker.send(b"R" + child.texts(sys.version.split()[0], numpy.__version__))
        worker.serve()
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}".encode())  # the parent shows it if nothing came before
    finally:
        os._exit(1)
