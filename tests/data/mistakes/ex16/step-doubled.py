# bug: step-doubled
def sgd_step(x, gradient, learning_rate):
    for _ in range(2):
        x = x - learning_rate * gradient
    return x
