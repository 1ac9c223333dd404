# verdict: wrong_answer
# text: values of dtype

import numpy as np


def conv2d(input, kernel, bias):
    return np.zeros((4, 4), [("a", "f8"), ("b", "U3")])
