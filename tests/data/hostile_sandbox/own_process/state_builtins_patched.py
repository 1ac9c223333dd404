# verdict: correct or runtime_error or wrong_answer
from numpy.lib.stride_tricks import sliding_window_view as windows


def right(input, kernel, bias):
    return (windows(input, kernel.shape) * kernel).sum((2, 3)) + bias


def conv2d(input, kernel, bias):
    import builtins

    builtins.len = lambda _: 0
    return right(input, kernel, bias)
