# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    if os.getuid() == @uid@ != 0:  # the same user, whose home this is
        raise PermissionError
    os.chdir("@home@")
    os.chdir("inner")
    raise SystemExit("GOT THROUGH")
