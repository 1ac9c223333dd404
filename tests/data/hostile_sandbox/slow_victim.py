# verdict: runtime_error
import os


def conv2d(input, kernel, bias):
    os.setpriority(os.PRIO_PROCESS, @pid@, 19)
    raise SystemExit("GOT THROUGH")
