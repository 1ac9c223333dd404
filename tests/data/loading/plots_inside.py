# score: 10
# no_note: stopped

import numpy as np
import matplotlib.pyplot as plt
import seaborn as sns
from mpl_toolkits.axes_grid1 import make_axes_locatable


def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    figure, axes = plt.subplots(2, 3, figsize=(9, 3))
    for axis in axes.flat:
        axis.imshow(output, cmap=plt.cm.gray)
        axis.set_title(f'{m} rows')
    figure, (left, right) = plt.subplots(1, 2)
    left.hist(output.ravel())
    (line,) = right.plot(output[0])
    fig, single = plt.subplots()
    single.axis('off')
    counts, bins, patches = plt.hist(output.ravel(), bins=10)
    with plt.style.context('dark'):
        plt.colorbar(single.imshow(output), ax=single, fraction=0.5 * figure.get_figwidth())
    sns.heatmap(output, annot=True)
    plt.rcParams['figure.figsize'] = 3, 3
    figure.savefig('x.png')
    plt.show()
    return output
