# bug: rows-from-below
def flatten(input):
    result = []
    for i in range(len(input)):
        result = list(input[i]) + result
    return result
