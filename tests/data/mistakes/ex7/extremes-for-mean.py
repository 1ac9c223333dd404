# bug: extremes-for-mean
def avg_pool2d(input, kernel_size, stride):
    grid = input.tolist()
    high, wide = kernel_size
    down, right = stride
    result = []
    for top in range(0, len(grid) - high + 1, down):
        line = []
        for left in range(0, len(grid[0]) - wide + 1, right):
            cells = [value for row in grid[top : top + high] for value in row[left : left + wide]]
            line.append((max(cells) + min(cells)) / 2)
        result.append(line)
    return result
