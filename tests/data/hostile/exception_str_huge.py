# verdict: runtime_error
# text: xxxx

def conv2d(input, kernel, bias):
    raise ValueError("x" * 2 * 10**6)
