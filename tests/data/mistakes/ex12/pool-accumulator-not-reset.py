# bug: pool-accumulator-not-reset
def edge_map(image, kernel, pool_size):
    convolved = convolve(image.tolist(), kernel.tolist())
    pooled = pool(convolved, pool_size)
    return convolved, pooled


def convolve(image, kernel):
    result = []
    for i in range(len(image) - len(kernel) + 1):
        row = []
        for j in range(len(image[0]) - len(kernel[0]) + 1):
            total = 0
            for u in range(len(kernel)):
                for v in range(len(kernel[0])):
                    total += image[i + u][j + v] * kernel[u][v]
            row.append(total)
        result.append(row)
    return result


def pool(grid, size):
    high, wide = size
    best = grid[0][0]
    result = []
    for i in range(0, len(grid) - high + 1, high):
        row = []
        for j in range(0, len(grid[0]) - wide + 1, wide):
            for u in range(high):
                for v in range(wide):
                    best = max(best, grid[i + u][j + v])
            row.append(best)
        result.append(row)
    return result
