# bug: rate-squared
def sgd_step(x, gradient, learning_rate):
    step = learning_rate * gradient
    return x - learning_rate * step
