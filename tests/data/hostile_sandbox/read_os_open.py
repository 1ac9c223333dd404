# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    raise SystemExit(b"GOT THROUGH " + os.read(os.open("@secret@", os.O_RDONLY), 100))
    raise SystemExit("GOT THROUGH")
