"""Assemble the sandbox's layers in order, before the first line of an untrusted program. Untrusted side; see child.py.

A process calls `prepare` once (a fork server before it forks) and every program's process calls `enter`. If a level is
unavailable, the next requested level is tried. If one fails half way, OSError ends the process: it never continues with
fewer layers than it reports.
"""

import contextlib
import os
import sys

from refusals import Refused, Unavailable

HOME = os.path.dirname(os.path.abspath(__file__))
LEVELS = ("namespaces", "landlock", "process")
LIBRARIES = (  # system libraries that extension modules of the standard library and NumPy may load late
    "libz.so.1 libbz2.so.1.0 libbz2.so.1 liblzma.so.5 libcrypto.so.3 libcrypto.so.1.1 libssl.so.3 libssl.so.1.1 libffi.so.8"
    " libffi.so.7 libffi.so.6 libexpat.so.1 libuuid.so.1 libsqlite3.so.0 libcrypt.so.1 libcrypt.so.2 libmpdec.so.4"
    " libmpdec.so.3 libmpdec.so.2 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libgcc_s.so.1"
    " libstdc++.so.6 libgfortran.so.5 libquadmath.so.0 libgomp.so.1 libb2.so.1 libblas.so.3 liblapack.so.3"
).split()
CURRENT = "/proc/self/cwd"  # reached without searching what is above the working folder
USERS = range(61184, 65520)  # systemd reserves these for short-lived users, so they own nothing


class Sandbox:
    """The sandbox of one process, or of a fork server and its children. `level` is the level in use, with `remarks`."""

    def __init__(self, levels, folders, folder, without=()):
        self.levels, self.folders, self.folder, self.without = levels, folders, folder, without
        self.level, self.remarks, self.allowed = "", [], None
        self.rules = self.filter = None
        self.preloaded = 0  # MiB of address space of the packages, which the program's limit does not include

    def prepare(self, allowed):
        """Isolate this process as far as its children can share it. Raise Refused if no requested level is available."""
        if self.allowed is not None:
            if not set(allowed) <= self.allowed:
                raise Refused([(self.level, "this process was started for other packages")])
            return
        reasons = []
        for level in self.levels:
            try:
                self.try_level(level, allowed)
            except Unavailable as reason:
                reasons.append((level, str(reason)))
                continue
            except OSError as error:  # half way: this process cannot be used any more
                raise Refused([*reasons, (level, explain(error))]) from None
            self.level, self.allowed = level, set(allowed)
            return
        raise Refused(reasons)

    def try_level(self, level, allowed):
        self.remarks = []
        if level not in LEVELS:
            raise Unavailable("unknown isolation level")
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
            raise Unavailable(explain(error)) from None
        try:
            landlock.version()
            confined = "landlock" not in self.without
        except OSError as error:
            if level == "landlock":
                raise Unavailable(explain(error)) from None
            confined = False
            self.remarks.append("no landlock")
        paths = readable(allowed, self.folders)
        root = os.geteuid() == 0
        if level == "namespaces" and level not in self.without:
            import namespaces

            namespaces.unshare(root)
            namespaces.new_root(self.folder, paths)
            drop_privileges(root, paths)
            if confined:
                self.rules = landlock.ruleset([("/", landlock.READ_FILE | landlock.READ_DIR)])
        else:
            if confined:  # while all of the paths can be reached
                self.rules = landlock.ruleset(rules_without_packages(paths))
            drop_privileges(root, paths)
            if not root:
                self.remarks.append("same user")
        if "seccomp" in self.without:
            self.filter = None

    def enter(self, memory, seconds, parent):
        """Isolate this one process for good. It is killed when its `parent` ends."""
        limits = {"AS": memory + self.preloaded << 20, "CPU": seconds, "FSIZE": 0, "CORE": 0, "NOFILE": 64}
        if self.level == "process":
            limit(limits, must=False)
            return
        import landlock
        import seccomp
        import syscalls

        if "limits" not in self.without:
            limit(
                {**limits, "NPROC": 0, "MEMLOCK": 0, "MSGQUEUE": 0, "SIGPENDING": 64, "RTPRIO": 0, "NICE": 0}, must=True
            )
        syscalls.drop_capabilities()
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, 9)
        if os.getppid() != parent:
            os._exit(1)
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
        if self.rules is not None:
            landlock.restrict(self.rules)
        if self.filter is not None:
            seccomp.install(self.filter, os.getpid())


def explain(error):
    return f"{error.filename}: {error.strerror} (errno {error.errno})"


def readable(allowed, folders):
    """Return the readable paths: the standard library, the allowed packages and the system libraries they load."""
    library = os.path.dirname(os.__file__)
    paths = [library]
    own = (os.path.dirname(HOME), HOME, *folders)
    elsewhere = [path for path in sys.path if path not in own and not path.startswith(library + "/")]
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


def rules_without_packages(paths):
    """Return Landlock's rules for `paths`, without installed packages.

    A rule covers all that is below a path, so each entry of the library gets a rule of its own.
    """
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


def drop_privileges(root, paths):
    """Drop all privileges for good; as root, become a user that owns nothing. Raise OSError if it cannot read `paths`.

    Such a user cannot search a private home with the interpreter in it (pyenv below `/root`). The working folder needs no
    search of what is above it, so it becomes the interpreter's, and Python imports from there.
    """
    import syscalls

    around = ""
    if root:
        around = become_nobody(paths)
    else:
        with contextlib.suppress(PermissionError):  # without a namespace of its own it has no capabilities either
            syscalls.drop_bounding_capabilities()
    syscalls.drop_capabilities()
    if around:
        import_from(around)
    for path in paths:
        list_or_open(moved(path, around))


def become_nobody(paths):
    """Become a user that owns nothing. Return the folder around those of `paths` that this user cannot reach, if any.

    The process then stands in this folder.
    """
    import syscalls

    user = USERS[int.from_bytes(os.urandom(2), "little") % len(USERS)]
    os.setgroups([])
    os.setresgid(user, user, user)
    folders = [path for path in paths if os.path.isdir(path)]
    os.setresuid(-1, user, -1)
    hidden = [folder for folder in folders if not os.access(folder, os.R_OK | os.X_OK, effective_ids=True)]
    os.setresuid(-1, 0, -1)
    around = os.path.commonpath(hidden) if hidden else ""
    if around:
        os.chdir(around)
    syscalls.drop_bounding_capabilities()
    os.setresuid(user, user, user)
    return around


def list_or_open(path):
    os.listdir(path) if os.path.isdir(path) else os.close(os.open(path, os.O_RDONLY))


def moved(path, around):
    """Return a path below `around` as one below the working folder."""
    inside = around and (path == around or path.startswith(around + "/"))
    return CURRENT + path[len(around) :] if inside else path


def import_from(around):
    """Make Python import what is below `around` through the working folder."""
    loaded = [getattr(module, "__path__", None) for module in list(sys.modules.values())]
    for folders in (sys.path, *loaded):
        if isinstance(folders, list):
            folders[:] = [moved(folder, around) for folder in folders]
    sys.path_importer_cache.clear()


def limit(limits, must):
    """Set resource limits. Unless `must`, skip those that the system does not have."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the only limit
        return
    for name, value in limits.items():
        try:
            number = getattr(resource, "RLIMIT_" + name)
            current = resource.getrlimit(number)[1]  # may be lower already, and cannot be raised
            hard = value + 1 if name == "CPU" else value  # the hard limit sends SIGKILL, not SIGXCPU
            hard = hard if current == resource.RLIM_INFINITY else min(hard, current)
            resource.setrlimit(number, (min(value, hard), hard))
        except (ValueError, OSError, AttributeError):
            if must:
                raise
