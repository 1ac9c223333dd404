# bug: first-cell-taken
def avg_pool1d(input, kernel_size, stride):
    columns = (input.shape[1] - kernel_size) // stride + 1
    return input[:, ::stride][:, :columns]
