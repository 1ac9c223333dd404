# bug: rate-added
def sgd_step(x, gradient, learning_rate):
    return x - (learning_rate + gradient)
