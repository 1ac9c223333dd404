"""Model answer of ex4: the shape of the output."""


def output_shape(input_size, kernel_size, padding, stride):
    sizes = zip(input_size, kernel_size, padding, stride, strict=True)
    return tuple((n + 2 * p - k) // s + 1 for n, k, p, s in sizes)
