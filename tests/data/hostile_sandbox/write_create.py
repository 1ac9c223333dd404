# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.open("@folder@/new", os.O_CREAT | os.O_RDONLY)
    raise SystemExit("GOT THROUGH")
