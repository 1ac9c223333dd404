# shows: it returned a generator, not an array: return its items as a list, `[…]` or `list(…)`


def conv2d(input, kernel, bias):
    for row in input:
        yield [x * kernel[0, 0] + bias for x in row]
