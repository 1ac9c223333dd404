# bug: size-kernel-less-one-twice
def output_shape(input_size, kernel_size, padding, stride):
    M, N = input_size
    K, O = kernel_size
    P, Q = padding
    S, T = stride
    rows = (M + 2 * P - (K - 1)) // S + 1
    columns = (N + 2 * Q - (O - 1)) // T + 1
    return rows, columns
