"""Model answer of ex16: one step of gradient descent."""


def sgd_step(x, gradient, learning_rate):
    return x - learning_rate * gradient
