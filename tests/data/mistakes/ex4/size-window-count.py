# bug: size-window-count
def output_shape(input_size, kernel_size, padding, stride):
    shape = []
    for n, k, p, s in zip(input_size, kernel_size, padding, stride):
        shape.append((n + 2 * p) // k)
    return tuple(shape)
