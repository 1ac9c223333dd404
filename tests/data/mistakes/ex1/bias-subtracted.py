# bug: bias-subtracted
def conv2d(input, kernel, bias):
    image, weights = input.tolist(), kernel.tolist()
    width = len(image[0])
    result = []
    for top in range(0, len(image) - len(weights) + 1):
        line = []
        for start in range(0, width - len(weights[0]) + 1):
            total = 0
            for u, row in enumerate(weights):
                for v, weight in enumerate(row):
                    total += image[top + u][start + v] * weight
            line.append(total - bias)
        result.append(line)
    return result
