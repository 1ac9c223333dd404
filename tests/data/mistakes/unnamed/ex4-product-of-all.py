# outside the library
def output_shape(input_size, kernel_size, padding, stride):
    return [n * k + p * s + 5 for n, k, p, s in zip(input_size, kernel_size, padding, stride)]
