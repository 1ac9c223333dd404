# bug: input-magnitude
def max_pool1d(input, kernel_size, stride):
    result = []
    for row in abs(input).tolist():
        line = []
        for start in range(0, len(row) - kernel_size + 1, stride):
            cells = row[start : start + kernel_size]
            line.append(max(cells))
        result.append(line)
    return result
