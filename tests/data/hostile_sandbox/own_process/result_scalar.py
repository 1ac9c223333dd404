# verdict: wrong_shape or wrong_answer
def conv2d(input, kernel, bias):
    return float(bias)
