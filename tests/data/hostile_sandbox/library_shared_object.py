# verdict: runtime_error
import ctypes
import glob


def conv2d(input, kernel, bias):
    ctypes.CDLL("@library@")
    raise SystemExit("GOT THROUGH")
