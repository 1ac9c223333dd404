# verdict: wrong_shape
def conv2d(input, kernel, bias):
    return input[:0]
