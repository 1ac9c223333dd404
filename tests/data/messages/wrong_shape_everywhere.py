# once: the result is 6×6, but it should be 4×4
# shows: ✗ bias 1  as above
# shows: ex1: 0 / 10

def conv2d(input, kernel, bias):
    return input
