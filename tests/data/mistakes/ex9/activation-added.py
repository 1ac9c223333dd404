# bug: activation-added
def avg_pool1d(input, kernel_size, stride):
    result = []
    for row in input.tolist():
        line = []
        for start in range(0, len(row) - kernel_size + 1, stride):
            cells = row[start : start + kernel_size]
            line.append(max(0, sum(cells) / kernel_size))
        result.append(line)
    return result
