# shows: NameError: name 'np' is not defined: only the block in line 16 sets it (ex1.py, line 9)
# shows: is not run when your function is graded
# not: check its spelling


def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output


if __name__ == "__main__":
    import numpy as np

    print(conv2d(np.eye(3), np.eye(2), 0))
