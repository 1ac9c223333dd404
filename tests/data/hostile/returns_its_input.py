# verdict: wrong_shape
# others: wrong_shape or wrong_answer or correct

def conv2d(input, kernel, bias):
    input += bias
    return input
