# verdict: runtime_error
import os
import stat


def conv2d(input, kernel, bias):
    os.mknod("@folder@/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    raise SystemExit("GOT THROUGH")
