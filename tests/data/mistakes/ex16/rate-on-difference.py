# bug: rate-on-difference
def sgd_step(x, gradient, learning_rate):
    return learning_rate * (x - gradient)
