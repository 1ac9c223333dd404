# bug: last-row-unread
def flatten(input):
    result = []
    for i in range(input.shape[0] - 1):
        for j in range(input.shape[1]):
            result.append(input[i, j])
    return result
