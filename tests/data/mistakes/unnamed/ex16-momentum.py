# outside the library
def sgd_step(x, gradient, learning_rate):
    return x - learning_rate * (gradient + 0.9 * x)
