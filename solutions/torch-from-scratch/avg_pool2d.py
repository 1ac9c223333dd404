import torch


def avg_pool2d(input, kernel_size, stride, padding):
    (high, wide), (s, t), (p, q) = kernel_size, stride, padding
    *lead, height, width = input.shape
    padded = torch.full((*lead, height + 2 * p, width + 2 * q), 0.0)
    padded[..., p : p + height, q : q + width] = input
    rows, columns = (height + 2 * p - high) // s + 1, (width + 2 * q - wide) // t + 1
    output = torch.zeros(*lead, rows, columns)
    for i in range(rows):
        for j in range(columns):
            window = padded[..., i * s : i * s + high, j * t : j * t + wide]
            output[..., i, j] = window.mean(dim=(-2, -1))
    return output
