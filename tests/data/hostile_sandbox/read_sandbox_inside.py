# verdict: not_allowed or runtime_error
import os


def conv2d(input, kernel, bias):
    os.listdir("@grader@/sandbox/inside")
    raise SystemExit("GOT THROUGH")
