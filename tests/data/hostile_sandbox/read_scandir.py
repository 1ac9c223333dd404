# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    list(os.scandir("@folder@"))
    raise SystemExit("GOT THROUGH")
