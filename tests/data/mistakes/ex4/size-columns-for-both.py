# bug: size-columns-for-both
def output_shape(input_size, kernel_size, padding, stride):
    M, N = input_size
    K, O = kernel_size
    P, Q = padding
    S, T = stride
    columns = (N + 2 * Q - O) // T + 1
    return columns, columns
