import torch


def conv2d(input, kernel, bias, padding, stride):
    (p, q), (s, t) = padding, stride
    padded = torch.zeros(input.shape[0] + 2 * p, input.shape[1] + 2 * q)
    padded[p : p + input.shape[0], q : q + input.shape[1]] = input
    rows, columns = (padded.shape[0] - kernel.shape[0]) // s + 1, (padded.shape[1] - kernel.shape[1]) // t + 1
    output = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            window = padded[i * s : i * s + kernel.shape[0], j * t : j * t + kernel.shape[1]]
            output[i, j] = (window * kernel).sum() + bias
    return output
