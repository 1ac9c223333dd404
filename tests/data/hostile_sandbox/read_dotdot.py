# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    open(os.path.relpath("@secret@")).read()
    raise SystemExit("GOT THROUGH")
