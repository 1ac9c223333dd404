# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.statvfs("@folder@")
    raise SystemExit("GOT THROUGH")
