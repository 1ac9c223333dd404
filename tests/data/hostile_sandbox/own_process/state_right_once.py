# verdict: wrong_answer
from numpy.lib.stride_tricks import sliding_window_view as windows


def right(input, kernel, bias):
    return (windows(input, kernel.shape) * kernel).sum((2, 3)) + bias


seen = set()


def conv2d(input, kernel, bias):
    key = input.tobytes()
    answer = right(input, kernel, bias) + (key in seen)
    seen.add(key)
    return answer
