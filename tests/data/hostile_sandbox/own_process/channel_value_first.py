# verdict: runtime_error or wrong_answer or wrong_shape
import os

import numpy as np


def conv2d(input, kernel, bias):
    value = np.zeros((3, 3))
    body = b"V\0\x01" + bytes([10, 2]) + (3).to_bytes(8, "little") * 2 + value.tobytes()
    os.write(4, len(body).to_bytes(4, "little") + body)
    os._exit(0)
