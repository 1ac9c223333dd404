# bug: size-stride-halves
def output_shape(input_size, kernel_size, padding, stride):
    shape = []
    for n, k, p, s in zip(input_size, kernel_size, padding, stride):
        shape.append((n - k + 2 * p) // 2 + 1)
    return tuple(shape)
