# bug: size-input-over-stride
def output_shape(input_size, kernel_size, padding, stride):
    M, N = input_size
    K, O = kernel_size
    P, Q = padding
    S, T = stride
    rows = M // S
    columns = N // T
    return rows, columns
