# score: 10
# no_note: stopped

import numpy as np
from tqdm import tqdm, trange
import tqdm.notebook as progress


def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in progress.tqdm(range(m - k + 1), desc='rows'):
        for j in trange(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    with tqdm(total=3) as bar:
        bar.update(1)
    return output
