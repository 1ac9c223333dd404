"""The fork server's process: it loads NumPy, isolates itself, then forks one child per submission.

It runs no student's program itself. Requests come over a socket: ``F`` with three descriptors (requests, answers, printed
text) starts a child, and the reply ``P`` holds its pid and a pidfd; ``W`` with a pid waits for that child, and the reply
is its wait status. The process ends when the socket is closed. Part of the untrusted side, because its children are; see
child.py.
"""

import os
import socket
import sys

import child
from isolation import Sandbox

SOCKET, RULES = 3, 5
PRELOADED = (
    *("fcntl", "resource", "inspect", "importlib.machinery", "dataclasses", "typing"),
    *("collections", "itertools", "functools", "math", "__future__", "shell"),
)


def main():
    """Serve. The arguments are those of child.main; then, after `--`, the allowed packages and all readable ones."""
    folder, levels, without, *folders = sys.argv[1:]
    at = folders.index("--")
    folders, allowed, readable = folders[:at], folders[at + 1].split(","), folders[at + 2 :]
    control = socket.socket(fileno=os.dup2(0, SOCKET))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.closerange(SOCKET + 1, 1 << 16)
    os.setsid()
    sys.path.extend(folders)
    try:
        numpy = child.import_numpy()
        for name in PRELOADED:
            __import__(name)
        sandbox = Sandbox(levels.split(","), folders, folder, without.split(","))
        os.chdir(folder)
        if set(allowed) - {"numpy", ""}:
            from preload import preload

            sandbox.preloaded = preload(allowed, True, folder)
        sandbox.prepare(readable)
        import syscalls

        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
        enter_pid_namespace(sandbox, control, syscalls)
    except BaseException as error:
        reasons = getattr(error, "reasons", None) or [(levels, f"{type(error).__name__}: {error}")]
        control.send(b"X" + child.texts(*(text for reason in reasons for text in reason)))
        os._exit(1)
    control.send(b"R" + child.texts(sandbox.level, *sandbox.remarks))
    serve(control, sandbox, numpy)


def enter_pid_namespace(sandbox, control, syscalls):
    """Continue as the first process of the new process namespace, if there is one; it ends with this process."""
    if sandbox.level != "namespaces" or "namespaces" in sandbox.without:
        return
    pid = os.fork()
    if pid:
        control.close()
        os.waitpid(pid, 0)
        os._exit(0)
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, 9)


def serve(control, sandbox, numpy):
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
            run_child(descriptors, sandbox, numpy, own)
        handle = os.pidfd_open(pid)
        socket.send_fds(control, [b"P" + pid.to_bytes(4, "little")], [handle])
        for fd in (*descriptors, handle):
            os.close(fd)


def run_child(descriptors, sandbox, numpy, parent):
    """Set up the child's own descriptors and session, then serve one submission. Never returns."""
    try:
        import fcntl

        os.setsid()
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in descriptors]
        rules = fcntl.fcntl(sandbox.rules, fcntl.F_DUPFD, 10) if sandbox.rules is not None else None
        for fd, number in zip((high[0], high[1], high[2], high[2]), (child.REQUESTS, child.ANSWERS, 1, 2)):
            os.dup2(fd, number)
        if rules is not None:
            sandbox.rules = os.dup2(rules, RULES)
        os.closerange(RULES + (rules is not None), 1 << 16)
        worker = child.Worker(numpy, sandbox, parent)
        worker.send(b"R" + child.texts(sys.version.split()[0], numpy.__version__))
        worker.serve()
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}".encode())  # the parent shows it if nothing else was printed
    finally:
        os._exit(1)
