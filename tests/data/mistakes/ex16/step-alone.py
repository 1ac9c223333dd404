# bug: step-alone
def sgd_step(x, gradient, learning_rate):
    x = learning_rate * gradient
    return x
