# bug: whole-row
def avg_pool1d(input, kernel_size, stride):
    result = []
    for row in input.tolist():
        line = []
        for _ in range(1):
            cells = row
            line.append(sum(cells) / len(cells))
        result.append(line)
    return result
