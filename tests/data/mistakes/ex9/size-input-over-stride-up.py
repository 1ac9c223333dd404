# bug: size-input-over-stride-up
def avg_pool1d(input, kernel_size, stride):
    result = []
    for row in input.tolist():
        line = []
        for start in range(0, len(row), stride):
            cells = row[start : start + kernel_size]
            line.append(sum(cells) / len(cells))
        result.append(line)
    return result
