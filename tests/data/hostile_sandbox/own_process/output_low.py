# verdict: output_limit
# limits: time_limit=1.5 memory_limit=600
import os


def conv2d(input, kernel, bias):
    while True:
        os.write(1, b"\0" * 65536)
