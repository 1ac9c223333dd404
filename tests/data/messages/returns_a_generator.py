# shows: it returned a generator, not an array: `return` a list, with `[…]` instead of `(…)` or `yield`


def conv2d(input, kernel, bias):
    for row in input:
        yield [x * kernel[0, 0] + bias for x in row]
