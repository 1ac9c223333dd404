# verdict: missing
# text: there is no function `conv2d`

def convolution(input, kernel, bias):
    return 0
