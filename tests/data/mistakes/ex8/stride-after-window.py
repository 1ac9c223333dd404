# bug: stride-after-window
def max_pool1d(input, kernel_size, stride):
    result = []
    for row in input.tolist():
        line = []
        start = 0
        while start + kernel_size <= len(row):
            cells = []
            for _ in range(kernel_size):
                cells.append(row[start])
                start += 1
            line.append(max(cells))
            start += stride
        result.append(line)
    return result
