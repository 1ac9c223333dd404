import torch
from torch import nn


class Conv2d(nn.Module):
    def __init__(self, weight, bias, stride, padding, dilation, groups):
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups

    def forward(self, input):
        (s, t), (p, q), (d, e) = self.stride, self.padding, self.dilation
        images, channels, height, width = input.shape
        filters, depth, high, wide = self.weight.shape
        padded = torch.zeros(images, channels, height + 2 * p, width + 2 * q)
        padded[:, :, p : p + height, q : q + width] = input
        rows = (height + 2 * p - d * (high - 1) - 1) // s + 1
        columns = (width + 2 * q - e * (wide - 1) - 1) // t + 1
        output = torch.zeros(images, filters, rows, columns)
        for f in range(filters):
            first = f // (filters // self.groups) * depth
            for i in range(rows):
                for j in range(columns):
                    down = slice(i * s, i * s + d * (high - 1) + 1, d)
                    right = slice(j * t, j * t + e * (wide - 1) + 1, e)
                    window = padded[:, first : first + depth, down, right]
                    output[:, f, i, j] = (window * self.weight[f]).sum(dim=(1, 2, 3)) + self.bias[f]
        return output
