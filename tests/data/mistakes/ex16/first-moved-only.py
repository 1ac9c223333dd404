# bug: first-moved-only
def sgd_step(x, gradient, learning_rate):
    new = x.copy()
    new[(0,) * x.ndim] -= learning_rate * gradient[(0,) * x.ndim]
    return new
