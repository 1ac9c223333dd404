# verdict: not_allowed or runtime_error
def conv2d(input, kernel, bias):
    import torch

    return torch.nn.functional.conv2d(input, kernel)
