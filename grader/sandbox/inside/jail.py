"""The wall, put together: which layers, in which order. Untrusted side, before the first line of a stranger's program.

`build` is done once (for a zygote, before it forks), `enter` by every process. Where a layer cannot be had at all, the
next level is tried, if it was offered; where one fails half way, OSError ends the process: it never goes on with less.
"""

import contextlib
import os
import sys

from refusals import Refused, Unavailable

HOME = os.path.dirname(os.path.abspath(__file__))
LEVELS = ("namespaces", "landlock", "process")
LIBRARIES = (  # of the system: what the standard library's and NumPy's own are linked with, if they are loaded late
    "libz.so.1 libbz2.so.1.0 libbz2.so.1 liblzma.so.5 libcrypto.so.3 libcrypto.so.1.1 libssl.so.3 libssl.so.1.1 libffi.so.8"
    " libffi.so.7 libffi.so.6 libexpat.so.1 libuuid.so.1 libsqlite3.so.0 libcrypt.so.1 libcrypt.so.2 libmpdec.so.4"
    " libmpdec.so.3 libmpdec.so.2 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libgcc_s.so.1"
    " libstdc++.so.6 libgfortran.so.5 libquadmath.so.0 libgomp.so.1 libb2.so.1 libblas.so.3 liblapack.so.3"
).split()
USERS = range(61184, 65520)  # what systemd sets aside for short-lived users: they own nothing


class Jail:
    """What one process, or a zygote and its children, are shut in. `level` is what stands, `remarks` what to know of it."""

    def __init__(self, levels, folders, spot, without=()):
        self.levels, self.folders, self.spot, self.without = levels, folders, spot, without
        self.level, self.remarks, self.allowed = "", [], None
        self.rules = self.filter = None
        self.taken = 0  # MiB of address space that the packages have, which are not the program's

    def build(self, allowed):
        """Shut this process in as far as its children may share it. Raise Refused when no offered level can be had."""
        if self.allowed is not None:
            if not set(allowed) <= self.allowed:
                raise Refused([(self.level, "this process was made for other packages")])
            return
        reasons = []
        for level in self.levels:
            try:
                self.try_level(level, allowed)
            except Unavailable as reason:
                reasons.append((level, str(reason)))
                continue
            except OSError as error:  # half way: this process is of no use any more
                raise Refused([*reasons, (level, says(error))]) from None
            self.level, self.allowed = level, set(allowed)
            return
        raise Refused(reasons)

    def try_level(self, level, allowed):
        self.remarks = []
        if level not in LEVELS:
            raise Unavailable("there is no such level")
        if level == "process":
            return
        if sys.platform != "linux":
            raise Unavailable("Linux only")
        import landlock
        import seccomp

        try:
            seccomp.available()
            self.filter = seccomp.program()
        except OSError as error:
            raise Unavailable(says(error)) from None
        try:
            landlock.version()
            confined = "landlock" not in self.without
        except OSError as error:
            if level == "landlock":
                raise Unavailable(says(error)) from None
            confined = False
            self.remarks.append("no landlock")
        paths = readable(allowed, self.folders)
        root = os.geteuid() == 0
        if level == "namespaces" and level not in self.without:
            import namespaces

            namespaces.unshare(root)
            namespaces.new_root(self.spot, paths)
            rules = [("/", landlock.READ_FILE | landlock.READ_DIR)]
            become_nobody(root, paths, search=False)
        else:
            rules = apart(paths)
            if become_nobody(root, paths, search=True):
                self.remarks.append("search")
            if not root:
                self.remarks.append("same user")
        self.rules = landlock.ruleset(rules) if confined else None
        if "seccomp" in self.without:
            self.filter = None

    def enter(self, memory, seconds, parent):
        """Shut this one process in, for good; `parent` is the process whose end is to be its end too."""
        limits = {"AS": memory + self.taken << 20, "CPU": seconds, "FSIZE": 0, "CORE": 0, "NOFILE": 64}
        if self.level == "process":
            limit(limits, must=False)
            return
        import kernel
        import landlock
        import seccomp

        if "limits" not in self.without:
            limit(
                {**limits, "NPROC": 0, "MEMLOCK": 0, "MSGQUEUE": 0, "SIGPENDING": 64, "RTPRIO": 0, "NICE": 0}, must=True
            )
        kernel.keep_capabilities(*([kernel.CAP_DAC_READ_SEARCH] if "search" in self.remarks else []))
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)
        if os.getppid() != parent:
            os._exit(1)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        if self.rules is not None:
            landlock.restrict(self.rules)
        if self.filter is not None:
            seccomp.install(self.filter, os.getpid())


def says(error):
    return f"{error.filename}: {error.strerror} (errno {error.errno})"


def readable(allowed, folders):
    """Return what may be read: the standard library, the allowed packages, and the libraries that both are linked with."""
    library = os.path.dirname(os.__file__)
    paths = [library]
    ours = (os.path.dirname(HOME), HOME, *folders)
    elsewhere = [path for path in sys.path if path not in ours and not path.startswith(library + "/")]
    paths += [path for path in elsewhere if os.path.isdir(path)]  # lib-dynload may lie outside
    for folder in folders:
        names = [name for package in allowed for name in (package, f"{package}.libs", f"{package}.py")]
        paths += [path for path in (os.path.join(folder, name) for name in names) if os.path.exists(path)]
    system = (
        os.path.dirname(library),
        f"/usr/lib/{os.uname().machine}-linux-gnu",
        "/usr/lib64",
        "/lib64",
        "/usr/lib",
        "/lib",
    )
    for folder in dict.fromkeys(os.path.realpath(folder) for folder in system):
        with contextlib.suppress(OSError):
            found = set(LIBRARIES).intersection(os.listdir(folder))
            paths += [os.path.join(folder, name) for name in sorted(found)]
    return paths


def apart(paths):
    """Return Landlock's rules for `paths`. A rule cannot leave anything out, so the library's entries get one each."""
    import landlock
    import namespaces

    both = landlock.READ_FILE | landlock.READ_DIR
    rules = []
    for path in paths:
        inner = [name for name in namespaces.INSTALLED if os.path.isdir(os.path.join(path, name))]
        if not os.path.isdir(path):
            rules.append((path, landlock.READ_FILE))
        elif not inner:
            rules.append((path, both))
        else:
            rules.append((path, landlock.READ_DIR))
            with os.scandir(path) as entries:
                rules += [(e.path, both if e.is_dir() else landlock.READ_FILE) for e in entries if e.name not in inner]
    return rules


def become_nobody(root, paths, search):
    """Give up every privilege; as root, become a user that owns nothing. Return whether it may still search folders.

    An interpreter in a private home could not be read by such a user. In a root of our own it can; otherwise the one
    capability to search and read stays, and Landlock decides what is read.
    """
    import kernel

    if root:
        kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
        user = USERS[int.from_bytes(os.urandom(2), "little") % len(USERS)]
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    try:
        for path in paths:
            os.listdir(path) if os.path.isdir(path) else os.close(os.open(path, os.O_RDONLY))
    except OSError:
        if not (root and search):
            raise
        kernel.keep_capabilities(kernel.CAP_DAC_READ_SEARCH)
        return True
    kernel.keep_capabilities()
    return False


def limit(limits, must):
    """Set limits. Where `must` is false, those that a system does not have are left out."""
    try:
        import resource
    except ImportError:  # not on Windows; there the parent's clock is the only limit
        return
    for name, value in limits.items():
        try:
            number = getattr(resource, "RLIMIT_" + name)
            there = resource.getrlimit(number)[1]  # it may be lower already, and cannot be raised
            hard = value + 1 if name == "CPU" else value  # at the hard limit the signal would be SIGKILL, not SIGXCPU
            hard = hard if there == resource.RLIM_INFINITY else min(hard, there)
            resource.setrlimit(number, (min(value, hard), hard))
        except (ValueError, OSError, AttributeError):
            if must:
                raise
