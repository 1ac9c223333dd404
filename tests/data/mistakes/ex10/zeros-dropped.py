# bug: zeros-dropped
def flatten(input):
    result = []
    for i in range(input.shape[0]):
        for j in range(input.shape[1]):
            if input[i, j]:
                result.append(input[i, j])
    return result
