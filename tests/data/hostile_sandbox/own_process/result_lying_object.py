# verdict: wrong_answer or runtime_error
class Liar:
    shape, dtype, ndim, size = (3, 3), "float64", 2, 9

    def __eq__(self, other):
        return True

    def __len__(self):
        return 3

    def tolist(self):
        return [[0] * 3] * 3


def conv2d(input, kernel, bias):
    return Liar()
