# verdict: wrong_answer or wrong_shape
import numpy as np


class Liar(np.ndarray):
    def __array_ufunc__(self, *_, **__):
        return np.True_

    def __array_function__(self, *_, **__):
        return True

    def tobytes(self, *_):
        return b""


def conv2d(input, kernel, bias):
    return np.zeros((3, 3)).view(Liar)
