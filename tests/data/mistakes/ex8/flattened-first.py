# bug: flattened-first
def max_pool1d(input, kernel_size, stride):
    cells = input.flatten()
    result = []
    for start in range(0, len(cells) - kernel_size + 1, stride):
        result.append(cells[start : start + kernel_size].max())
    return result
