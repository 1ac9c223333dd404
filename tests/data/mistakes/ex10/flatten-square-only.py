# bug: flatten-square-only
def flatten(input):
    result = []
    for i in range(input.shape[0]):
        for j in range(len(input)):
            result.append(input[i, j])
    return result
