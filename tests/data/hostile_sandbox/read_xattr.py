# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.getxattr("@secret@", "user.mark")
    raise SystemExit("GOT THROUGH")
