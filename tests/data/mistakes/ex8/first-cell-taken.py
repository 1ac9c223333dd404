# bug: first-cell-taken
def max_pool1d(input, kernel_size, stride):
    columns = (input.shape[1] - kernel_size) // stride + 1
    return input[:, ::stride][:, :columns]
