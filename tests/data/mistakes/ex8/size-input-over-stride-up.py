# bug: size-input-over-stride-up
def max_pool1d(input, kernel_size, stride):
    result = []
    for row in input.tolist():
        line = []
        for start in range(0, len(row), stride):
            cells = row[start : start + kernel_size]
            line.append(max(cells))
        result.append(line)
    return result
