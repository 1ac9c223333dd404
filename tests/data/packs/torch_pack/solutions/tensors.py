"""tensors · Convolution of tensors, with torch, but without its convolutions: every window becomes a column."""

import torch
import torch.nn.functional as F


def conv2d(input, kernel, bias):
    image, weight = torch.from_numpy(input), torch.from_numpy(kernel)
    columns = F.unfold(image[None, None], weight.shape)[0]
    rows, cols = image.shape[0] - weight.shape[0] + 1, image.shape[1] - weight.shape[1] + 1
    return (weight.flatten() @ columns).reshape(rows, cols) + bias
