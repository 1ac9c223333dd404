# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.utime("@secret@", (0, 0))
    raise SystemExit("GOT THROUGH")
