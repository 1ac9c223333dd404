# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.killpg(@pid@, 9)
    raise SystemExit("GOT THROUGH")
