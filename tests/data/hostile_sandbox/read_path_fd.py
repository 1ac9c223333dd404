# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    folder = os.open("@folder@", os.O_PATH)
    fd = os.open("secret", os.O_RDONLY, dir_fd=folder)
    os.read(fd, 10)
    raise SystemExit("GOT THROUGH")
