# expected: form: a demonstration, a test, and functions that nobody calls
print('hello')
import numpy as np

SIZE_OF_STEP = 1


def out_size(n, k, pad, step):
    return (n + 2 * pad - k) // step + SIZE_OF_STEP


def conv2d(input, kernel, bias, padding, stride):
    height = out_size(input.shape[0], kernel.shape[0], padding[0], stride[0])
    width = out_size(input.shape[1], kernel.shape[1], padding[1], stride[1])
    padded = np.pad(input, ((padding[0], padding[0]), (padding[1], padding[1])))
    result = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            top, left = row * stride[0], column * stride[1]
            patch = padded[top : top + kernel.shape[0], left : left + kernel.shape[1]]
            result[row, column] = np.sum(patch * kernel) + bias
    return result


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def test_conv2d():
    assert conv2d(np.eye(3), np.eye(2), 0, (0, 0), (1, 1))[0, 0] == 2


if __name__ == "__main__":
    test_conv2d()
    print(softmax(np.arange(3)))
