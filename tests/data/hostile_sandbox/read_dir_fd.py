# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    folder = os.open("@folder@", os.O_RDONLY | os.O_DIRECTORY)
    os.open("secret", os.O_RDONLY, dir_fd=folder)
    raise SystemExit("GOT THROUGH")
