# verdict: missing
# text: arguments are passed by name

def conv2d(input, kernel, bias, padding):
    return 0
