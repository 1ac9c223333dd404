# verdict: wrong_answer
def conv2d(input, kernel, bias):
    return b"V\0\x01"
