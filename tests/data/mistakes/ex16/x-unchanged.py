# bug: x-unchanged
def sgd_step(x, gradient, learning_rate):
    new = x - learning_rate * gradient
    return x
