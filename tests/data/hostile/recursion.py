# verdict: runtime_error
# text: RecursionError

def conv2d(input, kernel, bias):
    return conv2d(input, kernel, bias)
