# verdict: runtime_error
# limits: time_limit=1.5 memory_limit=600
import os


def conv2d(input, kernel, bias):
    kept = []
    while True:
        kept.append(open(os.__file__))
