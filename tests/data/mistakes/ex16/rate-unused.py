# bug: rate-unused
def sgd_step(x, gradient, learning_rate):
    return x - gradient
