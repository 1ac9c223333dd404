# bug: size-stride-and-padding-exchanged
def output_shape(input_size, kernel_size, padding, stride):
    M, N = input_size
    K, O = kernel_size
    P, Q = stride
    S, T = max(padding[0], 1), max(padding[1], 1)
    rows = (M + 2 * P - K) // S + 1
    columns = (N + 2 * Q - O) // T + 1
    return rows, columns
