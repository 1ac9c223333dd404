# verdict: runtime_error
import fcntl
import os


def conv2d(input, kernel, bias):
    fcntl.fcntl(3, fcntl.F_SETOWN, @pid@)
    raise SystemExit("GOT THROUGH")
