# verdict: runtime_error
import os
import signal


def conv2d(input, kernel, bias):
    os.kill(@pid@, signal.SIGSTOP)
    raise SystemExit("GOT THROUGH")
