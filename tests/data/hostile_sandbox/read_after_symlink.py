# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.symlink("@secret@", "copy")
    open("copy").read()
    raise SystemExit("GOT THROUGH")
