# verdict: missing
# text: `conv2D(input, kernel, bias)` is probably meant

def conv2D(input, kernel, bias):
    return 0
