# shows: your rows have different lengths: row 0 has 2 numbers, row 1 has 1
# once: different lengths

def conv2d(input, kernel, bias):
    return [[1, 2], [3]]
