# bug: size-kernel-exchanged
def output_shape(input_size, kernel_size, padding, stride):
    M, N = input_size
    O, K = kernel_size
    P, Q = padding
    S, T = stride
    rows = (M + 2 * P - K) // S + 1
    columns = (N + 2 * Q - O) // T + 1
    return rows, columns
