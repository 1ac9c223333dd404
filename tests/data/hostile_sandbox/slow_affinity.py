# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.sched_setaffinity(@pid@, {0})
    raise SystemExit("GOT THROUGH")
