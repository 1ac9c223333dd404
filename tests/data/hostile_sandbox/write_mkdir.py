# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.mkdir("@folder@/sub")
    raise SystemExit("GOT THROUGH")
