# bug: step-times-x
def sgd_step(x, gradient, learning_rate):
    return x - learning_rate * gradient * x
