# shows: A window reaches past the (padded) input

def conv2d(input, kernel, bias):
    return input[99]
