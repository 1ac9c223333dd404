"""Try from inside what a sandbox must prevent. probe.py sends this to a process like any program, to prove the sandbox.

`self_test` returns one number per row of ATTEMPTS, in order: 1 where the attempt succeeded. The parent also looks for
effects.
"""

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
REFUSED = (1, 13, 38)  # EPERM, EACCES, ENOSYS: the sandbox refused; any other error comes from the kernel itself


def reached(result):
    """Return whether a C call got past the sandbox, even if the kernel then refused it."""
    return result >= 0 or ctypes.get_errno() not in REFUSED


def capabilities():
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    LIBC.capget(header, data)
    return any(data)


def descriptors():
    found = []
    for fd in range(5, 64):
        try:
            found.append(os.fstat(fd))
        except OSError:
            pass
    return found


def execute():
    try:
        os.execv("/nowhere", ["nowhere"])
    except OSError as error:
        return error.errno not in REFUSED


def fork():
    if os.fork() == 0:
        os._exit(0)
    return True


def thread():
    import _thread

    _thread.start_new_thread(int, ())
    return True


def connect(port):
    import socket

    with socket.socket() as tcp:
        return tcp.connect_ex(("127.0.0.1", port)) == 0


def datagram():
    import socket

    return bool(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))


def number(x86, arm):
    return x86 if os.uname().machine == "x86_64" else arm


def write(path):
    with open(path, "w") as file:
        return file.write("x")


def limits(pid):
    import resource

    return resource.prlimit(pid, resource.RLIMIT_CORE)


ATTEMPTS = (
    ("read a file", lambda secret, folder, port, pid: open(secret).read()),
    ("list a folder", lambda secret, folder, port, pid: os.listdir(folder)),
    ("see that a file exists", lambda secret, folder, port, pid: os.stat(secret)),
    ("write a file", lambda secret, folder, port, pid: write(folder + "/new")),
    ("write in its own folder", lambda secret, folder, port, pid: write("new")),
    ("overwrite a file", lambda secret, folder, port, pid: write(secret)),
    ("change a file's mode", lambda secret, folder, port, pid: os.chmod(secret, 0o777) is None),
    ("change a file's times", lambda secret, folder, port, pid: os.utime(secret, (0, 0)) is None),
    ("remove a file", lambda secret, folder, port, pid: os.unlink(secret) is None),
    ("make a folder", lambda secret, folder, port, pid: os.mkdir(folder + "/sub") is None),
    ("look into /proc", lambda secret, folder, port, pid: os.listdir("/proc")),
    ("signal another process", lambda secret, folder, port, pid: os.kill(pid, 0) is None),
    ("signal all processes", lambda secret, folder, port, pid: os.kill(-1, 0) is None),
    ("slow another process", lambda secret, folder, port, pid: os.setpriority(os.PRIO_PROCESS, pid, 1) is None),
    ("read another process's limits", lambda secret, folder, port, pid: limits(pid)),
    ("trace another process", lambda secret, folder, port, pid: reached(LIBC.ptrace(16, pid, None, None))),
    (
        "read another process's memory",
        lambda secret, folder, port, pid: reached(LIBC.process_vm_readv(pid, 0, 0, 0, 0, 0)),
    ),
    ("connect", lambda secret, folder, port, pid: connect(port)),
    ("open a datagram socket", lambda secret, folder, port, pid: datagram()),
    ("fork", lambda secret, folder, port, pid: fork()),
    ("run a program", lambda secret, folder, port, pid: execute()),
    ("start a thread", lambda secret, folder, port, pid: thread()),
    ("make a namespace", lambda secret, folder, port, pid: reached(LIBC.unshare(1 << 28))),
    ("mount", lambda secret, folder, port, pid: reached(LIBC.mount(b"none", b"/", b"tmpfs", 0, None))),
    ("share memory", lambda secret, folder, port, pid: reached(LIBC.shmget(0x77616C6C, 4096, 0o1600))),
    ("make a file in memory", lambda secret, folder, port, pid: os.memfd_create("x")),
    ("use io_uring", lambda secret, folder, port, pid: reached(LIBC.syscall(425, 1, None))),
    ("use a key ring", lambda secret, folder, port, pid: reached(LIBC.syscall(number(250, 219), 0, -3, 0))),
    ("be root", lambda secret, folder, port, pid: os.geteuid() == 0),
    ("have capabilities", lambda secret, folder, port, pid: capabilities()),
    ("be dumped", lambda secret, folder, port, pid: LIBC.prctl(3, 0, 0, 0, 0) != 0),
    ("gain privileges", lambda secret, folder, port, pid: LIBC.prctl(39, 0, 0, 0, 0) != 1),
    ("hold other descriptors", lambda secret, folder, port, pid: descriptors()),
    ("take 64 GiB", lambda secret, folder, port, pid: bytearray(1 << 36)),
)


def self_test(secret, folder, port, pid):
    through = []
    for _, attempt in ATTEMPTS:
        ctypes.set_errno(0)
        try:
            through.append(int(bool(attempt(secret, folder, port, pid))))
        except BaseException:
            through.append(0)
    return through
