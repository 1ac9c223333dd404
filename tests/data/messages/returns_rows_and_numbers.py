# shows: your result mixes rows and numbers: item 0 is a row, item 1 is not

def conv2d(input, kernel, bias):
    return [[1, 2], 3]
