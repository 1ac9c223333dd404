# bug: only-divisible-sizes
def max_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    blocks = input.reshape(rows, length // kernel_size, kernel_size)
    return blocks.max(axis=2)
