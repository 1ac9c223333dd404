# verdict: missing
# text: did you mean `conv2D`?

def conv2D(input, kernel, bias):
    return 0
