# bug: rate-divides
def sgd_step(x, gradient, learning_rate):
    return x - gradient / learning_rate
