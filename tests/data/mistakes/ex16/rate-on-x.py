# bug: rate-on-x
def sgd_step(x, gradient, learning_rate):
    return x * learning_rate - gradient
