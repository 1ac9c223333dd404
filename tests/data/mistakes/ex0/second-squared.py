# bug: second-squared
def elementwise_product(a, b):
    return b**2
