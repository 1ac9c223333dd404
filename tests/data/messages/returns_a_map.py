# shows: it returned a map, not an array: return its items as a list, `[…]` or `list(…)`


def conv2d(input, kernel, bias):
    return map(sum, input)
