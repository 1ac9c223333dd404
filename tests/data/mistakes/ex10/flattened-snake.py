# bug: flattened-snake
import numpy as np


def flatten(input):
    rows = [row if i % 2 == 0 else row[::-1] for i, row in enumerate(input)]
    return np.concatenate(rows)
