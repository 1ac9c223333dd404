# bug: absolute-error
def cross_entropy(y, y_hat):
    return sum(abs(t - p) for t, p in zip(y, y_hat))
