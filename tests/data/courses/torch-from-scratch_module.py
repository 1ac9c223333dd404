# A module whose `forward` calls its input as torch's documentation does, and a product of shapes that do not match.
# right: conv_layer
# wrong: linear weight-not-transposed
import torch
from torch import nn


class Conv2d(nn.Module):
    def __init__(self, weight, bias, stride, padding, dilation, groups):
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups

    def forward(self, x):
        (N, C, H, W), (F, D, K, L) = x.shape, self.weight.shape
        (s, t), (p, q), (d, e) = self.stride, self.padding, self.dilation
        padded = x.new_zeros(N, C, H + 2 * p, W + 2 * q)
        padded[:, :, p : p + H, q : q + W] = x
        rows, columns = (H + 2 * p - d * (K - 1) - 1) // s + 1, (W + 2 * q - e * (L - 1) - 1) // t + 1
        maps = []
        for f in range(F):
            first = f // (F // self.groups) * D
            total = self.bias[f]
            for u in range(K):
                for v in range(L):
                    cells = padded[:, first : first + D, u * d : u * d + s * (rows - 1) + 1 : s]
                    cells = cells[..., v * e : v * e + t * (columns - 1) + 1 : t]
                    total = total + torch.einsum("ncij,c->nij", cells, self.weight[f, :, u, v])
            maps.append(total)
        return torch.stack(maps, 1)


def linear(input, weight, bias):
    return input @ weight + bias
