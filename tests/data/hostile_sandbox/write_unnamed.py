# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.open("@folder@", os.O_TMPFILE | os.O_RDWR)
    raise SystemExit("GOT THROUGH")
