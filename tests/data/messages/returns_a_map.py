# shows: it returned a map, not an array: return `list(…)` of it


def conv2d(input, kernel, bias):
    return map(sum, input)
