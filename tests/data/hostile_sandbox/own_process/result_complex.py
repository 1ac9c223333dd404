# verdict: wrong_answer
def conv2d(input, kernel, bias):
    return input + 1j
