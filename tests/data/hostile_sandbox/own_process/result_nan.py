# verdict: wrong_answer or wrong_shape
def conv2d(input, kernel, bias):
    return input[:1, :1] * float("nan")
