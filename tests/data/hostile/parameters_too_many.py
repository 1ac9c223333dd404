# verdict: missing
# text: it is called by name as

def conv2d(input, kernel, bias, padding):
    return 0
