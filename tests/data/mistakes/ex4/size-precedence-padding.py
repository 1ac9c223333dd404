# bug: size-precedence-padding
def output_shape(input_size, kernel_size, padding, stride):
    M, N = input_size
    K, O = kernel_size
    P, Q = padding
    S, T = stride
    rows = M - K + 2 * P // S + 1
    columns = N - O + 2 * Q // T + 1
    return rows, columns
