# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.rename("@secret@", "@folder@/other")
    raise SystemExit("GOT THROUGH")
