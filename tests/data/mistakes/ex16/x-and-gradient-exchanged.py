# bug: x-and-gradient-exchanged
def sgd_step(x, gradient, learning_rate):
    return gradient - learning_rate * x
