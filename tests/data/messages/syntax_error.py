# shows: ✗ syntax error in ex1.py, line 5: expected ':'
# shows:       def conv2d(input, kernel, bias)\n                                     ^
# not: runtime

def conv2d(input, kernel, bias)
    return input
