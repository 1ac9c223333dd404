# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    if os.getuid() == @uid@ != 0:  # the same user, whose home this is
        raise PermissionError
    for _ in range(12):
        os.chdir("..")
        if os.path.isdir("inner"):
            break
    os.stat("@home@/inner")
    raise SystemExit("GOT THROUGH")
