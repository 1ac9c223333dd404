# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.mkfifo("@folder@/fifo")
    raise SystemExit("GOT THROUGH")
