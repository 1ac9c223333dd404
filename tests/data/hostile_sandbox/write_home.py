# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    open(os.path.expanduser("~/@mark@"), "w")
    raise SystemExit("GOT THROUGH")
