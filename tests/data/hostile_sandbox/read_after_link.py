# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.link("@secret@", "copy")
    open("copy").read()
    raise SystemExit("GOT THROUGH")
