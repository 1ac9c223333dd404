# verdict: runtime_error or wrong_shape
# others: runtime_error or wrong_shape or wrong_answer or correct

import numpy as np

conv2d = np.frompyfunc(lambda input, kernel, bias: input * kernel + bias, 3, 1)
