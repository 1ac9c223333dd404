# bug: fraction-cut
def conv2d(input, kernel, bias, padding, stride):
    image, weights = input.tolist(), kernel.tolist()
    up, left = padding
    down, right = stride
    width = len(image[0]) + 2 * left
    image = (
        [[0] * width for _ in range(up)]
        + [[0] * left + row + [0] * left for row in image]
        + [[0] * width for _ in range(up)]
    )
    result = []
    for top in range(0, len(image) - len(weights) + 1, down):
        line = []
        for start in range(0, width - len(weights[0]) + 1, right):
            total = 0
            for u, row in enumerate(weights):
                for v, weight in enumerate(row):
                    total += image[top + u][start + v] * weight
            line.append(int(total + bias))
        result.append(line)
    return result
