# shows: ✗ 2×3 kernel
# once: still running
# shows: the loop in line 8 of ex1.py was still running
# shows: ✓ bias 1
# limits: time_limit=0.2

def conv2d(input, kernel, bias):
    while kernel.shape[0] != kernel.shape[1]:
        pass
    import numpy as np
    m, n = input.shape
    k, o = kernel.shape
    out = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            out[i, j] = np.sum(input[i:i+k, j:j+o] * kernel) + bias
    return out
